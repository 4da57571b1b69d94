#include "engine/conversation.h"
#include "engine/customer.h"
#include "engine/due.h"
#include "engine/emit.h"
#include "engine/match.h"
#include "engine/moves.h"
#include "engine/names.h"
#include "engine/outbox.h"
#include "engine/plan.h"
#include "engine/principal.h"
#include "engine/timers.h"

void dirty_add(struct engine *engine, struct entity *entity, lsn_t lsn)
{
    struct dirty *dirty = entity->kind == ROW_name ? &engine->dirty_names : &engine->dirty;
    *(dirty->first ? &dirty->last->next : &dirty->first) = entity;
    dirty->last = entity;
    dirty->count++;
    entity->since = lsn & ((UINT64_C(1) << 55) - 1);
}

/* Who finds the record in the outbox; 0: nobody. */
struct recipients {
    name_id first, second;
};

static struct recipients record_recipients(const struct record *record)
{
    switch (record->kind) {
    case RECORD_message:
    case RECORD_note:
        return (struct recipients){record->target, record->other};
    case RECORD_reply:
        return (struct recipients){record->account, record->other};
    case RECORD_offered:
    case RECORD_withdrawn:
    case RECORD_resumed:
    case RECORD_requeued:
    case RECORD_inactive:
    case RECORD_overdue:
    case RECORD_asked:
        return (struct recipients){record->agent, 0};
    case RECORD_assigned:
    case RECORD_joined:
    case RECORD_lent:
    case RECORD_recalled:
        return (struct recipients){record->agent, record->target};
    case RECORD_finished:
        return (struct recipients){record->account, record->target};
    case RECORD_declared:
    case RECORD_session_opened:
    case RECORD_session_closed:
    case RECORD_customer_opened:
    case RECORD_conversation_opened:
    case RECORD_receipt:
    case RECORD_queued:
    case RECORD_relaxed:
    case RECORD_moved:
    case RECORD_held:
    case RECORD_transferred:
    case RECORD_reopened:
    case RECORD_agent_state:
    case RECORD_queue_state:
    case RECORD_delivered:
        break;
    }
    return (struct recipients){0};
}

/* The conversation, unless its row already includes this record. Moves its head to the record. */
static struct conversation *due_conversation(struct engine *engine, const struct record *record)
{
    struct conversation *conversation = conversation_take_up(engine, record->conversation);
    if (!conversation || record->lsn <= conversation->row.lsn)
        return NULL;
    conversation->row.lsn = record->lsn;
    mark_dirty(engine, &conversation->entity, record->lsn);
    return conversation;
}

static struct customer *due_customer(struct engine *engine, const struct record *record)
{
    struct customer *customer = customer_get(engine, record->customer);
    if (!customer || record->lsn <= customer->row.lsn)
        return NULL;
    engine->recent_customer = customer;
    customer->row.lsn = record->lsn;
    mark_dirty(engine, &customer->entity, record->lsn);
    return customer;
}

/* May the record change the presence fields (state, reason, misses, lost_ms)? */
static bool due_presence(struct engine *engine, struct principal *principal, lsn_t lsn)
{
    if (!principal || lsn <= principal->row.state_lsn)
        return false;
    principal->row.state_lsn = lsn;
    mark_dirty(engine, &principal->entity, lsn);
    return true;
}

/* --- names, sessions, presence --- */

static void apply_declared(struct engine *engine, const struct record *record)
{
    if (names_get(engine, record->target))
        return;
    names_add(engine, record->target, (enum name_kind)record->value, record->name, record->lsn);
    mark_dirty(engine, &engine->names[record->target]->entity, record->lsn);
}

static void apply_session_opened(struct engine *engine, const struct record *record)
{
    struct principal *principal = names_principal(engine, record->agent);
    if (record->session > engine->counters.session)
        engine->counters.session = record->session;
    if (!session_get(engine, record->session)) {
        struct row_session row = {.id = record->session, .lsn = record->lsn, .principal = record->agent};
        mark_dirty(engine, &session_add(engine, &row)->entity, record->lsn);
    }
    if (due_presence(engine, principal, record->lsn))
        principal->row.lost_ms = 0;
    principal_arm(engine, principal);
    principal_worked(engine, principal, record->lsn);
}

static void apply_session_closed(struct engine *engine, const struct record *record)
{
    struct principal *principal = names_principal(engine, record->agent);
    struct session *session = session_get(engine, record->session);
    if (session) {
        list_remove(&principal->sessions, &session->node);
        session->closed = true;
        timers_set(engine, &session->timer, TIMER_session, record->session, 0);
        mark_dirty(engine, &session->entity, record->lsn);
    }
    if (!principal->sessions.count && due_presence(engine, principal, record->lsn))
        principal->row.lost_ms = record->at_ms;
    principal_arm(engine, principal);
    principal_worked(engine, principal, record->lsn);
}

