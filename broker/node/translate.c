#include "node/translate.h"

#include "engine/route.h"

/* The fields that mean the same in every kind. */
static void copy_common(const struct engine *engine, const struct record *record, struct wire_record *out)
{
    *out = (struct wire_record){
        .kind = record->kind,
        .lsn = record->lsn,
        .at_ms = (uint64_t)record->at_ms,
        .conversation = record->conversation,
        .sequence = record->sequence,
        .epoch = record->epoch,
        .key = record->key,
        .account = engine_name(engine, record->account),
        .address = record->address,
        .name = record->name,
        .text = record->text,
        .topic = record->topic,
        .language = record->language,
        .priority = record->priority,
        .queue = engine_name(engine, record->queue),
        .reason = record->reason.size ? record->reason
                  : record->cause     ? span_of(cause_word(record->cause))
                                      : record->reason,
        .ref = record->ref,
        .result = record->result,
        .tie = record->tie,
        .count = record->count,
        .attachments = record->attachments,
        .native = record->native,
    };
}

/* What `agent`, `target`, `value`, `time_ms` and `until_ms` mean, by kind: see record.h. */
enum meaning {
    AGENT_wrote = 1, /* agent is the author */
    AGENT_gets = 2,  /* agent is whom it is about */
    TARGET_gets = 4, /* target is */
    VALUE_is_state = 8,
    UNTIL_is_deadline = 16,
    PLAN_is_told = 32,
};

static const uint8_t meanings[RECORD_MAX + 1] = {
    [RECORD_message] = UNTIL_is_deadline,
    [RECORD_moved] = AGENT_wrote,
    [RECORD_reply] = AGENT_wrote,
    [RECORD_note] = AGENT_wrote,
    [RECORD_queued] = PLAN_is_told,
    [RECORD_relaxed] = PLAN_is_told,
    [RECORD_offered] = AGENT_gets | UNTIL_is_deadline,
    [RECORD_assigned] = AGENT_gets | VALUE_is_state,
    [RECORD_inactive] = AGENT_gets,
    [RECORD_resumed] = AGENT_gets,
    [RECORD_withdrawn] = AGENT_gets,
    [RECORD_requeued] = AGENT_gets,
    [RECORD_recalled] = AGENT_gets,
    [RECORD_joined] = AGENT_gets,
    [RECORD_overdue] = AGENT_gets,
    [RECORD_asked] = AGENT_wrote | TARGET_gets,
    [RECORD_lent] = AGENT_wrote | TARGET_gets | UNTIL_is_deadline,
    [RECORD_transferred] = AGENT_wrote | TARGET_gets | VALUE_is_state,
    [RECORD_held] = VALUE_is_state | UNTIL_is_deadline,
    [RECORD_receipt] = VALUE_is_state,
    [RECORD_finished] = AGENT_wrote | VALUE_is_state,
    [RECORD_agent_state] = AGENT_wrote | VALUE_is_state,
    [RECORD_queue_state] = AGENT_wrote | VALUE_is_state,
};

static void copy_by_kind(const struct engine *engine, const struct record *record, struct wire_record *out)
{
    uint8_t meaning = meanings[record->kind];
    if (meaning & AGENT_wrote)
        out->author = engine_name(engine, record->agent);
    if (meaning & (AGENT_gets | TARGET_gets))
        out->agent = engine_name(engine, meaning & AGENT_gets ? record->agent : record->target);
    if (meaning & VALUE_is_state)
        out->state = record->value;
    if (meaning & UNTIL_is_deadline)
        out->deadline_ms = (uint64_t)record->until_ms;
    if (meaning & PLAN_is_told)
        out->plan = engine_name(engine, record->plan);
    if (record->kind == RECORD_message)
        out->source_ms = (uint64_t)record->time_ms;
    if (record->kind == RECORD_relaxed)
        out->step = record->step + 1;
    if (record->kind == RECORD_joined)
        out->tie = TIE_consult;
    if (record->kind == RECORD_overdue) {
        out->deadline = record->value;
        out->deadline_ms = (uint64_t)record->time_ms;
    }
}

/* The skills that all have to be there, for the first of those who may serve. What else a route asks for stays inside: `why` tells it. */
static void copy_skills(const struct engine *engine, const struct record *record, struct arena *arena, struct wire_record *out)
{
    struct route route;
    if (!route_decode(record->route, &route) || route.count == 0)
        return;
    const struct requirement *requirement = &route.alternatives[0].requirement;
    if (requirement->all_count == 0)
        return;
    out->skills = arena_take(arena, requirement->all_count * sizeof *out->skills);
    out->skills_count = requirement->all_count;
    for (uint32_t i = 0; i < requirement->all_count; i++)
        out->skills[i] = (struct wire_skill){engine_name(engine, requirement->all[i].skill), requirement->all[i].level};
}

static void hide_internal(struct wire_record *out)
{
    out->epoch = 0;
    out->priority = 0;
    out->tie = out->count = 0;
    out->queue = out->agent = out->reason = out->result = (struct span){0};
    if (out->kind != RECORD_reply)
        out->author = out->key = (struct span){0};
}

void translate_record(const struct engine *engine, const struct record *record, enum name_kind reader, struct arena *arena,
                      struct wire_record *out)
{
    copy_common(engine, record, out);
    copy_by_kind(engine, record, out);
    if (reader == NAME_KIND_account)
        hide_internal(out);
    else if (record->route.size)
        copy_skills(engine, record, arena, out);
}
