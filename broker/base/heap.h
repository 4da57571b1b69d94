/* A binary min-heap of embedded nodes ordered by (key, tie); ties must be unique, so the order is total and the same everywhere.
 * A node knows its position, so any node can be removed in O(log n). Owns only its array of pointers. */
#ifndef RELEVO_HEAP_H
#define RELEVO_HEAP_H

#include <stdbool.h>
#include <stdint.h>

struct heap_node {
    int64_t key;
    uint64_t tie;
    uint32_t position; /* 1-based; 0: in no heap */
};

struct heap {
    struct heap_node **nodes;
    uint32_t count, capacity;
};

void heap_insert(struct heap *heap, struct heap_node *node);
void heap_remove(struct heap *heap, struct heap_node *node);

/* The least node; NULL when empty. */
static inline struct heap_node *heap_first(const struct heap *heap)
{
    return heap->count ? heap->nodes[0] : 0;
}

void heap_fini(struct heap *heap);

#endif
