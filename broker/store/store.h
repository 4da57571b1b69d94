/* The store: an ordered log and small tables, durable together, in LMDB behind a journal. store_lmdb*.c is its only implementation and the
 * only user of lmdb.h.
 *
 * Writing: fill a batch, submit it. A batch becomes durable when it is in the journal, one write and one flush: batches go in order, the
 * next as soon as the last one ended, and each is reported. Behind the scenes it is settled: LMDB takes over many batches in one
 * transaction. Opening settles what a process that died left in the journal. A batch that cannot be written or settled ends the process,
 * because memory is then ahead of the disk; what was reported is safe. store_nearly_full tells in time when it is room that is running out.
 *
 * Reading: a record can be read as soon as it is durable, a change of a table when it is settled. A reader is a short look; renew it once
 * per turn and never keep it over one. Writing and reading belong to one thread. It refuses to know what the bytes mean: records and rows
 * are encoded by store/field_codec.h. What it gives back are the bytes that it took, or it says corrupt: LMDB keeps every value behind a
 * checksum of the value, its key and its table, put there by the settling thread; but not those of TABLE_meta, where the format must be
 * read before anything else is believed. */
#ifndef RELEVO_STORE_H
#define RELEVO_STORE_H

#include "base/hash.h"
#include "proto/buffer.h"
#include "proto/span.h"
#include "proto/status.h"

enum {
    STORE_KEY_MAX = 511,         /* bytes, at least 1: what LMDB's pages allow */
    STORE_CHANGES_MAX = 4 << 20, /* puts and deletes in one batch: the largest checkpoint (node/checkpoint.c asserts that it fits) */
};

/* Each is an LMDB database of that name. */
enum store_table {
    TABLE_meta,       /* text -> value; "format", "hash_key" and "settled" are the store's own */
    TABLE_names,      /* id -> row */
    TABLE_sessions,   /* id -> row */
    TABLE_principals, /* name id -> row */
    TABLE_pending,    /* (name id 4 bytes, lsn 8 bytes) big-endian -> nothing */
    TABLE_open,       /* conversation id -> row: conversations not finished at the checkpoint */
    TABLE_finished,   /* conversation id -> row */
    TABLE_customers,  /* customer id -> row */
    TABLE_addresses,  /* channel type, 0, address -> customer id */
    STORE_TABLES
};

struct store;
struct store_batch;
struct store_reader;

struct store_options {
    const char *directory; /* made when absent (one level) */
    uint64_t map_bytes;    /* size of the sparse map, the most that the data can grow to; one made larger before stays so */
    /* On threads of the store: enqueue and wake, nothing more. After each batch submitted, with the lsn of the newest durable record; */
    void (*on_committed)(void *context, uint64_t newest_lsn);
    /* and after batches were settled. May be NULL. */
    void (*on_settled)(void *context);
    void *context;
};

struct store_error {
    char text[256]; /* what, where and what to do */
};

/* Opens or makes the directory, locks it against other processes, checks its format, settles its journal and starts
 * its threads. in_use, not_writable, wrong_format, corrupt (also: files that are not a store's), disk_full, no_memory (for the map):
 * `error` says more. */
enum status store_open(const struct store_options *options, struct store **out, struct store_error *error) MUST_CHECK;

/* Writes and settles what was submitted, stops the threads, closes. Free the readers first. */
void store_close(struct store *store);

/* The key drawn when the directory was made. */
struct hash_key store_hash_key(const struct store *store);

/* --- writing --- */
/* An empty batch; batches are recycled, so take one only when the last was submitted. */
struct store_batch *store_batch(struct store *store);

/* Appends one record. `lsn` is one more than the last record's, over all batches (asserted). Copies. */
void store_append(struct store_batch *batch, uint64_t lsn, struct span record);

/* The same without a copy: the record is added to the end of this buffer, then ended. */
struct buffer *store_records(struct store_batch *batch);
void store_end_record(struct store_batch *batch, uint64_t lsn);

/* Keys of 1 to STORE_KEY_MAX bytes; the last change of a key in a batch is the one that counts. Deleting an absent key is nothing. Copy. */
void store_put(struct store_batch *batch, enum store_table table, struct span key, struct span value);
void store_delete(struct store_batch *batch, enum store_table table, struct span key);
uint64_t store_batch_bytes(const struct store_batch *batch);
uint64_t store_batch_records(const struct store_batch *batch);

/* Takes the batch, and gives its number. Batches become durable in the order submitted, on the store's thread. */
uint64_t store_submit(struct store *store, struct store_batch *batch);

/* The same on the caller's thread, which it keeps for one write and one flush, and, when the journal is full, until a part of it is
 * settled: durable when it returns; on_committed is not called. Nothing may be in flight (asserted). */
uint64_t store_commit(struct store *store, struct store_batch *batch);

/* Batches submitted and not yet durable. */
uint32_t store_in_flight(const struct store *store);

/* Number of the newest batch that is settled. */
uint64_t store_settled(const struct store *store);

/* What was submitted by now is settled as soon as it can, without waiting for company. */
void store_settle_soon(struct store *store);

/* --- reading --- */
struct store_reader *store_reader(struct store *store);
void store_reader_free(struct store_reader *reader);

/* Sees everything durable, or settled, by now. What was read before is no longer valid. Reading without it renews by itself. */
void store_renew(struct store_reader *reader);

/* Lets go of the snapshot, so that pages and batches can be reused. */
void store_release(struct store_reader *reader);

/* Begins to fetch into the cache what store_read would give, if that is memory of our own. */
void store_warm(struct store_reader *reader, uint64_t lsn);

/* The value borrows the reader until store_renew or store_release. not_found; corrupt: what stands there is not what was put there. */
enum status store_read(struct store_reader *reader, uint64_t lsn, struct span *record) MUST_CHECK;
enum status store_find(struct store_reader *reader, enum store_table table, struct span key, struct span *value) MUST_CHECK;

/* The least key >= `from` of the table. not_found: none; corrupt: the value of `*key` is not what was put there. To go on, ask from the
 * found key with a 0 byte appended (store_scan keeps a cursor, so walking on is cheap). */
enum status store_scan(struct store_reader *reader, enum store_table table, struct span from, struct span *key,
                       struct span *value) MUST_CHECK;

/* The newest durable lsn; 0: the log is empty. */
uint64_t store_newest(struct store_reader *reader);

/* Bytes of the data file in use, for reports. From any thread. */
uint64_t store_bytes_used(struct store *store);

/* Little room is left in the map or on the device: refuse new work, while what is under way still fits. From any thread, cheap enough for
 * every turn. */
bool store_nearly_full(struct store *store);

#endif
