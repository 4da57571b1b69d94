/* A conversation that an automatic agent owns: where it is in its dialogue, and what the agent does next. One change is on its way at a
 * time, so the order of the turns holds whatever the broker answers. */
#ifndef RELEVO_AUTO_HOLDING_H
#define RELEVO_AUTO_HOLDING_H

#include "connectors/common/autoplay.h"
#include "connectors/terminal/auto_agent.h"

struct holding {
    struct agent *agent;
    uint64_t conversation;
    uint64_t epoch;                  /* 0: not known yet, because this process never saw the assignment */
    const struct dialogue *dialogue; /* NULL: nobody recorded this one */
    struct place place;
    uint64_t before;          /* older records may still matter: to be asked for before this lsn */
    struct buffer unanswered; /* without a dialogue: the lsns of its messages, oldest first */
    uint64_t answered;        /* and the newest one that has its answer */
    bool busy;                /* a change is on its way, or the timer runs */
    uv_timer_t timer;
    struct holding *next; /* among the unused */
};

/* The conversation with that id; NULL when this agent does not hold it. */
struct holding *holding_find(const struct agent *agent, uint64_t conversation);

/* The agent was given the conversation: `assigned`. */
void holding_begin(struct agent *agent, const struct wire_record *assigned);

/* A message came in a conversation this process does not know: the agent may hold it since before the process began. */
void holding_adopt(struct agent *agent, uint64_t conversation);

void holding_end(struct holding *holding);

/* The customer wrote. */
void holding_hear(struct holding *holding, const struct wire_record *message);

/* The broker answered a turn, answer or finish. */
void holding_settle(struct holding *holding, const struct errand *errand, const struct wire_result *result);

#endif
