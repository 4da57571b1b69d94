/* The proof that every message of a run arrived once and in its conversation's order. Counts what did not. */
#ifndef RELEVO_BENCH_PROOF_H
#define RELEVO_BENCH_PROOF_H

#include "bench/load/stamp.h"

struct proof {
    uint32_t conversations;
    uint64_t messages; /* of the run, without the one that opens each conversation */
    uint32_t *next;    /* per conversation: the number expected */
    uint64_t *seen;    /* one bit per message of the run */
    uint64_t opened, delivered, duplicated, reordered, foreign;
};

void proof_init(struct proof *proof, uint64_t conversations, uint64_t messages);

/* Takes one arrival into account. True when it is one of the run's messages, seen for the first time, and not an opening one. Number 0
 * opens its conversation. */
bool proof_arrival(struct proof *proof, const struct stamp *stamp);

/* Messages that did not arrive. */
uint64_t proof_lost(const struct proof *proof);

void proof_fini(struct proof *proof);

#endif
