/* The tables of messages.def as data: what the decoder, the encoder, the text form and the tests walk. For proto/, its tests, and whoever
 * writes messages in another form (JSON). */
#ifndef RELEVO_CODEC_TABLE_H
#define RELEVO_CODEC_TABLE_H

#include "proto/message.h"

enum map_id {
#define MAP(name) MAP_##name,
#include "proto/messages.def"
    MAP_COUNT
};

/* The key of every field: KEY_change_text. */
enum {
#define UINT(map, key, field, need, max) KEY_##map##_##field = key,
#define TEXT(map, key, field, need, max) KEY_##map##_##field = key,
#define RAW(map, key, field, need, max) KEY_##map##_##field = key,
#define LIST(map, key, field, need, child, max) KEY_##map##_##field = key,
#include "proto/messages.def"
};

enum field_type { FIELD_none, FIELD_uint, FIELD_text, FIELD_raw, FIELD_list };

struct field_spec {
    const char *name;
    uint64_t max; /* a number's value, a text's bytes, a list's items */
    uint16_t at;  /* offset of the value in the struct */
    uint8_t type, required;
    uint8_t child; /* list: which map its items are */
};

struct map_spec {
    const char *name;
    const struct field_spec *fields;      /* by key; one without a type is no field */
    uint32_t keys;                        /* one more than the largest key */
    uint32_t size;                        /* bytes of the struct */
    uint64_t (*present)(const void *map); /* which fields of the struct are not 0 and not empty: a bit per key */
    uint64_t required;                    /* a bit per key */
};

struct verb_spec {
    const char *name; /* NULL: no such verb */
    enum map_id map;
    enum verb reply;
};

/* A list member: where its items are and how many, as LIST lays them out. */
struct list_value {
    char *items;
    uint32_t count;
};

enum { CODEC_KEYS_MAX = 64, CODEC_VERBS = VERB_error + 1 };

extern const struct map_spec codec_maps[MAP_COUNT];
extern const struct verb_spec codec_verbs[CODEC_VERBS];

struct list_value codec_list_value(const struct field_spec *field, const void *map);

/* The word that a FIELD_uint of the map stands for; "?" when it is only a number. */
const char *codec_word(const struct map_spec *spec, uint32_t key, const void *map);

#endif
