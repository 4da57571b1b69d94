#include "bench/simulate/measures.h"

#include <math.h>
#include <stdlib.h>

#include "base/check.h"

enum { US_PER_MS = 1000, HOUR_MS = 3600000 };

void measures_init(struct measures *measures, uint32_t types, uint32_t groups, uint32_t batches, double within_ms, bool stationary,
                   double now_ms)
{
    ASSERT(batches >= 2 && batches <= BATCHES_MAX);
    *measures = (struct measures){.types_count = types,
                                  .groups_count = groups,
                                  .batches_count = batches,
                                  .within_ms = within_ms,
                                  .stationary = stationary,
                                  .since_ms = now_ms,
                                  .batch = BATCH_NONE};
    size_t per_batch = (size_t)types * MEASURES + 3UL * types + (size_t)types * groups + groups;
    measures->batches = must_zalloc(batches, sizeof *measures->batches);
    measures->memory = must_zalloc(per_batch * batches + types, sizeof(double));
    measures->waits = must_zalloc(types + 1UL, sizeof *measures->waits);
    double *at = measures->memory;
    for (uint32_t i = 0; i < batches; i++) {
        struct measured_batch *batch = &measures->batches[i];
        batch->types = (void *)at;
        batch->queue_ms = at + (size_t)types * MEASURES;
        batch->open_ms = batch->queue_ms + types;
        batch->lowest = batch->open_ms + types;
        batch->matrix = batch->lowest + types;
        batch->busy = batch->matrix + (size_t)types * groups;
        for (uint32_t type = 0; type < types; type++)
            batch->lowest[type] = INFINITY;
        at += per_batch;
    }
    measures->held = at;
    measures->waiting = must_zalloc(types + (size_t)groups, sizeof *measures->waiting);
    measures->in_service = measures->waiting + types;
    for (uint32_t i = 0; i < types + groups; i++)
        measures->waiting[i].since_ms = now_ms;
}

void measures_fini(struct measures *measures)
{
    free(measures->batches);
    free(measures->memory);
    free(measures->waiting);
    free(measures->waits);
}

/* --- counting --- */

/* Brought up to date only when it changes or a batch ends, so that an event costs the same however many types and groups there are. */
static void integrate(const struct measures *measures, struct level *level, double *integral, double now_ms)
{
    if (measures->batch != BATCH_NONE)
        *integral += level->now * (now_ms - level->since_ms);
    level->since_ms = now_ms;
}

/* Where what is found of the present batch is; outside of all, of any: nothing is added. */
static struct measured_batch *present(struct measures *measures)
{
    return &measures->batches[measures->batch == BATCH_NONE ? 0 : measures->batch];
}

static void integrate_waiting(struct measures *measures, uint32_t type, double now_ms)
{
    struct measured_batch *batch = present(measures);
    const struct level *waiting = &measures->waiting[type];
    if (measures->batch != BATCH_NONE && !measures->held[type] && now_ms > waiting->since_ms) {
        batch->open_ms[type] += now_ms - waiting->since_ms;
        batch->lowest[type] = fmin(batch->lowest[type], waiting->now);
    }
    integrate(measures, &measures->waiting[type], &batch->queue_ms[type], now_ms);
}

void measures_turn(struct measures *measures, int32_t batch, double now_ms)
{
    struct measured_batch *ending = present(measures);
    for (uint32_t i = 0; i < measures->types_count; i++)
        integrate_waiting(measures, i, now_ms);
    for (uint32_t i = 0; i < measures->groups_count; i++)
        integrate(measures, &measures->in_service[i], &ending->busy[i], now_ms);
    if (measures->batch != BATCH_NONE)
        ending->duration_ms += now_ms - measures->since_ms;
    measures->since_ms = now_ms;
    measures->batch = batch;
}

static void count(struct measures *measures, const struct customer_seen *customer, enum measure measure, double by)
{
    if (customer->batch == BATCH_NONE)
        return;
    measures->batches[customer->batch].types[customer->type][measure] += by;
    measures->hours[(uint64_t)(customer->arrived_ms / HOUR_MS) % HOURS][measure] += by;
}

