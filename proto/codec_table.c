#include "proto/codec_table.h"

#include <assert.h>
#include <stddef.h>

#include "proto/codec.h"

enum { OPTIONAL, REQUIRED };

// clang-format off
#define MAP(name) static const struct field_spec name##_fields[] = {
#define UINT(map, key, field, need, limit) [key] = {#field, limit, offsetof(struct wire_##map, field), FIELD_uint, need, 0},
#define TEXT(map, key, field, need, limit) [key] = {#field, limit, offsetof(struct wire_##map, field), FIELD_text, need, 0},
#define RAW(map, key, field, need, limit) [key] = {#field, limit, offsetof(struct wire_##map, field), FIELD_raw, need, 0},
#define LIST(map, key, field, need, item, limit) [key] = {#field, limit, offsetof(struct wire_##map, field), FIELD_list, need, MAP_##item},
#define MAP_END(name) };
#include "proto/messages.def"

/* Which of its fields are there: written out, as it is asked of a hundred fields for every message. Most are not, and a branch that is not
 * taken costs the least. */
#define NOTE(key, value) if (__builtin_expect((value) != 0, 0)) present |= UINT64_C(1) << (key);
#define MAP(map) static uint64_t map##_present(const void *at) { const struct wire_##map *wire = at; uint64_t present = 0;
#define UINT(map, key, field, need, limit) NOTE(key, wire->field)
#define TEXT(map, key, field, need, limit) NOTE(key, wire->field.size)
#define RAW(map, key, field, need, limit) NOTE(key, wire->field.size)
#define LIST(map, key, field, need, item, limit) NOTE(key, wire->field##_count)
#define MAP_END(map) return present; }
#include "proto/messages.def"

#define NEED(key, need) | (uint64_t)(need) << (key)
#define MAP(map) [MAP_##map] = {#map, map##_fields, sizeof map##_fields / sizeof map##_fields[0], sizeof(struct wire_##map), map##_present, 0
#define UINT(map, key, field, need, limit) NEED(key, need)
#define TEXT(map, key, field, need, limit) NEED(key, need)
#define RAW(map, key, field, need, limit) NEED(key, need)
#define LIST(map, key, field, need, item, limit) NEED(key, need)
#define MAP_END(map) },
const struct map_spec codec_maps[MAP_COUNT] = {
#include "proto/messages.def"
};

const struct verb_spec codec_verbs[CODEC_VERBS] = {
#define VERB(number, verb, answer) [number] = {#verb, MAP_##verb, VERB_##answer},
#include "proto/messages.def"
};

/* Keys fit the presence masks, the generic list view matches what LIST declares, and an absent raw value, which has no bytes at all, is never needed. */
#define RAW(map, key, field, need, limit) static_assert(need == OPTIONAL, #field);
#define MAP(map) static_assert(sizeof map##_fields / sizeof map##_fields[0] <= CODEC_KEYS_MAX, #map);
#define LIST(map, key, field, need, item, limit) \
    static_assert(offsetof(struct wire_##map, field##_count) == offsetof(struct wire_##map, field) + offsetof(struct list_value, count), #field);
#include "proto/messages.def"
// clang-format on

struct list_value codec_list_value(const struct field_spec *field, const void *map)
{
    struct list_value list;
    memcpy(&list.items, (const char *)map + field->at, sizeof list.items);
    memcpy(&list.count, (const char *)map + field->at + offsetof(struct list_value, count), sizeof list.count);
    return list;
}

enum verb codec_reply_of(enum verb verb)
{
    if ((uint32_t)verb > VERB_error || !codec_verbs[verb].name || codec_verbs[verb].reply == verb)
        return VERB_error;
    return codec_verbs[verb].reply;
}
