#include <stdlib.h>

#include "engine/conversation.h"
#include "engine/decide.h"
#include "engine/emit.h"
#include "engine/names.h"
#include "engine/outbox.h"
#include "engine/plan.h"
#include "engine/principal.h"
#include "engine/tie.h"
#include "engine/timers.h"

/* --- sessions --- */

static void close_session(struct engine *engine, struct session *session, enum cause cause)
{
    plan_close_session(engine->plan, session->row.id, cause);
    emit(engine,
         (struct record){.kind = RECORD_session_closed, .session = session->row.id, .agent = session->row.principal, .cause = cause});
}

/* What the agent owns, the oldest first. The caller frees the ids. */
static struct id_list work_of(const struct principal *agent)
{
    struct id_list work = {0};
    for (uint32_t i = 0; i < agent->owned.count; i++)
        id_list_add(&work, agent->owned.items[i]->row.id);
    id_list_sort(&work);
    return work;
}

/* A front end that starts knows nothing: it is told what its agent owns. */
static void resume_work(struct engine *engine, const struct principal *agent)
{
    struct id_list work = work_of(agent);
    for (uint32_t i = 0; i < work.count; i++) {
        const struct conversation_state *row = &conversation_get(engine, work.ids[i])->row;
        emit(engine, (struct record){.kind = RECORD_resumed,
                                     .conversation = row->id,
                                     .agent = (name_id)agent->row.id,
                                     .epoch = row->epoch,
                                     .queue = row->queue});
    }
    free(work.ids);
}

/* Each session of an agent is told of everything the agent owns, so a full outbox allows no other. */
static bool sessions_full(const struct engine *engine, const struct principal *principal)
{
    return engine->sessions.count >= LIMIT_SESSIONS || principal->sessions.count >= LIMIT_SESSIONS_OF_ONE ||
           (principal->owned.count && outbox_full(&principal->outbox));
}

void decide_hello(struct engine *engine, const struct event *event)
{
    struct principal *principal = names_principal(engine, event->principal);
    struct outcome *outcome = &engine->plan->outcome;
    if (!principal || !principal->configured) {
        refuse(engine, STATUS_bad_token, NULL);
        return;
    }
    if (sessions_full(engine, principal)) {
        refuse(engine, STATUS_overloaded, NULL);
        return;
    }
    /* Two connectors of one account would both send the replies: the newer takes over. */
    while (principal->kind == NAME_KIND_account && principal->sessions.first)
        close_session(engine, ITEM_OF(principal->sessions.first, struct session, node), CAUSE_replaced);
    outcome->session = engine->counters.session + 1;
    outcome->lsn =
        emit(engine, (struct record){.kind = RECORD_session_opened, .session = outcome->session, .agent = (name_id)principal->row.id});
    struct session *session = session_get(engine, outcome->session);
    timers_set(engine, &session->timer, TIMER_session, session->row.id, session->seen_ms + engine->settings.lease_ms);
    resume_work(engine, principal);
}

/* --- agents who are gone --- */

/* All but what its queue lets wait for the agent. */
static void give_back_owned(struct engine *engine, const struct principal *agent, enum cause cause)
{
    struct id_list work = work_of(agent);
    for (uint32_t i = 0; i < work.count; i++) {
        struct conversation *conversation = conversation_get(engine, work.ids[i]);
        if (cause != CAUSE_agent_lost || !names_queue(engine, conversation->row.queue)->stays)
            decide_requeue(engine, conversation, (name_id)agent->row.id, cause, false, NULL);
    }
    free(work.ids);
}

/* Nobody is there any more: what it held returns to its queue, at the place it had, unless the queue lets it wait; and nothing is kept for
 * it. */
static void give_back_everything(struct engine *engine, struct principal *agent, enum cause cause)
{
    name_id id = (name_id)agent->row.id;
    while (agent->ties.first)
        decide_recall_tie(engine, ITEM_OF(agent->ties.first, struct tie, agent_node), cause, NULL);
    give_back_owned(engine, agent, cause);
    decide_direct_end(engine, agent, cause);
    if (agent->row.state != AGENT_STATE_offline)
        emit(engine, (struct record){.kind = RECORD_agent_state, .agent = id, .value = AGENT_STATE_offline});
    if (agent->outbox.count)
        emit(engine, (struct record){.kind = RECORD_delivered, .agent = id, .ref = engine->counters.newest});
}

/* The last session closed on purpose, or is given up: nothing waits for a grace. */
static void leave_for_good(struct engine *engine, struct principal *agent, enum cause cause)
{
    decide_offers_end(engine, agent, cause);
    give_back_everything(engine, agent, cause);
}

