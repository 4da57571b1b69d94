/* What the report counts: fed whole conversations, one after the other. Knows nothing of brokers or printing.
 *
 * wait: from when a conversation starts to wait for an agent (first queued, or handed over, or returned to its queue) to its assignment.
 * first response: from the customer's first message to the first reply, by humans and by bots apart.
 * hand-over: one `transferred` record. */
#ifndef RELEVO_BENCH_TALLY_H
#define RELEVO_BENCH_TALLY_H

#include "bench/histogram.h"
#include "proto/message.h"

/* One line of a table of counts, by two names; which counts mean something depends on the table. */
struct tally_line {
    char first[WIRE_NAME_MAX + 1], second[2 * WIRE_NAME_MAX + 16];
    uint64_t conversations, messages_in, messages_out;
};

/* A set of lines, ordered by their names. */
struct tally_lines {
    void *root;
};

struct tally {
    uint64_t conversations, finished, messages_in, messages_out, notes, requeues, reopened, hand_overs;
    uint64_t handed_over; /* the first conversation with a hand-over that a second agent took up; 0: none */
    struct histogram wait_ms, human_response_ms, bot_response_ms;
    struct tally_lines served;    /* agent, queue: assignments in `conversations`, replies in `messages_out` */
    struct tally_lines accounts;  /* account: conversations, messages both ways */
    struct tally_lines transfers; /* from agent, to: hand-overs in `conversations` */
};

/* True when that agent is a bot. */
typedef bool tally_is_bot(const void *context, struct span agent);

/* Counts one conversation; `page` holds its whole history, oldest first. */
void tally_conversation(struct tally *tally, const struct wire_page *page, tally_is_bot *is_bot, const void *context);

/* Visits the lines in the order of their names. */
void tally_each(const struct tally_lines *lines, void (*visit)(void *context, const struct tally_line *line), void *context);

void tally_fini(struct tally *tally);

#endif
