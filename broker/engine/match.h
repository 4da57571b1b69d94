/* Matching: classes of conversations against groups of agents. A class is what makes conversations equal to the agents (route, channel
 * type, cost, lane, order of choice); a group is what makes agents equal to the conversations (kind, queues, skills). Who can serve whom is
 * one bit per pair, so a decision looks only at classes that have someone waiting and groups that have someone idle. */
#ifndef RELEVO_MATCH_H
#define RELEVO_MATCH_H

#include "engine/state.h"

struct terms {
    name_id type;
    uint32_t cost;
    uint8_t lane, choice;
    struct span route; /* canonical bytes */
};

/* NULL: nothing was ever of this class. */
struct class *match_find_class(const struct engine *engine, const struct terms *terms);
/* Found or made. Copies. */
struct class *match_class(struct engine *engine, const struct terms *terms);

/* What was last found for these bytes of a route, perhaps by others at the same place; NULL: nothing. */
const struct class *match_recent(const struct engine *engine, name_id type, struct span route);
/* Begins to fetch what that reads. */
void match_warm_recent(const struct engine *engine, name_id type, struct span route);
/* Begins to fetch what choosing an agent for the class looks at. */
void match_warm(const struct class *class);
/* And what taking away its first does. */
void match_warm_first(const struct class *class);

/* What makes agents equal. Both lists sorted. */
struct profile {
    enum agent_kind kind;
    const name_id *queues;
    uint32_t queues_count;
    const struct skill_level *skills;
    uint32_t skills_count;
};

/* Found or made. Copies. */
struct group *match_group(struct engine *engine, const struct profile *profile);

/* Whom the queue offers to now. */
enum offering match_offering(const struct engine *engine, const struct queue *queue);
/* Who may claim from it now. */
enum offering match_claiming(const struct engine *engine, const struct queue *queue);
/* Pairs anew after some queues have begun or ceased to offer. Everyone idle who gained something is freed. */
void match_repair(struct engine *engine);

/* What the group says of the route: can_take, or why it is not served by anyone in it; `lacking` is set with lacks_skill. A queue that
 * offers to nobody counts, unless `claims` (who claims does not wait for an offer). */
enum verdict match_group_verdict(const struct engine *engine, const struct group *group, const struct route *route, bool claims,
                                 struct skill_level *lacking);

/* May those of the group claim what is on the route, from any of its queues that is claimed from now? can_take, or why not; queue_closed:
 * there is no such queue for them. */
enum verdict match_claim_verdict(const struct engine *engine, const struct group *group, const struct route *route);

/* Is there a configured agent that could serve the route; signed in, too? Whether its queues offer now does not count. */
bool match_anybody(const struct engine *engine, const struct route *route, bool signed_in);

void match_enter(struct engine *engine, struct class *class, struct conversation *conversation);
void match_exit(struct engine *engine, struct class *class, struct conversation *conversation);

void match_fini(struct engine *engine);

#endif
