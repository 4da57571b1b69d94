/* What a batch holds until it is settled: records in one run of bytes, table changes in another, each with an index; and its form in the
 * journal. Filled by the writing thread, then only read. It knows nothing of the disk.
 *
 * In the journal, all little-endian:  records (4 bytes) | changes (4) | last lsn (8) | the size of each record (4) | the records
 *                                     | the changes: table (1) | gone (1) | key size (2) | value size (4) | key | value */
#ifndef RELEVO_STORE_BATCH_H
#define RELEVO_STORE_BATCH_H

#include <stddef.h>

#include "proto/buffer.h"
#include "store/store.h"

struct batch_change {
    size_t offset; /* of the key, the value follows; grows with every change */
    uint32_t key_size, value_size;
    enum store_table table;
    bool gone; /* deletes the key */
};

enum { BATCH_PIECES = 3 };

struct store_batch {
    uint64_t number;   /* in the order of submission, ever: its place in the journal */
    uint64_t last_lsn; /* newest lsn of this batch or of those before it */
    struct buffer records;
    uint32_t *record_ends; /* where in `records` each ends */
    uint32_t record_count, record_capacity;
    struct buffer bytes; /* keys and values of the changes */
    struct batch_change *changes;
    uint32_t change_count, change_capacity;
    struct buffer frame;      /* for the journal: all but the records */
    struct store_batch *next; /* in a queue or among the spare ones */
};

/* An empty batch after `last_lsn`; the memory of an old one serves again. */
struct store_batch *batch_create(void);
void batch_clear(struct store_batch *batch, uint64_t last_lsn);
void batch_free(struct store_batch *batch);

/* Not before or after the batch's own: not_found. Borrows the batch. */
enum status batch_record(const struct store_batch *batch, uint64_t lsn, struct span *record) MUST_CHECK;

/* What the journal keeps of it, in pieces that follow one another. They borrow the batch. */
void batch_encode(struct store_batch *batch, struct span pieces[BATCH_PIECES]);

/* Fills an empty batch. False when the bytes are not a batch's, or not the one that follows `after_lsn`. */
bool batch_decode(struct store_batch *batch, uint64_t after_lsn, struct span bytes) MUST_CHECK;

/* Adds the changes of another batch behind one's own. */
void batch_add_changes(struct store_batch *batch, const struct store_batch *other);

/* Orders the changes by table and key and keeps only the last one of each key: neighbours share pages, and nothing is written twice. */
void batch_sort_changes(struct store_batch *batch);

struct span batch_key(const struct store_batch *batch, const struct batch_change *change);
struct span batch_value(const struct store_batch *batch, const struct batch_change *change);

#endif
