#include "proto/item.h"

#include "proto/expect.h"
#include "proto/message.h"
#include "proto/utf8.h"

/* The codes 0xc0 to 0xdf: what they begin, and how many bytes the number takes that follows. 0xc1 begins nothing. */
static const struct {
    uint8_t type, size;
} long_items[32] = {
    [0x00] = {ITEM_nil, 0},      [0x02] = {ITEM_bool, 0},     [0x03] = {ITEM_bool, 0},     [0x04] = {ITEM_bin, 1},
    [0x05] = {ITEM_bin, 2},      [0x06] = {ITEM_bin, 4},      [0x07] = {ITEM_ext, 1},      [0x08] = {ITEM_ext, 2},
    [0x09] = {ITEM_ext, 4},      [0x0a] = {ITEM_float, 4},    [0x0b] = {ITEM_float, 8},    [0x0c] = {ITEM_uint, 1},
    [0x0d] = {ITEM_uint, 2},     [0x0e] = {ITEM_uint, 4},     [0x0f] = {ITEM_uint, 8},     [0x10] = {ITEM_negative, 1},
    [0x11] = {ITEM_negative, 2}, [0x12] = {ITEM_negative, 4}, [0x13] = {ITEM_negative, 8}, [0x14] = {ITEM_ext, 0},
    [0x15] = {ITEM_ext, 0},      [0x16] = {ITEM_ext, 0},      [0x17] = {ITEM_ext, 0},      [0x18] = {ITEM_ext, 0},
    [0x19] = {ITEM_str, 1},      [0x1a] = {ITEM_str, 2},      [0x1b] = {ITEM_str, 4},      [0x1c] = {ITEM_array, 2},
    [0x1d] = {ITEM_array, 4},    [0x1e] = {ITEM_map, 2},      [0x1f] = {ITEM_map, 4},
};

static inline bool number_read(struct cursor *cursor, uint32_t size, uint64_t *out)
{
    long left = cursor->end - cursor->at;
    uint64_t number = 0;
    if (left < (long)size)
        return false;
    if (size > 0 && left >= (long)sizeof number) { /* one load */
        memcpy(&number, cursor->at, sizeof number);
        number = be64toh(number) >> (64 - 8 * size);
    } else {
        for (uint32_t i = 0; i < size; i++)
            number = number << 8 | (uint8_t)cursor->at[i];
    }
    *out = number;
    cursor->at += size;
    return true;
}

static uint64_t double_bits(uint32_t single_bits)
{
    float single;
    memcpy(&single, &single_bits, sizeof single);
    double wide = single;
    uint64_t bits;
    memcpy(&bits, &wide, sizeof bits);
    return bits;
}

/* A signed form may carry a number that is not negative: some writers know only signed integers. */
static void signed_set(struct item *out, uint32_t size)
{
    uint32_t unused = 64 - 8 * size;
    int64_t value = (int64_t)(out->value << unused) >> unused;
    out->value = (uint64_t)value;
    out->type = value < 0 ? ITEM_negative : ITEM_uint;
}

static inline bool container_fits(const struct cursor *cursor, const struct item *item)
{
    return item_children(item) <= (uint64_t)(cursor->end - cursor->at);
}

/* One byte of type goes before. */
static bool ext_read(struct cursor *cursor, uint64_t size, struct item *out)
{
    return item_body(cursor, size + 1, out);
}

static inline bool item_finish(struct cursor *cursor, uint8_t code, uint32_t size, struct item *out)
{
    switch (out->type) {
    case ITEM_nil:
        return code == 0xc0;
    case ITEM_bool:
        out->value = code & 1;
        return true;
    case ITEM_uint:
        return true;
    case ITEM_negative:
        signed_set(out, size);
        return true;
    case ITEM_float:
        if (size == 4)
            out->value = double_bits((uint32_t)out->value);
        return true;
    case ITEM_str:
    case ITEM_bin:
        return item_body(cursor, out->value, out);
    case ITEM_ext:
        return ext_read(cursor, size ? out->value : UINT64_C(1) << (code - 0xd4), out);
    case ITEM_array:
    case ITEM_map:
        return container_fits(cursor, out);
    }
    return false;
}

/* The codes that hold a small number themselves. */
static bool item_read_small(struct cursor *cursor, uint8_t code, struct item *out)
{
    if (code >= 0xe0) {
        *out = (struct item){.type = ITEM_negative, .value = (uint64_t)(int8_t)code};
        return true;
    }
    *out = (struct item){.type = code < 0x90 ? ITEM_map : ITEM_array, .value = code & 0x0f};
    return container_fits(cursor, out);
}

bool item_read_long(struct cursor *cursor, uint8_t code, struct item *out)
{
    if ((code & 0xe0) != 0xc0)
        return item_read_small(cursor, code, out);
    uint32_t size = long_items[code & 0x1f].size;
    out->type = (enum item_type)long_items[code & 0x1f].type;
    return number_read(cursor, size, &out->value) && item_finish(cursor, code, size, out);
}

enum status item_skip(struct cursor *cursor, uint32_t depth_max, bool check_text)
{
    uint64_t left[WIRE_DEPTH_MAX + 1]; /* items still to come, by depth */
    uint32_t depth = 0;
    struct item item;
    EXPECT(depth_max <= WIRE_DEPTH_MAX);
    left[0] = 1;
    while (depth > 0 || left[0] > 0) {
        if (left[depth] == 0) {
            depth--;
            continue;
        }
        left[depth]--;
        if (!item_read(cursor, &item))
            return STATUS_bad_frame;
        if (check_text && item.type == ITEM_str && !utf8_valid(item.body))
            return STATUS_bad_field;
        if (item.type < ITEM_array)
            continue;
        if (depth == depth_max)
            return STATUS_too_deep;
        left[++depth] = item_children(&item);
    }
    return STATUS_ok;
}
