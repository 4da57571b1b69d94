/* Choosing: of the agents who can serve a conversation, and of the conversations that an agent can serve. Looks, and changes nothing. */
#ifndef RELEVO_CHOOSE_H
#define RELEVO_CHOOSE_H

#include "engine/state.h"

/* Whom it would be offered to now, by its order of choice; NULL: nobody. */
struct principal *choose_agent(const struct engine *engine, const struct conversation *conversation);

/* Whom one of the class would be offered to if its conversation allowed and nothing changed: the longest idle. As long as nobody sat down
 * before that agent, a later choice begins there. */
struct likely choose_likely(const struct engine *engine, const struct class *class);
/* Begins to fetch what tells who that is; then who it is now, or another. Its class is not NULL. */
void choose_warm(const struct engine *engine, const struct likely *likely);
struct likely choose_whom(const struct engine *engine, struct likely likely);

/* The head of the class that one of the group would most likely be offered the first of; a guess, soon made; NULL: nothing waits. */
const struct head *choose_next(const struct engine *engine, const struct group *group);

/* What the agent would be offered now: by lane, guard and key; NULL: nothing. `lanes` (a bit each) had something for it. */
struct conversation *choose_conversation(const struct engine *engine, const struct principal *agent, uint32_t *lanes);

/* It was offered what it chose: the lanes below that waited in vain are nearer their turn. */
void choose_served(struct group *group, uint32_t lanes, uint32_t lane);

/* May the agent be offered the conversation now? The whole answer, by the same tests that choosing makes; `lacking` is set with
 * lacks_skill. */
enum verdict choose_verdict(const struct engine *engine, const struct conversation *conversation, const struct principal *agent,
                            struct skill_level *lacking);

#endif
