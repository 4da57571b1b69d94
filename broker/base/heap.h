/* A min-heap of embedded nodes ordered by (key, tie); ties must be unique, so the order is total and the same everywhere. Four children to
 * a node, and the keys beside the pointers: a large heap is walked in few steps that touch few cache lines (LaMarca and Ladner 1996). A
 * node knows its position, so any node can be removed in O(log n). Owns only its array. */
#ifndef RELEVO_HEAP_H
#define RELEVO_HEAP_H

#include <stdbool.h>
#include <stdint.h>

struct heap_node {
    int64_t key;
    uint64_t tie;
    uint32_t position; /* 1-based; 0: in no heap */
};

static inline bool heap_before(const struct heap_node *a, const struct heap_node *b)
{
    return a->key < b->key || (a->key == b->key && a->tie < b->tie);
}

struct heap {
    struct heap_slot {
        int64_t key; /* the node's */
        struct heap_node *node;
    } * slots;
    uint32_t count, capacity;
};

/* The children of the node at place i (from 0) are the HEAP_ARITY places from here on, as far as there are nodes. */
enum { HEAP_ARITY = 4 };
static inline uint32_t heap_children(uint32_t i)
{
    return HEAP_ARITY * i + 1;
}

void heap_insert(struct heap *heap, struct heap_node *node);
void heap_remove(struct heap *heap, struct heap_node *node);

/* The least node; NULL when empty. */
static inline struct heap_node *heap_first(const struct heap *heap)
{
    return heap->count ? heap->slots[0].node : 0;
}

void heap_fini(struct heap *heap);

#endif
