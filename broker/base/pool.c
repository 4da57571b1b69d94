#include "base/pool.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/warm.h"

enum { CHUNK_BYTES = 64 << 10 };

struct pool_chunk {
    struct pool_chunk *next;
    alignas(void *) alignas(uint64_t) unsigned char items[];
};

void pool_init(struct pool *pool, size_t item_size)
{
    size_t align = alignof(uint64_t) > alignof(void *) ? alignof(uint64_t) : alignof(void *);
    ASSERT(item_size > 0);
    *pool = (struct pool){.item_size = (item_size + align - 1) / align * align};
}

static void add_chunk(struct pool *pool)
{
    size_t room = CHUNK_BYTES - sizeof(struct pool_chunk) - WARM_LINE;
    size_t size = (pool->item_size < room ? room / pool->item_size : 1) * pool->item_size;
    struct pool_chunk *chunk = must_alloc(sizeof *chunk + WARM_LINE + size);
    chunk->next = pool->chunks;
    pool->chunks = chunk;
    pool->fresh = chunk->items + (-(uintptr_t)chunk->items & (WARM_LINE - 1));
    pool->fresh_end = pool->fresh + size;
}

static void *take_fresh(struct pool *pool)
{
    if (pool->fresh == pool->fresh_end)
        add_chunk(pool);
    void *item = pool->fresh;
    pool->fresh += pool->item_size;
    return item;
}

void pool_warm(const struct pool *pool, uint32_t each)
{
    enum { ADDRESSES_AHEAD = 16 };
    uint32_t after = 3 * each; /* this one takes the last of them, and the next those before */
    for (uint32_t i = 0; i < each && pool->given_count >= after; i++)
        warm(pool->given[pool->given_count - after + i], pool->item_size);
    if (pool->given_count >= ADDRESSES_AHEAD)
        warm(&pool->given[pool->given_count - ADDRESSES_AHEAD], sizeof *pool->given);
}

void *pool_take(struct pool *pool)
{
    void *item = pool->given_count ? pool->given[--pool->given_count] : take_fresh(pool);
    pool->count++;
    return memset(item, 0, pool->item_size);
}

void pool_give(struct pool *pool, void *item)
{
    ASSERT(item && pool->count > 0);
    pool->count--;
    pool->given = must_make_room(pool->given, pool->given_count, &pool->given_capacity, sizeof *pool->given);
    pool->given[pool->given_count++] = item;
}

void pool_fini(struct pool *pool)
{
    while (pool->chunks) {
        struct pool_chunk *chunk = pool->chunks;
        pool->chunks = chunk->next;
        free(chunk);
    }
    free(pool->given);
    *pool = (struct pool){0};
}
