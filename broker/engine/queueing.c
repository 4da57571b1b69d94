#include <stdlib.h>

#include "base/check.h"
#include "engine/conversation.h"
#include "engine/decide.h"
#include "engine/emit.h"
#include "engine/match.h"
#include "engine/names.h"
#include "engine/place.h"
#include "engine/tie.h"
#include "engine/timers.h"

enum { NO_OPENING_MS = 24 * 60 * 60 * 1000 }; /* a calendar that never opens again is looked at daily: it may be reloaded */

/* --- moving on --- */

static lsn_t emit_moved(struct engine *engine, struct conversation *conversation, name_id queue, enum cause cause,
                        const struct event *event)
{
    const struct conversation_state *row = &conversation->row;
    struct place place = place_for_anybody(engine, conversation, names_queue(engine, queue), NULL);
    struct record record = {.kind = RECORD_moved, .conversation = row->id, .cause = cause, .count = row->offers};
    place_write(&place, &record);
    if (event) {
        record.agent = engine_session_principal(engine, event->session);
        record.reason = event->reason;
        record.key = event->key;
    }
    decide_ties_end(engine, conversation, CAUSE_moved_on);
    return emit(engine, record);
}

static bool gives(const struct engine *engine, const struct queue *queue)
{
    return queue->offering != OFFERING_nobody || match_claiming(engine, queue) != OFFERING_nobody;
}

/* Is it closed for this one: closed, and none of the other queues on its route offers it or lets it be claimed either? */
static bool closed_for(const struct engine *engine, const struct conversation *conversation, const struct queue *queue)
{
    const struct route *route = conversation->class->route;
    if (!queue->closed)
        return false;
    for (uint32_t i = 0; i < route->count; i++)
        if (gives(engine, names_queue(engine, route->alternatives[i].queue)))
            return false;
    return true;
}

/* Where a queue that cannot keep it sends it; 0: it stays. */
static name_id next_queue(const struct engine *engine, const struct conversation *conversation, const struct queue *queue,
                          enum cause *cause)
{
    *cause = CAUSE_queue_removed;
    if (!queue->configured && !conversation->row.target)
        return engine->settings.dead_letter;
    if (!queue->overflow || conversation->row.target)
        return 0;
    *cause = CAUSE_closed;
    if (queue->when_closed == WHEN_CLOSED_overflow && closed_for(engine, conversation, queue))
        return queue->overflow;
    *cause = CAUSE_queue_full;
    return queue->depth_max && queue->waiting > queue->depth_max ? queue->overflow : 0;
}

static bool holds(const struct engine *engine, const struct conversation *conversation, const struct queue *queue)
{
    bool waits = queue->when_closed == WHEN_CLOSED_hold || queue->when_closed == WHEN_CLOSED_message;
    return waits && !conversation->row.target && closed_for(engine, conversation, queue);
}

static int64_t opening_ms(const struct engine *engine, const struct queue *queue)
{
    int64_t at_ms = hours_next_opening(queue->calendar, engine->counters.now_ms);
    return at_ms > engine->counters.now_ms ? at_ms : engine->counters.now_ms + NO_OPENING_MS;
}

/* The first opening of a queue that could offer it then; 0: none is known. */
static int64_t first_opening_ms(const struct engine *engine, const struct conversation *conversation)
{
    const struct route *route = conversation->class->route;
    int64_t first_ms = 0;
    for (uint32_t i = 0; i < route->count; i++) {
        const struct queue *queue = names_queue(engine, route->alternatives[i].queue);
        int64_t at_ms = queue->closed ? hours_next_opening(queue->calendar, engine->counters.now_ms) : 0;
        if (at_ms && (!first_ms || at_ms < first_ms))
            first_ms = at_ms;
    }
    return first_ms;
}

static void hold(struct engine *engine, const struct conversation *conversation, uint32_t substate, enum cause cause, int64_t until_ms)
{
    ASSERT(until_ms > engine->counters.now_ms);
    emit(engine, (struct record){
                     .kind = RECORD_held, .conversation = conversation->row.id, .value = substate, .cause = cause, .until_ms = until_ms});
}

void decide_settling(struct engine *engine, struct conversation *conversation)
{
    const struct queue *queue = names_queue(engine, conversation->row.queue);
    enum cause cause;
    name_id next;
    for (int moves = 0; moves < LIMIT_MOVES && (next = next_queue(engine, conversation, queue, &cause)); moves++) {
        emit_moved(engine, conversation, next, cause, NULL);
        queue = names_queue(engine, next);
    }
    if (!holds(engine, conversation, queue))
        return;
    int64_t at_ms = first_opening_ms(engine, conversation);
    hold(engine, conversation, SUBSTATE_held, CAUSE_closed, at_ms ? at_ms : engine->counters.now_ms + NO_OPENING_MS);
    decide_closed_notice(engine, conversation);
}

void decide_closings(struct engine *engine)
{
    for (uint32_t at = 0, count = engine->arrived.count; at < count; at++) { /* settling lists them again */
        struct conversation *conversation = conversation_get(engine, engine->arrived.ids[at]);
        if (conversation && conversation->row.substate == SUBSTATE_queued && names_queue(engine, conversation->row.queue)->closed)
            decide_settling(engine, conversation);
    }
}

lsn_t decide_move(struct engine *engine, struct conversation *conversation, name_id queue, enum cause cause, const struct event *event)
{
    lsn_t lsn = emit_moved(engine, conversation, queue, cause, event);
    decide_settling(engine, conversation);
    return lsn;
}

