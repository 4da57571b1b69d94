/* The broker's clock: the wall clock, but one that never goes back. While the wall clock is behind (it was wrong before, or was set back)
 * this one goes on, a little slower, until they meet: deadlines still end, and none is undone. Pure: it is told both times. */
#ifndef RELEVO_NODE_CLOCK_H
#define RELEVO_NODE_CLOCK_H

#include <stdint.h>

struct clock {
    int64_t from_ms;  /* what it said when the wall clock led last */
    uint64_t from_ns; /* and the monotonic time then */
};

/* From a time already given out. */
void clock_init(struct clock *clock, int64_t from_ms, uint64_t monotonic_ns);

/* Never less than before. */
int64_t clock_read(struct clock *clock, int64_t wall_ms, uint64_t monotonic_ns);

#endif
