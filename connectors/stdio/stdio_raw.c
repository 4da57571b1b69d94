#include "connectors/stdio/stdio_raw.h"

#include <stdio.h>

#include "proto/buffer.h"
#include "proto/item.h"
#include "proto/message.h"

static const char *const attachment_names[] = {NULL, "type", "name", "size", "reference"};
enum { ATTACHMENT_NAMES = sizeof attachment_names / sizeof *attachment_names };

static void pack_bytes(struct buffer *out, uint8_t code, uint64_t number, uint32_t bytes)
{
    char *at = buffer_reserve(out, 1 + bytes);
    at[0] = (char)code;
    for (uint32_t i = 0; i < bytes; i++)
        at[1 + i] = (char)(number >> (8 * (bytes - 1 - i)));
    out->size += 1 + bytes;
}

/* The head of what has a size: one byte when it is below `fixed_max`, else with 16 or 32 bits, whose codes follow each other. */
static void pack_size(struct buffer *out, uint8_t fixed, uint32_t fixed_max, uint8_t code16, uint64_t size)
{
    if (size < fixed_max)
        pack_bytes(out, (uint8_t)(fixed | size), 0, 0);
    else if (size <= UINT16_MAX)
        pack_bytes(out, code16, size, 2);
    else
        pack_bytes(out, (uint8_t)(code16 + 1), size, 4);
}

static void pack_integer(struct buffer *out, json_int_t number)
{
    if (number >= 0 && number < 128)
        pack_bytes(out, (uint8_t)number, 0, 0);
    else if (number >= 0)
        pack_bytes(out, 0xcf, (uint64_t)number, 8);
    else
        pack_bytes(out, 0xd3, (uint64_t)number, 8);
}

static void pack_real(struct buffer *out, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    pack_bytes(out, 0xcb, bits, 8);
}

static void pack_text(struct buffer *out, const char *text, size_t size)
{
    pack_size(out, 0xa0, 32, 0xda, size);
    buffer_append(out, text, size);
}

static void pack_key(struct buffer *out, const char *key, bool attachments)
{
    for (uint8_t i = 1; attachments && i < ATTACHMENT_NAMES; i++) {
        if (strcmp(key, attachment_names[i]) == 0) {
            pack_bytes(out, i, 0, 0);
            return;
        }
    }
    pack_text(out, key, strlen(key));
}

static bool pack_value(struct buffer *out, const json_t *value, bool attachments, uint32_t depth);

static bool pack_object(struct buffer *out, const json_t *object, bool attachments, uint32_t depth)
{
    /* jansson's iterator takes a mutable object but does not change it. */
    json_t *mutable = (json_t *)(uintptr_t)object;
    pack_size(out, 0x80, 16, 0xde, json_object_size(object));
    for (void *at = json_object_iter(mutable); at; at = json_object_iter_next(mutable, at)) {
        pack_key(out, json_object_iter_key(at), attachments);
        if (!pack_value(out, json_object_iter_value(at), attachments, depth - 1))
            return false;
    }
    return true;
}

static bool pack_array(struct buffer *out, const json_t *array, bool attachments, uint32_t depth)
{
    pack_size(out, 0x90, 16, 0xdc, json_array_size(array));
    for (size_t i = 0; i < json_array_size(array); i++)
        if (!pack_value(out, json_array_get(array, i), attachments, depth - 1))
            return false;
    return true;
}

static bool pack_value(struct buffer *out, const json_t *value, bool attachments, uint32_t depth)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return depth > 0 && pack_object(out, value, attachments, depth);
    case JSON_ARRAY:
        return depth > 0 && pack_array(out, value, attachments, depth);
    case JSON_STRING:
        pack_text(out, json_string_value(value), json_string_length(value));
        return true;
    case JSON_INTEGER:
        pack_integer(out, json_integer_value(value));
        return true;
    case JSON_REAL:
        pack_real(out, json_real_value(value));
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        pack_bytes(out, json_is_true(value) ? 0xc3 : 0xc2, 0, 0);
        return true;
    case JSON_NULL:
        pack_bytes(out, 0xc0, 0, 0);
        return true;
    }
    return false;
}

bool stdio_raw_from_json(const json_t *value, bool attachments, size_t max, struct arena *arena, struct span *out)
{
    struct buffer buffer = {0};
    bool good = pack_value(&buffer, value, attachments, WIRE_RAW_DEPTH_MAX) && buffer.size <= max;
    if (good) {
        char *copy = arena_take(arena, buffer.size);
        memcpy(copy, buffer.data, buffer.size);
        *out = (struct span){copy, (uint32_t)buffer.size};
    }
    buffer_fini(&buffer);
    return good;
}

static json_t *unpack_value(struct cursor *cursor, bool attachments);

static void unpack_pair(struct cursor *cursor, json_t *object, bool attachments)
{
    struct cursor before = *cursor;
    struct item key;
    char number[24];
    if (!item_read(cursor, &key))
        return;
    if (item_children(&key) > 0) {
        /* JSON knows no such key: the pair is passed over. */
        *cursor = before;
        enum status skipped = item_skip(cursor, WIRE_RAW_DEPTH_MAX, false);
        json_decref(skipped == STATUS_ok ? unpack_value(cursor, attachments) : NULL);
        return;
    }
    if (key.type == ITEM_str) {
        json_object_setn_new(object, key.body.data, key.body.size, unpack_value(cursor, attachments));
        return;
    }
    snprintf(number, sizeof number, "%lld", (long long)key.value);
    bool known = attachments && key.type == ITEM_uint && key.value > 0 && key.value < ATTACHMENT_NAMES;
    json_object_set_new(object, known ? attachment_names[key.value] : number, unpack_value(cursor, attachments));
}

static json_t *unpack_map(struct cursor *cursor, uint64_t count, bool attachments)
{
    json_t *object = json_object();
    for (uint64_t i = 0; i < count; i++)
        unpack_pair(cursor, object, attachments);
    return object;
}

static json_t *unpack_array(struct cursor *cursor, uint64_t count, bool attachments)
{
    json_t *array = json_array();
    for (uint64_t i = 0; i < count; i++)
        json_array_append_new(array, unpack_value(cursor, attachments));
    return array;
}

static json_t *unpack_real(uint64_t bits)
{
    double number;
    memcpy(&number, &bits, sizeof number);
    json_t *value = json_real(number);
    return value ? value : json_null(); /* not a number, or infinite */
}

static json_t *unpack_value(struct cursor *cursor, bool attachments)
{
    struct item item;
    if (!item_read(cursor, &item))
        return json_null();
    switch (item.type) {
    case ITEM_nil:
    case ITEM_bin:
    case ITEM_ext:
        return json_null();
    case ITEM_bool:
        return json_boolean(item.value);
    case ITEM_uint:
    case ITEM_negative:
        return json_integer((json_int_t)item.value);
    case ITEM_float:
        return unpack_real(item.value);
    case ITEM_str:
        return json_stringn_nocheck(item.body.data, item.body.size);
    case ITEM_array:
        return unpack_array(cursor, item.value, attachments);
    case ITEM_map:
        return unpack_map(cursor, item.value, attachments);
    }
    return json_null();
}

json_t *stdio_raw_to_json(struct span raw, bool attachments)
{
    struct cursor check = {raw.data, raw.data + raw.size}, cursor = check;
    /* Walked whole before it is believed: the reading below relies on every count and every text. */
    if (item_skip(&check, WIRE_RAW_DEPTH_MAX, true) != STATUS_ok || check.at != check.end)
        return json_null();
    return unpack_value(&cursor, attachments);
}
