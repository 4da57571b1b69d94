#include "engine/plan.h"

#include <stdlib.h>

void plan_close_session(struct plan *plan, session_id session, enum cause cause)
{
    plan->closed = must_make_room(plan->closed, plan->closed_count, &plan->closed_capacity, sizeof *plan->closed);
    plan->closed[plan->closed_count++] = (struct closed_session){session, cause};
}

void plan_fini(struct plan *plan)
{
    free(plan->records);
    free(plan->woken);
    free(plan->closed);
    *plan = (struct plan){0};
}
