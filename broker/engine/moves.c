#include "engine/moves.h"

#include "base/check.h"
#include "engine/conversation.h"
#include "engine/names.h"
#include "engine/tie.h"

static void take_terms(struct engine *engine, struct conversation *conversation, const struct record *record)
{
    struct conversation_state *row = &conversation->row;
    if (row->queue != record->queue) {
        row->entered_ms = record->at_ms;
        row->offers = 0;
    }
    row->queue = record->queue;
    row->priority = (uint8_t)record->priority;
    row->key_ms = record->order_ms;
    row->lane = (uint8_t)record->lane;
    row->choice = (uint8_t)record->choice;
    row->plan = record->plan;
    row->step = (uint8_t)record->step;
    conversation_set_route(engine, conversation, record->route);
}

static void come_to_queue(struct engine *engine, struct conversation *conversation, const struct record *record)
{
    take_terms(engine, conversation, record);
    conversation->row.queued_ms = conversation->row.entered_ms = record->at_ms;
    conversation->row.offers = 0;
    conversation->row.state_ms = 0;
    conversation->row.substate = SUBSTATE_queued;
    passed_over_forget(conversation);
}

static void move_queued(struct engine *engine, struct conversation *conversation, const struct record *record)
{
    struct conversation_state *row = &conversation->row;
    row->type = record->type;
    row->cost = record->cost;
    row->arrival_ms = record->time_ms;
    row->last_agent = record->agent;
    row->target = 0;
    row->moved_by = 0;
    row->overdue = 0;
    row->flags &= FLAG_awaits;
    come_to_queue(engine, conversation, record);
}

static void move_moved(struct engine *engine, struct conversation *conversation, const struct record *record)
{
    conversation->row.target = 0;
    conversation->row.moved_by = (uint8_t)record->cause;
    conversation->row.moved_after = record->count < UINT8_MAX ? (uint8_t)record->count : UINT8_MAX;
    come_to_queue(engine, conversation, record);
}

static void leave_owner(struct conversation_state *row, const struct record *record)
{
    row->owner = 0;
    row->charged = 0;
    row->epoch = record->epoch;
}

static void move_transferred(struct engine *engine, struct conversation *conversation, const struct record *record)
{
    leave_owner(&conversation->row, record);
    conversation->row.target = record->target;
    conversation->row.moved_by = 0;
    come_to_queue(engine, conversation, record);
}

/* Back to waiting, with the place it had. */
static void move_requeued(struct engine *engine, struct conversation *conversation, const struct record *record)
{
    (void)engine;
    struct conversation_state *row = &conversation->row;
    if (row->substate == SUBSTATE_held) /* nobody could serve it: its plan begins with the opening */
        row->queued_ms = record->at_ms;
    if (row->substate == SUBSTATE_held || row->owner) /* it did not wait until now */
        row->entered_ms = record->at_ms;
    leave_owner(row, record);
    row->target = 0;
    row->state_ms = 0;
    row->substate = SUBSTATE_queued;
    if (record->until_ms)
        passed_over_add(conversation, record->agent, record->until_ms);
}

static void move_held(struct engine *engine, struct conversation *conversation, const struct record *record)
{
    (void)engine;
    conversation->row.state_ms = record->until_ms;
    conversation->row.substate = (uint8_t)record->value;
}

static void end_tie_of(struct engine *engine, struct conversation *conversation, name_id agent)
{
    struct tie *tie = tie_find(conversation, agent);
    if (tie)
        tie_end(engine, tie);
}

static void forget_side(struct conversation *conversation)
{
    conversation->row.side = 0;
    conversation->row.side_queue = conversation->row.side_target = 0;
    conversation->side_class = NULL;
}

/* Where nothing takes what was offered too often it goes on being offered, and the count stays at its highest. */
static void count_offer(struct conversation_state *row)
{
    if (row->offers < UINT16_MAX)
        row->offers++;
}

static void move_offered(struct engine *engine, struct conversation *conversation, const struct record *record)
{
    struct tie tie = {.kind = (enum tie_kind)record->tie,
                      .agent = names_principal(engine, record->agent),
                      .lsn = record->lsn,
                      .until_ms = record->until_ms};
    tie_add(engine, conversation, &tie);
    if (record->tie != TIE_offer)
        return;
    count_offer(&conversation->row);
    conversation->row.substate = SUBSTATE_offered;
}

