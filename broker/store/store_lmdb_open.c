/* Making and opening the environment and the journal: the one place that knows the database names, the format version and what LMDB says of
 * a bad file. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "store/field_codec.h"
#include "store/store_lmdb.h"

enum {
    STORE_FORMAT = 5,
    STORE_FILE_MODE = 0600, /* conversations are nobody else's business */
};

static const char *const table_names[STORE_TABLES] = {
#define TABLE_NAME(name) [TABLE_##name] = #name
    TABLE_NAME(meta), TABLE_NAME(names),    TABLE_NAME(sessions),  TABLE_NAME(principals), TABLE_NAME(pending),
    TABLE_NAME(open), TABLE_NAME(finished), TABLE_NAME(customers), TABLE_NAME(addresses),
#undef TABLE_NAME
};

static void assert_failed(MDB_env *env, const char *what)
{
    (void)env;
    fatal(FATAL_corrupt, "the data file's structure does not hold (LMDB: %s): restore a backup", what);
}

static enum status refuse_lmdb(const struct store *store, struct store_error *error, int code)
{
    const char *path = store->path;
    switch (code) {
    case 0:
        return STATUS_ok;
    case EACCES:
    case EPERM:
    case EROFS:
        return store_refuse(error, STATUS_not_writable, "%s: %s: %s: give this user the right to write it", path, DIRECTORY_DATA,
                            strerror(code));
    case ENOSPC:
    case EDQUOT:
        return store_refuse(error, STATUS_disk_full, "%s: %s: free some room on the device", path, strerror(code));
    case MDB_MAP_FULL:
        return store_refuse(error, STATUS_disk_full, "%s: the map is full: start with a larger one", path);
    case ENOMEM:
        return store_refuse(error, STATUS_no_memory, "%s: a map of %llu bytes does not fit in the address space: start with a smaller one",
                            path, (unsigned long long)store->options.map_bytes);
    case MDB_VERSION_MISMATCH:
        return store_refuse(error, STATUS_wrong_format, "%s: %s was written by another version of LMDB, this is %d.%d", path,
                            DIRECTORY_DATA, MDB_VERSION_MAJOR, MDB_VERSION_MINOR);
    default:
        return store_refuse(error, STATUS_corrupt,
                            "%s: %s is damaged or is not a store's (%s): restore a backup, or name another directory", path, DIRECTORY_DATA,
                            mdb_strerror(code));
    }
}

/* LMDB wants whole pages. */
static size_t map_size(uint64_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return ((size_t)bytes + page - 1) / page * page;
}

static int env_open(struct store *store, const char *path, uint64_t map_bytes, unsigned flags)
{
    int code = mdb_env_create(&store->env);
    if (code == 0)
        code = mdb_env_set_assert(store->env, assert_failed);
    if (code == 0)
        code = mdb_env_set_maxdbs(store->env, STORE_TABLES + 1);
    if (code == 0 && map_bytes)
        code = mdb_env_set_mapsize(store->env, map_size(map_bytes));
    return code ? code : mdb_env_open(store->env, path, flags, STORE_FILE_MODE);
}

/* `flags`: 0 or MDB_CREATE. */
static int tables_open(struct store *store, MDB_txn *txn, unsigned flags)
{
    int code = mdb_dbi_open(txn, "log", flags | MDB_INTEGERKEY, &store->log);
    for (int i = 0; code == 0 && i < STORE_TABLES; i++)
        code = mdb_dbi_open(txn, table_names[i], flags, &store->tables[i]);
    return code;
}

static int meta_put(struct store *store, MDB_txn *txn, const char *name, const char *value, uint32_t size)
{
    MDB_val key = lmdb_value(span_of(name)), data = lmdb_value((struct span){value, size});
    return mdb_put(txn, store->tables[TABLE_meta], &key, &data, 0);
}

static int meta_get(struct store *store, MDB_txn *txn, const char *name, struct span *value)
{
    MDB_val key = lmdb_value(span_of(name)), data = {0};
    int code = mdb_get(txn, store->tables[TABLE_meta], &key, &data);
    *value = lmdb_span(data);
    return code;
}

static int put_tables(struct store *store, MDB_txn *txn)
{
    char format[8], hash_key[16];
    key_u64(STORE_FORMAT, format);
    if (sodium_init() < 0)
        fatal(FATAL_system, "no source of random bytes");
    randombytes_buf(hash_key, sizeof hash_key);
    int code = tables_open(store, txn, MDB_CREATE);
    if (code == 0)
        code = meta_put(store, txn, "format", format, sizeof format);
    if (code == 0)
        code = meta_put(store, txn, "hash_key", hash_key, sizeof hash_key);
    return code;
}

