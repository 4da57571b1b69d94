#include <assert.h>
#include <endian.h>
#include <stddef.h>

#include "proto/codec.h"
#include "proto/codec_table.h"
#include "proto/expect.h"

/* Written by hand into reserved memory: a field is then a few stores, where a packer costs a call back per head and per body. */
enum {
    HEAD_MAX = 9,               /* bytes of the largest number or head */
    FIELD_HEADS = 1 + HEAD_MAX, /* its key, and its number or head */
    LIST_HEAD = 5,              /* array32: its count is known only at the end */
};

static_assert(CODEC_KEYS_MAX <= 0x80, "a key is one byte");

/* The size is a constant wherever it is called: one store. */
static inline char *put_number(char *at, uint8_t code, uint64_t value, uint32_t size)
{
    uint64_t big = htobe64(value << (64 - 8 * size));
    *at++ = (char)code;
    memcpy(at, &big, size);
    return at + size;
}

static inline char *put_uint(char *at, uint64_t value)
{
    if (value < 0x80) {
        *at = (char)value;
        return at + 1;
    }
    if (value <= UINT8_MAX)
        return put_number(at, 0xcc, value, 1);
    if (value <= UINT16_MAX)
        return put_number(at, 0xcd, value, 2);
    if (value <= UINT32_MAX)
        return put_number(at, 0xce, value, 4);
    return put_number(at, 0xcf, value, 8);
}

static inline char *put_text_head(char *at, struct span text)
{
    if (text.size < 32)
        *at++ = (char)(0xa0 | text.size);
    else if (text.size <= UINT8_MAX)
        at = put_number(at, 0xd9, text.size, 1);
    else if (text.size <= UINT16_MAX)
        at = put_number(at, 0xda, text.size, 2);
    else
        at = put_number(at, 0xdb, text.size, 4);
    return at;
}

static inline char *put_bytes(char *at, struct span bytes)
{
    if (bytes.size > 0)
        memcpy(at, bytes.data, bytes.size);
    return at + bytes.size;
}

static char *put_array(char *at, uint32_t count)
{
    if (count < 16) {
        *at = (char)(0x90 | count);
        return at + 1;
    }
    return count <= UINT16_MAX ? put_number(at, 0xdc, count, 2) : put_number(at, 0xdd, count, 4);
}

static char *put_map(char *at, uint32_t pairs)
{
    if (pairs < 16) {
        *at = (char)(0x80 | pairs);
        return at + 1;
    }
    return put_number(at, 0xde, pairs, 2);
}

static void encode_map(struct buffer *buffer, const struct map_spec *spec, const void *map);

/* Of one map: room for them is made at once. */
static inline size_t heads_bytes(const struct map_spec *spec)
{
    return (size_t)spec->keys * FIELD_HEADS;
}

/* Makes what was written up to `at` part of the buffer. */
static inline void keep(struct buffer *buffer, const char *at)
{
    buffer->size = (size_t)(at - buffer->data);
}

static void encode_list(struct buffer *buffer, const struct field_spec *field, char *at, const char *map)
{
    struct list_value list = codec_list_value(field, map);
    EXPECT(list.count <= field->max);
    keep(buffer, put_array(at, list.count));
    const struct map_spec *child = &codec_maps[field->child];
    for (uint32_t i = 0; i < list.count; i++)
        encode_map(buffer, child, list.items + (size_t)i * child->size);
}

static inline char *encode_number(char *at, const struct field_spec *field, const char *map)
{
    uint64_t value;
    memcpy(&value, map + field->at, sizeof value);
    EXPECT(value <= field->max);
    return put_uint(at, value);
}

/* `heads`: what may still come behind them. */
static inline char *encode_bytes(struct buffer *buffer, size_t heads, const struct field_spec *field, char *at, const char *map)
{
    struct span bytes;
    memcpy(&bytes, map + field->at, sizeof bytes);
    EXPECT(bytes.size <= field->max);
    keep(buffer, field->type == FIELD_text ? put_text_head(at, bytes) : at);
    return put_bytes(buffer_reserve(buffer, bytes.size + heads), bytes);
}

