#include "bench/simulate/simulation.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "bench/clock.h"
#include "bench/simulate/configuration.h"
#include "bench/simulate/simulation_state.h"

enum {
    IDLE_HEARTBEATS_MAX = 14, /* customers who wait for what only the engine's own clock brings get a week for it */
    PROGRESS_AFTER_MS = 2000,
    PROGRESS_EVENTS = 1 << 16, /* between two looks at the clock */
};

/* Streams are told apart by purpose and index; their seeds must not be neighbours in the generator's own seeding sequence. */
static uint64_t stream_seed(const struct simulation *simulation, uint64_t purpose, uint64_t index)
{
    struct prng prng;
    prng_init(&prng, simulation->scenario->seed ^ purpose << 56 ^ (index + 1) << 32);
    return prng_next(&prng);
}

static void stream_init(struct simulation *simulation, uint32_t i)
{
    enum { PURPOSE_arrivals = 1, PURPOSE_patience, PURPOSE_handling };
    const struct customer_type *type = &simulation->scenario->types[i];
    struct stream *stream = &simulation->streams[i];
    stream->type = i;
    stream->account = driver_account(&simulation->driver, configuration_account(simulation->scenario, i));
    stream->language = span_of(type->language);
    stream->topic = span_of(type->topic);
    prng_init(&stream->patience, stream_seed(simulation, PURPOSE_patience, i));
    prng_init(&stream->handling, stream_seed(simulation, PURPOSE_handling, i));
    arrival_stream_init(&stream->arrivals, &type->arrivals, simulation->now_ms, stream_seed(simulation, PURPOSE_arrivals, i));
    timeline_set(&simulation->timeline, &stream->timer, TIMER_arrival, arrival_stream_next(&stream->arrivals));
}

static void number_agents(struct simulation *simulation)
{
    const struct scenario *scenario = simulation->scenario;
    simulation->agents = must_zalloc(simulation->config->agents_count + 1UL, sizeof *simulation->agents);
    uint32_t agent = 0;
    for (uint32_t group = 0; group < scenario->groups_count; group++)
        for (uint64_t i = 0; i < scenario->groups[group].count; i++)
            simulation->agents[agent++].group = group;
    ASSERT(agent == simulation->config->agents_count);
}

static void open_all(struct simulation *simulation)
{
    enum { PURPOSE_answering = 4 };
    struct scenario *scenario = simulation->scenario;
    simulation->now_ms = scenario->start_ms;
    measures_init(simulation->measures, scenario->types_count, scenario->groups_count, scenario->batches, scenario->within_ms,
                  !scenario->has_trace, simulation->now_ms);
    pool_init(&simulation->customers, sizeof(struct customer));
    pool_init(&simulation->answers, sizeof(struct answer));
    pool_init(&simulation->backs, sizeof(struct back));
    prng_init(&simulation->answering, stream_seed(simulation, PURPOSE_answering, 0));
    number_agents(simulation);
    driver_open(&simulation->driver, simulation->config, scenario->day_ms, simulation->now_ms, scenario->check);
    window_init(&simulation->window, scenario, simulation->measures);
    simulation->turn_ms = INFINITY;
    simulation_follow_window(simulation);
    simulation->streams = must_zalloc(scenario->types_count, sizeof *simulation->streams);
    for (uint32_t i = 0; i < scenario->types_count; i++)
        stream_init(simulation, i);
    simulation_heartbeat(simulation);
}

/* A run that is over at once shows none. */
static void show_progress(const struct simulation *simulation, int64_t began_ms)
{
    if (clock_ms() - began_ms >= PROGRESS_AFTER_MS)
        fprintf(stderr, "\r%lu arrivals, %.1f h of virtual time\033[K", simulation->result->arrivals,
                (simulation->now_ms - simulation->scenario->start_ms) / 36e5);
}

/* False: nothing will happen any more, or nothing that counts. */
static bool next(struct simulation *simulation)
{
    double at_ms = timeline_next_ms(&simulation->timeline), due_ms;
    if (simulation->driver.fault || simulation->idle_heartbeats > IDLE_HEARTBEATS_MAX ||
        (simulation->cooling && (!simulation->unsettled || !simulation->cooling_left)))
        return false;
    if (driver_due(&simulation->driver, at_ms, &due_ms)) {
        simulation->now_ms = due_ms > simulation->now_ms ? due_ms : simulation->now_ms;
        simulation_hear(simulation);
        return true;
    }
    simulation->now_ms = at_ms;
    simulation_on_timer(simulation, timeline_take(&simulation->timeline));
    return true;
}

static void run(struct simulation *simulation)
{
    int64_t began_ms = clock_ms();
    bool shown = isatty(STDERR_FILENO);
    for (uint64_t events = 1; next(simulation); events++)
        if (shown && events % PROGRESS_EVENTS == 0)
            show_progress(simulation, began_ms);
    if (shown)
        fputs("\r\033[K", stderr);
}

static void count_unsettled(struct simulation *simulation)
{
    const struct customer *customer;
    for (size_t at = 0; (customer = map_next(&simulation->waiting_or_served, &at));)
        if (!customer->served && customer->seen.batch != BATCH_NONE) {
            simulation->result->unsettled++;
            measure_unsettled(simulation->measures, &customer->seen);
        }
}

static void tell_fault(struct simulation *simulation)
{
    const struct driver *driver = &simulation->driver;
    if (driver->fault)
        snprintf(simulation->result->fault, SIMULATION_FAULT_MAX, "an invariant is broken after event %lu, at %.3f s of virtual time: %s",
                 driver->fault_event, simulation->now_ms / 1000, driver->fault);
}

static void close_all(struct simulation *simulation)
{
    window_close(&simulation->window, simulation->now_ms);
    simulation->result->warm_up_ms = simulation->window.begun_ms - simulation->scenario->start_ms;
    count_unsettled(simulation);
    tell_fault(simulation);
    for (uint32_t i = 0; i < simulation->scenario->types_count; i++)
        arrival_stream_fini(&simulation->streams[i].arrivals);
    free(simulation->streams);
    free(simulation->agents);
    driver_close(&simulation->driver);
    timeline_fini(&simulation->timeline);
    map_fini(&simulation->waiting_or_served);
    pool_fini(&simulation->customers);
    pool_fini(&simulation->answers);
    pool_fini(&simulation->backs);
}

void simulation_run(struct scenario *scenario, const struct config *config, struct simulation_result *out)
{
    *out = (struct simulation_result){0};
    struct simulation simulation = {.scenario = scenario, .config = config, .result = out, .measures = &out->measures};
    open_all(&simulation);
    run(&simulation);
    close_all(&simulation);
}

void simulation_result_fini(struct simulation_result *result)
{
    measures_fini(&result->measures);
}
