/* msgpack, one item at a time, out of bytes that may be anything. An item is a scalar, a str, bin or ext with its body, or the head of an
 * array or map whose items follow. Never allocates, never reads past the end; a count that the bytes left cannot hold is refused with the
 * head. */
#ifndef RELEVO_ITEM_H
#define RELEVO_ITEM_H

#include <endian.h>

#include "proto/span.h"
#include "proto/status.h"

enum item_type { ITEM_nil, ITEM_bool, ITEM_uint, ITEM_negative, ITEM_float, ITEM_str, ITEM_bin, ITEM_ext, ITEM_array, ITEM_map };

struct item {
    enum item_type type;
    uint64_t value;   /* number; negative: two's complement; float: the bits of a double; array, map: how many items or pairs */
    struct span body; /* str, bin, ext */
};

struct cursor {
    const char *at, *end;
};

/* Every form that item_read does not read itself. `code` is its first byte, which the cursor has passed. */
bool item_read_long(struct cursor *cursor, uint8_t code, struct item *out) MUST_CHECK;

static inline bool item_body(struct cursor *cursor, uint64_t size, struct item *out)
{
    if (size > (uint64_t)(cursor->end - cursor->at))
        return false;
    out->body = (struct span){cursor->at, (uint32_t)size};
    cursor->at += size;
    return true;
}

/* Items that `item` says will follow it. */
static inline uint64_t item_children(const struct item *item)
{
    return item->type == ITEM_map ? item->value * 2 : item->type == ITEM_array ? item->value : 0;
}

/* Reads one item; false when the bytes are not one, and the cursor is then anywhere in it. */
static inline bool item_read(struct cursor *cursor, struct item *out)
{
    if (cursor->at == cursor->end)
        return false;
    uint8_t code = (uint8_t)*cursor->at++;
    if (code < 0x80) {
        out->type = ITEM_uint;
        out->value = code;
        return true;
    }
    if ((code & 0xe0) == 0xa0) {
        out->type = ITEM_str;
        return item_body(cursor, code & 0x1f, out);
    }
    return item_read_long(cursor, code, out);
}

/* The same for most unsigned integers, with less work. False, and nothing is read: it is another item, or too near the end to tell. */
static inline bool item_try_uint(struct cursor *cursor, uint64_t *out)
{
    uint64_t left = (uint64_t)(cursor->end - cursor->at), big;
    if (left == 0)
        return false;
    uint32_t code = (uint8_t)*cursor->at;
    if (code < 0x80) {
        *out = code;
        cursor->at++;
        return true;
    }
    if (code - 0xcc > 3 || left <= sizeof big)
        return false;
    uint32_t size = 1u << (code - 0xcc);
    memcpy(&big, cursor->at + 1, sizeof big);
    *out = be64toh(big) >> (64 - 8 * size);
    cursor->at += 1 + size;
    return true;
}

/* Passes over one whole value, however nested. bad_frame: not msgpack; too_deep: nests deeper than `depth_max`; bad_field: `check_text` and
 * a str in it is not UTF-8. The cursor then is behind the item that was refused. */
enum status item_skip(struct cursor *cursor, uint32_t depth_max, bool check_text) MUST_CHECK;

#endif
