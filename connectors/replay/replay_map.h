/* A turn of a recorded customer as a change of the protocol. Pure. */
#ifndef RELEVO_REPLAY_MAP_H
#define RELEVO_REPLAY_MAP_H

#include "connectors/common/dialogue.h"

/* The message that plays a customer's turn. Borrows the dialogue. */
struct wire_change replay_message(const struct dialogue *dialogue, uint32_t turn);

#endif
