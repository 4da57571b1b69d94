#include "store/store_batch.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/little.h"

enum {
    HEAD_BYTES = 16,
    SIZE_BYTES = 4,
    CHANGE_BYTES = 8,
};

struct store_batch *batch_create(void)
{
    return must_zalloc(1, sizeof(struct store_batch));
}

void batch_clear(struct store_batch *batch, uint64_t last_lsn)
{
    batch->number = 0;
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
    buffer_fini(&batch->frame);
    free(batch->record_ends);
    free(batch->changes);
    free(batch);
}

struct buffer *store_records(struct store_batch *batch)
{
    return &batch->records;
}

void store_append(struct store_batch *batch, uint64_t lsn, struct span record)
{
    buffer_append(&batch->records, record.data, record.size);
    store_end_record(batch, lsn);
}

void store_end_record(struct store_batch *batch, uint64_t lsn)
{
    ASSERT(lsn == batch->last_lsn + 1);
    batch->last_lsn = lsn;
    batch->record_ends = must_make_room(batch->record_ends, batch->record_count, &batch->record_capacity, sizeof *batch->record_ends);
    batch->record_ends[batch->record_count++] = (uint32_t)batch->records.size;
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

static uint32_t record_begin(const struct store_batch *batch, uint32_t index)
{
    return index ? batch->record_ends[index - 1] : 0;
}

enum status batch_record(const struct store_batch *batch, uint64_t lsn, struct span *record)
{
    uint64_t before = batch->last_lsn - batch->record_count;
    if (lsn <= before || lsn > batch->last_lsn)
        return STATUS_not_found;
    uint32_t index = (uint32_t)(lsn - before - 1), begin = record_begin(batch, index);
    *record = (struct span){batch->records.data + begin, batch->record_ends[index] - begin};
    return STATUS_ok;
}

static void frame_put_front(struct buffer *frame, const struct store_batch *batch)
{
    size_t size = HEAD_BYTES + (size_t)batch->record_count * SIZE_BYTES;
    char *to = buffer_reserve(frame, size);
    to = little_put(to, batch->record_count, 4);
    to = little_put(to, batch->change_count, 4);
    to = little_put(to, batch->last_lsn, 8);
    for (uint32_t i = 0; i < batch->record_count; i++)
        to = little_put(to, batch->record_ends[i] - record_begin(batch, i), SIZE_BYTES);
    frame->size += size;
}

static void frame_put_change(struct buffer *frame, const struct store_batch *batch, const struct batch_change *change)
{
    size_t size = (size_t)change->key_size + change->value_size;
    char *to = buffer_reserve(frame, CHANGE_BYTES + size);
    to = little_put(to, change->table, 1);
    to = little_put(to, change->gone, 1);
    to = little_put(to, change->key_size, 2);
    to = little_put(to, change->value_size, 4);
    memcpy(to, batch->bytes.data + change->offset, size);
    frame->size += CHANGE_BYTES + size;
}

void batch_encode(struct store_batch *batch, struct span pieces[BATCH_PIECES])
{
    struct buffer *frame = &batch->frame;
    buffer_clear(frame);
    frame_put_front(frame, batch);
    uint32_t front = (uint32_t)frame->size;
    for (uint32_t i = 0; i < batch->change_count; i++)
        frame_put_change(frame, batch, &batch->changes[i]);
    pieces[0] = (struct span){frame->data, front};
    pieces[1] = buffer_span(&batch->records);
    pieces[2] = (struct span){frame->data + front, (uint32_t)frame->size - front};
}

/* The first `size` bytes, which it takes away. False: there are not so many. */
static bool take(struct span *bytes, uint64_t size, struct span *out)
{
    if (size > bytes->size)
        return false;
    *out = (struct span){bytes->data, (uint32_t)size};
    *bytes = (struct span){bytes->data + size, bytes->size - (uint32_t)size};
    return true;
}

static bool decode_records(struct store_batch *batch, uint32_t count, struct span *bytes)
{
    struct span sizes, record;
    if (!take(bytes, (uint64_t)count * SIZE_BYTES, &sizes))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!take(bytes, little_get(sizes.data + (size_t)i * SIZE_BYTES, SIZE_BYTES), &record))
            return false;
        store_append(batch, batch->last_lsn + 1, record);
    }
    return true;
}

static bool decode_changes(struct store_batch *batch, uint32_t count, struct span *bytes)
{
    for (uint32_t i = 0; i < count; i++) {
        struct span head, key, value;
        if (!take(bytes, CHANGE_BYTES, &head))
            return false;
        uint64_t table = little_get(head.data, 1), gone = little_get(head.data + 1, 1);
        if (!take(bytes, little_get(head.data + 2, 2), &key) || !take(bytes, little_get(head.data + 4, 4), &value) ||
            table >= STORE_TABLES || gone > 1 || key.size < 1 || key.size > STORE_KEY_MAX || batch->change_count == STORE_CHANGES_MAX)
            return false;
        if (gone)
            store_delete(batch, (enum store_table)table, key);
        else
            store_put(batch, (enum store_table)table, key, value);
    }
    return true;
}

bool batch_decode(struct store_batch *batch, uint64_t after_lsn, struct span bytes)
{
    struct span head;
    batch_clear(batch, after_lsn);
    return take(&bytes, HEAD_BYTES, &head) && decode_records(batch, (uint32_t)little_get(head.data, 4), &bytes) &&
           decode_changes(batch, (uint32_t)little_get(head.data + 4, 4), &bytes) && bytes.size == 0 &&
           batch->last_lsn == little_get(head.data + 8, 8);
}

void batch_add_changes(struct store_batch *batch, const struct store_batch *other)
{
    for (uint32_t i = 0; i < other->change_count; i++) {
        const struct batch_change *change = &other->changes[i];
        if (change->gone)
            store_delete(batch, change->table, batch_key(other, change));
        else
            store_put(batch, change->table, batch_key(other, change), batch_value(other, change));
    }
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

void batch_sort_changes(struct store_batch *batch)
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
