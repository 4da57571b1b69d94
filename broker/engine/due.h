/* What happens to a conversation by itself: one timer, set no later than the first of everything that is due. */
#ifndef RELEVO_DUE_H
#define RELEVO_DUE_H

#include "engine/state.h"

/* What comes next, and when. */
struct due {
    int64_t at_ms;  /* INT64_MAX: nothing */
    enum next next; /* 0: nothing */
    enum deadline deadline;
};

struct due due_next(const struct engine *engine, const struct conversation *conversation);
/* Sets the timer; one that is set earlier is left alone, and finds out when it fires. */
void due_arm(struct engine *engine, struct conversation *conversation);

/* The same after a message, which changes what is due only where its queue or its channel limit the time for an answer. */
void due_arm_after_message(struct engine *engine, struct conversation *conversation);

/* The timer fired: decides everything that is due, and sets it again. */
void decide_due(struct engine *engine, struct conversation *conversation);

#endif
