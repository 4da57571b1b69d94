#include "bench/json.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"

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

/* JSON's readers keep 53 bits of a number at best, so a full 64-bit value (the digest) is text. */
static void put_uint(json_t *object, const char *name, uint64_t value, enum need need)
{
    char hex[24];
    if (value > INT64_MAX || strcmp(name, "digest") == 0) {
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

static void put_word(json_t *object, const char *name, const char *word)
{
    json_object_set_new(object, name, json_string(word));
}

/* What the numbers of a map mean, where they are words. */
static void put_record_words(json_t *object, const struct wire_record *record)
{
    uint32_t state = (uint32_t)record->state;
    put_word(object, "kind", record_kind_word((uint32_t)record->kind));
    if (record->priority)
        put_word(object, "priority", priority_word((uint32_t)record->priority));
    if (record->kind == RECORD_receipt)
        put_word(object, "state", receipt_word(state));
    else if (record->kind == RECORD_agent_state)
        put_word(object, "state", agent_state_word(state));
    else if (state)
        put_word(object, "state", substate_word(state));
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
#define UINT(map_, key, field, need, max) put_uint(object, #field, map->field, row ? REQUIRED : need);
#define TEXT(map_, key, field, need, max) put_text(object, #field, map->field, need);
#define RAW(map_, key, field, need, max) put_raw(object, #field, map->field);
#define LIST(map_, key, field, need, child, max) \
    if (map->field##_count || need == REQUIRED) { \
        json_t *list = json_array(); \
        for (uint32_t i = 0; i < map->field##_count; i++) json_array_append_new(list, CHILD_##child(&map->field[i])); \
        json_object_set_new(object, #field, list); \
    }
#define MAP_END(name) return object; }
/* Children whose numbers are words go through the function that knows them. */
#define CHILD_record json_of_record
#define CHILD_agent_line json_of_agent_line
#define CHILD_queue_line fields_of_queue_line
#define CHILD_account_line fields_of_account_line
#define CHILD_skill fields_of_skill
#define CHILD_change fields_of_change
#define CHILD_result fields_of_result
static json_t *json_of_agent_line(const struct wire_agent_line *agent);
#include "proto/messages.def"
#undef VERB
#undef MAP
#undef UINT
#undef TEXT
#undef RAW
#undef LIST
#undef MAP_END
// clang-format on

static json_t *json_of_agent_line(const struct wire_agent_line *agent)
{
    json_t *object = fields_of_agent_line(agent);
    put_word(object, "kind", agent_kind_word((uint32_t)agent->kind));
    put_word(object, "state", agent_state_word((uint32_t)agent->state));
    return object;
}

json_t *json_of_record(const struct wire_record *record)
{
    json_t *object = fields_of_record(record);
    put_record_words(object, record);
    return object;
}

json_t *json_of_page(const struct wire_page *page)
{
    json_t *object = fields_of_page(page);
    put_word(object, "state", substate_word((uint32_t)page->state));
    return object;
}

json_t *json_of_overview(const struct wire_overview *overview)
{
    return fields_of_overview(overview);
}
