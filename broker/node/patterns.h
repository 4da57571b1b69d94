/* The patterns of the configuration's rules: compiled once after a load, matched against a text before the engine chooses a rule by it. */
#ifndef RELEVO_PATTERNS_H
#define RELEVO_PATTERNS_H

#include "config/config.h"
#include "proto/span.h"

struct pattern;

/* Empty when zeroed. */
struct patterns {
    struct pattern **of_rule; /* NULL where a rule has none */
    uint32_t rules_count;
    uint64_t *found; /* bit i: that of rule i is found in the text asked about last */
    bool any;        /* there is one at all */
};

/* Compiles those of a configuration that was checked, instead of what there is. */
void patterns_compile(struct patterns *patterns, const struct config *config);

/* Which of them are found in the text, a bit for each rule; NULL: none is. Holds until the next call. */
const uint64_t *patterns_find(struct patterns *patterns, struct span text);

void patterns_fini(struct patterns *patterns);

#endif