void measure_arrival(struct measures *measures, const struct customer_seen *customer)
{
    count(measures, customer, MEASURE_offered, 1);
    count(measures, customer, MEASURE_let_in, 1);
}

void measure_served(struct measures *measures, const struct customer_seen *customer, double wait_ms)
{
    if (customer->batch == BATCH_NONE)
        return;
    count(measures, customer, MEASURE_served, 1);
    count(measures, customer, MEASURE_wait_served, wait_ms);
    if (wait_ms > 0)
        count(measures, customer, MEASURE_waited, 1);
    if (wait_ms <= measures->within_ms)
        count(measures, customer, MEASURE_within, 1);
    uint64_t wait_us = (uint64_t)llround(wait_ms * US_PER_MS);
    histogram_record(&measures->waits[customer->type], wait_us);
    histogram_record(&measures->waits[measures->types_count], wait_us);
}

void measure_left(struct measures *measures, const struct customer_seen *customer, double wait_ms)
{
    count(measures, customer, MEASURE_abandoned, 1);
    count(measures, customer, MEASURE_waited, 1);
    count(measures, customer, MEASURE_wait_left, wait_ms);
    if (wait_ms <= measures->within_ms)
        count(measures, customer, MEASURE_left_within, 1);
}

void measure_refused(struct measures *measures, const struct customer_seen *customer)
{
    count(measures, customer, MEASURE_turned_away, 1);
    count(measures, customer, MEASURE_let_in, -1);
}

void measure_ended(struct measures *measures, const struct customer_seen *customer)
{
    count(measures, customer, MEASURE_turned_away, 1);
    count(measures, customer, MEASURE_waited, 1);
}

void measure_unsettled(struct measures *measures, const struct customer_seen *customer)
{
    count(measures, customer, MEASURE_waited, 1);
}

void measure_waiting(struct measures *measures, uint32_t type, double change, double now_ms)
{
    integrate_waiting(measures, type, now_ms);
    measures->waiting[type].now += change;
}

void measure_held(struct measures *measures, uint32_t type, double change, double now_ms)
{
    integrate_waiting(measures, type, now_ms);
    measures->held[type] += change;
}

void measure_busy(struct measures *measures, uint32_t group, double agents, double now_ms)
{
    integrate(measures, &measures->in_service[group], &present(measures)->busy[group], now_ms);
    measures->in_service[group].now += agents;
}

void measure_match(struct measures *measures, uint32_t type, uint32_t group)
{
    if (measures->batch != BATCH_NONE)
        measures->batches[measures->batch].matrix[type * measures->groups_count + group] += 1;
}

/* --- results --- */

/* A ratio of sums over batches; its error from how far each batch is from it (the usual linearisation). */
struct ratio {
    double above[BATCHES_MAX], below[BATCHES_MAX];
    uint32_t count;
};

static struct estimate ratio_estimate(const struct measures *measures, const struct ratio *ratio)
{
    double above = 0, below = 0, squares = 0;
    for (uint32_t i = 0; i < ratio->count; i++) {
        above += ratio->above[i];
        below += ratio->below[i];
    }
    if (!(below > 0))
        return (struct estimate){NAN, NAN};
    double value = above / below, n = ratio->count;
    for (uint32_t i = 0; i < ratio->count; i++)
        squares += pow(ratio->above[i] - value * ratio->below[i], 2);
    return (struct estimate){value, !measures->stationary ? NAN : sqrt(squares * n / (n - 1)) / below};
}

static double batch_sum(const struct measures *measures, uint32_t batch, uint32_t type, uint32_t set)
{
    double sum = 0;
    for (uint32_t i = 0; i < measures->types_count; i++)
        for (uint32_t measure = 0; measure < MEASURES; measure++)
            if ((type == i || type == MEASURE_ALL_TYPES) && set >> measure & 1)
                sum += measures->batches[batch].types[i][measure];
    return sum;
}

