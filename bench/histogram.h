/* A log-linear histogram of non-negative values (as HdrHistogram): every power of two is cut into 128 equal buckets, so a percentile is
 * right to 1 in 128 whatever its size, recording is a shift and an add, and nothing is allocated. Knows nothing of units. */
#ifndef RELEVO_BENCH_HISTOGRAM_H
#define RELEVO_BENCH_HISTOGRAM_H

#include <stdint.h>

enum {
    HISTOGRAM_SUB_BITS = 7,
    HISTOGRAM_VALUE_BITS = 44, /* larger values count in the last bucket; in nanoseconds that is nearly five hours */
    HISTOGRAM_BUCKETS = (HISTOGRAM_VALUE_BITS - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS,
};

/* Empty when zeroed. */
struct histogram {
    uint64_t counts[HISTOGRAM_BUCKETS];
    uint64_t count, sum, max;
};

void histogram_record(struct histogram *histogram, uint64_t value);

/* The least bucket that `fraction` (0 to 1) of the values do not exceed, as its largest value, never above the largest recorded; 0 when
 * empty. */
uint64_t histogram_at(const struct histogram *histogram, double fraction);

/* The same, between the bounds of the bucket in proportion to where in it the value lies: nearer than 1 in 128 where many were recorded. */
double histogram_quantile(const struct histogram *histogram, double fraction);

/* Exact; 0 when empty. */
double histogram_mean(const struct histogram *histogram);

#endif
