#include "base/check.h"
#include "engine/conversation.h"
#include "engine/customer.h"
#include "engine/decide.h"
#include "engine/emit.h"
#include "engine/match.h"
#include "engine/names.h"
#include "engine/outbox.h"
#include "engine/principal.h"

enum {
    CLASSES_MAX = 1 << 16, /* agents may transfer to any requirement: bound how many different ones are kept */
};

static struct principal *asking_agent(struct engine *engine, const struct event *event)
{
    return names_principal(engine, engine_session_principal(engine, event->session));
}

static struct conversation *refuse(struct engine *engine, enum status status, const struct conversation *conversation)
{
    struct outcome *outcome = &engine->plan->outcome;
    outcome->status = status;
    if (conversation) {
        outcome->conversation = conversation->row.id;
        outcome->epoch = conversation->row.epoch;
        outcome->owner = conversation->row.owner;
    }
    return NULL;
}

/* The open conversation that the event names; NULL, with the refusal, when there is none. */
static struct conversation *open_one(struct engine *engine, const struct event *event)
{
    struct conversation *conversation = conversation_get(engine, event->conversation);
    if (!conversation)
        return refuse(engine, event->conversation_row ? STATUS_illegal_move : STATUS_unknown_conversation, NULL);
    if (conversation_finished(&conversation->row))
        return refuse(engine, STATUS_illegal_move, conversation);
    return conversation;
}

/* The conversation if the agent owns it and knows so: the epoch keeps a bot from talking over the human who took over. */
static struct conversation *owned_one(struct engine *engine, const struct event *event, const struct principal *agent)
{
    struct conversation *conversation = open_one(engine, event);
    if (!conversation)
        return NULL;
    if (event->epoch != conversation->row.epoch)
        return refuse(engine, STATUS_stale_epoch, conversation);
    if (conversation->row.owner != agent->row.id)
        return refuse(engine, STATUS_not_owner, conversation);
    return conversation;
}

static void settle(struct engine *engine, const struct conversation *conversation, lsn_t lsn)
{
    struct outcome *outcome = &engine->plan->outcome;
    outcome->conversation = conversation->row.id;
    outcome->epoch = conversation->row.epoch;
    outcome->lsn = lsn;
}

void decide_reply(struct engine *engine, const struct event *event)
{
    const struct principal *agent = asking_agent(engine, event);
    struct conversation *conversation = owned_one(engine, event, agent);
    if (!conversation)
        return;
    const struct principal *account = names_principal(engine, conversation->row.account);
    if (outbox_full(&account->outbox)) {
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
                                        .address = conversation->row.address,
                                        .key = event->key,
                                        .text = event->text,
                                        .attachments = event->attachments,
                                        .native = event->native}));
}

void decide_note(struct engine *engine, const struct event *event)
{
    const struct principal *agent = asking_agent(engine, event);
    struct conversation *conversation = conversation_get(engine, event->conversation);
    if (!conversation && !event->conversation_row) {
        refuse(engine, STATUS_unknown_conversation, NULL);
        return;
    }
    if (!conversation)
        conversation = conversation_add(engine, event->conversation_row);
    name_id owner = conversation->row.owner;
    if (owner && owner != agent->row.id && outbox_full(&names_principal(engine, owner)->outbox)) {
        refuse(engine, STATUS_overloaded, conversation);
        return;
    }
    engine->plan->outcome.sequence = conversation->row.sequence + 1;
    settle(engine, conversation,
           emit(engine, (struct record){.kind = RECORD_note,
                                        .conversation = event->conversation,
                                        .sequence = conversation->row.sequence + 1,
                                        .agent = (name_id)agent->row.id,
                                        .target = owner == agent->row.id ? 0 : owner,
                                        .key = event->key,
                                        .text = event->text}));
}

/* The conversation if the offer named is open and the agent's. */
static struct conversation *offered_one(struct engine *engine, const struct event *event, const struct principal *agent)
{
    struct conversation *conversation = open_one(engine, event);
    if (!conversation)
        return NULL;
    const struct row_conversation *row = &conversation->row;
    if (row->substate != SUBSTATE_offered || row->offered != agent->row.id || row->offer != event->offer)
        return refuse(engine, STATUS_no_offer, conversation);
    return conversation;
}

