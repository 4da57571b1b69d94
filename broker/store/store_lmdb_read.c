/* Readers, on the writing thread: one read transaction each, with its reader slot and cursors kept from one look to the next. */
#include <stdlib.h>

#include "base/check.h"
#include "base/little.h"
#include "base/warm.h"
#include "store/store_lmdb.h"

enum {
    CURSORS = PLACE_LOG + 1, /* by place */
};

struct store_reader {
    struct store *store;
    MDB_txn *txn;
    uint64_t newest; /* lsn that was durable when the present look began */
    MDB_cursor *cursors[CURSORS];
    bool fresh[CURSORS]; /* the cursor belongs to the present look */
    bool looking;
};

/* A read that neither finds nor misses: the bytes on the disk, or the disk, cannot be believed. */
static void must_read(const struct store_reader *reader, int code)
{
    if (code)
        fatal(FATAL_corrupt, "%s: cannot be read (LMDB: %s): restore a backup", reader->store->path, mdb_strerror(code));
}

struct store_reader *store_reader(struct store *store)
{
    struct store_reader *reader = must_zalloc(1, sizeof *reader);
    reader->store = store;
    must_read(reader, mdb_txn_begin(store->env, NULL, MDB_RDONLY, &reader->txn));
    for (int i = 0; i < CURSORS; i++)
        must_read(reader, mdb_cursor_open(reader->txn, i == PLACE_LOG ? store->log : store->tables[i], &reader->cursors[i]));
    mdb_txn_reset(reader->txn);
    store->readers++;
    return reader;
}

void store_reader_free(struct store_reader *reader)
{
    store_release(reader);
    for (int i = 0; i < CURSORS; i++)
        mdb_cursor_close(reader->cursors[i]);
    mdb_txn_abort(reader->txn);
    reader->store->readers--;
    free(reader);
}

void store_release(struct store_reader *reader)
{
    if (reader->looking) {
        mdb_txn_reset(reader->txn);
        reader->looking = false;
        reader->store->looking--;
    }
}

void store_renew(struct store_reader *reader)
{
    struct store *store = reader->store;
    store_release(reader);
    store_lmdb_trim(store);
    reader->newest = atomic_load(&store->durable_lsn);
    must_read(reader, mdb_txn_renew(reader->txn));
    reader->looking = true;
    store->looking++;
    memset(reader->fresh, 0, sizeof reader->fresh);
}

static void look(struct store_reader *reader)
{
    if (!reader->looking)
        store_renew(reader);
}

static MDB_cursor *cursor_of(struct store_reader *reader, int which)
{
    look(reader);
    if (!reader->fresh[which]) {
        must_read(reader, mdb_cursor_renew(reader->txn, reader->cursors[which]));
        reader->fresh[which] = true;
    }
    return reader->cursors[which];
}

/* What LMDB's code says of the value that stands under the key, without the checksum before it. */
static enum status found(const struct store_reader *reader, int code, int place, MDB_val key, MDB_val stored, struct span *value)
{
    if (code == MDB_NOTFOUND)
        return STATUS_not_found;
    must_read(reader, code);
    *value = lmdb_span(stored);
    if (!lmdb_has_checksum(place))
        return STATUS_ok;
    if (value->size < CHECKSUM_BYTES)
        return STATUS_corrupt;
    uint64_t checksum = little_get(value->data, CHECKSUM_BYTES);
    *value = (struct span){value->data + CHECKSUM_BYTES, value->size - CHECKSUM_BYTES};
    return checksum == lmdb_checksum(place, key, *value) ? STATUS_ok : STATUS_corrupt;
}

/* What LMDB does not have yet is in the tail, as it was appended. By cursor: the next record asked for is mostly on the page of the last,
 * and then the way from the root is saved. */
enum status store_read(struct store_reader *reader, uint64_t lsn, struct span *record)
{
    look(reader);
    if (lsn > reader->newest)
        return STATUS_not_found;
    if (tail_record(&reader->store->tail, lsn, record) == STATUS_ok)
        return STATUS_ok;
    MDB_val key = {sizeof lsn, &lsn}, stored = {0};
    int code = mdb_cursor_get(cursor_of(reader, PLACE_LOG), &key, &stored, MDB_SET);
    return found(reader, code, PLACE_LOG, key, stored, record);
}

void store_warm(struct store_reader *reader, uint64_t lsn)
{
    struct span record;
    if (tail_record(&reader->store->tail, lsn, &record) == STATUS_ok)
        warm(record.data, record.size);
}

enum status store_find(struct store_reader *reader, enum store_table table, struct span key, struct span *value)
{
    look(reader);
    MDB_val wanted = lmdb_value(key), stored = {0};
    int code = mdb_get(reader->txn, reader->store->tables[table], &wanted, &stored);
    return found(reader, code, (int)table, wanted, stored, value);
}

enum status store_scan(struct store_reader *reader, enum store_table table, struct span from, struct span *key, struct span *value)
{
    MDB_val at = lmdb_value(from), stored = {0};
    int code = mdb_cursor_get(cursor_of(reader, (int)table), &at, &stored, from.size ? MDB_SET_RANGE : MDB_FIRST);
    *key = lmdb_span(at);
    return found(reader, code, (int)table, at, stored, value);
}

uint64_t store_newest(struct store_reader *reader)
{
    look(reader);
    return reader->newest;
}
