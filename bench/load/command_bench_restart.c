#include <stdlib.h>

#include "base/check.h"
#include "bench/clock.h"
#include "bench/json.h"
#include "bench/load/readers.h"
#include "bench/load/route.h"
#include "bench/readable.h"

enum { BATCH = 64, INFLIGHT = 64, READERS = 4 };

static const char command[] = "bench restart";

struct options {
    struct route_options route;
    struct route_phase phase;
    bool kill;
};

/* What the broker says of its own recovery. */
struct recovered {
    unsigned long records, sessions, conversations, replayed;
};

struct bench {
    struct route route; /* first, so that one is the other */
    struct options options;
    struct route_outcome filled;
    uint64_t disk_bytes;
    double ready_s;
    struct recovered recovered;
    struct readers readers;
};

static bool fill(struct bench *bench)
{
    const struct route_phase *phase = &bench->options.phase;
    bool filled = route_open(&bench->route, phase->conversations, phase->messages) && route_run_phase(&bench->route, phase, &bench->filled);
    route_close(&bench->route);
    return filled && !atomic_load(&bench->route.run.failed);
}

static bool recovery_read(const struct private_broker *broker, struct recovered *out)
{
    static const char words[] = "conversations from the checkpoint";
    char line[512];
    const char *from = private_broker_logged(broker, words, line, sizeof line) ? strstr(line, " recovery: ") : NULL;
    return from && sscanf(from, " recovery: %lu records, %lu sessions and %lu conversations from the checkpoint, %lu records replayed",
                          &out->records, &out->sessions, &out->conversations, &out->replayed) == 4;
}

static bool restart(struct bench *bench)
{
    struct run *run = &bench->route.run;
    const struct private_broker_options options = {run->options.relevod, route_write_configuration, bench};
    char error[1024];
    bench->disk_bytes = private_broker_disk_bytes(&run->broker);
    private_broker_end(&run->broker, bench->options.kill);
    uint64_t from_ns = clock_ns();
    bool ready = private_broker_restart(&run->broker, &options, error);
    bench->ready_s = (double)(clock_ns() - from_ns) / 1e9;
    if (!ready)
        run_fail(run, "%s", error);
    else if (!recovery_read(&run->broker, &bench->recovered))
        run_fail(run, "relevod did not log what it recovered");
    return !atomic_load(&run->failed);
}

static void measure(void *context)
{
    struct bench *bench = context;
    struct run *run = &bench->route.run;
    if (!fill(bench) || !restart(bench))
        return;
    atomic_store(&run->stop, false); /* closing the route has stopped its threads; what follows has its own */
    bench->readers.messages_from = bench->recovered.records - bench->recovered.replayed + 1;
    const struct readers_options options = {READING_everything, READERS, bench->options.phase.conversations, WIRE_HISTORY_MAX};
    if (readers_begin(&bench->readers, run, &options))
        readers_await(&bench->readers);
    readers_end(&bench->readers);
}

/* Messages that were acknowledged before, the first of each conversation too, and are not there now. */
static uint64_t lost(const struct bench *bench)
{
    uint64_t sent = bench->options.phase.messages + bench->options.phase.conversations;
    return sent > bench->readers.messages ? sent - bench->readers.messages : 0;
}

static uint64_t per_second(const struct bench *bench, uint64_t count)
{
    return bench->ready_s > 0 ? (uint64_t)((double)count / bench->ready_s) : 0;
}

static void print_json(const struct bench *bench)
{
    const struct options *options = &bench->options;
    const struct recovered *recovered = &bench->recovered;
    json_print(json_pack("{s:s, s:{s:I, s:I, s:I, s:b}, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "bench", "restart",
                         "parameters", "conversations", (json_int_t)options->phase.conversations, "messages",
                         (json_int_t)options->phase.messages, "body_bytes", (json_int_t)options->route.body_bytes, "kill", options->kill,
                         "ready_ms", bench->ready_s * 1000, "records", (json_int_t)recovered->records, "records_replayed",
                         (json_int_t)recovered->replayed, "messages_replayed", (json_int_t)bench->readers.messages_since,
                         "conversations_loaded", (json_int_t)recovered->conversations, "sessions_loaded", (json_int_t)recovered->sessions,
                         "replayed_records_per_second", (json_int_t)per_second(bench, recovered->replayed), "replayed_messages_per_second",
                         (json_int_t)per_second(bench, bench->readers.messages_since), "disk_bytes", (json_int_t)bench->disk_bytes, "lost",
                         (json_int_t)lost(bench), "duplicated", (json_int_t)bench->readers.duplicated, "reordered",
                         (json_int_t)bench->readers.reordered));
}

