#include <stdlib.h>

#include "base/check.h"
#include "bench/json.h"
#include "bench/latency.h"
#include "bench/load/route.h"
#include "bench/load/trouble.h"
#include "bench/readable.h"
#include "bench/table.h"

enum { ROUNDS_MAX = 25, SIDES = 2, WARM_UP_SHARE = 5 };

static const char command[] = "bench bystanders";

struct options {
    struct route_options route;
    uint64_t conversations, rounds, phase_ms, trouble_rate;
    const char *only;
    uint32_t first, last; /* kinds */
};

/* One kind: each round a phase without and a phase with it. */
struct comparison {
    double p50_us[SIDES][ROUNDS_MAX], p99_us[SIDES][ROUNDS_MAX], ratios[ROUNDS_MAX];
    uint64_t actions; /* of the kind, in all its timed phases */
};

struct bench {
    struct route route; /* first, so that one is the other */
    struct options options;
    struct trouble trouble;
    struct comparison kinds[TROUBLE_KINDS];
};

static void write_configuration(FILE *out, const void *context)
{
    const struct bench *bench = context;
    const struct route_options *options = &bench->options.route;
    house_write(out, &(struct house){.connectors = options->connectors,
                                     .agents = options->agents,
                                     .queues = options->queues,
                                     .strangers = TROUBLE_KINDS,
                                     .token_hash = bench->route.run.token.hash});
}

static uint64_t phase_messages(const struct options *options)
{
    return options->route.rate * options->phase_ms / 1000 + 1;
}

static uint64_t warm_up_messages(const struct options *options)
{
    return phase_messages(options) / WARM_UP_SHARE + 1;
}

/* One phase, after a warm-up in which the phase before wears off. */
static bool measure_side(struct bench *bench, enum trouble_kind kind, bool troubled, uint64_t round)
{
    const struct options *options = &bench->options;
    struct comparison *comparison = &bench->kinds[kind];
    struct route_phase phase = {options->conversations, warm_up_messages(options)};
    struct route_outcome outcome;
    if (!trouble_make(&bench->trouble, troubled ? kind : TROUBLE_none) || !route_run_phase(&bench->route, &phase, &outcome))
        return false;
    uint64_t actions = atomic_load(&bench->trouble.actions);
    phase.messages = phase_messages(options);
    if (!route_run_phase(&bench->route, &phase, &outcome))
        return false;
    comparison->actions += troubled ? atomic_load(&bench->trouble.actions) - actions : 0;
    comparison->p50_us[troubled][round] = latency_us(&bench->route.deliver_ns, 0.5);
    comparison->p99_us[troubled][round] = latency_us(&bench->route.deliver_ns, 0.99);
    return true;
}

/* Every other round the troubled phase goes first, so that what drifts favours neither. */
static bool measure_round(struct bench *bench, enum trouble_kind kind, uint64_t round)
{
    struct comparison *comparison = &bench->kinds[kind];
    bool first = round % 2;
    if (!measure_side(bench, kind, first, round) || !measure_side(bench, kind, !first, round))
        return false;
    comparison->ratios[round] = comparison->p99_us[true][round] / comparison->p99_us[false][round];
    return true;
}