static int put_journal_made(struct store *store, MDB_txn *txn)
{
    char none[8];
    key_u64(0, none);
    return meta_put(store, txn, META_SETTLED, none, sizeof none);
}

static int write_once(struct store *store, int (*put)(struct store *store, MDB_txn *txn))
{
    MDB_txn *txn;
    int code = mdb_txn_begin(store->env, NULL, 0, &txn);
    if (code)
        return code;
    code = put(store, txn);
    if (code) {
        mdb_txn_abort(txn);
        return code;
    }
    return mdb_txn_commit(txn);
}

/* Under another name until it is whole, so that a start cut short never leaves half a store under the real one. */
static int make_data(struct store *store)
{
    if (unlinkat(store->directory.fd, DIRECTORY_NEW, 0) != 0 && errno != ENOENT)
        return errno;
    size_t size = strlen(store->path) + sizeof "/" DIRECTORY_NEW;
    char *path = must_alloc(size);
    snprintf(path, size, "%s/%s", store->path, DIRECTORY_NEW);
    int code = env_open(store, path, store->options.map_bytes, MDB_NOSUBDIR | MDB_NOLOCK);
    if (code == 0)
        code = write_once(store, put_tables);
    mdb_env_close(store->env);
    store->env = NULL;
    free(path);
    return code ? code : directory_adopt_new(&store->directory);
}

/* The file may be shorter than the map says: by right when its last pages are free, or because it was cut. Reading past its end would be a
 * SIGBUS; zeros there are found out as damage. */
static int fill_file(struct store *store, const MDB_envinfo *info)
{
    int fd;
    MDB_stat stat;
    struct stat file;
    int code = mdb_env_get_fd(store->env, &fd);
    if (code == 0)
        code = mdb_env_stat(store->env, &stat);
    if (code)
        return code;
    off_t size = (off_t)((info->me_last_pgno + 1) * stat.ms_psize);
    if (fstat(fd, &file) != 0 || (file.st_size < size && ftruncate(fd, size) != 0))
        return errno;
    return 0;
}

/* Opened first with the size it has: a smaller one asked for now must not shrink it. What is read from it may be in the kernel's memory
 * only, when the process that wrote it was killed or the file was copied here: flushed before the journal goes over what it says is
 * settled.
 */
static int open_data(struct store *store)
{
    MDB_envinfo info;
    int code = env_open(store, store->path, 0, MDB_NOTLS);
    if (code == 0)
        code = mdb_env_info(store->env, &info);
    if (code == 0)
        code = fill_file(store, &info);
    if (code == 0 && map_size(store->options.map_bytes) > info.me_mapsize)
        code = mdb_env_set_mapsize(store->env, map_size(store->options.map_bytes));
    return code ? code : mdb_env_sync(store->env, 1);
}

static int read_settled(struct store *store, MDB_txn *txn)
{
    struct span number;
    int code = meta_get(store, txn, META_SETTLED, &number);
    store->journal_made = code == 0;
    if (code == 0)
        store->submitted = key_u64_value(number);
    return code == MDB_NOTFOUND ? 0 : code;
}

static enum status read_meta(struct store *store, MDB_txn *txn, struct store_error *error)
{
    struct span format, key;
    int code = meta_get(store, txn, "format", &format);
    if (code)
        return refuse_lmdb(store, error, code);
    if (key_u64_value(format) != STORE_FORMAT) {
        return store_refuse(error, STATUS_wrong_format,
                            "%s: written in format %llu, this program reads format %d: use the version that wrote it", store->path,
                            (unsigned long long)key_u64_value(format), STORE_FORMAT);
    }
    code = meta_get(store, txn, "hash_key", &key);
    if (code || key.size != 16)
        return refuse_lmdb(store, error, code ? code : MDB_CORRUPTED);
    store->hash_key.k0 = key_u64_value((struct span){key.data, 8});
    store->hash_key.k1 = key_u64_value((struct span){key.data + 8, 8});
    return STATUS_ok;
}

