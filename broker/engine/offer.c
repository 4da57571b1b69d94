#include "base/check.h"
#include "engine/choose.h"
#include "engine/conversation.h"
#include "engine/decide.h"
#include "engine/emit.h"
#include "engine/names.h"
#include "engine/place.h"
#include "engine/principal.h"
#include "engine/tie.h"

/* --- the end of ties --- */

static lsn_t emit_withdrawn(struct engine *engine, const struct tie *tie, enum cause cause, int64_t pass_over_until_ms,
                            const struct event *event)
{
    return emit(engine, (struct record){.kind = RECORD_withdrawn,
                                        .conversation = tie->conversation->row.id,
                                        .agent = (name_id)tie->agent->row.id,
                                        .cause = cause,
                                        .tie = tie->kind,
                                        .ref = tie->lsn,
                                        .until_ms = pass_over_until_ms,
                                        .reason = event ? event->reason : span_of(NULL),
                                        .key = event ? event->key : span_of(NULL)});
}

lsn_t decide_recall_tie(struct engine *engine, const struct tie *tie, enum cause cause, const struct event *event)
{
    const struct conversation_state *row = &tie->conversation->row;
    return emit(engine, (struct record){.kind = RECORD_recalled,
                                        .conversation = row->id,
                                        .agent = (name_id)tie->agent->row.id,
                                        .target = row->owner,
                                        .tie = tie->kind,
                                        .epoch = row->epoch + (tie->kind == TIE_loan),
                                        .cause = cause,
                                        .native = event ? event->native : span_of(NULL),
                                        .result = event ? event->result : span_of(NULL),
                                        .key = event ? event->key : span_of(NULL)});
}

lsn_t decide_recall_request(struct engine *engine, struct conversation *conversation, enum cause cause, struct span key)
{
    const struct conversation_state *row = &conversation->row;
    while (conversation->ties)
        emit_withdrawn(engine, conversation->ties, CAUSE_recalled, 0, NULL);
    return emit(engine, (struct record){.kind = RECORD_recalled,
                                        .conversation = row->id,
                                        .target = row->owner,
                                        .tie = row->side,
                                        .epoch = row->epoch,
                                        .cause = cause,
                                        .key = key});
}

void decide_ties_end(struct engine *engine, struct conversation *conversation, enum cause cause)
{
    while (conversation->ties)
        if (tie_is_offer(conversation->ties))
            emit_withdrawn(engine, conversation->ties, cause, 0, NULL);
        else
            decide_recall_tie(engine, conversation->ties, cause, NULL);
    if (conversation->row.side)
        decide_recall_request(engine, conversation, cause, span_of(NULL));
}

/* First accept wins. */
static void rescind_others(struct engine *engine, struct conversation *conversation, const struct principal *winner)
{
    for (struct tie *tie = conversation->ties, *next; tie; tie = next) {
        next = tie->next;
        if (tie->agent != winner)
            emit_withdrawn(engine, tie, CAUSE_rescinded, 0, NULL);
    }
}

/* --- taking --- */

static lsn_t assign(struct engine *engine, struct conversation *conversation, const struct principal *agent, enum cause cause,
                    struct span key)
{
    const struct conversation_state *row = &conversation->row;
    struct record *record = plan_add(engine->plan);
    *record = (struct record){.kind = RECORD_assigned,
                              .conversation = row->id,
                              .agent = (name_id)agent->row.id,
                              .target = row->owner,
                              .epoch = row->epoch + 1,
                              .queue = row->queue,
                              .cost = row->cost,
                              .cause = cause,
                              .value = agent->agent_kind == AGENT_KIND_bot ? SUBSTATE_with_bot : SUBSTATE_active,
                              .key = key};
    if (row->side == TIE_warm) {
        struct place place =
            place_in(names_queue(engine, row->side_queue), conversation->side_class->bytes, row->priority, row->arrival_ms);
        place_write(&place, record);
    }
    return emit_added(engine);
}

static lsn_t join(struct engine *engine, const struct conversation *conversation, const struct principal *agent, struct span key)
{
    const struct conversation_state *row = &conversation->row;
    return emit(engine, (struct record){.kind = RECORD_joined,
                                        .conversation = row->id,
                                        .agent = (name_id)agent->row.id,
                                        .target = row->owner,
                                        .epoch = row->epoch,
                                        .queue = row->side_queue,
                                        .cost = row->cost,
                                        .key = key});
}

