/* When customers of one type arrive: a renewal process (Poisson, fixed interval, or any distribution of intervals), alone or several at
 * once, or a trace. `struct arrivals` is what the scenario says; `struct arrival_stream` is one run of it. */
#ifndef RELEVO_SIMULATE_ARRIVALS_H
#define RELEVO_SIMULATE_ARRIVALS_H

#include "bench/simulate/distribution.h"
#include "bench/simulate/trace.h"

struct arrivals {
    struct distribution interval; /* between arrivals; not with a trace */
    uint64_t batch;               /* how many arrive together */
    bool is_trace;
    struct trace trace;
};

void arrivals_read(struct document *document, const struct node *node, struct arrivals *out);
void arrivals_fini(struct arrivals *arrivals);

struct arrival_stream {
    const struct arrivals *arrivals;
    struct prng prng;
    double now_ms;
    uint64_t left;    /* of the present batch */
    double *times_ms; /* trace: of every arrival, ascending */
    size_t count, at;
};

void arrival_stream_init(struct arrival_stream *stream, const struct arrivals *arrivals, double start_ms, uint64_t seed);

/* When the next customer arrives; INFINITY: none any more. */
double arrival_stream_next(struct arrival_stream *stream);
void arrival_stream_fini(struct arrival_stream *stream);

#endif
