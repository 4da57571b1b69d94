#include <stdio.h>
#include <stdlib.h>

#include "proto/expect.h"
#include "proto/pipe/pipe_internal.h"

enum {
    REST_MS_MIN = 50,
    REST_MS_MAX = 500,
    REST_MS_ACCEPT = 100, /* when no descriptor is left */
};

/* With the mutex held. */
static void source_rest(struct pipe_source *source, int ms)
{
    source->resting = true;
    nng_sleep_aio(ms, source->aio);
}

/* With the mutex held. */
static void source_begin(struct pipe_source *source)
{
    source->resting = false;
    if (source->listener)
        nng_stream_listener_accept(source->listener, source->aio);
    else
        nng_stream_dialer_dial(source->dialer, source->aio);
}

/* With the mutex held. */
static void source_redial(struct pipe_source *source)
{
    source_rest(source, source->rest_ms);
    source->rest_ms = source->rest_ms * 2 < REST_MS_MAX ? source->rest_ms * 2 : REST_MS_MAX;
}

static void on_source(void *arg)
{
    struct pipe_source *source = arg;
    int failure = nng_aio_result(source->aio);
    pthread_mutex_lock(&source->mutex);
    bool connected = failure == 0 && !source->resting;
    if (connected && source->closed)
        nng_stream_free(nng_aio_get_output(source->aio, 0));
    else if (connected)
        pipe_start(source, nng_aio_get_output(source->aio, 0));
    if (source->closed || (connected && source->dialer)) {
        /* Nothing to wait for: closing, or dialled until this connection ends. */
    } else if (source->resting || connected) {
        source_begin(source);
    } else if (source->listener) {
        source_rest(source, REST_MS_ACCEPT);
    } else {
        source_redial(source);
    }
    pthread_mutex_unlock(&source->mutex);
}

void pipe_source_reached(struct pipe_source *source)
{
    pthread_mutex_lock(&source->mutex);
    source->rest_ms = REST_MS_MIN;
    pthread_mutex_unlock(&source->mutex);
}

void pipe_source_forget(struct pipe_source *source, struct pipe *pipe)
{
    pthread_mutex_lock(&source->mutex);
    if (pipe->next)
        pipe->next->previous = pipe->previous;
    if (pipe->previous)
        pipe->previous->next = pipe->next;
    else
        source->pipes = pipe->next;
    if (source->dialer && !source->closed)
        source_redial(source);
    if (!source->pipes)
        pthread_cond_broadcast(&source->empty);
    pthread_mutex_unlock(&source->mutex);
}

/* NNG would take ipc:// and ws:// too, and guess a missing port. */
static bool url_is_sound(const char *url, char error[256])
{
    const char *port = strrchr(url, ':');
    if (strncmp(url, "tcp://", 6) != 0 || port < url + 6) {
        snprintf(error, 256, "'%s' is not an address: expected tcp://HOST:PORT", url);
        return false;
    }
    char *end;
    unsigned long number = strtoul(port + 1, &end, 10);
    if (port[1] < '0' || port[1] > '9' || *end || number > UINT16_MAX) {
        snprintf(error, 256, "'%s' is not an address: the port must be a number from 0 to 65535", url);
        return false;
    }
    return true;
}

static struct pipe_source *source_create(const struct pipe_owner *owner)
{
    struct pipe_source *source = calloc(1, sizeof *source);
    EXPECT(source);
    source->owner = *owner;
    source->rest_ms = REST_MS_MIN;
    pthread_mutex_init(&source->mutex, NULL);
    pthread_cond_init(&source->empty, NULL);
    int failure = nng_aio_alloc(&source->aio, on_source, source);
    EXPECT(failure == 0);
    return source;
}

static enum status source_start(struct pipe_source *source, struct pipe_source **out)
{
    *out = source;
    pthread_mutex_lock(&source->mutex);
    source_begin(source);
    pthread_mutex_unlock(&source->mutex);
    return STATUS_ok;
}

static enum status source_refuse(struct pipe_source *source, const char *what, const char *url, int failure, char error[256])
{
    snprintf(error, 256, "cannot %s '%s': %s", what, url, nng_strerror(failure));
    pipe_source_close(source);
    return failure == NNG_EADDRINUSE ? STATUS_in_use : failure == NNG_ENOMEM ? STATUS_no_memory : STATUS_bad_input;
}

/* The given address with the port that is really bound. */
static char *url_with_port(const char *url, int port)
{
    int host = (int)(strrchr(url, ':') - url);
    size_t size = (size_t)host + sizeof ":65535";
    char *bound = malloc(size);
    EXPECT(bound);
    snprintf(bound, size, "%.*s:%d", host, url, port);
    return bound;
}

enum status pipe_listen(const char *url, const struct pipe_owner *owner, struct pipe_source **out, char error[256])
{
    if (!url_is_sound(url, error))
        return STATUS_bad_input;
    struct pipe_source *source = source_create(owner);
    int port = 0, failure;
    if ((failure = nng_stream_listener_alloc(&source->listener, url)) ||
        (failure = nng_stream_listener_set_bool(source->listener, NNG_OPT_TCP_NODELAY, true)) ||
        (failure = nng_stream_listener_set_bool(source->listener, NNG_OPT_TCP_KEEPALIVE, true)) ||
        (failure = nng_stream_listener_listen(source->listener)) ||
        (failure = nng_stream_listener_get_int(source->listener, NNG_OPT_TCP_BOUND_PORT, &port)))
        return source_refuse(source, "listen on", url, failure, error);
    source->url = url_with_port(url, port);
    return source_start(source, out);
}

enum status pipe_dial(const char *url, const struct pipe_owner *owner, struct pipe_source **out, char error[256])
{
    if (!url_is_sound(url, error))
        return STATUS_bad_input;
    struct pipe_source *source = source_create(owner);
    int failure;
    if ((failure = nng_stream_dialer_alloc(&source->dialer, url)) ||
        (failure = nng_stream_dialer_set_bool(source->dialer, NNG_OPT_TCP_NODELAY, true)))
        return source_refuse(source, "dial", url, failure, error);
    return source_start(source, out);
}

const char *pipe_source_url(const struct pipe_source *source)
{
    return source->url;
}

void pipe_source_close(struct pipe_source *source)
{
    pthread_mutex_lock(&source->mutex);
    source->closed = true;
    for (struct pipe *pipe = source->pipes; pipe; pipe = pipe->next)
        pipe_close(pipe);
    pthread_mutex_unlock(&source->mutex);
    if (source->listener)
        nng_stream_listener_close(source->listener);
    if (source->dialer)
        nng_stream_dialer_close(source->dialer);
    nng_aio_stop(source->aio);
    pthread_mutex_lock(&source->mutex);
    while (source->pipes)
        pthread_cond_wait(&source->empty, &source->mutex);
    pthread_mutex_unlock(&source->mutex);

    nng_aio_free(source->aio);
    nng_stream_listener_free(source->listener);
    nng_stream_dialer_free(source->dialer);
    pthread_cond_destroy(&source->empty);
    pthread_mutex_destroy(&source->mutex);
    free(source->url);
    free(source);
}
