#include "node/lookup.h"

#include "base/check.h"
#include "store/field_codec.h"

void lookup_record(struct store_reader *reader, lsn_t lsn, struct record *out)
{
    struct span bytes;
    enum status status = store_read(reader, lsn, &bytes);
    if (status == STATUS_ok)
        status = record_decode(bytes, lsn, out);
    if (status != STATUS_ok)
        fatal(FATAL_corrupt, "the record at lsn %llu: %s", (unsigned long long)lsn, status_text(status));
}

struct row lookup_decode(enum row_kind kind, uint64_t id, struct span bytes)
{
    struct row row;
    if (row_decode(bytes, kind, id, &row) != STATUS_ok)
        fatal(FATAL_corrupt, "row %llu of kind %d: %s", (unsigned long long)id, (int)kind, status_text(STATUS_corrupt));
    return row;
}

bool lookup_found(enum status status, enum store_table table, struct span key)
{
    struct buffer name = {0};
    if (status == STATUS_ok || status == STATUS_not_found)
        return status == STATUS_ok;
    for (uint32_t i = 0; i < key.size; i++)
        buffer_format(&name, "%02x", (unsigned char)key.data[i]);
    fatal(FATAL_corrupt, "table %d, key %.*s: %s", (int)table, (int)name.size, name.data, status_text(status));
}

static bool find(struct store_reader *reader, enum store_table table, struct span key, struct span *value)
{
    return lookup_found(store_find(reader, table, key, value), table, key);
}

bool lookup_row(struct store_reader *reader, enum store_table table, enum row_kind kind, uint64_t id, struct row *out)
{
    char key[8];
    struct span bytes;
    if (!find(reader, table, key_u64(id, key), &bytes))
        return false;
    *out = lookup_decode(kind, id, bytes);
    return true;
}

struct span address_key(struct span channel, struct span address, char out[ADDRESS_KEY_MAX])
{
    ASSERT(channel.size <= WIRE_NAME_MAX && address.size <= WIRE_ADDRESS_MAX);
    memcpy(out, channel.data, channel.size);
    out[channel.size] = 0;
    memcpy(out + channel.size + 1, address.data, address.size);
    return (struct span){out, channel.size + 1 + address.size};
}

/* The customer of a channel type and address; 0: none. */
static customer_id lookup_address(struct store_reader *reader, struct span channel, struct span address)
{
    char key[ADDRESS_KEY_MAX];
    struct span value;
    return find(reader, TABLE_addresses, address_key(channel, address, key), &value) ? key_u64_value(value) : 0;
}

static void lookup_customer(struct store_reader *reader, customer_id id, struct missing *missing, struct lookup *rows)
{
    missing->customer_absent = id == 0 || !lookup_row(reader, TABLE_customers, ROW_customer, id, &rows->customer);
    rows->customer_row = missing->customer_absent ? NULL : &rows->customer.customer;
}

void lookup_missing(struct store_reader *reader, struct missing *missing, struct lookup *rows)
{
    switch (missing->kind) {
    case MISSING_address:
        lookup_customer(reader, lookup_address(reader, missing->channel, missing->address), missing, rows);
        return;
    case MISSING_customer:
        lookup_customer(reader, missing->id, missing, rows);
        return;
    case MISSING_conversation:
        missing->conversation_absent = !lookup_row(reader, TABLE_finished, ROW_conversation, missing->id, &rows->conversation);
        rows->conversation_row = missing->conversation_absent ? NULL : &rows->conversation.conversation;
        return;
    }
    ASSERT(!"a kind of missing row");
}
