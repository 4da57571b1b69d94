/* A record of the log -> the record a reader may see: ids become names, and what is internal is left out for a channel account, whose
 * connector speaks to the customer: queues, skills, epochs, and what colleagues wrote to each other. */
#ifndef RELEVO_TRANSLATE_H
#define RELEVO_TRANSLATE_H

#include "engine/engine.h"
#include "proto/arena.h"
#include "proto/message.h"

/* `out` borrows the record, the engine's names and the arena. */
void translate_record(const struct engine *engine, const struct record *record, enum name_kind reader, struct arena *arena,
                      struct wire_record *out);

#endif
