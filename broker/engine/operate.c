#include "engine/conversation.h"
#include "engine/decide.h"
#include "engine/emit.h"
#include "engine/names.h"

/* One that nobody owns. */
static struct conversation *asked_waiting(struct engine *engine, const struct event *event)
{
    struct conversation *conversation = asked_open(engine, event);
    if (conversation && !conversation_unowned(conversation))
        return refuse(engine, STATUS_illegal_move, conversation);
    return conversation;
}

static void move(struct engine *engine, const struct event *event, name_id queue, enum cause cause)
{
    struct conversation *conversation = asked_waiting(engine, event);
    if (!conversation)
        return;
    if (!queue)
        refuse(engine, STATUS_unknown_queue, conversation);
    else
        settle(engine, conversation, decide_move(engine, conversation, queue, cause, event));
}

void decide_operator_move(struct engine *engine, const struct event *event)
{
    const struct queue *queue = names_queue(engine, event->queue);
    move(engine, event, queue && queue->configured ? queue->id : 0, CAUSE_moved);
}

void decide_bury(struct engine *engine, const struct event *event)
{
    move(engine, event, engine->settings.dead_letter, CAUSE_buried);
}

void decide_queue_state(struct engine *engine, const struct event *event)
{
    const struct queue *queue = names_queue(engine, event->queue);
    bool paused = event->kind == EVENT_pause;
    if (!queue || !queue->configured) {
        refuse(engine, STATUS_unknown_queue, NULL);
        return;
    }
    if (names_get(engine, queue->id)->row.paused == paused)
        return; /* nothing changes; saying it again is not an error */
    engine->plan->outcome.lsn = emit(engine, (struct record){.kind = RECORD_queue_state,
                                                             .queue = queue->id,
                                                             .agent = engine_session_principal(engine, event->session),
                                                             .value = paused,
                                                             .reason = event->reason,
                                                             .key = event->key});
}
