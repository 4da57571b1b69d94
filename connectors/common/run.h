/* The life of a connector: a libuv loop around one or more clients, and its end. SIGTERM and SIGINT drain: the program stops taking new
 * work, what was handed to the broker is answered, the sessions say bye, and run_loop returns. A second signal does not wait for the
 * answers. */
#ifndef RELEVO_RUN_H
#define RELEVO_RUN_H

#include <uv.h>

#include "proto/client/client.h"

enum {
    RUN_DRAIN_MS = 5000,    /* how long a drain waits for answers: the broker may be gone */
    RUN_PATIENCE_MS = 3000, /* without a session for so long, the program says so once */
};

struct run {
    uv_loop_t loop;
    const char *program, *url;
    struct run_client *clients; /* newest first */
    uv_signal_t terminate, interrupt;
    uv_timer_t patience, drain;
    bool draining, forced;
    int exit_code;
    void (*on_drain)(void *context); /* stop taking new work; may be NULL */
    void *context;
};

void run_open(struct run *run, const char *program, const char *url);

/* Opens a client and dispatches it from the loop until the end, when it is closed. On an error says so and returns false. */
bool run_client(struct run *run, const struct client_options *options, struct client **out);

/* Until a drain is over or run_stop. Returns the exit code. Every handle of the loop is closed afterwards. */
int run_loop(struct run *run);

/* The program's work is done, or a signal came: drains and ends with that code. The first call decides. */
void run_drain(struct run *run, int exit_code);

/* Ends without waiting for answers, and says why: "relevo-stdio: WHY". */
void run_fail(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* For client_options.on_refused: ends, naming the principal and what the broker said. */
void run_refused(struct run *run, const char *name, enum status status, struct span detail);

#endif
