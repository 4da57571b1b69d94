/* The made-up house that a load bench fills: connectors, agents and queues under counted names, and the configuration that a broker needs
 * for them. Every agent serves every queue; every queue has a topic that leads to it. */
#ifndef RELEVO_BENCH_HOUSE_H
#define RELEVO_BENCH_HOUSE_H

#include <stdbool.h>
#include <stdio.h>

#include "proto/message.h"

#define HOUSE_OPERATOR "bench"
#define HOUSE_AGENTS "bench-agent-"

struct house {
    uint64_t connectors, agents, queues;
    uint64_t room;         /* conversations that one agent has at once; 0: as many as come */
    uint64_t strangers;    /* beside them: each an account, an agent and a queue of its own, of kind "stranger" */
    uint64_t heartbeat_ms; /* 0: the broker's default */
    bool offers;           /* work is offered and accepted, not given */
    const char *token_hash;
};

/* Names in it, counted from 0: kind is connector, agent, queue, topic or stranger. */
void house_name(char out[WIRE_NAME_MAX], const char *kind, uint64_t index);

void house_write(FILE *out, const struct house *house);

#endif
