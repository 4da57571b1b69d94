#include "node/recovery.h"

#include "base/check.h"
#include "base/least.h"
#include "limits.h"
#include "node/checkpoint.h"
#include "node/lookup.h"
#include "node/node.h"
#include "store/field_codec.h"

enum {
    PROGRESS_MS = 1000,
    SCAN_KEY_MAX = 32, /* the tables walked here have keys of 8 or 12 bytes */
};

/* A walk over one table. */
struct scan {
    struct store_reader *reader;
    enum store_table table;
    char from[SCAN_KEY_MAX];
    uint32_t from_size;
};

static bool scan_next(struct scan *scan, struct span *key, struct span *value)
{
    struct span from = {scan->from, scan->from_size};
    enum status status = store_scan(scan->reader, scan->table, from, key, value);
    if (status == STATUS_ok && key->size >= SCAN_KEY_MAX)
        status = STATUS_corrupt;
    if (!lookup_found(status, scan->table, *key))
        return false;
    memcpy(scan->from, key->data, key->size);
    scan->from[key->size] = 0;
    scan->from_size = key->size + 1;
    return true;
}

static uint64_t counter(struct node *node, const char *name)
{
    struct span value, key = span_of(name);
    return lookup_found(store_find(node->reader, TABLE_meta, key, &value), TABLE_meta, key) ? key_u64_value(value) : 0;
}

static void load_counters(struct node *node)
{
    node->newest = node->committed = node->checkpoint.rows_lsn = counter(node, META_NEWEST);
    node->now_ms = (int64_t)counter(node, META_NOW_MS);
    node->checkpoint.replay_from = counter(node, META_REPLAY_FROM);
    if (node->checkpoint.replay_from == 0)
        node->checkpoint.replay_from = 1;
    if (store_newest(node->reader) != node->newest)
        fatal(FATAL_corrupt, "the log ends at record %llu, but the last commit at %llu", (unsigned long long)store_newest(node->reader),
              (unsigned long long)node->newest);
    struct counters counters = {
        .newest = node->newest,
        .now_ms = node->now_ms,
        .conversation = counter(node, META_CONVERSATION),
        .customer = counter(node, META_CUSTOMER),
        .session = counter(node, META_SESSION),
    };
    engine_load_counters(node->engine, counters);
}

static uint64_t load_table(struct node *node, enum store_table table, enum row_kind kind)
{
    struct scan scan = {.reader = node->reader, .table = table};
    struct span key, value;
    uint64_t rows = 0;
    for (; scan_next(&scan, &key, &value); rows++) {
        struct row row = lookup_decode(kind, key_u64_value(key), value);
        engine_load(node->engine, &row);
    }
    return rows;
}

static void load_pending(struct node *node)
{
    struct scan scan = {.reader = node->reader, .table = TABLE_pending};
    struct span key, value;
    while (scan_next(&scan, &key, &value)) {
        name_id principal;
        lsn_t lsn;
        if (!key_pending_value(key, &principal, &lsn))
            fatal(FATAL_corrupt, "a key of the pending table has %u bytes", key.size);
        engine_load_pending(node->engine, principal, lsn);
    }
}

static void replay_record(struct node *node, const struct record *record)
{
    struct missing missing = {0};
    struct lookup rows = {0};
    while (engine_replay_missing(node->engine, record, rows.customer_row, rows.conversation_row, &missing))
        lookup_missing(node->reader, &missing, &rows);
    engine_replay(node->engine, record, rows.customer_row, rows.conversation_row);
}

/* The first record that the engine needs: for its client key, or to be replayed. */
static lsn_t first_needed(const struct node *node)
{
    lsn_t remembered = engine_remember_from(node->newest);
    return least(remembered, node->checkpoint.replay_from);
}

static void read_log(struct node *node)
{
    lsn_t first = first_needed(node);
    uint64_t told_ms = uv_hrtime() / 1000000;
    for (lsn_t lsn = first; lsn <= node->newest; lsn++) {
        struct record record;
        lookup_record(node->reader, lsn, &record);
        if (lsn < node->checkpoint.replay_from)
            engine_remember(node->engine, &record);
        else
            replay_record(node, &record);
        uint64_t now_ms = uv_hrtime() / 1000000;
        if (now_ms - told_ms < PROGRESS_MS)
            continue;
        told_ms = now_ms;
        log_line(&node->log, LOG_info, "recovery", "%llu of %llu records read", (unsigned long long)(lsn - first + 1),
                 (unsigned long long)(node->newest - first + 1));
    }
}

void recovery_run(struct node *node)
{
    load_counters(node);
    load_table(node, TABLE_names, ROW_name);
    load_table(node, TABLE_principals, ROW_principal);
    load_pending(node);
    uint64_t sessions = load_table(node, TABLE_sessions, ROW_session);
    uint64_t open = load_table(node, TABLE_open, ROW_conversation);
    read_log(node);
    store_release(node->reader);
    log_line(&node->log, LOG_info, "recovery",
             "%llu records, %llu sessions and %llu conversations from the checkpoint, %llu records replayed",
             (unsigned long long)node->newest, (unsigned long long)sessions, (unsigned long long)open,
             (unsigned long long)(node->newest + 1 - node->checkpoint.replay_from));
}
