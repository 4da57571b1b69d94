#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>

#include "base/check.h"
#include "base/map.h"
#include "link/link.h"

/* One connection. Lives until NNG has removed its pipe, the owner was told, and its last request ended. */
struct peer {
    uint32_t id;      /* the pipe's number */
    uint32_t held;    /* its requests, from arrival until the reply is with the transport */
    uint32_t giving;  /* on_request calls of it that have not returned */
    uint32_t holders; /* its requests, and 1 for the connection itself */
    bool gone;
};

enum request_state {
    REQUEST_receiving, /* NNG has the context: a frame may come */
    REQUEST_arrived,   /* here, or with the owner */
    REQUEST_sending,   /* NNG has the reply */
};

/* A context with its aio, used again and again: one request at a time. */
struct link_request {
    struct link *link;
    struct link_request *next; /* of all contexts ever opened */
    nng_ctx context;
    nng_aio *aio;
    enum request_state state;
    struct peer *peer;
    nng_msg *message;
    void *data;
};

struct link {
    struct link_options options;
    nng_socket socket;
    char *url;
    char *overloaded;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t quiet;
    struct map peers;
    struct link_request *requests;
    uint32_t receiving; /* contexts in recv, or about to be */
    uint32_t callbacks; /* running in the owner's code */
    bool stopped;
};

static void request_listen(struct link_request *request);
static void request_send(struct link_request *request, struct span frame);

/* With the mutex held. */
static void peer_release(struct peer *peer)
{
    if (--peer->holders == 0) {
        free(peer);
    }
}

/* With the mutex held. */
static void callback_end(struct link *link)
{
    if (--link->callbacks == 0) {
        pthread_cond_broadcast(&link->quiet);
    }
}

/* With the mutex held; lets go of it meanwhile. The peer is out of the map and no on_request of it runs, so no request can follow the news.
 */
static void peer_tell_gone(struct link *link, struct peer *peer)
{
    if (!link->stopped) {
        link->callbacks++;
        pthread_mutex_unlock(&link->mutex);
        link->options.on_peer_gone(link->options.context, peer->id);
        pthread_mutex_lock(&link->mutex);
        callback_end(link);
    }
    peer_release(peer);
}

static void on_pipe_added(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
    (void)event;
    struct link *link = arg;
    struct peer *peer = must_zalloc(1, sizeof *peer);
    peer->id = (uint32_t)nng_pipe_id(pipe);
    peer->holders = 1;
    pthread_mutex_lock(&link->mutex);
    map_put(&link->peers, peer->id, peer);
    pthread_mutex_unlock(&link->mutex);
}

static void on_pipe_removed(nng_pipe pipe, nng_pipe_ev event, void *arg)
{
    (void)event;
    struct link *link = arg;
    pthread_mutex_lock(&link->mutex);
    struct peer *peer = map_remove(&link->peers, (uint32_t)nng_pipe_id(pipe));
    ASSERT(peer);
    peer->gone = true;
    if (peer->giving == 0) {
        peer_tell_gone(link, peer);
    }
    pthread_mutex_unlock(&link->mutex);
}

static void on_aio(void *arg);

/* Opens one more context. Failing is no harm: the next arrival tries again, and meanwhile frames wait in their connections. */
static bool link_grow(struct link *link)
{
    struct link_request *request = must_zalloc(1, sizeof *request);
    request->link = link;
    if (nng_ctx_open(&request->context, link->socket) != 0) {
        free(request);
        return false;
    }
    if (nng_aio_alloc(&request->aio, on_aio, request) != 0) {
        nng_ctx_close(request->context);
        free(request);
        return false;
    }
    pthread_mutex_lock(&link->mutex);
    request->next = link->requests;
    link->requests = request;
    pthread_mutex_unlock(&link->mutex);
    request_listen(request);
    return true;
}

/* Hands the context to NNG. After link_stop it rests until link_close. */
static void request_listen(struct link_request *request)
{
    struct link *link = request->link;
    pthread_mutex_lock(&link->mutex);
    bool stopped = link->stopped;
    if (!stopped) {
        link->receiving++;
        request->state = REQUEST_receiving;
    }
    pthread_mutex_unlock(&link->mutex);
    if (!stopped) {
        nng_ctx_recv(request->context, request->aio);
    }
}

