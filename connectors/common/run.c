#include "connectors/common/run.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/expect.h"

struct run_client {
    uv_poll_t poll;
    struct run *run;
    struct client *client;
    struct run_client *next;
};

static bool run_is_settled(const struct run *run)
{
    for (const struct run_client *member = run->clients; member; member = member->next)
        if (client_pending(member->client) > 0)
            return false;
    return true;
}

static void run_settle(struct run *run)
{
    if (run->draining && run_is_settled(run))
        uv_stop(&run->loop);
}

static void run_on_drained_out(uv_timer_t *timer)
{
    struct run *run = timer->data;
    fprintf(stderr, "%s: stopping without the broker's answer to the last changes\n", run->program);
    run->forced = true;
    uv_stop(&run->loop);
}

void run_drain(struct run *run, int exit_code)
{
    if (run->draining)
        return;
    run->draining = true;
    run->exit_code = exit_code;
    if (run->on_drain)
        run->on_drain(run->context);
    uv_timer_start(&run->drain, run_on_drained_out, RUN_DRAIN_MS, 0);
    run_settle(run);
}

static void run_on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    struct run *run = handle->data;
    if (run->draining) {
        run->forced = true;
        uv_stop(&run->loop);
        return;
    }
    run_drain(run, 0);
}

static void run_on_patience(uv_timer_t *timer)
{
    struct run *run = timer->data;
    for (const struct run_client *member = run->clients; member; member = member->next) {
        if (client_session(member->client) == 0) {
            fprintf(stderr, "%s: still waiting for the broker at %s\n", run->program, run->url);
            return;
        }
    }
}

void run_open(struct run *run, const char *program, const char *url)
{
    *run = (struct run){.program = program, .url = url};
    signal(SIGPIPE, SIG_IGN);
    /* Without a loop there is no program; libuv fails here only when descriptors or memory have run out. */
    if (uv_loop_init(&run->loop) != 0 || uv_signal_init(&run->loop, &run->terminate) != 0 ||
        uv_signal_init(&run->loop, &run->interrupt) != 0) {
        fprintf(stderr, "%s: no event loop: too many open files?\n", program);
        exit(1);
    }
    uv_timer_init(&run->loop, &run->patience);
    uv_timer_init(&run->loop, &run->drain);
    run->terminate.data = run->interrupt.data = run->patience.data = run->drain.data = run;
    uv_signal_start(&run->terminate, run_on_signal, SIGTERM);
    uv_signal_start(&run->interrupt, run_on_signal, SIGINT);
    uv_timer_start(&run->patience, run_on_patience, RUN_PATIENCE_MS, 0);
}

static void run_on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    struct run_client *member = poll->data;
    client_dispatch(member->client);
    run_settle(member->run);
}

bool run_client(struct run *run, const struct client_options *options, struct client **out)
{
    enum status status = client_open(options, out);
    if (status != STATUS_ok) {
        run_fail(run, "%s: expected a URL like tcp://127.0.0.1:7400 (%s)", options->url, status_text(status));
        return false;
    }
    struct run_client *member = calloc(1, sizeof *member);
    EXPECT(member);
    *member = (struct run_client){.run = run, .client = *out, .next = run->clients};
    run->clients = member;
    member->poll.data = member;
    uv_poll_init(&run->loop, &member->poll, client_fd(*out));
    uv_poll_start(&member->poll, UV_READABLE, run_on_readable);
    return true;
}

static void run_close_handle(uv_handle_t *handle, void *context)
{
    (void)context;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

int run_loop(struct run *run)
{
    uv_run(&run->loop, UV_RUN_DEFAULT);
    uv_walk(&run->loop, run_close_handle, NULL);
    uv_run(&run->loop, UV_RUN_DEFAULT);
    uv_loop_close(&run->loop);
    while (run->clients) {
        struct run_client *member = run->clients;
        run->clients = member->next;
        client_close(member->client, !run->forced);
        free(member);
    }
    return run->exit_code;
}

void run_fail(struct run *run, const char *format, ...)
{
    fprintf(stderr, "%s: ", run->program);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    run->exit_code = 1;
    run->draining = true;
    uv_stop(&run->loop);
}

void run_refused(struct run *run, const char *name, enum status status, struct span detail)
{
    const char *text = status_text(status);
    bool more = detail.size > 0 && !span_equal(detail, span_of(text));
    run_fail(run, "%s: the broker refused the session: %s%s%.*s", name, text, more ? ": " : "", more ? (int)detail.size : 0, detail.data);
}
