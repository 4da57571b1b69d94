/* Batches on their way to the disk: the queue, the thread and the commit. */
#include <errno.h>
#include <stdlib.h>

#include "base/check.h"
#include "store/store_lmdb.h"

enum {
    HEADROOM_SHARE = 8, /* of the map: a commit copies pages before it frees them, and refusing comes a batch or two late */
};
#define HEADROOM_MAP_MAX (UINT64_C(1) << 30) /* bytes */
#define HEADROOM_DEVICE (UINT64_C(64) << 20) /* bytes */

static struct store_batch *queue_wait(struct store *store)
{
    pthread_mutex_lock(&store->mutex);
    while (!store->first && !store->closing)
        pthread_cond_wait(&store->wake, &store->mutex);
    struct store_batch *batch = store->first;
    if (batch)
        store->first = batch->next;
    pthread_mutex_unlock(&store->mutex);
    return batch;
}

static int log_append(struct store *store, MDB_txn *txn, const struct store_batch *batch)
{
    if (batch->record_count == 0)
        return 0;
    MDB_cursor *cursor;
    int code = mdb_cursor_open(txn, store->log, &cursor);
    if (code)
        return code;
    uint64_t lsn = batch->last_lsn - batch->record_count;
    char *record = batch->records.data;
    for (uint32_t i = 0; i < batch->record_count && code == 0; i++) {
        lsn++;
        MDB_val key = {sizeof lsn, &lsn}, value = {batch->record_sizes[i], record};
        code = mdb_cursor_put(cursor, &key, &value, MDB_APPEND);
        record += batch->record_sizes[i];
    }
    mdb_cursor_close(cursor);
    return code;
}

static int changes_apply(struct store *store, MDB_txn *txn, const struct store_batch *batch)
{
    for (uint32_t i = 0; i < batch->change_count; i++) {
        const struct batch_change *change = &batch->changes[i];
        MDB_val key = lmdb_value(batch_key(batch, change)), value = lmdb_value(batch_value(batch, change));
        MDB_dbi table = store->tables[change->table];
        int code = change->gone ? mdb_del(txn, table, &key, NULL) : mdb_put(txn, table, &key, &value, 0);
        if (code && !(change->gone && code == MDB_NOTFOUND))
            return code;
    }
    return 0;
}

/* An aborted transaction leaves the file as it was. */
static int batch_write(struct store *store, const struct store_batch *batch)
{
    MDB_txn *txn;
    int code = mdb_txn_begin(store->env, NULL, 0, &txn);
    if (code)
        return code;
    code = log_append(store, txn, batch);
    if (code == 0)
        code = changes_apply(store, txn, batch);
    if (code) {
        mdb_txn_abort(txn);
        return code;
    }
    return mdb_txn_commit(txn);
}

/* LMDB calls a write that the full device cut short an I/O error, so the room itself is asked too. */
static const char *what_to_do(const struct store *store, int code)
{
    if (code == MDB_MAP_FULL)
        return "start again with a larger map";
    if (code == ENOSPC || code == EDQUOT || directory_room_bytes(&store->directory) < HEADROOM_DEVICE)
        return "free some room on the device and start again";
    return "check the device and start again";
}

static void batch_commit(struct store *store, struct store_batch *batch)
{
    batch_settle(batch);
    int code = batch_write(store, batch);
    if (code) {
        fatal(FATAL_commit, "%s: a batch up to record %llu cannot be stored (%s), the store is whole up to record %llu: %s", store->path,
              (unsigned long long)batch->last_lsn, mdb_strerror(code), (unsigned long long)(batch->last_lsn - batch->record_count),
              what_to_do(store, code));
    }
}

static void *thread_main(void *context)
{
    struct store *store = context;
    struct store_batch *batch;
    while ((batch = queue_wait(store))) {
        batch_commit(store, batch);
        uint64_t newest_lsn = batch->last_lsn;
        pthread_mutex_lock(&store->mutex);
        batch->next = store->spare;
        store->spare = batch;
        pthread_mutex_unlock(&store->mutex);
        atomic_fetch_sub(&store->in_flight, 1);
        store->options.on_committed(store->options.context, newest_lsn);
    }
    return NULL;
}

static void store_free(struct store *store)
{
    for (struct store_batch *batch; (batch = store->spare);) {
        store->spare = batch->next;
        batch_free(batch);
    }
    if (store->taken)
        batch_free(store->taken);
    mdb_env_close(store->env);
    directory_close(&store->directory);
    pthread_cond_destroy(&store->wake);
    pthread_mutex_destroy(&store->mutex);
    free(store->path);
    free(store);
}

enum status store_open(const struct store_options *options, struct store **out, struct store_error *error)
{
    struct store *store = must_zalloc(1, sizeof *store);
    store->options = *options;
    store->path = must_alloc(strlen(options->directory) + 1);
    strcpy(store->path, options->directory);
    pthread_mutex_init(&store->mutex, NULL);
    pthread_cond_init(&store->wake, NULL);
    enum status status = directory_open(&store->directory, store->path, error);
    if (status == STATUS_ok)
        status = store_lmdb_open(store, error);
    if (status != STATUS_ok) {
        store_free(store);
        return status;
    }
    if (pthread_create(&store->thread, NULL, thread_main, store) != 0)
        fatal(FATAL_system, "%s: the store's thread cannot be started", store->path);
    *out = store;
    return STATUS_ok;
}

void store_close(struct store *store)
{
    ASSERT(atomic_load(&store->reader_count) == 0);
    pthread_mutex_lock(&store->mutex);
    store->closing = true;
    pthread_cond_signal(&store->wake);
    pthread_mutex_unlock(&store->mutex);
    pthread_join(store->thread, NULL);
    store_free(store);
}

struct hash_key store_hash_key(const struct store *store)
{
    return store->hash_key;
}

struct store_batch *store_batch(struct store *store)
{
    ASSERT(!store->taken);
    pthread_mutex_lock(&store->mutex);
    struct store_batch *batch = store->spare;
    if (batch)
        store->spare = batch->next;
    pthread_mutex_unlock(&store->mutex);
    store->taken = batch ? batch : batch_create();
    batch_clear(store->taken, store->appended_lsn);
    return store->taken;
}

void store_submit(struct store *store, struct store_batch *batch)
{
    ASSERT(batch == store->taken);
    store->taken = NULL;
    store->appended_lsn = batch->last_lsn;
    atomic_fetch_add(&store->in_flight, 1);
    pthread_mutex_lock(&store->mutex);
    if (store->first)
        store->last->next = batch;
    else
        store->first = batch;
    store->last = batch;
    pthread_cond_signal(&store->wake);
    pthread_mutex_unlock(&store->mutex);
}

uint32_t store_in_flight(const struct store *store)
{
    return atomic_load(&store->in_flight);
}

uint64_t store_bytes_used(struct store *store)
{
    MDB_envinfo info;
    MDB_stat stat;
    mdb_env_info(store->env, &info);
    mdb_env_stat(store->env, &stat);
    return (info.me_last_pgno + 1) * stat.ms_psize;
}

bool store_nearly_full(struct store *store)
{
    MDB_envinfo info;
    mdb_env_info(store->env, &info);
    uint64_t headroom = info.me_mapsize / HEADROOM_SHARE;
    if (headroom > HEADROOM_MAP_MAX)
        headroom = HEADROOM_MAP_MAX;
    return store_bytes_used(store) + headroom > info.me_mapsize || directory_room_bytes(&store->directory) < HEADROOM_DEVICE;
}
