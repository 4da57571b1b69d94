/* What each kind of change needs, once: who may ask for it, which fields have to be there, which states it may name. The codec accepts any
 * combination of fields; a change that is to be applied has to pass here first. */
#ifndef RELEVO_CHANGE_H
#define RELEVO_CHANGE_H

#include "proto/message.h"
#include "proto/status.h"

/* The only role that may submit this kind. The kind must be one of the vocabulary. */
enum role change_role(enum change_kind kind);

/* bad_field: no such kind, or a state the kind does not know; missing_field: a field it needs is absent. `*field` then says which ("text,
 * attachments or native"), otherwise it is NULL. */
enum status change_check(const struct wire_change *change, const char **field) MUST_CHECK;

#endif
