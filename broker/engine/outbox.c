#include "engine/outbox.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/warm.h"
#include "engine/emit.h"

lsn_t outbox_at(const struct outbox *outbox, uint32_t i)
{
    ASSERT(i < outbox->count);
    return outbox->lsns[(outbox->first + i) & (outbox->capacity - 1)];
}

static void outbox_grow(struct outbox *outbox)
{
    uint32_t capacity = outbox->capacity ? outbox->capacity * 2 : 16;
    lsn_t *lsns = must_alloc(capacity * sizeof *lsns);
    for (uint32_t i = 0; i < outbox->count; i++)
        lsns[i] = outbox_at(outbox, i);
    free(outbox->lsns);
    outbox->lsns = lsns;
    outbox->capacity = capacity;
    outbox->first = 0;
}

static void outbox_append(struct outbox *outbox, lsn_t lsn)
{
    if (outbox->count == outbox->capacity)
        outbox_grow(outbox);
    outbox->lsns[(outbox->first + outbox->count++) & (outbox->capacity - 1)] = lsn;
}

void outbox_warm(const struct outbox *outbox)
{
    if (outbox->capacity)
        warm(&outbox->lsns[(outbox->first + outbox->count) & (outbox->capacity - 1)], sizeof *outbox->lsns);
}

bool outbox_push(struct engine *engine, struct principal *principal, lsn_t lsn)
{
    if (lsn <= principal->row.lsn || lsn <= principal->row.acknowledged)
        return false;
    outbox_append(&principal->outbox, lsn);
    principal->row.lsn = lsn;
    mark_dirty(engine, &principal->entity, lsn);
    return true;
}

void outbox_load(struct principal *principal, lsn_t lsn)
{
    outbox_append(&principal->outbox, lsn);
}

/* An entry that the pending table holds is deleted there with the next row. */
static void outbox_note_stale(struct outbox *outbox, lsn_t lsn)
{
    if (lsn > outbox->saved)
        return;
    outbox->stale = must_make_room(outbox->stale, outbox->stale_count, &outbox->stale_capacity, sizeof *outbox->stale);
    outbox->stale[outbox->stale_count++] = lsn;
}

bool outbox_full(const struct outbox *outbox)
{
    return outbox->count >= LIMIT_OUTBOX_ENTRIES;
}

bool outbox_acknowledge(struct engine *engine, struct principal *principal, lsn_t lsn, lsn_t by_lsn)
{
    struct outbox *outbox = &principal->outbox;
    bool was_full = outbox_full(outbox);
    if (lsn <= principal->row.acknowledged)
        return false;
    while (outbox->count && outbox_at(outbox, 0) <= lsn) {
        outbox_note_stale(outbox, outbox_at(outbox, 0));
        outbox->first = (outbox->first + 1) & (outbox->capacity - 1);
        outbox->count--;
    }
    principal->row.acknowledged = lsn;
    mark_dirty(engine, &principal->entity, by_lsn);
    return was_full;
}

uint32_t outbox_count_upto(const struct outbox *outbox, lsn_t lsn)
{
    uint32_t low = 0, high = outbox->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (outbox_at(outbox, middle) <= lsn)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void outbox_fini(struct outbox *outbox)
{
    free(outbox->lsns);
    free(outbox->stale);
}