static void apply_agent_state(struct engine *engine, const struct record *record)
{
    struct principal *agent = names_principal(engine, record->agent);
    if (due_presence(engine, agent, record->lsn)) {
        agent->row.state = record->value;
        principal_set_reason(agent, record->value == AGENT_STATE_away ? record->reason : (struct span){0});
        agent->row.until_ms = record->until_ms;
        agent->row.misses = 0;
    }
    principal_arm(engine, agent);
    principal_worked(engine, agent, record->lsn);
}

static void apply_queue_state(struct engine *engine, const struct record *record)
{
    struct name *name = names_get(engine, record->queue);
    if (record->lsn <= name->row.lsn)
        return;
    name->row.lsn = record->lsn;
    name->row.paused = record->value;
    mark_dirty(engine, &name->entity, record->lsn);
    if (engine->live)
        match_repair(engine);
}

/* --- customers and messages --- */

static void apply_customer_opened(struct engine *engine, const struct record *record)
{
    if (record->customer > engine->counters.customer)
        engine->counters.customer = record->customer;
    if (!engine->live && customer_get(engine, record->customer))
        return;
    mark_dirty(engine, &customer_open(engine, record)->entity, record->lsn);
}

static void apply_conversation_opened(struct engine *engine, const struct record *record)
{
    if (record->conversation > engine->counters.conversation)
        engine->counters.conversation = record->conversation;
    if (engine->live || !conversation_get(engine, record->conversation))
        mark_dirty(engine, &conversation_open(engine, record)->entity, record->lsn);
    struct customer *customer = due_customer(engine, record);
    if (customer)
        customer->row.current = record->conversation;
}

/* The customer speaks: an answer is owed from the first message on that has none. */
static void customer_spoke(struct conversation_state *row, const struct record *record)
{
    if (!(row->flags & FLAG_awaits)) {
        row->flags |= FLAG_awaits;
        row->turn_ms = record->at_ms;
        row->overdue &= (uint8_t) ~(1U << DEADLINE_next_response);
    }
    if (record->until_ms) {
        int64_t until_s = record->until_ms / 1000;
        row->window_s = until_s < UINT32_MAX ? (uint32_t)until_s : UINT32_MAX;
        row->overdue &= (uint8_t) ~(1U << DEADLINE_reply_window);
    }
    if (row->substate == SUBSTATE_waiting_customer)
        row->substate = SUBSTATE_active;
    if (row->owner)
        row->charged = row->cost;
}

static void agent_spoke(struct conversation_state *row, const struct record *record)
{
    if (!record->agent) {
        row->noticed_s = (uint32_t)((record->until_ms + 999) / 1000);
        return;
    }
    row->flags = (uint8_t)((row->flags | FLAG_answered | FLAG_replied) & ~FLAG_awaits);
    row->turn_ms = record->at_ms;
    if (row->substate == SUBSTATE_active)
        row->substate = SUBSTATE_waiting_customer;
}

static void apply_message(struct engine *engine, const struct record *record)
{
    struct conversation *conversation = due_conversation(engine, record);
    if (!conversation)
        return;
    bool recharges = record->kind == RECORD_message && record->value;
    conversation->row.sequence = (uint32_t)record->sequence;
    if (recharges)
        conversation_leave_place(engine, conversation);
    if (record->kind == RECORD_message)
        customer_spoke(&conversation->row, record);
    else if (record->kind == RECORD_reply)
        agent_spoke(&conversation->row, record);
    if (recharges)
        conversation_take_place(engine, conversation);
    else
        due_arm_after_message(engine, conversation);
}

/* --- the moves of a conversation --- */

static void apply_move(struct engine *engine, const struct record *record)
{
    struct conversation *conversation = due_conversation(engine, record);
    if (!conversation)
        return;
    conversation_leave_place(engine, conversation);
    move_conversation(engine, conversation, record);
    conversation_take_place(engine, conversation);
}

/* An offer is a turn, and so is what is given without one; accepting or claiming, which only the agent's own key does, is none. */
static bool is_turn(const struct record *record)
{
    return record->kind == RECORD_offered || (record->kind == RECORD_assigned && !record->key.size);
}

/* Agents whose load the record changed go to the end of the idle order. */
static void apply_load(struct engine *engine, const struct record *record)
{
    struct principal *agent = names_principal(engine, record->agent);
    if (is_turn(record))
        principal_had_turn(engine, agent, record->lsn);
    principal_worked(engine, agent, record->lsn);
    if (record->kind != RECORD_transferred) /* whose target is only meant */
        principal_worked(engine, names_principal(engine, record->target), record->lsn);
}

