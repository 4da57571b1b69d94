#include "engine/conversation.h"
#include "engine/idle.h"
#include "engine/invariants_check.h"
#include "engine/match.h"
#include "engine/names.h"
#include "engine/principal.h"

/* --- heaps --- */

static bool heap_is_sound(const struct heap *heap)
{
    for (uint32_t i = 0; i < heap->count; i++)
        if (heap->slots[i].node->position != i + 1 || (i && heap_before(heap->slots[i].node, heap->slots[(i - 1) / HEAP_ARITY].node)))
            return false;
    return true;
}

/* --- classes --- */

static uint32_t count_waiting(const struct engine *engine, const struct class *class)
{
    const struct conversation *conversation;
    uint32_t count = 0;
    for (size_t at = 0; (conversation = map_next(&engine->conversations, &at));)
        count += conversation_waits(conversation) && !conversation_meant_for(conversation) && conversation_class(conversation) == class;
    return count;
}

static const char *class_fault(const struct engine *engine, const struct class *class)
{
    const struct head *head = &engine->heads[class->index];
    const struct heap_node *first = heap_first(&class->waiting);
    if (!heap_is_sound(&class->waiting) || class->waiting.count != count_waiting(engine, class))
        return "a class has a heap out of order, or not of those who wait";
    if (bitset_has(&engine->nonempty_classes, class->index) != (first != NULL))
        return "a class is marked as empty, or as not empty, wrongly";
    if (first ? head->key != first->key || head->lane != class->lane || &head->conversation->waiting != first : head->conversation != NULL)
        return "the head of a class is not its first";
    for (uint32_t i = 0; i < engine->groups_count; i++) {
        const struct group *group = engine->groups[i];
        bool serves = match_group_verdict(engine, group, class->route, false, NULL) == VERDICT_can_take;
        if (bitset_has(&class->servers, i) != serves || bitset_has(&group->serves, class->index) != serves)
            return "a class and a group are paired wrongly";
    }
    return NULL;
}

/* --- groups --- */

static bool bench_is_sound(const struct engine *engine, const struct bench *bench, uint32_t channel)
{
    const struct principal *before = NULL;
    for (struct list_node *node = bench->idle.first; node; node = node->next) {
        const struct principal *agent = idle_agent(node);
        if (!(agent->room >> channel & 1) || (before && principal_by_idle(&before, &agent) > 0))
            return false;
        before = agent;
    }
    return heap_is_sound(&bench->load) && heap_is_sound(&bench->turn) &&
           bench->load.count == (engine->settings.by_load ? bench->idle.count : 0) &&
           bench->turn.count == (engine->settings.by_turn ? bench->idle.count : 0);
}

/* The row holds those with room and nobody else, in the idle order. */
static bool row_is_sound(const struct engine *engine, uint32_t channel)
{
    const struct idle *idle = &engine->idle[channel];
    const struct principal *before = NULL;
    uint32_t seated = 0, with_room = 0;
    for (name_id id = 1; id <= engine->names_count; id++)
        with_room += names_principal(engine, id) && names_principal(engine, id)->room >> channel & 1;
    for (uint32_t at = idle->begin; at < idle->end;) {
        const struct seat *seat = &idle->seats[at];
        bool taken = seat->group != IDLE_NOBODY;
        const struct principal *agent = taken ? names_principal(engine, seat->agent) : NULL;
        at += taken ? 1 : seat->empty;
        if (!taken)
            continue;
        if (!agent || seat->sitting != agent || !(agent->room >> channel & 1) || &idle->seats[idle->seat_of[seat->agent]] != seat ||
            seat->group != agent->group->index || (before && principal_by_idle(&before, &agent) > 0))
            return false;
        before = agent;
        seated++;
    }
    return seated == with_room && seated == idle->count;
}

static const char *group_fault(const struct engine *engine, const struct group *group)
{
    uint64_t members = 0, signed_in = 0, idle[LIMIT_CHANNELS] = {0};
    for (name_id id = 1; id <= engine->names_count; id++) {
        const struct principal *agent = names_principal(engine, id);
        if (!agent || agent->group != group)
            continue;
        members++;
        signed_in += agent->signed_in;
        for (uint32_t i = 0; i < engine->channels_count; i++)
            idle[i] += agent->room >> i & 1;
    }
    if (members != group->members || signed_in != group->signed_in)
        return "a group miscounts its members, or those signed in";
    for (uint32_t i = 0; i < engine->channels_count && i < group->benches_count; i++) {
        const struct bench *bench = &group->benches[i];
        struct list_node *first = bench->idle.first;
        if (bench->idle.count != idle[i] || !bench_is_sound(engine, bench, i))
            return "a bench is out of order, or not of those with room";
        if (bitset_has(&engine->idle[i].groups, group->index) != (first != NULL) ||
            (first && engine->idle[i].first[group->index] != engine->idle[i].seat_of[idle_agent(first)->row.id]))
            return "a group is marked as idle, or as busy, wrongly";
    }
    return NULL;
}

/* --- queues, and all --- */

static const char *hours_fault(const struct engine *engine)
{
    for (uint32_t i = 0; i < engine->settings.calendars_count; i++) {
        int64_t at_ms = hours_next_change(&engine->settings.calendars[i], engine->counters.now_ms);
        if (at_ms && !(engine->calendars_timer.position && engine->calendars_timer.key <= at_ms))
            return "a calendar changes, and no timer is set";
    }
    return NULL;
}

static const char *queue_fault(const struct engine *engine, const struct queue *queue)
{
    bool closed = queue->configured && queue->calendar && !hours_open(queue->calendar, engine->counters.now_ms);
    if (queue->configured && queue->closed != closed)
        return "is taken for open when it is closed, or the other way";
    return queue->offering == match_offering(engine, queue) ? NULL : "is paired as it was before a change";
}

static const char *names_fault(const struct engine *engine, struct invariants *memory)
{
    for (name_id id = 1; id <= engine->names_count; id++) {
        const struct queue *queue = names_queue(engine, id);
        const struct principal *principal = names_principal(engine, id);
        const char *fault = queue ? queue_fault(engine, queue) : NULL;
        if (principal && !heap_is_sound(&principal->direct))
            fault = "has a heap of its own out of order";
        if (fault)
            return broken(engine, memory, 0, id, fault);
    }
    return NULL;
}

const char *check_matching(const struct engine *engine, struct invariants *memory)
{
    const char *fault = heap_is_sound(&engine->timers) ? hours_fault(engine) : "the timers are out of order";
    if (engine->freed.count || engine->arrived.count)
        fault = "somebody is left to be matched";
    for (uint32_t i = 0; !fault && i < engine->channels_count; i++)
        fault = row_is_sound(engine, i) ? NULL : "the idle order is out of order, or not of those with room";
    for (uint32_t i = 0; !fault && i < engine->classes_count; i++)
        fault = class_fault(engine, engine->classes[i]);
    for (uint32_t i = 0; !fault && i < engine->groups_count; i++)
        fault = group_fault(engine, engine->groups[i]);
    return fault ? broken(engine, memory, 0, 0, fault) : names_fault(engine, memory);
}
