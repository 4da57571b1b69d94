#include "engine/timers.h"

#include "engine/conversation.h"
#include "engine/decide.h"
#include "engine/due.h"
#include "engine/names.h"
#include "engine/principal.h"

enum {
    KIND_SHIFT = 56, /* ids are counters and stay far below 2^56 */
};

void timers_set(struct engine *engine, struct heap_node *timer, enum timer_kind kind, uint64_t id, int64_t at_ms)
{
    if (timer->position)
        heap_remove(&engine->timers, timer);
    if (!at_ms || !engine->live)
        return;
    timer->key = at_ms;
    timer->tie = (uint64_t)kind << KIND_SHIFT | id;
    heap_insert(&engine->timers, timer);
}

int64_t engine_deadline_ms(const struct engine *engine)
{
    const struct heap_node *first = heap_first(&engine->timers);
    return first ? first->key : INT64_MAX;
}

/* The first that is due; NULL: none. Hours before all else, however late it is: whatever is decided must find its queue open or closed. */
static struct heap_node *first_due(struct engine *engine)
{
    struct heap_node *first = heap_first(&engine->timers), *hours = &engine->calendars_timer;
    if (hours->position && hours->key <= engine->counters.now_ms)
        return hours;
    return first && first->key <= engine->counters.now_ms ? first : NULL;
}

void timers_run_due(struct engine *engine)
{
    struct heap_node *due;
    while ((due = first_due(engine))) {
        uint64_t id = due->tie & ((UINT64_C(1) << KIND_SHIFT) - 1);
        enum timer_kind kind = (enum timer_kind)(due->tie >> KIND_SHIFT);
        heap_remove(&engine->timers, due);
        switch (kind) {
        case TIMER_calendars:
            decide_hours(engine);
            break;
        case TIMER_conversation:
            decide_due(engine, conversation_get(engine, id));
            break;
        case TIMER_session:
            decide_lease_end(engine, session_get(engine, id));
            break;
        case TIMER_principal:
            decide_principal_due(engine, names_principal(engine, (name_id)id));
            break;
        }
    }
}
