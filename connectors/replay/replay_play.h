/* One dialogue being played by its customer: what may be said next, what is expected to be heard, and when it is complete. Pure: no clock,
 * no client.
 *
 * One message is on its way at a time, so the order of the turns holds whatever the broker answers. In a closed loop a turn also waits for
 * every recorded answer before it. Hand-overs are nothing the customer notices. */
#ifndef RELEVO_REPLAY_PLAY_H
#define RELEVO_REPLAY_PLAY_H

#include "connectors/common/dialogue.h"

struct part {
    const struct dialogue *dialogue;
    uint32_t say;       /* the customer's next turn; turns_count when there is none */
    uint32_t hear;      /* the next turn with an answer; turns_count when there is none */
    uint64_t heard_lsn; /* of the newest reply */
    bool saying;        /* turn `say` was handed to the broker and not answered yet */
};

enum part_heard {
    PART_expected,   /* the answer that was recorded, or any where none was */
    PART_different,  /* `turn` has another text */
    PART_unexpected, /* no answer was left to come */
};

void part_begin(struct part *part, const struct dialogue *dialogue);

/* Whether turn `say` may be said now, as far as the dialogue goes. */
bool part_may_say(const struct part *part, bool closed);

/* The broker has turn `say`. */
void part_said(struct part *part);

/* A reply came. `turn` is the turn it stands for. */
enum part_heard part_hear(struct part *part, struct span text, uint32_t *turn);

/* Every message acknowledged, every answer received. */
bool part_is_complete(const struct part *part);

#endif
