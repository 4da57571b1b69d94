/* Matching: classes of conversations against groups of agents. A class is what makes conversations equal to the agents (queue, requirement,
 * agent meant, cost); a group is what makes agents equal to the conversations (queues, skills). Who can serve whom is one bit per pair, so
 * a decision looks only at classes that have someone waiting and groups that have someone idle. */
#ifndef RELEVO_MATCH_H
#define RELEVO_MATCH_H

#include "engine/state.h"

/* Can any agents serve what asks for this? `requirement` is canonical bytes, here as below. */
bool match_serves(const struct engine *engine, name_id queue, struct span requirement);

/* NULL: nothing was ever of this class. */
struct class *match_find_class(const struct engine *engine, name_id queue, name_id target, uint32_t cost, struct span requirement);

/* Found or made. Copies. */
struct class *match_class(struct engine *engine, name_id queue, name_id target, uint32_t cost, struct span requirement);

/* Found or made. Both lists sorted; copied. */
struct group *match_group(struct engine *engine, const name_id *queues, uint32_t queues_count, const struct skill_level *skills,
                          uint32_t skills_count);

void match_enter(struct engine *engine, struct class *class, struct conversation *conversation);
void match_exit(struct engine *engine, struct class *class, struct conversation *conversation);

/* The longest idle agent that may take it; NULL: none. */
struct principal *match_agent_for(const struct engine *engine, const struct conversation *conversation);

/* The conversation first in order that the agent may take; NULL: none. */
struct conversation *match_conversation_for(const struct engine *engine, const struct principal *agent);

/* Who waits where: static, lower first. Source: Genesys' priority as minutes of head start. */
int64_t match_order_key(int64_t arrival_ms, uint32_t priority);

void match_fini(struct engine *engine);

#endif
