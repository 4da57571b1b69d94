#include "engine/engine.h"

#include <stdlib.h>

#include "base/check.h"
#include "engine/conversation.h"
#include "engine/customer.h"
#include "engine/decide.h"
#include "engine/dedup.h"
#include "engine/emit.h"
#include "engine/match.h"
#include "engine/names.h"
#include "engine/plan.h"
#include "engine/principal.h"
#include "engine/rules.h"
#include "engine/timers.h"

struct engine *engine_create(struct hash_key hash_key)
{
    struct engine *engine = must_zalloc(1, sizeof *engine);
    engine->hash_key = hash_key;
    pool_init(&engine->conversation_pool, sizeof(struct conversation), 0);
    pool_init(&engine->customer_pool, sizeof(struct customer), 0);
    pool_init(&engine->session_pool, sizeof(struct session), 0);
    return engine;
}

void engine_destroy(struct engine *engine)
{
    if (!engine)
        return;
    match_fini(engine);
    names_fini(engine);
    conversation_fini(engine);
    customer_fini(engine);
    map_fini(&engine->sessions);
    pool_fini(&engine->session_pool);
    dedup_fini(&engine->dedup);
    rules_fini(&engine->settings);
    heap_fini(&engine->timers);
    free(engine->arrived.ids);
    free(engine->freed.ids);
    free(engine->saving);
    free(engine);
}

void id_list_add(struct id_list *list, uint64_t id)
{
    list->ids = must_make_room(list->ids, list->count, &list->capacity, sizeof *list->ids);
    list->ids[list->count++] = id;
}

lsn_t emit(struct engine *engine, struct record record)
{
    const struct conversation *conversation = record.conversation ? conversation_get(engine, record.conversation) : NULL;
    record.lsn = ++engine->counters.newest;
    record.at_ms = engine->counters.now_ms;
    record.prev = conversation ? conversation->row.lsn : 0;
    plan_add(engine->plan, &record);
    apply(engine, &record);
    dedup_remember(&engine->dedup, engine->hash_key, &record);
    return record.lsn;
}

static void decide(struct engine *engine, const struct event *event)
{
    switch (event->kind) {
    case EVENT_tick:
        break; /* timers run in every step */
    case EVENT_configure:
        decide_configure(engine, event);
        break;
    case EVENT_hello:
        decide_hello(engine, event);
        break;
    case EVENT_bye:
        decide_bye(engine, event);
        break;
    case EVENT_fetched:
        decide_fetched(engine, event);
        break;
    case EVENT_message:
        decide_message(engine, event);
        break;
    case EVENT_receipt:
        decide_receipt(engine, event);
        break;
    case EVENT_leave:
        decide_leave(engine, event);
        break;
    case EVENT_reply:
        decide_reply(engine, event);
        break;
    case EVENT_note:
        decide_note(engine, event);
        break;
    case EVENT_accept:
        decide_accept(engine, event);
        break;
    case EVENT_decline:
        decide_decline(engine, event);
        break;
    case EVENT_transfer:
        decide_transfer(engine, event);
        break;
    case EVENT_finish:
        decide_finish(engine, event);
        break;
    case EVENT_availability:
        decide_availability(engine, event);
        break;
    }
}

/* Refuses an event that needs a session which is not there, and answers a repeated key with the record it made the first time. */
static bool settled_already(struct engine *engine, const struct event *event)
{
    struct outcome *outcome = &engine->plan->outcome;
    name_id principal = engine_session_principal(engine, event->session);
    if (event->kind >= EVENT_bye && !principal)
        outcome->status = STATUS_unknown_session;
    else if (event->key.size && (outcome->lsn = dedup_find(&engine->dedup, engine->hash_key, principal, event->key)))
        outcome->duplicate = true;
    return outcome->status || outcome->duplicate;
}

void engine_step(struct engine *engine, const struct event *event, struct plan *plan)
{
    plan_clear(plan);
    engine->plan = plan;
    if (event->now_ms > engine->counters.now_ms)
        engine->counters.now_ms = event->now_ms;
    timers_run(engine);
    if (!settled_already(engine, event))
        decide(engine, event);
    decide_matches(engine);
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
