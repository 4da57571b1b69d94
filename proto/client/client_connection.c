#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "proto/client/client_internal.h"

enum {
    TURNS_MAX = 64, /* to catch up with what came while the user was busy */
    WAIT_MS_MAX = 60 * 1000,
};

static void on_opened(void *context, struct pipe *pipe)
{
    struct client *client = context;
    client->pipe = pipe;
    exchanges_opened(client);
}

static void on_gone(void *context, struct pipe *pipe)
{
    (void)pipe;
    struct client *client = context;
    client->pipe = NULL;
    exchanges_gone(client);
}

static bool on_message(void *context, struct pipe *pipe, struct span message)
{
    (void)pipe;
    return exchanges_reply(context, message);
}

static void on_alarm(uv_poll_t *alarm, int status, int events)
{
    (void)status;
    (void)events;
    struct client *client = alarm->data;
    uint64_t times;
    client->alarm_ms = INT64_MAX;
    if (read(client->alarm_fd, &times, sizeof times) < 0)
        return; /* it was set to another time meanwhile */
}

void connection_alarm(struct client *client, int64_t due_ms)
{
    if (due_ms >= client->alarm_ms)
        return;
    client->alarm_ms = due_ms;
    /* All zero would switch it off. */
    const struct itimerspec when = {.it_value = {.tv_sec = due_ms / 1000, .tv_nsec = due_ms % 1000 * 1000000 + 1}};
    timerfd_settime(client->alarm_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

enum status connection_open(struct client *client, const char *url)
{
    const struct pipe_owner owner = {.context = client,
                                     .protocol = PIPE_req,
                                     .message_bytes_max = NUMBER_BYTES + WIRE_FRAME_MAX,
                                     .on_opened = on_opened,
                                     .on_message = on_message,
                                     .on_gone = on_gone};
    char error[256];
    client->has_loop = uv_loop_init(&client->loop) == 0;
    client->alarm_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    client->has_alarm = client->has_loop && client->alarm_fd >= 0 && uv_poll_init(&client->loop, &client->alarm, client->alarm_fd) == 0;
    if (!client->has_alarm)
        return STATUS_no_memory;
    client->alarm.data = client;
    uv_poll_start(&client->alarm, UV_READABLE, on_alarm);
    uv_run(&client->loop, UV_RUN_NOWAIT); /* from now on the alarm rings */
    return pipe_dial(&client->loop, url, &owner, &client->source, error);
}

void connection_close(struct client *client)
{
    if (client->source)
        pipe_source_close(client->source);
    if (client->has_alarm)
        uv_close((uv_handle_t *)&client->alarm, NULL);
    if (client->has_loop) {
        uv_run(&client->loop, UV_RUN_DEFAULT);
        uv_loop_close(&client->loop);
    }
    if (client->alarm_fd >= 0)
        close(client->alarm_fd);
}

void connection_hang_up(struct client *client)
{
    if (client->pipe)
        pipe_close(client->pipe);
}

bool connection_is_up(const struct client *client)
{
    return client->pipe != NULL;
}

/* When the loop has to turn even if nothing comes. */
static int64_t loop_due_ms(const struct client *client)
{
    int ms = uv_backend_timeout(&client->loop);
    return ms < 0 ? INT64_MAX : (int64_t)uv_now(&client->loop) + ms;
}

static bool await_readable(const struct client *client, int64_t ms)
{
    struct pollfd readable = {.fd = client_fd(client), .events = POLLIN};
    return poll(&readable, 1, ms < 0 ? 0 : ms < WAIT_MS_MAX ? (int)ms : WAIT_MS_MAX) > 0;
}

/* What has come counts before what is late: the user may have been busy for long. */
void connection_turn(struct client *client)
{
    int turns = 0;
    do {
        uv_run(&client->loop, UV_RUN_NOWAIT);
    } while (client_now_ms() >= client->due_ms && ++turns < TURNS_MAX && await_readable(client, 0));
}

void connection_wait(struct client *client, int64_t until_ms)
{
    pipe_source_flush(client->source);
    int64_t loop_ms = loop_due_ms(client);
    await_readable(client, (loop_ms < until_ms ? loop_ms : until_ms) - client_now_ms());
    connection_turn(client);
}

void connection_rest(struct client *client)
{
    pipe_source_flush(client->source);
    int64_t loop_ms = loop_due_ms(client);
    if (client->ended_first || client->ready_first || client->session.announce)
        connection_alarm(client, 0);
    else
        connection_alarm(client, loop_ms < client->due_ms ? loop_ms : client->due_ms);
}
