/* The inside of the store, shared by the store_lmdb*.c files only: LMDB's environment, the queue of batches and the thread that commits
 * them. */
#ifndef RELEVO_STORE_LMDB_H
#define RELEVO_STORE_LMDB_H

#include <lmdb.h>
#include <pthread.h>
#include <stdatomic.h>

#include "store/store_batch.h"
#include "store/store_directory.h"

struct store {
    struct store_options options;
    char *path; /* options.directory, owned */
    struct directory directory;
    MDB_env *env;
    MDB_dbi log, tables[STORE_TABLES];
    struct hash_key hash_key;
    atomic_uint in_flight, reader_count;

    /* The writing thread's own. */
    uint64_t appended_lsn;     /* newest lsn of all batches submitted */
    struct store_batch *taken; /* handed out, not yet submitted */

    pthread_t thread;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t wake;
    struct store_batch *first, *last, *spare;
    bool closing;
};

/* Opens the environment, making it when the directory has none, and fills env, log, tables, hash_key and appended_lsn. */
enum status store_lmdb_open(struct store *store, struct store_error *error) MUST_CHECK;

static inline MDB_val lmdb_value(struct span bytes)
{
    return (MDB_val){bytes.size, (void *)(uintptr_t)bytes.data};
}

static inline struct span lmdb_span(MDB_val value)
{
    return (struct span){value.mv_data, (uint32_t)value.mv_size};
}

#endif