/* Whoever takes an offer or says no to it has answered: misses before it and after it are not in a row. */
static void end_misses(struct engine *engine, struct principal *agent, lsn_t lsn)
{
    if (agent->row.misses && due_presence(engine, agent, lsn))
        agent->row.misses = 0;
}

static void apply_withdrawn(struct engine *engine, const struct record *record)
{
    struct principal *agent = names_principal(engine, record->agent);
    apply_move(engine, record);
    if (record->cause == CAUSE_declined)
        end_misses(engine, agent, record->lsn);
    else if (record->cause == CAUSE_expired && due_presence(engine, agent, record->lsn))
        agent->row.misses++;
    apply_load(engine, record);
}

static void apply_taken(struct engine *engine, const struct record *record)
{
    apply_move(engine, record);
    end_misses(engine, names_principal(engine, record->agent), record->lsn);
    apply_load(engine, record);
}

static void apply_overdue(struct engine *engine, const struct record *record)
{
    struct conversation *conversation = due_conversation(engine, record);
    if (conversation)
        conversation->row.overdue |= (uint8_t)(1U << record->value);
}

static void apply_finished(struct engine *engine, const struct record *record)
{
    apply_move(engine, record);
    apply_load(engine, record);
    struct customer *customer = due_customer(engine, record);
    if (!customer)
        return;
    customer->row.current = 0;
    customer->row.last = record->conversation;
    customer->row.finished_ms = record->at_ms;
    if (record->agent || record->target)
        customer->row.last_agent = record->agent ? record->agent : record->target;
}

static void apply_reopened(struct engine *engine, const struct record *record)
{
    apply_move(engine, record);
    struct customer *customer = due_customer(engine, record);
    if (customer)
        customer->row.current = record->conversation;
}

static void deliver(struct engine *engine, name_id recipient, lsn_t lsn)
{
    struct principal *principal = names_principal(engine, recipient);
    if (!principal || !outbox_push(engine, principal, lsn))
        return;
    if (engine->plan)
        plan_wake(engine->plan, recipient);
    if (outbox_full(&principal->outbox))
        principal_relist(engine, principal); /* it is offered nothing more */
}

/* An agent whose outbox was full can be offered work again. */
static void apply_delivered(struct engine *engine, const struct record *record)
{
    struct principal *principal = names_principal(engine, record->agent);
    if (outbox_acknowledge(engine, principal, record->ref, record->lsn))
        principal_worked(engine, principal, record->lsn);
}

static void apply_move_and_load(struct engine *engine, const struct record *record)
{
    apply_move(engine, record);
    apply_load(engine, record);
}

static void apply_customer_message(struct engine *engine, const struct record *record)
{
    struct customer *customer = record->customer ? due_customer(engine, record) : NULL;
    apply_message(engine, record);
    if (customer)
        customer_set_attributes(engine, customer, record->attributes);
    if (record->value) /* it was inactive, and costs its owner more again */
        apply_load(engine, record);
}

static void apply_head(struct engine *engine, const struct record *record)
{
    (void)due_conversation(engine, record);
}

static void (*const appliers[RECORD_MAX + 1])(struct engine *, const struct record *) = {
    [RECORD_declared] = apply_declared,
    [RECORD_session_opened] = apply_session_opened,
    [RECORD_session_closed] = apply_session_closed,
    [RECORD_customer_opened] = apply_customer_opened,
    [RECORD_conversation_opened] = apply_conversation_opened,
    [RECORD_message] = apply_customer_message,
    [RECORD_reply] = apply_message,
    [RECORD_note] = apply_message,
    [RECORD_receipt] = apply_head,
    [RECORD_resumed] = apply_head,
    [RECORD_overdue] = apply_overdue,
    [RECORD_queued] = apply_move,
    [RECORD_relaxed] = apply_move,
    [RECORD_moved] = apply_move,
    [RECORD_held] = apply_move,
    [RECORD_asked] = apply_move,
    [RECORD_offered] = apply_move_and_load,
    [RECORD_transferred] = apply_move_and_load,
    [RECORD_requeued] = apply_move_and_load,
    [RECORD_inactive] = apply_move_and_load,
    [RECORD_joined] = apply_taken,
    [RECORD_lent] = apply_move_and_load,
    [RECORD_recalled] = apply_move_and_load,
    [RECORD_withdrawn] = apply_withdrawn,
    [RECORD_assigned] = apply_taken,
    [RECORD_finished] = apply_finished,
    [RECORD_reopened] = apply_reopened,
    [RECORD_agent_state] = apply_agent_state,
    [RECORD_queue_state] = apply_queue_state,
    [RECORD_delivered] = apply_delivered,
};

void apply(struct engine *engine, const struct record *record)
{
    appliers[record->kind](engine, record);
    struct recipients to = record_recipients(record);
    if (to.first)
        deliver(engine, to.first, record->lsn);
    if (to.second)
        deliver(engine, to.second, record->lsn);
}
