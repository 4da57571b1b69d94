/* Rules: which plan a conversation follows. The first rule whose conditions all hold wins. */
#ifndef RELEVO_RULES_H
#define RELEVO_RULES_H

#include "engine/state.h"

/* Under which rules_by_topic has the rules for a topic. */
uint64_t rules_topic_hash(struct span topic);

/* NULL: none does. `type`: the conversation's channel; its account may be configured for another by now, or no more. `customer` NULL: a new
 * one. Looks at the event's language, topic, result, attributes and patterns, and at the hours. */
const struct rule *rules_choose(const struct engine *engine, name_id account, name_id type, const struct customer *customer,
                                const struct event *event);

/* Makes the index that choosing uses: after the rules were configured. */
void rules_index(struct engine *engine);

#endif
