#include <stdlib.h>

#include "base/check.h"
#include "bench/json.h"
#include "bench/latency.h"
#include "bench/load/readers.h"
#include "bench/load/route.h"
#include "bench/readable.h"
#include "bench/table.h"

enum { BATCH = 64, INFLIGHT = 64, WRITERS_BATCH = 1 };

static const char command[] = "bench history";

struct options {
    struct route_options route; /* as the phase at hand wants it */
    uint64_t conversations, records, readers, page, rate, seconds;
};

/* What the writers saw meanwhile. */
struct writers {
    struct histogram ack_ns, deliver_ns;
};

struct part {
    const char *key, *label;
    enum reading reading;
    struct readers readers;
    struct writers writers;
};
enum { PART_everything, PART_pages, PART_histories, PARTS };

struct bench {
    struct route route; /* first, so that one is the other */
    struct options options;
    struct writers alone;
    struct part parts[PARTS];
    uint64_t until_ns;
};

static uint64_t paced_messages(const struct options *options)
{
    return options->rate * options->seconds;
}

/* Messages at the rate for the time of one part. */
static bool write_paced(struct bench *bench, struct writers *out)
{
    struct route_outcome outcome;
    const struct route_phase phase = {bench->options.conversations, paced_messages(&bench->options)};
    bool done = route_run_phase(&bench->route, &phase, &outcome);
    *out = (struct writers){bench->route.ack_ns, bench->route.deliver_ns};
    return done;
}

static bool time_is_over(const void *context)
{
    const struct bench *bench = context;
    return run_now_ns(&bench->route.run) >= bench->until_ns;
}

static bool part_run(struct bench *bench, int index)
{
    struct part *part = &bench->parts[index];
    struct options *options = &bench->options;
    const struct readers_options readers = {part->reading, options->readers, options->conversations,
                                            index == PART_pages ? options->page : WIRE_HISTORY_MAX};
    bool done = readers_begin(&part->readers, &bench->route.run, &readers);
    bench->until_ns = run_now_ns(&bench->route.run) + options->seconds * 1000000000;
    if (done && index == PART_everything)
        done = readers_await(&part->readers);
    else if (done && options->rate)
        done = write_paced(bench, &part->writers);
    else if (done)
        done = run_await(&bench->route.run, time_is_over, bench);
    readers_end(&part->readers);
    return done;
}

static bool fill(struct bench *bench)
{
    const struct options *options = &bench->options;
    struct route_outcome outcome;
    const struct route_phase phase = {options->conversations, options->conversations * options->records};
    return route_open(&bench->route, options->conversations, phase.messages + 3 * paced_messages(options)) &&
           route_run_phase(&bench->route, &phase, &outcome);
}

static void measure(void *context)
{
    struct bench *bench = context;
    bool going = fill(bench) && part_run(bench, PART_everything);
    /* Read by the connectors' thread, which has nothing to do between two phases. */
    bench->options.route.rate = bench->options.rate;
    bench->options.route.batch = WRITERS_BATCH;
    if (going && bench->options.rate)
        going = write_paced(bench, &bench->alone);
    for (int i = PART_pages; i < PARTS && going; i++)
        going = part_run(bench, i);
    route_close(&bench->route);
}

static uint64_t per_second(const struct part *part, uint64_t count)
{
    return part->readers.seconds > 0 ? (uint64_t)((double)count / part->readers.seconds) : 0;
}

/* Of what was written before, the first message of each conversation too, what was not shown when everything was read. */
static uint64_t lost(const struct bench *bench)
{
    uint64_t written = bench->options.conversations * (bench->options.records + 1), shown = bench->parts[PART_everything].readers.messages;
    return written > shown ? written - shown : 0;
}

static uint64_t duplicated(const struct bench *bench)
{
    uint64_t sum = bench->route.proof.duplicated;
    for (int i = 0; i < PARTS; i++)
        sum += bench->parts[i].readers.duplicated;
    return sum;
}

