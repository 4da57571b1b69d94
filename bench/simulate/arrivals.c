#include "bench/simulate/arrivals.h"

#include <math.h>
#include <stdlib.h>

#include "base/check.h"
#include "bench/simulate/quantity.h"

/* {poisson: ...} is {exponential: ...}, and a bare {per_hour: 120} is Poisson too. */
static void read_interval(struct document *document, const struct node *node, struct arrivals *out)
{
    struct node *found = distribution_find(node), *poisson = node_find(node, "poisson");
    const char *const kinds[] = {"poisson", "per_second", "per_minute", "per_hour", "per_day"};
    uint32_t given = found != NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        given += node_find(node, kinds[i]) != NULL;
    if (given != 1) {
        node_refuse(document, node, "expected one of poisson, fixed, trace, a rate (per_hour, ...) or a distribution of intervals");
        return;
    }
    struct node bare = {.kind = NODE_map, .key = "poisson", .path = node->path, .line = node->line};
    for (size_t i = 1; i < sizeof kinds / sizeof *kinds; i++) {
        const struct node *rate = node_find(node, kinds[i]);
        if (rate)
            node_put(&bare, rate->key, node_copy(document, rate));
    }
    out->interval = distribution_read(document, found ? found : poisson ? poisson : &bare);
    if (!(out->interval.mean_ms > 0))
        node_refuse(document, node, "expected intervals with a mean above 0");
}

void arrivals_read(struct document *document, const struct node *node, struct arrivals *out)
{
    static const char *const known[] = {"poisson",  "trace",   "batch",           "per_second", "per_minute",
                                        "per_hour", "per_day", DISTRIBUTION_KEYS, NULL};
    *out = (struct arrivals){.batch = 1};
    if (!node_keys(document, node, known))
        return;
    out->batch = quantity_count(document, node_find(node, "batch"), 1, 1000000, 1);
    const struct node *trace = node_find(node, "trace");
    out->is_trace = trace != NULL;
    if (trace)
        trace_read(document, trace, &out->trace);
    else
        read_interval(document, node, out);
}

void arrivals_fini(struct arrivals *arrivals)
{
    trace_fini(&arrivals->trace);
}

static uint64_t scaled(uint64_t count, double scale, struct prng *prng)
{
    double exact = (double)count * scale, whole = floor(exact);
    return (uint64_t)whole + (scale != 1 && draw_uniform(prng) < exact - whole);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Each interval's arrivals are spread uniformly and at random inside it: given their number, that is where Poisson arrivals are. */
static void place_trace(struct arrival_stream *stream, double start_ms)
{
    const struct trace *trace = &stream->arrivals->trace;
    size_t capacity = 0;
    for (uint32_t i = 0; i < trace->slots_count; i++) {
        const struct trace_slot *slot = &trace->slots[i];
        uint64_t count = scaled(slot->count, trace->scale, &stream->prng);
        if (stream->count + count > capacity) {
            capacity = 2 * (stream->count + count);
            stream->times_ms = must_grow(stream->times_ms, capacity * sizeof(double));
        }
        for (; count; count--) {
            double at_ms = slot->from_ms + (slot->to_ms - slot->from_ms) * draw_uniform(&stream->prng);
            if (at_ms >= start_ms)
                stream->times_ms[stream->count++] = at_ms;
        }
    }
    if (stream->count)
        qsort(stream->times_ms, stream->count, sizeof(double), by_value);
}

void arrival_stream_init(struct arrival_stream *stream, const struct arrivals *arrivals, double start_ms, uint64_t seed)
{
    *stream = (struct arrival_stream){.arrivals = arrivals, .now_ms = start_ms};
    prng_init(&stream->prng, seed);
    if (arrivals->is_trace)
        place_trace(stream, start_ms);
}

double arrival_stream_next(struct arrival_stream *stream)
{
    if (stream->left) {
        stream->left--;
        return stream->now_ms;
    }
    if (!stream->arrivals->is_trace)
        stream->now_ms += distribution_draw(&stream->arrivals->interval, &stream->prng);
    else
        stream->now_ms = stream->at < stream->count ? stream->times_ms[stream->at++] : INFINITY;
    stream->left = isfinite(stream->now_ms) ? stream->arrivals->batch - 1 : 0;
    return stream->now_ms;
}

void arrival_stream_fini(struct arrival_stream *stream)
{
    free(stream->times_ms);
}