static void move_withdrawn(struct engine *engine, struct conversation *conversation, const struct record *record)
{
    end_tie_of(engine, conversation, record->agent);
    if (record->until_ms)
        passed_over_add(conversation, record->agent, record->until_ms);
    if (conversation->row.substate == SUBSTATE_offered && !conversation->ties)
        conversation->row.substate = SUBSTATE_queued;
}

/* To another queue, by a warm transfer: given back it waits there, as one does that came and was offered once. */
static void come_with_owner(struct engine *engine, struct conversation *conversation, const struct record *record)
{
    take_terms(engine, conversation, record);
    conversation->row.queued_ms = record->at_ms;
    conversation->row.offers = 1;
    conversation->row.moved_by = 0;
}

static void move_assigned(struct engine *engine, struct conversation *conversation, const struct record *record)
{
    struct conversation_state *row = &conversation->row;
    if (row->substate == SUBSTATE_queued)
        count_offer(row); /* it was given without an offer */
    end_tie_of(engine, conversation, record->agent);
    forget_side(conversation);
    passed_over_forget(conversation);
    if (record->route.size)
        come_with_owner(engine, conversation, record);
    row->owner = record->agent;
    row->epoch = record->epoch;
    row->charged = row->cost;
    row->state_ms = record->at_ms;
    row->target = 0;
    row->flags &= (uint8_t)~FLAG_replied;
    row->substate = (uint8_t)record->value;
}

static void move_inactive(struct engine *engine, struct conversation *conversation, const struct record *record)
{
    (void)engine;
    conversation->row.charged = record->cost;
}

static void move_asked(struct engine *engine, struct conversation *conversation, const struct record *record)
{
    conversation->row.side = (uint8_t)record->tie;
    conversation->row.side_queue = record->queue;
    conversation->row.side_target = record->target;
    conversation_set_side_route(engine, conversation, record->route);
}

static void move_joined(struct engine *engine, struct conversation *conversation, const struct record *record)
{
    struct tie tie = {.kind = TIE_consult, .joined = true, .agent = names_principal(engine, record->agent), .lsn = record->lsn};
    end_tie_of(engine, conversation, record->agent);
    tie_add(engine, conversation, &tie);
    conversation->row.substate = SUBSTATE_consult;
}

static void move_lent(struct engine *engine, struct conversation *conversation, const struct record *record)
{
    struct tie tie = {.kind = TIE_loan, .agent = names_principal(engine, record->target), .lsn = record->lsn, .until_ms = record->until_ms};
    tie_add(engine, conversation, &tie);
    conversation->row.epoch = record->epoch;
    conversation->row.charged = conversation->row.cost;
    conversation->row.substate = SUBSTATE_lent;
}

static void move_recalled(struct engine *engine, struct conversation *conversation, const struct record *record)
{
    struct conversation_state *row = &conversation->row;
    end_tie_of(engine, conversation, record->agent);
    forget_side(conversation);
    row->epoch = record->epoch;
    if (row->substate == SUBSTATE_lent || row->substate == SUBSTATE_consult)
        row->substate = (row->flags & (FLAG_replied | FLAG_awaits)) == FLAG_replied ? SUBSTATE_waiting_customer : SUBSTATE_active;
}

static void move_finished(struct engine *engine, struct conversation *conversation, const struct record *record)
{
    (void)engine;
    leave_owner(&conversation->row, record);
    conversation->row.target = 0;
    conversation->row.substate = (uint8_t)record->value;
    passed_over_forget(conversation);
}

static void move_reopened(struct engine *engine, struct conversation *conversation, const struct record *record)
{
    (void)engine, (void)record;
    conversation->row.flags = 0;
    conversation->row.substate = SUBSTATE_new;
}

static void (*const moves[RECORD_MAX + 1])(struct engine *, struct conversation *, const struct record *) = {
    [RECORD_queued] = move_queued,     [RECORD_moved] = move_moved,         [RECORD_transferred] = move_transferred,
    [RECORD_requeued] = move_requeued, [RECORD_held] = move_held,           [RECORD_relaxed] = take_terms,
    [RECORD_offered] = move_offered,   [RECORD_withdrawn] = move_withdrawn, [RECORD_assigned] = move_assigned,
    [RECORD_inactive] = move_inactive, [RECORD_asked] = move_asked,         [RECORD_joined] = move_joined,
    [RECORD_lent] = move_lent,         [RECORD_recalled] = move_recalled,   [RECORD_finished] = move_finished,
    [RECORD_reopened] = move_reopened,
};

void move_conversation(struct engine *engine, struct conversation *conversation, const struct record *record)
{
    ASSERT(moves[record->kind]);
    moves[record->kind](engine, conversation, record);
}
