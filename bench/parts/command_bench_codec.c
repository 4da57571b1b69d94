#include <stdlib.h>

#include "base/check.h"
#include "bench/clock.h"
#include "bench/histogram.h"
#include "bench/json.h"
#include "bench/load/stamp.h"
#include "bench/options.h"
#include "bench/parts/hot_frames.h"
#include "bench/table.h"

struct codec_options {
    struct hot_size size;
    uint64_t frames, seconds, warm_up;
    bool json;
};

struct codec_run {
    const struct codec_options *options;
    struct hot_frames hot;
    struct buffer bytes;
    uint64_t clock_cost_ns, wrong;
    uint64_t frame_bytes[HOT_KINDS];
    struct histogram encoded_ns[HOT_KINDS], decoded_ns[HOT_KINDS]; /* per frame */
};

static void took(struct codec_run *run, struct histogram *frame_ns, uint64_t from_ns)
{
    uint64_t ns = clock_ns() - from_ns;
    histogram_record(frame_ns, ns > run->clock_cost_ns ? ns - run->clock_cost_ns : 0);
}

static void frame_there_and_back(struct codec_run *run, enum hot_kind kind)
{
    buffer_clear(&run->bytes);
    uint64_t from_ns = clock_ns();
    hot_encode(&run->hot, kind, &run->bytes);
    took(run, &run->encoded_ns[kind], from_ns);
    from_ns = clock_ns();
    bool accepted = hot_decode(&run->hot, kind, buffer_span(&run->bytes));
    took(run, &run->decoded_ns[kind], from_ns);
    run->frame_bytes[kind] = run->bytes.size;
    run->wrong += !accepted || !hot_same(&run->hot, kind);
}

static void frames_run(struct codec_run *run, uint64_t frames, uint64_t until_ns)
{
    for (uint64_t done = 0; done < frames && clock_ns() < until_ns; done++)
        for (int kind = 0; kind < HOT_KINDS; kind++)
            frame_there_and_back(run, (enum hot_kind)kind);
}

static void measure(struct codec_run *run)
{
    const struct codec_options *options = run->options;
    hot_init(&run->hot, &options->size);
    run->clock_cost_ns = clock_cost_ns();
    frames_run(run, options->warm_up, UINT64_MAX);
    memset(run->encoded_ns, 0, sizeof run->encoded_ns);
    memset(run->decoded_ns, 0, sizeof run->decoded_ns);
    frames_run(run, options->seconds ? UINT64_MAX : options->frames,
               options->seconds ? clock_ns() + options->seconds * 1000000000 : UINT64_MAX);
    hot_fini(&run->hot);
    buffer_fini(&run->bytes);
}

/* By the middle frame: on a shared machine the mean is the neighbours'. */
static double ns_per_message(const struct codec_run *run, enum hot_kind kind, const struct histogram *ns)
{
    return histogram_quantile(ns, 0.5) / (double)run->hot.counts[kind];
}

/* Millions of bytes a second are thousandths of bytes a nanosecond. */
static double mb_per_second(const struct codec_run *run, enum hot_kind kind, const struct histogram *ns)
{
    double frame_ns = histogram_quantile(ns, 0.5);
    return frame_ns > 0 ? (double)run->frame_bytes[kind] * 1000 / frame_ns : 0;
}

static json_t *json_of_direction(const struct codec_run *run, enum hot_kind kind, const struct histogram *ns)
{
    return json_pack("{s:f, s:f, s:I, s:I}", "ns_per_message", ns_per_message(run, kind, ns), "mb_per_second", mb_per_second(run, kind, ns),
                     "frame_ns_p50", (json_int_t)histogram_at(ns, 0.5), "frame_ns_p99", (json_int_t)histogram_at(ns, 0.99));
}