bool queueing_admits(const struct engine *engine, name_id id)
{
    const struct queue *queue = names_queue(engine, id);
    for (int moves = 0; moves < LIMIT_MOVES && queue->depth_max && queue->waiting >= queue->depth_max; moves++) {
        if (!queue->overflow)
            return false;
        queue = names_queue(engine, queue->overflow);
    }
    return true;
}

/* --- offered too often --- */

/* Where it goes when it was offered as often as its queue allows; 0: it stays. */
static name_id way_out(const struct engine *engine, const struct conversation *conversation)
{
    const struct queue *queue = names_queue(engine, conversation->row.queue);
    if (conversation->row.offers < queue->offers_max)
        return 0;
    name_id out = queue->overflow ? queue->overflow : engine->settings.dead_letter;
    return out == queue->id ? 0 : out;
}

void decide_exhausted(struct engine *engine, struct conversation *conversation)
{
    name_id out = conversation_unowned(conversation) ? way_out(engine, conversation) : 0;
    if (out)
        decide_move(engine, conversation, out, CAUSE_offers_exhausted, NULL);
}

/* --- back to the queue --- */

lsn_t decide_requeue(struct engine *engine, struct conversation *conversation, name_id agent, enum cause cause, bool pass_over,
                     const struct event *event)
{
    decide_ties_end(engine, conversation, CAUSE_moved_on);
    const struct conversation_state *row = &conversation->row;
    lsn_t lsn = emit(engine, (struct record){.kind = RECORD_requeued,
                                             .conversation = row->id,
                                             .agent = agent,
                                             .epoch = row->epoch + (row->owner != 0),
                                             .queue = row->queue,
                                             .cause = cause,
                                             .until_ms = pass_over ? engine->counters.now_ms + engine->settings.pass_over_ms : 0,
                                             .reason = event ? event->reason : span_of(NULL),
                                             .key = event ? event->key : span_of(NULL)});
    decide_settling(engine, conversation);
    return lsn;
}

void decide_no_reply(struct engine *engine, struct conversation *conversation)
{
    decide_requeue(engine, conversation, conversation->row.owner, CAUSE_no_reply, true, NULL);
}

void decide_snooze(struct engine *engine, struct conversation *conversation, uint32_t delay_ms)
{
    if (delay_ms && conversation->row.substate == SUBSTATE_queued)
        hold(engine, conversation, SUBSTATE_snoozed, CAUSE_nacked, engine->counters.now_ms + delay_ms);
}

void decide_release(struct engine *engine, struct conversation *conversation)
{
    enum cause cause = conversation->row.substate == SUBSTATE_held ? CAUSE_opened : CAUSE_time_up;
    decide_requeue(engine, conversation, 0, cause, false, NULL);
}

/* --- hours --- */

void decide_closed_notice(struct engine *engine, const struct conversation *conversation)
{
    const struct conversation_state *row = &conversation->row;
    const struct queue *queue = names_queue(engine, row->queue);
    if (!conversation_unowned(conversation) || !queue->closed || queue->when_closed != WHEN_CLOSED_message ||
        INT64_C(1000) * row->noticed_s > engine->counters.now_ms)
        return;
    emit(engine, (struct record){.kind = RECORD_reply,
                                 .conversation = row->id,
                                 .sequence = row->sequence + 1,
                                 .epoch = row->epoch,
                                 .account = row->account,
                                 .address = {conversation->address, conversation->address_size},
                                 .until_ms = opening_ms(engine, queue),
                                 .text = queue->closed_text});
}

static void note_hours(struct engine *engine)
{
    for (name_id id = 1; id <= engine->names_count; id++) {
        struct queue *queue = names_queue(engine, id);
        if (queue)
            queue->closed = queue->calendar && !hours_open(queue->calendar, engine->counters.now_ms);
    }
}

/* Those who wait in a queue that has closed are looked at anew, as if they had just come to it. */
static void look_at_the_closed(struct engine *engine)
{
    for (uint32_t i = 0; i < engine->classes_count; i++) {
        const struct class *class = engine->classes[i];
        const struct queue *queue = names_queue(engine, route_queue(class->route));
        for (uint32_t at = 0; queue->closed && at < class->waiting.count; at++)
            id_list_add(&engine->arrived, ITEM_OF(class->waiting.slots[at].node, struct conversation, waiting)->row.id);
    }
}

static void hold_anew(struct engine *engine, struct conversation *conversation)
{
    int64_t at_ms = first_opening_ms(engine, conversation);
    if (!holds(engine, conversation, names_queue(engine, conversation->row.queue)))
        decide_release(engine, conversation);
    else if (at_ms && at_ms != conversation->row.state_ms)
        hold(engine, conversation, SUBSTATE_held, CAUSE_closed, at_ms);
}

void decide_hours_reloaded(struct engine *engine)
{
    const struct conversation *conversation;
    struct id_list held = {0};
    for (size_t at = 0; (conversation = map_next(&engine->conversations, &at));)
        if (conversation->row.substate == SUBSTATE_held)
            id_list_add(&held, conversation->row.id);
    id_list_sort(&held);
    for (uint32_t i = 0; i < held.count; i++)
        hold_anew(engine, conversation_get(engine, held.ids[i]));
    free(held.ids);
}

void decide_hours(struct engine *engine)
{
    int64_t next_ms = 0;
    note_hours(engine);
    match_repair(engine);
    look_at_the_closed(engine);
    for (uint32_t i = 0; i < engine->settings.calendars_count; i++) {
        int64_t at_ms = hours_next_change(&engine->settings.calendars[i], engine->counters.now_ms);
        if (at_ms && (!next_ms || at_ms < next_ms))
            next_ms = at_ms;
    }
    timers_set(engine, &engine->calendars_timer, TIMER_calendars, 0, next_ms);
}
