#include "node/clock.h"

void clock_init(struct clock *clock, int64_t from_ms, uint64_t monotonic_ns)
{
    *clock = (struct clock){from_ms, monotonic_ns};
}

int64_t clock_read(struct clock *clock, int64_t wall_ms, uint64_t monotonic_ns)
{
    int64_t elapsed_ms = (int64_t)((monotonic_ns - clock->from_ns) / 1000000);
    int64_t slow_ms = clock->from_ms + elapsed_ms / 8 * 7 + elapsed_ms % 8 * 7 / 8;
    if (wall_ms > slow_ms)
        clock_init(clock, wall_ms, monotonic_ns);
    return wall_ms > slow_ms ? wall_ms : slow_ms;
}
