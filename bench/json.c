#include "bench/json.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "proto/codec_table.h"

json_t *json_of_span(struct span text)
{
    json_t *value = json_stringn(text.data, text.size);
    ASSERT(value);
    return value;
}

void json_print(json_t *value)
{
    json_dumpf(value, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
    fputc('\n', stdout);
    json_decref(value);
}

enum need { OPTIONAL, REQUIRED };

/* Lines of an overview are rows of a table: their numbers are there even when they are 0. */
static bool is_row(const char *map)
{
    const char *underscore = strrchr(map, '_');
    return strcmp(map, "overview") == 0 || (underscore && strcmp(underscore, "_line") == 0);
}

/* The number's word, where it has one. JSON's readers keep 53 bits of a number at best, so a full 64-bit value (the digest) is text. */
static void put_uint(json_t *object, enum map_id map_id, uint32_t key, const void *map, uint64_t value, enum need need)
{
    const struct map_spec *spec = &codec_maps[map_id];
    const char *name = spec->fields[key].name, *word = codec_word(spec, key, map);
    char hex[24];
    if (*word != '?') {
        json_object_set_new(object, name, json_string(word));
    } else if (value > INT64_MAX || strcmp(name, "digest") == 0) {
        snprintf(hex, sizeof hex, "%016lx", value);
        json_object_set_new(object, name, json_string(hex));
    } else if (value || need == REQUIRED) {
        json_object_set_new(object, name, json_integer((json_int_t)value));
    }
}

static void put_text(json_t *object, const char *name, struct span value, enum need need)
{
    if (value.size || need == REQUIRED)
        json_object_set_new(object, name, json_of_span(value));
}

static void put_raw(json_t *object, const char *name, struct span value)
{
    static const char digits[] = "0123456789abcdef";
    if (!value.size)
        return;
    char *hex = must_alloc(2ul * value.size);
    for (uint32_t i = 0; i < value.size; i++) {
        hex[2 * i] = digits[(unsigned char)value.data[i] >> 4];
        hex[2 * i + 1] = digits[(unsigned char)value.data[i] & 15];
    }
    json_object_set_new(object, name, json_stringn(hex, 2ul * value.size));
    free(hex);
}

// clang-format off
#define VERB(number, name, reply)
#define MAP(name) static json_t *fields_of_##name(const struct wire_##name *map) __attribute__((unused));
#define UINT(map_, key, field, need, max)
#define TEXT(map_, key, field, need, max)
#define RAW(map_, key, field, need, max)
#define LIST(map_, key, field, need, child, max)
#define MAP_END(name)
#include "proto/messages.def"
#undef MAP
#undef UINT
#undef TEXT
#undef RAW
#undef LIST
#undef MAP_END

#define MAP(name) static json_t *fields_of_##name(const struct wire_##name *map) { json_t *object = json_object(); const bool row __attribute__((unused)) = is_row(#name); ASSERT(object);
#define UINT(map_, key, field, need, max) put_uint(object, MAP_##map_, key, map, map->field, row ? REQUIRED : need);
#define TEXT(map_, key, field, need, max) put_text(object, #field, map->field, need);
#define RAW(map_, key, field, need, max) put_raw(object, #field, map->field);
#define LIST(map_, key, field, need, child, max) \
    if (map->field##_count || need == REQUIRED) { \
        json_t *list = json_array(); \
        for (uint32_t i = 0; i < map->field##_count; i++) json_array_append_new(list, fields_of_##child(&map->field[i])); \
        json_object_set_new(object, #field, list); \
    }
#define MAP_END(name) return object; }
#include "proto/messages.def"
#undef VERB
#undef MAP
#undef UINT
#undef TEXT
#undef RAW
#undef LIST
#undef MAP_END
// clang-format on

json_t *json_of_page(const struct wire_page *page)
{
    return fields_of_page(page);
}

json_t *json_of_overview(const struct wire_overview *overview)
{
    return fields_of_overview(overview);
}

json_t *json_of_explanation(const struct wire_explanation *explanation)
{
    return fields_of_explanation(explanation);
}

json_t *json_of_peeked(const struct wire_peeked *peeked)
{
    return fields_of_peeked(peeked);
}

json_t *json_of_result(const struct wire_result *result)
{
    return fields_of_result(result);
}
