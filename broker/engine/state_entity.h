/* What every durable entity has: its place among what a checkpoint has to write. */
#ifndef RELEVO_STATE_ENTITY_H
#define RELEVO_STATE_ENTITY_H

#include "engine/row.h"

/* What a checkpoint writes. Entities wait in engine->dirty in the order of their first unsaved change; names wait apart and go first,
 * because a row must not speak of a name that a restart would not find. */
struct entity {
    struct entity *next;
    uint64_t since : 56; /* first change that no durable row holds; 0: clean. lsns are counters and stay far below 2^56 */
    uint64_t kind : 8;   /* enum row_kind */
};

struct dirty {
    struct entity *first, *last;
    uint64_t count;
};

#endif
