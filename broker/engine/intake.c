#include "engine/conversation.h"
#include "engine/customer.h"
#include "engine/decide.h"
#include "engine/emit.h"
#include "engine/names.h"
#include "engine/outbox.h"
#include "engine/principal.h"
#include "engine/rules.h"

static struct principal *asking_account(struct engine *engine, const struct event *event)
{
    return names_principal(engine, engine_session_principal(engine, event->session));
}

/* The customer, brought into memory from the prefetched row if need be; NULL: a new one. */
static struct customer *into_memory(struct engine *engine, struct customer *customer, const struct event *event)
{
    return customer || !event->customer_row ? customer : customer_add(engine, event->customer_row);
}

/* The finished conversation that the message reopens; NULL: none does. */
static struct conversation *to_reopen(struct engine *engine, const struct customer *customer, const struct event *event)
{
    if (!customer || !customer->row.last ||
        (uint64_t)(engine->counters.now_ms - customer->row.finished_ms) > engine->settings.reopen_within_ms)
        return NULL;
    struct conversation *last = conversation_get(engine, customer->row.last);
    if (!last && event->conversation_row)
        last = conversation_add(engine, event->conversation_row);
    return last;
}

static void emit_queued(struct engine *engine, conversation_id conversation, const struct principal *account, const struct rule *rule,
                        enum priority priority)
{
    emit(engine, (struct record){.kind = RECORD_queued,
                                 .conversation = conversation,
                                 .queue = rule->queue,
                                 .requirement = rule->requirement,
                                 .priority = priority ? priority : rule->priority,
                                 .cost = account->cost,
                                 .time_ms = engine->counters.now_ms});
}

static customer_id open_customer(struct engine *engine, const struct principal *account, const struct event *event)
{
    customer_id id = engine->counters.customer + 1;
    emit(engine, (struct record){.kind = RECORD_customer_opened,
                                 .customer = id,
                                 .account = (name_id)account->row.id,
                                 .channel = span_of(account->channel),
                                 .address = event->address});
    return id;
}

static conversation_id open_conversation(struct engine *engine, const struct principal *account, const struct customer *customer,
                                         const struct event *event)
{
    conversation_id id = engine->counters.conversation + 1;
    uint64_t whose = customer ? customer->row.id : open_customer(engine, account, event);
    emit(engine, (struct record){.kind = RECORD_conversation_opened,
                                 .conversation = id,
                                 .customer = whose,
                                 .account = (name_id)account->row.id,
                                 .address = event->address,
                                 .name = event->name,
                                 .topic = event->topic,
                                 .language = event->language,
                                 .ref = customer ? customer->row.last : 0});
    return id;
}

static void emit_message(struct engine *engine, conversation_id id, const struct principal *account, const struct event *event)
{
    const struct conversation *conversation = conversation_get(engine, id);
    struct outcome *outcome = &engine->plan->outcome;
    outcome->conversation = id;
    outcome->sequence = conversation->row.sequence + 1;
    outcome->epoch = conversation->row.epoch;
    outcome->lsn = emit(engine, (struct record){.kind = RECORD_message,
                                                .conversation = id,
                                                .sequence = outcome->sequence,
                                                .account = (name_id)account->row.id,
                                                .target = conversation->row.owner,
                                                .key = event->key,
                                                .text = event->text,
                                                .topic = event->topic,
                                                .language = event->language,
                                                .time_ms = event->source_ms,
                                                .attachments = event->attachments,
                                                .native = event->native});
}

/* A message that belongs to no open conversation reopens the last one or begins a new one; either way a rule must route it. */
static void begin(struct engine *engine, const struct principal *account, struct customer *customer, const struct event *event)
{
    const struct rule *rule =
        rules_choose(&engine->settings, (name_id)account->row.id, span_of(account->channel), event->language, event->topic);
    struct conversation *again = rule ? to_reopen(engine, customer, event) : NULL;
    conversation_id id;
    if (again) {
        id = again->row.id;
        emit(engine, (struct record){.kind = RECORD_reopened, .conversation = id, .customer = again->row.customer});
    } else {
        id = open_conversation(engine, account, customer, event);
    }
    emit_message(engine, id, account, event);
    emit_queued(engine, id, account, rule, event->priority);
}

