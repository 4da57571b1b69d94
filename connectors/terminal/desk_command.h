/* What a person types at the agent's terminal, understood. Pure. */
#ifndef RELEVO_DESK_COMMAND_H
#define RELEVO_DESK_COMMAND_H

#include "proto/span.h"

enum desk_verb {
    DESK_nothing,
    DESK_wrong,
    DESK_reply,
    DESK_note,
    DESK_accept,
    DESK_decline,
    DESK_transfer,
    DESK_finish,
    DESK_away,
    DESK_available,
    DESK_open,
    DESK_list,
    DESK_history,
    DESK_help,
    DESK_quit,
};

struct desk_command {
    enum desk_verb verb;
    struct span text;         /* reply, note, reason of away, note of a transfer */
    struct span queue, agent; /* transfer: one of them */
    uint64_t conversation;    /* accept, decline, open; 0: none was named */
    const char *problem;      /* wrong: what was expected */
};

/* Borrows the line. A line that does not begin with "/" is a reply. */
struct desk_command desk_command_of(struct span line);

/* The page of /help. */
const char *desk_command_help(void);

#endif
