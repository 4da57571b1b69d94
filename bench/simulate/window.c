#include "bench/simulate/window.h"

#include <math.h>

static bool by_arrivals(const struct window *window)
{
    return window->scenario->arrivals != UINT64_MAX;
}

void window_close(struct window *window, double now_ms)
{
    struct measures *measures = window->measures;
    if (window->over)
        return;
    measures_turn(measures, BATCH_NONE, now_ms);
    for (uint32_t i = 0; i < measures->types_count; i++)
        measures->waiting_at_end += measures->waiting[i].now;
    window->over = true;
    window->turn_ms = INFINITY;
}

/* With nothing else to end it, the run ends with the last trace: who arrives last is still counted. */
static double run_end_ms(const struct scenario *scenario)
{
    double end_ms = scenario->start_ms + scenario->run_ms, traces_ms = 0;
    if (isfinite(end_ms) || scenario->arrivals != UINT64_MAX)
        return end_ms;
    for (uint32_t i = 0; i < scenario->types_count; i++) {
        const struct trace *trace = &scenario->types[i].arrivals.trace;
        if (!trace->slots_count)
            continue;
        const struct trace_slot *last = &trace->slots[trace->slots_count - 1];
        double last_ms = last->to_ms > last->from_ms ? last->to_ms : last->to_ms + 1;
        traces_ms = last_ms > traces_ms ? last_ms : traces_ms;
    }
    return traces_ms;
}

static void begin(struct window *window, double now_ms, uint64_t arrivals)
{
    const struct scenario *scenario = window->scenario;
    window->warm = true;
    window->begun_ms = now_ms;
    window->turn_ms = run_end_ms(scenario);
    measures_turn(window->measures, 0, now_ms);
    if (!by_arrivals(window)) {
        window->batch_ms = (window->turn_ms - now_ms) / scenario->batches;
        window->turn_ms = now_ms + window->batch_ms;
    } else if (arrivals >= scenario->arrivals) {
        window_close(window, now_ms); /* the warm-up was all there was */
    } else {
        window->batch_arrivals = (double)(scenario->arrivals - arrivals) / scenario->batches;
        window->next_turn = arrivals + (uint64_t)llround(window->batch_arrivals);
    }
}

void window_init(struct window *window, const struct scenario *scenario, struct measures *measures)
{
    *window = (struct window){.scenario = scenario, .measures = measures, .turn_ms = INFINITY};
    if (scenario->warm_up_ms > 0)
        window->turn_ms = scenario->start_ms + scenario->warm_up_ms;
    else if (!scenario->warm_up_arrivals)
        begin(window, scenario->start_ms, 0);
}

static void next_batch(struct window *window, double now_ms)
{
    int32_t next = window->measures->batch + 1;
    if (next == (int32_t)window->measures->batches_count) {
        window_close(window, now_ms);
        return;
    }
    measures_turn(window->measures, next, now_ms);
    /* Rounded sums, so that the last batch ends where it should. */
    window->next_turn += (uint64_t)llround((next + 1) * window->batch_arrivals) - (uint64_t)llround(next * window->batch_arrivals);
    if (!by_arrivals(window))
        window->turn_ms = window->begun_ms + (next + 1) * window->batch_ms;
}

void window_turn(struct window *window, double now_ms, uint64_t arrivals)
{
    window->turn_ms = INFINITY;
    if (window->over)
        return;
    if (!window->warm)
        begin(window, now_ms, arrivals);
    else if (by_arrivals(window))
        window_close(window, now_ms); /* the time given beside the number is up */
    else
        next_batch(window, now_ms);
}

void window_arrival(struct window *window, double now_ms, uint64_t arrivals)
{
    const struct scenario *scenario = window->scenario;
    bool warmed = scenario->warm_up_arrivals && arrivals >= scenario->warm_up_arrivals && isinf(window->turn_ms);
    if (!window->warm && (warmed || arrivals == scenario->arrivals))
        begin(window, now_ms, arrivals);
    while (window->warm && !window->over && by_arrivals(window) && arrivals >= window->next_turn)
        next_batch(window, now_ms); /* of fewer arrivals than batches, several end with one */
}