static enum status refuse_beginning(struct engine *engine, const struct principal *account, const struct event *event)
{
    if (engine->conversations_open >= engine->settings.conversations_open_max || outbox_full(&account->outbox))
        return STATUS_overloaded;
    if (!rules_choose(&engine->settings, (name_id)account->row.id, span_of(account->channel), event->language, event->topic))
        return STATUS_no_route;
    return STATUS_ok;
}

/* The customer's open conversation, in memory or by the prefetched row; 0: none. */
static conversation_id current_of(const struct customer *customer, const struct event *event)
{
    if (customer)
        return customer->row.current;
    return event->customer_row ? event->customer_row->current : 0;
}

void decide_message(struct engine *engine, const struct event *event)
{
    const struct principal *account = asking_account(engine, event);
    struct outcome *outcome = &engine->plan->outcome;
    struct customer *customer = customer_find(engine, account, event->address);
    conversation_id current = current_of(customer, event);
    const struct conversation *conversation = conversation_get(engine, current);
    if (!conversation)
        outcome->status = refuse_beginning(engine, account, event);
    else if (conversation->row.owner && outbox_full(&names_principal(engine, conversation->row.owner)->outbox))
        outcome->status = STATUS_overloaded;
    if (outcome->status)
        return;
    customer = into_memory(engine, customer, event);
    if (conversation)
        emit_message(engine, current, account, event);
    else
        begin(engine, account, customer, event);
}

void decide_receipt(struct engine *engine, const struct event *event)
{
    const struct principal *account = asking_account(engine, event);
    struct outcome *outcome = &engine->plan->outcome;
    struct conversation *conversation = conversation_get(engine, event->conversation);
    if (event->state < RECEIPT_accepted || event->state > RECEIPT_failed) {
        outcome->status = STATUS_bad_field;
        return;
    }
    const struct row_conversation *row = conversation ? &conversation->row : event->conversation_row;
    if (!row || row->account != account->row.id) {
        outcome->status = STATUS_unknown_conversation;
        return;
    }
    if (!conversation)
        conversation = conversation_add(engine, row);
    outcome->conversation = event->conversation;
    outcome->epoch = conversation->row.epoch;
    outcome->lsn = emit(engine, (struct record){.kind = RECORD_receipt,
                                                .conversation = event->conversation,
                                                .account = (name_id)account->row.id,
                                                .key = event->key,
                                                .ref = event->lsn,
                                                .value = event->state,
                                                .reason = event->reason});
}

/* A customer who leaves while a message of theirs is unanswered has abandoned. */
static enum substate end_of_leaving(const struct row_conversation *row)
{
    return row->substate == SUBSTATE_waiting_customer || row->substate == SUBSTATE_with_bot ? SUBSTATE_resolved : SUBSTATE_abandoned;
}

void decide_leave(struct engine *engine, const struct event *event)
{
    const struct principal *account = asking_account(engine, event);
    struct outcome *outcome = &engine->plan->outcome;
    struct customer *customer = customer_find(engine, account, event->address);
    struct conversation *conversation = conversation_get(engine, current_of(customer, event));
    if (!conversation) {
        outcome->status = STATUS_unknown_conversation;
        return;
    }
    into_memory(engine, customer, event);
    const struct row_conversation *row = &conversation->row;
    outcome->conversation = row->id;
    outcome->epoch = row->epoch + (row->owner ? 1 : 0);
    outcome->lsn = emit(engine, (struct record){.kind = RECORD_finished,
                                                .conversation = row->id,
                                                .customer = row->customer,
                                                .account = row->account,
                                                .target = row->owner ? row->owner : row->offered,
                                                .epoch = outcome->epoch,
                                                .value = end_of_leaving(row),
                                                .cause = CAUSE_customer_left,
                                                .reason = event->reason,
                                                .key = event->key});
}
