#include "engine/due.h"

#include "engine/conversation.h"
#include "engine/decide.h"
#include "engine/emit.h"
#include "engine/names.h"
#include "engine/place.h"
#include "engine/tie.h"
#include "engine/timers.h"

static void sooner(struct due *due, enum next next, int64_t at_ms)
{
    if (at_ms >= due->at_ms)
        return;
    due->at_ms = at_ms;
    due->next = next;
}

/* --- of one that waits --- */

static void look_at_ties(const struct conversation *conversation, struct due *due)
{
    for (const struct tie *tie = conversation->ties; tie; tie = tie->next)
        if (tie->until_ms)
            sooner(due, tie->kind == TIE_loan ? NEXT_loan_ends : NEXT_offer_ends, tie->until_ms);
}

static const struct routing_step *next_step(const struct engine *engine, const struct conversation *conversation)
{
    const struct routing *routing = names_routing(engine, conversation->row.plan);
    uint32_t next = conversation->row.step + 1U;
    return routing && next < routing->count ? &routing->steps[next] : NULL;
}

static void look_at_queued(const struct engine *engine, const struct conversation *conversation, const struct queue *queue, struct due *due)
{
    const struct routing_step *step = next_step(engine, conversation);
    if (step)
        sooner(due, NEXT_next_step, conversation->row.queued_ms + (int64_t)step->after_ms);
    if (queue->wait_max_ms && queue->overflow)
        sooner(due, NEXT_wait_limit, conversation->row.entered_ms + queue->wait_max_ms);
}

/* --- of one that is owned --- */

static void look_at_owned(const struct engine *engine, const struct conversation *conversation, const struct queue *queue, struct due *due)
{
    const struct conversation_state *row = &conversation->row;
    const struct channel *channel = names_channel(engine, row->type);
    if (row->flags & FLAG_awaits) {
        uint32_t limit_ms = row->flags & FLAG_replied ? queue->next_reply_ms : queue->first_reply_ms;
        int64_t since_ms = row->turn_ms > row->state_ms ? row->turn_ms : row->state_ms;
        if (limit_ms)
            sooner(due, NEXT_reply_limit, since_ms + limit_ms);
    } else if (row->substate == SUBSTATE_waiting_customer && !conversation_inactive(conversation) && channel->inactive_after_ms) {
        if (channel->inactive_cost < row->cost)
            sooner(due, NEXT_inactive, row->turn_ms + channel->inactive_after_ms);
    }
}

/* --- deadlines --- */

/* When it passes; 0: it does not apply. */
static int64_t deadline_ms(const struct engine *engine, const struct conversation *conversation, enum deadline deadline)
{
    const struct conversation_state *row = &conversation->row;
    const struct queue *queue = names_queue(engine, row->queue);
    bool awaits = row->flags & FLAG_awaits, answered = row->flags & FLAG_answered;
    if (!queue)
        return 0;
    switch (deadline) {
    case DEADLINE_first_response:
        return queue->first_response_ms && !answered ? place_deadline(queue, row->arrival_ms, queue->first_response_ms) : 0;
    case DEADLINE_next_response:
        return queue->next_response_ms && answered && awaits ? place_deadline(queue, row->turn_ms, queue->next_response_ms) : 0;
    case DEADLINE_resolution:
        return queue->resolution_ms ? place_deadline(queue, row->arrival_ms, queue->resolution_ms) : 0;
    case DEADLINE_reply_window:
        return awaits ? INT64_C(1000) * row->window_s : 0;
    }
    return 0;
}

static void look_at_deadlines(const struct engine *engine, const struct conversation *conversation, struct due *due)
{
    for (enum deadline deadline = DEADLINE_first_response; deadline <= DEADLINE_reply_window; deadline++) {
        int64_t at_ms = conversation->row.overdue >> deadline & 1 ? 0 : deadline_ms(engine, conversation, deadline);
        if (!at_ms || at_ms >= due->at_ms)
            continue;
        sooner(due, NEXT_deadline, at_ms);
        due->deadline = deadline;
    }
}

struct due due_next(const struct engine *engine, const struct conversation *conversation)
{
    struct due due = {.at_ms = INT64_MAX};
    const struct queue *queue = names_queue(engine, conversation->row.queue);
    if (conversation_finished(conversation) || !queue)
        return due;
    look_at_ties(conversation, &due);
    if (conversation->passed_over_count && conversation_waits(conversation)) {
        int64_t end_ms = passed_over_next_end(conversation, engine->counters.now_ms);
        sooner(&due, NEXT_passing_over_ends, end_ms ? end_ms : INT64_MAX);
    }
    if (conversation->row.substate == SUBSTATE_queued)
        look_at_queued(engine, conversation, queue, &due);
    else if (conversation->row.substate == SUBSTATE_held || conversation->row.substate == SUBSTATE_snoozed)
        sooner(&due, conversation->row.substate == SUBSTATE_held ? NEXT_opening : NEXT_hold_ends, conversation->row.state_ms);
    else if (conversation_in_progress(conversation))
        look_at_owned(engine, conversation, queue, &due);
    if (queue->timed || conversation->row.window_s)
        look_at_deadlines(engine, conversation, &due);
    return due;
}