static void print_text(const struct bench *bench)
{
    const struct options *options = &bench->options;
    const struct recovered *recovered = &bench->recovered;
    char a[READABLE_MAX], b[READABLE_MAX], c[READABLE_MAX];
    printf("%s messages of %lu bytes in %s conversations, %s records; %s\n\n", readable_count(a, options->phase.messages),
           options->route.body_bytes, readable_count(b, options->phase.conversations), readable_count(c, recovered->records),
           options->kill ? "killed" : "stopped");
    printf("ready       %.0f ms after it was started again\n", bench->ready_s * 1000);
    printf("loaded      %s conversations and %s sessions from the checkpoint\n", readable_count(a, recovered->conversations),
           readable_count(b, recovered->sessions));
    printf("replayed    %s records, %s of them messages; %s records a second of that time\n", readable_count(a, recovered->replayed),
           readable_count(b, bench->readers.messages_since), readable_count(c, per_second(bench, recovered->replayed)));
    printf("verified    %lu lost, %lu duplicated, %lu reordered\n", lost(bench), bench->readers.duplicated, bench->readers.reordered);
}

static enum command_exit tell(const void *context)
{
    const struct bench *bench = context;
    if (bench->route.run.options.json)
        print_json(bench);
    else
        print_text(bench);
    if (lost(bench) || bench->readers.duplicated || bench->readers.reordered) {
        command_complain(command, "messages were lost, duplicated or reordered over the restart");
        return COMMAND_failed;
    }
    return route_verified(&bench->route) ? COMMAND_done : COMMAND_failed;
}

static bool options_read(void *context, int argc, char **argv, enum command_exit *exit_code)
{
    struct bench *bench = context;
    struct options *options = &bench->options;
    *options = (struct options){
        .route = {.batch = BATCH, .inflight = INFLIGHT, .connectors = 2, .agents = 4, .queues = 64, .body_bytes = 250},
        .phase = {.messages = 500000, .conversations = 10000},
    };
    bench->route.options = &options->route;
    bench->route.run.options = (struct run_options){.seconds_max = 300, .only_private = true};
    const struct option_spec specs[] = {
        {"conversations", OPTION_number, &options->phase.conversations, INFLIGHT, 10000000, "conversations that are open"},
        {"messages", OPTION_number, &options->phase.messages, 1, STAMP_NUMBER_MAX, "messages in them, beside the first of each"},
        {"body-bytes", OPTION_number, &options->route.body_bytes, STAMP_BYTES, WIRE_BODY_MAX, "bytes of one message's text"},
        {"kill", OPTION_flag, &options->kill, 0, 0, "end the broker by SIGKILL, and not as an operator would"}};
    const struct usage usage = {
        command,
        NULL,
        "Fills a private broker with conversations, ends it, starts it again and measures how long it takes until it\n"
        "serves. Then reads every history: every message that was acknowledged has to be there, once and in order.",
        specs,
        sizeof specs / sizeof *specs,
        NULL};
    return run_options_parse(&bench->route.run.options, &usage, argc, argv, exit_code);
}

static void fini(void *context)
{
    struct bench *bench = context;
    readers_fini(&bench->readers);
    route_fini(&bench->route);
}

enum command_exit command_bench_restart(int argc, char **argv)
{
    static const struct run_task task = {command, sizeof(struct bench), options_read, route_write_configuration, measure,
                                         tell,    route_progress,       fini};
    return run_command(&task, argc, argv);
}
