#include "connectors/stdio/stdio_map.h"

#include <stddef.h>

#include "connectors/stdio/stdio_raw.h"
#include "proto/change.h"
#include "proto/codec_table.h"

static bool is_attachments(const struct field_spec *field)
{
    return strcmp(field->name, "attachments") == 0;
}

/* --- from JSON --- */

struct change_reader {
    struct arena *arena;
    struct json_place *place;
    uint64_t kind; /* a state's word depends on it */
};

static uint32_t state_number(uint64_t kind, struct span word)
{
    if (kind == CHANGE_receipt)
        return receipt_of(word);
    return kind == CHANGE_finish ? substate_of(word) : agent_state_of(word);
}

/* 0 for a word that means nothing in this field of a change. */
static uint32_t word_number(uint64_t kind, const char *field, struct span word)
{
    if (strcmp(field, "kind") == 0)
        return change_kind_of(word);
    if (strcmp(field, "priority") == 0)
        return priority_of(word);
    return strcmp(field, "state") == 0 ? state_number(kind, word) : 0;
}

static bool read_number(const struct change_reader *reader, const struct field_spec *field, const json_t *object, char *at)
{
    const json_t *value = json_object_get(object, field->name);
    struct span word = {json_string_value(value), (uint32_t)json_string_length(value)};
    uint64_t number = json_is_string(value) ? word_number(reader->kind, field->name, word) : 0;
    if (number == 0 && json_is_string(value))
        return json_problem(reader->place, field->name, "there is no such word here: %.40s", word.data);
    if (number == 0 && !json_field_number(object, field->name, JSON_required, field->max, &number, reader->place))
        return false;
    memcpy(at, &number, sizeof number);
    return true;
}

static bool read_raw(const struct change_reader *reader, const struct field_spec *field, const json_t *value, char *at)
{
    struct span raw;
    if (is_attachments(field) && !json_is_array(value))
        return json_problem(reader->place, field->name, "expected a list of objects with type, name, size, reference");
    if (!stdio_raw_from_json(value, is_attachments(field), field->max, reader->arena, &raw))
        return json_problem(reader->place, field->name, "expected at most %llu bytes and %d levels", (unsigned long long)field->max,
                            WIRE_RAW_DEPTH_MAX);
    memcpy(at, &raw, sizeof raw);
    return true;
}

static bool read_map(const struct change_reader *reader, const struct map_spec *spec, const json_t *object, char *map);

static bool read_list(const struct change_reader *reader, const struct field_spec *field, const json_t *object, char *at)
{
    const json_t *array = json_field_list(object, field->name, field->max, reader->place);
    if (!array)
        return false;
    const struct map_spec *child = &codec_maps[field->child];
    struct list_value list = {.count = (uint32_t)json_array_size(array)};
    list.items = arena_take(reader->arena, (size_t)list.count * child->size);
    for (uint32_t i = 0; i < list.count; i++) {
        json_place_index(reader->place, field->name, i);
        if (!read_map(reader, child, json_array_get(array, i), list.items + (size_t)i * child->size))
            return false;
    }
    reader->place->where[0] = 0;
    memcpy(at, &list.items, sizeof list.items);
    memcpy(at + offsetof(struct list_value, count), &list.count, sizeof list.count);
    return true;
}

/* It is what an absent one means, and removes an attribute. */
static bool is_empty_text(const json_t *value)
{
    return json_is_string(value) && json_string_length(value) == 0;
}

static bool read_field(const struct change_reader *reader, const struct field_spec *field, const json_t *object, char *map)
{
    char *at = map + field->at;
    struct span text;
    switch ((enum field_type)field->type) {
    case FIELD_none:
        return true;
    case FIELD_uint:
        return read_number(reader, field, object, at);
    case FIELD_text:
        if (is_empty_text(json_object_get(object, field->name)))
            return true;
        if (!json_field_text(object, field->name, JSON_required, field->max, &text, reader->place))
            return false;
        memcpy(at, &text, sizeof text);
        return true;
    case FIELD_raw:
        return read_raw(reader, field, json_object_get(object, field->name), at);
    case FIELD_list:
        return read_list(reader, field, object, at);
    }
    return false;
}

static const struct field_spec *find_field(const struct map_spec *spec, const char *name)
{
    for (uint32_t key = 1; key < spec->keys; key++)
        if (spec->fields[key].type != FIELD_none && strcmp(spec->fields[key].name, name) == 0)
            return &spec->fields[key];
    return NULL;
}

