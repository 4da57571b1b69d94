/* Memory that is freed all at once: what decoding one frame needs. Kept and cleared between frames, so a frame costs no malloc
 * once the arena has grown to its usual size. */
#ifndef RELEVO_ARENA_H
#define RELEVO_ARENA_H

#include <stddef.h>

struct arena {
    struct arena_chunk *chunks; /* newest first */
};

/* Zeroed memory, aligned for any type, until arena_clear or arena_fini. Never NULL: running out of memory ends the process. */
void *arena_take(struct arena *arena, size_t size);

/* Takes everything back and keeps the largest chunk for the next use, unless it is of an unusual size. */
void arena_clear(struct arena *arena);

/* How much memory it holds. */
size_t arena_bytes(const struct arena *arena);

void arena_fini(struct arena *arena);

#endif
