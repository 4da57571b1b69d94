#include "engine/place.h"

#include "engine/match.h"
#include "engine/names.h"

int64_t place_deadline(const struct queue *queue, int64_t from_ms, uint32_t span_ms)
{
    if (!queue->business_time || !queue->calendar)
        return from_ms + span_ms;
    int64_t at_ms = hours_add(queue->calendar, from_ms, span_ms);
    return at_ms ? at_ms : from_ms + span_ms;
}

int64_t place_order(const struct queue *queue, uint32_t priority, int64_t arrival_ms)
{
    static const int64_t head_start_minutes[] = {
        [0] = 5, [PRIORITY_low] = 0, [PRIORITY_normal] = 5, [PRIORITY_high] = 30, [PRIORITY_urgent] = 1440};
    if (queue->edf && queue->first_response_ms)
        return place_deadline(queue, arrival_ms, queue->first_response_ms);
    return arrival_ms - 60000 * head_start_minutes[priority <= PRIORITY_MAX ? priority : 0];
}

static struct place place_of(const struct queue *queue, struct span route, uint32_t priority, int64_t arrival_ms, enum choice choice,
                             name_id plan, uint32_t step)
{
    return (struct place){.queue = queue->id,
                          .route = route,
                          .priority = priority,
                          .order_ms = place_order(queue, priority, arrival_ms),
                          .lane = queue->lane,
                          .choice = choice ? choice : queue->choice,
                          .plan = plan,
                          .step = step};
}

struct place place_in(const struct queue *queue, struct span route, uint32_t priority, int64_t arrival_ms)
{
    return place_of(queue, route, priority, arrival_ms, 0, 0, 0);
}

struct place place_at_step(const struct engine *engine, const struct routing *routing, uint32_t step, uint32_t priority, int64_t arrival_ms)
{
    const struct routing_step *at = &routing->steps[step];
    for (uint32_t i = 0; i <= step; i++)
        if (routing->steps[i].priority)
            priority = routing->steps[i].priority;
    return place_of(names_queue(engine, at->queue), at->route, priority, arrival_ms, at->choice, routing->id, step);
}

struct place place_for_anybody(struct engine *engine, const struct conversation *conversation, const struct queue *queue,
                               const struct requirement *requirement)
{
    char bytes[ROUTE_BYTES_MAX];
    const struct conversation_state *row = &conversation->row;
    struct route route = route_to(queue->id, requirement);
    struct place place = place_in(queue, route_encode(&route, bytes), row->priority, row->arrival_ms);
    struct terms terms = {row->type, row->cost, (uint8_t)place.lane, (uint8_t)place.choice, place.route};
    place.route = match_class(engine, &terms)->bytes;
    return place;
}

struct place place_kept(const struct conversation *conversation)
{
    const struct conversation_state *row = &conversation->row;
    return (struct place){.queue = row->queue,
                          .route = conversation->class->bytes,
                          .priority = row->priority,
                          .order_ms = row->key_ms,
                          .lane = row->lane,
                          .choice = row->choice,
                          .plan = row->plan,
                          .step = row->step};
}

/* Apart, because a route is large. */
__attribute__((noinline)) static bool nobody_for(const struct engine *engine, struct span bytes)
{
    struct route route;
    return route_decode(bytes, &route) && !match_anybody(engine, &route, true);
}

uint32_t place_first_step(const struct engine *engine, const struct routing *routing, uint32_t step)
{
    while (step + 1 < routing->count && routing->steps[step].skip_if_nobody && nobody_for(engine, routing->steps[step].route))
        step++;
    return step;
}

void place_write(const struct place *place, struct record *record)
{
    record->queue = place->queue;
    /* By member, as it was just written: read whole, it would be waited for. */
    record->route = (struct span){place->route.data, place->route.size};
    record->priority = place->priority;
    record->order_ms = place->order_ms;
    record->lane = place->lane;
    record->choice = place->choice;
    record->plan = place->plan;
    record->step = place->step;
}
