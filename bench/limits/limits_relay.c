#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
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
    BURST_BYTES = LIMITS_WINDOW * LIMITS_BODY_BYTES,
    CHUNK = 512, /* messages in one write of the producer: it fills the next while the relay flushes */
    CLOSED_LOOP_MAX = 8000000,
};

/* The first bytes of every message. */
struct mark {
    uint64_t number, sent_ns;
};

struct relay {
    const struct limits_place *place;
    const struct relay_options *options;
    int listener, producer, consumer;
    uint64_t sent, acknowledged, begin_ns, end_ns;
    size_t partial; /* bytes of an acknowledgement that came so far */
    uint64_t acknowledgement;
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

/* --- the relay's own process --- */

static bool burst_passed_on(const struct relay *relay, int file, int producer, int consumer, const char *burst, size_t size, uint64_t total)
{
    if (relay->options->stores && (!all_written(file, burst, size) || fdatasync(file) != 0))
        return false;
    return all_written(producer, (const char *)&total, sizeof total) && all_written(consumer, burst, size);
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
    char path[SCRATCH_FILE], *burst = must_alloc(BURST_BYTES);
    scratch_file(relay->place->directory, "relay", path);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int producer = accept_one(relay->listener), consumer = accept_one(relay->listener);
    size_t kept = 0;
    uint64_t total = 0;
    ssize_t got;
    while ((got = read(producer, burst + kept, BURST_BYTES - kept)) > 0) {
        size_t have = kept + (size_t)got, whole = have - have % LIMITS_BODY_BYTES;
        total += whole / LIMITS_BODY_BYTES;
        if (whole && !burst_passed_on(relay, file, producer, consumer, burst, whole, total))
            break;
        kept = have - whole;
        memmove(burst, burst + whole, kept);
    }
    unlink(path);
    free(burst);
}

/* --- producer and consumer --- */

/* Takes what the relay has acknowledged by now; `wait`: at least something. False: it is gone. */
static bool acknowledgements_take(struct relay *relay, bool wait)
{
    for (;;) {
        ssize_t got = recv(relay->producer, (char *)&relay->acknowledgement + relay->partial,
                           sizeof relay->acknowledgement - relay->partial, wait ? 0 : MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return true;
        if (got <= 0)
            return false;
        relay->partial += (size_t)got;
        if (relay->partial < sizeof relay->acknowledgement)
            continue;
        relay->partial = 0;
        relay->acknowledged = relay->acknowledgement;
        wait = false;
    }
}

static bool messages_send(struct relay *relay, char *messages, uint64_t count, uint64_t meant_ns)
{
    for (uint64_t i = 0; i < count; i++) {
        struct mark mark = {relay->sent + i, meant_ns};
        memcpy(messages + i * LIMITS_BODY_BYTES, &mark, sizeof mark);
    }
    relay->sent += count;
    return all_written(relay->producer, messages, count * LIMITS_BODY_BYTES);
}

static void produce_closed_loop(struct relay *relay, char *messages)
{
    uint64_t until_ns = relay->begin_ns + relay->place->duration_ns;
    bool there = true;
    while (there && clock_ns() < until_ns && relay->sent < CLOSED_LOOP_MAX) {
        uint64_t room = LIMITS_WINDOW - (relay->sent - relay->acknowledged);
        there = (!room || messages_send(relay, messages, room < CHUNK ? room : CHUNK, clock_ns())) && acknowledgements_take(relay, !room);
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
        there = messages_send(relay, messages, 1, due_ns) && acknowledgements_take(relay, false);
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
    while (relay->acknowledged < relay->sent && acknowledgements_take(relay, true))
        continue;
    shutdown(relay->producer, SHUT_WR);
    free(messages);
    return NULL;
}

/* Until the relay has ended. Returns how many came. */
static uint64_t consume(struct relay *relay)
{
    char *burst = must_alloc(BURST_BYTES);
    size_t kept = 0;
    uint64_t taken = 0;
    ssize_t got;
    while ((got = read(relay->consumer, burst + kept, BURST_BYTES - kept)) > 0) {
        size_t have = kept + (size_t)got, at = 0;
        relay->end_ns = clock_ns();
        for (; at + LIMITS_BODY_BYTES <= have; at += LIMITS_BODY_BYTES) {
            struct mark mark;
            memcpy(&mark, burst + at, sizeof mark);
            relay->out->wrong += mark.number != taken++;
            histogram_record(&relay->out->ns, relay->end_ns - mark.sent_ns);
        }
        kept = have - at;
        memmove(burst, burst + at, kept);
    }
    free(burst);
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
    relay->out->wrong += relay->sent - relay->acknowledged;
    relay->out->per_second = taken ? (double)taken * 1e9 / (double)(relay->end_ns - relay->begin_ns) : 0;
    return true;
}

static bool relay_run(struct relay *relay)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(relay->listener, (const struct sockaddr *)&address, size) != 0 || listen(relay->listener, 2) != 0 ||
        getsockname(relay->listener, (struct sockaddr *)&address, &size) != 0)
        return false;
    pid_t process = limits_process(relay_serve, relay);
    if (process < 0)
        return false;
    /* The relay takes the first connection for the producer's. */
    relay->producer = connect_to(&address);
    relay->consumer = connect_to(&address);
    bool done = relay->producer >= 0 && relay->consumer >= 0 && messages_pass(relay);
    limits_process_end(process);
    close(relay->producer);
    close(relay->consumer);
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