/* NULL: every field that has to be there is. */
static const char *missing_field(const struct map_spec *spec, const json_t *object)
{
    for (uint32_t key = 1; key < spec->keys; key++)
        if (spec->fields[key].required && !json_object_get(object, spec->fields[key].name))
            return spec->fields[key].name;
    return NULL;
}

static bool read_map(const struct change_reader *reader, const struct map_spec *spec, const json_t *object, char *map)
{
    if (!json_is_object(object))
        return json_problem(reader->place, "", "expected an object");
    /* jansson's iterator takes a mutable object but does not change it. */
    json_t *mutable = (json_t *)(uintptr_t)object;
    for (void *at = json_object_iter(mutable); at; at = json_object_iter_next(mutable, at)) {
        const struct field_spec *field = find_field(spec, json_object_iter_key(at));
        if (!field)
            return json_problem(reader->place, json_object_iter_key(at), "there is no such field in a %s", spec->name);
        if (!read_field(reader, field, object, map))
            return false;
    }
    const char *missing = missing_field(spec, object);
    return !missing || json_problem(reader->place, missing, "it has to be there");
}

static bool read_kind(struct change_reader *reader, const json_t *object)
{
    const struct field_spec *field = find_field(&codec_maps[MAP_change], "kind");
    if (json_object_get(object, "kind") && !read_number(reader, field, object, (char *)&reader->kind))
        return false;
    if (reader->kind == CHANGE_message || reader->kind == CHANGE_receipt || reader->kind == CHANGE_leave)
        return true;
    return json_problem(reader->place, "kind", "expected message, receipt or leave");
}

bool stdio_read_change(const json_t *object, struct arena *arena, struct wire_change *out, struct json_place *place)
{
    struct change_reader reader = {arena, place, 0};
    const char *field;
    *out = (struct wire_change){0};
    if (!read_kind(&reader, object) || !read_map(&reader, &codec_maps[MAP_change], object, (char *)out))
        return false;
    enum status status = change_check(out, &field);
    if (status == STATUS_bad_field)
        return json_problem(place, field, "expected accepted, sent, delivered, read or failed");
    if (status != STATUS_ok)
        return json_problem(place, field, "a %s needs it", change_kind_word((uint32_t)out->kind));
    return true;
}

/* --- to JSON --- */

static json_t *write_map(const struct map_spec *spec, const char *map);

static json_t *write_number(const struct map_spec *spec, uint32_t key, const char *map)
{
    const char *word = codec_word(spec, key, map);
    uint64_t number;
    memcpy(&number, map + spec->fields[key].at, sizeof number);
    return *word == '?' ? json_integer((json_int_t)number) : json_string(word);
}

static json_t *write_list(const struct field_spec *field, const char *map)
{
    struct list_value list = codec_list_value(field, map);
    const struct map_spec *child = &codec_maps[field->child];
    json_t *array = json_array();
    for (uint32_t i = 0; i < list.count; i++)
        json_array_append_new(array, write_map(child, list.items + (size_t)i * child->size));
    return array;
}

static json_t *write_field(const struct map_spec *spec, uint32_t key, const char *map)
{
    const struct field_spec *field = &spec->fields[key];
    struct span bytes;
    switch ((enum field_type)field->type) {
    case FIELD_none:
        return NULL;
    case FIELD_uint:
        return write_number(spec, key, map);
    case FIELD_text:
        memcpy(&bytes, map + field->at, sizeof bytes);
        return json_stringn(bytes.data, bytes.size);
    case FIELD_raw:
        memcpy(&bytes, map + field->at, sizeof bytes);
        return stdio_raw_to_json(bytes, is_attachments(field));
    case FIELD_list:
        return write_list(field, map);
    }
    return NULL;
}

static json_t *write_map(const struct map_spec *spec, const char *map)
{
    json_t *object = json_object();
    for (uint64_t keys = spec->present(map) | spec->required; keys; keys &= keys - 1) {
        uint32_t key = (uint32_t)__builtin_ctzll(keys);
        json_object_set_new(object, spec->fields[key].name, write_field(spec, key, map));
    }
    return object;
}

json_t *stdio_result(const struct wire_result *result)
{
    return write_map(&codec_maps[MAP_result], (const char *)result);
}

json_t *stdio_record(const struct wire_record *record)
{
    return write_map(&codec_maps[MAP_record], (const char *)record);
}
