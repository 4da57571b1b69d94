#include "store/store_tail.h"

#include <stdlib.h>

#include "base/check.h"

enum { CAPACITY_MIN = 64 };

static struct store_batch *at(const struct tail *tail, uint32_t index)
{
    return tail->batches[(tail->first + index) % tail->capacity];
}

void tail_fini(struct tail *tail)
{
    for (uint32_t i = 0; i < tail->count; i++)
        batch_free(at(tail, i));
    free(tail->batches);
}

static void tail_grow(struct tail *tail)
{
    struct tail grown = {.last = tail->last, .count = tail->count, .capacity = tail->capacity ? 2 * tail->capacity : CAPACITY_MIN};
    grown.batches = must_alloc(grown.capacity * sizeof *grown.batches);
    for (uint32_t i = 0; i < tail->count; i++)
        grown.batches[i] = at(tail, i);
    free(tail->batches);
    *tail = grown;
}

void tail_push(struct tail *tail, struct store_batch *batch)
{
    if (tail->count == tail->capacity)
        tail_grow(tail);
    tail->batches[(tail->first + tail->count++) % tail->capacity] = batch;
}

struct store_batch *tail_pop(struct tail *tail, uint64_t settled)
{
    if (tail->count == 0 || at(tail, 0)->number > settled)
        return NULL;
    struct store_batch *batch = at(tail, 0);
    tail->last = NULL;
    tail->first = (tail->first + 1) % tail->capacity;
    tail->count--;
    return batch;
}

/* The first batch that ends at the record or after it is the one that has it. */
static struct store_batch *tail_find(const struct tail *tail, uint64_t lsn)
{
    uint32_t low = 0, high = tail->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (at(tail, middle)->last_lsn < lsn)
            low = middle + 1;
        else
            high = middle;
    }
    return low < tail->count ? at(tail, low) : NULL;
}

/* Records are mostly asked for in order, so the next one is often where the last one was. */
enum status tail_record(struct tail *tail, uint64_t lsn, struct span *record)
{
    if (tail->last && batch_record(tail->last, lsn, record) == STATUS_ok)
        return STATUS_ok;
    tail->last = tail_find(tail, lsn);
    return tail->last ? batch_record(tail->last, lsn, record) : STATUS_not_found;
}
