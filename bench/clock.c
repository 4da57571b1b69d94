#include "bench/clock.h"

#include <stdlib.h>

enum { SAMPLES = 10001 };

static int by_size(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

uint64_t clock_cost_ns(void)
{
    uint64_t costs[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
        uint64_t from = clock_ns();
        costs[i] = clock_ns() - from;
    }
    qsort(costs, SAMPLES, sizeof *costs, by_size);
    return costs[SAMPLES / 2];
}
