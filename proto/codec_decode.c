#include "proto/codec.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "proto/codec_table.h"
#include "proto/expect.h"
#include "proto/item.h"
#include "proto/utf8.h"

/* Where in the frame the decoder is: a map inside a list inside a map. Lives on the stack; read only when something is wrong. */
struct place {
    const struct place *up; /* NULL: the frame itself */
    const char *name;
    uint32_t index; /* in its list, when there is an `up` */
};

enum { LIST_DEPTH = 2 }; /* a list and the maps in it */

struct decoder {
    struct cursor cursor;
    struct arena *arena;
    size_t taken_bytes; /* from the arena, for this frame */
    uint32_t depth;     /* arrays and maps that are open */
    struct codec_error *error;
};

static size_t place_print(const struct place *place, char *out, size_t size)
{
    if (!place->up)
        return (size_t)snprintf(out, size, "%s", place->name);
    size_t used = place_print(place->up, out, size);
    if (used < size)
        used += (size_t)snprintf(out + used, size - used, ".%s[%u]", place->name, place->index);
    return used;
}

/* Says what is wrong with the field `name` at `place`; NULL: with the map itself. */
__attribute__((format(printf, 5, 6))) static enum status refuse(struct decoder *decoder, const struct place *place, const char *name,
                                                                enum status status, const char *format, ...)
{
    char *out = decoder->error->detail;
    size_t size = sizeof decoder->error->detail, used = place_print(place, out, size);
    if (used < size)
        used += (size_t)snprintf(out + used, size - used, "%s%s: ", name ? "." : "", name ? name : "");
    va_list arguments;
    va_start(arguments, format);
    if (used < size)
        vsnprintf(out + used, size - used, format, arguments);
    va_end(arguments);
    return status;
}

/* Where there is no whole item it is a nil, which no field takes: that the frame does not hold together is found out after its refusal. */
static inline void item_next(struct decoder *decoder, struct item *out)
{
    if (!item_read(&decoder->cursor, out))
        *out = (struct item){.type = ITEM_nil};
}

/* An unsigned integer; false when something else is there. */
static inline bool number_next(struct decoder *decoder, uint64_t *out)
{
    struct item item;
    if (item_try_uint(&decoder->cursor, out))
        return true;
    item_next(decoder, &item);
    *out = item.value;
    return item.type == ITEM_uint;
}

/* How much deeper what follows may nest. */
static uint32_t depth_left(const struct decoder *decoder)
{
    return WIRE_DEPTH_MAX - decoder->depth;
}

/* Stored part by part: a copy of the whole span right after its parts were written would wait for them. */
static inline void span_set(char *at, struct span value)
{
    struct span *out = (void *)at;
    out->data = value.data;
    out->size = value.size;
}

static enum status decode_map(struct decoder *decoder, const struct map_spec *spec, uint64_t pairs, uint64_t seen, void *out,
                              const struct place *place);

static enum status decode_uint(struct decoder *decoder, const struct field_spec *field, char *map, const struct place *place)
{
    uint64_t value;
    if (!number_next(decoder, &value))
        return refuse(decoder, place, field->name, STATUS_bad_field, "expected an unsigned integer");
    if (value > field->max)
        return refuse(decoder, place, field->name, STATUS_bad_field, "at most %llu", (unsigned long long)field->max);
    memcpy(map + field->at, &value, sizeof value);
    return STATUS_ok;
}

static enum status decode_text(struct decoder *decoder, const struct field_spec *field, char *map, const struct place *place)
{
    struct item item;
    item_next(decoder, &item);
    if (item.type != ITEM_str)
        return refuse(decoder, place, field->name, STATUS_bad_field, "expected text");
    if (item.body.size > field->max)
        return refuse(decoder, place, field->name, STATUS_too_large, "at most %llu bytes", (unsigned long long)field->max);
    if (!utf8_valid(item.body))
        return refuse(decoder, place, field->name, STATUS_bad_field, "not valid UTF-8");
    span_set(map + field->at, item.body);
    return STATUS_ok;
}

