#include <nng/nng.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "bench/clock.h"
#include "bench/limits/limits.h"
#include "bench/parts/hot_frames.h"

enum { SIZES = 2, SOCKETS = 2, SERVER_CONTEXTS = 320, LANES_MAX = 256, PORT_MS = 5000 };

/* A request and what answers it, as `bench route` sends and gets them. */
struct exchange {
    uint64_t batch;
    struct buffer request, reply;
};

struct echo {
    struct exchange exchanges[SIZES];
    pid_t process;
    int port_pipe; /* the server's end of it */
    char url[64];

    /* Between NNG's threads and the one that measures. */
    pthread_mutex_t mutex;
    pthread_cond_t ended;
    bool stop;
    uint32_t running;
    struct limit *counted; /* NULL: nothing is counted now */
    uint64_t wrong;
};

/* One request at a time. */
struct lane {
    struct echo *echo;
    const struct exchange *exchange;
    nng_ctx context;
    nng_aio *aio;
    bool sent;
    uint64_t sent_ns;
};

static nng_msg *message_of(const struct buffer *bytes)
{
    nng_msg *message;
    if (nng_msg_alloc(&message, bytes->size) != 0)
        fatal(FATAL_memory, "a message of %zu bytes", bytes->size);
    memcpy(nng_msg_body(message), bytes->data, bytes->size);
    return message;
}

/* --- the server's process --- */

struct answerer {
    const struct echo *echo;
    nng_ctx context;
    nng_aio *aio;
    bool sending;
};

static const struct buffer *reply_to(const struct echo *echo, nng_msg *request)
{
    for (int i = 0; i < SIZES; i++)
        if (nng_msg_len(request) == echo->exchanges[i].request.size)
            return &echo->exchanges[i].reply;
    return NULL;
}

static void on_answerer(void *context)
{
    struct answerer *answerer = context;
    nng_msg *request = nng_aio_result(answerer->aio) == 0 && !answerer->sending ? nng_aio_get_msg(answerer->aio) : NULL;
    const struct buffer *reply = request ? reply_to(answerer->echo, request) : NULL;
    nng_msg_free(request);
    answerer->sending = reply != NULL;
    if (!reply) {
        nng_ctx_recv(answerer->context, answerer->aio);
        return;
    }
    nng_aio_set_msg(answerer->aio, message_of(reply));
    nng_ctx_send(answerer->context, answerer->aio);
}

/* Says the port that it listens on; 0 when it cannot. Then NNG's threads do the rest, until the process is ended. */
static void echo_serve(void *context)
{
    struct echo *echo = context;
    struct answerer answerers[SERVER_CONTEXTS] = {0};
    nng_socket server;
    nng_listener listener;
    int port = 0;
    if (nng_rep0_open(&server) == 0 && nng_listen(server, "tcp://127.0.0.1:0", &listener, 0) == 0)
        nng_listener_get_int(listener, NNG_OPT_TCP_BOUND_PORT, &port);
    for (int i = 0; i < SERVER_CONTEXTS && port; i++) {
        answerers[i].echo = echo;
        if (nng_ctx_open(&answerers[i].context, server) != 0 || nng_aio_alloc(&answerers[i].aio, on_answerer, &answerers[i]) != 0)
            port = 0;
        else
            nng_ctx_recv(answerers[i].context, answerers[i].aio);
    }
    if (write(echo->port_pipe, &port, sizeof port) == sizeof port && port)
        for (;;)
            pause();
}

/* --- the requests --- */

static void lane_send(struct lane *lane)
{
    lane->sent = false;
    lane->sent_ns = clock_ns();
    nng_aio_set_msg(lane->aio, message_of(&lane->exchange->request));
    nng_ctx_send(lane->context, lane->aio);
}

/* True: send the next. */
static bool lane_answered(struct lane *lane, bool right)
{
    struct echo *echo = lane->echo;
    uint64_t now_ns = clock_ns();
    pthread_mutex_lock(&echo->mutex);
    echo->wrong += !right;
    if (echo->counted)
        histogram_record(&echo->counted->ns, now_ns - lane->sent_ns);
    bool next = right && !echo->stop;
    if (!next && --echo->running == 0)
        pthread_cond_signal(&echo->ended);
    pthread_mutex_unlock(&echo->mutex);
    return next;
}

static void on_lane(void *context)
{
    struct lane *lane = context;
    bool right = nng_aio_result(lane->aio) == 0;
    if (right && !lane->sent) {
        lane->sent = true;
        nng_ctx_recv(lane->context, lane->aio);
        return;
    }
    if (right) {
        nng_msg *reply = nng_aio_get_msg(lane->aio);
        right = nng_msg_len(reply) == lane->exchange->reply.size;
        nng_msg_free(reply);
    }
    if (lane_answered(lane, right))
        lane_send(lane);
}

