#include <pthread.h>
#include <stdlib.h>

#include "base/check.h"
#include "bench/json.h"
#include "bench/latency.h"
#include "bench/load/plot.h"
#include "bench/load/talk.h"
#include "bench/readable.h"

enum { LATENCIES = 3 };

static const char command[] = "bench conversation";

struct options {
    struct talk_options talk;
    const char *plot;
};

struct bench {
    struct talk talk;
    struct options options;
    double seconds, load_cpu_s, broker_cpu_s;
    struct run_use use;
};

static void write_configuration(FILE *out, const void *context)
{
    const struct bench *bench = context;
    const struct talk_options *options = &bench->options.talk;
    house_write(out, &(struct house){.connectors = options->connectors,
                                     .agents = options->agents,
                                     .queues = options->queues,
                                     .offers = true,
                                     .token_hash = bench->talk.run.token.hash});
}

static bool agents_are_ready(const void *context)
{
    const struct talk *talk = context;
    return atomic_load(&talk->agents_ready) == talk->options->agents;
}

static uint64_t lives(const struct talk *talk)
{
    return talk->warm_up + talk->options->conversations;
}

static bool all_have_ended(const void *context)
{
    const struct talk *talk = context;
    return atomic_load(&talk->ended) == lives(talk);
}

static void progress(const void *context, char out[RUN_PROGRESS_MAX])
{
    const struct bench *bench = context;
    snprintf(out, RUN_PROGRESS_MAX, ": %lu of %lu conversations have ended, those of the warm-up included", atomic_load(&bench->talk.ended),
             lives(&bench->talk));
}

static void measure(void *context)
{
    struct bench *bench = context;
    struct talk *talk = &bench->talk;
    pthread_t agents, connectors;
    bool agents_run = pthread_create(&agents, NULL, talk_agents_run, talk) == 0;
    bool connectors_run =
        agents_run && run_await(&talk->run, agents_are_ready, talk) && pthread_create(&connectors, NULL, talk_connectors_run, talk) == 0;
    if (connectors_run && run_await(&talk->run, all_have_ended, talk)) {
        bench->use = run_use(&talk->run);
        bench->load_cpu_s = bench->use.load_cpu_s - talk->use_before.load_cpu_s;
        bench->broker_cpu_s = bench->use.broker.cpu_s - talk->use_before.broker.cpu_s;
        bench->seconds = (double)(talk->end_ns - talk->begin_ns) / 1e9;
        run_await_acknowledged(&talk->run);
    }
    atomic_store(&talk->run.stop, true);
    if (connectors_run)
        pthread_join(connectors, NULL);
    if (agents_run)
        pthread_join(agents, NULL);
}

/* Over everything that was due, the warm-up too. */
static uint64_t lost(const struct talk *talk)
{
    uint64_t received = talk->offers.received + talk->ends.received + talk->messages.received + talk->replies.received;
    return lives(talk) * (2 + 2 * talk->options->turns) - received;
}

static uint64_t duplicated(const struct talk *talk)
{
    return talk->offers.duplicated + talk->ends.duplicated + talk->messages.duplicated + talk->replies.duplicated;
}

static uint64_t reordered(const struct talk *talk)
{
    return talk->offers.reordered + talk->ends.reordered + talk->messages.reordered + talk->replies.reordered;
}

static uint64_t rate(const struct bench *bench)
{
    return bench->seconds > 0 ? (uint64_t)((double)bench->options.talk.conversations / bench->seconds) : 0;
}

static void print_table(const struct bench *bench)
{
    const struct talk_options *options = &bench->options.talk;
    char count[READABLE_MAX];
    printf("%s conversations, %lu at a time, of %lu messages and %lu replies of %lu bytes; %lu queues, %lu connectors, %lu agents\n\n",
           readable_count(count, options->conversations), options->inflight, options->turns, options->turns, options->body_bytes,
           options->queues, options->connectors, options->agents);
    printf("throughput  %s conversations a second, from the first message to the end, in %.2f s\n", readable_count(count, rate(bench)),
           bench->seconds);
    printf("load        %.2f s of processor time\n", bench->load_cpu_s);
    if (!bench->talk.run.options.connect) {
        printf("broker      %.2f s of processor time, %.1f us a conversation\n", bench->broker_cpu_s,
               bench->broker_cpu_s * 1e6 / (double)options->conversations);
        printf("memory      %.1f MB resident, %.1f MB of it its own\n", (double)bench->use.broker.rss_bytes / 1e6,
               (double)bench->use.broker.anonymous_bytes / 1e6);
    }
    printf("verified    %lu lost, %lu duplicated, %lu reordered\n\n", lost(&bench->talk), duplicated(&bench->talk),
           reordered(&bench->talk));
}