/* The request is over: its peer may send another in its place. */
static void request_end(struct link_request *request)
{
    nng_msg_free(request->message);
    request->message = NULL;
    request->data = NULL;
    pthread_mutex_lock(&request->link->mutex);
    if (request->peer) {
        request->peer->held--;
        peer_release(request->peer);
        request->peer = NULL;
    }
    pthread_mutex_unlock(&request->link->mutex);
    request_listen(request);
}

enum verdict { VERDICT_give, VERDICT_overloaded, VERDICT_ignore };

/* With the mutex held. A peer that goes on asking without reading `overloaded` would fill memory with replies, so it is ignored then.
 * Closing its pipe would be plainer, but NNG 1.5.2 can lose track of a half-written reply when its pipe is closed, and then no pipe ends
 * any more. */
static enum verdict request_admit(struct link_request *request)
{
    struct link *link = request->link;
    struct peer *peer = map_get(&link->peers, (uint32_t)nng_pipe_id(nng_msg_get_pipe(request->message)));
    if (!peer || link->stopped) {
        return VERDICT_ignore;
    }
    request->peer = peer;
    peer->holders++;
    peer->held++;
    if (peer->held > (uint64_t)link->options.per_pipe_max * 2) {
        return VERDICT_ignore;
    }
    if (peer->held > link->options.per_pipe_max) {
        return VERDICT_overloaded;
    }
    peer->giving++;
    link->callbacks++;
    return VERDICT_give;
}

static void request_give(struct link_request *request)
{
    struct link *link = request->link;
    struct peer *peer = request->peer; /* the request itself may be ended, and in use again, before on_request returns */
    struct span frame = {nng_msg_body(request->message), (uint32_t)nng_msg_len(request->message)};
    link->options.on_request(link->options.context, request, frame);

    pthread_mutex_lock(&link->mutex);
    if (--peer->giving == 0 && peer->gone) {
        peer_tell_gone(link, peer);
    }
    callback_end(link);
    pthread_mutex_unlock(&link->mutex);
}

static void on_arrival(struct link_request *request)
{
    struct link *link = request->link;
    request->message = nng_aio_get_msg(request->aio);
    request->state = REQUEST_arrived;
    pthread_mutex_lock(&link->mutex);
    bool grow = --link->receiving < link->options.spare_contexts && !link->stopped;
    enum verdict verdict = request_admit(request);
    pthread_mutex_unlock(&link->mutex);
    if (grow) {
        link_grow(link);
    }
    switch (verdict) {
    case VERDICT_give:
        request_give(request);
        break;
    case VERDICT_overloaded:
        request_send(request, link->options.overloaded_reply);
        break;
    case VERDICT_ignore:
        request_end(request);
        break;
    }
}

static void on_aio(void *arg)
{
    struct link_request *request = arg;
    int failure = nng_aio_result(request->aio);
    switch (request->state) {
    case REQUEST_receiving:
        if (failure == 0) { /* only closing ends a receive otherwise, and then the context is done with */
            on_arrival(request);
        }
        break;
    case REQUEST_sending:
        if (failure != 0) {
            nng_msg_free(nng_aio_get_msg(request->aio));
        }
        request_end(request);
        break;
    case REQUEST_arrived:
        ASSERT(!"nothing is in flight");
    }
}

static void request_send(struct link_request *request, struct span frame)
{
    nng_msg *reply;
    if (nng_msg_alloc(&reply, frame.size) != 0) {
        fatal(FATAL_memory, "no memory for a reply of %u bytes", frame.size);
    }
    memcpy(nng_msg_body(reply), frame.data, frame.size);
    request->state = REQUEST_sending;
    nng_aio_set_msg(request->aio, reply);
    nng_ctx_send(request->context, request->aio);
}

