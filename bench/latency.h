/* Latencies as benches tell them: a table, JSON, and a picture. The histograms are of nanoseconds; what is told is microseconds. */
#ifndef RELEVO_BENCH_LATENCY_H
#define RELEVO_BENCH_LATENCY_H

#include <jansson.h>

#include "bench/histogram.h"

struct latency {
    const char *key;   /* in JSON: "ack_us" */
    const char *label; /* for people: "sent to acknowledged" */
    const struct histogram *histogram;
};

/* The value that `fraction` of the latencies do not exceed. */
double latency_us(const struct histogram *histogram, double fraction);

void latencies_print(const struct latency *latencies, size_t count);

/* An object of p50, p99, p999 and max. */
json_t *latency_json(const struct histogram *histogram);

/* Adds one such object for each, under its key. */
void latencies_put(json_t *object, const struct latency *latencies, size_t count);

#endif
