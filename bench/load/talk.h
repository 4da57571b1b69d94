/* Whole conversations, from a customer's first message to the end, many at a time, every message verified: what the threads of `relevo
 * bench conversation` share. One thread plays the customers behind their connectors, one the agents.
 *
 *   customer          broker            agent
 *   message 0 ------>  offered -------> accept
 *                      assigned ------> reply 0
 *   message 1 <------  reply 0
 *             ------>  message 1 -----> reply 1    and so on; with the last reply the agent finishes
 *   the end   <------  finished
 *
 * A place is where one conversation after the other is held. Every text is a stamp: of the conversation, its turn (number), its place
 * (index), and when its first message was sent. */
#ifndef RELEVO_BENCH_TALK_H
#define RELEVO_BENCH_TALK_H

#include "bench/load/clients.h"
#include "bench/load/house.h"
#include "bench/load/stamp.h"

enum {
    TALK_FETCH_CREDIT = 1024,
    TALK_BATCH = 1024,
    TALK_LANES = 8, /* of a client: few, so that changes travel in large batches */
};

struct talk_options {
    uint64_t conversations, inflight, agents, queues, connectors, turns, body_bytes;
};

/* How what came compares with what was due. */
struct talk_count {
    uint64_t received, duplicated, reordered;
};

struct talk {
    struct run run;
    const struct talk_options *options;
    uint64_t warm_up; /* so many conversations before those that count */

    /* Between the threads. */
    _Atomic uint64_t agents_ready;
    _Atomic uint64_t ended; /* conversations, those of the warm-up too */

    /* The connectors' thread writes, the main thread reads when all have ended. */
    uint64_t begin_ns, end_ns;
    struct run_use use_before;
    struct histogram first_reply_ns, life_ns;
    struct talk_count replies, ends;

    /* The agents' thread writes, the main thread reads when it has ended. */
    struct histogram offer_ns;
    struct talk_count offers, messages;
};

/* Judges number `got` where `due` is next. True: it is the one. */
bool talk_expect(struct talk_count *count, uint64_t got, uint64_t due);

enum { TALK_KEY_BYTES = 1 + STAMP_RUN_DIGITS + 2 * STAMP_NUMBER_DIGITS };

/* The key of what is done in that turn of a conversation; `kind` tells apart what one principal does. */
struct span talk_key(char out[TALK_KEY_BYTES], char kind, const struct stamp *stamp);

/* The threads' bodies. */
void *talk_connectors_run(void *talk);
void *talk_agents_run(void *talk);

#endif
