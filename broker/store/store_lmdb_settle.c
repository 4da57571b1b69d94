/* From the journal into LMDB: many batches in one transaction, behind the scenes. Nobody waits for it but a journal that is full, a store
 * that closes, and who asked with store_settle_soon. */
#include <time.h>

#include "base/check.h"
#include "base/little.h"
#include "store/field_codec.h"
#include "store/store_lmdb.h"

enum {
    SETTLE_MS = 100,          /* a batch waits so long for company */
    SETTLE_BYTES = 4 << 20,   /* or until so much is there */
    SETTLE_CHANGES = 1 << 15, /* changes that go together; a transaction must stay under 128 k dirty pages, and each may dirty two */
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* What LMDB reserves for a value. */
static MDB_val room_for(int place, struct span value)
{
    return (MDB_val){.mv_size = value.size + (lmdb_has_checksum(place) ? (size_t)CHECKSUM_BYTES : 0)};
}

/* Into that room, which stays the value's. */
static void room_fill(MDB_val room, int place, MDB_val key, struct span value)
{
    char *to = room.mv_data;
    if (lmdb_has_checksum(place))
        to = little_put(to, lmdb_checksum(place, key, value), CHECKSUM_BYTES);
    memcpy(to, value.data, value.size);
}

static int log_append(MDB_cursor *cursor, const struct store_batch *batch)
{
    int code = 0;
    for (uint64_t lsn = batch->last_lsn - batch->record_count + 1; lsn <= batch->last_lsn && code == 0; lsn++) {
        struct span record;
        enum status status = batch_record(batch, lsn, &record);
        ASSERT(status == STATUS_ok);
        MDB_val key = {sizeof lsn, &lsn}, room = room_for(PLACE_LOG, record);
        code = mdb_cursor_put(cursor, &key, &room, MDB_APPEND | MDB_RESERVE);
        if (code == 0)
            room_fill(room, PLACE_LOG, key, record);
    }
    return code;
}

static int change_apply(struct store *store, MDB_txn *txn, const struct store_batch *batch, const struct batch_change *change)
{
    MDB_dbi table = store->tables[change->table];
    MDB_val key = lmdb_value(batch_key(batch, change));
    if (change->gone) {
        int code = mdb_del(txn, table, &key, NULL);
        return code == MDB_NOTFOUND ? 0 : code;
    }
    struct span value = batch_value(batch, change);
    MDB_val room = room_for((int)change->table, value);
    int code = mdb_put(txn, table, &key, &room, MDB_RESERVE);
    if (code == 0)
        room_fill(room, (int)change->table, key, value);
    return code;
}

static int changes_apply(struct store *store, MDB_txn *txn, const struct store_batch *batch)
{
    int code = 0;
    for (uint32_t i = 0; i < batch->change_count && code == 0; i++)
        code = change_apply(store, txn, batch, &batch->changes[i]);
    return code;
}

/* The records of each; of the changes of all only the last of a key. */
static int batches_apply(struct store *store, MDB_txn *txn, const struct store_batch *first, struct store_batch **next)
{
    MDB_cursor *cursor;
    char number[8];
    uint64_t bytes = 0;
    int code = mdb_cursor_open(txn, store->log, &cursor);
    if (code)
        return code;
    struct store_batch *together = batch_create();
    const struct store_batch *batch = first, *last = first;
    while (code == 0 && batch &&
           (batch == first || (together->change_count + batch->change_count <= SETTLE_CHANGES && bytes < SETTLE_BYTES))) {
        code = log_append(cursor, batch);
        batch_add_changes(together, batch);
        bytes += store_batch_bytes(batch);
        last = batch;
        batch = batch->next;
    }
    mdb_cursor_close(cursor);
    *next = last->next;
    store_put(together, TABLE_meta, span_of(META_SETTLED), key_u64(last->number, number));
    batch_sort_changes(together);
    if (code == 0)
        code = changes_apply(store, txn, together);
    batch_free(together);
    return code;
}

/* An aborted transaction leaves the file as it was. */
int store_lmdb_settle(struct store *store, const struct store_batch *first, struct store_batch **next)
{
    MDB_txn *txn;
    int code = mdb_txn_begin(store->env, NULL, 0, &txn);
    if (code)
        return code;
    code = batches_apply(store, txn, first, next);
    if (code) {
        mdb_txn_abort(txn);
        return code;
    }
    return mdb_txn_commit(txn);
}

void store_lmdb_settle_add(struct store *store, struct store_batch *batch)
{
    pthread_mutex_lock(&store->mutex);
    bool first = !store->to_settle.first;
    if (first)
        store->settle_due_ms = now_ms() + SETTLE_MS;
    queue_append(&store->to_settle, batch);
    bool enough = store->to_settle_bytes < SETTLE_BYTES;
    store->to_settle_bytes += store_batch_bytes(batch);
    enough = enough && store->to_settle_bytes >= SETTLE_BYTES;
    /* Otherwise it wakes by itself, when the first has waited long enough. */
    if (first || enough || batch->number <= store->settle_upto)
        pthread_cond_signal(&store->settle);
    pthread_mutex_unlock(&store->mutex);
}

/* With the mutex held. */
static bool settle_due(const struct store *store)
{
    const struct store_batch *first = store->to_settle.first;
    return first && (store->written || first->number <= store->settle_upto || store->to_settle_bytes >= SETTLE_BYTES ||
                     now_ms() >= store->settle_due_ms);
}

/* All that waits; NULL: nothing will any more. */
static struct store_batch *settle_wait(struct store *store)
{
    pthread_mutex_lock(&store->mutex);
    while (!settle_due(store) && !(store->written && !store->to_settle.first)) {
        const struct timespec until = {.tv_sec = store->settle_due_ms / 1000, .tv_nsec = store->settle_due_ms % 1000 * 1000000};
        if (store->to_settle.first)
            pthread_cond_timedwait(&store->settle, &store->mutex, &until);
        else
            pthread_cond_wait(&store->settle, &store->mutex);
    }
    struct store_batch *first = store->to_settle.first;
    store->to_settle = (struct batch_queue){0};
    store->to_settle_bytes = 0;
    pthread_mutex_unlock(&store->mutex);
    return first;
}

/* From here on the batches may be taken to serve again. */
static void settled(struct store *store, uint64_t number, uint64_t bytes)
{
    atomic_fetch_sub(&store->unsettled_bytes, bytes);
    pthread_mutex_lock(&store->mutex);
    atomic_store(&store->settled, number);
    pthread_cond_signal(&store->room);
    pthread_mutex_unlock(&store->mutex);
    if (store->options.on_settled)
        store->options.on_settled(store->options.context);
}

static void settle_some(struct store *store, const struct store_batch *first, struct store_batch **next)
{
    int code = store_lmdb_settle(store, first, next);
    if (code) {
        fatal(FATAL_commit, "%s: %s cannot take the batches from record %llu on (%s); the journal has what was acknowledged: %s",
              store->path, DIRECTORY_DATA, (unsigned long long)(first->last_lsn - first->record_count + 1), mdb_strerror(code),
              store_lmdb_advice(store, code));
    }
    uint64_t bytes = 0, number = 0;
    for (const struct store_batch *batch = first; batch != *next; batch = batch->next) {
        bytes += store_batch_bytes(batch);
        number = batch->number;
    }
    settled(store, number, bytes);
}

void *store_lmdb_settling(void *context)
{
    struct store *store = context;
    for (struct store_batch *batch; (batch = settle_wait(store));)
        while (batch)
            settle_some(store, batch, &batch);
    return NULL;
}
