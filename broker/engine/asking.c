#include "engine/conversation.h"
#include "engine/decide.h"
#include "engine/principal.h"

struct principal *asking_principal(const struct engine *engine, const struct event *event)
{
    return session_principal(engine, event->session);
}

struct conversation *refuse(struct engine *engine, enum status status, const struct conversation *conversation)
{
    struct outcome *outcome = &engine->plan->outcome;
    outcome->status = status;
    if (conversation) {
        outcome->conversation = conversation->row.id;
        outcome->epoch = conversation->row.epoch;
        outcome->owner = conversation_actor(conversation);
    }
    return NULL;
}

struct conversation *asked_open(struct engine *engine, const struct event *event)
{
    struct conversation *conversation = conversation_take_up(engine, event->conversation);
    if (!conversation)
        return refuse(engine, event->conversation_row ? STATUS_illegal_move : STATUS_unknown_conversation, NULL);
    if (conversation_finished(conversation))
        return refuse(engine, STATUS_illegal_move, conversation);
    return conversation;
}

static struct conversation *asked_at_epoch(struct engine *engine, const struct event *event)
{
    struct conversation *conversation = asked_open(engine, event);
    if (conversation && event->epoch != conversation->row.epoch)
        return refuse(engine, STATUS_stale_epoch, conversation);
    return conversation;
}

struct conversation *asked_owned(struct engine *engine, const struct event *event, const struct principal *agent)
{
    struct conversation *conversation = asked_at_epoch(engine, event);
    if (conversation && conversation->row.owner != agent->row.id)
        return refuse(engine, STATUS_not_owner, conversation);
    return conversation;
}

struct conversation *asked_acting(struct engine *engine, const struct event *event, const struct principal *agent)
{
    struct conversation *conversation = asked_at_epoch(engine, event);
    if (conversation && conversation_actor(conversation) != agent->row.id)
        return refuse(engine, STATUS_not_owner, conversation);
    return conversation;
}

void settle(struct engine *engine, const struct conversation *conversation, lsn_t lsn)
{
    struct outcome *outcome = &engine->plan->outcome;
    outcome->conversation = conversation->row.id;
    outcome->epoch = conversation->row.epoch;
    outcome->lsn = lsn;
}
