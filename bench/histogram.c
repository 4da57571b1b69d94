#include "bench/histogram.h"

enum { SUB_COUNT = 1 << HISTOGRAM_SUB_BITS };

/* Values below SUB_COUNT have a bucket each; from there on every octave has SUB_COUNT of them, so that the index is continuous. */
static uint32_t bucket_of(uint64_t value)
{
    if (value < SUB_COUNT)
        return (uint32_t)value;
    if (value >> HISTOGRAM_VALUE_BITS)
        return HISTOGRAM_BUCKETS - 1;
    uint32_t shift = 63 - (uint32_t)__builtin_clzll(value) - HISTOGRAM_SUB_BITS;
    return ((shift + 1) << HISTOGRAM_SUB_BITS) + (uint32_t)((value >> shift) - SUB_COUNT);
}

static uint64_t bucket_largest(uint32_t bucket)
{
    if (bucket < SUB_COUNT)
        return bucket;
    uint32_t shift = (bucket >> HISTOGRAM_SUB_BITS) - 1;
    uint64_t mantissa = (bucket & (SUB_COUNT - 1)) + SUB_COUNT;
    return ((mantissa + 1) << shift) - 1;
}

void histogram_record(struct histogram *histogram, uint64_t value)
{
    histogram->counts[bucket_of(value)]++;
    histogram->count++;
    histogram->sum += value;
    if (value > histogram->max)
        histogram->max = value;
}

/* How many values must be at or below the answer: rounded up, and at least one. */
static uint64_t rank_of(double fraction, uint64_t count)
{
    double wanted = fraction * (double)count;
    uint64_t rank = (uint64_t)wanted;
    if ((double)rank < wanted)
        rank++;
    return rank ? rank : 1;
}

uint64_t histogram_at(const struct histogram *histogram, double fraction)
{
    uint64_t rank = rank_of(fraction, histogram->count), below = 0;
    for (uint32_t bucket = 0; bucket < HISTOGRAM_BUCKETS - 1; bucket++) {
        below += histogram->counts[bucket];
        if (below >= rank) {
            uint64_t largest = bucket_largest(bucket);
            return largest < histogram->max ? largest : histogram->max;
        }
    }
    return histogram->max;
}

double histogram_quantile(const struct histogram *histogram, double fraction)
{
    uint64_t rank = rank_of(fraction, histogram->count), below = 0;
    for (uint32_t bucket = 0; histogram->count && bucket < HISTOGRAM_BUCKETS - 1; bucket++) {
        uint64_t count = histogram->counts[bucket];
        if (below + count >= rank) {
            double least = bucket ? (double)bucket_largest(bucket - 1) + 1 : 0, width = (double)bucket_largest(bucket) - least;
            double value = least + width * ((double)(rank - below) - 0.5) / (double)count;
            return value < (double)histogram->max ? value : (double)histogram->max;
        }
        below += count;
    }
    return (double)histogram->max;
}

double histogram_mean(const struct histogram *histogram)
{
    return histogram->count ? (double)histogram->sum / (double)histogram->count : 0;
}
