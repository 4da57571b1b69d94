/* From stored rows and records back to memory. */
#include "engine/conversation.h"
#include "engine/customer.h"
#include "engine/dedup.h"
#include "engine/emit.h"
#include "engine/names.h"
#include "engine/outbox.h"
#include "engine/principal.h"

static void load_principal(struct engine *engine, const struct row_principal *row)
{
    struct principal *principal = names_principal(engine, (name_id)row->id);
    principal->row = *row;
    principal->row.reason = (struct span){0};
    principal_set_reason(principal, row->reason);
    principal->outbox.saved = row->lsn;
}

void engine_load(struct engine *engine, const struct row *row)
{
    switch (row->kind) {
    case ROW_name:
        names_add(engine, (name_id)row->name.id, (enum name_kind)row->name.kind, row->name.name, row->name.lsn);
        names_get(engine, (name_id)row->name.id)->row.paused = row->name.paused;
        break;
    case ROW_principal:
        load_principal(engine, &row->principal);
        break;
    case ROW_session:
        session_add(engine, &row->session);
        break;
    case ROW_conversation:
        conversation_add(engine, &row->conversation);
        break;
    case ROW_customer:
        customer_add(engine, &row->customer);
        break;
    case ROW_KINDS:
        break;
    }
}

void engine_load_pending(struct engine *engine, name_id principal, lsn_t lsn)
{
    outbox_load(names_principal(engine, principal), lsn);
}

void engine_load_counters(struct engine *engine, struct counters counters)
{
    engine->counters = counters;
}

/* What was brought in only to find that its row is newer than the record leaves again. */
static void forget_if_settled(struct engine *engine, const struct record *record)
{
    struct conversation *conversation = conversation_get(engine, record->conversation);
    if (conversation && !conversation->entity.since && conversation_finished(conversation))
        conversation_forget(engine, conversation);
    struct customer *customer = customer_get(engine, record->customer);
    if (customer && !customer->entity.since && !customer->row.current)
        customer_forget(engine, customer);
}

void engine_replay(struct engine *engine, const struct record *record, const struct row_customer *customer,
                   const struct row_conversation *conversation)
{
    engine->counters.newest = record->lsn;
    if (record->at_ms > engine->counters.now_ms)
        engine->counters.now_ms = record->at_ms;
    if (customer && !customer_get(engine, customer->id))
        customer_add(engine, customer);
    if (conversation && !conversation_get(engine, conversation->id))
        conversation_add(engine, conversation);
    apply(engine, record);
    dedup_remember(&engine->dedup, engine->hash_key, record);
    forget_if_settled(engine, record);
}

void engine_remember(struct engine *engine, const struct record *record)
{
    dedup_remember(&engine->dedup, engine->hash_key, record);
}

void engine_resume(struct engine *engine, int64_t now_ms)
{
    struct session *session;
    if (now_ms > engine->counters.now_ms)
        engine->counters.now_ms = now_ms;
    for (size_t at = 0; (session = map_next(&engine->sessions, &at));)
        session->seen_ms = engine->counters.now_ms;
    engine->live = true;
}
