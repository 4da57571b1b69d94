/* What must hold between two steps, checked by brute force: for the tests and for fuzzing. Everything the engine keeps to be
 * fast (heaps, bitsets, benches, sums, timers) is held against what the entities say, and every waiting conversation against every agent.
 * Far too slow to be left on. */
#ifndef RELEVO_INVARIANTS_H
#define RELEVO_INVARIANTS_H

#include "base/map.h"
#include "engine/engine.h"

enum { INVARIANTS_TEXT_MAX = 256 };

/* What a check remembers of the one before, because some invariants are about change: epochs grow, places are kept, the first goes first.
 * Zeroed at first; valid over restarts of the same store. */
struct invariants {
    struct map conversations; /* id -> struct remembered */
    struct map used;          /* agent -> what of its capacity was used, and 1 */
    lsn_t newest;
    char text[INVARIANTS_TEXT_MAX];
};

/* NULL: all hold. Else a sentence that says who or what does not, and why; it holds until the next call. */
const char *engine_invariants(const struct engine *engine, struct invariants *memory);

void invariants_fini(struct invariants *memory);

#endif
