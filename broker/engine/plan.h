/* What one step did: records to make durable, principals to wake, sessions that ended, and the outcome for whoever asked. Owned by the
 * caller and reused: each step clears it first. Spans in records borrow the event or the engine and hold until the next step. */
#ifndef RELEVO_PLAN_H
#define RELEVO_PLAN_H

#include "base/check.h"
#include "engine/event.h"

struct plan {
    struct record *records;
    uint32_t records_count, records_capacity;
    name_id *woken; /* principals whose outbox grew; may repeat */
    uint32_t woken_count, woken_capacity;
    struct closed_session {
        session_id session;
        enum cause cause;
    } * closed; /* sessions that ended in this step */
    uint32_t closed_count, closed_capacity;
    struct outcome outcome;
};
void plan_fini(struct plan *plan);

/* For the engine: filling it. */
static inline void plan_clear(struct plan *plan)
{
    plan->records_count = plan->woken_count = plan->closed_count = 0;
    plan->outcome = (struct outcome){0};
}

/* To be written by the caller; holds until the next is added. */
static inline struct record *plan_add(struct plan *plan)
{
    plan->records = must_make_room(plan->records, plan->records_count, &plan->records_capacity, sizeof *plan->records);
    return &plan->records[plan->records_count++];
}

static inline void plan_wake(struct plan *plan, name_id principal)
{
    plan->woken = must_make_room(plan->woken, plan->woken_count, &plan->woken_capacity, sizeof *plan->woken);
    plan->woken[plan->woken_count++] = principal;
}

void plan_close_session(struct plan *plan, session_id session, enum cause cause);

#endif
