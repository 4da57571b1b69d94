#include "engine/conversation.h"
#include "engine/customer.h"
#include "engine/emit.h"
#include "engine/names.h"
#include "engine/outbox.h"
#include "engine/plan.h"
#include "engine/principal.h"
#include "engine/timers.h"

void mark_dirty(struct engine *engine, struct entity *entity, lsn_t lsn)
{
    if (entity->since)
        return;
    entity->since = lsn;
    list_append(entity->kind == ROW_name ? &engine->dirty_names : &engine->dirty, &entity->node);
}

/* Who finds the record in the outbox; unused places are 0. */
static void record_recipients(const struct record *record, name_id out[2])
{
    out[0] = out[1] = 0;
    switch (record->kind) {
    case RECORD_message:
    case RECORD_note:
        out[0] = record->target;
        break;
    case RECORD_reply:
        out[0] = record->account;
        break;
    case RECORD_offered:
    case RECORD_withdrawn:
    case RECORD_assigned:
    case RECORD_resumed:
    case RECORD_requeued:
        out[0] = record->agent;
        break;
    case RECORD_finished:
        out[0] = record->account;
        out[1] = record->target;
        break;
    case RECORD_declared:
    case RECORD_session_opened:
    case RECORD_session_closed:
    case RECORD_customer_opened:
    case RECORD_conversation_opened:
    case RECORD_receipt:
    case RECORD_queued:
    case RECORD_transferred:
    case RECORD_reopened:
    case RECORD_agent_state:
    case RECORD_delivered:
        break;
    }
}

/* The conversation, unless its row already includes this record. Moves its head to the record. */
static struct conversation *due_conversation(struct engine *engine, const struct record *record)
{
    struct conversation *conversation = conversation_get(engine, record->conversation);
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
    customer->row.lsn = record->lsn;
    mark_dirty(engine, &customer->entity, record->lsn);
    return customer;
}

/* May the record change the presence fields (state, misses, lost_ms)? */
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
    timers_set(engine, &principal->timer, TIMER_principal, principal->row.id, 0);
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
    principal_worked(engine, principal, record->lsn);
}

static void apply_agent_state(struct engine *engine, const struct record *record)
{
    struct principal *agent = names_principal(engine, record->agent);
    if (due_presence(engine, agent, record->lsn)) {
        agent->row.state = record->value;
        agent->row.misses = 0;
    }
    principal_worked(engine, agent, record->lsn);
}

/* --- customers and messages --- */

static void apply_customer_opened(struct engine *engine, const struct record *record)
{
    if (record->customer > engine->counters.customer)
        engine->counters.customer = record->customer;
    if (customer_get(engine, record->customer))
        return;
    struct row_customer row = {
        .id = record->customer, .lsn = record->lsn, .account = record->account, .address = record->address, .channel = record->channel};
    mark_dirty(engine, &customer_add(engine, &row)->entity, record->lsn);
}

static void apply_conversation_opened(struct engine *engine, const struct record *record)
{
    if (record->conversation > engine->counters.conversation)
        engine->counters.conversation = record->conversation;
    if (!conversation_get(engine, record->conversation)) {
        struct row_conversation row = {.id = record->conversation,
                                       .lsn = record->lsn,
                                       .customer = record->customer,
                                       .account = record->account,
                                       .address = record->address,
                                       .substate = SUBSTATE_new};
        mark_dirty(engine, &conversation_add(engine, &row)->entity, record->lsn);
    }
    struct customer *customer = due_customer(engine, record);
    if (customer)
        customer->row.current = record->conversation;
}

static void apply_message(struct engine *engine, const struct record *record)
{
    struct conversation *conversation = due_conversation(engine, record);
    if (!conversation)
        return;
    conversation->row.sequence = record->sequence;
    if (record->kind == RECORD_message && conversation->row.substate == SUBSTATE_waiting_customer)
        conversation->row.substate = SUBSTATE_active;
    if (record->kind == RECORD_reply && conversation->row.substate == SUBSTATE_active)
        conversation->row.substate = SUBSTATE_waiting_customer;
}

/* --- the moves of a conversation --- */

static void move_queued(struct row_conversation *row, const struct record *record)
{
    row->queue = record->queue;
    row->requirement = record->requirement;
    row->priority = record->priority;
    row->arrival_ms = record->time_ms;
    row->cost = record->cost;
    row->target = 0;
    row->substate = SUBSTATE_queued;
}

static void move_offered(struct row_conversation *row, const struct record *record)
{
    row->offered = record->agent;
    row->offer = record->lsn;
    row->offer_deadline_ms = record->time_ms;
    row->substate = SUBSTATE_offered;
}

static void move_out_of_offer(struct row_conversation *row)
{
    row->offered = 0;
    row->offer = 0;
    row->offer_deadline_ms = 0;
}

static void move_assigned(struct row_conversation *row, const struct record *record)
{
    move_out_of_offer(row);
    row->owner = record->agent;
    row->epoch = record->epoch;
    row->target = 0;
    row->substate = record->value;
}

/* Transferred and requeued: back to waiting, with the arrival it had. */
static void move_back(struct row_conversation *row, const struct record *record)
{
    row->owner = 0;
    row->epoch = record->epoch;
    row->queue = record->queue;
    row->target = record->target;
    row->substate = SUBSTATE_queued;
    if (record->kind == RECORD_transferred)
        row->requirement = record->requirement;
}

