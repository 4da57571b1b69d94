#include <pthread.h>
#include <stdlib.h>

#include "base/check.h"
#include "bench/json.h"
#include "bench/latency.h"
#include "bench/load/clients.h"
#include "bench/load/crowd.h"
#include "bench/load/house.h"
#include "bench/load/proof.h"
#include "bench/readable.h"

enum { LATENCIES = 2, BODY_BYTES = 250, KEY_BYTES = STAMP_RUN_DIGITS + 2 * STAMP_NUMBER_DIGITS, SWEEP_NS = 1000000 };

static const char command[] = "bench sessions";

struct options {
    uint64_t agents, rounds, seconds, heartbeat_ms;
};

struct bench {
    struct run run;
    struct options options;
    struct crowd crowd;
    struct clients connector;
    _Atomic bool done;
    struct proof proof;
    struct histogram deliver_ns, beat_ns;
    uint64_t sent_ns, last_delivery_ns; /* of the message to each */
    uint64_t *received;                 /* by agent: first messages */
    double connect_s, beats_s, rest_s;
    uint64_t beats;
    struct run_use before, parked, rested, after;
};

static void write_configuration(FILE *out, const void *context)
{
    const struct bench *bench = context;
    house_write(out, &(struct house){.connectors = 1,
                                     .agents = bench->options.agents,
                                     .queues = 1,
                                     .room = 1,
                                     .heartbeat_ms = bench->options.heartbeat_ms,
                                     .token_hash = bench->run.token.hash});
}

static void take_message(struct bench *bench, uint64_t agent, const struct wire_record *record)
{
    struct stamp stamp;
    if (record->kind != RECORD_message || !stamp_read(record->text, &stamp) || stamp.run != bench->run.number)
        return;
    bench->received[agent] += stamp.number == 0;
    if (proof_arrival(&bench->proof, &stamp)) {
        bench->last_delivery_ns = run_now_ns(&bench->run);
        histogram_record(&bench->deliver_ns, bench->last_delivery_ns - bench->sent_ns);
    }
}

static void on_delivery(void *context, uint64_t agent, const struct wire_record *record)
{
    take_message(context, agent, record);
    for (uint32_t i = 0; i < record->history_count; i++)
        take_message(context, agent, &record->history[i]);
}

/* True when there is time for more. */
static bool work(struct bench *bench)
{
    crowd_work(&bench->crowd, SWEEP_NS);
    clients_wait(&bench->connector, 0);
    return run_goes_on(&bench->run);
}

static double seconds_since(const struct bench *bench, uint64_t since_ns)
{
    return (double)(run_now_ns(&bench->run) - since_ns) / 1e9;
}

/* One message in each of as many conversations as there are agents. */
static void send_to_each(struct bench *bench, uint32_t number)
{
    char body[BODY_BYTES], key[KEY_BYTES];
    memset(body, '.', sizeof body);
    bench->sent_ns = run_now_ns(&bench->run);
    stamp_digits(key, bench->run.number, STAMP_RUN_DIGITS);
    stamp_digits(key + KEY_BYTES - STAMP_NUMBER_DIGITS, number, STAMP_NUMBER_DIGITS);
    for (uint32_t i = 0; i < bench->options.agents; i++) {
        const struct stamp stamp = {bench->run.number, i, number, i, bench->sent_ns};
        stamp_write(body, &stamp);
        stamp_digits(key + STAMP_RUN_DIGITS, i, STAMP_NUMBER_DIGITS);
        struct wire_change change = {.kind = CHANGE_message,
                                     .key = {key, KEY_BYTES},
                                     .address = {key, KEY_BYTES - STAMP_NUMBER_DIGITS},
                                     .topic = span_of("bench-topic-1"),
                                     .text = {body, BODY_BYTES}};
        if (client_submit(bench->connector.members[0].client, i, &change, 0) != STATUS_ok)
            run_fail(&bench->run, "the connector has more unanswered messages than its client takes");
    }
}

static void connect_all(struct bench *bench)
{
    while (bench->connector.ready == 0 && run_goes_on(&bench->run))
        clients_wait(&bench->connector, RUN_SLICE_MS * 1000000ull);
    bench->before = run_use(&bench->run);
    uint64_t begin_ns = run_now_ns(&bench->run);
    if (!crowd_init(&bench->crowd, &bench->run, bench->options.agents, bench, on_delivery))
        return;
    while (bench->crowd.parked < bench->crowd.count && work(bench))
        continue;
    bench->connect_s = seconds_since(bench, begin_ns);
}

