#include "engine/attributes.h"
#include "engine/conversation.h"
#include "engine/customer.h"
#include "engine/decide.h"
#include "engine/emit.h"
#include "engine/outbox.h"
#include "engine/place.h"
#include "engine/principal.h"
#include "engine/rules.h"

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

static void emit_queued(struct engine *engine, conversation_id id, const struct principal *account, const struct rule *rule, uint32_t step,
                        const struct customer *customer, enum priority priority)
{
    struct place place = place_at_step(engine, &rule->routing, step, priority ? priority : rule->priority, engine->counters.now_ms);
    struct record *record = plan_add(engine->plan);
    *record = (struct record){.kind = RECORD_queued,
                              .conversation = id,
                              .type = account->channel->id,
                              .cost = account->channel->cost,
                              .agent = customer ? customer->row.last_agent : 0,
                              .time_ms = engine->counters.now_ms};
    place_write(&place, record);
    emit_added(engine);
    decide_settling(engine, conversation_get(engine, id));
}

static customer_id open_customer(struct engine *engine, const struct principal *account, const struct event *event)
{
    customer_id id = engine->counters.customer + 1;
    struct span channel = engine_name(engine, account->channel->id);
    emit(engine, (struct record){.kind = RECORD_customer_opened,
                                 .customer = id,
                                 .account = (name_id)account->row.id,
                                 .channel = {channel.data, channel.size}, /* by member: see place_write */
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

static void emit_message(struct engine *engine, struct conversation *conversation, const struct principal *account,
                         const struct event *event)
{
    struct record *record = plan_add(engine->plan);
    *record = (struct record){.kind = RECORD_message,
                              .conversation = conversation->row.id,
                              .sequence = conversation->row.sequence + 1,
                              .account = (name_id)account->row.id,
                              .target = conversation_actor(conversation),
                              .other = conversation_onlooker(conversation),
                              .key = event->key,
                              .text = event->text,
                              .topic = event->topic,
                              .language = event->language,
                              .time_ms = event->source_ms,
                              .until_ms = event->window_ms,
                              .value = conversation_in_progress(conversation) && conversation_inactive(conversation),
                              .attachments = event->attachments,
                              .native = event->native};
    if (event->attributes_count) {
        const struct customer *customer = customer_get(engine, conversation->row.customer);
        record->customer = conversation->row.customer;
        record->attributes = attributes_merge(customer ? customer_attributes(customer) : span_of(NULL), event->attributes,
                                              event->attributes_count, engine->attribute_bytes);
    }
    engine->plan->outcome.sequence = record->sequence;
    settle(engine, conversation, emit_added(engine));
}

/* A message that belongs to no open conversation reopens the last one or begins a new one; either way a rule must route it. */
static void begin(struct engine *engine, const struct principal *account, struct customer *customer, const struct rule *rule, uint32_t step,
                  const struct event *event)
{
    struct conversation *again = to_reopen(engine, customer, event);
    conversation_id id;
    if (again) {
        id = again->row.id;
        emit(engine, (struct record){.kind = RECORD_reopened, .conversation = id, .customer = again->row.customer});
    } else {
        id = open_conversation(engine, account, customer, event);
    }
    emit_message(engine, conversation_get(engine, id), account, event);
    emit_queued(engine, id, account, rule, step, customer, event->priority);
}

static enum status refuse_beginning(struct engine *engine, const struct principal *account, const struct rule *rule, uint32_t step)
{
    if (engine->conversations_open >= engine->settings.conversations_open_max || outbox_full(&account->outbox))
        return STATUS_overloaded;
    if (!rule)
        return STATUS_no_route;
    return queueing_admits(engine, rule->routing.steps[step].queue) ? STATUS_ok : STATUS_queue_full;
}

/* The customer's open conversation, in memory or by the prefetched row; 0: none. */
static conversation_id current_of(const struct customer *customer, const struct event *event)
{
    if (customer)
        return customer->row.current;
    return event->customer_row ? event->customer_row->current : 0;
}

/* Of an open conversation: whoever answers is told. */
static void go_on(struct engine *engine, struct conversation *conversation, const struct principal *account, const struct event *event)
{
    if (principal_full(engine, conversation_actor(conversation)) || principal_full(engine, conversation_onlooker(conversation))) {
        refuse(engine, STATUS_overloaded, NULL);
        return;
    }
    emit_message(engine, conversation, account, event);
    decide_closed_notice(engine, conversation);
}

bool engine_begins(const struct engine *engine, const struct event *event)
{
    const struct principal *account = asking_principal(engine, event);
    return account && event->kind == EVENT_message && !current_of(customer_find(engine, account, event), event);
}

void decide_message(struct engine *engine, const struct event *event)
{
    const struct principal *account = asking_principal(engine, event);
    struct customer *customer = into_memory(engine, customer_seek(engine, account, event), event);
    conversation_id current = current_of(customer, event);
    struct conversation *conversation = current ? conversation_take_up(engine, current) : NULL;
    if (conversation) {
        go_on(engine, conversation, account, event);
        return;
    }
    const struct rule *rule = rules_choose(engine, (name_id)account->row.id, account->channel->id, customer, event);
    uint32_t step = rule ? place_first_step(engine, &rule->routing, 0) : 0;
    enum status status = refuse_beginning(engine, account, rule, step);
    if (status)
        refuse(engine, status, NULL);
    else
        begin(engine, account, customer, rule, step, event);
}

void decide_receipt(struct engine *engine, const struct event *event)
{
    const struct principal *account = asking_principal(engine, event);
    struct conversation *conversation = conversation_get(engine, event->conversation);
    if (event->state < RECEIPT_accepted || event->state > RECEIPT_failed) {
        refuse(engine, STATUS_bad_field, NULL);
        return;
    }
    if (!conversation && event->conversation_row && event->conversation_row->account == account->row.id)
        conversation = conversation_add(engine, event->conversation_row);
    if (!conversation || conversation->row.account != account->row.id) {
        refuse(engine, STATUS_unknown_conversation, NULL);
        return;
    }
    settle(engine, conversation,
           emit(engine, (struct record){.kind = RECORD_receipt,
                                        .conversation = event->conversation,
                                        .account = (name_id)account->row.id,
                                        .key = event->key,
                                        .ref = event->lsn,
                                        .value = event->state,
                                        .reason = event->reason}));
}

/* A customer who leaves while a message of theirs is unanswered has abandoned. */
static enum substate end_of_leaving(const struct conversation_state *row)
{
    return row->owner && !(row->flags & FLAG_awaits) ? SUBSTATE_resolved : SUBSTATE_abandoned;
}

void decide_leave(struct engine *engine, const struct event *event)
{
    const struct principal *account = asking_principal(engine, event);
    struct customer *customer = customer_find(engine, account, event);
    struct conversation *conversation = conversation_get(engine, current_of(customer, event));
    if (!conversation) {
        refuse(engine, STATUS_unknown_conversation, NULL);
        return;
    }
    into_memory(engine, customer, event);
    const struct conversation_state *row = &conversation->row;
    decide_ties_end(engine, conversation, CAUSE_customer_left);
    settle(engine, conversation,
           emit(engine, (struct record){.kind = RECORD_finished,
                                        .conversation = row->id,
                                        .customer = row->customer,
                                        .account = row->account,
                                        .target = row->owner,
                                        .other = (name_id)account->row.id,
                                        .epoch = row->epoch + (row->owner != 0),
                                        .value = end_of_leaving(row),
                                        .cause = CAUSE_customer_left,
                                        .reason = event->reason,
                                        .key = event->key}));
}
