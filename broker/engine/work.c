#include "engine/conversation.h"
#include "engine/customer.h"
#include "engine/decide.h"
#include "engine/emit.h"
#include "engine/match.h"
#include "engine/names.h"
#include "engine/principal.h"
#include "engine/tie.h"

void decide_reply(struct engine *engine, const struct event *event)
{
    const struct principal *agent = asking_principal(engine, event);
    struct conversation *conversation = asked_acting(engine, event, agent);
    if (!conversation)
        return;
    if (principal_full(engine, conversation->row.account)) {
        refuse(engine, STATUS_overloaded, conversation);
        return;
    }
    engine->plan->outcome.sequence = conversation->row.sequence + 1;
    settle(engine, conversation,
           emit(engine, (struct record){.kind = RECORD_reply,
                                        .conversation = event->conversation,
                                        .sequence = conversation->row.sequence + 1,
                                        .epoch = conversation->row.epoch,
                                        .agent = (name_id)agent->row.id,
                                        .account = conversation->row.account,
                                        .other = conversation_onlooker(conversation),
                                        .address = {conversation->address, conversation->address_size},
                                        .key = event->key,
                                        .text = event->text,
                                        .attachments = event->attachments,
                                        .native = event->native}));
}

static name_id unless_same(name_id who, const struct principal *author)
{
    return who == author->row.id ? 0 : who;
}

void decide_note(struct engine *engine, const struct event *event)
{
    const struct principal *agent = asking_principal(engine, event);
    struct conversation *conversation = conversation_get(engine, event->conversation);
    if (!conversation && !event->conversation_row) {
        refuse(engine, STATUS_unknown_conversation, NULL);
        return;
    }
    if (!conversation)
        conversation = conversation_add(engine, event->conversation_row);
    name_id actor = unless_same(conversation_actor(conversation), agent);
    name_id onlooker = unless_same(conversation_onlooker(conversation), agent);
    if (principal_full(engine, actor) || principal_full(engine, onlooker)) {
        refuse(engine, STATUS_overloaded, conversation);
        return;
    }
    engine->plan->outcome.sequence = conversation->row.sequence + 1;
    settle(engine, conversation,
           emit(engine, (struct record){.kind = RECORD_note,
                                        .conversation = event->conversation,
                                        .sequence = conversation->row.sequence + 1,
                                        .agent = (name_id)agent->row.id,
                                        .target = actor,
                                        .other = onlooker,
                                        .key = event->key,
                                        .text = event->text}));
}

/* --- taking, and giving back --- */

/* The agent's open offer of the conversation that the event names. */
static struct tie *asked_offer(struct engine *engine, const struct event *event, const struct principal *agent)
{
    struct conversation *conversation = asked_open(engine, event);
    if (!conversation)
        return NULL;
    struct tie *tie = tie_find(conversation, (name_id)agent->row.id);
    if (tie && tie_is_offer(tie) && tie->lsn == event->offer)
        return tie;
    refuse(engine, STATUS_no_offer, conversation);
    return NULL;
}

void decide_accept(struct engine *engine, const struct event *event)
{
    struct principal *agent = asking_principal(engine, event);
    struct tie *tie = asked_offer(engine, event, agent);
    if (!tie)
        return;
    struct conversation *conversation = tie->conversation;
    settle(engine, conversation, decide_taken(engine, conversation, agent, 0, event->key));
}

void decide_decline(struct engine *engine, const struct event *event)
{
    struct tie *tie = asked_offer(engine, event, asking_principal(engine, event));
    if (!tie)
        return;
    struct conversation *conversation = tie->conversation;
    settle(engine, conversation, decide_offer_end(engine, tie, CAUSE_declined, event));
}

static enum status check_claim(const struct engine *engine, const struct conversation *conversation, const struct principal *agent)
{
    if (conversation->row.owner)
        return STATUS_taken;
    if (conversation->row.substate != SUBSTATE_queued || conversation->row.target)
        return STATUS_illegal_move;
    if (!agent->group)
        return STATUS_not_eligible;
    enum verdict verdict = match_claim_verdict(engine, agent->group, conversation->class->route);
    if (verdict != VERDICT_can_take)
        return verdict == VERDICT_queue_closed ? STATUS_illegal_move : STATUS_not_eligible;
    if (principal_presence(agent) != VERDICT_can_take)
        return STATUS_illegal_move;
    return principal_room(engine, agent, conversation->class->channel, conversation->row.cost) == VERDICT_can_take ? STATUS_ok
                                                                                                                   : STATUS_no_room;
}

void decide_claim(struct engine *engine, const struct event *event)
{
    struct principal *agent = asking_principal(engine, event);
    struct conversation *conversation = asked_open(engine, event);
    enum status status = conversation ? check_claim(engine, conversation, agent) : STATUS_ok;
    if (!conversation)
        return;
    if (status)
        refuse(engine, status, conversation);
    else
        settle(engine, conversation, decide_taken(engine, conversation, agent, CAUSE_claimed, event->key));
}

void decide_nack(struct engine *engine, const struct event *event)
{
    const struct principal *agent = asking_principal(engine, event);
    struct conversation *conversation = asked_owned(engine, event, agent);
    if (!conversation)
        return;
    settle(engine, conversation, decide_requeue(engine, conversation, (name_id)agent->row.id, CAUSE_nacked, true, event));
    decide_exhausted(engine, conversation);
    decide_snooze(engine, conversation, event->delay_ms);
}

/* --- the end --- */

static void begin_wrap_up(struct engine *engine, const struct principal *agent, name_id type)
{
    const struct channel *channel = names_channel(engine, type);
    bool works = agent->row.state == AGENT_STATE_available || agent->row.state == AGENT_STATE_wrap_up;
    int64_t until_ms = engine->counters.now_ms + channel->wrap_up_ms;
    if (!channel->wrap_up_ms || agent->agent_kind == AGENT_KIND_bot || !works || until_ms <= agent->row.until_ms)
        return;
    emit(engine,
         (struct record){.kind = RECORD_agent_state, .agent = (name_id)agent->row.id, .value = AGENT_STATE_wrap_up, .until_ms = until_ms});
}

static enum status check_finish(const struct engine *engine, const struct conversation *conversation, const struct principal *agent,
                                uint32_t end)
{
    if (end != SUBSTATE_resolved && end != SUBSTATE_discarded)
        return STATUS_bad_field;
    bool may = agent->agent_kind != AGENT_KIND_bot || names_queue(engine, conversation->row.queue)->bots_may_finish;
    return may ? STATUS_ok : STATUS_bot_may_not;
}

void decide_finish(struct engine *engine, const struct event *event)
{
    const struct principal *agent = asking_principal(engine, event);
    struct conversation *conversation = asked_owned(engine, event, agent);
    if (!conversation)
        return;
    uint32_t end = event->state ? event->state : SUBSTATE_resolved;
    enum status status = check_finish(engine, conversation, agent, end);
    if (status) {
        refuse(engine, status, conversation);
        return;
    }
    if (event->customer_row && !customer_get(engine, conversation->row.customer))
        customer_add(engine, event->customer_row);
    decide_ties_end(engine, conversation, CAUSE_moved_on);
    settle(engine, conversation,
           emit(engine, (struct record){.kind = RECORD_finished,
                                        .conversation = event->conversation,
                                        .customer = conversation->row.customer,
                                        .account = conversation->row.account,
                                        .agent = (name_id)agent->row.id,
                                        .epoch = conversation->row.epoch + 1,
                                        .value = end,
                                        .reason = event->reason,
                                        .key = event->key}));
    begin_wrap_up(engine, agent, conversation->row.type);
}
