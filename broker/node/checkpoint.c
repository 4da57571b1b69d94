#include "node/checkpoint.h"

#include <assert.h>

#include "base/check.h"
#include "base/least.h"
#include "limits.h"
#include "node/lookup.h"
#include "node/node.h"
#include "store/field_codec.h"

enum {
    SLICE_MS = 50,        /* between slices */
    SLICES_TO_CLEAN = 64, /* a broker that falls quiet is clean within seconds, however much is dirty */
    PENDING_PER_ROW = 32, /* neighbouring keys of the pending table that cost about what one row does */
};

/* The largest checkpoint: its last row may be an outbox that filled up, or was emptied and filled up again, since it was written last. */
static_assert(3 * LIMIT_ROWS_PER_BATCH_MAX + PENDING_PER_ROW * LIMIT_ROWS_PER_BATCH_MAX + 2 * LIMIT_OUTBOX_ENTRIES < STORE_CHANGES_MAX,
              "a checkpoint fits a batch");

/* At this pace every dirty row is written before the replay grows to its limit: the fewer records are left until then, the more rows go
 * with each of them. */
uint64_t checkpoint_pace(uint64_t records, uint64_t dirty, uint64_t replay)
{
    uint64_t left = replay < LIMIT_REPLAY_RECORDS ? LIMIT_REPLAY_RECORDS - replay : 1;
    return least(records < left ? dirty * records / left : dirty, LIMIT_ROWS_PER_BATCH_MAX);
}

uint64_t checkpoint_slice(uint64_t dirty)
{
    return least(dirty, least(most(dirty / SLICES_TO_CLEAN, LIMIT_ROWS_PER_SLICE_MIN), LIMIT_ROWS_PER_BATCH_MAX));
}

/* Slices are for quiet times. Under load what is written now will have changed again soon, and the pace is enough. */
static uint64_t slice_due(struct node *node, uint64_t dirty)
{
    uint64_t now_ms = uv_now(&node->loop), records = node->newest - node->checkpoint.slice_lsn;
    if (now_ms < node->checkpoint.slice_ms)
        return 0;
    node->checkpoint.slice_ms = now_ms + SLICE_MS;
    node->checkpoint.slice_lsn = node->newest;
    uint64_t slice = checkpoint_slice(dirty);
    return records < slice ? slice : 0;
}

uint64_t checkpoint_rows_due(struct node *node)
{
    if (node->checkpoint.rows_batch)
        return 0;
    uint64_t dirty = engine_dirty_count(node->engine);
    if (node->draining)
        return least(dirty, LIMIT_ROWS_PER_BATCH_MAX);
    return most(slice_due(node, dirty),
                checkpoint_pace(node->newest - node->checkpoint.rows_lsn, dirty, node->newest + 1 - node->checkpoint.replay_from));
}

uint64_t checkpoint_deadline(const struct node *node)
{
    return engine_dirty_count(node->engine) && !node->checkpoint.rows_batch ? node->checkpoint.slice_ms : UINT64_MAX;
}

static void put(struct node *node, enum store_table table, uint64_t id, const struct row *row)
{
    char key[8];
    buffer_clear(&node->scratch);
    row_encode(&node->scratch, row);
    store_put(node->batch, table, key_u64(id, key), buffer_span(&node->scratch));
}

static void drop(struct node *node, enum store_table table, uint64_t id)
{
    char key[8];
    store_delete(node->batch, table, key_u64(id, key));
}

static void put_conversation(struct node *node, const struct row *row)
{
    uint64_t id = row->conversation.id;
    bool finished = row->conversation.substate >= SUBSTATE_resolved;
    put(node, finished ? TABLE_finished : TABLE_open, id, row);
    if (finished)
        drop(node, TABLE_open, id);
}

static void put_customer(struct node *node, const struct row *row)
{
    char key[ADDRESS_KEY_MAX], id[8];
    put(node, TABLE_customers, row->customer.id, row);
    store_put(node->batch, TABLE_addresses, address_key(row->customer.channel, row->customer.address, key), key_u64(row->customer.id, id));
}

/* Returns how many changes of the pending table went with the row. */
static uint64_t put_principal(struct node *node, const struct row *row)
{
    name_id principal;
    lsn_t lsn;
    bool added;
    char key[12];
    uint64_t changes = 0;
    put(node, TABLE_principals, row->principal.id, row);
    for (; engine_next_pending(node->engine, &principal, &lsn, &added); changes++)
        if (added)
            store_put(node->batch, TABLE_pending, key_pending(principal, lsn, key), span_of(""));
        else
            store_delete(node->batch, TABLE_pending, key_pending(principal, lsn, key));
    return changes;
}

/* Returns how many rows it counts for: an outbox that changed much counts for several. */
static uint64_t put_row(struct node *node, const struct row *row)
{
    switch (row->kind) {
    case ROW_conversation:
        put_conversation(node, row);
        return 1;
    case ROW_customer:
        put_customer(node, row);
        return 1;
    case ROW_principal:
        return 1 + put_principal(node, row) / PENDING_PER_ROW;
    case ROW_session:
        if (row->gone)
            drop(node, TABLE_sessions, row->session.id);
        else
            put(node, TABLE_sessions, row->session.id, row);
        return 1;
    case ROW_name:
        put(node, TABLE_names, row->name.id, row);
        return 1;
    case ROW_KINDS:
        break;
    }
    ASSERT(!"a kind of row");
    return 1;
}

static void put_counter(struct node *node, const char *name, uint64_t value)
{
    char bytes[8];
    store_put(node->batch, TABLE_meta, span_of(name), key_u64(value, bytes));
}

static void put_counters(struct node *node)
{
    struct counters counters = engine_counters(node->engine);
    put_counter(node, META_REPLAY_FROM, node->checkpoint.replay_from_next);
    put_counter(node, META_NEWEST, counters.newest);
    put_counter(node, META_NOW_MS, (uint64_t)counters.now_ms);
    put_counter(node, META_CONVERSATION, counters.conversation);
    put_counter(node, META_CUSTOMER, counters.customer);
    put_counter(node, META_SESSION, counters.session);
}

void checkpoint_write(struct node *node, uint64_t rows_max)
{
    struct row row;
    for (uint64_t rows = 0; rows < rows_max && engine_next_row(node->engine, &row);)
        rows += put_row(node, &row);
    if (rows_max)
        node->checkpoint.rows_lsn = node->newest;
    node->checkpoint.replay_from_next = engine_replay_from(node->engine);
    put_counters(node);
}

/* Only a row that can be read again may leave memory, and the next rows are taken only then. */
void checkpoint_take_settled(struct node *node)
{
    if (node->checkpoint.rows_batch == 0 || node->checkpoint.rows_batch > store_settled(node->store))
        return;
    node->checkpoint.rows_batch = 0;
    engine_rows_saved(node->engine);
}
