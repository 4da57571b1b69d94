/* Rules: which queue and requirement a new conversation gets. First match wins. */
#ifndef RELEVO_RULES_H
#define RELEVO_RULES_H

#include "engine/state.h"

/* NULL: no rule matches. */
const struct rule *rules_choose(const struct settings *settings, name_id account, struct span channel, struct span language,
                                struct span topic);

void rules_fini(struct settings *settings);

#endif
