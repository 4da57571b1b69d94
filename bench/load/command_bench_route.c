#include <stdlib.h>

#include "base/check.h"
#include "bench/json.h"
#include "bench/latency.h"
#include "bench/load/plot.h"
#include "bench/load/route.h"
#include "bench/readable.h"

enum {
    BATCH = 64,
};

static const char command[] = "bench route";

struct options {
    struct route_options route;
    struct route_phase phase;
    const char *plot;
};

struct bench {
    struct route route; /* first, so that one is the other */
    struct options options;
    struct route_outcome outcome;
};

static void measure(void *context)
{
    struct bench *bench = context;
    const struct route_phase *phase = &bench->options.phase;
    if (route_open(&bench->route, phase->conversations, phase->messages))
        route_run_phase(&bench->route, phase, &bench->outcome);
    route_close(&bench->route);
}

static void print_use(const struct bench *bench)
{
    const struct route_outcome *outcome = &bench->outcome;
    printf("load        %.2f s of processor time\n", outcome->load_cpu_s);
    if (bench->route.run.options.connect)
        return;
    printf("broker      %.2f s of processor time, %.2f us a message\n", outcome->broker_cpu_s,
           outcome->broker_cpu_s * 1e6 / (double)bench->options.phase.messages);
    printf("memory      %.1f MB resident, %.1f MB of it its own\n", (double)outcome->rss_bytes / 1e6,
           (double)outcome->anonymous_bytes / 1e6);
    printf("disk        %.0f bytes a message\n", outcome->disk_bytes_per_message);
}

static void print_table(const struct bench *bench)
{
    const struct route_options *options = bench->route.options;
    const struct route_phase *phase = &bench->options.phase;
    const struct proof *proof = &bench->route.proof;
    char messages[READABLE_MAX], rate[READABLE_MAX];
    printf("%s messages of %lu bytes in %lu conversations, %lu queues, %lu connectors, %lu agents\n",
           readable_count(messages, phase->messages), options->body_bytes, phase->conversations, options->queues, options->connectors,
           options->agents);
    if (options->rate) {
        printf("paced: %s messages a second, %lu at a time, on %lu lanes\n\n", readable_count(rate, options->rate), options->batch,
               options->inflight);
    } else {
        printf("closed loop: %lu submits of %lu messages in flight\n\n", options->inflight, options->batch);
    }
    printf("throughput  %s messages a second, submitted, durable, routed, delivered, in %.2f s\n",
           readable_count(rate, bench->outcome.messages_per_second), bench->outcome.seconds);
    print_use(bench);
    printf("verified    %lu lost, %lu duplicated, %lu reordered\n\n", proof_lost(proof), proof->duplicated, proof->reordered);
}

static json_t *json_of_options(const struct bench *bench)
{
    const struct route_options *options = bench->route.options;
    const struct route_phase *phase = &bench->options.phase;
    const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {{"messages", phase->messages},           {"batch", options->batch},           {"inflight", options->inflight},
                   {"connectors", options->connectors},     {"agents", options->agents},         {"queues", options->queues},
                   {"conversations", phase->conversations}, {"body_bytes", options->body_bytes}, {"rate", options->rate}};
    json_t *object = json_object();
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        json_object_set_new(object, numbers[i].name, json_integer((json_int_t)numbers[i].value));
    return object;
}

static json_t *json_of_bench(const struct bench *bench)
{
    const struct route_outcome *outcome = &bench->outcome;
    const struct proof *proof = &bench->route.proof;
    json_t *object =
        json_pack("{s:s, s:o, s:I, s:f, s:f, s:I, s:I, s:I}", "bench", "route", "parameters", json_of_options(bench), "messages_per_second",
                  (json_int_t)outcome->messages_per_second, "seconds", outcome->seconds, "load_cpu_s", outcome->load_cpu_s, "lost",
                  (json_int_t)proof_lost(proof), "duplicated", (json_int_t)proof->duplicated, "reordered", (json_int_t)proof->reordered);
    /* Of a broker on another machine nothing is known. */
    if (!bench->route.run.options.connect) {
        json_object_set_new(object, "broker_cpu_s", json_real(outcome->broker_cpu_s));
        json_object_set_new(object, "broker_rss_bytes", json_integer((json_int_t)outcome->rss_bytes));
        json_object_set_new(object, "broker_anonymous_bytes", json_integer((json_int_t)outcome->anonymous_bytes));
        json_object_set_new(object, "disk_bytes_per_message", json_real(outcome->disk_bytes_per_message));
    }
    return object;
}