static void measure(void *context)
{
    struct bench *bench = context;
    const struct options *options = &bench->options;
    uint64_t phases = SIDES * options->rounds * (options->last - options->first + 1);
    bool goes_on = route_open(&bench->route, options->conversations, phases * (phase_messages(options) + warm_up_messages(options))) &&
                   trouble_open(&bench->trouble, &bench->route.run, options->trouble_rate);
    for (uint64_t round = 0; goes_on && round < options->rounds; round++)
        for (uint32_t kind = options->first; goes_on && kind <= options->last; kind++)
            goes_on = measure_round(bench, (enum trouble_kind)kind, round);
    if (goes_on)
        trouble_make(&bench->trouble, TROUBLE_none);
    route_close(&bench->route);
    trouble_close(&bench->trouble);
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

enum quartile { LOWER = 1, MIDDLE = 2, UPPER = 3 };

static double quartile(const struct options *options, const double values[ROUNDS_MAX], enum quartile which)
{
    double sorted[ROUNDS_MAX];
    memcpy(sorted, values, sizeof sorted);
    qsort(sorted, options->rounds, sizeof *sorted, compare);
    return sorted[options->rounds * which / 4];
}

static double median(const struct options *options, const double values[ROUNDS_MAX])
{
    return quartile(options, values, MIDDLE);
}

static double actions_per_second(const struct bench *bench, uint32_t kind)
{
    return (double)bench->kinds[kind].actions * 1000 / (double)(bench->options.rounds * bench->options.phase_ms);
}

static void print_table(const struct bench *bench)
{
    static const char *const headings[] = {"a second", "p50 without", "with", "p99 without", "with", "ratio", "quartiles"};
    const struct options *options = &bench->options;
    char rate[READABLE_MAX];
    struct table table = {0};
    printf(
        "bystanders: %s messages a second, %lu at a time, %lu connectors, %lu agents; %lu rounds of %lu ms without and with each trouble\n"
        "latency of their deliveries from when they were due, in us, the middle one of the rounds\n\n",
        readable_count(rate, options->route.rate), options->route.batch, options->route.connectors, options->route.agents, options->rounds,
        options->phase_ms);
    table_left(&table, "trouble");
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
        table_right(&table, headings[i]);
    for (uint32_t kind = options->first; kind <= options->last; kind++) {
        const struct comparison *comparison = &bench->kinds[kind];
        table_cell(&table, "%s", trouble_about((enum trouble_kind)kind));
        table_cell(&table, "%.0f", actions_per_second(bench, kind));
        for (int side = 0; side < SIDES; side++)
            table_cell(&table, "%.0f", median(options, comparison->p50_us[side]));
        for (int side = 0; side < SIDES; side++)
            table_cell(&table, "%.0f", median(options, comparison->p99_us[side]));
        table_cell(&table, "%.2f", median(options, comparison->ratios));
        table_cell(&table, "%.2f-%.2f", quartile(options, comparison->ratios, LOWER), quartile(options, comparison->ratios, UPPER));
    }
    table_print(&table, stdout);
    table_fini(&table);
}

static json_t *json_of_kind(const struct bench *bench, enum trouble_kind kind)
{
    const struct options *options = &bench->options;
    const struct comparison *comparison = &bench->kinds[kind];
    return json_pack("{s:s, s:f, s:{s:f, s:f}, s:{s:f, s:f}, s:f, s:[f, f]}", "trouble", trouble_name(kind), "actions_per_second",
                     actions_per_second(bench, kind), "deliver_us_without", "p50", median(options, comparison->p50_us[false]), "p99",
                     median(options, comparison->p99_us[false]), "deliver_us_with", "p50", median(options, comparison->p50_us[true]), "p99",
                     median(options, comparison->p99_us[true]), "p99_ratio", median(options, comparison->ratios), "p99_ratio_quartiles",
                     quartile(options, comparison->ratios, LOWER), quartile(options, comparison->ratios, UPPER));
}

static void print_json(const struct bench *bench)
{
    const struct options *options = &bench->options;
    json_t *list = json_array();
    for (uint32_t kind = options->first; kind <= options->last; kind++)
        json_array_append_new(list, json_of_kind(bench, (enum trouble_kind)kind));
    json_print(json_pack("{s:s, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}, s:o, s:I, s:I, s:I}", "bench", "bystanders", "parameters",
                         "rate", (json_int_t)options->route.rate, "batch", (json_int_t)options->route.batch, "connectors",
                         (json_int_t)options->route.connectors, "agents", (json_int_t)options->route.agents, "conversations",
                         (json_int_t)options->conversations, "rounds", (json_int_t)options->rounds, "phase_ms",
                         (json_int_t)options->phase_ms, "trouble_rate", (json_int_t)options->trouble_rate, "kinds", list, "lost",
                         (json_int_t)proof_lost(&bench->route.proof), "duplicated", (json_int_t)bench->route.proof.duplicated, "reordered",
                         (json_int_t)bench->route.proof.reordered));
}

static enum command_exit tell(const void *context)
{
    const struct bench *bench = context;
    if (bench->route.run.options.json)
        print_json(bench);
    else
        print_table(bench);
    return route_verified(&bench->route) ? COMMAND_done : COMMAND_failed;
}

static bool kinds_choose(struct options *options)
{
    options->first = 0;
    options->last = TROUBLE_KINDS - 1;
    for (uint32_t kind = 0; options->only && kind < TROUBLE_KINDS; kind++)
        if (strcmp(options->only, trouble_name((enum trouble_kind)kind)) == 0) {
            options->first = options->last = kind;
            return true;
        }
    if (options->only)
        command_complain(command, "--only: there is no trouble \"%s\"; relevo help %s lists them", options->only, command);
    return !options->only;
}

static bool options_read(void *context, int argc, char **argv, enum command_exit *exit_code)
{
    struct bench *bench = context;
    struct options *options = &bench->options;
    struct route_options *route = &options->route;
    *options = (struct options){
        .route = {.batch = 1, .inflight = 64, .connectors = 2, .agents = 4, .queues = 16, .body_bytes = 250, .rate = 5000},
        .conversations = 10000,
        .rounds = 9,
        .phase_ms = 500,
        .trouble_rate = 200,
    };
    bench->route.options = route;
    bench->route.run.options = (struct run_options){.seconds_max = 600};
    const struct option_spec specs[] = {
        {"rate", OPTION_number, &route->rate, 1, 1000000, "the bystanders' messages a second, on the clock"},
        {"batch", OPTION_number, &route->batch, 1, WIRE_BATCH_MAX, "of them in one submit"},
        {"connectors", OPTION_number, &route->connectors, 1, 64, "bystanding connectors, one connection each"},
        {"agents", OPTION_number, &route->agents, 1, 128, "bystanding agents, one connection each"},
        {"queues", OPTION_number, &route->queues, 1, 4096, "their queues"},
        {"conversations", OPTION_number, &options->conversations, 64, 1000000, "their conversations"},
        {"rounds", OPTION_number, &options->rounds, 1, ROUNDS_MAX, "phases without and with each trouble"},
        {"phase-ms", OPTION_number, &options->phase_ms, 1, 600000, "length of a phase"},
        {"trouble-rate", OPTION_number, &options->trouble_rate, 1, 100000, "what the trouble makers do a second, but for those who read"},
        {"only", OPTION_text, &options->only, 0, 0,
         "one trouble: nothing, sleeping_agent, deaf_agent, deaf_connector, history_reader, status_reader, dying_connections"}};
    const struct usage usage = {
        command,
        NULL,
        "Measures what healthy connectors and agents suffer while another client is slow, dead or greedy: the latency of\n"
        "their messages, in phases without and with each trouble, in turn. Verifies every one of their messages.",
        specs,
        sizeof specs / sizeof *specs,
        NULL};
    return run_options_parse(&bench->route.run.options, &usage, argc, argv, exit_code) && kinds_choose(options);
}

enum command_exit command_bench_bystanders(int argc, char **argv)
{
    static const struct run_task task = {command, sizeof(struct bench), options_read, write_configuration, measure,
                                         tell,    route_progress,       route_fini};
    return run_command(&task, argc, argv);
}