void decide_accept(struct engine *engine, const struct event *event)
{
    struct principal *agent = asking_agent(engine, event);
    struct conversation *conversation = offered_one(engine, event, agent);
    if (!conversation)
        return;
    decide_assignment(engine, conversation, agent, event->key);
    settle(engine, conversation, conversation->row.lsn);
}

void decide_decline(struct engine *engine, const struct event *event)
{
    const struct principal *agent = asking_agent(engine, event);
    struct conversation *conversation = offered_one(engine, event, agent);
    if (!conversation)
        return;
    settle(engine, conversation, decide_offer_end(engine, conversation, CAUSE_declined, event->key));
}

/* Where a transfer goes. A queue or skills given replace the requirement; an agent given keeps it for the day it must fall back. */
static enum status transfer_class(struct engine *engine, const struct conversation *conversation, const struct event *event,
                                  struct class **class)
{
    char bytes[REQUIREMENT_BYTES_MAX];
    struct span requirement = event->queue ? span_of(NULL) : conversation->row.requirement;
    if (event->requirement)
        requirement = requirement_encode(event->requirement, bytes);
    name_id queue = event->queue ? event->queue : conversation->row.queue;
    if (!event->agent && !match_serves(engine, queue, requirement))
        return STATUS_no_route;
    if (engine->classes_count >= CLASSES_MAX && !match_find_class(engine, queue, 0, conversation->row.cost, requirement))
        return STATUS_overloaded;
    *class = match_class(engine, queue, 0, conversation->row.cost, requirement);
    return STATUS_ok;
}

static enum status check_target(struct engine *engine, const struct event *event, const struct principal *agent, uint32_t cost)
{
    if (!event->agent && !event->queue && !event->requirement)
        return STATUS_missing_field;
    if (!event->agent)
        return STATUS_ok;
    const struct principal *target = names_principal(engine, event->agent);
    if (!target || target->kind != NAME_KIND_agent || !target->configured)
        return STATUS_unknown_agent;
    if (target == agent || target->row.state == AGENT_STATE_offline || !target->sessions.count || target->capacity < cost)
        return STATUS_illegal_move;
    return STATUS_ok;
}

void decide_transfer(struct engine *engine, const struct event *event)
{
    const struct principal *agent = asking_agent(engine, event);
    struct conversation *conversation = owned_one(engine, event, agent);
    struct class *class = NULL;
    if (!conversation)
        return;
    enum status status = check_target(engine, event, agent, conversation->row.cost);
    if (!status)
        status = transfer_class(engine, conversation, event, &class);
    if (status) {
        refuse(engine, status, conversation);
        return;
    }
    settle(engine, conversation,
           emit(engine, (struct record){.kind = RECORD_transferred,
                                        .conversation = event->conversation,
                                        .agent = (name_id)agent->row.id,
                                        .epoch = conversation->row.epoch + 1,
                                        .queue = class->queue,
                                        .target = event->agent,
                                        .requirement = class->requirement,
                                        .reason = event->reason,
                                        .key = event->key}));
}

void decide_finish(struct engine *engine, const struct event *event)
{
    const struct principal *agent = asking_agent(engine, event);
    struct conversation *conversation = owned_one(engine, event, agent);
    if (!conversation)
        return;
    uint32_t end = event->state ? event->state : SUBSTATE_resolved;
    if (end != SUBSTATE_resolved && end != SUBSTATE_discarded) {
        refuse(engine, STATUS_bad_field, conversation);
        return;
    }
    if (event->customer_row && !customer_get(engine, conversation->row.customer))
        customer_add(engine, event->customer_row);
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
}

void decide_availability(struct engine *engine, const struct event *event)
{
    struct principal *agent = asking_agent(engine, event);
    if (event->state != AGENT_STATE_available && event->state != AGENT_STATE_away) {
        refuse(engine, STATUS_bad_field, NULL);
        return;
    }
    if (event->state == agent->row.state)
        return; /* nothing changes; saying it again is not an error */
    engine->plan->outcome.lsn = emit(engine, (struct record){.kind = RECORD_agent_state,
                                                             .agent = (name_id)agent->row.id,
                                                             .value = event->state,
                                                             .reason = event->reason,
                                                             .key = event->key});
    if (event->state == AGENT_STATE_away) /* what was only offered goes to somebody who is there */
        decide_offers_end(engine, agent, CAUSE_rescinded);
}
