/* Requirements: which skills at which level, and whether a set of skills satisfies one. */
#ifndef RELEVO_REQUIREMENT_H
#define RELEVO_REQUIREMENT_H

#include <stdbool.h>

#include "engine/record.h"
#include "proto/status.h"

enum { REQUIREMENT_MAX = 8 }; /* skills in each half of a requirement */

struct skill_level {
    name_id skill;
    uint8_t level; /* 1 to 5 */
};

/* Who can serve: every one of `all`, and at least one of `any` unless that is empty. */
struct requirement {
    struct skill_level all[REQUIREMENT_MAX], any[REQUIREMENT_MAX];
    uint8_t all_count, any_count;
};

/* The bytes of a requirement as records keep it: canonical (sorted, little-endian). `out` needs REQUIREMENT_BYTES_MAX. Returns the end. */
enum {
    SKILL_LEVEL_BYTES = 4 + 1, /* skill, level */
    REQUIREMENT_BYTES_MAX = 1 + 1 + 2 * REQUIREMENT_MAX * SKILL_LEVEL_BYTES,
};
char *requirement_encode(const struct requirement *requirement, char *out);

/* And back, from the front of `*bytes`, which is moved on. False: not a requirement. */
bool requirement_decode(struct span *bytes, struct requirement *out) MUST_CHECK;

/* `skills` sorted by skill. The first of `all` that is not met is put into `lacking`, or the first of `any` when none of them is; NULL: not
 * asked for. */
bool requirement_met(const struct requirement *requirement, const struct skill_level *skills, uint32_t skills_count,
                     struct skill_level *lacking);

/* How skilled in what is required: the sum of the levels held of the skills named, those of `any` only where they meet it. */
uint32_t requirement_score(const struct requirement *requirement, const struct skill_level *skills, uint32_t skills_count);

/* Level held of a skill; 0: none. */
uint8_t skill_held(name_id skill, const struct skill_level *skills, uint32_t skills_count);

/* Orders by skill, by insertion: the lists are short. */
void skills_sort(struct skill_level *skills, uint32_t count);

#endif
