/* The inside of the store, shared by the store_lmdb*.c files only.
 *
 *     the writing thread --submit--> store thread --journal, durable--> settling thread --LMDB, settled--> batches serve again
 *                        --commit, on the caller's thread-->
 */
#ifndef RELEVO_STORE_LMDB_H
#define RELEVO_STORE_LMDB_H

#include <lmdb.h>
#include <pthread.h>
#include <stdatomic.h>

#include "store/store_batch.h"
#include "store/store_directory.h"
#include "store/store_journal.h"
#include "store/store_tail.h"

struct batch_queue {
    struct store_batch *first, *last;
};

struct store {
    struct store_options options;
    char *path; /* options.directory, owned */
    struct directory directory;
    struct journal journal; /* of the store thread; the caller's in store_commit, when nothing is in flight */
    bool journal_made;      /* the data file says so: then its files must be there */
    MDB_env *env;
    MDB_dbi log, tables[STORE_TABLES];
    struct hash_key hash_key;
    atomic_uint in_flight;
    atomic_ullong durable_lsn;     /* newest lsn in the journal */
    atomic_ullong settled;         /* number of the newest batch that is settled */
    atomic_ullong unsettled_bytes; /* of batches submitted and not settled */

    /* The writing thread's own. */
    uint64_t submitted;        /* number of the newest batch submitted */
    uint64_t appended_lsn;     /* newest lsn of all batches submitted */
    struct store_batch *taken; /* handed out, not yet submitted */
    struct store_batch *spare;
    struct tail tail;
    uint32_t readers, looking; /* how many there are, and that have a snapshot */

    pthread_t thread, settling_thread;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t wake, settle, room;
    struct batch_queue to_write, to_settle;
    uint64_t to_settle_bytes, settle_upto; /* number up to which somebody waits for it to be settled */
    int64_t settle_due_ms;                 /* when the first of to_settle has waited long enough */
    bool closing, written;                 /* nothing more comes; the store thread has ended */
};

/* Where a value stands: a table, or the log. */
enum { PLACE_LOG = STORE_TABLES };

enum { CHECKSUM_BYTES = 4 };

/* In TABLE_meta: number of the newest batch that LMDB has. Absent until the journal is made, and 0 until something is settled. */
#define META_SETTLED "settled"

/* Opens the environment and the journal, making them when the directory has none, settles what the journal has, and fills env, log, tables,
 * hash_key, appended_lsn and the numbers of batches. */
enum status store_lmdb_open(struct store *store, struct store_error *error) MUST_CHECK;

/* Moves batches that follow one another into LMDB, in one transaction: at least the first, and as many as are good for one. `*next` is the
 * first that was left. 0 or LMDB's code; then nothing was moved. */
int store_lmdb_settle(struct store *store, const struct store_batch *first, struct store_batch **next) MUST_CHECK;

/* The settling thread. It ends when the store is closing and everything is settled. */
void *store_lmdb_settling(void *store);

/* What is durable waits here to be settled. */
void store_lmdb_settle_add(struct store *store, struct store_batch *batch);

/* What to do about a code of LMDB or errno: "start again with a larger map". */
const char *store_lmdb_advice(const struct store *store, int code);

/* The batches whose records LMDB has by now serve again. While a reader looks, it may need them. */
void store_lmdb_trim(struct store *store);

static inline void queue_append(struct batch_queue *queue, struct store_batch *batch)
{
    batch->next = NULL;
    if (queue->first)
        queue->last->next = batch;
    else
        queue->first = batch;
    queue->last = batch;
}

/* Whether values there are kept behind a checksum (little-endian). */
static inline bool lmdb_has_checksum(int place)
{
    return place != TABLE_meta;
}

/* Of the place and the key too: a whole value in a wrong place does not hold either. */
static inline uint32_t lmdb_checksum(int place, MDB_val key, struct span value)
{
    return hash_crc32c(hash_crc32c((uint32_t)place, key.mv_data, key.mv_size), value.data, value.size);
}

static inline MDB_val lmdb_value(struct span bytes)
{
    return (MDB_val){bytes.size, (void *)(uintptr_t)bytes.data};
}

static inline struct span lmdb_span(MDB_val value)
{
    return (struct span){value.mv_data, (uint32_t)value.mv_size};
}

#endif
