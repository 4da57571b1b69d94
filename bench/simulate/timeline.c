#include "bench/simulate/timeline.h"

#include <math.h>
#include <string.h>

#include "base/check.h"

/* Times are not negative, so the bits of a double order as the number does. */
static int64_t key_of(double at_ms)
{
    int64_t bits;
    at_ms += 0.0; /* no negative zero */
    ASSERT(at_ms >= 0);
    memcpy(&bits, &at_ms, sizeof bits);
    return bits;
}

static double time_of(int64_t key)
{
    double at_ms;
    memcpy(&at_ms, &key, sizeof at_ms);
    return at_ms;
}

void timeline_stop(struct timeline *timeline, struct timer *timer)
{
    if (timer->node.position)
        heap_remove(&timeline->timers, &timer->node);
}

void timeline_set(struct timeline *timeline, struct timer *timer, int kind, double at_ms)
{
    timeline_stop(timeline, timer);
    if (isinf(at_ms))
        return;
    timer->kind = kind;
    timer->node.key = key_of(at_ms);
    timer->node.tie = ++timeline->made;
    heap_insert(&timeline->timers, &timer->node);
}

double timeline_next_ms(const struct timeline *timeline)
{
    const struct heap_node *first = heap_first(&timeline->timers);
    return first ? time_of(first->key) : INFINITY;
}

struct timer *timeline_take(struct timeline *timeline)
{
    struct heap_node *first = heap_first(&timeline->timers);
    if (first)
        heap_remove(&timeline->timers, first);
    return (struct timer *)(void *)first;
}

void timeline_fini(struct timeline *timeline)
{
    heap_fini(&timeline->timers);
}