/* The newest lsn, and whether the log is the unbroken run that it must be. */
static int read_newest(struct store *store, MDB_txn *txn)
{
    MDB_cursor *cursor;
    MDB_stat stat;
    MDB_val key, value;
    uint64_t first = 0, last = 0;
    int code = mdb_stat(txn, store->log, &stat);
    if (code || stat.ms_entries == 0)
        return code;
    code = mdb_cursor_open(txn, store->log, &cursor);
    if (code)
        return code;
    code = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
    if (code == 0) {
        memcpy(&first, key.mv_data, sizeof first);
        code = mdb_cursor_get(cursor, &key, &value, MDB_LAST);
    }
    if (code == 0)
        memcpy(&last, key.mv_data, sizeof last);
    mdb_cursor_close(cursor);
    store->appended_lsn = last;
    return code == 0 && last - first + 1 != stat.ms_entries ? MDB_CORRUPTED : code;
}

/* The format is read before anything that another format may keep differently. */
static enum status read_data(struct store *store, MDB_txn *txn, struct store_error *error)
{
    int code = mdb_dbi_open(txn, table_names[TABLE_meta], 0, &store->tables[TABLE_meta]);
    if (code)
        return refuse_lmdb(store, error, code);
    enum status status = read_meta(store, txn, error);
    if (status != STATUS_ok)
        return status;
    code = tables_open(store, txn, 0);
    if (code == 0)
        code = read_settled(store, txn);
    return refuse_lmdb(store, error, code ? code : read_newest(store, txn));
}

static enum status refuse_journal(const struct store *store, struct store_error *error)
{
    return store_refuse(error, STATUS_corrupt, "%s: what the journal has after batch %llu cannot be read: restore a backup", store->path,
                        (unsigned long long)store->submitted);
}

static void batches_free(struct store_batch *first)
{
    for (struct store_batch *batch; (batch = first);) {
        first = batch->next;
        batch_free(batch);
    }
}

/* The batches of the journal that LMDB does not have, as a list. */
static enum status read_journal(struct store *store, struct journal_scan *scan, struct batch_queue *out, struct store_error *error)
{
    struct span entry;
    while (journal_scan_next(scan, &entry)) {
        struct store_batch *batch = batch_create();
        if (!batch_decode(batch, store->appended_lsn, entry)) {
            batch_free(batch);
            return refuse_journal(store, error);
        }
        queue_append(out, batch);
        batch->number = ++store->submitted;
        store->appended_lsn = batch->last_lsn;
    }
    return journal_scan_gap(scan) ? refuse_journal(store, error) : STATUS_ok;
}

static enum status settle_journal(struct store *store, struct store_error *error)
{
    struct journal_scan scan;
    struct batch_queue batches = {0};
    enum status status = journal_scan_begin(&scan, &store->journal, store->submitted, error);
    if (status == STATUS_ok)
        status = read_journal(store, &scan, &batches, error);
    journal_scan_end(&scan);
    int code = 0;
    for (struct store_batch *batch = batches.first; batch && status == STATUS_ok && code == 0;)
        code = store_lmdb_settle(store, batch, &batch);
    batches_free(batches.first);
    return status == STATUS_ok ? refuse_lmdb(store, error, code) : status;
}

/* A start may have been cut short before the journal was made. Once it is, the data file says so, before anything relies on it. */
static enum status open_journal(struct store *store, struct store_error *error)
{
    uint32_t seed = hash_crc32c(0, &store->hash_key, sizeof store->hash_key);
    enum status status = journal_open(&store->journal, &store->directory, !store->journal_made, seed, error);
    if (status == STATUS_ok && !store->journal_made)
        status = refuse_lmdb(store, error, write_once(store, put_journal_made));
    return status == STATUS_ok ? settle_journal(store, error) : status;
}

enum status store_lmdb_open(struct store *store, struct store_error *error)
{
    int code = store->directory.has_data ? 0 : make_data(store);
    if (code == 0)
        code = open_data(store);
    MDB_txn *txn = NULL;
    if (code == 0)
        code = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn);
    if (code)
        return refuse_lmdb(store, error, code);
    enum status status = read_data(store, txn, error);
    if (status != STATUS_ok) {
        mdb_txn_abort(txn);
        return status;
    }
    /* A commit, because the handles opened here live on only after one. */
    code = mdb_txn_commit(txn);
    status = code ? refuse_lmdb(store, error, code) : open_journal(store, error);
    atomic_store(&store->settled, store->submitted);
    atomic_store(&store->durable_lsn, store->appended_lsn);
    return status;
}
