#include "engine/conversation.h"
#include "engine/customer.h"
#include "engine/decide.h"
#include "engine/emit.h"
#include "engine/match.h"
#include "engine/names.h"
#include "engine/place.h"
#include "engine/principal.h"
#include "engine/rules.h"
#include "engine/tie.h"

/* --- to whom --- */

static enum status check_agent(const struct engine *engine, const struct event *event, const struct conversation *conversation)
{
    const struct principal *target = names_principal(engine, event->agent);
    if (!target || target->kind != NAME_KIND_agent || !target->configured)
        return STATUS_unknown_agent;
    if (target->row.id == conversation->row.owner || target->row.state == AGENT_STATE_offline || !target->sessions.count ||
        target->capacity < conversation->row.cost)
        return STATUS_illegal_move;
    return STATUS_ok;
}

static enum status check_route(const struct engine *engine, const struct event *event, const struct conversation *conversation,
                               const struct queue *queue)
{
    char bytes[ROUTE_BYTES_MAX];
    struct route route = route_to(queue->id, event->requirement);
    const struct conversation_state *row = &conversation->row;
    struct terms terms = {row->type, row->cost, queue->lane, (uint8_t)queue->choice, route_encode(&route, bytes)};
    if (!match_anybody(engine, &route, false))
        return STATUS_no_route;
    if (engine->classes_count >= LIMIT_CLASSES && !match_find_class(engine, &terms))
        return STATUS_overloaded;
    return queueing_admits(engine, queue->id) ? STATUS_ok : STATUS_queue_full;
}

/* A queue or skills replace what was asked for; an agent keeps it for the day it must fall back. */
static enum status find_place(struct engine *engine, const struct event *event, const struct conversation *conversation,
                              struct place *place)
{
    const struct queue *queue = names_queue(engine, event->queue ? event->queue : conversation->row.queue);
    enum status status;
    if (!event->agent && !event->queue && !event->requirement)
        return STATUS_missing_field;
    if (event->agent) {
        *place = place_kept(conversation);
        return check_agent(engine, event, conversation);
    }
    status = check_route(engine, event, conversation, queue);
    if (!status)
        *place = place_for_anybody(engine, conversation, queue, event->requirement);
    return status;
}

/* Where the rules send what a bot found out. */
static enum status find_by_result(struct engine *engine, const struct event *event, const struct conversation *conversation,
                                  struct place *place)
{
    const struct conversation_state *row = &conversation->row;
    if (event->customer_row && !customer_get(engine, row->customer))
        customer_add(engine, event->customer_row);
    const struct rule *rule = rules_choose(engine, row->account, row->type, customer_get(engine, row->customer), event);
    if (!rule)
        return STATUS_no_route;
    uint32_t step = place_first_step(engine, &rule->routing, 0);
    *place = place_at_step(engine, &rule->routing, step, rule->priority ? rule->priority : row->priority, row->arrival_ms);
    return queueing_admits(engine, place->queue) ? STATUS_ok : STATUS_queue_full;
}

/* --- for good --- */

static lsn_t emit_transferred(struct engine *engine, const struct event *event, struct conversation *conversation,
                              const struct place *place, bool escalated)
{
    struct record record = {.kind = RECORD_transferred,
                            .conversation = conversation->row.id,
                            .agent = conversation->row.owner,
                            .target = event->agent,
                            .value = escalated,
                            .text = event->text,
                            .reason = event->reason,
                            .result = event->result,
                            .key = event->key};
    place_write(place, &record);
    decide_ties_end(engine, conversation, CAUSE_moved_on);
    record.epoch = conversation->row.epoch + 1; /* a loan that ended took one too */
    lsn_t lsn = emit(engine, record);
    decide_settling(engine, conversation);
    return lsn;
}

static lsn_t emit_asked(struct engine *engine, const struct event *event, const struct conversation *conversation,
                        const struct place *place, enum tie_kind tie)
{
    return emit(engine, (struct record){.kind = RECORD_asked,
                                        .conversation = conversation->row.id,
                                        .agent = conversation->row.owner,
                                        .tie = tie,
                                        .target = event->agent,
                                        .queue = place->queue,
                                        .route = place->route,
                                        .epoch = conversation->row.epoch,
                                        .text = event->text,
                                        .key = event->key});
}

/* One request at a time, and none while a bot acts; and an owner who does not take what is delivered begins nothing. */
static enum status check_request(const struct engine *engine, const struct conversation *conversation)
{
    if (conversation->row.side || conversation->ties)
        return STATUS_illegal_move;
    return principal_full(engine, conversation->row.owner) ? STATUS_overloaded : STATUS_ok;
}

