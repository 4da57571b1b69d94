#include "base/check.h"
#include "engine/conversation.h"
#include "engine/decide.h"
#include "engine/emit.h"
#include "engine/match.h"
#include "engine/names.h"
#include "engine/principal.h"

void decide_assignment(struct engine *engine, struct conversation *conversation, struct principal *agent, struct span key)
{
    emit(engine, (struct record){.kind = RECORD_assigned,
                                 .conversation = conversation->row.id,
                                 .agent = (name_id)agent->row.id,
                                 .epoch = conversation->row.epoch + 1,
                                 .queue = conversation->row.queue,
                                 .cost = conversation->row.cost,
                                 .value = agent->agent_kind == AGENT_KIND_bot ? SUBSTATE_with_bot : SUBSTATE_active,
                                 .key = key});
}

static void offer(struct engine *engine, struct conversation *conversation, struct principal *agent)
{
    const struct queue *queue = names_queue(engine, conversation->row.queue);
    if (agent->auto_accept || queue->auto_accept) {
        decide_assignment(engine, conversation, agent, span_of(NULL));
        return;
    }
    emit(engine, (struct record){.kind = RECORD_offered,
                                 .conversation = conversation->row.id,
                                 .agent = (name_id)agent->row.id,
                                 .epoch = conversation->row.epoch,
                                 .queue = conversation->row.queue,
                                 .cost = conversation->row.cost,
                                 .time_ms = engine->counters.now_ms + queue->offer_ms});
}

static bool is_miss(enum cause cause)
{
    return cause == CAUSE_declined || cause == CAUSE_expired;
}

/* A conversation meant for one agent who lets it pass goes to everyone in its queue instead. */
static void fall_back_to_queue(struct engine *engine, const struct conversation *conversation, name_id agent, enum cause cause)
{
    emit(engine, (struct record){.kind = RECORD_requeued,
                                 .conversation = conversation->row.id,
                                 .agent = agent,
                                 .epoch = conversation->row.epoch,
                                 .queue = conversation->row.queue,
                                 .cause = cause});
}

lsn_t decide_offer_end(struct engine *engine, struct conversation *conversation, enum cause cause, struct span key)
{
    struct principal *agent = names_principal(engine, conversation->row.offered);
    bool meant_for_it = conversation->row.target == agent->row.id;
    lsn_t lsn = emit(engine, (struct record){.kind = RECORD_withdrawn,
                                             .conversation = conversation->row.id,
                                             .agent = (name_id)agent->row.id,
                                             .cause = cause,
                                             .ref = conversation->row.offer,
                                             .time_ms = is_miss(cause) ? engine->counters.now_ms + engine->settings.pass_over_ms : 0,
                                             .key = key});
    if (meant_for_it)
        fall_back_to_queue(engine, conversation, (name_id)agent->row.id, cause);
    if (agent->row.misses >= engine->settings.misses_max && agent->row.state == AGENT_STATE_available)
        emit(engine, (struct record){.kind = RECORD_agent_state, .agent = (name_id)agent->row.id, .value = AGENT_STATE_not_responding});
    return lsn;
}

void decide_offers_end(struct engine *engine, struct principal *agent, enum cause cause)
{
    while (agent->offers.first)
        decide_offer_end(engine, ITEM_OF(agent->offers.first, struct conversation, agent_node), cause, span_of(NULL));
}

/* Several may have been freed in one step: what this one could take goes to whoever has been idle longest. */
static void match_agent(struct engine *engine, struct principal *agent)
{
    struct conversation *conversation;
    while (agent && (conversation = match_conversation_for(engine, agent))) {
        struct principal *longest_idle = match_agent_for(engine, conversation);
        ASSERT(longest_idle);
        offer(engine, conversation, longest_idle);
    }
}

/* Several may have arrived in one step: whoever is idle for this one takes what comes first in order, until it is this one's turn. */
static void match_conversation(struct engine *engine, struct conversation *conversation)
{
    struct principal *agent;
    while (conversation && conversation->row.substate == SUBSTATE_queued && (agent = match_agent_for(engine, conversation))) {
        struct conversation *first = match_conversation_for(engine, agent);
        offer(engine, first ? first : conversation, agent);
    }
}

/* Freed agents choose first, from everyone who waits; only then do arrivals look for whoever is still idle. So nobody is overtaken. */
void decide_matches(struct engine *engine)
{
    while (engine->live && (engine->freed.count || engine->arrived.count))
        if (engine->freed.count)
            match_agent(engine, names_principal(engine, (name_id)engine->freed.ids[--engine->freed.count]));
        else
            match_conversation(engine, conversation_get(engine, engine->arrived.ids[--engine->arrived.count]));
    engine->freed.count = engine->arrived.count = 0;
}