static json_t *json_of_bench(const struct bench *bench)
{
    const struct talk_options *options = &bench->options.talk;
    json_t *parameters =
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "conversations", (json_int_t)options->conversations, "inflight",
                  (json_int_t)options->inflight, "agents", (json_int_t)options->agents, "queues", (json_int_t)options->queues, "connectors",
                  (json_int_t)options->connectors, "turns", (json_int_t)options->turns, "body_bytes", (json_int_t)options->body_bytes);
    json_t *object = json_pack("{s:s, s:o, s:I, s:f, s:f, s:I, s:I, s:I}", "bench", "conversation", "parameters", parameters,
                               "conversations_per_second", (json_int_t)rate(bench), "seconds", bench->seconds, "load_cpu_s",
                               bench->load_cpu_s, "lost", (json_int_t)lost(&bench->talk), "duplicated",
                               (json_int_t)duplicated(&bench->talk), "reordered", (json_int_t)reordered(&bench->talk));
    if (!bench->talk.run.options.connect) {
        json_object_set_new(object, "broker_cpu_s", json_real(bench->broker_cpu_s));
        json_object_set_new(object, "broker_rss_bytes", json_integer((json_int_t)bench->use.broker.rss_bytes));
        json_object_set_new(object, "broker_anonymous_bytes", json_integer((json_int_t)bench->use.broker.anonymous_bytes));
    }
    return object;
}

static enum command_exit tell(const void *context)
{
    const struct bench *bench = context;
    const struct talk *talk = &bench->talk;
    const struct latency latencies[LATENCIES] = {{"offer_us", "first message to offered", &talk->offer_ns},
                                                 {"first_reply_us", "first message to first reply", &talk->first_reply_ns},
                                                 {"life_us", "first message to the end", &talk->life_ns}};
    if (bench->talk.run.options.json) {
        json_t *object = json_of_bench(bench);
        latencies_put(object, latencies, LATENCIES);
        json_print(object);
    } else {
        print_table(bench);
        latencies_print(latencies, LATENCIES);
    }
    bool plotted = !bench->options.plot || plot_write(command, bench->options.plot, "relevo bench conversation", latencies, LATENCIES);
    return run_verified(&talk->run, lost(talk), duplicated(talk), reordered(talk)) && plotted ? COMMAND_done : COMMAND_failed;
}

static bool options_read(void *context, int argc, char **argv, enum command_exit *exit_code)
{
    struct bench *bench = context;
    struct options *options = &bench->options;
    struct talk_options *talk = &options->talk;
    *options = (struct options){.talk = {100000, 4096, 4, 64, 2, 3, 250}};
    bench->talk.options = talk;
    bench->talk.run.options = (struct run_options){.seconds_max = 120};
    const struct option_spec specs[] = {
        {"conversations", OPTION_number, &talk->conversations, 1, STAMP_NUMBER_MAX / 2, "conversations of the timed part"},
        {"inflight", OPTION_number, &talk->inflight, 1, 1000000, "conversations going on at a time"},
        {"agents", OPTION_number, &talk->agents, 1, 128, "agents, one connection each"},
        {"queues", OPTION_number, &talk->queues, 1, 4096, "queues, each served by every agent"},
        {"connectors", OPTION_number, &talk->connectors, 1, 128, "connectors, one connection each"},
        {"turns", OPTION_number, &talk->turns, 1, 1000, "messages of the customer, each with a reply"},
        {"body-bytes", OPTION_number, &talk->body_bytes, STAMP_BYTES, WIRE_BODY_MAX, "bytes of one text"},
        {"plot", OPTION_text, &options->plot, 0, 0, "write a picture of the latencies to this file, as SVG"}};
    const struct usage usage = {command,
                                NULL,
                                "Measures whole conversations: first message, offered, accepted, messages and replies in turn, finished.\n"
                                "Verifies every message. Starts a private broker in a temporary directory (TMPDIR, or /var/tmp).",
                                specs,
                                sizeof specs / sizeof *specs,
                                NULL};
    if (!run_options_parse(&bench->talk.run.options, &usage, argc, argv, exit_code))
        return false;
    uint64_t tenth = talk->conversations / 10;
    bench->talk.warm_up = tenth > talk->inflight ? tenth : talk->inflight;
    return true;
}

enum command_exit command_bench_conversation(int argc, char **argv)
{
    static const struct run_task task = {command, sizeof(struct bench), options_read, write_configuration, measure, tell, progress, NULL};
    return run_command(&task, argc, argv);
}