struct estimate estimate_share(const struct measures *measures, uint32_t type, uint32_t above, uint32_t below)
{
    struct ratio ratio = {.count = measures->batches_count};
    for (uint32_t i = 0; i < ratio.count; i++) {
        ratio.above[i] = batch_sum(measures, i, type, above);
        ratio.below[i] = batch_sum(measures, i, type, below);
    }
    return ratio_estimate(measures, &ratio);
}

struct estimate estimate_rate(const struct measures *measures, uint32_t type, uint32_t set)
{
    struct ratio ratio = {.count = measures->batches_count};
    for (uint32_t i = 0; i < ratio.count; i++) {
        ratio.above[i] = batch_sum(measures, i, type, set);
        ratio.below[i] = measures->batches[i].duration_ms;
    }
    return ratio_estimate(measures, &ratio);
}

struct estimate estimate_queue(const struct measures *measures, uint32_t type)
{
    struct ratio ratio = {.count = measures->batches_count};
    for (uint32_t i = 0; i < ratio.count; i++) {
        for (uint32_t at = 0; at < measures->types_count; at++)
            if (type == at || type == MEASURE_ALL_TYPES)
                ratio.above[i] += measures->batches[i].queue_ms[at];
        ratio.below[i] = measures->batches[i].duration_ms;
    }
    return ratio_estimate(measures, &ratio);
}

struct estimate estimate_match(const struct measures *measures, uint32_t type, uint32_t group)
{
    struct ratio ratio = {.count = measures->batches_count};
    for (uint32_t i = 0; i < ratio.count; i++) {
        ratio.above[i] = measures->batches[i].matrix[type * measures->groups_count + group];
        ratio.below[i] = measures->batches[i].duration_ms;
    }
    return ratio_estimate(measures, &ratio);
}

struct estimate estimate_busy(const struct measures *measures, uint32_t group)
{
    struct ratio ratio = {.count = measures->batches_count};
    for (uint32_t i = 0; i < ratio.count; i++) {
        ratio.above[i] = measures->batches[i].busy[group];
        ratio.below[i] = measures->batches[i].duration_ms;
    }
    return ratio_estimate(measures, &ratio);
}

double measure_total(const struct measures *measures, uint32_t type, uint32_t set)
{
    double sum = 0;
    for (uint32_t i = 0; i < measures->batches_count; i++)
        sum += batch_sum(measures, i, type, set);
    return sum;
}

double measured_ms(const struct measures *measures)
{
    double sum = 0;
    for (uint32_t i = 0; i < measures->batches_count; i++)
        sum += measures->batches[i].duration_ms;
    return sum;
}

const struct histogram *measured_waits(const struct measures *measures, uint32_t type)
{
    return &measures->waits[type == MEASURE_ALL_TYPES ? measures->types_count : type];
}

/* In the batches that are, by their middle, between these shares of the type's open time. */
static double lowest_queue(const struct measures *measures, uint32_t type, double from, double to)
{
    double open_ms = 0, passed_ms = 0, lowest = INFINITY;
    for (uint32_t i = 0; i < measures->batches_count; i++)
        open_ms += measures->batches[i].open_ms[type];
    for (uint32_t i = 0; i < measures->batches_count; i++) {
        const struct measured_batch *batch = &measures->batches[i];
        double middle_ms = passed_ms + batch->open_ms[type] / 2;
        if (middle_ms > from * open_ms && middle_ms < to * open_ms)
            lowest = fmin(lowest, batch->lowest[type]);
        passed_ms += batch->open_ms[type];
    }
    return lowest;
}

bool measured_growth(const struct measures *measures)
{
    double before = 0, after = 0, offered = measure_total(measures, MEASURE_ALL_TYPES, MEASURE_BIT(offered));
    for (uint32_t type = 0; type < measures->types_count; type++) {
        double second_quarter = lowest_queue(measures, type, 0.25, 0.5), second_half = lowest_queue(measures, type, 0.5, 1);
        bool comparable = isfinite(second_quarter) && isfinite(second_half);
        before += comparable ? second_quarter : 0;
        after += comparable ? second_half : 0;
    }
    return measures->stationary && after > 1.25 * before && after > 20 && after > 0.003 * offered;
}
