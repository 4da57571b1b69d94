/* Agents that answer by themselves from recorded dialogues: several in one process, each with its own session. Each accepts every offer at
 * once, plays the turns of whoever is not the customer, and finishes the conversation with the dialogue. A conversation with an address
 * that no dialogue has gets a ready-made answer to each message and is not finished.
 *
 * Nothing is remembered but what the deliveries say: a conversation is held from `assigned` until it goes away, or until the broker answers
 * that somebody else has it. */
#ifndef RELEVO_AUTO_H
#define RELEVO_AUTO_H

#include "connectors/common/dialogue.h"
#include "connectors/common/options.h"

struct auto_options {
    const char *url;
    const struct option_texts *agents, *tokens; /* as many of each */
    uint64_t pace_ms;                           /* before each reply */
    uint64_t idle_ms;                           /* stop when nothing happened for so long; 0: never */
};

/* Until a signal, or until idle. Returns the exit code. */
int auto_run(const char *program, const struct auto_options *options, const struct dialogues *dialogues);

#endif
