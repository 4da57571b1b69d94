/* Records and rows <-> bytes, from the field tables of engine/records.def and engine/rows.def.
 *
 * Stored record:  kind (1 byte) | at_ms (8, little-endian) | fields
 * Stored row:     fields
 * fields:         presence mask (LEB128 varint of the bits) | for each bit present, ascending: a number as a varint (a signed one
 *                 zigzag), bytes as the varint of their size and then themselves
 *
 * No padding, no pointers: the same state gives the same bytes everywhere. Decoding checks every bound; that the bytes are still those
 * that were encoded is the store's business. */
#ifndef RELEVO_FIELD_CODEC_H
#define RELEVO_FIELD_CODEC_H

#include "engine/row.h"
#include "proto/buffer.h"
#include "proto/status.h"

void record_encode(struct buffer *buffer, const struct record *record);

/* Spans borrow `bytes`. corrupt when they are not of this form. */
enum status record_decode(struct span bytes, lsn_t lsn, struct record *out) MUST_CHECK;

void row_encode(struct buffer *buffer, const struct row *row);
enum status row_decode(struct span bytes, enum row_kind kind, uint64_t id, struct row *out) MUST_CHECK;

/* Keys: big-endian, so that byte order is number order. `out` needs 8 (12) bytes. */
struct span key_u64(uint64_t id, char out[8]);
uint64_t key_u64_value(struct span key); /* 0 for a key of another size */
struct span key_pending(name_id principal, lsn_t lsn, char out[12]);
bool key_pending_value(struct span key, name_id *principal, lsn_t *lsn);

#endif
