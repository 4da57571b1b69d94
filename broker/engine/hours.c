#include "engine/hours.h"

/* The first interval that ends after now_ms; count when there is none. */
static uint32_t current(const struct hours *hours, int64_t now_ms)
{
    uint32_t low = 0, high = hours->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (hours->intervals[middle].close_ms <= now_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool hours_open(const struct hours *hours, int64_t now_ms)
{
    uint32_t at = current(hours, now_ms);
    return at < hours->count && hours->intervals[at].open_ms <= now_ms;
}

int64_t hours_next_change(const struct hours *hours, int64_t now_ms)
{
    uint32_t at = current(hours, now_ms);
    if (at == hours->count)
        return 0;
    return hours->intervals[at].open_ms > now_ms ? hours->intervals[at].open_ms : hours->intervals[at].close_ms;
}

int64_t hours_next_opening(const struct hours *hours, int64_t now_ms)
{
    uint32_t at = current(hours, now_ms);
    if (at == hours->count)
        return 0;
    return hours->intervals[at].open_ms > now_ms ? hours->intervals[at].open_ms : now_ms;
}

int64_t hours_add(const struct hours *hours, int64_t from_ms, int64_t span_ms)
{
    for (uint32_t at = current(hours, from_ms); at < hours->count; at++) {
        int64_t open_ms = hours->intervals[at].open_ms > from_ms ? hours->intervals[at].open_ms : from_ms;
        int64_t there = hours->intervals[at].close_ms - open_ms;
        if (span_ms <= there)
            return open_ms + span_ms;
        span_ms -= there;
    }
    return 0;
}
