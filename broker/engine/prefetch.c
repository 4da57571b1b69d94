/* Which stored rows a step or a replay needs that memory does not hold. */
#include "engine/conversation.h"
#include "engine/customer.h"
#include "engine/principal.h"

static bool ask_conversation(const struct engine *engine, conversation_id id, const struct row_conversation *given, struct missing *missing)
{
    if (!id || given || missing->conversation_absent || conversation_get(engine, id))
        return false;
    missing->kind = MISSING_conversation;
    missing->id = id;
    return true;
}

static bool ask_customer(const struct engine *engine, customer_id id, const struct row_customer *given, struct missing *missing)
{
    if (!id || given || missing->customer_absent || customer_get(engine, id))
        return false;
    missing->kind = MISSING_customer;
    missing->id = id;
    return true;
}

static bool missing_for_customer(const struct engine *engine, const struct event *event, struct missing *missing)
{
    const struct principal *account = session_principal(engine, event->session);
    if (!account || !account->channel)
        return false;
    const struct customer *customer = customer_find(engine, account, event);
    const struct row_customer *row = event->customer_row;
    if (!customer && !row && !missing->customer_absent) {
        missing->kind = MISSING_address;
        missing->channel = engine_name(engine, account->channel->id);
        missing->address = event->address;
        return true;
    }
    conversation_id current = customer ? customer->row.current : row ? row->current : 0;
    conversation_id last = customer ? customer->row.last : row ? row->last : 0;
    return !current && event->kind == EVENT_message && ask_conversation(engine, last, event->conversation_row, missing);
}

static bool missing_for_agent(const struct engine *engine, const struct event *event, struct missing *missing)
{
    const struct conversation *conversation = conversation_get(engine, event->conversation);
    if (!conversation)
        return ask_conversation(engine, event->conversation, event->conversation_row, missing);
    return (event->kind == EVENT_finish || event->kind == EVENT_transfer) &&
           ask_customer(engine, conversation->row.customer, event->customer_row, missing);
}

bool engine_missing(const struct engine *engine, const struct event *event, struct missing *missing)
{
    switch (event->kind) {
    case EVENT_message:
    case EVENT_leave:
        return missing_for_customer(engine, event, missing);
    case EVENT_receipt:
    case EVENT_reply:
    case EVENT_note:
    case EVENT_accept:
    case EVENT_decline:
    case EVENT_transfer:
    case EVENT_finish:
    case EVENT_nack:
    case EVENT_claim:
    case EVENT_escalate:
    case EVENT_consult:
    case EVENT_recall:
    case EVENT_lend:
    case EVENT_give_back:
    case EVENT_move:
    case EVENT_bury:
        return missing_for_agent(engine, event, missing);
    case EVENT_tick:
    case EVENT_configure:
    case EVENT_hello:
    case EVENT_bye:
    case EVENT_fetched:
    case EVENT_availability:
    case EVENT_pause:
    case EVENT_resume:
    case EVENT_KINDS:
        return false;
    }
    return false;
}

bool engine_replay_missing(const struct engine *engine, const struct record *record, const struct row_customer *customer,
                           const struct row_conversation *conversation, struct missing *missing)
{
    if (record->kind != RECORD_conversation_opened && ask_conversation(engine, record->conversation, conversation, missing))
        return true;
    return ask_customer(engine, record->customer, customer, missing);
}
