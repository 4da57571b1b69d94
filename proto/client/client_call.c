#include <unistd.h>

#include "proto/client/client_internal.h"
#include "proto/expect.h"

void call_wake(struct client *client)
{
    uint64_t one = 1;
    ssize_t written = write(client->event_fd, &one, sizeof one);
    EXPECT(written == sizeof one);
}

/* On NNG's threads. */
static void call_done(struct call *call, int failure)
{
    struct client *client = call->client;
    call->failure = failure;
    call->next_done = NULL;
    pthread_mutex_lock(&client->mutex);
    bool was_empty = client->done == NULL;
    *client->done_last = call;
    client->done_last = &call->next_done;
    pthread_mutex_unlock(&client->mutex);
    if (was_empty)
        call_wake(client);
}

static void on_aio(void *context)
{
    struct call *call = context;
    int failure = nng_aio_result(call->aio);
    if (failure == NNG_ECLOSED)
        return; /* the client is closing */
    if (call->phase == PHASE_sending && failure == 0) {
        call->phase = PHASE_receiving;
        nng_ctx_recv(call->context, call->aio);
        return;
    }
    if (call->phase == PHASE_sending)
        nng_msg_free(nng_aio_get_msg(call->aio));
    if (call->phase == PHASE_receiving && failure == 0)
        call->arrived = nng_aio_get_msg(call->aio);
    call_done(call, failure);
}

enum status call_open(struct client *client, struct call *call, enum call_kind kind)
{
    call->client = client;
    call->kind = kind;
    if (nng_ctx_open(&call->context, client->socket) != 0)
        return STATUS_no_memory;
    return nng_aio_alloc(&call->aio, on_aio, call) == 0 ? STATUS_ok : STATUS_no_memory;
}

void call_close(struct call *call)
{
    if (!call->aio)
        return;
    nng_aio_stop(call->aio);
    nng_ctx_close(call->context);
    nng_aio_free(call->aio);
    nng_msg_free(call->arrived);
}

void call_send(struct call *call, int32_t timeout_ms)
{
    const struct buffer *out = &call->client->out;
    nng_msg *message;
    EXPECT(call->phase == PHASE_idle);
    EXPECT(nng_msg_alloc(&message, out->size) == 0);
    memcpy(nng_msg_body(message), out->data, out->size);
    call->phase = PHASE_sending;
    call->session = call->client->session;
    nng_aio_set_timeout(call->aio, timeout_ms);
    nng_aio_set_msg(call->aio, message);
    nng_ctx_send(call->context, call->aio);
}

void call_sleep(struct call *call, int32_t ms)
{
    EXPECT(call->phase == PHASE_idle);
    call->phase = PHASE_sleeping;
    nng_aio_set_timeout(call->aio, NNG_DURATION_INFINITE);
    nng_sleep_aio(ms, call->aio);
}

void call_back_off(struct call *call)
{
    int32_t ms = call->backoff_ms ? call->backoff_ms * 2 : CLIENT_BACKOFF_MIN_MS;
    call->backoff_ms = ms < CLIENT_BACKOFF_MAX_MS ? ms : CLIENT_BACKOFF_MAX_MS;
    call_sleep(call, call->backoff_ms);
}

struct call *call_take_done(struct client *client)
{
    pthread_mutex_lock(&client->mutex);
    struct call *call = client->done;
    if (call)
        client->done = call->next_done;
    if (!client->done)
        client->done_last = &client->done;
    pthread_mutex_unlock(&client->mutex);
    return call;
}

void call_put_back(struct call *call)
{
    call_done(call, call->failure);
    call_wake(call->client);
}

static void call_ended(struct call *call)
{
    struct client *client = call->client;
    switch (call->kind) {
    case CALL_hello:
        hello_ended(client);
        break;
    case CALL_heartbeat:
        heartbeat_ended(client);
        break;
    case CALL_fetch:
        fetch_ended(client);
        break;
    case CALL_lane:
        lane_ended((struct lane *)call); /* a lane begins with its call */
        break;
    }
}

/* Ending a call usually starts its next one, so its reply is moved out of NNG's way first. */
void call_handle(struct call *call)
{
    call->slept = call->phase == PHASE_sleeping;
    call->reply = call->arrived;
    call->arrived = NULL;
    call->phase = PHASE_idle;
    call_ended(call);
    nng_msg_free(call->reply);
    call->reply = NULL;
}

bool call_decode(struct call *call, struct frame *out)
{
    struct codec_error error;
    struct span bytes = {nng_msg_body(call->reply), (uint32_t)nng_msg_len(call->reply)};
    arena_clear(&call->client->arena);
    return codec_decode(bytes, &call->client->arena, out, &error) == STATUS_ok;
}
