#include "node/submit.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "node/history.h"
#include "node/lookup.h"
#include "node/node.h"
#include "node/session.h"
#include "node/turn.h"
#include "proto/change.h"

/* The event that each kind of change becomes; 0 (a tick) where there is no such change. */
static const enum event_kind event_of_change[CHANGE_MAX + 1] = {
#define CHANGE(number, name) [CHANGE_##name] = EVENT_##name,
#include "proto/words.def"
};

__attribute__((format(printf, 3, 4))) static enum status refuse(struct submit_room *room, enum status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(room->detail, sizeof room->detail, format, arguments);
    va_end(arguments);
    return status;
}

/* Finds a name that may be absent. */
static enum status find_name(const struct engine *engine, enum name_kind kind, struct span name, enum status unknown, name_id *out,
                             struct submit_room *room)
{
    if (name.size == 0)
        return STATUS_ok;
    *out = engine_find_name(engine, kind, name);
    return *out ? STATUS_ok : refuse(room, unknown, "%s: %.*s", name_kind_word(kind), (int)name.size, name.data);
}

static enum status find_skills(const struct engine *engine, const struct wire_change *change, struct submit_room *room)
{
    static_assert((int)WIRE_SKILLS_MAX <= (int)REQUIREMENT_MAX, "every skill of a change fits a requirement");
    struct requirement *requirement = &room->requirement;
    *requirement = (struct requirement){0};
    for (uint32_t i = 0; i < change->skills_count; i++) {
        const struct wire_skill *wire = &change->skills[i];
        struct skill_level *skill = &requirement->all[requirement->all_count++];
        if (wire->name.size == 0)
            return refuse(room, STATUS_unknown_skill, "skill: without a name");
        enum status status = find_name(engine, NAME_KIND_skill, wire->name, STATUS_unknown_skill, &skill->skill, room);
        if (status != STATUS_ok)
            return status;
        skill->level = wire->level ? (uint8_t)wire->level : 1;
    }
    return STATUS_ok;
}

/* A transfer or consultation goes to an agent; or to a queue, a requirement, or both; or a transfer where the rules send a result. */
static enum status check_target(const struct wire_change *change, struct submit_room *room)
{
    const char *word = change_kind_word((uint32_t)change->kind);
    bool place = change->queue.size || change->skills_count;
    if (change->agent.size && place)
        return refuse(room, STATUS_bad_field, "%s.agent: not together with queue or skills", word);
    if (change->kind == CHANGE_transfer && change->result.size && (change->agent.size || place))
        return refuse(room, STATUS_bad_field, "%s.result: not together with agent, queue or skills", word);
    return STATUS_ok;
}

static enum status find_names(const struct engine *engine, const struct wire_change *change, struct event *event, struct submit_room *room)
{
    enum status status = find_name(engine, NAME_KIND_queue, change->queue, STATUS_unknown_queue, &event->queue, room);
    if (status == STATUS_ok)
        status = find_name(engine, NAME_KIND_agent, change->agent, STATUS_unknown_agent, &event->agent, room);
    if (status == STATUS_ok && change->skills_count) {
        status = find_skills(engine, change, room);
        event->requirement = &room->requirement;
    }
    return status;
}

static enum status copy_attributes(const struct wire_change *change, struct event *event, struct submit_room *room)
{
    for (uint32_t i = 0; i < change->attributes_count; i++) {
        if (change->attributes[i].name.size == 0)
            return refuse(room, STATUS_bad_field, "message.attributes[%u].name: empty", i);
        room->attributes[i] = (struct attribute){change->attributes[i].name, change->attributes[i].value};
    }
    event->attributes = room->attributes;
    event->attributes_count = change->attributes_count;
    return STATUS_ok;
}

static void copy_fields(const struct wire_change *change, struct event *event)
{
    event->key = change->key;
    event->address = change->address;
    event->name = change->name;
    event->text = change->text;
    event->topic = change->topic;
    event->language = change->language;
    event->reason = change->reason;
    event->result = change->result;
    event->attachments = change->attachments;
    event->native = change->native;
    event->priority = (enum priority)change->priority;
    event->source_ms = (int64_t)change->source_ms;
    event->window_ms = (int64_t)change->window_ms;
    event->conversation = change->conversation;
    event->epoch = (uint32_t)change->epoch;
    event->offer = change->offer;
    event->lsn = change->lsn;
    event->state = (uint32_t)change->state;
    event->delay_ms = (uint32_t)change->delay_ms;
    event->warm = change->warm;
}

static enum status check_change(enum name_kind by, const struct wire_change *change, struct submit_room *room)
{
    const char *field, *word = change_kind_word((uint32_t)change->kind);
    if (!event_of_change[change->kind])
        return refuse(room, STATUS_bad_field, "kind: there is no change %d", (int)change->kind);
    enum role role = change_role((enum change_kind)change->kind);
    if (role != session_role(by))
        return refuse(room, STATUS_wrong_role, "%s is for the role %s", word, role_word(role));
    enum status status = change_check(change, &field);
    if (status == STATUS_missing_field)
        return refuse(room, status, "%s needs %s", word, field);
    if (status != STATUS_ok)
        return refuse(room, status, "%s.%s: not a value that this change can have", word, field);
    return STATUS_ok;
}

/* Which changes speak of queues, agents or skills: in others these fields mean nothing. */
static bool has_names(uint64_t kind)
{
    return kind == CHANGE_transfer || kind == CHANGE_consult || kind == CHANGE_lend || kind == CHANGE_move || kind == CHANGE_pause ||
           kind == CHANGE_resume;
}

