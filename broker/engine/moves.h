/* The moves of a conversation, one function per record kind that makes one: what the record changes in its state. Its caller takes it
 * out of its place before, and puts it into the new one after. */
#ifndef RELEVO_MOVES_H
#define RELEVO_MOVES_H

#include "engine/state.h"

/* The record is of a kind that moves; whether it may was decided before it was made. */
void move_conversation(struct engine *engine, struct conversation *conversation, const struct record *record);

#endif
