#include "proto/pipe/pipe.h"

#include <stdlib.h>

#include "proto/expect.h"
#include "proto/pipe/pipe_internal.h"

enum {
    GREETING_BYTES = 8,
    LENGTH_BYTES = 8,
    GREETING_MS = 10 * 1000, /* a connection that stays silent at first is no peer */
    READ_BYTES = 16 << 10,   /* at least so many are asked for */
    KEEP_BYTES = 256 << 10,  /* a buffer that grew beyond goes back when it is empty */
    UNREAD_BYTES = 4 << 20,  /* waiting for the peer to take: beyond it the peer is not read from */
};

static void buffer_empty(struct buffer *buffer)
{
    buffer_clear(buffer);
    if (buffer->capacity > KEEP_BYTES)
        buffer_fini(buffer);
}

/* With the mutex held. A paused pipe has nothing under way that closing would end, so it is woken: every pipe ends in on_received. */
static void pipe_shut(struct pipe *pipe)
{
    if (pipe->closed)
        return;
    pipe->closed = true;
    nng_stream_close(pipe->stream);
    if (pipe->paused) {
        pipe->paused = false;
        nng_sleep_aio(0, pipe->receiving);
    }
}

/* With the mutex held. */
static void pipe_receive(struct pipe *pipe)
{
    size_t wanted = pipe->in.size > READ_BYTES ? pipe->in.size : READ_BYTES;
    nng_iov iov = {.iov_buf = buffer_reserve(&pipe->in, wanted)};
    iov.iov_len = pipe->in.capacity - pipe->in.size;
    nng_aio_set_iov(pipe->receiving, 1, &iov);
    nng_stream_recv(pipe->stream, pipe->receiving);
}

/* With the mutex held. */
static void pipe_write(struct pipe *pipe)
{
    nng_iov iov = {.iov_buf = pipe->sent.data + pipe->sent_bytes, .iov_len = pipe->sent.size - pipe->sent_bytes};
    nng_aio_set_iov(pipe->sending, 1, &iov);
    nng_stream_send(pipe->stream, pipe->sending);
}

/* With the mutex held: what was gathered goes out, and gathering begins anew. */
static void pipe_flush(struct pipe *pipe)
{
    struct buffer gathered = pipe->out;
    pipe->out = pipe->sent;
    pipe->sent = gathered;
    pipe->sent_bytes = 0;
    if (!pipe->writing) {
        pipe->writing = true;
        pipe->holders++;
    }
    pipe_write(pipe);
}

static void on_sent(void *arg)
{
    struct pipe *pipe = arg;
    pthread_mutex_lock(&pipe->mutex);
    if (nng_aio_result(pipe->sending) != 0)
        pipe_shut(pipe);
    pipe->sent_bytes += nng_aio_count(pipe->sending);
    if (pipe->closed) {
        pipe->writing = false;
    } else if (pipe->sent_bytes < pipe->sent.size) {
        pipe_write(pipe);
    } else {
        buffer_empty(&pipe->sent);
        pipe->writing = pipe->out.size > 0;
        if (pipe->writing)
            pipe_flush(pipe);
    }
    if (pipe->paused && pipe->out.size < UNREAD_BYTES) {
        pipe->paused = false;
        pipe_receive(pipe);
    }
    bool done = !pipe->writing;
    pthread_mutex_unlock(&pipe->mutex);
    if (done)
        pipe_release(pipe);
}

void pipe_send(struct pipe *pipe, struct span head, struct span body)
{
    uint64_t size = (uint64_t)head.size + body.size;
    char length[LENGTH_BYTES];
    for (int i = 0; i < LENGTH_BYTES; i++)
        length[i] = (char)(size >> (56 - 8 * i));
    pthread_mutex_lock(&pipe->mutex);
    if (!pipe->closed) {
        buffer_append(&pipe->out, length, sizeof length);
        buffer_append(&pipe->out, head.data, head.size);
        buffer_append(&pipe->out, body.data, body.size);
        if (!pipe->writing)
            pipe_flush(pipe);
    }
    pthread_mutex_unlock(&pipe->mutex);
}

size_t pipe_unread(struct pipe *pipe)
{
    pthread_mutex_lock(&pipe->mutex);
    size_t bytes = pipe->out.size + (pipe->writing ? pipe->sent.size - pipe->sent_bytes : 0);
    pthread_mutex_unlock(&pipe->mutex);
    return bytes;
}

static bool pipe_greeted(struct pipe *pipe)
{
    const char counterpart = (char)(pipe->owner.protocol ^ 1);
    const char greeting[GREETING_BYTES] = {0, 'S', 'P', 0, 0, counterpart, 0, 0};
    if (memcmp(pipe->in.data, greeting, sizeof greeting) != 0)
        return false;
    nng_aio_set_timeout(pipe->receiving, NNG_DURATION_INFINITE);
    pipe->opened = true;
    pipe_source_reached(pipe->source);
    pipe->owner.on_opened(pipe->owner.context, pipe);
    return true;
}

