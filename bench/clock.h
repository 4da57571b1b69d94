/* The clocks: of measurements in nanoseconds, of waiting in milliseconds. */
#ifndef RELEVO_BENCH_CLOCK_H
#define RELEVO_BENCH_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_read(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Monotonic. */
static inline uint64_t clock_ns(void)
{
    return clock_read(CLOCK_MONOTONIC);
}

static inline int64_t clock_ms(void)
{
    return (int64_t)(clock_ns() / 1000000);
}

/* Of the processor, spent by this thread. */
static inline uint64_t clock_thread_ns(void)
{
    return clock_read(CLOCK_THREAD_CPUTIME_ID);
}

/* The median of asking the monotonic clock twice in a row: what every measured interval is too long by. */
uint64_t clock_cost_ns(void);

#endif
