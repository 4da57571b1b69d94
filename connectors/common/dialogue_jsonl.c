#include "connectors/common/dialogue_format.h"

static const char *const dialogue_fields[] = {"id", "channel", "language", "topic", "customer", "name", "priority", "turns", NULL};
static const char *const turn_fields[] = {"from", "text", "transfer", "note", "after_ms", NULL};
static const char *const transfer_fields[] = {"queue", "agent", "skills", NULL};

static bool jsonl_text(const json_t *object, const char *name, enum json_need need, size_t max, struct arena *arena, struct span *out,
                       struct json_place *place)
{
    struct span text;
    bool read = json_field_text(object, name, need, max, &text, place);
    *out = read ? dialogue_text(arena, text) : span_of("");
    return read;
}

/* "spanish:4", or "spanish" for level 1. */
static bool jsonl_skill(const json_t *value, struct arena *arena, struct wire_skill *out, struct json_place *place)
{
    const char *text = json_string_value(value);
    const char *colon = text ? strchr(text, ':') : NULL;
    size_t size = colon ? (size_t)(colon - text) : json_string_length(value);
    bool level = !colon || (colon[1] >= '1' && colon[1] <= '5' && colon[2] == 0);
    if (!text || !level || size == 0 || size > WIRE_NAME_MAX)
        return json_problem(place, "transfer.skills", "expected texts like \"billing:2\", levels 1 to 5");
    out->name = dialogue_text(arena, (struct span){text, (uint32_t)size});
    out->level = colon ? (uint64_t)(colon[1] - '0') : 1;
    return true;
}

static bool jsonl_skills(const json_t *transfer, struct arena *arena, struct handover *out, struct json_place *place)
{
    if (!json_object_get(transfer, "skills"))
        return true;
    const json_t *list = json_field_list(transfer, "skills", WIRE_SKILLS_MAX, place);
    if (!list)
        return false;
    out->skills_count = (uint32_t)json_array_size(list);
    out->skills = arena_take(arena, out->skills_count * sizeof *out->skills);
    for (uint32_t i = 0; i < out->skills_count; i++)
        if (!jsonl_skill(json_array_get(list, i), arena, &out->skills[i], place))
            return false;
    return true;
}

static bool jsonl_transfer(const json_t *turn, struct arena *arena, struct turn *out, struct json_place *place)
{
    const json_t *transfer = json_object_get(turn, "transfer");
    struct handover *handover = arena_take(arena, sizeof *handover);
    if (!json_is_object(transfer))
        return json_problem(place, "transfer", "expected an object with queue, agent or skills");
    bool read = json_only_fields(transfer, transfer_fields, place) &&
                jsonl_text(transfer, "queue", JSON_optional, WIRE_NAME_MAX, arena, &handover->queue, place) &&
                jsonl_text(transfer, "agent", JSON_optional, WIRE_NAME_MAX, arena, &handover->agent, place) &&
                jsonl_skills(transfer, arena, handover, place) &&
                jsonl_text(turn, "note", JSON_optional, WIRE_REASON_MAX, arena, &handover->note, place);
    if (!read)
        return false;
    bool to_agent = handover->agent.size > 0, to_queue = handover->queue.size > 0 || handover->skills_count > 0;
    if (to_agent == to_queue)
        return json_problem(place, "transfer", "expected either agent, or queue and/or skills");
    if (out->from == SPEAKER_customer)
        return json_problem(place, "transfer", "expected from \"agent\" or \"bot\": a customer cannot transfer");
    out->handover = handover;
    return true;
}

static bool jsonl_from(const json_t *turn, struct turn *out, struct json_place *place)
{
    struct span from;
    if (!json_field_text(turn, "from", JSON_required, WIRE_NAME_MAX, &from, place))
        return false;
    if (span_equal(from, span_of("customer")))
        out->from = SPEAKER_customer;
    else if (span_equal(from, span_of("agent")))
        out->from = SPEAKER_agent;
    else if (span_equal(from, span_of("bot")))
        out->from = SPEAKER_bot;
    else
        return json_problem(place, "from", "expected \"customer\", \"agent\" or \"bot\"");
    return true;
}

/* Reads out[0], which follows `index` others. */
static bool jsonl_turn(const json_t *turn, size_t index, struct arena *arena, struct turn *out, struct json_place *place)
{
    uint64_t after_ms;
    if (!json_is_object(turn))
        return json_problem(place, "", "expected an object");
    if (!json_only_fields(turn, turn_fields, place) || !jsonl_from(turn, out, place) ||
        !json_field_number(turn, "after_ms", JSON_optional, DIALOGUE_GAP_MS_MAX, &after_ms, place))
        return false;
    if (index > 0)
        out->offset_ms = out[-1].offset_ms + (json_object_get(turn, "after_ms") ? after_ms : DIALOGUE_GAP_MS);
    bool text = json_object_get(turn, "text"), transfer = json_object_get(turn, "transfer");
    if (text == transfer)
        return json_problem(place, "text", "expected either a text or a transfer");
    if (transfer)
        return jsonl_transfer(turn, arena, out, place);
    if (json_object_get(turn, "note"))
        return json_problem(place, "note", "expected only with a transfer");
    return jsonl_text(turn, "text", JSON_required, WIRE_BODY_MAX, arena, &out->text, place);
}

static bool jsonl_priority(const json_t *object, struct dialogue *out, struct json_place *place)
{
    struct span word;
    if (!json_field_text(object, "priority", JSON_optional, WIRE_NAME_MAX, &word, place))
        return false;
    out->priority = priority_of(word);
    if (word.size > 0 && out->priority == 0)
        return json_problem(place, "priority", "expected low, normal, high or urgent");
    return true;
}

static bool jsonl_head(const json_t *object, struct arena *arena, struct dialogue *out, struct json_place *place)
{
    return json_only_fields(object, dialogue_fields, place) &&
           jsonl_text(object, "id", JSON_required, WIRE_NAME_MAX, arena, &out->id, place) &&
           jsonl_text(object, "customer", JSON_required, DIALOGUE_ADDRESS_MAX, arena, &out->address, place) &&
           jsonl_text(object, "channel", JSON_optional, WIRE_NAME_MAX, arena, &out->channel, place) &&
           jsonl_text(object, "language", JSON_optional, WIRE_NAME_MAX, arena, &out->language, place) &&
           jsonl_text(object, "topic", JSON_optional, WIRE_NAME_MAX, arena, &out->topic, place) &&
           jsonl_text(object, "name", JSON_optional, WIRE_NAME_MAX, arena, &out->name, place) && jsonl_priority(object, out, place);
}

bool dialogue_read_jsonl(const json_t *object, struct arena *arena, struct dialogue *out, struct json_place *place)
{
    if (!jsonl_head(object, arena, out, place))
        return false;
    const json_t *turns = json_field_list(object, "turns", DIALOGUE_TURNS_MAX, place);
    if (!turns)
        return false;
    out->turns = arena_take(arena, json_array_size(turns) * sizeof *out->turns);
    for (size_t i = 0; i < json_array_size(turns); i++) {
        json_place_index(place, "turns", i);
        if (!jsonl_turn(json_array_get(turns, i), i, arena, &out->turns[i], place))
            return false;
        out->turns_count++;
    }
    return true;
}