static enum command_exit tell(const void *context)
{
    const struct bench *bench = context;
    const struct latency latencies[] = {{"ack_us", "sent to acknowledged", &bench->route.ack_ns},
                                        {"deliver_us", "sent to delivered", &bench->route.deliver_ns}};
    if (bench->route.run.options.json) {
        json_t *object = json_of_bench(bench);
        latencies_put(object, latencies, 2);
        json_print(object);
    } else {
        print_table(bench);
        latencies_print(latencies, 2);
    }
    bool plotted = !bench->options.plot || plot_write(command, bench->options.plot, "relevo bench route", latencies, 2);
    return route_verified(&bench->route) && plotted ? COMMAND_done : COMMAND_failed;
}

static bool options_read(void *context, int argc, char **argv, enum command_exit *exit_code)
{
    struct bench *bench = context;
    struct options *options = &bench->options;
    *options = (struct options){
        .route = {.inflight = 64, .connectors = 2, .agents = 4, .queues = 64, .body_bytes = 250},
        .phase = {.messages = 1000000, .conversations = 10000},
    };
    bench->route.options = &options->route;
    bench->route.run.options = (struct run_options){.seconds_max = 120};
    const struct option_spec specs[] = {
        {"messages", OPTION_number, &options->phase.messages, 1, STAMP_NUMBER_MAX, "messages of the timed part"},
        {"batch", OPTION_number, &options->route.batch, 0, WIRE_BATCH_MAX, "messages in one submit; 0: 64, or with --rate 1"},
        {"inflight", OPTION_number, &options->route.inflight, 1, 65536, "submits in flight, over all connectors"},
        {"connectors", OPTION_number, &options->route.connectors, 1, 1024, "connectors, one connection each"},
        {"agents", OPTION_number, &options->route.agents, 1, 10000, "agents, one connection each"},
        {"queues", OPTION_number, &options->route.queues, 1, 4096, "queues, each served by every agent"},
        {"conversations", OPTION_number, &options->phase.conversations, 1, 10000000, "conversations, opened before the timed part"},
        {"body-bytes", OPTION_number, &options->route.body_bytes, STAMP_BYTES, WIRE_BODY_MAX, "bytes of one message's text"},
        {"rate", OPTION_number, &options->route.rate, 0, 10000000, "messages a second, on the clock; 0: closed loop"},
        {"plot", OPTION_text, &options->plot, 0, 0, "write a picture of the latencies to this file, as SVG"}};
    const struct usage usage = {command,
                                NULL,
                                "Measures submit -> durable -> routed -> fetched -> acknowledged, and verifies every message.\n"
                                "Starts a private broker in a temporary directory (TMPDIR, or /var/tmp), which is removed afterwards.",
                                specs,
                                sizeof specs / sizeof *specs,
                                NULL};
    if (!run_options_parse(&bench->route.run.options, &usage, argc, argv, exit_code))
        return false;
    if (!options->route.batch)
        options->route.batch = options->route.rate ? 1 : BATCH;
    const char *wrong = route_disagreement(&options->route, options->phase.conversations);
    if (wrong)
        command_complain(command, "%s", wrong);
    return !wrong;
}

enum command_exit command_bench_route(int argc, char **argv)
{
    static const struct run_task task = {command, sizeof(struct bench), options_read, route_write_configuration, measure,
                                         tell,    route_progress,       route_fini};
    return run_command(&task, argc, argv);
}
