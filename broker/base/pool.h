/* Fixed-size items in chunks: no malloc per item, no fragmentation. Items are zeroed when taken, and aligned as pointers and 64-bit numbers
 * are. Those given back are taken again first, the last of them first; their addresses are kept apart, so that the next can be fetched
 * without a look at one before it. */
#ifndef RELEVO_POOL_H
#define RELEVO_POOL_H

#include <stddef.h>
#include <stdint.h>

struct pool {
    size_t item_size; /* bytes */
    size_t count;     /* taken */
    void **given;     /* back */
    uint32_t given_count, given_capacity;
    struct pool_chunk *chunks; /* the newest, which has items that nobody ever took from `fresh` up to `fresh_end` */
    unsigned char *fresh, *fresh_end;
};

void pool_init(struct pool *pool, size_t item_size);

/* Begins to fetch what was given back and will be taken by the step after the next, of steps that take `each`. */
void pool_warm(const struct pool *pool, uint32_t each);

void *pool_take(struct pool *pool);

void pool_give(struct pool *pool, void *item);

/* Frees every item, taken or not. */
void pool_fini(struct pool *pool);

#endif
