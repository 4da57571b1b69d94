/* Deadlines of conversations, sessions and agents in one heap. */
#ifndef RELEVO_TIMERS_H
#define RELEVO_TIMERS_H

#include "engine/state.h"

enum timer_kind {
    TIMER_calendars, /* first: whatever is due at the same moment finds its queue open or closed */
    TIMER_conversation,
    TIMER_session,
    TIMER_principal,
};

/* (Re)arms; at_ms 0 disarms. */
void timers_set(struct engine *engine, struct heap_node *timer, enum timer_kind kind, uint64_t id, int64_t at_ms);

void timers_run_due(struct engine *engine);

/* Runs everything due by the engine's now. */
static inline void timers_run(struct engine *engine)
{
    if (engine->timers.count && engine->timers.slots[0].key <= engine->counters.now_ms)
        timers_run_due(engine);
}

#endif
