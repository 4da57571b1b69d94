#include "node/submit.h"

#include <assert.h>
#include <stdio.h>

#include "node/history.h"
#include "node/lookup.h"
#include "node/node.h"
#include "node/session.h"
#include "node/turn.h"
#include "proto/change.h"

/* The event that each kind of change becomes; 0 (a tick) where there is no such change. */
static const enum event_kind event_of_change[CHANGE_MAX + 1] = {
    [CHANGE_message] = EVENT_message, [CHANGE_receipt] = EVENT_receipt,
    [CHANGE_leave] = EVENT_leave,     [CHANGE_reply] = EVENT_reply,
    [CHANGE_note] = EVENT_note,       [CHANGE_accept] = EVENT_accept,
    [CHANGE_decline] = EVENT_decline, [CHANGE_transfer] = EVENT_transfer,
    [CHANGE_finish] = EVENT_finish,   [CHANGE_availability] = EVENT_availability,
};

/* Finds a name that may be absent. */
static enum status find_name(const struct engine *engine, enum name_kind kind, struct span name, enum status unknown, name_id *out,
                             char *detail, size_t detail_size)
{
    if (name.size == 0)
        return STATUS_ok;
    *out = engine_find_name(engine, kind, name);
    if (*out)
        return STATUS_ok;
    snprintf(detail, detail_size, "%s: %.*s", name_kind_word(kind), (int)name.size, name.data);
    return unknown;
}

static enum status find_skills(const struct engine *engine, const struct wire_change *change, struct requirement *requirement, char *detail,
                               size_t detail_size)
{
    static_assert((int)WIRE_SKILLS_MAX <= (int)REQUIREMENT_MAX, "every skill of a change fits a requirement");
    *requirement = (struct requirement){0};
    for (uint32_t i = 0; i < change->skills_count; i++) {
        const struct wire_skill *wire = &change->skills[i];
        struct skill_level *skill = &requirement->all[requirement->all_count++];
        enum status status = find_name(engine, NAME_KIND_skill, wire->name, STATUS_unknown_skill, &skill->skill, detail, detail_size);
        if (status != STATUS_ok)
            return status;
        skill->level = wire->level ? (uint8_t)wire->level : 1;
    }
    return STATUS_ok;
}

/* Where a transfer goes: to an agent, or to a queue, a requirement, or both. */
static enum status find_target(const struct engine *engine, const struct wire_change *change, struct event *event,
                               struct requirement *requirement, char *detail, size_t detail_size)
{
    if ((change->queue.size || change->skills_count) && change->agent.size) {
        snprintf(detail, detail_size, "transfer.agent: not together with queue or skills");
        return STATUS_bad_field;
    }
    enum status status = find_name(engine, NAME_KIND_queue, change->queue, STATUS_unknown_queue, &event->queue, detail, detail_size);
    if (status == STATUS_ok)
        status = find_name(engine, NAME_KIND_agent, change->agent, STATUS_unknown_agent, &event->agent, detail, detail_size);
    if (status == STATUS_ok && change->skills_count) {
        status = find_skills(engine, change, requirement, detail, detail_size);
        event->requirement = requirement;
    }
    return status;
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
    event->attachments = change->attachments;
    event->native = change->native;
    event->priority = (enum priority)change->priority;
    event->source_ms = (int64_t)change->source_ms;
    event->conversation = change->conversation;
    event->epoch = (uint32_t)change->epoch;
    event->offer = change->offer;
    event->lsn = change->lsn;
    event->state = (uint32_t)change->state;
}

