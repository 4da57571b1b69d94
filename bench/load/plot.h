/* Latency percentiles as a picture: one curve for each histogram over logarithmic axes, along the one how rare a latency is (1 of 10 is
 * p90, 1 of 100 p99), along the other how long it takes. An SVG that needs nothing else. */
#ifndef RELEVO_BENCH_PLOT_H
#define RELEVO_BENCH_PLOT_H

#include <stdbool.h>
#include <stdio.h>

#include "bench/latency.h"

enum { PLOT_CURVES_MAX = 8 };

void plot_print(FILE *out, const char *title, const struct latency *latencies, size_t count);

/* The same, into a file. False: complained, in the name of `command`. */
bool plot_write(const char *command, const char *path, const char *title, const struct latency *latencies, size_t count);

#endif
