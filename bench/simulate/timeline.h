/* What will happen and when, in virtual milliseconds as a double: timers embedded in whatever they are of, in the order of time and, at one
 * time, of being set. */
#ifndef RELEVO_SIMULATE_TIMELINE_H
#define RELEVO_SIMULATE_TIMELINE_H

#include "base/heap.h"

struct timer {
    struct heap_node node;
    int kind; /* its owner's business */
};

/* Empty when zeroed. */
struct timeline {
    struct heap timers;
    uint64_t made;
};

/* Sets it anew if it is set; INFINITY: it is not set any more. */
void timeline_set(struct timeline *timeline, struct timer *timer, int kind, double at_ms);
void timeline_stop(struct timeline *timeline, struct timer *timer);

/* When the next is due; INFINITY: none is set. */
double timeline_next_ms(const struct timeline *timeline);

/* The next one, which is then not set any more; NULL: none is. */
struct timer *timeline_take(struct timeline *timeline);
void timeline_fini(struct timeline *timeline);

#endif