static uint64_t reordered(const struct bench *bench)
{
    uint64_t sum = bench->route.proof.reordered;
    for (int i = 0; i < PARTS; i++)
        sum += bench->parts[i].readers.reordered;
    return sum;
}

static json_t *json_of_writers(const struct writers *writers)
{
    return json_pack("{s:o, s:o}", "ack_us", latency_json(&writers->ack_ns), "deliver_us", latency_json(&writers->deliver_ns));
}

static json_t *json_of_part(const struct part *part, bool with_writers)
{
    const struct readers *readers = &part->readers;
    json_t *object = json_pack("{s:I, s:I, s:I, s:f, s:o}", "pages_per_second", (json_int_t)per_second(part, readers->pages),
                               "records_per_second", (json_int_t)per_second(part, readers->records), "pages", (json_int_t)readers->pages,
                               "seconds", readers->seconds, "page_us", latency_json(&readers->page_ns));
    if (part->reading != READING_pages) {
        json_object_set_new(object, "histories_per_second", json_integer((json_int_t)per_second(part, readers->histories)));
        json_object_set_new(object, "history_us", latency_json(&readers->history_ns));
    }
    if (with_writers)
        json_object_set_new(object, "writers", json_of_writers(&part->writers));
    return object;
}

static void print_json(const struct bench *bench)
{
    const struct options *options = &bench->options;
    json_t *object =
        json_pack("{s:s, s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I}, s:I, s:I, s:I}", "bench", "history", "parameters", "conversations",
                  (json_int_t)options->conversations, "records", (json_int_t)options->records, "readers", (json_int_t)options->readers,
                  "page", (json_int_t)options->page, "rate", (json_int_t)options->rate, "seconds", (json_int_t)options->seconds,
                  "body_bytes", (json_int_t)options->route.body_bytes, "lost", (json_int_t)lost(bench), "duplicated",
                  (json_int_t)duplicated(bench), "reordered", (json_int_t)reordered(bench));
    for (int i = 0; i < PARTS; i++)
        json_object_set_new(object, bench->parts[i].key, json_of_part(&bench->parts[i], i != PART_everything && options->rate));
    if (options->rate)
        json_object_set_new(object, "writers_alone", json_of_writers(&bench->alone));
    json_print(object);
}

static void print_reading(const struct bench *bench)
{
    struct table table = {0};
    char pages[READABLE_MAX], records[READABLE_MAX];
    static const char *const headings[] = {"pages/s", "records/s", "page p50, us", "p99", "history p50, us", "p99"};
    table_left(&table, "READING");
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
        table_right(&table, headings[i]);
    for (int i = 0; i < PARTS; i++) {
        const struct part *part = &bench->parts[i];
        const struct readers *readers = &part->readers;
        table_cell(&table, "%s", part->label);
        table_cell(&table, "%s", readable_count(pages, per_second(part, readers->pages)));
        table_cell(&table, "%s", readable_count(records, per_second(part, readers->records)));
        table_cell(&table, "%.0f", latency_us(&readers->page_ns, 0.5));
        table_cell(&table, "%.0f", latency_us(&readers->page_ns, 0.99));
        table_cell(&table, part->reading == READING_pages ? "" : "%.0f", latency_us(&readers->history_ns, 0.5));
        table_cell(&table, part->reading == READING_pages ? "" : "%.0f", latency_us(&readers->history_ns, 0.99));
    }
    table_print(&table, stdout);
    table_fini(&table);
}

static void print_writing(const struct bench *bench)
{
    const struct latency latencies[] = {
        {"", "acknowledged, writers alone", &bench->alone.ack_ns},
        {"", "acknowledged, pages are read", &bench->parts[PART_pages].writers.ack_ns},
        {"", "acknowledged, histories are read", &bench->parts[PART_histories].writers.ack_ns},
        {"", "delivered, writers alone", &bench->alone.deliver_ns},
        {"", "delivered, pages are read", &bench->parts[PART_pages].writers.deliver_ns},
        {"", "delivered, histories are read", &bench->parts[PART_histories].writers.deliver_ns},
    };
    printf("\nWriters, %lu messages a second, one at a time:\n", bench->options.rate);
    latencies_print(latencies, sizeof latencies / sizeof *latencies);
}