enum status submit_event(const struct engine *engine, enum name_kind by, const struct wire_change *change, struct event *event,
                         struct requirement *requirement, char *detail, size_t detail_size)
{
    const char *field, *word = change_kind_word((uint32_t)change->kind);
    if (!event_of_change[change->kind]) {
        snprintf(detail, detail_size, "kind: there is no change %d", (int)change->kind);
        return STATUS_bad_field;
    }
    enum role role = change_role((enum change_kind)change->kind);
    if (role != session_role(by)) {
        snprintf(detail, detail_size, "%s is for the role %s", word, role_word(role));
        return STATUS_wrong_role;
    }
    enum status status = change_check(change, &field);
    if (status != STATUS_ok) {
        snprintf(detail, detail_size, status == STATUS_missing_field ? "%s needs %s" : "%s.%s: not a value that this change can have", word,
                 field);
        return status;
    }
    event->kind = event_of_change[change->kind];
    copy_fields(change, event);
    return event->kind == EVENT_transfer ? find_target(engine, change, event, requirement, detail, detail_size) : STATUS_ok;
}

/* What carries content needs room. What only moves or ends work is let through, so that a full broker can still be emptied of it. */
static bool needs_room(const struct event *event)
{
    return event->kind == EVENT_message || event->kind == EVENT_reply || event->kind == EVENT_note;
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
    struct record record = lookup_record(node->reader, event->lsn);
    return record.kind != RECORD_reply || record.conversation != event->conversation;
}

static void take_change(struct node *node, struct request *request, const struct wire_change *change, bool full,
                        struct submit_result *result)
{
    struct event event = {.session = request->frame.submit.session};
    struct requirement requirement;
    char detail[WIRE_REASON_MAX] = "";
    enum status status = submit_event(node->engine, request->kind, change, &event, &requirement, detail, sizeof detail);
    if (status == STATUS_ok && full && needs_room(&event)) {
        status = STATUS_overloaded;
        snprintf(detail, sizeof detail, "the store is nearly full");
    }
    if (status == STATUS_ok && speaks_of_no_reply(node, &event)) {
        status = STATUS_unknown_record;
        snprintf(detail, sizeof detail, "receipt.lsn: not a reply of that conversation");
    }
    if (status == STATUS_ok) {
        result->outcome = *turn_step(node, &event);
        return;
    }
    result->outcome.status = status;
    uint32_t size = (uint32_t)strlen(detail);
    char *kept = arena_take(&request->arena, size + 1);
    memcpy(kept, detail, size);
    result->detail = (struct span){kept, size};
}

void submit_take(struct node *node, struct request *request)
{
    const struct wire_submit *submit = &request->frame.submit;
    bool full = store_nearly_full(node->store);
    request->results = arena_take(&request->arena, (submit->changes_count + 1) * sizeof *request->results);
    for (uint32_t i = 0; i < submit->changes_count; i++)
        take_change(node, request, &submit->changes[i], full, &request->results[i]);
    turn_hold(node, request);
}

/* A repeat is answered with what the first one did, which the log has kept. */
static void fill_duplicate(struct node *node, lsn_t lsn, struct wire_result *wire)
{
    struct record record = lookup_record(node->reader, lsn);
    wire->conversation = record.conversation;
    wire->sequence = record.sequence;
    wire->epoch = record.epoch;
    wire->duplicate = 1;
}

static struct wire_result wire_result_of(struct node *node, const struct submit_result *result)
{
    const struct outcome *outcome = &result->outcome;
    struct wire_result wire = {
        .status = outcome->status,
        .conversation = outcome->conversation,
        .sequence = outcome->sequence,
        .epoch = outcome->epoch,
        .lsn = outcome->lsn,
        .detail = result->detail,
    };
    if (outcome->owner)
        wire.owner = engine_name(node->engine, outcome->owner);
    if (outcome->duplicate)
        fill_duplicate(node, outcome->lsn, &wire);
    return wire;
}

struct span submit_answer(struct node *node, struct request *request)
{
    struct frame head = {.verb = VERB_submitted};
    buffer_clear(&node->out);
    struct codec_list list = codec_begin(&node->out, &head);
    for (uint32_t i = 0; i < request->frame.submit.changes_count; i++) {
        struct wire_result wire = wire_result_of(node, &request->results[i]);
        codec_result(&list, &wire);
    }
    codec_end(&list);
    return buffer_span(&node->out);
}
