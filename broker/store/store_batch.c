#include "store/store_batch.h"

#include <stdlib.h>

#include "base/check.h"

struct store_batch *batch_create(void)
{
    return must_zalloc(1, sizeof(struct store_batch));
}

void batch_clear(struct store_batch *batch, uint64_t last_lsn)
{
    batch->last_lsn = last_lsn;
    batch->record_count = 0;
    batch->change_count = 0;
    batch->next = NULL;
    buffer_clear(&batch->records);
    buffer_clear(&batch->bytes);
}

void batch_free(struct store_batch *batch)
{
    buffer_fini(&batch->records);
    buffer_fini(&batch->bytes);
    free(batch->record_sizes);
    free(batch->changes);
    free(batch);
}

void store_append(struct store_batch *batch, uint64_t lsn, struct span record)
{
    ASSERT(lsn == batch->last_lsn + 1);
    batch->last_lsn = lsn;
    batch->record_sizes = must_make_room(batch->record_sizes, batch->record_count, &batch->record_capacity, sizeof *batch->record_sizes);
    batch->record_sizes[batch->record_count++] = record.size;
    buffer_append(&batch->records, record.data, record.size);
}

static struct batch_change *change_add(struct store_batch *batch, enum store_table table, struct span key)
{
    ASSERT(table < STORE_TABLES && key.size >= 1 && key.size <= STORE_KEY_MAX && batch->change_count < STORE_CHANGES_MAX);
    batch->changes = must_make_room(batch->changes, batch->change_count, &batch->change_capacity, sizeof *batch->changes);
    struct batch_change *change = &batch->changes[batch->change_count++];
    *change = (struct batch_change){.offset = batch->bytes.size, .key_size = key.size, .table = table};
    buffer_append(&batch->bytes, key.data, key.size);
    return change;
}

void store_put(struct store_batch *batch, enum store_table table, struct span key, struct span value)
{
    struct batch_change *change = change_add(batch, table, key);
    change->value_size = value.size;
    buffer_append(&batch->bytes, value.data, value.size);
}

void store_delete(struct store_batch *batch, enum store_table table, struct span key)
{
    change_add(batch, table, key)->gone = true;
}

uint64_t store_batch_bytes(const struct store_batch *batch)
{
    return batch->records.size + batch->bytes.size;
}

uint64_t store_batch_records(const struct store_batch *batch)
{
    return batch->record_count;
}

struct span batch_key(const struct store_batch *batch, const struct batch_change *change)
{
    return (struct span){batch->bytes.data + change->offset, change->key_size};
}

struct span batch_value(const struct store_batch *batch, const struct batch_change *change)
{
    return (struct span){batch->bytes.data + change->offset + change->key_size, change->value_size};
}

static int key_compare(const struct store_batch *batch, const struct batch_change *a, const struct batch_change *b)
{
    if (a->table != b->table)
        return a->table < b->table ? -1 : 1;
    uint32_t common = a->key_size < b->key_size ? a->key_size : b->key_size;
    int order = memcmp(batch_key(batch, a).data, batch_key(batch, b).data, common);
    return order ? order : (a->key_size > b->key_size) - (a->key_size < b->key_size);
}

/* Changes of one key stay in the order they were made. */
static int change_compare(const void *left, const void *right, void *batch)
{
    const struct batch_change *a = left, *b = right;
    int order = key_compare(batch, a, b);
    return order ? order : (a->offset > b->offset) - (a->offset < b->offset);
}

void batch_settle(struct store_batch *batch)
{
    if (batch->change_count < 2)
        return;
    qsort_r(batch->changes, batch->change_count, sizeof *batch->changes, change_compare, batch);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < batch->change_count; i++) {
        if (kept > 0 && key_compare(batch, &batch->changes[kept - 1], &batch->changes[i]) == 0)
            kept--;
        batch->changes[kept++] = batch->changes[i];
    }
    batch->change_count = kept;
}
