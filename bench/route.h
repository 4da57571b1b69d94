/* One run of `relevo bench route`: what its threads share. Two threads carry the load, because a client belongs to one thread: the
 * connectors' sends and times acknowledgements, the agents' receives, checks and times deliveries. The main thread watches over both. */
#ifndef RELEVO_BENCH_ROUTE_H
#define RELEVO_BENCH_ROUTE_H

#include <pthread.h>
#include <stdatomic.h>

#include "bench/histogram.h"
#include "bench/private_broker.h"
#include "bench/proof.h"
#include "bench/token.h"
#include "proto/client/client.h"

#define ROUTE_OPERATOR "bench"

enum {
    ROUTE_LANES_PER_CONNECTOR_MAX = 1024,
    ROUTE_FETCH_CREDIT = 1024,
    ROUTE_SLICE_MS = 10, /* how often a thread with nothing to do looks whether it shall stop */
};

struct route_options {
    uint64_t messages, batch, inflight, connectors, agents, queues, conversations, body_bytes;
    uint64_t rate; /* messages a second; 0: as fast as acknowledgements come back */
    uint64_t seconds_max;
    const char *connect, *token, *relevod;
    bool json, configuration;
};

struct route {
    const struct route_options *options;
    struct private_broker broker; /* pid 0 with --connect */
    struct token token;           /* of every connector, agent and operator of the run */
    const char *url;
    uint32_t run;
    uint64_t clock_zero_ns;

    /* Between the threads. */
    _Atomic bool stop, failed;
    _Atomic uint64_t agents_available, conversations_opened, delivered;
    _Atomic bool all_answered;
    char failure[512]; /* written by whoever sets `failed`; read after the threads have ended */

    /* The connectors' thread writes, the main thread reads when all_answered. */
    uint64_t begin_ns, last_answer_ns, answered;
    struct process_use use_before;
    double load_cpu_before_s;
    uint64_t disk_bytes_before;
    struct histogram ack_ns;

    /* The agents' thread writes, the main thread reads when it has ended. */
    uint64_t last_delivery_ns;
    struct histogram deliver_ns;
    struct proof proof;
};

/* What the main thread found out at the end. */
struct route_result {
    double seconds, broker_cpu_s, load_cpu_s;
    uint64_t messages_per_second, rss_bytes, anonymous_bytes;
    double disk_bytes_per_message;
    uint64_t lost, duplicated, reordered;
};

/* Nanoseconds on the run's own clock. */
uint64_t route_now_ns(const struct route *route);

/* Processor time that this process, the load, has used. */
double route_load_cpu_s(void);

/* The first failure counts and stops everybody. */
void route_fail(struct route *route, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The threads' bodies; each opens its own clients, and closes them when it ends. */
void *route_connectors_run(void *route);
void *route_agents_run(void *route);

/* The configuration that a broker needs for such a run. */
struct route_configuration {
    const struct route_options *options;
    const char *token_hash;
};
void route_configuration_write(FILE *out, const void *route_configuration);

/* Names in that configuration, counted from 0; `out` holds WIRE_NAME_MAX bytes. */
void route_name(char out[WIRE_NAME_MAX], const char *kind, uint64_t index);

void route_print_table(const struct route *route, const struct route_result *result);
void route_print_json(const struct route *route, const struct route_result *result);

#endif