/* Texts inside are checked too: their reader in another language may not survive a str that is not UTF-8. */
static enum status decode_raw(struct decoder *decoder, const struct field_spec *field, char *map, const struct place *place)
{
    const char *begin = decoder->cursor.at;
    uint32_t depth_max = depth_left(decoder) < WIRE_RAW_DEPTH_MAX ? depth_left(decoder) : WIRE_RAW_DEPTH_MAX;
    enum status status = item_skip(&decoder->cursor, depth_max, true);
    if (status == STATUS_too_deep)
        return refuse(decoder, place, field->name, status, "nested deeper than %d", WIRE_RAW_DEPTH_MAX);
    if (status != STATUS_ok)
        return refuse(decoder, place, field->name, STATUS_bad_field, "not valid UTF-8 inside");
    size_t size = (size_t)(decoder->cursor.at - begin);
    if (size > field->max)
        return refuse(decoder, place, field->name, STATUS_too_large, "at most %llu bytes", (unsigned long long)field->max);
    span_set(map + field->at, (struct span){begin, (uint32_t)size});
    return STATUS_ok;
}

/* Zeroed room for a list's items. A frame of empty maps would become some hundred times its size, so there is an end to it. */
static char *items_take(struct decoder *decoder, uint64_t count, uint32_t size)
{
    if (count * size > WIRE_DECODED_MAX - decoder->taken_bytes)
        return NULL;
    decoder->taken_bytes += count * size;
    return arena_take(decoder->arena, count * size);
}

static enum status decode_list(struct decoder *decoder, const struct field_spec *field, char *map, const struct place *place)
{
    struct item list;
    item_next(decoder, &list);
    const struct map_spec *child = &codec_maps[field->child];
    if (list.type != ITEM_array)
        return refuse(decoder, place, field->name, STATUS_bad_field, "expected an array");
    if (list.value > field->max)
        return refuse(decoder, place, field->name, STATUS_too_large, "at most %llu items", (unsigned long long)field->max);
    char *items = items_take(decoder, list.value, child->size);
    if (!items)
        return refuse(decoder, place, field->name, STATUS_too_large, "the frame holds too many items in all");
    if (list.value > 0 && depth_left(decoder) < LIST_DEPTH)
        return refuse(decoder, place, field->name, STATUS_too_deep, "nested too deep");
    decoder->depth += LIST_DEPTH;
    for (uint32_t i = 0; i < list.value; i++) {
        struct place inner = {place, field->name, i};
        struct item item;
        item_next(decoder, &item);
        if (item.type != ITEM_map)
            return refuse(decoder, &inner, NULL, STATUS_bad_field, "expected a map");
        enum status status = decode_map(decoder, child, item.value, 0, items + (size_t)i * child->size, &inner);
        if (status != STATUS_ok)
            return status;
    }
    decoder->depth -= LIST_DEPTH;
    uint32_t count = (uint32_t)list.value;
    memcpy(map + field->at, &items, sizeof items);
    memcpy(map + field->at + offsetof(struct list_value, count), &count, sizeof count);
    return STATUS_ok;
}

static enum status decode_field(struct decoder *decoder, const struct field_spec *field, char *map, const struct place *place)
{
    switch ((enum field_type)field->type) {
    case FIELD_none:
        return item_skip(&decoder->cursor, depth_left(decoder), false);
    case FIELD_uint:
        return decode_uint(decoder, field, map, place);
    case FIELD_text:
        return decode_text(decoder, field, map, place);
    case FIELD_raw:
        return decode_raw(decoder, field, map, place);
    case FIELD_list:
        return decode_list(decoder, field, map, place);
    }
    return STATUS_bad_field;
}

static enum status refuse_double(struct decoder *decoder, const struct field_spec *field, unsigned key, const struct place *place)
{
    if (field->name)
        return refuse(decoder, place, field->name, STATUS_duplicate_field, "given twice");
    return refuse(decoder, place, NULL, STATUS_duplicate_field, "key %u is given twice", key);
}

static enum status refuse_missing(struct decoder *decoder, const struct map_spec *spec, uint64_t missing, const struct place *place)
{
    return refuse(decoder, place, spec->fields[__builtin_ctzll(missing)].name, STATUS_missing_field, "required");
}