lsn_t decide_taken(struct engine *engine, struct conversation *conversation, struct principal *agent, enum cause cause, struct span key)
{
    rescind_others(engine, conversation, agent);
    if (conversation_in_progress(conversation) && conversation->row.side == TIE_consult)
        return join(engine, conversation, agent, key);
    return assign(engine, conversation, agent, cause, key);
}

/* --- offering --- */

static enum tie_kind tie_offered(const struct conversation *conversation)
{
    return conversation_in_progress(conversation) ? (enum tie_kind)conversation->row.side : TIE_offer;
}

/* How long the offer stands: as the queue says, else the channel; to the customer's last agent for no longer than that is worth waiting
 * for. */
static int64_t offer_end_ms(const struct engine *engine, const struct conversation *conversation, const struct queue *queue,
                            const struct principal *agent)
{
    const struct class *class = conversation_class(conversation);
    uint32_t offer_ms = queue->offer_ms ? queue->offer_ms : class->channel->offer_ms;
    bool last = class->choice == CHOICE_last_agent && conversation->row.last_agent == agent->row.id;
    if (last && queue->configured && queue->last_agent_ms < offer_ms)
        offer_ms = queue->last_agent_ms;
    return engine->counters.now_ms + offer_ms;
}

static void emit_offered(struct engine *engine, struct conversation *conversation, const struct queue *queue, const struct principal *agent)
{
    emit(engine, (struct record){.kind = RECORD_offered,
                                 .conversation = conversation->row.id,
                                 .agent = (name_id)agent->row.id,
                                 .epoch = conversation->row.epoch,
                                 .queue = queue->id,
                                 .cost = conversation->row.cost,
                                 .tie = tie_offered(conversation),
                                 .until_ms = offer_end_ms(engine, conversation, queue, agent)});
}

/* Does something wait that the agent would take before this? Offering to several must not let a later one overtake it. */
static bool has_earlier(const struct engine *engine, const struct conversation *conversation, const struct principal *agent)
{
    uint32_t lanes;
    const struct conversation *first = agent->group ? choose_conversation(engine, agent, &lanes) : NULL;
    if (!first)
        return false;
    if (first->row.lane != conversation->row.lane)
        return lanes >> conversation->row.lane != 0; /* of its lane or higher; it may be a lower one's turn */
    return first->row.key_ms < conversation->row.key_ms ||
           (first->row.key_ms == conversation->row.key_ms && first->row.id < conversation->row.id);
}

static void offer(struct engine *engine, struct conversation *conversation, struct principal *agent)
{
    const struct queue *queue = conversation_queue(engine, conversation);
    uint32_t at_once = conversation_meant_for(conversation) ? 1 : queue->offers; /* 0: of a queue that is no longer configured */
    engine->recent_conversation = conversation;                                  /* its records ask for it */
    if (agent->auto_accept || queue->auto_accept) {
        decide_taken(engine, conversation, agent, 0, span_of(NULL));
        return;
    }
    do
        emit_offered(engine, conversation, queue, agent);
    while (at_once-- > 1 && (agent = choose_agent(engine, conversation)) && !has_earlier(engine, conversation, agent));
}

/* --- an offer that was not accepted --- */

static bool is_miss(enum cause cause)
{
    return cause == CAUSE_declined || cause == CAUSE_expired;
}

static void after_offer(struct engine *engine, struct conversation *conversation, name_id agent, enum cause cause)
{
    bool meant_for_it = conversation_meant_for(conversation) == agent;
    if (conversation->ties)
        return;
    if (conversation_in_progress(conversation)) {
        if (meant_for_it && conversation->row.side)
            decide_recall_request(engine, conversation, cause, span_of(NULL));
    } else if (meant_for_it) {
        decide_requeue(engine, conversation, agent, cause, false, NULL);
    } else {
        decide_exhausted(engine, conversation);
    }
}

/* What else it is offered, or was meant for it, goes to somebody who is there. */
static void stops_responding(struct engine *engine, struct principal *agent)
{
    emit(engine, (struct record){.kind = RECORD_agent_state, .agent = (name_id)agent->row.id, .value = AGENT_STATE_not_responding});
    decide_offers_end(engine, agent, CAUSE_rescinded);
    decide_direct_end(engine, agent, CAUSE_expired);
}

