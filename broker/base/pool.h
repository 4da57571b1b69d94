/* Fixed-size items in chunks with a free list: no malloc per item, no fragmentation. Items are zeroed when taken, and aligned as pointers
 * and 64-bit numbers are. */
#ifndef RELEVO_POOL_H
#define RELEVO_POOL_H

#include <stddef.h>

struct pool {
    size_t item_size; /* bytes */
    size_t count;     /* taken */
    void *free_items;
    struct pool_chunk *chunks;
};

void pool_init(struct pool *pool, size_t item_size);

void *pool_take(struct pool *pool);

void pool_give(struct pool *pool, void *item);

/* Frees every item, taken or not. */
void pool_fini(struct pool *pool);

#endif
