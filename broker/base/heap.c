#include "base/heap.h"

#include <stdlib.h>

#include "base/check.h"

static bool comes_before(const struct heap_node *a, const struct heap_node *b)
{
    return a->key < b->key || (a->key == b->key && a->tie < b->tie);
}

/* Positions are 1-based, so the parent of p is p / 2 and its children are 2p and 2p + 1. */
static struct heap_node *node_at(const struct heap *heap, uint32_t position)
{
    return heap->nodes[position - 1];
}

static void place(struct heap *heap, struct heap_node *node, uint32_t position)
{
    heap->nodes[position - 1] = node;
    node->position = position;
}

/* Fills the hole at `position` with `node`, moving later ancestors down into it. */
static void sift_up(struct heap *heap, struct heap_node *node, uint32_t position)
{
    while (position > 1 && comes_before(node, node_at(heap, position / 2))) {
        place(heap, node_at(heap, position / 2), position);
        position /= 2;
    }
    place(heap, node, position);
}

/* Fills the hole at `position` with `node`, moving earlier descendants up into it. */
static void sift_down(struct heap *heap, struct heap_node *node, uint32_t position)
{
    while (position <= heap->count / 2) {
        uint32_t child = 2 * position;
        if (child < heap->count && comes_before(node_at(heap, child + 1), node_at(heap, child)))
            child++;
        if (!comes_before(node_at(heap, child), node))
            break;
        place(heap, node_at(heap, child), position);
        position = child;
    }
    place(heap, node, position);
}

void heap_insert(struct heap *heap, struct heap_node *node)
{
    ASSERT(node->position == 0);
    heap->nodes = must_make_room(heap->nodes, heap->count, &heap->capacity, sizeof(struct heap_node *));
    heap->count++;
    sift_up(heap, node, heap->count);
}

void heap_remove(struct heap *heap, struct heap_node *node)
{
    uint32_t hole = node->position;
    ASSERT(hole >= 1 && hole <= heap->count && node_at(heap, hole) == node);
    struct heap_node *last = node_at(heap, heap->count);
    heap->count--;
    node->position = 0;
    if (last == node)
        return;
    /* The last node may belong on either side of the hole: they need not be in the same branch. */
    if (hole > 1 && comes_before(last, node_at(heap, hole / 2)))
        sift_up(heap, last, hole);
    else
        sift_down(heap, last, hole);
}

void heap_fini(struct heap *heap)
{
    free(heap->nodes);
    *heap = (struct heap){0};
}