void due_arm(struct engine *engine, struct conversation *conversation)
{
    struct heap_node *timer = &conversation->timer;
    if (!engine->live || !conversation->row.queue) /* nothing is due of one that is still on its way to a queue */
        return;
    struct due due = due_next(engine, conversation);
    if (due.at_ms != INT64_MAX && !(timer->position && timer->key <= due.at_ms))
        timers_set(engine, timer, TIMER_conversation, conversation->row.id, due.at_ms);
}

void due_arm_after_message(struct engine *engine, struct conversation *conversation)
{
    const struct queue *queue = names_queue(engine, conversation->row.queue);
    const struct channel *channel = names_channel(engine, conversation->row.type);
    int64_t inactive_ms = channel && channel->inactive_after_ms ? conversation->row.turn_ms + channel->inactive_after_ms : INT64_MAX;
    if (!conversation->timer.position || conversation->timer.key > inactive_ms || conversation->row.window_s || (queue && queue->timed))
        due_arm(engine, conversation);
}

/* --- deciding --- */

static void offer_ends(struct engine *engine, struct conversation *conversation)
{
    for (struct tie *tie = conversation->ties, *next; tie; tie = next) {
        next = tie->next;
        if (tie_is_offer(tie) && tie->until_ms && tie->until_ms <= engine->counters.now_ms) {
            decide_offer_end(engine, tie, CAUSE_expired, NULL);
            next = conversation->ties; /* what followed may have ended with it */
        }
    }
}

static void take_step(struct engine *engine, struct conversation *conversation)
{
    const struct conversation_state *row = &conversation->row;
    name_id queue = row->queue;
    const struct routing *routing = names_routing(engine, row->plan);
    uint32_t step = row->step;
    while (step + 1 < routing->count && row->queued_ms + (int64_t)routing->steps[step + 1].after_ms <= engine->counters.now_ms)
        step++;
    struct place place = place_at_step(engine, routing, place_first_step(engine, routing, step), row->priority, row->arrival_ms);
    struct record record = {.kind = RECORD_relaxed, .conversation = row->id};
    place_write(&place, &record);
    emit(engine, record);
    if (row->queue != queue)
        decide_settling(engine, conversation);
}

static void becomes_inactive(struct engine *engine, const struct conversation *conversation)
{
    emit(engine, (struct record){.kind = RECORD_inactive,
                                 .conversation = conversation->row.id,
                                 .agent = conversation->row.owner,
                                 .cost = names_channel(engine, conversation->row.type)->inactive_cost});
}

static void becomes_overdue(struct engine *engine, const struct conversation *conversation, struct due due)
{
    emit(engine, (struct record){.kind = RECORD_overdue,
                                 .conversation = conversation->row.id,
                                 .agent = conversation->row.owner,
                                 .value = due.deadline,
                                 .time_ms = due.at_ms});
}

static void decide_one(struct engine *engine, struct conversation *conversation, struct due due)
{
    switch (due.next) {
    case NEXT_offer_ends:
        offer_ends(engine, conversation);
        break;
    case NEXT_passing_over_ends: /* passed_over_next_end is never in the past */
    case NEXT_wrap_up_ends:      /* of agents, not of conversations */
    case NEXT_grace_ends:
        break;
    case NEXT_next_step:
        take_step(engine, conversation);
        break;
    case NEXT_wait_limit:
        decide_move(engine, conversation, names_queue(engine, conversation->row.queue)->overflow, CAUSE_waited_too_long, NULL);
        break;
    case NEXT_opening:
    case NEXT_hold_ends:
        decide_release(engine, conversation);
        break;
    case NEXT_inactive:
        becomes_inactive(engine, conversation);
        break;
    case NEXT_reply_limit:
        decide_no_reply(engine, conversation);
        break;
    case NEXT_loan_ends:
        decide_recall_tie(engine, tie_of_kind(conversation, TIE_loan), CAUSE_time_up, NULL);
        break;
    case NEXT_deadline:
        becomes_overdue(engine, conversation, due);
        break;
    }
}

/* Each thing that is due changes the row so that it is not due again. */
void decide_due(struct engine *engine, struct conversation *conversation)
{
    struct due due = due_next(engine, conversation);
    while (due.at_ms <= engine->counters.now_ms) {
        decide_one(engine, conversation, due);
        due = due_next(engine, conversation);
    }
    if (conversation_waits(conversation)) /* somebody may no longer be passed over */
        id_list_add(&engine->arrived, conversation->row.id);
    due_arm(engine, conversation);
}
