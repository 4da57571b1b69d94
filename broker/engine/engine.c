#include "engine/engine.h"

#include <stdlib.h>

#include "base/check.h"
#include "engine/conversation.h"
#include "engine/customer.h"
#include "engine/decide.h"
#include "engine/dedup.h"
#include "engine/emit.h"
#include "engine/idle.h"
#include "engine/match.h"
#include "engine/names.h"
#include "engine/plan.h"
#include "engine/principal.h"
#include "engine/settings.h"
#include "engine/timers.h"
#include "engine/warm.h"

struct engine *engine_create(struct hash_key hash_key)
{
    struct engine *engine = must_zalloc(1, sizeof *engine);
    engine->hash_key = hash_key;
    dedup_init(&engine->dedup, DEDUP_LINES);
    pool_init(&engine->conversation_pool, sizeof(struct conversation));
    pool_init(&engine->customer_pool, sizeof(struct customer));
    pool_init(&engine->session_pool, sizeof(struct session));
    pool_init(&engine->tie_pool, sizeof(struct tie));
    return engine;
}

void engine_destroy(struct engine *engine)
{
    if (!engine)
        return;
    match_fini(engine);
    idle_fini(engine);
    names_fini(engine);
    conversation_fini(engine);
    customer_fini(engine);
    texts_fini(&engine->texts);
    map_fini(&engine->sessions);
    pool_fini(&engine->session_pool);
    pool_fini(&engine->tie_pool);
    settings_fini(&engine->settings);
    dedup_fini(&engine->dedup);
    heap_fini(&engine->timers);
    free(engine->arrived.ids);
    free(engine->freed.ids);
    free(engine->saving);
    free(engine);
}

static int by_id(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

void id_list_sort(struct id_list *list)
{
    if (list->count)
        qsort(list->ids, list->count, sizeof *list->ids, by_id);
}

lsn_t emit_added(struct engine *engine)
{
    struct record *record = &engine->plan->records[engine->plan->records_count - 1];
    bool goes_on = record->conversation && record->kind != RECORD_conversation_opened;
    const struct conversation *conversation = goes_on ? conversation_get(engine, record->conversation) : NULL;
    record->lsn = ++engine->counters.newest;
    record->at_ms = engine->counters.now_ms;
    record->prev = conversation ? conversation->row.lsn : 0;
    apply(engine, record);
    dedup_remember(&engine->dedup, engine->hash_key, record);
    return record->lsn;
}

/* Timers run in every step, so a tick has nothing else to do. */
static void decide_nothing(struct engine *engine, const struct event *event)
{
    (void)engine, (void)event;
}

static void (*const decisions[EVENT_KINDS])(struct engine *, const struct event *) = {
    [EVENT_tick] = decide_nothing,
    [EVENT_configure] = decide_configure,
    [EVENT_hello] = decide_hello,
    [EVENT_bye] = decide_bye,
    [EVENT_fetched] = decide_fetched,
    [EVENT_message] = decide_message,
    [EVENT_receipt] = decide_receipt,
    [EVENT_leave] = decide_leave,
    [EVENT_reply] = decide_reply,
    [EVENT_note] = decide_note,
    [EVENT_accept] = decide_accept,
    [EVENT_decline] = decide_decline,
    [EVENT_transfer] = decide_transfer,
    [EVENT_finish] = decide_finish,
    [EVENT_availability] = decide_availability,
    [EVENT_nack] = decide_nack,
    [EVENT_claim] = decide_claim,
    [EVENT_escalate] = decide_escalate,
    [EVENT_consult] = decide_consult,
    [EVENT_recall] = decide_recall,
    [EVENT_lend] = decide_lend,
    [EVENT_give_back] = decide_give_back,
    [EVENT_move] = decide_operator_move,
    [EVENT_bury] = decide_bury,
    [EVENT_pause] = decide_queue_state,
    [EVENT_resume] = decide_queue_state,
};

static struct hash128 key_hash(const struct engine *engine, const struct event *event, name_id principal)
{
    return event->warmed.principal ? event->warmed.key : dedup_hash(engine->hash_key, principal, event->key);
}

/* Refuses an event that needs a session which is not there, and answers a repeated key with the record it made the first time. */
static bool settled_already(struct engine *engine, const struct event *event)
{
    struct outcome *outcome = &engine->plan->outcome;
    struct session *session = engine->recent_session = session_get(engine, event->session);
    name_id principal = session ? session->row.principal : 0;
    if (event->kind >= EVENT_bye && !principal)
        outcome->status = STATUS_unknown_session;
    else if (event->key.size && (outcome->lsn = dedup_find(&engine->dedup, key_hash(engine, event, principal), principal, event->key)))
        outcome->duplicate = true;
    return outcome->status || outcome->duplicate;
}

void engine_step(struct engine *engine, const struct event *event, struct plan *plan)
{
    plan_clear(plan);
    engine->plan = plan;
    if (event->now_ms > engine->counters.now_ms)
        engine->counters.now_ms = event->now_ms;
    engine->likely = event->warmed.likely;
    warm_rest(engine, event);
    if (event->kind != EVENT_configure) /* records must not borrow the texts and routes of a configuration that it replaces */
        timers_run(engine);
    if (!settled_already(engine, event))
        decisions[event->kind](engine, event);
    timers_run(engine); /* what waits again may be due for its next step, or have waited too long */
    if (engine->freed.count || engine->arrived.count)
        decide_matches(engine);
    dedup_settle(&engine->dedup);
    customer_settle(engine);
    engine->plan = NULL;
}

void engine_touch(struct engine *engine, session_id id, int64_t now_ms)
{
    struct session *session = session_get(engine, id);
    if (session && now_ms > session->seen_ms)
        session->seen_ms = now_ms;
}

void engine_listens(struct engine *engine, session_id id)
{
    struct session *session = session_get(engine, id);
    if (session)
        session->fetching = true;
}

struct counters engine_counters(const struct engine *engine)
{
    return engine->counters;
}
