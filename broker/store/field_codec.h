/* Records and rows <-> bytes, from the field tables of engine/records.def and engine/rows.def.
 *
 * Stored record:  crc32c (4 bytes, of all that follows and the lsn) | kind (1) | at_ms (8, little-endian) | fields
 * Stored row:     crc32c (4, of all that follows and the id) | fields
 * fields:         presence mask (LEB128 varint of the bits) | for each bit present, ascending: a number as a varint (a signed one
 *                 zigzag), bytes as the varint of their size and then themselves
 *
 * No padding, no pointers: the same state gives the same bytes everywhere. Decoding checks the checksum and every bound. */
#ifndef RELEVO_FIELD_CODEC_H
#define RELEVO_FIELD_CODEC_H

#include "engine/row.h"
#include "proto/buffer.h"
#include "proto/status.h"

void record_encode(struct buffer *buffer, const struct record *record);

/* Spans borrow `bytes`. corrupt when anything does not hold. */
enum status record_decode(struct span bytes, lsn_t lsn, struct record *out) MUST_CHECK;

/* The same of bytes that memory kept since record_encode made them: their checksum is for the disk, and not looked at. */
enum status record_decode_kept(struct span bytes, lsn_t lsn, struct record *out) MUST_CHECK;

void row_encode(struct buffer *buffer, const struct row *row);
enum status row_decode(struct span bytes, enum row_kind kind, uint64_t id, struct row *out) MUST_CHECK;

/* Keys: big-endian, so that byte order is number order. `out` needs 8 (12) bytes. */
struct span key_u64(uint64_t id, char out[8]);
uint64_t key_u64_value(struct span key); /* 0 for a key of another size */
struct span key_pending(name_id principal, lsn_t lsn, char out[12]);
bool key_pending_value(struct span key, name_id *principal, lsn_t *lsn);

#endif
