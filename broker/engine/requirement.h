/* Requirements: does a set of skills satisfy one? */
#ifndef RELEVO_REQUIREMENT_H
#define RELEVO_REQUIREMENT_H

#include "engine/engine.h"

/* `skills` sorted by skill. */
bool requirement_met(const struct requirement *requirement, const struct skill_level *skills, uint32_t skills_count);

/* Orders by skill, by insertion: the lists are short. */
void skills_sort(struct skill_level *skills, uint32_t count);

#endif
