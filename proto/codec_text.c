#include <inttypes.h>

#include "proto/codec.h"
#include "proto/codec_table.h"
#include "proto/item.h"
#include "proto/utf8.h"

enum {
    TEXT_BYTES_MAX = 160, /* of one text; a line of a log is to be read */
    TEXT_RAW_MAX = 512,   /* a raw value larger than this is only counted */
    TEXT_ITEMS_MAX = 16,  /* of one list */
};

static void put_character(struct buffer *out, char character)
{
    switch (character) {
    case '"':
        buffer_format(out, "\\\"");
        return;
    case '\\':
        buffer_format(out, "\\\\");
        return;
    case '\n':
        buffer_format(out, "\\n");
        return;
    }
    if ((unsigned char)character < 0x20 || character == 0x7f)
        buffer_format(out, "\\x%02x", (unsigned char)character);
    else
        buffer_append(out, &character, 1);
}

static void put_text(struct buffer *out, struct span text)
{
    struct span shown = utf8_cut(text, TEXT_BYTES_MAX);
    buffer_format(out, "\"");
    for (uint32_t i = 0; i < shown.size; i++)
        put_character(out, shown.data[i]);
    buffer_format(out, "\"");
    if (shown.size < text.size)
        buffer_format(out, "+%u", text.size - shown.size);
}

static void put_value(struct buffer *out, struct cursor *cursor);

static void put_items(struct buffer *out, struct cursor *cursor, const struct item *list)
{
    bool map = list->type == ITEM_map;
    buffer_format(out, map ? "{" : "[");
    for (uint64_t i = 0; i < list->value; i++) {
        if (i > 0)
            buffer_format(out, ", ");
        put_value(out, cursor);
        if (map) {
            buffer_format(out, ": ");
            put_value(out, cursor);
        }
    }
    buffer_format(out, map ? "}" : "]");
}

static void put_float(struct buffer *out, uint64_t bits)
{
    double number;
    memcpy(&number, &bits, sizeof number);
    buffer_format(out, "%g", number);
}

/* One value of msgpack, nearly as JSON writes it. */
static void put_value(struct buffer *out, struct cursor *cursor)
{
    struct item item;
    if (!item_read(cursor, &item))
        return;
    switch (item.type) {
    case ITEM_nil:
        buffer_format(out, "null");
        return;
    case ITEM_bool:
        buffer_format(out, item.value ? "true" : "false");
        return;
    case ITEM_uint:
        buffer_format(out, "%" PRIu64, item.value);
        return;
    case ITEM_negative:
        buffer_format(out, "%" PRId64, (int64_t)item.value);
        return;
    case ITEM_float:
        put_float(out, item.value);
        return;
    case ITEM_str:
        put_text(out, item.body);
        return;
    case ITEM_bin:
    case ITEM_ext:
        buffer_format(out, "<%u bytes>", item.body.size);
        return;
    case ITEM_array:
    case ITEM_map:
        put_items(out, cursor, &item);
        return;
    }
}

/* The frame may be our own and not yet checked by anyone, so the value is walked before it is believed. */
static void put_raw(struct buffer *out, struct span raw)
{
    struct cursor check = {raw.data, raw.data + raw.size}, cursor = check;
    if (raw.size > TEXT_RAW_MAX || item_skip(&check, WIRE_RAW_DEPTH_MAX, true) != STATUS_ok || check.at != check.end)
        buffer_format(out, "<%u bytes>", raw.size);
    else
        put_value(out, &cursor);
}

static void put_number(struct buffer *out, const struct map_spec *spec, uint32_t key, const char *map)
{
    const char *word = codec_word(spec, key, map);
    uint64_t number;
    memcpy(&number, map + spec->fields[key].at, sizeof number);
    if (*word == '?')
        buffer_format(out, "%" PRIu64, number);
    else
        buffer_format(out, "%s", word);
}

static void put_map(struct buffer *out, const struct map_spec *spec, const char *map, const char *between);

static void put_list(struct buffer *out, const struct field_spec *field, const char *map)
{
    struct list_value list = codec_list_value(field, map);
    const struct map_spec *child = &codec_maps[field->child];
    buffer_format(out, "[");
    for (uint32_t i = 0; i < list.count && i < TEXT_ITEMS_MAX; i++) {
        buffer_format(out, i > 0 ? " {" : "{");
        put_map(out, child, list.items + (size_t)i * child->size, "");
        buffer_format(out, "}");
    }
    buffer_format(out, "]");
    if (list.count > TEXT_ITEMS_MAX)
        buffer_format(out, "+%u", list.count - TEXT_ITEMS_MAX);
}

static void put_field(struct buffer *out, const struct map_spec *spec, uint32_t key, const char *map)
{
    const struct field_spec *field = &spec->fields[key];
    struct span bytes;
    switch ((enum field_type)field->type) {
    case FIELD_none:
        return;
    case FIELD_uint:
        put_number(out, spec, key, map);
        return;
    case FIELD_text:
        memcpy(&bytes, map + field->at, sizeof bytes);
        put_text(out, bytes);
        return;
    case FIELD_raw:
        memcpy(&bytes, map + field->at, sizeof bytes);
        put_raw(out, bytes);
        return;
    case FIELD_list:
        put_list(out, field, map);
        return;
    }
}

static void put_map(struct buffer *out, const struct map_spec *spec, const char *map, const char *between)
{
    for (uint64_t keys = spec->present(map) | spec->required; keys; keys &= keys - 1) {
        uint32_t key = (uint32_t)__builtin_ctzll(keys);
        buffer_format(out, "%s%s=", between, spec->fields[key].name);
        put_field(out, spec, key, map);
        between = " ";
    }
}

void codec_text(struct buffer *out, const struct frame *frame)
{
    const struct verb_spec *verb = &codec_verbs[frame->verb];
    buffer_format(out, "%s", verb->name);
    put_map(out, &codec_maps[verb->map], (const char *)&frame->hello, " ");
}

void codec_text_bytes(struct buffer *out, struct span bytes)
{
    struct arena arena = {0};
    struct frame frame;
    struct codec_error error;
    enum status status = codec_decode(bytes, &arena, &frame, &error);
    if (status == STATUS_ok)
        codec_text(out, &frame);
    else
        buffer_format(out, "(%s: %s)", status_name(status), error.detail);
    arena_fini(&arena);
}
