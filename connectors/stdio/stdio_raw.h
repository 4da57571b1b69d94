/* The fields that the broker keeps unread, attachments and native, between msgpack and JSON. `native` is any JSON value. `attachments` is a
 * list of objects with type, name, size and reference, which travel under the numbers 1 to 4. */
#ifndef RELEVO_STDIO_RAW_H
#define RELEVO_STDIO_RAW_H

#include <jansson.h>

#include "proto/arena.h"
#include "proto/span.h"

/* The value as msgpack in the arena, at most `max` bytes. False when it is larger or nests deeper than a raw value may. */
bool stdio_raw_from_json(const json_t *value, bool attachments, size_t max, struct arena *arena, struct span *out);

/* A new reference. What has no form in JSON (binary values) becomes null. */
json_t *stdio_raw_to_json(struct span raw, bool attachments);

#endif
