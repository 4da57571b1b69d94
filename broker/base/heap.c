#include "base/heap.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/warm.h"

static bool comes_before(const struct heap_slot *a, const struct heap_slot *b)
{
    return a->key < b->key || (a->key == b->key && a->node->tie < b->node->tie);
}

static void place(struct heap *heap, struct heap_slot slot, uint32_t at)
{
    heap->slots[at] = slot;
    slot.node->position = at + 1;
}

static uint32_t parent_of(uint32_t at)
{
    return (at - 1) / HEAP_ARITY;
}

/* Fills the hole at `at`, moving later ancestors down into it. */
static void sift_up(struct heap *heap, struct heap_slot slot, uint32_t at)
{
    while (at && comes_before(&slot, &heap->slots[parent_of(at)])) {
        place(heap, heap->slots[parent_of(at)], at);
        at = parent_of(at);
    }
    place(heap, slot, at);
}

/* The first of the children; `count` when there is none. */
static uint32_t first_child(const struct heap *heap, uint32_t at)
{
    uint32_t child = heap_children(at), end = child + HEAP_ARITY < heap->count ? child + HEAP_ARITY : heap->count, first = child;
    if (child >= heap->count)
        return heap->count;
    while (++child < end)
        if (comes_before(&heap->slots[child], &heap->slots[first]))
            first = child;
    return first;
}

/* Fills the hole at `at`, moving earlier descendants up into it. */
static void sift_down(struct heap *heap, struct heap_slot slot, uint32_t at)
{
    uint32_t child;
    while ((child = first_child(heap, at)) < heap->count && comes_before(&heap->slots[child], &slot)) {
        warm(&heap->slots[heap_children(child)], HEAP_ARITY * sizeof slot); /* what comes next, while the node is told */
        place(heap, heap->slots[child], at);
        at = child;
    }
    place(heap, slot, at);
}

void heap_insert(struct heap *heap, struct heap_node *node)
{
    ASSERT(node->position == 0);
    heap->slots = must_make_room(heap->slots, heap->count, &heap->capacity, sizeof *heap->slots);
    heap->count++;
    sift_up(heap, (struct heap_slot){node->key, node}, heap->count - 1);
}

void heap_remove(struct heap *heap, struct heap_node *node)
{
    uint32_t hole = node->position - 1;
    ASSERT(hole < heap->count && heap->slots[hole].node == node);
    struct heap_slot last = heap->slots[--heap->count];
    node->position = 0;
    if (last.node == node)
        return;
    /* The last node may belong on either side of the hole: they need not be in the same branch. */
    if (hole && comes_before(&last, &heap->slots[parent_of(hole)]))
        sift_up(heap, last, hole);
    else
        sift_down(heap, last, hole);
}

void heap_fini(struct heap *heap)
{
    free(heap->slots);
    *heap = (struct heap){0};
}
