/* Who is idle: per channel type and group, the agents with room for one more, by the orders that queues choose by. */
#ifndef RELEVO_IDLE_H
#define RELEVO_IDLE_H

#include "engine/state.h"

void idle_join(struct engine *engine, struct principal *agent, uint32_t channel);
void idle_leave(struct engine *engine, struct principal *agent, uint32_t channel);

/* A bench for every channel type in every group. Only while nobody is idle. */
void idle_make_benches(struct engine *engine, struct group *group);
void idle_fini(struct engine *engine);

#endif