/* Everybody's heartbeat at once, several times: how many the broker answers. */
static void beat_all(struct bench *bench)
{
    struct crowd *crowd = &bench->crowd;
    uint64_t begin_ns = run_now_ns(&bench->run), before = crowd->beats_answered;
    crowd->beat_ns = (struct histogram){0};
    for (uint64_t round = 1; round <= bench->options.rounds; round++) {
        crowd_beat_all(crowd);
        while (crowd->beats_answered - before < round * crowd->count && work(bench))
            continue;
    }
    bench->beats_s = seconds_since(bench, begin_ns);
    bench->beats = crowd->beats_answered - before;
    bench->beat_ns = crowd->beat_ns;
}

/* Nothing but parked fetches and everybody's heartbeat in its turn. */
static void rest(struct bench *bench)
{
    uint64_t begin_ns = run_now_ns(&bench->run);
    bench->parked = run_use(&bench->run);
    while (seconds_since(bench, begin_ns) < (double)bench->options.seconds && work(bench))
        continue;
    bench->rest_s = seconds_since(bench, begin_ns);
    bench->rested = run_use(&bench->run);
}

static void message_each(struct bench *bench)
{
    send_to_each(bench, 0);
    while (bench->proof.opened < bench->options.agents && work(bench))
        continue;
    for (uint64_t i = 0; i < bench->options.agents && run_goes_on(&bench->run); i++)
        if (bench->received[i] != 1)
            run_fail(&bench->run, "agent %lu was given %lu conversations where there is one for each", i + 1, bench->received[i]);
    send_to_each(bench, 1);
    while (bench->proof.delivered < bench->options.agents && work(bench))
        continue;
    bench->after = run_use(&bench->run);
}

static void *thread_run(void *context)
{
    struct bench *bench = context;
    const struct clients_options options = {
        .kind = "connector", .role = ROLE_connector, .count = 1, .pending_max = (uint32_t)(2 * bench->options.agents + 1)};
    if (clients_open(&bench->connector, &bench->run, &options)) {
        connect_all(bench);
        if (run_goes_on(&bench->run))
            beat_all(bench);
        if (run_goes_on(&bench->run))
            rest(bench);
        if (run_goes_on(&bench->run))
            message_each(bench);
        atomic_store(&bench->done, true);
    }
    while (bench->crowd.agents && work(bench))
        continue;
    clients_close(&bench->connector);
    if (bench->crowd.agents)
        crowd_fini(&bench->crowd);
    return NULL;
}

static bool is_done(const void *context)
{
    const struct bench *bench = context;
    return atomic_load(&bench->done);
}

static void measure(void *context)
{
    struct bench *bench = context;
    pthread_t thread;
    if (pthread_create(&thread, NULL, thread_run, bench) != 0) {
        run_fail(&bench->run, "no thread could be started");
        return;
    }
    if (run_await(&bench->run, is_done, bench))
        run_await_acknowledged(&bench->run);
    atomic_store(&bench->run.stop, true);
    pthread_join(thread, NULL);
}

static double bytes_per_session(const struct bench *bench, uint64_t before, uint64_t after)
{
    return after > before ? (double)(after - before) / (double)bench->options.agents : 0;
}

static double rest_share(const struct bench *bench)
{
    return bench->rest_s > 0 ? (bench->rested.broker.cpu_s - bench->parked.broker.cpu_s) / bench->rest_s : 0;
}

static uint64_t beats_per_second(const struct bench *bench)
{
    return bench->beats_s > 0 ? (uint64_t)((double)bench->beats / bench->beats_s) : 0;
}

static double message_each_s(const struct bench *bench)
{
    return (double)(bench->last_delivery_ns - bench->sent_ns) / 1e9;
}

static void print_table(const struct bench *bench)
{
    const struct options *options = &bench->options;
    const struct process_use *before = &bench->before.broker, *rested = &bench->rested.broker;
    char count[READABLE_MAX], rate[READABLE_MAX];
    readable_count(count, options->agents);
    printf("%s agents, a connection each, every fetch parked\n\n", count);
    printf("connected   all in %.2f s, %.0f a second\n", bench->connect_s, (double)options->agents / bench->connect_s);
    printf("heartbeats  %s answered a second, when all beat at once\n", readable_count(rate, beats_per_second(bench)));
    if (!bench->run.options.connect) {
        printf("at rest     %.1f %% of one processor, for parked fetches and heartbeats\n", 100 * rest_share(bench));
        printf("memory      %.0f bytes resident a session, %.0f of them the broker's own; %.1f MB before, %.1f MB with all\n",
               bytes_per_session(bench, before->rss_bytes, rested->rss_bytes),
               bytes_per_session(bench, before->anonymous_bytes, rested->anonymous_bytes), (double)before->rss_bytes / 1e6,
               (double)rested->rss_bytes / 1e6);
    }
    printf("delivered   one message to each of %s agents in %.3f s\n", count, message_each_s(bench));
    printf("verified    %lu lost, %lu duplicated, %lu reordered\n\n", proof_lost(&bench->proof), bench->proof.duplicated,
           bench->proof.reordered);
}