void decide_transfer(struct engine *engine, const struct event *event)
{
    struct conversation *conversation = asked_owned(engine, event, asking_principal(engine, event));
    struct place place;
    if (!conversation)
        return;
    enum status status =
        event->result.size ? find_by_result(engine, event, conversation, &place) : find_place(engine, event, conversation, &place);
    if (!status && event->warm)
        status = check_request(engine, conversation);
    if (status)
        refuse(engine, status, conversation);
    else if (event->warm)
        settle(engine, conversation, emit_asked(engine, event, conversation, &place, TIE_warm));
    else
        settle(engine, conversation, emit_transferred(engine, event, conversation, &place, false));
}

void decide_escalate(struct engine *engine, const struct event *event)
{
    struct conversation *conversation = asked_owned(engine, event, asking_principal(engine, event));
    if (!conversation)
        return;
    name_id level = names_queue(engine, conversation->row.queue)->escalates_to;
    if (!level) {
        refuse(engine, STATUS_illegal_move, conversation);
        return;
    }
    if (!queueing_admits(engine, level)) {
        refuse(engine, STATUS_queue_full, conversation);
        return;
    }
    struct place place = place_for_anybody(engine, conversation, names_queue(engine, level), NULL);
    settle(engine, conversation, emit_transferred(engine, event, conversation, &place, true));
}

/* --- for a while --- */

void decide_consult(struct engine *engine, const struct event *event)
{
    struct conversation *conversation = asked_owned(engine, event, asking_principal(engine, event));
    struct place place;
    if (!conversation)
        return;
    enum status status = check_request(engine, conversation);
    if (!status)
        status = find_place(engine, event, conversation, &place);
    if (status)
        refuse(engine, status, conversation);
    else
        settle(engine, conversation, emit_asked(engine, event, conversation, &place, TIE_consult));
}

static enum status check_loan(const struct engine *engine, const struct event *event, const struct conversation *conversation)
{
    enum status status = check_agent(engine, event, conversation);
    if (!status)
        status = check_request(engine, conversation);
    if (status)
        return status;
    const struct principal *bot = names_principal(engine, event->agent);
    if (bot->agent_kind != AGENT_KIND_bot)
        return STATUS_illegal_move;
    if (principal_full(engine, event->agent))
        return STATUS_overloaded;
    const struct channel *channel = names_channel(engine, conversation->row.type);
    return principal_room(engine, bot, channel, conversation->row.cost) == VERDICT_can_take ? STATUS_ok : STATUS_no_room;
}

void decide_lend(struct engine *engine, const struct event *event)
{
    struct conversation *conversation = asked_owned(engine, event, asking_principal(engine, event));
    if (!conversation)
        return;
    enum status status = check_loan(engine, event, conversation);
    if (status) {
        refuse(engine, status, conversation);
        return;
    }
    settle(engine, conversation,
           emit(engine, (struct record){.kind = RECORD_lent,
                                        .conversation = conversation->row.id,
                                        .agent = conversation->row.owner,
                                        .target = event->agent,
                                        .epoch = conversation->row.epoch + 1,
                                        .cost = conversation->row.cost,
                                        .until_ms = engine->counters.now_ms + event->delay_ms,
                                        .reason = event->reason,
                                        .key = event->key}));
}

void decide_give_back(struct engine *engine, const struct event *event)
{
    const struct principal *bot = asking_principal(engine, event);
    struct conversation *conversation = asked_acting(engine, event, bot);
    if (!conversation)
        return;
    struct tie *loan = tie_of_kind(conversation, TIE_loan);
    if (!loan)
        refuse(engine, STATUS_illegal_move, conversation);
    else
        settle(engine, conversation, decide_recall_tie(engine, loan, CAUSE_returned, event));
}

/* The owner ends what it asked for; a colleague who looks on may end that. */
void decide_recall(struct engine *engine, const struct event *event)
{
    const struct principal *agent = asking_principal(engine, event);
    struct conversation *conversation = asked_open(engine, event);
    if (!conversation)
        return;
    struct tie *tie = conversation->ties;
    bool looks_on = tie && tie->joined && tie->agent == agent;
    if (!looks_on && !asked_owned(engine, event, agent))
        return;
    if (tie && !tie_is_offer(tie))
        settle(engine, conversation, decide_recall_tie(engine, tie, looks_on ? CAUSE_returned : CAUSE_recalled, event));
    else if (conversation->row.side)
        settle(engine, conversation, decide_recall_request(engine, conversation, CAUSE_recalled, event->key));
    else
        refuse(engine, STATUS_illegal_move, conversation);
}
