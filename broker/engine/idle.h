/* Who is idle: per channel type and group, the agents with room for one more, by the orders that queues choose by. */
#ifndef RELEVO_IDLE_H
#define RELEVO_IDLE_H

#include "engine/state.h"

/* Who sits at a seat that is taken. */
static inline struct principal *idle_sitting(const struct idle *idle, uint32_t seat)
{
    return idle->seats[seat].sitting;
}

/* Has the one been idle for longer than the other? Both are. */
static inline bool idle_longer(const struct idle *idle, const struct principal *agent, const struct principal *than)
{
    return idle->seat_of[agent->row.id] < idle->seat_of[than->row.id];
}

/* Whose place on a bench it is. */
static inline struct principal *idle_agent(struct list_node *node)
{
    return ITEM_OF(node, struct desk, node)->agent;
}

/* Begins to fetch where the agent, who is of the group of this index, sits or will. */
void idle_warm(const struct engine *engine, name_id agent, uint32_t group);
void idle_warm_seats(const struct engine *engine, const struct principal *agent); /* then the seats themselves */

void idle_join(struct engine *engine, struct principal *agent, uint32_t channel);
void idle_leave(struct engine *engine, struct principal *agent, uint32_t channel);

/* A bench for every channel type in the group. Only while nobody is idle. */
void idle_make_benches(struct engine *engine, struct group *group);
/* For every channel type a seat for everybody who has a name, and room for every group. Only while nobody is idle. */
void idle_make_room(struct engine *engine);
void idle_fini(struct engine *engine);

#endif
