#include "connectors/common/dialogue_format.h"

#include <stdio.h>

static struct turn *dialogue_make_turns(struct arena *arena, struct dialogue *out, size_t max)
{
    out->turns = arena_take(arena, max * sizeof *out->turns);
    return out->turns;
}

static bool dialogue_make_address(struct arena *arena, const char *format, struct span id, struct dialogue *out)
{
    char address[DIALOGUE_ADDRESS_MAX];
    int size = snprintf(address, sizeof address, "%s-%.*s", format, (int)id.size, id.data);
    out->id = dialogue_text(arena, id);
    out->address = dialogue_text(arena, (struct span){address, (uint32_t)size});
    return (size_t)size < sizeof address;
}

/* --- star --- */

static bool star_event(const json_t *event, struct arena *arena, struct turn *out, struct json_place *place)
{
    struct span agent, text;
    uint64_t seconds;
    if (!json_is_object(event))
        return json_problem(place, "", "expected an object");
    if (!json_field_text(event, "Agent", JSON_required, WIRE_NAME_MAX, &agent, place))
        return false;
    bool customer = span_equal(agent, span_of("User"));
    if (!customer && !span_equal(agent, span_of("Wizard")))
        return json_problem(place, "Agent", "expected \"User\" or \"Wizard\"");
    if (!json_field_text(event, "Text", JSON_required, WIRE_BODY_MAX, &text, place))
        return false;
    if (!json_field_number(event, "UnixTime", JSON_required, UINT32_MAX, &seconds, place))
        return false;
    *out =
        (struct turn){.from = customer ? SPEAKER_customer : SPEAKER_agent, .text = dialogue_text(arena, text), .source_ms = 1000 * seconds};
    return true;
}

static bool star_head(const json_t *object, struct arena *arena, struct dialogue *out, struct json_place *place)
{
    uint64_t number;
    if (!json_field_number(object, "DialogueID", JSON_required, UINT32_MAX, &number, place))
        return false;
    const json_t *tasks = json_field_list(object, "Tasks", 64, place);
    if (!tasks)
        return false;
    const json_t *task = json_array_get(tasks, 0);
    size_t size = json_string_length(task);
    if (size == 0 || size > WIRE_NAME_MAX)
        return json_problem(place, "Tasks[0]", "expected a text of 1 to %d bytes", WIRE_NAME_MAX);
    char id[16];
    int id_size = snprintf(id, sizeof id, "%llu", (unsigned long long)number);
    dialogue_make_address(arena, "star", (struct span){id, (uint32_t)id_size}, out);
    out->topic = dialogue_text(arena, (struct span){json_string_value(task), (uint32_t)size});
    out->language = span_of("en");
    return true;
}

bool dialogue_read_star(const json_t *object, struct arena *arena, struct dialogue *out, struct json_place *place)
{
    if (!star_head(object, arena, out, place))
        return false;
    const json_t *events = json_field_list(object, "Events", DIALOGUE_TURNS_MAX, place);
    if (!events)
        return false;
    struct turn *turns = dialogue_make_turns(arena, out, json_array_size(events));
    for (size_t i = 0; i < json_array_size(events); i++) {
        json_place_index(place, "Events", i);
        if (!star_event(json_array_get(events, i), arena, &turns[i], place))
            return false;
        /* A clock that was set back during the recording makes no negative gap. */
        uint64_t offset_ms = turns[i].source_ms > turns[0].source_ms ? turns[i].source_ms - turns[0].source_ms : 0;
        turns[i].offset_ms = i > 0 && offset_ms < turns[i - 1].offset_ms ? turns[i - 1].offset_ms : offset_ms;
        out->turns_count++;
    }
    return true;
}

/* --- multidogo --- */

static bool multidogo_turn(const json_t *pair, struct arena *arena, struct dialogue *out, struct json_place *place)
{
    const json_t *text = json_array_get(pair, 1);
    size_t size = json_string_length(text);
    if (!json_is_integer(json_array_get(pair, 0)) || !json_is_string(text) || size > WIRE_BODY_MAX)
        return json_problem(place, "", "expected [number, text of at most %d bytes, intent]", WIRE_BODY_MAX);
    if (size == 0)
        return true;
    uint64_t offset_ms = (uint64_t)out->turns_count * DIALOGUE_GAP_MS;
    struct turn *turn = &out->turns[out->turns_count];
    turn[0] = (struct turn){.from = SPEAKER_customer, .offset_ms = offset_ms};
    turn[0].text = dialogue_text(arena, (struct span){json_string_value(text), (uint32_t)size});
    turn[1] = (struct turn){.from = SPEAKER_agent, .text = span_of(""), .offset_ms = offset_ms + DIALOGUE_GAP_MS};
    out->turns_count += 2;
    return true;
}

bool dialogue_read_multidogo(const json_t *object, struct arena *arena, struct dialogue *out, struct json_place *place)
{
    struct span id, domain;
    if (!json_field_text(object, "conversationId", JSON_required, 64, &id, place) ||
        !json_field_text(object, "domain", JSON_required, WIRE_NAME_MAX, &domain, place))
        return false;
    const json_t *list = json_field_list(object, "customerTurns", DIALOGUE_TURNS_MAX / 2, place);
    if (!list)
        return false;
    dialogue_make_address(arena, "multidogo", id, out);
    out->topic = dialogue_text(arena, domain);
    out->language = span_of("en");
    dialogue_make_turns(arena, out, 2 * json_array_size(list));
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_place_index(place, "customerTurns", i);
        if (!multidogo_turn(json_array_get(list, i), arena, out, place))
            return false;
    }
    return true;
}
