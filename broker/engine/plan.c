#include "engine/plan.h"

#include <stdlib.h>

#include "base/check.h"

void plan_clear(struct plan *plan)
{
    plan->records_count = plan->woken_count = plan->closed_count = 0;
    plan->outcome = (struct outcome){0};
}

struct record *plan_add(struct plan *plan)
{
    plan->records = must_make_room(plan->records, plan->records_count, &plan->records_capacity, sizeof *plan->records);
    return &plan->records[plan->records_count++];
}

void plan_wake(struct plan *plan, name_id principal)
{
    plan->woken = must_make_room(plan->woken, plan->woken_count, &plan->woken_capacity, sizeof *plan->woken);
    plan->woken[plan->woken_count++] = principal;
}

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