enum status submit_event(const struct engine *engine, enum name_kind by, const struct wire_change *change, struct event *event,
                         struct submit_room *room)
{
    enum status status = check_change(by, change, room);
    if (status != STATUS_ok)
        return status;
    event->kind = event_of_change[change->kind];
    copy_fields(change, event);
    if (change->kind == CHANGE_message)
        return copy_attributes(change, event, room);
    if (change->kind == CHANGE_transfer || change->kind == CHANGE_consult)
        status = check_target(change, room);
    return status == STATUS_ok && has_names(change->kind) ? find_names(engine, change, event, room) : status;
}

/* What carries content needs room. What only moves or ends work is let through, so that a full broker can still be emptied of it. */
static bool needs_room(const struct event *event)
{
    return event->kind == EVENT_message || event->kind == EVENT_reply || event->kind == EVENT_note || event->kind == EVENT_consult ||
           event->kind == EVENT_lend || (event->kind == EVENT_transfer && event->warm);
}

/* A receipt has to speak of a reply of its conversation, and that is in the log, where the engine does not look. An unknown conversation is
 * left to the engine to refuse. */
static bool speaks_of_no_reply(struct node *node, const struct event *event)
{
    struct row_conversation row;
    if (event->kind != EVENT_receipt || !history_conversation(node, event->conversation, &row))
        return false;
    if (event->lsn > node->committed)
        return true;
    struct record record;
    lookup_record(node->reader, event->lsn, &record);
    return record.kind != RECORD_reply || record.conversation != event->conversation;
}

enum { WARM_EVERY = 2, AHEAD = WARM_EVERY * WARM_STEPS };

/* A change on its way: understood, or refused already. */
struct prepared {
    struct event event;
    struct submit_room room;
    enum status status;
};

static void prepare(struct node *node, const struct request *request, const struct wire_change *change, struct prepared *prepared)
{
    prepared->event = (struct event){.session = request->frame.submit.session};
    prepared->status = submit_event(node->engine, request->kind, change, &prepared->event, &prepared->room);
    if (prepared->status == STATUS_ok && node->store_full && needs_room(&prepared->event))
        prepared->status = refuse(&prepared->room, STATUS_overloaded, "the store is nearly full");
    if (prepared->status == STATUS_ok)
        engine_warm(node->engine, &prepared->event);
}

static void take(struct node *node, struct request *request, struct prepared *prepared, struct submit_result *result)
{
    if (prepared->status == STATUS_ok && speaks_of_no_reply(node, &prepared->event))
        prepared->status = refuse(&prepared->room, STATUS_unknown_record, "receipt.lsn: not a reply of that conversation");
    if (prepared->status == STATUS_ok) {
        result->outcome = *turn_step(node, &prepared->event);
        return;
    }
    result->outcome.status = prepared->status;
    uint32_t size = (uint32_t)strlen(prepared->room.detail);
    char *kept = arena_take(&request->arena, size + 1);
    memcpy(kept, prepared->room.detail, size);
    result->detail = (struct span){kept, size};
}

/* Every change that is ahead by a multiple of WARM_EVERY is warmed one step further. The farthest first: what asks for the line of a client
 * key waits longest, and the others hide it. */
static void warm_ahead(struct node *node, struct prepared *prepared, uint32_t at, uint32_t ready)
{
    for (uint32_t ahead = at + (ready - at - 1) / WARM_EVERY * WARM_EVERY; ahead > at; ahead -= WARM_EVERY)
        if (prepared[ahead % AHEAD].status == STATUS_ok)
            engine_warm(node->engine, &prepared[ahead % AHEAD].event);
}

/* Changes are prepared some steps ahead, so that what they will look up is in the cache by then. */
void submit_take(struct node *node, struct request *request)
{
    struct prepared prepared[AHEAD];
    const struct wire_submit *submit = &request->frame.submit;
    uint32_t count = submit->changes_count, ready = 0;
    request->results = arena_take(&request->arena, (count + 1) * sizeof *request->results);
    for (uint32_t i = 0; i < count; i++) {
        for (; ready < count && ready < i + AHEAD; ready++)
            prepare(node, request, &submit->changes[ready], &prepared[ready % AHEAD]);
        warm_ahead(node, prepared, i, ready);
        take(node, request, &prepared[i % AHEAD], &request->results[i]);
    }
    turn_hold(node, request);
}

/* A repeat is answered with what the first one did, which the log has kept. */
static void fill_duplicate(struct node *node, lsn_t lsn, struct wire_result *wire)
{
    struct record record;
    lookup_record(node->reader, lsn, &record);
    wire->conversation = record.conversation;
    wire->sequence = record.sequence;
    wire->epoch = record.epoch;
    wire->duplicate = 1;
}

static void fill_result(struct node *node, const struct submit_result *result, struct wire_result *wire)
{
    const struct outcome *outcome = &result->outcome;
    *wire = (struct wire_result){
        .status = outcome->status,
        .conversation = outcome->conversation,
        .sequence = outcome->sequence,
        .epoch = outcome->epoch,
        .lsn = outcome->lsn,
        .detail = result->detail,
    };
    if (outcome->owner)
        wire->owner = engine_name(node->engine, outcome->owner);
    if (outcome->duplicate)
        fill_duplicate(node, outcome->lsn, wire);
}

struct span submit_answer(struct node *node, struct request *request)
{
    struct frame head = {.verb = VERB_submitted};
    buffer_clear(&node->out);
    struct codec_list list = codec_begin(&node->out, &head);
    for (uint32_t i = 0; i < request->frame.submit.changes_count; i++) {
        struct wire_result wire;
        fill_result(node, &request->results[i], &wire);
        codec_result(&list, &wire);
    }
    codec_end(&list);
    return buffer_span(&node->out);
}
