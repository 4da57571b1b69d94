/* Explaining: why a conversation is where it is and what keeps each agent from it, by the matcher's own code; and who waits in a queue.
 * Reads only. */
#ifndef RELEVO_EXPLAIN_H
#define RELEVO_EXPLAIN_H

#include "engine/engine.h"

/* What the matcher says of one agent. */
struct finding {
    name_id agent;
    enum verdict verdict;
    int64_t until_ms; /* passed_over, wrap_up, queue_closed; 0: no end is known */
    name_id skill;    /* lacks_skill */
    uint8_t has, needs;
    uint32_t used, capacity, cost; /* no_room: of the capacity; channel_cap: conversations of the cap */
    struct span reason;            /* away: why; holds until the next step */
};

struct explanation {
    conversation_id conversation;
    enum substate state;
    name_id queue, owner; /* 0: none */
    int64_t arrival_ms, key_ms;
    enum priority priority;
    uint8_t lane;
    name_id plan;        /* 0: a requirement of its own */
    uint8_t step, steps; /* from 1; 0: no plan */
    uint64_t ahead;      /* that go before it among those who wait for the same */
    uint32_t eligible, signed_in;
    uint32_t offers;
    enum next next; /* 0: nothing is planned */
    int64_t next_ms;
    struct span route;       /* what it requires; holds until the next step */
    uint32_t findings_count; /* written; beyond `findings_max` they are left out */
    uint32_t findings_left_out;
};

/* Of the eligible agents, longest idle first, or of `agent` alone. False: no such conversation in memory. */
bool engine_explain(const struct engine *engine, conversation_id conversation, name_id agent, struct explanation *out,
                    struct finding *findings, uint32_t findings_max);

/* One that waits. */
struct peeked {
    conversation_id conversation;
    int64_t arrival_ms, key_ms;
    enum priority priority;
    uint8_t lane, step; /* step from 1; 0: no plan */
    uint32_t offers;
    name_id account;
    struct span address;  /* holds until the next step */
    enum cause cause;     /* of the move that brought it there; 0: it began there */
    uint32_t moved_after; /* offers made until that move, at most 255 */
};

/* The first of those who wait in the queue, or may be claimed from it after a step of their plan that added another; first in order first.
 * How many were written. */
uint32_t engine_peek(const struct engine *engine, name_id queue, struct peeked *out, uint32_t max);

#endif
