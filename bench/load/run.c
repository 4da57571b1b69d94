#include "bench/load/run.h"

#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/check.h"
#include "bench/clock.h"
#include "bench/load/house.h"
#include "bench/load/stamp.h"
#include "bench/session.h"
#include "bench/signals.h"
#include "config/config.h"

/* The first of them also where the broker is always a private one. */
enum { OPTIONS_OF_PRIVATE = 3, OPTIONS_OF_RUNS = 6, OPTIONS_MAX = 24 };

static bool options_agree(const char *command, const struct run_options *options)
{
    if (options->connect && !options->token)
        command_complain(command, "--connect: --token is needed too: of the broker's bench principals, see --configuration");
    else if (options->configuration && !options->token)
        command_complain(command, "--configuration: --token is needed too: the run with --connect must know it");
    else
        return true;
    return false;
}

bool run_options_parse(struct run_options *options, const struct usage *usage, int argc, char **argv, enum command_exit *out)
{
    const struct option_spec of_runs[OPTIONS_OF_RUNS] = {
        {"seconds-max", OPTION_number, &options->seconds_max, 1, 86400, "give up after so long"},
        {"relevod", OPTION_text, &options->relevod, 0, 0, "the program of the private broker; beside this one unless given"},
        {"json", OPTION_flag, &options->json, 0, 0, "one JSON object"},
        {"connect", OPTION_text, &options->connect, 0, 0, "use the broker at this URL instead of a private one"},
        {"token", OPTION_text, &options->token, 0, 0, "with --connect: the token of the bench's connectors, agents and operator"},
        {"configuration", OPTION_flag, &options->configuration, 0, 0,
         "print the configuration that the broker of --connect needs, and stop"}};
    struct option_spec specs[OPTIONS_MAX];
    struct usage whole = *usage;
    size_t count = options->only_private ? OPTIONS_OF_PRIVATE : OPTIONS_OF_RUNS;
    ASSERT(usage->options_count + count <= OPTIONS_MAX);
    memcpy(specs, usage->options, usage->options_count * sizeof *specs);
    memcpy(specs + usage->options_count, of_runs, count * sizeof *specs);
    whole.options = specs;
    whole.options_count += count;
    if (!options_parse(&whole, argc, argv, NULL, out))
        return false;
    *out = COMMAND_wrong;
    return options_agree(usage->command, options);
}

uint64_t run_now_ns(const struct run *run)
{
    return clock_ns() - run->clock_zero_ns;
}

void run_fail(struct run *run, const char *format, ...)
{
    if (!atomic_exchange(&run->failed, true)) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(run->failure, sizeof run->failure, format, arguments);
        va_end(arguments);
    }
    atomic_store(&run->stop, true);
}

bool run_verified(const struct run *run, uint64_t lost, uint64_t duplicated, uint64_t reordered)
{
    bool verified = !lost && !duplicated && !reordered;
    if (!verified)
        command_complain(run->task->command, "messages were lost, duplicated or reordered");
    return verified;
}

static void time_is_up(struct run *run)
{
    char progress[RUN_PROGRESS_MAX] = "";
    if (run->task->progress)
        run->task->progress(run, progress);
    run_fail(run, "not done within %lu s%s; --seconds-max allows more", run->options.seconds_max, progress);
}

bool run_await(struct run *run, bool (*condition)(const void *context), const void *context)
{
    struct pollfd signal = {run->signals, POLLIN, 0};
    while (run_goes_on(run)) {
        if (condition(context))
            return true;
        if (poll(&signal, 1, RUN_SLICE_MS) > 0)
            run_fail(run, "interrupted");
        else if (run_now_ns(run) > run->options.seconds_max * 1000000000)
            time_is_up(run);
        else if (!run->options.connect && !private_broker_alive(&run->broker))
            run_fail(run, "relevod ended");
    }
    return false;
}

