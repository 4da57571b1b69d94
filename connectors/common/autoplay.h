/* Where an automatic agent is in a recorded dialogue, and what it does next. Pure.
 *
 * The place is found from the records of the conversation alone, so whoever is handed a conversation goes on where the one before stopped.
 * Records are recognised by the keys of the turns they played; what anybody else wrote in between does not move the place. Only the newest
 * turn of each side counts, so the newest records are enough and seeing one twice does no harm. */
#ifndef RELEVO_AUTOPLAY_H
#define RELEVO_AUTOPLAY_H

#include "connectors/common/dialogue.h"

struct place {       /* all zero is the beginning */
    uint32_t heard;  /* turn after the last one of the customer that came */
    uint32_t played; /* turn after the last one of an agent or bot that was played */
};

enum autoplay_step {
    AUTOPLAY_listen, /* it is the customer's turn */
    AUTOPLAY_play,   /* play the turn given */
    AUTOPLAY_finish, /* all turns are over */
};

/* Moves the place over one record of the conversation. */
void autoplay_see(struct place *place, const struct dialogue *dialogue, const struct wire_record *record);

/* `turn` is set for AUTOPLAY_play. */
enum autoplay_step autoplay_next(struct place place, const struct dialogue *dialogue, uint32_t *turn);

/* The reply or transfer that plays a turn of an agent or bot. A turn that was not recorded is played with a ready-made text. */
struct wire_change autoplay_change(const struct dialogue *dialogue, uint32_t turn, uint64_t conversation, uint64_t epoch);

/* The text for whatever nobody wrote an answer for. */
struct span autoplay_ready_made(void);

#endif
