/* Reading the fields of a JSON object that may hold anything: each getter checks type and size, and says in `problem` where it looked and
 * what it expected. Texts borrow the JSON value. */
#ifndef RELEVO_JSON_FIELD_H
#define RELEVO_JSON_FIELD_H

#include <jansson.h>

#include "proto/span.h"

struct json_place {
    char where[64];    /* what the fields belong to: "turns[3]"; empty: the line's own */
    char problem[320]; /* printable ASCII; empty while all is well */
};

enum json_need { JSON_optional, JSON_required };

/* The fields read from now on belong to this element of the list. */
void json_place_index(struct json_place *place, const char *list, size_t index);

/* Notes "<where>.<name>: <expected>". Always false, so that a check can return it. */
bool json_problem(struct json_place *place, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A text of 1 to max bytes; absent optional ones give the empty span. */
bool json_field_text(const json_t *object, const char *name, enum json_need need, size_t max, struct span *out, struct json_place *place);

/* A whole number from 0 to max. */
bool json_field_number(const json_t *object, const char *name, enum json_need need, uint64_t max, uint64_t *out, struct json_place *place);

/* An array of 1 to max elements; NULL and a problem otherwise. */
const json_t *json_field_list(const json_t *object, const char *name, size_t max, struct json_place *place);

/* False, with a problem, when the object has a field that is not in `names` (NULL-terminated). */
bool json_only_fields(const json_t *object, const char *const *names, struct json_place *place);

/* One line as one JSON object; NULL and a problem when it is not. To be freed with json_decref. */
json_t *json_line(struct span line, struct json_place *place);

#endif
