/* What is known of a customer, as name and value pairs packed in one span: the two lengths, a byte each, then the two texts; and so on. */
#ifndef RELEVO_ATTRIBUTES_H
#define RELEVO_ATTRIBUTES_H

#include <assert.h>

#include "engine/event.h"
#include "proto/message.h"

static_assert(WIRE_NAME_MAX <= UINT8_MAX, "a length is a byte");
enum { ATTRIBUTES_BYTES_MAX = WIRE_ATTRIBUTES_MAX * (2 + 2 * WIRE_NAME_MAX) };

/* Empty: not there. */
struct span attributes_get(struct span attributes, struct span name);

/* The old ones with the changes on top (an empty value removes one), in `out`; beyond WIRE_ATTRIBUTES_MAX the new ones are left out. */
struct span attributes_merge(struct span old, const struct attribute *changes, uint32_t count, char out[ATTRIBUTES_BYTES_MAX]);

#endif
