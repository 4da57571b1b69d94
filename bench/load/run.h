/* One run of a load bench: its broker, private or somebody else's, its clock, and how it ends. The main thread watches over the threads
 * that carry the load; the first failure counts and stops everybody. Refuses to know what is measured. */
#ifndef RELEVO_BENCH_RUN_H
#define RELEVO_BENCH_RUN_H

#include <stdatomic.h>

#include "bench/histogram.h"
#include "bench/load/private_broker.h"
#include "bench/options.h"
#include "bench/token.h"

enum {
    RUN_PROGRESS_MAX = 128,
    RUN_SLICE_MS = 10, /* how often a thread with nothing to do looks whether it shall stop */
};

/* What every such command may be asked for. */
struct run_options {
    const char *connect, *token, *relevod;
    uint64_t seconds_max;
    bool json, configuration;
    bool only_private; /* not asked for: its broker is always a private one */
};

/* What is a command's own. `context` is the state of its bench, a struct run first. */
struct run_task {
    const char *command;
    size_t context_bytes;
    /* Fills the zeroed context from the command line, with run_options_parse. False: the command ends with `*out`. */
    bool (*options_read)(void *context, int argc, char **argv, enum command_exit *out);
    void (*write_configuration)(FILE *out, const void *context);
    void (*measure)(void *context);                 /* with the broker running */
    enum command_exit (*tell)(const void *context); /* prints what was measured, and judges it; not after a failure */
    /* How far it has come, from the main thread, when the time is up; NULL will do. */
    void (*progress)(const void *context, char out[RUN_PROGRESS_MAX]);
    void (*fini)(void *context); /* gives back what the context holds, however far it came; NULL will do */
};

struct run {
    const struct run_task *task;
    struct run_options options;
    struct private_broker broker; /* pid 0 with --connect */
    struct token token;           /* of every connector, agent and operator of the run */
    const char *url;
    uint32_t number; /* at random: tells its messages from those of other runs */
    uint64_t clock_zero_ns;
    int signals;

    /* Between the threads. */
    _Atomic bool stop, failed;
    char failure[512]; /* written by whoever sets `failed`; read after the threads have ended */
};

/* The whole command. */
enum command_exit run_command(const struct run_task *task, int argc, char **argv);

/* Reads the options of a command: its own, which `usage` has, and those of every run. False: the command ends with `*out`. */
bool run_options_parse(struct run_options *options, const struct usage *usage, int argc, char **argv, enum command_exit *out);

/* One run, from the broker's start to its end, for a command of several. `run` is zeroed but for its options, and first in its context. */
enum command_exit run_execute(struct run *run, const struct run_task *task);

/* Nanoseconds on the run's own clock. */
uint64_t run_now_ns(const struct run *run);

static inline bool run_goes_on(const struct run *run)
{
    return !atomic_load_explicit(&run->stop, memory_order_relaxed);
}

/* The first failure counts. */
void run_fail(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Were all messages there, once and in their order? False: complained. */
bool run_verified(const struct run *run, uint64_t lost, uint64_t duplicated, uint64_t reordered);

/* On the main thread: waits until the condition holds. False: something failed, the time is up, or a signal came. */
bool run_await(struct run *run, bool (*condition)(const void *context), const void *context);

/* Until the broker knows that the agents have dealt with everything: what it could still send twice, it would have sent. */
void run_await_acknowledged(struct run *run);

/* What load and broker have used until now; of a broker that is somebody else's nothing is known, and its part is 0. */
struct run_use {
    double load_cpu_s;
    struct process_use broker;
    uint64_t disk_bytes;
};
struct run_use run_use(const struct run *run);

#endif
