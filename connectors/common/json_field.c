#include "connectors/common/json_field.h"

#include <stdarg.h>
#include <stdio.h>

/* What is quoted came from the input, and may have been cut inside a character. */
static void json_make_printable(char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text > '~')
            *text = '?';
}

bool json_problem(struct json_place *place, const char *name, const char *format, ...)
{
    char expected[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(expected, sizeof expected, format, arguments);
    va_end(arguments);
    const char *dot = place->where[0] && name[0] ? "." : "";
    snprintf(place->problem, sizeof place->problem, "%s%s%.60s: %s", place->where, dot, name, expected);
    json_make_printable(place->problem);
    return false;
}

void json_place_index(struct json_place *place, const char *list, size_t index)
{
    snprintf(place->where, sizeof place->where, "%s[%zu]", list, index);
}

bool json_field_text(const json_t *object, const char *name, enum json_need need, size_t max, struct span *out, struct json_place *place)
{
    const json_t *value = json_object_get(object, name);
    *out = span_of("");
    if (!value && need == JSON_optional)
        return true;
    size_t size = json_string_length(value);
    if (!json_is_string(value) || size == 0 || size > max)
        return json_problem(place, name, "expected a text of 1 to %zu bytes", max);
    *out = (struct span){json_string_value(value), (uint32_t)size};
    return true;
}

bool json_field_number(const json_t *object, const char *name, enum json_need need, uint64_t max, uint64_t *out, struct json_place *place)
{
    const json_t *value = json_object_get(object, name);
    *out = 0;
    if (!value && need == JSON_optional)
        return true;
    if (!json_is_integer(value) || json_integer_value(value) < 0 || (uint64_t)json_integer_value(value) > max)
        return json_problem(place, name, "expected a whole number from 0 to %llu", (unsigned long long)max);
    *out = (uint64_t)json_integer_value(value);
    return true;
}

const json_t *json_field_list(const json_t *object, const char *name, size_t max, struct json_place *place)
{
    const json_t *value = json_object_get(object, name);
    size_t size = json_array_size(value);
    if (json_is_array(value) && size > 0 && size <= max)
        return value;
    json_problem(place, name, "expected a list of 1 to %zu", max);
    return NULL;
}

bool json_only_fields(const json_t *object, const char *const *names, struct json_place *place)
{
    /* jansson's iterator takes a mutable object but does not change it. */
    void *iterator = json_object_iter((json_t *)(uintptr_t)object);
    for (; iterator; iterator = json_object_iter_next((json_t *)(uintptr_t)object, iterator)) {
        const char *key = json_object_iter_key(iterator);
        size_t i = 0;
        while (names[i] && strcmp(names[i], key) != 0)
            i++;
        if (!names[i])
            return json_problem(place, key, "there is no such field here");
    }
    return true;
}

json_t *json_line(struct span line, struct json_place *place)
{
    json_error_t error;
    json_t *value = json_loadb(line.data, line.size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!value) {
        snprintf(place->problem, sizeof place->problem, "expected one JSON object: %s at byte %d", error.text, error.position);
        json_make_printable(place->problem);
        return NULL;
    }
    if (json_is_object(value))
        return value;
    snprintf(place->problem, sizeof place->problem, "expected one JSON object");
    json_decref(value);
    return NULL;
}
