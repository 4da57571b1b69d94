#include "proto/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/expect.h"

enum {
    ARENA_CHUNK_MIN = 4 << 10,
    ARENA_KEEP_MAX = 256 << 10, /* one giant frame must not stay as memory of every arena it ever met */
};

struct arena_chunk {
    struct arena_chunk *older;
    size_t size, used; /* bytes of data */
    _Alignas(max_align_t) char data[];
};

/* Each chunk is at least twice the one before, so the newest is the largest. */
static struct arena_chunk *arena_grow(struct arena *arena, size_t size)
{
    size_t chunk_size = arena->chunks ? arena->chunks->size * 2 : ARENA_CHUNK_MIN;
    if (chunk_size < size)
        chunk_size = size;
    struct arena_chunk *chunk = malloc(sizeof *chunk + chunk_size);
    if (!chunk)
        expect_failed(__FILE__, __LINE__, "out of memory");
    *chunk = (struct arena_chunk){arena->chunks, chunk_size, 0};
    arena->chunks = chunk;
    return chunk;
}

void *arena_take(struct arena *arena, size_t size)
{
    EXPECT(size <= SIZE_MAX / 4);
    size = (size + _Alignof(max_align_t) - 1) / _Alignof(max_align_t) * _Alignof(max_align_t);
    struct arena_chunk *chunk = arena->chunks;
    if (!chunk || chunk->size - chunk->used < size)
        chunk = arena_grow(arena, size);
    char *taken = chunk->data + chunk->used;
    chunk->used += size;
    return memset(taken, 0, size);
}

static void arena_free(struct arena_chunk *chunk)
{
    while (chunk) {
        struct arena_chunk *older = chunk->older;
        free(chunk);
        chunk = older;
    }
}

void arena_clear(struct arena *arena)
{
    struct arena_chunk *kept = arena->chunks;
    if (!kept)
        return;
    if (kept->size > ARENA_KEEP_MAX) {
        arena_fini(arena);
        return;
    }
    arena_free(kept->older);
    kept->older = NULL;
    kept->used = 0;
}

size_t arena_bytes(const struct arena *arena)
{
    size_t bytes = 0;
    for (const struct arena_chunk *chunk = arena->chunks; chunk; chunk = chunk->older)
        bytes += chunk->size;
    return bytes;
}

void arena_fini(struct arena *arena)
{
    arena_free(arena->chunks);
    arena->chunks = NULL;
}
