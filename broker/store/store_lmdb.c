/* Batches on their way to the disk: taken, submitted, written into the journal. */
#include <errno.h>
#include <stdlib.h>

#include "base/check.h"
#include "store/store_lmdb.h"

enum {
    HEADROOM_SHARE = 8, /* of the map: a transaction copies pages before it frees them, and refusing comes a batch or two late */
};
#define HEADROOM_MAP_MAX (UINT64_C(1) << 30) /* bytes */
#define HEADROOM_DEVICE (UINT64_C(64) << 20) /* bytes */

/* With the mutex held. */
static void settle_upto(struct store *store, uint64_t number)
{
    if (number > store->settle_upto)
        store->settle_upto = number;
    pthread_cond_signal(&store->settle);
}

/* The journal may be full of what is not settled yet: then it is settled at once. */
static void await_room(struct store *store, const struct store_batch *batch, uint64_t bytes)
{
    if (journal_has_room(&store->journal, bytes, atomic_load(&store->settled)))
        return;
    pthread_mutex_lock(&store->mutex);
    settle_upto(store, batch->number);
    while (!journal_has_room(&store->journal, bytes, atomic_load(&store->settled)))
        pthread_cond_wait(&store->room, &store->mutex);
    pthread_mutex_unlock(&store->mutex);
}

static void batch_write(struct store *store, struct store_batch *batch)
{
    struct span pieces[BATCH_PIECES];
    uint64_t bytes = 0;
    batch_encode(batch, pieces);
    for (int i = 0; i < BATCH_PIECES; i++)
        bytes += pieces[i].size;
    await_room(store, batch, bytes);
    int code = journal_append(&store->journal, batch->number, pieces, BATCH_PIECES);
    if (code) {
        fatal(FATAL_commit, "%s: a batch up to record %llu cannot be written (%s), the store is whole up to record %llu: %s", store->path,
              (unsigned long long)batch->last_lsn, strerror(code), (unsigned long long)(batch->last_lsn - batch->record_count),
              store_lmdb_advice(store, code));
    }
    atomic_store(&store->durable_lsn, batch->last_lsn);
    store_lmdb_settle_add(store, batch);
}

static struct store_batch *queue_wait(struct store *store)
{
    pthread_mutex_lock(&store->mutex);
    while (!store->to_write.first && !store->closing)
        pthread_cond_wait(&store->wake, &store->mutex);
    struct store_batch *batch = store->to_write.first;
    if (batch) {
        store->to_write.first = batch->next;
    } else {
        store->written = true;
        pthread_cond_signal(&store->settle);
    }
    pthread_mutex_unlock(&store->mutex);
    return batch;
}

static void *thread_main(void *context)
{
    struct store *store = context;
    struct store_batch *batch;
    while ((batch = queue_wait(store))) {
        uint64_t newest_lsn = batch->last_lsn;
        batch_write(store, batch);
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
    tail_fini(&store->tail);
    mdb_env_close(store->env);
    journal_close(&store->journal);
    directory_close(&store->directory);
    pthread_cond_destroy(&store->wake);
    pthread_cond_destroy(&store->settle);
    pthread_cond_destroy(&store->room);
    pthread_mutex_destroy(&store->mutex);
    free(store->path);
    free(store);
}

static struct store *store_create(const struct store_options *options)
{
    struct store *store = must_zalloc(1, sizeof *store);
    pthread_condattr_t monotonic;
    store->options = *options;
    store->path = must_copy(options->directory, strlen(options->directory));
    store->journal = JOURNAL_CLOSED;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&store->mutex, NULL);
    pthread_cond_init(&store->wake, NULL);
    pthread_cond_init(&store->settle, &monotonic);
    pthread_cond_init(&store->room, NULL);
    pthread_condattr_destroy(&monotonic);
    return store;
}

enum status store_open(const struct store_options *options, struct store **out, struct store_error *error)
{
    struct store *store = store_create(options);
    enum status status = directory_open(&store->directory, store->path, error);
    if (status == STATUS_ok)
        status = store_lmdb_open(store, error);
    if (status != STATUS_ok) {
        store_free(store);
        return status;
    }
    if (pthread_create(&store->thread, NULL, thread_main, store) != 0 ||
        pthread_create(&store->settling_thread, NULL, store_lmdb_settling, store) != 0)
        fatal(FATAL_system, "%s: the store's threads cannot be started", store->path);
    *out = store;
    return STATUS_ok;
}

void store_close(struct store *store)
{
    ASSERT(store->readers == 0);
    pthread_mutex_lock(&store->mutex);
    store->closing = true;
    pthread_cond_signal(&store->wake);
    pthread_mutex_unlock(&store->mutex);
    pthread_join(store->thread, NULL);
    pthread_join(store->settling_thread, NULL);
    store_free(store);
}

struct hash_key store_hash_key(const struct store *store)
{
    return store->hash_key;
}

struct store_batch *store_batch(struct store *store)
{
    ASSERT(!store->taken);
    store_lmdb_trim(store); /* it may be long until somebody reads */
    struct store_batch *batch = store->spare;
    if (batch)
        store->spare = batch->next;
    store->taken = batch ? batch : batch_create();
    batch_clear(store->taken, store->appended_lsn);
    return store->taken;
}

/* Takes it over from the caller; it is the newest of the tail. */
static uint64_t batch_take(struct store *store, struct store_batch *batch)
{
    ASSERT(batch == store->taken);
    store->taken = NULL;
    store->appended_lsn = batch->last_lsn;
    batch->number = ++store->submitted;
    atomic_fetch_add(&store->unsettled_bytes, store_batch_bytes(batch));
    tail_push(&store->tail, batch);
    return batch->number;
}

uint64_t store_submit(struct store *store, struct store_batch *batch)
{
    uint64_t number = batch_take(store, batch);
    atomic_fetch_add(&store->in_flight, 1);
    pthread_mutex_lock(&store->mutex);
    queue_append(&store->to_write, batch);
    pthread_cond_signal(&store->wake);
    pthread_mutex_unlock(&store->mutex);
    return number;
}

uint64_t store_commit(struct store *store, struct store_batch *batch)
{
    ASSERT(store_in_flight(store) == 0);
    uint64_t number = batch_take(store, batch);
    batch_write(store, batch);
    return number;
}

uint32_t store_in_flight(const struct store *store)
{
    return atomic_load(&store->in_flight);
}

uint64_t store_settled(const struct store *store)
{
    return atomic_load(&store->settled);
}

void store_settle_soon(struct store *store)
{
    pthread_mutex_lock(&store->mutex);
    settle_upto(store, store->submitted);
    pthread_mutex_unlock(&store->mutex);
}

void store_lmdb_trim(struct store *store)
{
    uint64_t settled = atomic_load(&store->settled);
    for (struct store_batch *batch; store->looking == 0 && (batch = tail_pop(&store->tail, settled));) {
        batch->next = store->spare;
        store->spare = batch;
    }
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
    uint64_t used = store_bytes_used(store) + atomic_load(&store->unsettled_bytes);
    return used + headroom > info.me_mapsize || directory_room_bytes(&store->directory) < HEADROOM_DEVICE;
}

/* LMDB calls a write that the full device cut short an I/O error, so the room itself is asked too. */
const char *store_lmdb_advice(const struct store *store, int code)
{
    if (code == MDB_MAP_FULL)
        return "start again with a larger map";
    if (code == ENOSPC || code == EDQUOT || directory_room_bytes(&store->directory) < HEADROOM_DEVICE)
        return "free some room on the device and start again";
    return "check the device and start again";
}