static void print_json(const struct codec_run *run)
{
    const struct codec_options *options = run->options;
    json_t *frames = json_object();
    for (int kind = 0; kind < HOT_KINDS; kind++)
        json_object_set_new(frames, hot_name((enum hot_kind)kind),
                            json_pack("{s:I, s:I, s:o, s:o}", "messages", (json_int_t)run->hot.counts[kind], "bytes",
                                      (json_int_t)run->frame_bytes[kind], "encode",
                                      json_of_direction(run, (enum hot_kind)kind, &run->encoded_ns[kind]), "decode",
                                      json_of_direction(run, (enum hot_kind)kind, &run->decoded_ns[kind])));
    json_print(json_pack("{s:s, s:{s:I, s:I, s:I}, s:I, s:o, s:I}", "bench", "codec", "parameters", "batch",
                         (json_int_t)options->size.batch, "deliveries", (json_int_t)options->size.deliveries, "body_bytes",
                         (json_int_t)options->size.body_bytes, "frames_measured", (json_int_t)run->encoded_ns[0].count, "frames", frames,
                         "wrong", (json_int_t)run->wrong));
}

static void add_row(struct table *table, const struct codec_run *run, enum hot_kind kind, const char *verb, const struct histogram *ns)
{
    table_cell(table, "%s %s", hot_name(kind), verb);
    table_cell(table, "%lu", run->hot.counts[kind]);
    table_cell(table, "%lu", run->frame_bytes[kind]);
    table_cell(table, "%.1f", ns_per_message(run, kind, ns));
    table_cell(table, "%.0f", mb_per_second(run, kind, ns));
    table_cell(table, "%.2f", (double)histogram_at(ns, 0.5) / 1000);
    table_cell(table, "%.2f", (double)histogram_at(ns, 0.99) / 1000);
}

static void print_table(const struct codec_run *run)
{
    struct table table = {0};
    table_left(&table, "FRAME");
    static const char *const headings[] = {"messages", "bytes", "ns a message", "MB/s", "us a frame, p50", "p99"};
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
        table_right(&table, headings[i]);
    for (int kind = 0; kind < HOT_KINDS; kind++) {
        add_row(&table, run, (enum hot_kind)kind, "encoded", &run->encoded_ns[kind]);
        add_row(&table, run, (enum hot_kind)kind, "decoded", &run->decoded_ns[kind]);
    }
    table_print(&table, stdout);
    table_fini(&table);
    printf("\n%lu frames of each kind; verified, %lu were wrong\n", run->encoded_ns[0].count, run->wrong);
}

static bool options_read(struct codec_options *options, int argc, char **argv, enum command_exit *exit_code)
{
    *options = (struct codec_options){.size = {64, 256, 250}, .frames = 10000, .warm_up = 500};
    const struct option_spec specs[] = {
        {"batch", OPTION_number, &options->size.batch, 1, WIRE_BATCH_MAX,
         "messages in one submit, results in its answer, records encoded together"},
        {"deliveries", OPTION_number, &options->size.deliveries, 1, WIRE_CREDIT_MAX, "deliveries in one fetched"},
        {"body-bytes", OPTION_number, &options->size.body_bytes, STAMP_BYTES, 900, "bytes of one message's text"},
        {"frames", OPTION_number, &options->frames, 1, 100000000, "of each kind"},
        {"seconds", OPTION_number, &options->seconds, 0, 86400, "instead: stop after so long; 0: by --frames"},
        {"warm-up", OPTION_number, &options->warm_up, 1, 1000000, "frames of each kind before those that are counted"},
        {"json", OPTION_flag, &options->json, 0, 0, "one JSON object"}};
    const struct usage usage = {
        "bench codec",
        NULL,
        "Encodes and decodes the frames that carry the load, in this process: submit, its answer, fetched, and the\n"
        "records of the log. Verifies that every field of what is decoded is what was encoded.",
        specs,
        sizeof specs / sizeof *specs,
        NULL};
    return options_parse(&usage, argc, argv, NULL, exit_code);
}

enum command_exit command_bench_codec(int argc, char **argv)
{
    struct codec_options options;
    enum command_exit exit_code;
    if (!options_read(&options, argc, argv, &exit_code))
        return exit_code;
    struct codec_run *run = must_zalloc(1, sizeof *run);
    run->options = &options;
    measure(run);
    if (options.json)
        print_json(run);
    else
        print_table(run);
    if (run->wrong)
        command_complain("bench codec", "%lu frames were refused, or decoded to something else", run->wrong);
    exit_code = run->wrong ? COMMAND_failed : COMMAND_done;
    free(run);
    return exit_code;
}