lsn_t decide_offer_end(struct engine *engine, struct tie *tie, enum cause cause, const struct event *event)
{
    struct conversation *conversation = tie->conversation;
    struct principal *agent = tie->agent;
    uint32_t pass_over_ms = event && event->delay_ms ? event->delay_ms : engine->settings.pass_over_ms;
    int64_t until_ms = is_miss(cause) ? engine->counters.now_ms + pass_over_ms : 0;
    lsn_t lsn = emit_withdrawn(engine, tie, cause, until_ms, event);
    after_offer(engine, conversation, (name_id)agent->row.id, cause);
    if (agent->row.misses >= engine->settings.misses_max && agent->row.state == AGENT_STATE_available)
        stops_responding(engine, agent);
    return lsn;
}

void decide_offers_end(struct engine *engine, struct principal *agent, enum cause cause)
{
    struct list_node *kept = NULL, *node; /* the last that is no offer: other offers may end with one, but never those */
    while ((node = kept ? kept->next : agent->ties.first)) {
        struct tie *tie = ITEM_OF(node, struct tie, agent_node);
        if (tie_is_offer(tie))
            decide_offer_end(engine, tie, cause, NULL);
        else
            kept = node;
    }
}

void decide_direct_end(struct engine *engine, struct principal *agent, enum cause cause)
{
    while (agent->direct.count) {
        struct conversation *conversation = ITEM_OF(heap_first(&agent->direct), struct conversation, waiting);
        if (conversation_in_progress(conversation))
            decide_recall_request(engine, conversation, cause, span_of(NULL));
        else
            decide_requeue(engine, conversation, (name_id)agent->row.id, cause, false, NULL);
    }
}

/* --- matching --- */

enum { TURNS_MAX = 16 }; /* of looking for who is first: each leads to one that goes before, and seldom is there a second */

/* Nothing else waits: it is the first of whoever it is offered to. */
static struct conversation *alone(struct conversation *conversation, uint32_t *lanes)
{
    ASSERT(conversation_waits(conversation));
    *lanes = 1U << conversation->row.lane;
    return conversation;
}

/* To the agent chosen for it, unless that agent has something to take before it: then that goes to whoever is chosen for it, and so on.
 * `agent`, if any, is one whose first it is among `lanes`. */
static void offer_first(struct engine *engine, struct conversation *conversation, struct principal *chosen, struct principal *agent,
                        uint32_t lanes)
{
    ASSERT(chosen);
    if (chosen != agent && chosen != engine->likely.agent)
        principal_warm(chosen);
    for (int turns = 0; chosen != agent && turns < TURNS_MAX; turns++) {
        struct conversation *first = engine->waiting == 1 ? alone(conversation, &lanes) : choose_conversation(engine, chosen, &lanes);
        ASSERT(first);
        agent = chosen;
        if (first != conversation)
            chosen = choose_agent(engine, first);
        conversation = first;
    }
    choose_served(agent->group, lanes, conversation->row.lane);
    offer(engine, conversation, agent);
}

/* Whom it is offered to, when this agent would take it. Whoever else has room has found nothing to take: unless others are still to be
 * looked at, there is nobody to choose from. */
static struct principal *choose_beside(const struct engine *engine, const struct conversation *conversation, struct principal *agent)
{
    return engine->freed.count || engine->arrived.count ? choose_agent(engine, conversation) : agent;
}

static void match_agent(struct engine *engine, struct principal *agent)
{
    struct conversation *conversation;
    uint32_t lanes;
    agent->freed = false;
    while (agent->group && agent->room && (conversation = choose_conversation(engine, agent, &lanes)))
        offer_first(engine, conversation, choose_beside(engine, conversation, agent), agent, lanes);
}

static void match_conversation(struct engine *engine, struct conversation *conversation)
{
    struct principal *chosen;
    while (conversation && conversation_waits(conversation) && (chosen = choose_agent(engine, conversation)))
        offer_first(engine, conversation, chosen, NULL, 0);
}

/* All who leave a closed queue have left it before anybody chooses. Freed agents choose first, from everyone who waits; only then do
 * arrivals look for whoever is still idle. So nobody is overtaken. */
void decide_matches(struct engine *engine)
{
    if (engine->live && engine->arrived.count)
        decide_closings(engine);
    while (engine->live && (engine->freed.count || engine->arrived.count))
        if (engine->freed.count)
            match_agent(engine, names_principal(engine, (name_id)engine->freed.ids[--engine->freed.count]));
        else
            match_conversation(engine, conversation_get(engine, engine->arrived.ids[--engine->arrived.count]));
    engine->freed.count = engine->arrived.count = 0;
}
