/* Records of a conversation as lines for a person. Pure. What customers wrote cannot steer the terminal: control characters are not passed
 * on. */
#ifndef RELEVO_DESK_VIEW_H
#define RELEVO_DESK_VIEW_H

#include "proto/buffer.h"
#include "proto/message.h"

/* Appends the text with its control characters made harmless. */
void desk_view_text(struct buffer *out, struct span text);

/* Appends "#12 14:03 customer: Hola" and a line end; nothing for records that say nothing to an agent. */
void desk_view_record(struct buffer *out, const struct wire_record *record);

#endif