static void last_session_closed(struct engine *engine, struct principal *agent, enum cause cause)
{
    if (agent->kind != NAME_KIND_agent || agent->sessions.count)
        return;
    if (cause == CAUSE_signed_off) {
        leave_for_good(engine, agent, cause);
        return;
    }
    /* Offers cannot wait for an agent who may be gone; what it owns waits for the grace. */
    decide_offers_end(engine, agent, CAUSE_agent_lost);
}

/* --- the end of sessions --- */

void decide_bye(struct engine *engine, const struct event *event)
{
    struct session *session = session_get(engine, event->session);
    struct principal *principal = session->principal;
    close_session(engine, session, CAUSE_signed_off);
    last_session_closed(engine, principal, CAUSE_signed_off);
}

void decide_lease_end(struct engine *engine, struct session *session)
{
    int64_t end_ms = session->seen_ms + engine->settings.lease_ms;
    struct principal *principal = session->principal;
    if (end_ms > engine->counters.now_ms) {
        timers_set(engine, &session->timer, TIMER_session, session->row.id, end_ms);
        return;
    }
    close_session(engine, session, CAUSE_lease_ended);
    last_session_closed(engine, principal, CAUSE_lease_ended);
}

void decide_removed(struct engine *engine, struct principal *principal)
{
    while (principal->sessions.first)
        close_session(engine, ITEM_OF(principal->sessions.first, struct session, node), CAUSE_removed);
    if (principal->kind == NAME_KIND_agent)
        leave_for_good(engine, principal, CAUSE_removed);
}

void decide_principal_due(struct engine *engine, struct principal *agent)
{
    if (!agent->sessions.count)
        give_back_everything(engine, agent, CAUSE_agent_lost);
    else if (agent->row.state == AGENT_STATE_wrap_up && agent->row.until_ms <= engine->counters.now_ms)
        emit(engine, (struct record){.kind = RECORD_agent_state, .agent = (name_id)agent->row.id, .value = AGENT_STATE_available});
}

/* --- presence, as the agent says --- */

static enum status check_availability(const struct principal *agent, const struct event *event)
{
    if (event->state == AGENT_STATE_available || event->state == AGENT_STATE_away)
        return STATUS_ok;
    if (event->state != AGENT_STATE_wrap_up || !event->delay_ms)
        return STATUS_bad_field;
    return agent->row.state == AGENT_STATE_available || agent->row.state == AGENT_STATE_wrap_up ? STATUS_ok : STATUS_illegal_move;
}

/* Saying again what is so already is not an error. Only who is away says why, and may say why anew; saying nothing leaves the reason. */
static bool says_nothing_new(const struct principal *agent, const struct event *event)
{
    bool other_reason = event->state == AGENT_STATE_away && event->reason.size && !span_equal(event->reason, agent->row.reason);
    return event->state == agent->row.state && event->state != AGENT_STATE_wrap_up && !other_reason;
}

void decide_availability(struct engine *engine, const struct event *event)
{
    struct principal *agent = asking_principal(engine, event);
    enum status status = check_availability(agent, event);
    if (status) {
        refuse(engine, status, NULL);
        return;
    }
    if (says_nothing_new(agent, event))
        return;
    bool leaves = event->state == AGENT_STATE_away && agent->row.state != AGENT_STATE_away;
    bool wraps_up = event->state == AGENT_STATE_wrap_up;
    engine->plan->outcome.lsn = emit(engine, (struct record){.kind = RECORD_agent_state,
                                                             .agent = (name_id)agent->row.id,
                                                             .value = event->state,
                                                             .until_ms = wraps_up ? engine->counters.now_ms + event->delay_ms : 0,
                                                             .reason = event->reason,
                                                             .key = event->key});
    if (!leaves)
        return;
    decide_offers_end(engine, agent, CAUSE_rescinded); /* what was only offered goes to somebody who is there */
    decide_direct_end(engine, agent, CAUSE_rescinded);
}

/* --- deliveries --- */

/* Every session that fetches must have dealt with it before it counts. */
static lsn_t least_cursor(const struct principal *principal)
{
    lsn_t least = UINT64_MAX;
    for (struct list_node *node = principal->sessions.first; node; node = node->next) {
        const struct session *session = ITEM_OF(node, struct session, node);
        if (session->fetching && session->cursor < least)
            least = session->cursor;
    }
    return least;
}

void decide_fetched(struct engine *engine, const struct event *event)
{
    struct session *session = session_get(engine, event->session);
    struct principal *principal = session->principal;
    lsn_t cursor = event->cursor < engine->counters.newest ? event->cursor : engine->counters.newest;
    if (cursor > session->cursor)
        session->cursor = cursor;
    session->fetching = true;
    lsn_t least = least_cursor(principal);
    if (outbox_count_upto(&principal->outbox, least))
        emit(engine, (struct record){.kind = RECORD_delivered, .agent = (name_id)principal->row.id, .ref = least});
}