static bool lanes_open(struct echo *echo, nng_socket sockets[SOCKETS], struct lane *lanes, const struct exchange *exchange,
                       uint64_t inflight)
{
    for (int i = 0; i < SOCKETS; i++)
        if (nng_req0_open(&sockets[i]) != 0 || nng_socket_set_ms(sockets[i], NNG_OPT_REQ_RESENDTIME, NNG_DURATION_INFINITE) != 0 ||
            nng_dial(sockets[i], echo->url, NULL, 0) != 0)
            return false;
    for (uint64_t i = 0; i < inflight; i++) {
        lanes[i] = (struct lane){.echo = echo, .exchange = exchange};
        if (nng_ctx_open(&lanes[i].context, sockets[i % SOCKETS]) != 0 || nng_aio_alloc(&lanes[i].aio, on_lane, &lanes[i]) != 0)
            return false;
    }
    return true;
}

static void count(struct echo *echo, struct limit *out)
{
    pthread_mutex_lock(&echo->mutex);
    echo->counted = out;
    pthread_mutex_unlock(&echo->mutex);
}

static void pass_time(uint64_t ns)
{
    struct timespec pause = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
}

static void lanes_run(struct echo *echo, struct lane *lanes, uint64_t inflight, uint64_t duration_ns, struct limit *out)
{
    echo->running = (uint32_t)inflight;
    echo->stop = false;
    for (uint64_t i = 0; i < inflight; i++)
        lane_send(&lanes[i]);
    pass_time(duration_ns / 10);
    count(echo, out);
    uint64_t begin_ns = clock_ns();
    pass_time(duration_ns);
    count(echo, NULL);
    out->per_second = (double)out->ns.count * 1e9 / (double)(clock_ns() - begin_ns);
    pthread_mutex_lock(&echo->mutex);
    echo->stop = true;
    while (echo->running)
        pthread_cond_wait(&echo->ended, &echo->mutex);
    out->wrong = echo->wrong;
    pthread_mutex_unlock(&echo->mutex);
}

bool limits_echo(struct echo *echo, const struct limits_place *place, uint64_t batch, uint64_t inflight, struct limit *out)
{
    nng_socket sockets[SOCKETS] = {NNG_SOCKET_INITIALIZER, NNG_SOCKET_INITIALIZER};
    struct lane *lanes = must_zalloc(LANES_MAX, sizeof *lanes);
    ASSERT(inflight <= LANES_MAX);
    bool opened = lanes_open(echo, sockets, lanes, &echo->exchanges[batch == LIMITS_ECHO_BATCH], inflight);
    if (opened)
        lanes_run(echo, lanes, inflight, place->duration_ns, out);
    else
        command_complain(LIMITS_COMMAND, "%s: no connection", echo->url);
    /* The last answer may be here before the call that asked for it has returned, on another thread: freeing waits for that, and only then
     * does nobody use the sockets. */
    for (uint64_t i = 0; i < inflight; i++)
        nng_aio_free(lanes[i].aio);
    for (int i = 0; i < SOCKETS; i++)
        nng_close(sockets[i]);
    free(lanes);
    return opened;
}

static void exchange_init(struct exchange *exchange, uint64_t batch)
{
    struct hot_frames hot;
    hot_init(&hot, &(struct hot_size){batch, 1, LIMITS_BODY_BYTES});
    *exchange = (struct exchange){.batch = batch};
    hot_encode(&hot, HOT_submit, &exchange->request);
    hot_encode(&hot, HOT_submitted, &exchange->reply);
    hot_fini(&hot);
}

static int port_read(int from)
{
    int port = 0;
    struct pollfd readable = {from, POLLIN, 0};
    if (poll(&readable, 1, PORT_MS) <= 0 || read(from, &port, sizeof port) != sizeof port)
        port = 0;
    return port;
}

static bool server_start(struct echo *echo)
{
    int ends[2], port = 0;
    if (pipe(ends) != 0)
        return false;
    echo->port_pipe = ends[1];
    echo->process = limits_process(echo_serve, echo);
    close(ends[1]);
    if (echo->process > 0)
        port = port_read(ends[0]);
    close(ends[0]);
    snprintf(echo->url, sizeof echo->url, "tcp://127.0.0.1:%d", port);
    return port > 0;
}

struct echo *limits_echo_open(void)
{
    struct echo *echo = must_zalloc(1, sizeof *echo);
    exchange_init(&echo->exchanges[0], 1);
    exchange_init(&echo->exchanges[1], LIMITS_ECHO_BATCH);
    pthread_mutex_init(&echo->mutex, NULL);
    pthread_cond_init(&echo->ended, NULL);
    if (server_start(echo))
        return echo;
    command_complain(LIMITS_COMMAND, "the echo did not start");
    limits_echo_close(echo);
    return NULL;
}

void limits_echo_close(struct echo *echo)
{
    if (echo->process > 0)
        limits_process_end(echo->process);
    for (int i = 0; i < SIZES; i++) {
        buffer_fini(&echo->exchanges[i].request);
        buffer_fini(&echo->exchanges[i].reply);
    }
    pthread_cond_destroy(&echo->ended);
    pthread_mutex_destroy(&echo->mutex);
    free(echo);
}
