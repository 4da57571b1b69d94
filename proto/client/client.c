#include "proto/client/client.h"

#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <nng/supplemental/util/platform.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "proto/client/client_internal.h"
#include "proto/expect.h"

enum {
    LANES_DEFAULT = 16,
    LANES_MAX = 1024,
    BATCH_DEFAULT = 256,
    PENDING_DEFAULT = 65536,
    CREDIT_DEFAULT = 256,
    REDIAL_MIN_MS = 20,
    REDIAL_MAX_MS = 500,
    BYE_MS = 1000,
};

static uint32_t or_default(uint32_t given, uint32_t otherwise)
{
    return given ? given : otherwise;
}

static void copy_options(struct client *client, const struct client_options *options)
{
    client->options = *options;
    client->options.url = strdup(options->url);
    client->options.name = strdup(options->name);
    client->options.token = strdup(options->token);
    EXPECT(client->options.url && client->options.name && client->options.token);
    client->options.lanes = or_default(options->lanes, LANES_DEFAULT);
    if (client->options.lanes > LANES_MAX)
        client->options.lanes = LANES_MAX;
    client->options.batch_max = or_default(options->batch_max, BATCH_DEFAULT);
    client->options.pending_max = or_default(options->pending_max, PENDING_DEFAULT);
    client->options.fetch_credit = or_default(options->fetch_credit, CREDIT_DEFAULT);
}

static enum status open_calls(struct client *client)
{
    enum status status = call_open(client, &client->hello, CALL_hello);
    if (!status)
        status = call_open(client, &client->heartbeat, CALL_heartbeat);
    if (!status)
        status = call_open(client, &client->fetch, CALL_fetch);
    for (uint32_t i = 0; i < client->options.lanes && !status; i++)
        status = call_open(client, &client->lanes[i].call, CALL_lane);
    return status;
}

static enum status dial(struct client *client)
{
    nng_dialer dialer;
    nng_socket socket = client->socket;
    if (nng_socket_set_ms(socket, NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE) ||
        nng_socket_set_size(socket, NNG_OPT_RECVMAXSZ, WIRE_FRAME_MAX + sizeof(uint32_t)) ||
        nng_socket_set_ms(socket, NNG_OPT_RECONNMINT, REDIAL_MIN_MS) || nng_socket_set_ms(socket, NNG_OPT_RECONNMAXT, REDIAL_MAX_MS))
        return STATUS_no_memory;
    if (nng_dialer_create(&dialer, socket, client->options.url) || nng_dialer_set_bool(dialer, NNG_OPT_TCP_NODELAY, true) ||
        nng_dialer_start(dialer, NNG_FLAG_NONBLOCK))
        return STATUS_bad_input;
    return STATUS_ok;
}

enum status client_open(const struct client_options *options, struct client **out)
{
    struct client *client = calloc(1, sizeof *client);
    EXPECT(client);
    EXPECT(!options->fetch || options->on_delivery);
    copy_options(client, options);
    client->done_last = &client->done;
    client->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    client->lanes = calloc(client->options.lanes, sizeof *client->lanes);
    EXPECT(client->event_fd >= 0 && client->lanes);
    pthread_mutex_init(&client->mutex, NULL);
    enum status status = nng_req0_open(&client->socket) ? STATUS_no_memory : open_calls(client);
    if (!status)
        status = dial(client);
    if (status) {
        client_close(client, false);
        return status;
    }
    hello_start(client);
    *out = client;
    return STATUS_ok;
}

int client_fd(const struct client *client)
{
    return client->event_fd;
}

void client_dispatch(struct client *client)
{
    struct call *call;
    uint64_t count;
    while (read(client->event_fd, &count, sizeof count) > 0)
        continue;
    do {
        if (client->ready_untold)
            session_tell_ready(client);
        lanes_start_unsent(client);
        if ((call = call_take_done(client)))
            call_handle(call);
    } while (call || client->ready_untold || client->unsent);
}

static bool readable(const struct client *client, int timeout_ms)
{
    struct pollfd ready = {.fd = client->event_fd, .events = POLLIN};
    return poll(&ready, 1, timeout_ms) > 0;
}

bool client_wait(struct client *client, int timeout_ms)
{
    bool something = client->ready_untold || readable(client, timeout_ms);
    if (something)
        client_dispatch(client);
    return something;
}

enum status client_submit(struct client *client, uint32_t lane, const struct wire_change *change, uint64_t tag)
{
    if (client->pending >= client->options.pending_max)
        return STATUS_overloaded;
    struct lane *to = &client->lanes[lane % client->options.lanes];
    lane_add(to, change, tag);
    client->pending++;
    lane_mark_unsent(to); /* what is added before the next dispatch travels with it */
    return STATUS_ok;
}

size_t client_pending(const struct client *client)
{
    return client->pending;
}

uint64_t client_session(const struct client *client)
{
    return client->session;
}

void client_hold(struct client *client, uint64_t lsn)
{
    if (client->holds_count == client->holds_capacity) {
        client->holds_capacity = client->holds_capacity ? client->holds_capacity * 2 : 16;
        client->holds = realloc(client->holds, client->holds_capacity * sizeof *client->holds);
        EXPECT(client->holds);
    }
    client->holds[client->holds_count++] = lsn;
}

void client_release(struct client *client, uint64_t lsn)
{
    for (uint32_t i = 0; i < client->holds_count; i++)
        if (client->holds[i] == lsn) {
            client->holds[i] = client->holds[--client->holds_count];
            return;
        }
}

/* --- one request, waiting for it --- */

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits for a session without running callbacks: of all that ends meanwhile only hello is dealt with, the rest is left for client_dispatch.
 */
