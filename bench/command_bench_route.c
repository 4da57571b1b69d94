#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/check.h"
#include "bench/clock.h"
#include "bench/route.h"
#include "bench/session.h"
#include "config/config.h"

uint64_t route_now_ns(const struct route *route)
{
    return clock_ns() - route->clock_zero_ns;
}

void route_fail(struct route *route, const char *format, ...)
{
    if (!atomic_exchange(&route->failed, true)) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(route->failure, sizeof route->failure, format, arguments);
        va_end(arguments);
    }
    atomic_store(&route->stop, true);
}

double route_load_cpu_s(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) + (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

/* Signals are taken here and nowhere else; before the first thread, so that all inherit it. Whoever stops reading what is printed must not
 * keep the directory from being removed. */
static int signals_open(void)
{
    sigset_t set;
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

/* Waits until the condition holds. False: something failed, the time is up, or a signal came. */
static bool await(struct route *route, int signals, bool (*condition)(struct route *route))
{
    struct pollfd signal = {signals, POLLIN, 0};
    while (!atomic_load(&route->stop)) {
        if (condition(route))
            return true;
        if (poll(&signal, 1, ROUTE_SLICE_MS) > 0) {
            route_fail(route, "interrupted");
        } else if (route_now_ns(route) > route->options->seconds_max * 1000000000) {
            route_fail(route, "not done within %lu s: %lu of %lu messages were delivered; --seconds-max allows more",
                       route->options->seconds_max, atomic_load(&route->delivered), route->options->messages);
        } else if (!route->options->connect && !private_broker_alive(&route->broker)) {
            route_fail(route, "relevod ended");
        }
    }
    return false;
}

static bool agents_are_available(struct route *route)
{
    return atomic_load(&route->agents_available) == route->options->agents;
}

static bool all_is_delivered(struct route *route)
{
    return atomic_load(&route->all_answered) && atomic_load_explicit(&route->delivered, memory_order_acquire) == route->options->messages;
}

static uint64_t pending_of_bench(const struct wire_overview *overview)
{
    uint64_t pending = 0;
    for (uint32_t i = 0; i < overview->agents_count; i++) {
        struct span name = overview->agents[i].name;
        bool ours = name.size > 6 && memcmp(name.data, "bench-", 6) == 0;
        pending += ours ? overview->agents[i].pending : 0;
    }
    return pending;
}

/* Until the broker knows that the agents have dealt with everything: what it could still send twice, it would have sent. */
static void await_acknowledged(struct route *route)
{
    struct broker_address address = {route->url, ROUTE_OPERATOR, route->token.text};
    struct session session;
    struct arena arena = {0};
    if (!session_open(&session, "bench route", &address)) {
        route_fail(route, "the broker does not tell its status");
        return;
    }
    uint64_t pending = 1, until_ns = route->options->seconds_max * 1000000000;
    while (pending && !atomic_load(&route->stop)) {
        struct wire_overview overview;
        if (!session_overview(&session, &arena, &overview)) {
            route_fail(route, "the broker does not tell its status");
            break;
        }
        pending = pending_of_bench(&overview);
        arena_clear(&arena);
        if (pending && route_now_ns(route) > until_ns)
            route_fail(route, "%lu deliveries were never acknowledged", pending);
        poll(NULL, 0, pending ? ROUTE_SLICE_MS : 0);
    }
    arena_fini(&arena);
    session_close(&session);
}

/* While nothing has ended yet: the broker still runs, and the threads still hold their clients. */
static void measure(const struct route *route, struct route_result *out)
{
    out->load_cpu_s = route_load_cpu_s() - route->load_cpu_before_s;
    if (!route->options->connect) {
        struct process_use use = private_broker_use(&route->broker);
        uint64_t disk_bytes = private_broker_disk_bytes(&route->broker) - route->disk_bytes_before;
        out->broker_cpu_s = use.cpu_s - route->use_before.cpu_s;
        out->rss_bytes = use.rss_bytes;
        out->anonymous_bytes = use.anonymous_bytes;
        out->disk_bytes_per_message = (double)disk_bytes / (double)route->options->messages;
    }
}

static void conclude(const struct route *route, struct route_result *out)
{
    uint64_t end_ns = route->last_delivery_ns > route->last_answer_ns ? route->last_delivery_ns : route->last_answer_ns;
    out->seconds = (double)(end_ns - route->begin_ns) / 1e9;
    out->messages_per_second = out->seconds > 0 ? (uint64_t)((double)route->options->messages / out->seconds) : 0;
    out->lost = proof_lost(&route->proof);
    out->duplicated = route->proof.duplicated;
    out->reordered = route->proof.reordered;
}

static void run_threads(struct route *route, int signals, struct route_result *out)
{
    pthread_t agents, connectors;
    bool agents_run = pthread_create(&agents, NULL, route_agents_run, route) == 0;
    bool connectors_run =
        agents_run && await(route, signals, agents_are_available) && pthread_create(&connectors, NULL, route_connectors_run, route) == 0;
    if (connectors_run && await(route, signals, all_is_delivered)) {
        measure(route, out);
        await_acknowledged(route);
    }
    atomic_store(&route->stop, true);
    if (connectors_run)
        pthread_join(connectors, NULL);
    if (agents_run)
        pthread_join(agents, NULL);
    conclude(route, out);
}

static bool broker_start(struct route *route, const char **url)
{
    char error[1024];
    struct route_configuration configuration = {route->options, route->token.hash};
    struct private_broker_options options = {route->options->relevod, route_configuration_write, &configuration};
    if (!private_broker_start(&route->broker, &options, error)) {
        command_complain("bench route", "%s", error);
        return false;
    }
    *url = route->broker.url;
    return true;
}

static enum command_exit judge(const struct route *route, const struct route_result *result)
{
    if (atomic_load(&route->failed)) {
        command_complain("bench route", "%s", route->failure);
        private_broker_print_log(&route->broker, stderr);
        return COMMAND_failed;
    }
    if (route->options->json)
        route_print_json(route, result);
    else
        route_print_table(route, result);
    if (result->lost || result->duplicated || result->reordered) {
        command_complain("bench route", "messages were lost, duplicated or reordered");
        return COMMAND_failed;
    }
    return COMMAND_done;
}

static enum command_exit run(struct route *route, int signals)
{
    const struct route_options *options = route->options;
    route->url = options->connect;
    if (!options->connect && !broker_start(route, &route->url))
        return COMMAND_failed;
    struct route_result result = {0};
    route->clock_zero_ns = clock_ns();
    proof_init(&route->proof, options->conversations, options->messages);
    run_threads(route, signals, &result);
    enum command_exit exit_code = judge(route, &result);
    proof_fini(&route->proof);
    private_broker_stop(&route->broker);
    return exit_code;
}

static bool token_set(struct route *route)
{
    if (!token_make(&route->token) || getrandom(&route->run, sizeof route->run, 0) != sizeof route->run) {
        command_complain("bench route", "the system gives no random numbers");
        return false;
    }
    route->run &= (1u << 6 * STAMP_RUN_DIGITS) - 1;
    if (route->options->token) {
        snprintf(route->token.text, sizeof route->token.text, "%s", route->options->token);
        config_token_hash(span_of(route->token.text), route->token.hash);
    }
    return true;
}

/* What one option's bounds cannot say. */
static bool options_agree(const struct route_options *options)
{
    const char *wrong = NULL;
    if (options->inflight < options->connectors || options->inflight / options->connectors >= ROUTE_LANES_PER_CONNECTOR_MAX)
        wrong = "--inflight: expected at least one lane and fewer than 1024 for each of the --connectors";
    else if (options->conversations < options->inflight)
        wrong = "--conversations: expected at least as many as --inflight, because a conversation stays on one lane";
    else if (options->connect && !options->token)
        wrong = "--connect: --token is needed too: of the broker's bench principals, see --configuration";
    else if (options->configuration && !options->token)
        wrong = "--configuration: --token is needed too: the run with --connect must know it";
    if (wrong)
        command_complain("bench route", "%s", wrong);
    return !wrong;
}

static bool options_read(struct route_options *options, int argc, char **argv, enum command_exit *exit_code)
{
    *options = (struct route_options){.messages = 1000000,
                                      .batch = 64,
                                      .inflight = 64,
                                      .connectors = 2,
                                      .agents = 4,
                                      .queues = 64,
                                      .conversations = 10000,
                                      .body_bytes = 250,
                                      .seconds_max = 120};
    const struct option_spec specs[] = {
        {"messages", OPTION_number, &options->messages, 1, STAMP_NUMBER_MAX, "messages of the timed part"},
        {"batch", OPTION_number, &options->batch, 1, WIRE_BATCH_MAX, "messages in one submit"},
        {"inflight", OPTION_number, &options->inflight, 1, 65536, "submits in flight, over all connectors"},
        {"connectors", OPTION_number, &options->connectors, 1, 1024, "connectors, one connection each"},
        {"agents", OPTION_number, &options->agents, 1, 10000, "agents, one connection each"},
        {"queues", OPTION_number, &options->queues, 1, 4096, "queues, each served by every agent"},
        {"conversations", OPTION_number, &options->conversations, 1, 10000000, "conversations, opened before the timed part"},
        {"body-bytes", OPTION_number, &options->body_bytes, STAMP_BYTES, WIRE_BODY_MAX, "bytes of one message's text"},
        {"rate", OPTION_number, &options->rate, 0, 10000000, "messages a second, on the clock; 0: closed loop"},
        {"seconds-max", OPTION_number, &options->seconds_max, 1, 86400, "give up after so long"},
        {"connect", OPTION_text, &options->connect, 0, 0, "use the broker at this URL instead of a private one"},
        {"token", OPTION_text, &options->token, 0, 0, "with --connect: the token of the bench's connectors, agents and operator"},
        {"configuration", OPTION_flag, &options->configuration, 0, 0,
         "print the configuration that the broker of --connect needs, and stop"},
        {"relevod", OPTION_text, &options->relevod, 0, 0, "the program of the private broker; beside this one unless given"},
        {"json", OPTION_flag, &options->json, 0, 0, "one JSON object"}};
    const struct usage usage = {"bench route",
                                NULL,
                                "Measures submit -> durable -> routed -> fetched -> acknowledged, and verifies every message.\n"
                                "Starts a private broker in a temporary directory (TMPDIR, or /var/tmp), which is removed afterwards.",
                                specs,
                                sizeof specs / sizeof *specs,
                                NULL};
    if (!options_parse(&usage, argc, argv, NULL, exit_code))
        return false;
    *exit_code = COMMAND_wrong;
    return options_agree(options);
}

enum command_exit command_bench_route(int argc, char **argv)
{
    struct route_options options;
    enum command_exit exit_code = COMMAND_failed;
    if (!options_read(&options, argc, argv, &exit_code))
        return exit_code;
    struct route *route = must_zalloc(1, sizeof *route);
    route->options = &options;
    int signals = signals_open();
    exit_code = COMMAND_failed;
    if (token_set(route) && options.configuration) {
        route_configuration_write(stdout, &(struct route_configuration){&options, route->token.hash});
        exit_code = COMMAND_done;
    } else if (route->token.hash[0]) {
        exit_code = run(route, signals);
    }
    close(signals);
    free(route);
    return exit_code;
}
