/* For tests of the store: a directory of its own, the store in it, and what was reported. Records can be made again from their lsn, so that
 * any can be checked without being remembered. */
#ifndef RELEVO_STORE_WORLD_H
#define RELEVO_STORE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/prng.h"
#include "store/store.h"

enum {
    MAP_BYTES = 256 << 20,
    MAP_SMALL = 1 << 20,
    COMMITS_MAX = 64,
};

struct world {
    char path[64];
    struct store *store;
    pthread_mutex_t mutex;
    pthread_cond_t committed;
    uint64_t newest[COMMITS_MAX]; /* as on_committed told, in order */
    uint32_t commits;
    uint64_t settled_before; /* when it was opened */
};

static inline void world_on_committed(void *context, uint64_t newest_lsn)
{
    struct world *world = context;
    pthread_mutex_lock(&world->mutex);
    if (world->commits < COMMITS_MAX)
        world->newest[world->commits] = newest_lsn;
    world->commits++;
    pthread_cond_signal(&world->committed);
    pthread_mutex_unlock(&world->mutex);
}

static inline void world_on_settled(void *context)
{
    struct world *world = context;
    pthread_mutex_lock(&world->mutex);
    pthread_cond_signal(&world->committed);
    pthread_mutex_unlock(&world->mutex);
}

/* Until so many batches of this opening are durable. */
static inline void world_wait_durable(struct world *world, uint32_t count)
{
    pthread_mutex_lock(&world->mutex);
    while (world->commits < count)
        pthread_cond_wait(&world->committed, &world->mutex);
    pthread_mutex_unlock(&world->mutex);
}

/* And settled. */
static inline void world_wait(struct world *world, uint32_t count)
{
    world_wait_durable(world, count);
    store_settle_soon(world->store);
    pthread_mutex_lock(&world->mutex);
    while (store_settled(world->store) < world->settled_before + count)
        pthread_cond_wait(&world->committed, &world->mutex);
    pthread_mutex_unlock(&world->mutex);
}

static inline enum status world_try_open(struct world *world, const char *path, uint64_t map_bytes, struct store_error *error)
{
    const struct store_options options = {
        .directory = path, .map_bytes = map_bytes, .on_committed = world_on_committed, .on_settled = world_on_settled, .context = world};
    enum status status = store_open(&options, &world->store, error);
    if (status == STATUS_ok)
        world->settled_before = store_settled(world->store);
    return status;
}

static inline void world_open(struct world *world)
{
    struct store_error error = {""};
    world->commits = 0;
    enum status status = world_try_open(world, world->path, MAP_BYTES, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_ok);
}

static inline void world_close(struct world *world)
{
    store_close(world->store);
    world->store = NULL;
}

static inline void world_reopen(struct world *world)
{
    world_close(world);
    world_open(world);
}

static inline void world_file(const struct world *world, const char *name, char out[128])
{
    snprintf(out, 128, "%s/%s", world->path, name);
}

static inline void world_write_file(const struct world *world, const char *name, const char *text)
{
    char path[128];
    world_file(world, name, path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static inline int world_setup(void **state)
{
    struct world *world = must_zalloc(1, sizeof *world);
    pthread_mutex_init(&world->mutex, NULL);
    pthread_cond_init(&world->committed, NULL);
    strcpy(world->path, "/tmp/relevo-test-store-XXXXXX");
    *state = world;
    return mkdtemp(world->path) ? 0 : -1;
}

/* The directory's files; true when nothing else is in it. */
static inline bool world_remove(const struct world *world)
{
    const char *const files[] = {"data.mdb", "journal.0", "journal.1", "lock.mdb", "lock", "new.mdb", "notes.txt"};
    char path[128];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        world_file(world, files[i], path);
        unlink(path);
    }
    return rmdir(world->path) == 0;
}

static inline int world_teardown(void **state)
{
    struct world *world = *state;
    if (world->store)
        world_close(world);
    bool removed = world_remove(world);
    pthread_cond_destroy(&world->committed);
    pthread_mutex_destroy(&world->mutex);
    free(world);
    return removed ? 0 : -1;
}

/* What record `lsn` holds, so that any can be checked without being remembered. Sizes go up to a few pages. */
static inline struct span world_record(uint64_t lsn, char out[16384])
{
    struct prng prng;
    prng_init(&prng, lsn);
    uint32_t size = 8 + (uint32_t)prng_below(&prng, lsn % 16 ? 400 : 12000);
    memcpy(out, &lsn, 8);
    memset(out + 8, (int)prng_below(&prng, 256), size - 8);
    return (struct span){out, size};
}

static inline void world_append(struct store_batch *batch, uint64_t first, uint64_t last)
{
    char bytes[16384];
    for (uint64_t lsn = first; lsn <= last; lsn++)
        store_append(batch, lsn, world_record(lsn, bytes));
}

static inline void world_submit(struct world *world, uint64_t first, uint64_t last)
{
    struct store_batch *batch = store_batch(world->store);
    world_append(batch, first, last);
    store_submit(world->store, batch);
}

static inline void world_assert_log(struct world *world, uint64_t newest)
{
    char bytes[16384];
    struct span record;
    struct store_reader *reader = store_reader(world->store);
    assert_int_equal(store_newest(reader), newest);
    for (uint64_t lsn = 1; lsn <= newest; lsn++) {
        assert_int_equal(store_read(reader, lsn, &record), STATUS_ok);
        assert_true(span_equal(record, world_record(lsn, bytes)));
    }
    assert_int_equal(store_read(reader, 0, &record), STATUS_not_found);
    assert_int_equal(store_read(reader, newest + 1, &record), STATUS_not_found);
    store_reader_free(reader);
}

#endif