static enum command_exit tell(const void *context)
{
    const struct bench *bench = context;
    const struct options *options = &bench->options;
    if (bench->route.run.options.json) {
        print_json(bench);
    } else {
        printf("%lu conversations of %lu messages of %lu bytes; %lu readers\n\n", options->conversations, options->records + 1,
               options->route.body_bytes, options->readers);
        print_reading(bench);
        if (options->rate)
            print_writing(bench);
        printf("\nverified    %lu lost, %lu duplicated, %lu reordered\n", lost(bench), duplicated(bench), reordered(bench));
    }
    if (lost(bench) || duplicated(bench) || reordered(bench)) {
        command_complain(command, "a history was not what had been written");
        return COMMAND_failed;
    }
    return route_verified(&bench->route) ? COMMAND_done : COMMAND_failed;
}

static bool options_agree(const struct options *options)
{
    if (options->conversations * (options->records + 1) + 3 * paced_messages(options) <= STAMP_NUMBER_MAX)
        return true;
    command_complain(command, "--conversations, --records, --rate: these are more than %u messages in all", STAMP_NUMBER_MAX);
    return false;
}

static bool options_read(void *context, int argc, char **argv, enum command_exit *exit_code)
{
    struct bench *bench = context;
    struct options *options = &bench->options;
    *options = (struct options){
        .route = {.batch = BATCH, .inflight = INFLIGHT, .connectors = 2, .agents = 4, .queues = 64, .body_bytes = 250},
        .conversations = 2000,
        .records = 100,
        .readers = 2,
        .page = 50,
        .seconds = 3,
    };
    bench->route.options = &options->route;
    bench->route.run.options = (struct run_options){.seconds_max = 300, .only_private = true};
    const struct option_spec specs[] = {
        {"conversations", OPTION_number, &options->conversations, INFLIGHT, 1000000, "conversations to read"},
        {"records", OPTION_number, &options->records, 1, 100000, "messages in each on average, after its first"},
        {"readers", OPTION_number, &options->readers, 1, 256, "readers, one connection each"},
        {"page", OPTION_number, &options->page, 1, WIRE_HISTORY_MAX,
         "records in a single page; whole histories are read in the largest pages"},
        {"rate", OPTION_number, &options->rate, 0, 1000000, "messages a second written meanwhile, on the clock; 0: none"},
        {"seconds", OPTION_number, &options->seconds, 1, 3600, "of pages, and then of whole histories"},
        {"body-bytes", OPTION_number, &options->route.body_bytes, STAMP_BYTES, WIRE_BODY_MAX, "bytes of one message's text"}};
    const struct usage usage = {
        command,
        NULL,
        "Fills a private broker with conversations and reads them: first each whole, once, to verify that nothing is\n"
        "missing; then the newest pages of random ones; then random ones whole.",
        specs,
        sizeof specs / sizeof *specs,
        NULL};
    bench->parts[PART_everything] = (struct part){.key = "everything", .label = "everything, once", .reading = READING_everything};
    bench->parts[PART_pages] = (struct part){.key = "pages", .label = "newest pages", .reading = READING_pages};
    bench->parts[PART_histories] = (struct part){.key = "histories", .label = "whole histories", .reading = READING_histories};
    return run_options_parse(&bench->route.run.options, &usage, argc, argv, exit_code) && options_agree(options);
}

static void fini(void *context)
{
    struct bench *bench = context;
    for (int i = 0; i < PARTS; i++)
        readers_fini(&bench->parts[i].readers);
    route_fini(&bench->route);
}

enum command_exit command_bench_history(int argc, char **argv)
{
    static const struct run_task task = {command, sizeof(struct bench), options_read, route_write_configuration, measure,
                                         tell,    route_progress,       fini};
    return run_command(&task, argc, argv);
}