static uint64_t pending_of_agents(const struct wire_overview *overview)
{
    uint64_t pending = 0;
    for (uint32_t i = 0; i < overview->agents_count; i++) {
        struct span name = overview->agents[i].name;
        bool ours = name.size > sizeof HOUSE_AGENTS - 1 && memcmp(name.data, HOUSE_AGENTS, sizeof HOUSE_AGENTS - 1) == 0;
        pending += ours ? overview->agents[i].pending : 0;
    }
    return pending;
}

void run_await_acknowledged(struct run *run)
{
    struct broker_address address = {run->url, HOUSE_OPERATOR, run->token.text};
    struct session session;
    struct arena arena = {0};
    if (!session_open(&session, run->task->command, &address)) {
        run_fail(run, "the broker does not tell its status");
        return;
    }
    uint64_t pending = 1, until_ns = run->options.seconds_max * 1000000000;
    while (pending && run_goes_on(run)) {
        struct wire_overview overview;
        if (!session_overview(&session, false, &arena, &overview)) {
            run_fail(run, "the broker does not tell its status");
            break;
        }
        pending = pending_of_agents(&overview);
        arena_clear(&arena);
        if (pending && run_now_ns(run) > until_ns)
            run_fail(run, "%lu deliveries were never acknowledged", pending);
        poll(NULL, 0, pending ? RUN_SLICE_MS : 0);
    }
    arena_fini(&arena);
    session_close(&session);
}

struct run_use run_use(const struct run *run)
{
    struct rusage load;
    struct run_use use = {0};
    getrusage(RUSAGE_SELF, &load);
    use.load_cpu_s = (double)(load.ru_utime.tv_sec + load.ru_stime.tv_sec) + (double)(load.ru_utime.tv_usec + load.ru_stime.tv_usec) / 1e6;
    if (!run->options.connect) {
        use.broker = private_broker_use(&run->broker);
        use.disk_bytes = private_broker_disk_bytes(&run->broker);
    }
    return use;
}

static bool token_set(struct run *run)
{
    if (!token_make(&run->token) || getrandom(&run->number, sizeof run->number, 0) != sizeof run->number) {
        command_complain(run->task->command, "the system gives no random numbers");
        return false;
    }
    run->number &= (1u << 6 * STAMP_RUN_DIGITS) - 1;
    if (run->options.token) {
        snprintf(run->token.text, sizeof run->token.text, "%s", run->options.token);
        config_token_hash(span_of(run->token.text), run->token.hash);
    }
    return true;
}

static bool broker_start(struct run *run)
{
    char error[1024];
    const struct run_task *task = run->task;
    struct private_broker_options options = {run->options.relevod, task->write_configuration, run};
    run->url = run->options.connect;
    if (run->options.connect)
        return true;
    if (!private_broker_start(&run->broker, &options, error)) {
        command_complain(run->task->command, "%s", error);
        return false;
    }
    run->url = run->broker.url;
    return true;
}

static enum command_exit measure_and_tell(struct run *run)
{
    const struct run_task *task = run->task;
    if (!broker_start(run))
        return COMMAND_failed;
    run->clock_zero_ns = clock_ns();
    task->measure(run);
    enum command_exit exit_code = COMMAND_failed;
    if (atomic_load(&run->failed)) {
        command_complain(run->task->command, "%s", run->failure);
        private_broker_print_log(&run->broker, stderr);
    } else {
        exit_code = task->tell(run);
    }
    private_broker_stop(&run->broker);
    return exit_code;
}

enum command_exit run_execute(struct run *run, const struct run_task *task)
{
    run->task = task;
    if (!token_set(run))
        return COMMAND_failed;
    if (run->options.configuration) {
        task->write_configuration(stdout, run);
        return COMMAND_done;
    }
    run->signals = signals_open();
    enum command_exit exit_code = measure_and_tell(run);
    close(run->signals);
    return exit_code;
}

enum command_exit run_command(const struct run_task *task, int argc, char **argv)
{
    enum command_exit exit_code;
    struct run *run = must_zalloc(1, task->context_bytes);
    if (task->options_read(run, argc, argv, &exit_code))
        exit_code = run_execute(run, task);
    if (task->fini)
        task->fini(run);
    free(run);
    return exit_code;
}