/* NNG would take ipc:// and ws:// as well; both are unfit for peers that are not trusted. */
static bool url_is_served(const char *url, char error[256])
{
    const char *port = strrchr(url, ':');
    if (strncmp(url, "tcp://", 6) != 0 || port < url + 6) {
        snprintf(error, 256, "cannot listen on '%s': only tcp://ADDRESS:PORT is served", url);
        return false;
    }
    char *end;
    unsigned long number = strtoul(port + 1, &end, 10);
    if (port[1] < '0' || port[1] > '9' || *end || number > UINT16_MAX) {
        snprintf(error, 256, "cannot listen on '%s': the port must be a number from 0 to 65535", url);
        return false;
    }
    return true;
}

static int link_listen(struct link *link)
{
    nng_listener listener;
    char *url;
    /* NNG counts the four bytes of the request's number, which are in front of the frame. */
    int failure = nng_socket_set_size(link->socket, NNG_OPT_RECVMAXSZ, link->options.frame_bytes_max + sizeof(uint32_t));
    if (failure || (failure = nng_pipe_notify(link->socket, NNG_PIPE_EV_ADD_PRE, on_pipe_added, link)) ||
        (failure = nng_pipe_notify(link->socket, NNG_PIPE_EV_REM_POST, on_pipe_removed, link)) ||
        (failure = nng_listener_create(&listener, link->socket, link->options.url)) ||
        (failure = nng_listener_set_bool(listener, NNG_OPT_TCP_NODELAY, true)) || (failure = nng_listener_start(listener, 0)) ||
        (failure = nng_listener_get_string(listener, NNG_OPT_URL, &url))) {
        return failure;
    }
    link->url = strdup(url);
    nng_strfree(url);
    return link->url ? 0 : NNG_ENOMEM;
}

static enum status status_of_failure(int failure)
{
    return failure == NNG_EADDRINUSE ? STATUS_in_use : failure == NNG_ENOMEM ? STATUS_no_memory : STATUS_bad_input;
}

enum status link_open(const struct link_options *options, struct link **out, char error[256])
{
    if (!url_is_served(options->url, error)) {
        return STATUS_bad_input;
    }
    struct link *link = must_zalloc(1, sizeof *link);
    link->options = *options;
    link->overloaded = must_alloc(options->overloaded_reply.size + 1ul);
    memcpy(link->overloaded, options->overloaded_reply.data, options->overloaded_reply.size);
    link->options.overloaded_reply.data = link->overloaded;
    pthread_mutex_init(&link->mutex, NULL);
    pthread_cond_init(&link->quiet, NULL);
    int failure = nng_rep0_open(&link->socket);
    for (uint32_t i = 0; i < options->spare_contexts && failure == 0; i++) {
        failure = link_grow(link) ? 0 : NNG_ENOMEM;
    }
    if (failure || (failure = link_listen(link))) {
        snprintf(error, 256, "cannot listen on '%s': %s", options->url, nng_strerror(failure));
        link_close(link);
        return status_of_failure(failure);
    }
    *out = link;
    return STATUS_ok;
}

const char *link_url(const struct link *link)
{
    return link->url;
}

uint32_t link_peer(const struct link_request *request)
{
    return request->peer->id;
}

void **link_data(struct link_request *request)
{
    return &request->data;
}

void link_reply(struct link_request *request, struct span frame)
{
    ASSERT(request->state == REQUEST_arrived);
    request_send(request, frame);
}

void link_drop(struct link_request *request)
{
    ASSERT(request->state == REQUEST_arrived);
    request_end(request);
}

void link_stop(struct link *link)
{
    pthread_mutex_lock(&link->mutex);
    link->stopped = true;
    while (link->callbacks > 0) {
        pthread_cond_wait(&link->quiet, &link->mutex);
    }
    pthread_mutex_unlock(&link->mutex);
}

void link_close(struct link *link)
{
    link_stop(link);
    nng_close(link->socket);
    for (struct link_request *request = link->requests, *next; request; request = next) {
        next = request->next;
        nng_aio_stop(request->aio); /* a callback may still be on its way out */
        nng_aio_free(request->aio);
        nng_msg_free(request->message);
        if (request->peer) {
            peer_release(request->peer);
        }
        free(request);
    }
    map_fini(&link->peers);
    free(link->url);
    free(link->overloaded);
    pthread_cond_destroy(&link->quiet);
    pthread_mutex_destroy(&link->mutex);
    free(link);
}