static enum status await_session(struct client *client, int64_t end_ms)
{
    struct call *kept = NULL, *call;
    uint64_t count;
    while (!client->session && !client->refused && now_ms() < end_ms) {
        hello_start(client);
        (void)readable(client, (int)(end_ms - now_ms()));
        while (read(client->event_fd, &count, sizeof count) > 0)
            continue;
        while ((call = call_take_done(client))) {
            if (call->kind == CALL_hello) {
                call_handle(call);
                continue;
            }
            call->next_done = kept;
            kept = call;
        }
    }
    while ((call = kept)) {
        kept = call->next_done;
        call_put_back(call);
    }
    if (client->ready_untold)
        call_wake(client);
    return client->session ? STATUS_ok : client->refused ? client->refusal : STATUS_timed_out;
}

static void set_session(struct client *client, struct frame *request)
{
    struct span token = span_of(client->options.token);
    if (request->verb == VERB_history) {
        request->history.session = client->session;
        request->history.token = token;
    } else if (request->verb == VERB_bye) {
        request->bye.session = client->session;
        request->bye.token = token;
    } else {
        EXPECT(request->verb == VERB_status);
        request->status.session = client->session;
        request->status.token = token;
    }
}

/* Sends what client->out holds on a context of its own; the reply's bytes move into the arena. */
static enum status exchange(struct client *client, int timeout_ms, struct arena *arena, struct span *reply)
{
    nng_ctx context;
    nng_aio *aio = NULL;
    nng_msg *message = NULL;
    if (nng_ctx_open(&context, client->socket) || nng_aio_alloc(&aio, NULL, NULL) || nng_msg_alloc(&message, client->out.size))
        EXPECT(!"out of memory");
    memcpy(nng_msg_body(message), client->out.data, client->out.size);
    nng_aio_set_timeout(aio, timeout_ms);
    nng_aio_set_msg(aio, message);
    nng_ctx_send(context, aio);
    nng_aio_wait(aio);
    int failure = nng_aio_result(aio);
    if (failure) {
        nng_msg_free(message);
    } else {
        nng_ctx_recv(context, aio);
        nng_aio_wait(aio);
        failure = nng_aio_result(aio);
    }
    if (!failure) {
        message = nng_aio_get_msg(aio);
        *reply = (struct span){arena_take(arena, nng_msg_len(message)), (uint32_t)nng_msg_len(message)};
        memcpy((char *)(uintptr_t)reply->data, nng_msg_body(message), reply->size);
        nng_msg_free(message);
    }
    nng_ctx_close(context);
    nng_aio_free(aio);
    return failure == NNG_ETIMEDOUT ? STATUS_timed_out : failure ? STATUS_unreachable : STATUS_ok;
}

static enum status call_once(struct client *client, struct frame *request, int64_t end_ms, struct arena *arena, struct frame *reply,
                             struct codec_error *error)
{
    struct span bytes;
    enum status status = await_session(client, end_ms);
    if (status)
        return status;
    set_session(client, request);
    buffer_clear(&client->out);
    codec_encode(&client->out, request);
    int64_t left_ms = end_ms - now_ms();
    status = exchange(client, left_ms > 0 ? (int)left_ms : 0, arena, &bytes);
    if (!status)
        status = codec_decode(bytes, arena, reply, error);
    if (!status && reply->verb == VERB_error) {
        snprintf(error->detail, sizeof error->detail, "%.*s", (int)reply->error.detail.size, reply->error.detail.data);
        status = (enum status)reply->error.status;
    }
    if (status == STATUS_unknown_session)
        client->session = 0;
    return status;
}

static bool worth_another_try(enum status status)
{
    return status == STATUS_unreachable || status == STATUS_unknown_session || status == STATUS_overloaded || status == STATUS_draining;
}

enum status client_call(struct client *client, struct frame *request, int timeout_ms, struct arena *arena, struct frame *reply,
                        struct codec_error *error)
{
    int64_t end_ms = now_ms() + timeout_ms;
    enum status status;
    int pause_ms = CLIENT_BACKOFF_MIN_MS;
    *error = (struct codec_error){0};
    while (worth_another_try(status = call_once(client, request, end_ms, arena, reply, error)) && now_ms() + pause_ms < end_ms) {
        nng_msleep(pause_ms);
        pause_ms = pause_ms * 2 < CLIENT_BACKOFF_MAX_MS ? pause_ms * 2 : CLIENT_BACKOFF_MAX_MS;
    }
    return status;
}

/* --- the end --- */

static void say_bye(struct client *client)
{
    struct arena arena = {0};
    struct frame request = {.verb = VERB_bye}, reply;
    struct codec_error error;
    enum status status = client_call(client, &request, BYE_MS, &arena, &reply, &error);
    (void)status; /* whoever cannot be told will see the lease end */
    arena_fini(&arena);
}

void client_close(struct client *client, bool bye)
{
    if (bye && client->session)
        say_bye(client);
    call_close(&client->hello);
    call_close(&client->heartbeat);
    call_close(&client->fetch);
    for (uint32_t i = 0; i < client->options.lanes; i++)
        lane_fini(&client->lanes[i]);
    if (nng_socket_id(client->socket) > 0)
        nng_close(client->socket);
    close(client->event_fd);
    pthread_mutex_destroy(&client->mutex);
    arena_fini(&client->arena);
    buffer_fini(&client->out);
    free(client->lanes);
    free(client->holds);
    free((void *)(uintptr_t)client->options.url);
    free((void *)(uintptr_t)client->options.name);
    free((void *)(uintptr_t)client->options.token);
    free(client);
}
