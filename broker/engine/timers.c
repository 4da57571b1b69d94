#include "engine/timers.h"

#include "engine/conversation.h"
#include "engine/decide.h"
#include "engine/emit.h"
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

static void conversation_due(struct engine *engine, struct conversation *conversation)
{
    if (conversation->row.substate == SUBSTATE_offered)
        decide_offer_end(engine, conversation, CAUSE_expired, span_of(NULL));
    else
        conversation_match_again(engine, conversation);
}

void timers_run(struct engine *engine)
{
    const struct heap_node *first;
    while ((first = heap_first(&engine->timers)) && first->key <= engine->counters.now_ms) {
        uint64_t id = first->tie & ((UINT64_C(1) << KIND_SHIFT) - 1);
        enum timer_kind kind = (enum timer_kind)(first->tie >> KIND_SHIFT);
        heap_remove(&engine->timers, engine->timers.nodes[0]);
        switch (kind) {
        case TIMER_conversation:
            conversation_due(engine, conversation_get(engine, id));
            break;
        case TIMER_session:
            decide_lease_end(engine, session_get(engine, id));
            break;
        case TIMER_principal:
            decide_lost(engine, names_principal(engine, (name_id)id));
            break;
        }
    }
}