static enum status decode_map(struct decoder *decoder, const struct map_spec *spec, uint64_t pairs, uint64_t seen, void *out,
                              const struct place *place)
{
    static const struct field_spec unknown = {.type = FIELD_none};
    for (; pairs > 0; pairs--) {
        uint64_t key;
        if (!number_next(decoder, &key))
            return refuse(decoder, place, NULL, STATUS_bad_field, "keys are unsigned integers");
        const struct field_spec *field = key < spec->keys ? &spec->fields[key] : &unknown;
        uint64_t bit = key < CODEC_KEYS_MAX ? UINT64_C(1) << key : 0;
        if (seen & bit)
            return refuse_double(decoder, field, (unsigned)key, place);
        seen |= bit;
        enum status status = decode_field(decoder, field, out, place);
        if (status != STATUS_ok)
            return status;
    }
    if ((seen & spec->required) != spec->required)
        return refuse_missing(decoder, spec, spec->required & ~seen, place);
    return STATUS_ok;
}

/* Over the whole frame, to see whether it holds together. */
static enum status walk_frame(struct span bytes, struct codec_error *error)
{
    struct cursor cursor = {bytes.data, bytes.data + bytes.size};
    if (bytes.size > WIRE_FRAME_MAX) {
        snprintf(error->detail, sizeof error->detail, "frame: at most %d bytes", WIRE_FRAME_MAX);
        return STATUS_too_large;
    }
    enum status status = item_skip(&cursor, WIRE_DEPTH_MAX, false);
    int at = (int)(cursor.at - bytes.data);
    if (status == STATUS_bad_frame)
        snprintf(error->detail, sizeof error->detail, "frame: not msgpack, or cut short, at byte %d of %u", at, bytes.size);
    else if (status == STATUS_too_deep)
        snprintf(error->detail, sizeof error->detail, "frame: nested deeper than %d at byte %d", WIRE_DEPTH_MAX, at);
    else if (cursor.at != cursor.end) {
        snprintf(error->detail, sizeof error->detail, "frame: %d bytes after its end", (int)(cursor.end - cursor.at));
        status = STATUS_bad_frame;
    }
    return status;
}

/* The map's head and its first pair, which has to be the verb. */
static enum status decode_verb(struct decoder *decoder, struct frame *out, uint64_t *pairs)
{
    const struct place frame = {NULL, "frame", 0};
    struct item map;
    item_next(decoder, &map);
    if (map.type != ITEM_map)
        return refuse(decoder, &frame, NULL, STATUS_bad_frame, "expected a map");
    uint64_t key, verb;
    if (map.value == 0 || !number_next(decoder, &key) || key != 0)
        return refuse(decoder, &frame, NULL, STATUS_missing_field, "key 0, the verb, has to come first");
    if (!number_next(decoder, &verb))
        return refuse(decoder, &frame, "verb", STATUS_bad_field, "expected an unsigned integer");
    if (verb <= UINT8_MAX)
        decoder->error->verb = verb;
    if (verb >= CODEC_VERBS || !codec_verbs[verb].name)
        return refuse(decoder, &frame, "verb", STATUS_unknown_verb, "there is no verb %llu", (unsigned long long)verb);
    out->verb = (enum verb)verb;
    *pairs = map.value - 1;
    return STATUS_ok;
}

static enum status decode_frame(struct decoder *decoder, struct span bytes, struct frame *out)
{
    uint64_t pairs = 0;
    if (bytes.size > WIRE_FRAME_MAX)
        return STATUS_too_large;
    enum status status = decode_verb(decoder, out, &pairs);
    if (status != STATUS_ok)
        return status;
    const struct verb_spec *verb = &codec_verbs[out->verb];
    const struct place place = {NULL, verb->name, 0};
    status = decode_map(decoder, &codec_maps[verb->map], pairs, 1, &out->hello, &place);
    return status == STATUS_ok && decoder->cursor.at != decoder->cursor.end ? STATUS_bad_frame : status;
}

/* What is no frame at all is refused as that, whatever else was found in it first. */
enum status codec_decode(struct span bytes, struct arena *arena, struct frame *out, struct codec_error *error)
{
    struct decoder decoder = {.cursor = {bytes.data, bytes.data + bytes.size}, .arena = arena, .depth = 1, .error = error};
    memset(out, 0, sizeof *out);
    error->detail[0] = 0;
    error->verb = 0;
    enum status status = decode_frame(&decoder, bytes, out);
    if (status == STATUS_ok)
        return STATUS_ok;
    enum status walked = walk_frame(bytes, error);
    if (walked == STATUS_ok)
        return status;
    error->verb = 0;
    return walked;
}
