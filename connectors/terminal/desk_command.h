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
    DESK_escalate,
    DESK_nack,
    DESK_claim,
    DESK_consult,
    DESK_lend,
    DESK_recall,
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
    struct span text;         /* reply, note, reason of away, note of a transfer, an escalation or a consultation, purpose of a loan */
    struct span queue, agent; /* transfer, consult: one of them; lend: the bot */
    bool warm;                /* transfer: keep it until somebody accepts */
    uint64_t conversation;    /* accept, decline, open, claim; 0: none was named */
    uint64_t seconds;         /* nack: not offered before, 0: at once; lend: for so long */
    const char *problem;      /* wrong: what was expected */
};

/* Borrows the line. A line that does not begin with "/" is a reply. */
struct desk_command desk_command_of(struct span line);

/* The page of /help. */
const char *desk_command_help(void);

#endif
