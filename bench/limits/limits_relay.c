#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "bench/clock.h"
#include "bench/limits/limits.h"
#include "bench/scratch.h"

enum {
    CONSUMERS = 4,
    BURST_BYTES = LIMITS_WINDOW * LIMITS_BODY_BYTES,
    CHUNK = 512, /* messages in one write of the producer: it fills the next while the relay flushes */
    CLOSED_LOOP_MAX = 8000000,
};

/* The first bytes of every message. The consumer with the number's remainder gets it. */
struct mark {
    uint64_t number, sent_ns;
};

/* How many messages the other side has acknowledged, all told: 8 bytes whenever it has more. */
struct acknowledged {
    int socket;
    uint64_t count, coming;
    size_t partial; /* bytes of what is coming */
};

/* A consumer, as this process sees it. */
struct taking {
    int socket;
    char *burst;
    size_t kept;
    uint64_t taken;
};

struct relay {
    const struct limits_place *place;
    const struct relay_options *options;
    int listener;
    struct acknowledged producer; /* to it, by the relay */
    struct taking consumers[CONSUMERS];
    uint64_t sent, begin_ns, end_ns;
    struct limit *out;
};

static bool all_written(int to, const char *data, size_t size)
{
    while (size) {
        ssize_t wrote = write(to, data, size);
        if (wrote <= 0)
            return false;
        data += wrote;
        size -= (size_t)wrote;
    }
    return true;
}

