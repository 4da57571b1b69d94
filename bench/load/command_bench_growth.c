#include <stdlib.h>

#include "base/check.h"
#include "bench/json.h"
#include "bench/latency.h"
#include "bench/load/route.h"
#include "bench/readable.h"
#include "bench/table.h"

enum { STEPS_MAX = 8, ROWS_MAX = STEPS_MAX + 1, WINDOWS_MAX = 9 };

static const char command[] = "bench growth";

struct options {
    struct run_options run;
    struct route_options route;
    const char *steps_text;
    uint64_t steps[STEPS_MAX], steps_count; /* conversations, ascending */
    uint64_t messages, windows, crowd;
};

/* What one window came to. */
enum figure { MESSAGES_PER_SECOND, ACK_P50, ACK_P99, DELIVER_P50, DELIVER_P99, DISK_BYTES, FIGURES };

/* One size: of every figure the middle one of its windows. */
struct row {
    uint64_t conversations, agents, rss_bytes, anonymous_bytes;
    double figures[FIGURES];
};

/* One broker, as it grows. */
struct part {
    struct route route; /* first, so that one is the other */
    struct route_options options;
    const struct options *all;
    uint64_t steps_count;
    struct row rows[STEPS_MAX];
};

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *values, uint64_t count)
{
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

static bool measure_row(struct part *part, uint64_t conversations, struct row *row)
{
    double windows[FIGURES][WINDOWS_MAX];
    const struct route_phase phase = {conversations, part->all->messages};
    /* The first window of a size is its warm-up. */
    for (uint64_t i = 0; i <= part->all->windows; i++) {
        struct route_outcome outcome;
        if (!route_run_phase(&part->route, &phase, &outcome))
            return false;
        const struct histogram *ack_ns = &part->route.ack_ns, *deliver_ns = &part->route.deliver_ns;
        const double figures[FIGURES] = {(double)outcome.messages_per_second, latency_us(ack_ns, 0.5),      latency_us(ack_ns, 0.99),
                                         latency_us(deliver_ns, 0.5),         latency_us(deliver_ns, 0.99), outcome.disk_bytes_per_message};
        for (int figure = 0; figure < FIGURES && i > 0; figure++)
            windows[figure][i - 1] = figures[figure];
        row->rss_bytes = outcome.rss_bytes;
        row->anonymous_bytes = outcome.anonymous_bytes;
    }
    row->conversations = conversations;
    row->agents = part->options.agents;
    for (int figure = 0; figure < FIGURES; figure++)
        row->figures[figure] = median(windows[figure], part->all->windows);
    return true;
}

static void measure(void *context)
{
    struct part *part = context;
    const struct options *all = part->all;
    uint64_t largest = all->steps[part->steps_count - 1], windows = part->steps_count * (all->windows + 1);
    if (route_open(&part->route, largest, windows * all->messages))
        for (uint64_t i = 0; i < part->steps_count && measure_row(part, all->steps[i], &part->rows[i]);)
            i++;
    route_close(&part->route);
}

static enum command_exit tell(const void *context)
{
    const struct part *part = context;
    return route_verified(&part->route) ? COMMAND_done : COMMAND_failed;
}

static double ratio(const struct row *row, const struct row *first, enum figure figure)
{
    return first->figures[figure] > 0 ? row->figures[figure] / first->figures[figure] : 0;
}

static void print_table(const struct options *options, const struct row *rows, uint64_t count)
{
    static const char *const headings[] = {"agents", "messages/s", "x", "ack p50", "ack p99", "deliver p50", "deliver p99", "x", "MB"};
    char text[READABLE_MAX];
    struct table table = {0};
    printf("%s messages a window, %lu windows a size, %lu submits of %lu in flight; latencies in us; x: against the first size\n\n",
           readable_count(text, options->messages), options->windows, options->route.inflight, options->route.batch);
    table_right(&table, "conversations");
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
        table_right(&table, headings[i]);
    for (uint64_t i = 0; i < count; i++) {
        const struct row *row = &rows[i];
        table_cell(&table, "%s", readable_count(text, row->conversations));
        table_cell(&table, "%s", readable_count(text, row->agents));
        table_cell(&table, "%s", readable_count(text, (uint64_t)row->figures[MESSAGES_PER_SECOND]));
        table_cell(&table, "%.2f", ratio(row, rows, MESSAGES_PER_SECOND));
        for (int figure = ACK_P50; figure <= DELIVER_P99; figure++)
            table_cell(&table, "%.0f", row->figures[figure]);
        table_cell(&table, "%.2f", ratio(row, rows, DELIVER_P99));
        if (options->run.connect)
            table_cell(&table, "-");
        else
            table_cell(&table, "%.0f", (double)row->anonymous_bytes / 1e6);
    }
    table_print(&table, stdout);
    table_fini(&table);
}

static json_t *json_of_row(const struct options *options, const struct row *row, const struct row *first)
{
    const double *figures = row->figures;
    json_t *object =
        json_pack("{s:I, s:I, s:I, s:{s:f, s:f}, s:{s:f, s:f}, s:f, s:f, s:f}", "conversations", (json_int_t)row->conversations, "agents",
                  (json_int_t)row->agents, "messages_per_second", (json_int_t)figures[MESSAGES_PER_SECOND], "ack_us", "p50",
                  figures[ACK_P50], "p99", figures[ACK_P99], "deliver_us", "p50", figures[DELIVER_P50], "p99", figures[DELIVER_P99],
                  "throughput_ratio", ratio(row, first, MESSAGES_PER_SECOND), "ack_p99_ratio", ratio(row, first, ACK_P99),
                  "deliver_p99_ratio", ratio(row, first, DELIVER_P99));
    if (!options->run.connect) {
        json_object_set_new(object, "disk_bytes_per_message", json_real(figures[DISK_BYTES]));
        json_object_set_new(object, "broker_rss_bytes", json_integer((json_int_t)row->rss_bytes));
        json_object_set_new(object, "broker_anonymous_bytes", json_integer((json_int_t)row->anonymous_bytes));
    }
    return object;
}

/* Verified it is: otherwise nothing is told. */
static void print_json(const struct options *options, const struct row *rows, uint64_t count)
{
    json_t *list = json_array();
    for (uint64_t i = 0; i < count; i++)
        json_array_append_new(list, json_of_row(options, &rows[i], rows));
    json_print(json_pack("{s:s, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I}, s:o, s:i, s:i, s:i}", "bench", "growth", "parameters", "messages",
                         (json_int_t)options->messages, "windows", (json_int_t)options->windows, "batch", (json_int_t)options->route.batch,
                         "inflight", (json_int_t)options->route.inflight, "connectors", (json_int_t)options->route.connectors, "queues",
                         (json_int_t)options->route.queues, "body_bytes", (json_int_t)options->route.body_bytes, "rows", list, "lost", 0,
                         "duplicated", 0, "reordered", 0));
}

/* "10000,100000": numbers in ascending order. */
static bool steps_read(struct options *options)
{
    const char *at = options->steps_text;
    for (options->steps_count = 0; options->steps_count < STEPS_MAX;) {
        char text[READABLE_MAX];
        uint64_t *step = &options->steps[options->steps_count], least = options->steps_count ? step[-1] + 1 : 1;
        size_t length = strcspn(at, ",");
        snprintf(text, sizeof text, "%.*s", (int)(length < sizeof text ? length : sizeof text - 1), at);
        if (!options_number(text, least, 10000000, step))
            break;
        options->steps_count++;
        if (!at[length])
            return true;
        at += length + 1;
    }
    command_complain(command,
                     "--steps: expected at most %d numbers up to 10000000, in ascending order, with commas between them, got \"%s\"",
                     STEPS_MAX, options->steps_text);
    return false;
}

static bool options_read(struct options *options, int argc, char **argv, enum command_exit *exit_code)
{
    struct route_options *route = &options->route;
    *options = (struct options){
        .route = {.batch = 64, .inflight = 64, .connectors = 2, .agents = 4, .queues = 64, .body_bytes = 250},
        .steps_text = "10000,100000,1000000",
        .messages = 200000,
        .windows = 3,
        .crowd = 10000,
        .run.seconds_max = 600,
    };
    const struct option_spec specs[] = {
        {"steps", OPTION_text, &options->steps_text, 0, 0, "open conversations, one size after the other: 10000,100000,1000000"},
        {"agents", OPTION_number, &options->crowd, 0, 10000, "agents of the last row, which has a broker of its own; 0: no such row"},
        {"messages", OPTION_number, &options->messages, 1, 10000000, "messages of one window"},
        {"windows", OPTION_number, &options->windows, 1, WINDOWS_MAX,
         "windows at each size after a first for warm-up; the middle one is told"},
        {"batch", OPTION_number, &route->batch, 1, WIRE_BATCH_MAX, "messages in one submit"},
        {"inflight", OPTION_number, &route->inflight, 1, 65536, "submits in flight, over all connectors"},
        {"connectors", OPTION_number, &route->connectors, 1, 1024, "connectors, one connection each"},
        {"few-agents", OPTION_number, &route->agents, 1, 10000, "agents of the other rows"},
        {"queues", OPTION_number, &route->queues, 1, 4096, "queues, each served by every agent"},
        {"body-bytes", OPTION_number, &route->body_bytes, STAMP_BYTES, WIRE_BODY_MAX, "bytes of one message's text"}};
    const struct usage usage = {
        command,
        NULL,
        "Measures the main path, as `bench route` does, while one broker grows to more and more open conversations,\n"
        "and once with many agents. Verifies every message.",
        specs,
        sizeof specs / sizeof *specs,
        NULL};
    if (!run_options_parse(&options->run, &usage, argc, argv, exit_code) || !steps_read(options))
        return false;
    const char *wrong = route_disagreement(route, options->steps[0]);
    if (wrong)
        command_complain(command, "%s", wrong);
    return !wrong;
}

/* Adds its rows. */
static enum command_exit part_run(const struct options *options, uint64_t agents, uint64_t steps_count, struct row *rows, uint64_t *count)
{
    static const struct run_task task = {
        .command = command, .write_configuration = route_write_configuration, .measure = measure, .tell = tell, .progress = route_progress};
    struct part *part = must_zalloc(1, sizeof *part);
    part->route.run.options = options->run;
    part->all = options;
    part->options = options->route;
    part->options.agents = agents;
    part->route.options = &part->options;
    part->steps_count = steps_count;
    enum command_exit exit_code = run_execute(&part->route.run, &task);
    for (uint64_t i = 0; i < steps_count; i++)
        rows[(*count)++] = part->rows[i];
    route_fini(&part->route);
    free(part);
    return exit_code;
}

enum command_exit command_bench_growth(int argc, char **argv)
{
    struct options options;
    enum command_exit exit_code;
    if (!options_read(&options, argc, argv, &exit_code))
        return exit_code;
    struct row rows[ROWS_MAX];
    uint64_t count = 0;
    exit_code = part_run(&options, options.route.agents, options.steps_count, rows, &count);
    if (exit_code != COMMAND_done || options.run.configuration)
        return exit_code;
    /* Somebody else's broker has one configuration. */
    if (options.crowd && !options.run.connect)
        exit_code = part_run(&options, options.crowd, 1, rows, &count);
    if (exit_code == COMMAND_done && options.run.json)
        print_json(&options, rows, count);
    else if (exit_code == COMMAND_done)
        print_table(&options, rows, count);
    return exit_code;
}
