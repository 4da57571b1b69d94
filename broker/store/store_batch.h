/* What a batch holds until it is on disk: records in one run of bytes, table changes in another, each with an index. Filled by the writing
 * thread, then read by the store thread alone. It knows nothing of the disk. */
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

struct store_batch {
    uint64_t last_lsn; /* newest lsn of this batch or of those before it */
    struct buffer records;
    uint32_t *record_sizes;
    uint32_t record_count, record_capacity;
    struct buffer bytes; /* keys and values of the changes */
    struct batch_change *changes;
    uint32_t change_count, change_capacity;
    struct store_batch *next; /* in the queue or among the spare ones */
};

/* An empty batch after `last_lsn`; the memory of an old one serves again. */
struct store_batch *batch_create(void);
void batch_clear(struct store_batch *batch, uint64_t last_lsn);
void batch_free(struct store_batch *batch);

/* Orders the changes by table and key and keeps only the last one of each key: neighbours share pages, and nothing is written twice. */
void batch_settle(struct store_batch *batch);

struct span batch_key(const struct store_batch *batch, const struct batch_change *change);
struct span batch_value(const struct store_batch *batch, const struct batch_change *change);

#endif
