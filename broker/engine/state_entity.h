/* What every durable entity has: its place among what a checkpoint has to write. */
#ifndef RELEVO_STATE_ENTITY_H
#define RELEVO_STATE_ENTITY_H

#include "engine/row.h"

/* What a checkpoint writes. Entities wait in engine->dirty in the order of their first unsaved change; names wait apart and go first,
 * because a row must not speak of a name that a restart would not find. A row may be written ahead of its turn, with those it shares a page
 * with; then the entity stays in its place, and its turn passes unless something has changed again. */
struct entity {
    struct entity *next;
    uint64_t since : 55; /* first change that no durable row holds, or one before it; 0: it does not wait. lsns stay far below 2^55 */
    uint64_t ahead : 1;  /* it waits, but its row is written, and nothing has changed since */
    uint64_t kind : 8;   /* enum row_kind */
};

struct dirty {
    struct entity *first, *last;
    uint64_t count;
};

#endif