static void move_finished(struct row_conversation *row, const struct record *record)
{
    move_out_of_offer(row);
    row->owner = 0;
    row->target = 0;
    row->epoch = record->epoch;
    row->finished_ms = record->at_ms;
    row->substate = record->value;
}

static void move_reopened(struct row_conversation *row)
{
    row->finished_ms = 0;
    row->substate = SUBSTATE_new;
}

static void forget_passed_over(struct conversation *conversation)
{
    memset(conversation->passed_over, 0, sizeof conversation->passed_over);
}

static void apply_move(struct engine *engine, const struct record *record, void (*move)(struct row_conversation *, const struct record *))
{
    struct conversation *conversation = due_conversation(engine, record);
    if (!conversation)
        return;
    conversation_leave_place(engine, conversation);
    move(&conversation->row, record);
    if (record->kind == RECORD_assigned || record->kind == RECORD_transferred || record->kind == RECORD_finished)
        forget_passed_over(conversation);
    conversation_take_place(engine, conversation);
}

static void apply_withdrawn(struct engine *engine, const struct record *record)
{
    struct conversation *conversation = due_conversation(engine, record);
    struct principal *agent = names_principal(engine, record->agent);
    if (conversation) {
        conversation_leave_place(engine, conversation);
        move_out_of_offer(&conversation->row);
        conversation->row.substate = SUBSTATE_queued;
        if (record->time_ms)
            conversation_pass_over(conversation, record->agent, record->time_ms);
        conversation_take_place(engine, conversation);
    }
    if (record->cause == CAUSE_expired && due_presence(engine, agent, record->lsn))
        agent->row.misses++;
}

static void apply_assigned(struct engine *engine, const struct record *record)
{
    struct principal *agent = names_principal(engine, record->agent);
    apply_move(engine, record, move_assigned);
    if (agent->row.misses && due_presence(engine, agent, record->lsn))
        agent->row.misses = 0;
}

static void apply_finished(struct engine *engine, const struct record *record)
{
    apply_move(engine, record, move_finished);
    struct customer *customer = due_customer(engine, record);
    if (!customer)
        return;
    customer->row.current = 0;
    customer->row.last = record->conversation;
    customer->row.finished_ms = record->at_ms;
}

static void apply_reopened(struct engine *engine, const struct record *record)
{
    struct conversation *conversation = due_conversation(engine, record);
    if (conversation) {
        conversation_leave_place(engine, conversation);
        move_reopened(&conversation->row);
        conversation_take_place(engine, conversation);
    }
    struct customer *customer = due_customer(engine, record);
    if (customer)
        customer->row.current = record->conversation;
}

static void deliver(struct engine *engine, const struct record *record)
{
    name_id recipients[2];
    record_recipients(record, recipients);
    for (int i = 0; i < 2; i++) {
        struct principal *principal = names_principal(engine, recipients[i]);
        if (principal && outbox_push(engine, principal, record->lsn) && engine->plan)
            plan_wake(engine->plan, recipients[i]);
    }
}

/* An agent whose outbox was full can be offered work again. */
static void apply_delivered(struct engine *engine, const struct record *record)
{
    struct principal *principal = names_principal(engine, record->agent);
    if (outbox_acknowledge(engine, principal, record->ref, record->lsn))
        principal_worked(engine, principal, record->lsn);
}

/* Agents whose load the record changed go to the end of the idle order. */
static void apply_load(struct engine *engine, const struct record *record)
{
    principal_worked(engine, names_principal(engine, record->agent), record->lsn);
    if (record->kind == RECORD_finished)
        principal_worked(engine, names_principal(engine, record->target), record->lsn);
}

void apply(struct engine *engine, const struct record *record)
{
    switch (record->kind) {
    case RECORD_declared:
        apply_declared(engine, record);
        break;
    case RECORD_session_opened:
        apply_session_opened(engine, record);
        break;
    case RECORD_session_closed:
        apply_session_closed(engine, record);
        break;
    case RECORD_customer_opened:
        apply_customer_opened(engine, record);
        break;
    case RECORD_conversation_opened:
        apply_conversation_opened(engine, record);
        break;
    case RECORD_message:
    case RECORD_reply:
    case RECORD_note:
        apply_message(engine, record);
        break;
    case RECORD_receipt:
    case RECORD_resumed:
        (void)due_conversation(engine, record);
        break;
    case RECORD_queued:
        apply_move(engine, record, move_queued);
        break;
    case RECORD_offered:
        apply_move(engine, record, move_offered);
        apply_load(engine, record);
        break;
    case RECORD_withdrawn:
        apply_withdrawn(engine, record);
        apply_load(engine, record);
        break;
    case RECORD_assigned:
        apply_assigned(engine, record);
        apply_load(engine, record);
        break;
    case RECORD_transferred:
    case RECORD_requeued:
        apply_move(engine, record, move_back);
        apply_load(engine, record);
        break;
    case RECORD_finished:
        apply_finished(engine, record);
        apply_load(engine, record);
        break;
    case RECORD_reopened:
        apply_reopened(engine, record);
        break;
    case RECORD_agent_state:
        apply_agent_state(engine, record);
        break;
    case RECORD_delivered:
        apply_delivered(engine, record);
        break;
    }
    deliver(engine, record);
}
