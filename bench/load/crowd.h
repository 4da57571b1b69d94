/* Thousands of agents on one thread, each with a connection of its own: connected, available, their fetch parked, heart-beating, as
 * requesters instead of C clients. What they are sent they take and acknowledge. A connection that ends, or a refusal, fails the run. */
#ifndef RELEVO_BENCH_CROWD_H
#define RELEVO_BENCH_CROWD_H

#include "bench/load/requester.h"
#include "bench/load/run.h"

struct crowd_agent {
    struct requester requester; /* first, so that one is the other */
    uint64_t session, cursor;
    uint64_t beat_ns; /* when its heartbeat was sent; 0: none is under way */
    bool parked;      /* its first fetch has been sent */
};

struct crowd {
    struct run *run;
    struct requesters requesters;
    struct crowd_agent *agents;
    uint64_t count;
    void *context;
    void (*on_delivery)(void *context, uint64_t agent, const struct wire_record *record);
    uint64_t dialled, parked;       /* agents that have come so far */
    uint64_t heartbeat_ns;          /* as the welcome says */
    uint64_t beats_begin_ns, beats; /* sent since then */
    uint64_t beats_answered;
    struct histogram beat_ns;
};

/* False: the run has failed; crowd_fini is due all the same. */
bool crowd_init(struct crowd *crowd, struct run *run, uint64_t count, void *context,
                void (*on_delivery)(void *context, uint64_t agent, const struct wire_record *record));
void crowd_fini(struct crowd *crowd);

/* Goes on with what is due (connecting some at a time, then each one's heartbeat), and waits at most so long for what comes. */
void crowd_work(struct crowd *crowd, uint64_t timeout_ns);

/* Everybody's heartbeat now, but for those that still wait for the answer to one. */
void crowd_beat_all(struct crowd *crowd);

#endif