/* Takes what has been acknowledged by now; `wait`: at least something. False: the other side is gone. */
static bool acknowledged_take(struct acknowledged *from, bool wait)
{
    for (;;) {
        ssize_t got =
            recv(from->socket, (char *)&from->coming + from->partial, sizeof from->coming - from->partial, wait ? 0 : MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return true;
        if (got <= 0)
            return false;
        from->partial += (size_t)got;
        if (from->partial < sizeof from->coming)
            continue;
        from->partial = 0;
        from->count = from->coming;
        wait = false;
    }
}

/* --- the relay's own process --- */

/* In the file before every burst: how far each consumer had come. */
struct places {
    uint64_t taken[CONSUMERS];
};

struct relaying {
    bool stores;
    int file, producer;
    struct acknowledged consumers[CONSUMERS];
    char *parts[CONSUMERS]; /* of a burst: what goes to each */
    uint64_t passed[CONSUMERS], total;
};

/* Places and messages stand one behind the other. */
static bool stored(const struct relaying *relaying, char *places_and_messages, size_t messages_size)
{
    struct places places;
    for (int i = 0; i < CONSUMERS; i++)
        places.taken[i] = relaying->consumers[i].count;
    memcpy(places_and_messages, &places, sizeof places);
    return !relaying->stores ||
           (all_written(relaying->file, places_and_messages, sizeof places + messages_size) && fdatasync(relaying->file) == 0);
}

static bool delivered(struct relaying *relaying, const char *messages, size_t size)
{
    size_t sizes[CONSUMERS] = {0};
    for (const char *at = messages; at < messages + size; at += LIMITS_BODY_BYTES) {
        struct mark mark;
        memcpy(&mark, at, sizeof mark);
        uint64_t to = mark.number % CONSUMERS;
        memcpy(relaying->parts[to] + sizes[to], at, LIMITS_BODY_BYTES);
        sizes[to] += LIMITS_BODY_BYTES;
        relaying->passed[to]++;
    }
    for (int i = 0; i < CONSUMERS; i++)
        if (!all_written(relaying->consumers[i].socket, relaying->parts[i], sizes[i]) || !acknowledged_take(&relaying->consumers[i], false))
            return false;
    return true;
}

static bool burst_passed_on(struct relaying *relaying, char *places_and_messages, size_t size)
{
    relaying->total += size / LIMITS_BODY_BYTES;
    return stored(relaying, places_and_messages, size) &&
           all_written(relaying->producer, (const char *)&relaying->total, sizeof relaying->total) &&
           delivered(relaying, places_and_messages + sizeof(struct places), size);
}

/* Until the producer has ended. False: somebody was gone before. */
static bool bursts_relay(struct relaying *relaying, char *places_and_messages)
{
    char *burst = places_and_messages + sizeof(struct places);
    size_t kept = 0;
    ssize_t got;
    while ((got = read(relaying->producer, burst + kept, BURST_BYTES - kept)) > 0) {
        size_t have = kept + (size_t)got, whole = have - have % LIMITS_BODY_BYTES;
        if (whole && !burst_passed_on(relaying, places_and_messages, whole))
            return false;
        kept = have - whole;
        memmove(burst, burst + whole, kept);
    }
    return got == 0;
}

static bool acknowledgements_await(struct relaying *relaying)
{
    for (int i = 0; i < CONSUMERS; i++)
        while (relaying->consumers[i].count < relaying->passed[i])
            if (!acknowledged_take(&relaying->consumers[i], true))
                return false;
    return true;
}

static int accept_one(int listener)
{
    int one = 1, taken = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    setsockopt(taken, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return taken;
}

static void relay_serve(void *context)
{
    const struct relay *relay = context;
    struct relaying relaying = {.stores = relay->options->stores, .producer = accept_one(relay->listener)};
    char path[SCRATCH_FILE], *places_and_messages = must_alloc(sizeof(struct places) + BURST_BYTES);
    scratch_file(relay->place->directory, "relay", path);
    relaying.file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    for (int i = 0; i < CONSUMERS; i++) {
        relaying.consumers[i].socket = accept_one(relay->listener);
        relaying.parts[i] = must_alloc(BURST_BYTES);
    }
    if (bursts_relay(&relaying, places_and_messages) && acknowledgements_await(&relaying))
        stored(&relaying, places_and_messages, 0);
    unlink(path);
    for (int i = 0; i < CONSUMERS; i++)
        free(relaying.parts[i]);
    free(places_and_messages);
}

/* --- producer and consumers --- */

static bool messages_send(struct relay *relay, char *messages, uint64_t count, uint64_t meant_ns)
{
    for (uint64_t i = 0; i < count; i++) {
        struct mark mark = {relay->sent + i, meant_ns};
        memcpy(messages + i * LIMITS_BODY_BYTES, &mark, sizeof mark);
    }
    relay->sent += count;
    return all_written(relay->producer.socket, messages, count * LIMITS_BODY_BYTES);
}

static void produce_closed_loop(struct relay *relay, char *messages)
{
    uint64_t until_ns = relay->begin_ns + relay->place->duration_ns;
    bool there = true;
    while (there && clock_ns() < until_ns && relay->sent < CLOSED_LOOP_MAX) {
        uint64_t room = LIMITS_WINDOW - (relay->sent - relay->producer.count);
        there = (!room || messages_send(relay, messages, room < CHUNK ? room : CHUNK, clock_ns())) &&
                acknowledged_take(&relay->producer, !room);
    }
}

static void produce_paced(struct relay *relay, char *messages)
{
    uint64_t rate = relay->options->rate, count = relay->place->duration_ns * rate / 1000000000;
    bool there = true;
    /* Without this the kernel rounds time-outs up by 50 us. */
    prctl(PR_SET_TIMERSLACK, 1ul);
    while (there && relay->sent < count) {
        uint64_t due_ns = relay->begin_ns + relay->sent * 1000000000 / rate;
        struct timespec due = {(time_t)(due_ns / 1000000000), (long)(due_ns % 1000000000)};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
        there = messages_send(relay, messages, 1, due_ns) && acknowledged_take(&relay->producer, false);
    }
}

static void *produce(void *context)
{
    struct relay *relay = context;
    char *messages = must_alloc(CHUNK * LIMITS_BODY_BYTES);
    memset(messages, '.', CHUNK * LIMITS_BODY_BYTES);
    if (relay->options->rate)
        produce_paced(relay, messages);
    else
        produce_closed_loop(relay, messages);
    while (relay->producer.count < relay->sent && acknowledged_take(&relay->producer, true))
        continue;
    shutdown(relay->producer.socket, SHUT_WR);
    free(messages);
    return NULL;
}

/* What has come to one consumer, acknowledged. False: the relay has ended. */
static bool take(struct relay *relay, int index)
{
    struct taking *consumer = &relay->consumers[index];
    ssize_t got = read(consumer->socket, consumer->burst + consumer->kept, BURST_BYTES - consumer->kept);
    if (got <= 0)
        return false;
    size_t have = consumer->kept + (size_t)got, at = 0;
    relay->end_ns = clock_ns();
    for (; at + LIMITS_BODY_BYTES <= have; at += LIMITS_BODY_BYTES) {
        struct mark mark;
        memcpy(&mark, consumer->burst + at, sizeof mark);
        relay->out->wrong += mark.number != consumer->taken++ * CONSUMERS + (uint64_t)index;
        histogram_record(&relay->out->ns, relay->end_ns - mark.sent_ns);
    }
    consumer->kept = have - at;
    memmove(consumer->burst, consumer->burst + at, consumer->kept);
    return !at || all_written(consumer->socket, (const char *)&consumer->taken, sizeof consumer->taken);
}

/* Until the relay has ended. Returns how many came. */
static uint64_t consume(struct relay *relay)
{
    struct pollfd sockets[CONSUMERS];
    uint64_t taken = 0;
    for (int i = 0; i < CONSUMERS; i++) {
        sockets[i] = (struct pollfd){relay->consumers[i].socket, POLLIN, 0};
        relay->consumers[i].burst = must_alloc(BURST_BYTES);
    }
    for (int open = CONSUMERS; open && poll(sockets, CONSUMERS, -1) > 0;)
        for (int i = 0; i < CONSUMERS; i++)
            if (sockets[i].revents && !take(relay, i)) {
                sockets[i].fd = -1;
                open--;
            }
    for (int i = 0; i < CONSUMERS; i++) {
        taken += relay->consumers[i].taken;
        free(relay->consumers[i].burst);
    }
    return taken;
}

static int connect_to(const struct sockaddr_in *address)
{
    int one = 1, out = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(out, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (out >= 0 && connect(out, (const struct sockaddr *)address, sizeof *address) == 0)
        return out;
    if (out >= 0)
        close(out);
    return -1;
}

static bool messages_pass(struct relay *relay)
{
    pthread_t producer;
    relay->begin_ns = clock_ns();
    if (pthread_create(&producer, NULL, produce, relay) != 0)
        return false;
    uint64_t taken = consume(relay);
    pthread_join(producer, NULL);
    relay->out->wrong += relay->sent - taken;
    relay->out->wrong += relay->sent - relay->producer.count;
    relay->out->per_second = taken ? (double)taken * 1e9 / (double)(relay->end_ns - relay->begin_ns) : 0;
    return true;
}

static bool relay_run(struct relay *relay)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(relay->listener, (const struct sockaddr *)&address, size) != 0 || listen(relay->listener, 1 + CONSUMERS) != 0 ||
        getsockname(relay->listener, (struct sockaddr *)&address, &size) != 0)
        return false;
    pid_t process = limits_process(relay_serve, relay);
    if (process < 0)
        return false;
    /* The relay takes the first connection for the producer's. */
    bool done = (relay->producer.socket = connect_to(&address)) >= 0;
    for (int i = 0; i < CONSUMERS; i++)
        done = (relay->consumers[i].socket = connect_to(&address)) >= 0 && done;
    done = done && messages_pass(relay);
    limits_process_end(process);
    close(relay->producer.socket);
    for (int i = 0; i < CONSUMERS; i++)
        close(relay->consumers[i].socket);
    return done;
}

bool limits_relay(const struct limits_place *place, const struct relay_options *options, struct limit *out)
{
    struct relay relay = {.place = place, .options = options, .out = out, .listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    bool done = relay.listener >= 0 && relay_run(&relay);
    if (!done)
        command_complain(LIMITS_COMMAND, "the relay could not be run: %s", strerror(errno));
    close(relay.listener);
    return done;
}
