/* Messages of the protocol as JSON objects, by the field names of messages.def. Numbers that stand for a word are written as the word, and
 * read as either. Pure. */
#ifndef RELEVO_STDIO_MAP_H
#define RELEVO_STDIO_MAP_H

#include "connectors/common/json_field.h"
#include "proto/arena.h"
#include "proto/message.h"

/* A change that the broker will accept as far as its form goes. Borrows `object` and `arena`. */
bool stdio_read_change(const json_t *object, struct arena *arena, struct wire_change *out, struct json_place *place);

/* New references. */
json_t *stdio_result(const struct wire_result *result);
json_t *stdio_record(const struct wire_record *record);

#endif