static inline char *encode_field(struct buffer *buffer, size_t heads, const struct field_spec *field, char *at, const char *map)
{
    switch ((enum field_type)field->type) {
    case FIELD_none:
        break;
    case FIELD_uint:
        return encode_number(at, field, map);
    case FIELD_text:
    case FIELD_raw:
        return encode_bytes(buffer, heads, field, at, map);
    case FIELD_list:
        encode_list(buffer, field, at, map);
        return buffer_reserve(buffer, heads);
    }
    return at;
}

static void encode_fields(struct buffer *buffer, const struct map_spec *spec, uint64_t keys, const char *map)
{
    size_t heads = heads_bytes(spec);
    char *at = buffer_reserve(buffer, heads);
    for (; keys; keys &= keys - 1) {
        uint32_t key = (uint32_t)__builtin_ctzll(keys);
        *at++ = (char)key;
        at = encode_field(buffer, heads, &spec->fields[key], at, map);
    }
    keep(buffer, at);
}

static void encode_map(struct buffer *buffer, const struct map_spec *spec, const void *map)
{
    uint64_t keys = spec->present(map) | spec->required;
    char *at = put_map(buffer_reserve(buffer, HEAD_MAX), (uint32_t)__builtin_popcountll(keys));
    keep(buffer, at);
    encode_fields(buffer, spec, keys, map);
}

/* The frame's map head and its verb. */
static const struct map_spec *encode_verb(struct buffer *buffer, const struct frame *frame, uint64_t *keys)
{
    const struct verb_spec *verb = &codec_verbs[frame->verb];
    EXPECT(verb->name);
    const struct map_spec *spec = &codec_maps[verb->map];
    *keys = spec->present(&frame->hello) | spec->required;
    char *at = put_map(buffer_reserve(buffer, 2 * FIELD_HEADS), (uint32_t)__builtin_popcountll(*keys) + 1);
    *at++ = 0;
    keep(buffer, put_uint(at, (uint64_t)frame->verb));
    return spec;
}

void codec_encode(struct buffer *buffer, const struct frame *frame)
{
    uint64_t keys;
    const struct map_spec *spec = encode_verb(buffer, frame, &keys);
    encode_fields(buffer, spec, keys, (const char *)&frame->hello);
}

static uint32_t list_key(const struct map_spec *spec)
{
    uint32_t found = 0;
    for (uint32_t key = 1; key < spec->keys; key++)
        if (spec->fields[key].type == FIELD_list) {
            EXPECT(found == 0);
            found = key;
        }
    EXPECT(found != 0);
    return found;
}

struct codec_list codec_begin(struct buffer *buffer, const struct frame *head)
{
    uint64_t keys;
    const struct map_spec *spec = encode_verb(buffer, head, &keys);
    uint32_t key = list_key(spec);
    EXPECT(codec_list_value(&spec->fields[key], &head->hello).count == 0);
    EXPECT(spec->fields[key].required);
    encode_fields(buffer, spec, keys & ~(UINT64_C(1) << key), (const char *)&head->hello);
    char *at = put_uint(buffer_reserve(buffer, HEAD_MAX + LIST_HEAD), key);
    keep(buffer, put_number(at, 0xdd, 0, 4));
    return (struct codec_list){buffer, buffer->size - 4, 0};
}

static void list_add(struct codec_list *list, enum map_id child, const void *map)
{
    encode_map(list->buffer, &codec_maps[child], map);
    list->count++;
}

void codec_record(struct codec_list *list, const struct wire_record *record)
{
    list_add(list, MAP_record, record);
}

void codec_result(struct codec_list *list, const struct wire_result *result)
{
    list_add(list, MAP_result, result);
}

void codec_change(struct codec_list *list, const struct wire_change *change)
{
    list_add(list, MAP_change, change);
}

void codec_items_bytes(struct codec_list *list, uint32_t count, struct span encoded)
{
    buffer_append(list->buffer, encoded.data, encoded.size);
    list->count += count;
}

void codec_end(struct codec_list *list)
{
    put_number(list->buffer->data + list->count_at - 1, 0xdd, list->count, 4);
}

void codec_encode_change(struct buffer *buffer, const struct wire_change *change)
{
    encode_map(buffer, &codec_maps[MAP_change], change);
}