static uint64_t length_of(const char *bytes)
{
    uint64_t length = 0;
    for (int i = 0; i < LENGTH_BYTES; i++)
        length = length << 8 | (unsigned char)bytes[i];
    return length;
}

/* Hands on every message that is whole. False when the peer does not keep to the framing. */
static bool pipe_take(struct pipe *pipe)
{
    size_t at = 0;
    if (!pipe->opened) {
        if (pipe->in.size < GREETING_BYTES)
            return true;
        if (!pipe_greeted(pipe))
            return false;
        at = GREETING_BYTES;
    }
    while (pipe->in.size - at >= LENGTH_BYTES) {
        uint64_t length = length_of(pipe->in.data + at);
        if (length > pipe->owner.message_bytes_max)
            return false;
        if (pipe->in.size - at - LENGTH_BYTES < length)
            break;
        struct span message = {pipe->in.data + at + LENGTH_BYTES, (uint32_t)length};
        if (!pipe->owner.on_message(pipe->owner.context, pipe, message))
            return false;
        at += LENGTH_BYTES + length;
    }
    memmove(pipe->in.data, pipe->in.data + at, pipe->in.size - at);
    pipe->in.size -= at;
    if (pipe->in.size == 0)
        buffer_empty(&pipe->in);
    return true;
}

static void on_received(void *arg)
{
    struct pipe *pipe = arg;
    bool sound = nng_aio_result(pipe->receiving) == 0;
    if (sound) {
        pipe->in.size += nng_aio_count(pipe->receiving);
        sound = pipe_take(pipe);
    }
    pthread_mutex_lock(&pipe->mutex);
    if (!sound)
        pipe_shut(pipe);
    bool ended = pipe->closed;
    pipe->paused = !ended && pipe->out.size >= UNREAD_BYTES;
    if (!ended && !pipe->paused)
        pipe_receive(pipe);
    pthread_mutex_unlock(&pipe->mutex);
    if (!ended)
        return;
    if (pipe->opened)
        pipe->owner.on_gone(pipe->owner.context, pipe);
    pipe_source_forget(pipe->source, pipe);
    pipe_release(pipe);
}

void pipe_start(struct pipe_source *source, nng_stream *stream)
{
    struct pipe *pipe = calloc(1, sizeof *pipe);
    EXPECT(pipe);
    pipe->source = source;
    pipe->owner = source->owner;
    pipe->stream = stream;
    pipe->holders = 1;
    pthread_mutex_init(&pipe->mutex, NULL);
    int failure = nng_aio_alloc(&pipe->receiving, on_received, pipe);
    EXPECT(failure == 0);
    failure = nng_aio_alloc(&pipe->sending, on_sent, pipe);
    EXPECT(failure == 0);
    pipe->next = source->pipes;
    if (pipe->next)
        pipe->next->previous = pipe;
    source->pipes = pipe;

    const char greeting[GREETING_BYTES] = {0, 'S', 'P', 0, 0, (char)source->owner.protocol, 0, 0};
    pthread_mutex_lock(&pipe->mutex);
    buffer_append(&pipe->out, greeting, sizeof greeting);
    pipe_flush(pipe);
    nng_aio_set_timeout(pipe->receiving, GREETING_MS);
    pipe_receive(pipe);
    pthread_mutex_unlock(&pipe->mutex);
}

void pipe_close(struct pipe *pipe)
{
    pthread_mutex_lock(&pipe->mutex);
    pipe_shut(pipe);
    pthread_mutex_unlock(&pipe->mutex);
}

void pipe_hold(struct pipe *pipe)
{
    pthread_mutex_lock(&pipe->mutex);
    pipe->holders++;
    pthread_mutex_unlock(&pipe->mutex);
}

void pipe_release(struct pipe *pipe)
{
    pthread_mutex_lock(&pipe->mutex);
    bool last = --pipe->holders == 0;
    pthread_mutex_unlock(&pipe->mutex);
    if (!last)
        return;
    /* Often this runs in the callback of one of the two: only the reaper may wait for it to end. */
    nng_aio_reap(pipe->receiving);
    nng_aio_reap(pipe->sending);
    nng_stream_free(pipe->stream);
    buffer_fini(&pipe->in);
    buffer_fini(&pipe->out);
    buffer_fini(&pipe->sent);
    pthread_mutex_destroy(&pipe->mutex);
    free(pipe);
}

void **pipe_data(struct pipe *pipe)
{
    return &pipe->data;
}
