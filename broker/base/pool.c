#include "base/pool.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/warm.h"

enum { CHUNK_BYTES = 64 << 10 };

struct pool_chunk {
    struct pool_chunk *next;
    alignas(void *) alignas(uint64_t) unsigned char items[];
};

/* A free item holds the link to the next one. */
static void push_free(struct pool *pool, void *item)
{
    memcpy(item, &pool->free_items, sizeof pool->free_items);
    pool->free_items = item;
}

void pool_init(struct pool *pool, size_t item_size)
{
    size_t align = alignof(uint64_t) > alignof(void *) ? alignof(uint64_t) : alignof(void *);
    ASSERT(item_size > 0);
    *pool = (struct pool){.item_size = (item_size + align - 1) / align * align};
}

static void add_chunk(struct pool *pool)
{
    size_t room = CHUNK_BYTES - sizeof(struct pool_chunk);
    size_t items = pool->item_size < room ? room / pool->item_size : 1;
    struct pool_chunk *chunk = must_alloc(sizeof *chunk + items * pool->item_size);
    chunk->next = pool->chunks;
    pool->chunks = chunk;
    /* From the last to the first, so that items are taken in the order of their addresses. */
    for (size_t i = items; i-- > 0;)
        push_free(pool, chunk->items + i * pool->item_size);
}

void *pool_take(struct pool *pool)
{
    if (!pool->free_items)
        add_chunk(pool);
    void *item = pool->free_items;
    memcpy(&pool->free_items, item, sizeof pool->free_items);
    if (pool->free_items) /* the next one, which may have been given back long ago */
        warm(pool->free_items, pool->item_size);
    pool->count++;
    return memset(item, 0, pool->item_size);
}

void pool_give(struct pool *pool, void *item)
{
    ASSERT(item && pool->count > 0);
    pool->count--;
    push_free(pool, item);
}

void pool_fini(struct pool *pool)
{
    while (pool->chunks) {
        struct pool_chunk *chunk = pool->chunks;
        pool->chunks = chunk->next;
        free(chunk);
    }
    *pool = (struct pool){0};
}
