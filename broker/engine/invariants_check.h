/* The parts of engine_invariants. Each returns NULL or the sentence. */
#ifndef RELEVO_INVARIANTS_CHECK_H
#define RELEVO_INVARIANTS_CHECK_H

#include "engine/invariants.h"
#include "engine/state.h"

/* Each entity for itself, and that lists, sums and timers say the same of it. */
const char *check_conversations(const struct engine *engine, struct invariants *memory);
const char *check_agents(const struct engine *engine, struct invariants *memory);
/* What matching looks at, held against who can serve what. */
const char *check_matching(const struct engine *engine, struct invariants *memory);
/* Held against the check before; then remembers this one. */
const char *check_change(const struct engine *engine, struct invariants *memory);

/* "conversation 7, agent ana: WHAT." 0: not about one. */
const char *broken(const struct engine *engine, struct invariants *memory, conversation_id conversation, name_id name, const char *what);

#endif
