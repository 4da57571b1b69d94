#include "node/translate.h"

#include "base/check.h"

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
        .attachments = record->attachments,
        .native = record->native,
    };
}

/* `agent`, `value` and `time_ms` mean what the kind says: see record.h. */
static void copy_by_kind(const struct engine *engine, const struct record *record, struct wire_record *out)
{
    struct span agent = engine_name(engine, record->agent);
    switch (record->kind) {
    case RECORD_message:
        out->source_ms = (uint64_t)record->time_ms;
        return;
    case RECORD_reply:
    case RECORD_note:
        out->author = agent;
        return;
    case RECORD_offered:
        out->agent = agent;
        out->deadline_ms = (uint64_t)record->time_ms;
        return;
    case RECORD_assigned:
        out->agent = agent;
        out->state = record->value;
        return;
    case RECORD_resumed:
    case RECORD_withdrawn:
    case RECORD_requeued:
        out->agent = agent;
        return;
    case RECORD_transferred:
        out->author = agent;
        out->agent = engine_name(engine, record->target);
        return;
    case RECORD_receipt:
        out->state = record->value;
        return;
    case RECORD_finished:
    case RECORD_agent_state:
        out->author = agent;
        out->state = record->value;
        return;
    case RECORD_declared:
    case RECORD_session_opened:
    case RECORD_session_closed:
    case RECORD_customer_opened:
    case RECORD_conversation_opened:
    case RECORD_queued:
    case RECORD_reopened:
    case RECORD_delivered:
        return;
    }
}

/* The skills that all have to be there. What `any` asks for stays inside: on the wire there is no word for it. */
static void copy_skills(const struct engine *engine, const struct record *record, struct arena *arena, struct wire_record *out)
{
    struct requirement requirement;
    if (record->requirement.size == 0 || !requirement_decode(record->requirement, &requirement) || requirement.all_count == 0)
        return;
    out->skills = arena_take(arena, requirement.all_count * sizeof *out->skills);
    out->skills_count = requirement.all_count;
    for (uint32_t i = 0; i < requirement.all_count; i++)
        out->skills[i] = (struct wire_skill){engine_name(engine, requirement.all[i].skill), requirement.all[i].level};
}

static void hide_internal(struct wire_record *out)
{
    out->epoch = 0;
    out->priority = 0;
    out->queue = out->agent = out->reason = (struct span){0};
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
    else
        copy_skills(engine, record, arena, out);
}
