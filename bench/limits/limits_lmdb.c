#include <lmdb.h>
#include <stdio.h>
#include <string.h>

#include "bench/clock.h"
#include "bench/limits/limits.h"
#include "bench/scratch.h"

enum { MESSAGES_MAX = 20000000 }; /* what the map has room for, and more than any disk's worth of patience */

#define MAP_BYTES (UINT64_C(16) << 30)

struct appended {
    MDB_env *env;
    MDB_dbi log;
    size_t count;
};

static int batch_append(struct appended *all, uint64_t batch, bool first)
{
    char body[LIMITS_BODY_BYTES];
    MDB_txn *transaction;
    int error = mdb_txn_begin(all->env, NULL, 0, &transaction);
    if (error)
        return error;
    if (first)
        error = mdb_dbi_open(transaction, NULL, MDB_INTEGERKEY, &all->log);
    memset(body, '.', sizeof body);
    for (uint64_t i = 0; i < batch && !error; i++) {
        size_t number = all->count + i;
        MDB_val key = {sizeof number, &number}, value = {sizeof body, body};
        memcpy(body, &number, sizeof number);
        error = mdb_put(transaction, all->log, &key, &value, MDB_APPEND);
    }
    if (error) {
        mdb_txn_abort(transaction);
        return error;
    }
    error = mdb_txn_commit(transaction);
    all->count += error ? 0 : batch;
    return error;
}

static int batches_append(struct appended *all, const struct limits_place *place, uint64_t batch, struct limit *out)
{
    int error = batch_append(all, batch, true);
    size_t before = all->count;
    uint64_t begin_ns = clock_ns(), now_ns = begin_ns;
    while (!error && now_ns < begin_ns + place->duration_ns && all->count + batch <= MESSAGES_MAX) {
        error = batch_append(all, batch, false);
        uint64_t then_ns = clock_ns();
        histogram_record(&out->ns, then_ns - now_ns);
        now_ns = then_ns;
    }
    out->per_second = now_ns > begin_ns ? (double)(all->count - before) * 1e9 / (double)(now_ns - begin_ns) : 0;
    return error;
}

static int entries_count(const struct appended *all, struct limit *out)
{
    MDB_stat about;
    int error = mdb_env_stat(all->env, &about);
    out->wrong = error || about.ms_entries != all->count;
    return error;
}

bool limits_lmdb(const struct limits_place *place, uint64_t batch, struct limit *out)
{
    struct appended all = {0};
    char path[SCRATCH_FILE];
    scratch_file(place->directory, "lmdb", path);
    int error = mdb_env_create(&all.env);
    if (!error) {
        mdb_env_set_mapsize(all.env, MAP_BYTES);
        error = mdb_env_open(all.env, path, MDB_NOSUBDIR, 0600);
        if (!error)
            error = batches_append(&all, place, batch, out);
        if (!error)
            error = entries_count(&all, out);
        mdb_env_close(all.env);
    }
    if (error)
        command_complain(LIMITS_COMMAND, "%s: %s", path, mdb_strerror(error));
    remove(path);
    strncat(path, "-lock", sizeof path - strlen(path) - 1);
    remove(path);
    return !error;
}