static json_t *json_of_bench(const struct bench *bench)
{
    const struct options *options = &bench->options;
    const struct process_use *before = &bench->before.broker, *rested = &bench->rested.broker;
    json_t *object = json_pack("{s:s, s:{s:I, s:I, s:I, s:I}, s:f, s:I, s:f, s:I, s:I, s:I}", "bench", "sessions", "parameters", "agents",
                               (json_int_t)options->agents, "rounds", (json_int_t)options->rounds, "seconds", (json_int_t)options->seconds,
                               "heartbeat_ms", (json_int_t)options->heartbeat_ms, "connect_s", bench->connect_s, "heartbeats_per_second",
                               (json_int_t)beats_per_second(bench), "message_each_s", message_each_s(bench), "lost",
                               (json_int_t)proof_lost(&bench->proof), "duplicated", (json_int_t)bench->proof.duplicated, "reordered",
                               (json_int_t)bench->proof.reordered);
    if (!bench->run.options.connect) {
        json_object_set_new(object, "rss_bytes_per_session", json_real(bytes_per_session(bench, before->rss_bytes, rested->rss_bytes)));
        json_object_set_new(object, "anonymous_bytes_per_session",
                            json_real(bytes_per_session(bench, before->anonymous_bytes, rested->anonymous_bytes)));
        json_object_set_new(object, "rss_before_bytes", json_integer((json_int_t)before->rss_bytes));
        json_object_set_new(object, "rss_with_all_bytes", json_integer((json_int_t)rested->rss_bytes));
        json_object_set_new(object, "rss_after_messages_bytes", json_integer((json_int_t)bench->after.broker.rss_bytes));
        json_object_set_new(object, "rest_processor_share", json_real(rest_share(bench)));
    }
    return object;
}

static enum command_exit tell(const void *context)
{
    const struct bench *bench = context;
    const struct latency latencies[LATENCIES] = {{"deliver_us", "one to each, sent to delivered", &bench->deliver_ns},
                                                 {"heartbeat_us", "heartbeats, all at once", &bench->beat_ns}};
    if (bench->run.options.json) {
        json_t *object = json_of_bench(bench);
        latencies_put(object, latencies, LATENCIES);
        json_print(object);
    } else {
        print_table(bench);
        latencies_print(latencies, LATENCIES);
    }
    const struct proof *proof = &bench->proof;
    return run_verified(&bench->run, proof_lost(proof), proof->duplicated, proof->reordered) ? COMMAND_done : COMMAND_failed;
}

static bool options_read(void *context, int argc, char **argv, enum command_exit *exit_code)
{
    struct bench *bench = context;
    struct options *options = &bench->options;
    *options = (struct options){.agents = 10000, .rounds = 3, .seconds = 3, .heartbeat_ms = 15000};
    bench->run.options = (struct run_options){.seconds_max = 120};
    const struct option_spec specs[] = {
        {"agents", OPTION_number, &options->agents, 1, 1000000, "agents, one connection and session each"},
        {"rounds", OPTION_number, &options->rounds, 1, 1000, "heartbeats of everybody at once"},
        {"seconds", OPTION_number, &options->seconds, 0, 3600, "how long they rest, parked and heart-beating"},
        {"heartbeat-ms", OPTION_number, &options->heartbeat_ms, 100, 3600000, "time between two heartbeats of one session at rest"}};
    const struct usage usage = {
        command,
        NULL,
        "Connects many agents, each with a session and a parked fetch, and measures what they cost the broker, how\n"
        "many heartbeats it answers, and how long one message to each of them takes.",
        specs,
        sizeof specs / sizeof *specs,
        NULL};
    if (!run_options_parse(&bench->run.options, &usage, argc, argv, exit_code))
        return false;
    bench->received = must_zalloc(options->agents, sizeof *bench->received);
    proof_init(&bench->proof, options->agents, options->agents);
    return true;
}

static void fini(void *context)
{
    struct bench *bench = context;
    proof_fini(&bench->proof);
    free(bench->received);
}

enum command_exit command_bench_sessions(int argc, char **argv)
{
    static const struct run_task task = {command, sizeof(struct bench), options_read, write_configuration, measure, tell, NULL, fini};
    return run_command(&task, argc, argv);
}
