#include "bench/load/proof.h"

#include <stdlib.h>

#include "base/check.h"

void proof_init(struct proof *proof, uint64_t conversations, uint64_t messages)
{
    *proof = (struct proof){.conversations = (uint32_t)conversations, .messages = messages};
    proof->next = must_zalloc(conversations, sizeof *proof->next);
    proof->seen = must_zalloc(messages / 64 + 1, sizeof *proof->seen);
}

/* The opener is seen when the agent is handed the history, and again if it is delivered by itself or the conversation changes hands. */
static bool opener_arrival(struct proof *proof, uint32_t *next)
{
    if (*next == 0) {
        *next = 1;
        proof->opened++;
    }
    return false;
}

bool proof_arrival(struct proof *proof, const struct stamp *stamp)
{
    if (stamp->conversation >= proof->conversations || stamp->index >= proof->messages) {
        proof->foreign++;
        return false;
    }
    uint32_t *next = &proof->next[stamp->conversation];
    if (stamp->number == 0)
        return opener_arrival(proof, next);
    uint64_t *word = &proof->seen[stamp->index / 64], bit = 1ull << stamp->index % 64;
    if (*word & bit) {
        proof->duplicated++;
        return false;
    }
    *word |= bit;
    proof->delivered++;
    proof->reordered += stamp->number != *next;
    if (stamp->number >= *next)
        *next = stamp->number + 1;
    return true;
}

uint64_t proof_lost(const struct proof *proof)
{
    return proof->messages - proof->delivered;
}

void proof_fini(struct proof *proof)
{
    free(proof->next);
    free(proof->seen);
}
