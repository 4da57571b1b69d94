/* A queue that people know, as the load sees it: one producer that pipelines, and consumers that each own the queues of their number
 * (queue % consumers), so that every conversation keeps its order. A producer or consumer belongs to one thread; no two share anything.
 * What goes wrong between a client and its server ends the process: there is nothing to measure any more. */
#ifndef RELEVO_BENCH_PEERS_PEER_H
#define RELEVO_BENCH_PEERS_PEER_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "proto/span.h"

enum {
    PEER_PRIORITIES = 4,
    PEER_RECEIVE_MAX = 4096, /* bodies that one receive hands over at most */
    PEER_CONSUMERS_MAX = 16,
    PEER_QUEUES_MAX = 1024,
};

struct peer_settings {
    uint64_t port; /* on 127.0.0.1 */
    uint64_t queues, consumers;
    uint64_t window; /* messages that may be unconfirmed */
    bool paced;      /* messages come one at a time, and each is waited for */
};

struct peer_message {
    uint32_t queue, priority; /* priority 0 goes first */
    struct span body;
};

struct peer {
    const char *name;
    uint32_t batch; /* messages handed over at once in the closed loop */

    /* Makes queues, streams or tables anew. What it returns is passed to the opens, and let go of by `end`. NULL: nothing to do. */
    void *(*begin)(const struct peer_settings *settings);
    void (*end)(void *shared);

    void *(*producer_open)(const struct peer_settings *settings, void *shared);
    /* Sends, or takes to be sent by the next `confirmed`; copies what it keeps. */
    void (*publish)(void *producer, const struct peer_message *messages, uint32_t count);
    /* How many messages were confirmed since it was asked last; waits for the first of them. Works through what was published. */
    uint32_t (*confirmed)(void *producer, uint64_t wait_ns);
    void (*producer_close)(void *producer);

    void *(*consumer_open)(const struct peer_settings *settings, void *shared, uint32_t index);
    /* Waits for the first message; the bodies are good until the next call for this consumer. */
    uint32_t (*receive)(void *consumer, struct span bodies[PEER_RECEIVE_MAX], uint64_t wait_ns);
    /* Acknowledges everything received, at the latest along with the next receive or the close. */
    void (*acknowledge)(void *consumer);
    void (*consumer_close)(void *consumer);
};

extern const struct peer peer_memory, peer_memory_lossy, peer_memory_doubling, peer_memory_delaying;
extern const struct peer peer_redis_groups, peer_redis_xread, peer_beanstalkd, peer_nats, peer_rabbitmq_classic, peer_rabbitmq_quorum,
    peer_postgresql;

/* Waits until one of these sockets can be read. */
bool peer_wait(struct pollfd *sockets, uint32_t count, uint64_t wait_ns);

/* Says what went wrong, in one line, and ends the process. */
_Noreturn void peer_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
