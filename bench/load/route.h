/* Messages from connectors to agents, in phases, every one verified: what its threads share. Two threads carry the load, because a client
 * belongs to one thread: the connectors' sends and times acknowledgements, the agents' receives, checks and times deliveries. The main
 * thread says which phase is next and watches over both. */
#ifndef RELEVO_BENCH_ROUTE_H
#define RELEVO_BENCH_ROUTE_H

#include <pthread.h>

#include "bench/load/clients.h"
#include "bench/load/house.h"
#include "bench/load/proof.h"
#include "bench/load/stamp.h"

enum {
    ROUTE_LANES_PER_CONNECTOR_MAX = 1024,
    ROUTE_FETCH_CREDIT = 1024,
    ROUTE_AGENT_CLIENTS_MAX = 128, /* more of them than that are a crowd */
};

struct route_options {
    uint64_t batch, inflight, connectors, agents, queues, body_bytes;
    uint64_t rate; /* messages a second; 0: as fast as acknowledgements come back */
};

/* Messages that are sent and timed together. */
struct route_phase {
    uint64_t conversations; /* these are open, before the first is sent; no fewer than in the phase before */
    uint64_t messages;
};

/* What a phase came to; its latencies are in the route until the next one begins. */
struct route_outcome {
    double seconds, broker_cpu_s, load_cpu_s;
    uint64_t messages_per_second, rss_bytes, anonymous_bytes;
    double disk_bytes_per_message;
};

struct route {
    struct run run;
    const struct route_options *options;
    struct clients agents;
    pthread_t agents_thread, connectors_thread;
    bool agents_run, connectors_run;

    /* The main thread writes these while nobody has anything to do, and then counts `phase` up. */
    struct route_phase wanted;
    uint64_t messages_before; /* of all phases before this one */
    _Atomic uint32_t phase;

    /* Between the threads. */
    _Atomic uint32_t phase_answered; /* the last phase of which every message was acknowledged */
    _Atomic uint64_t agents_ready, conversations_opened, delivered;

    /* The connectors' thread writes, the main thread reads when the phase was answered. */
    uint64_t begin_ns, last_answer_ns;
    struct run_use use_before;
    struct histogram ack_ns;

    /* The agents' thread writes, the main thread reads when everything was delivered. */
    uint64_t last_delivery_ns;
    struct histogram deliver_ns;
    struct proof proof;
};

/* What one option's bounds cannot say. NULL: they agree. */
const char *route_disagreement(const struct route_options *options, uint64_t conversations);

/* Starts both threads; `conversations` and `messages` of all phases together. False: the run has failed. */
bool route_open(struct route *route, uint64_t conversations, uint64_t messages);

/* Runs one phase. False: the run has failed. */
bool route_run_phase(struct route *route, const struct route_phase *phase, struct route_outcome *out);

/* Ends the threads. With everything acknowledged, unless the run has failed. */
void route_close(struct route *route);

/* Gives back what a route holds, as a run wants it done. */
void route_fini(void *route);

/* The configuration of its house, as a run wants it written. */
void route_write_configuration(FILE *out, const void *route);

/* How many messages have come, as a run tells when its time is up. */
void route_progress(const void *route, char out[RUN_PROGRESS_MAX]);

/* False: messages were lost, doubled or reordered, and it has complained. */
bool route_verified(const struct route *route);

/* For the agents' thread: one record that an agent was sent, and what the thread has taken until now. */
void route_take(struct route *route, const struct wire_record *record);
void route_agents_report(struct route *route);

/* The threads' bodies. */
void *route_connectors_run(void *route);
void *route_agents_run(void *route);
void *route_crowd_run(void *route);

#endif
