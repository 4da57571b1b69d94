/* Reading decoded records and rows from the store. What is read borrows the reader's snapshot. Stored bytes that do not hold end the
 * process (FATAL_corrupt): nothing decided from them could be believed. */
#ifndef RELEVO_LOOKUP_H
#define RELEVO_LOOKUP_H

#include "engine/engine.h"
#include "proto/message.h"
#include "store/store.h"

/* The record at `lsn`, which exists. */
void lookup_record(struct store_reader *reader, lsn_t lsn, struct record *out);

/* The row of `id`; false: there is none. */
bool lookup_row(struct store_reader *reader, enum store_table table, enum row_kind kind, uint64_t id, struct row *out);

/* A row from bytes that a scan found. */
struct row lookup_decode(enum row_kind kind, uint64_t id, struct span bytes);

/* What a reader said of a key: it is there, or it is not. Damage is named by table and key (in hexadecimal). */
bool lookup_found(enum status status, enum store_table table, struct span key);

/* The key of TABLE_addresses. */
enum { ADDRESS_KEY_MAX = WIRE_NAME_MAX + 1 + WIRE_ADDRESS_MAX };
struct span address_key(struct span channel, struct span address, char out[ADDRESS_KEY_MAX]);

/* What was looked up for one step. The pointers are NULL until a row was found. */
struct lookup {
    struct row customer, conversation;
    const struct row_customer *customer_row;
    const struct row_conversation *conversation_row;
};

/* Looks for what engine_missing (or engine_replay_missing) asked for; what is not there is marked absent. */
void lookup_missing(struct store_reader *reader, struct missing *missing, struct lookup *rows);

#endif
