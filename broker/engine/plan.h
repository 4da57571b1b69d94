/* Filling a plan: growable lists of what a step did. */
#ifndef RELEVO_PLAN_H
#define RELEVO_PLAN_H

#include "engine/engine.h"

void plan_clear(struct plan *plan);
void plan_add(struct plan *plan, const struct record *record);
void plan_wake(struct plan *plan, name_id principal);
void plan_close_session(struct plan *plan, session_id session, enum cause cause);

#endif
