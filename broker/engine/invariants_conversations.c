#include "engine/conversation.h"
#include "engine/due.h"
#include "engine/invariants_check.h"
#include "engine/names.h"
#include "engine/tie.h"

static bool heap_holds(const struct heap *heap, const struct heap_node *node)
{
    return node->position && node->position <= heap->count && heap->slots[node->position - 1].node == node;
}

static bool list_holds(const struct list *list, const struct list_node *wanted)
{
    const struct list_node *node = list->first;
    while (node && node != wanted)
        node = node->next;
    return node != NULL;
}

/* --- who has it --- */

static bool has(const struct principal *owner, const struct conversation *conversation)
{
    return conversation->owned_at < owner->owned.count && owner->owned.items[conversation->owned_at] == conversation;
}

static const char *owner_fault(const struct engine *engine, const struct conversation *conversation)
{
    const struct conversation_state *row = &conversation->row;
    const struct principal *owner = names_principal(engine, row->owner);
    if ((row->owner != 0) != conversation_in_progress(conversation))
        return "is in progress without an owner, or has one without being so";
    if (!row->owner)
        return row->charged ? "is charged to nobody" : NULL;
    if (!owner || owner->kind != NAME_KIND_agent || !has(owner, conversation))
        return "is not in the list of its owner";
    if (row->charged > row->cost)
        return "is charged more than it costs";
    bool leaves = !names_queue(engine, row->queue)->stays;
    if (!owner->sessions.count && !owner->timer.position && leaves)
        return "belongs to an agent who is gone for good";
    return NULL;
}

static const char *tie_fault(const struct conversation *conversation, const struct tie *tie)
{
    const struct conversation_state *row = &conversation->row;
    if (tie->conversation != conversation || !list_holds(&tie->agent->ties, &tie->agent_node))
        return "has a tie that is not in the list of its agent";
    if (tie_find(conversation, (name_id)tie->agent->row.id) != tie || tie->agent->row.id == row->owner)
        return "is tied twice to one agent";
    if (tie_is_offer(tie) && !tie->until_ms)
        return "is offered without an end";
    switch (tie->kind) {
    case TIE_offer:
        return row->substate == SUBSTATE_offered ? NULL : "is offered, and its state does not say so";
    case TIE_loan:
        return row->substate == SUBSTATE_lent ? NULL : "is lent, and its state does not say so";
    case TIE_warm:
    case TIE_consult:
        return row->side == tie->kind && (!tie->joined || row->substate == SUBSTATE_consult) ? NULL : "has a tie that nobody asked for";
    }
    return NULL;
}

static const char *ties_fault(const struct conversation *conversation)
{
    const struct conversation_state *row = &conversation->row;
    for (const struct tie *tie = conversation->ties; tie; tie = tie->next) {
        const char *fault = tie_fault(conversation, tie);
        if (fault)
            return fault;
    }
    bool tied = row->substate == SUBSTATE_offered || row->substate == SUBSTATE_lent || row->substate == SUBSTATE_consult;
    if (tied && !conversation->ties)
        return "is offered, lent or consulted about, and nobody is tied to it";
    return NULL;
}

/* --- where it waits --- */

static bool should_wait(const struct conversation *conversation)
{
    const struct conversation_state *row = &conversation->row;
    return row->substate == SUBSTATE_queued ||
           (conversation_in_progress(conversation) && row->side && !tie_of_kind(conversation, (enum tie_kind)row->side));
}

static const char *place_fault(const struct engine *engine, const struct conversation *conversation)
{
    const struct principal *target = names_principal(engine, conversation_meant_for(conversation));
    if (conversation_waits(conversation) != should_wait(conversation))
        return "waits without a reason, or does not wait where it should";
    if (!conversation_waits(conversation))
        return NULL;
    if (!heap_holds(target ? &target->direct : &conversation_class(conversation)->waiting, &conversation->waiting))
        return "is not in the heap where it waits";
    if (conversation->waiting.key != conversation->row.key_ms || conversation->waiting.tie != conversation->row.id)
        return "waits by another key than its own";
    return NULL;
}

/* --- what comes next --- */

static const char *next_fault(const struct engine *engine, const struct conversation *conversation)
{
    const struct conversation_state *row = &conversation->row;
    struct due due = due_next(engine, conversation);
    if (due.at_ms != INT64_MAX && !heap_holds(&engine->timers, &conversation->timer))
        return "has something due and no timer";
    if (due.at_ms != INT64_MAX && conversation->timer.key > due.at_ms)
        return "has a timer later than what is due";
    if ((row->substate == SUBSTATE_held || row->substate == SUBSTATE_snoozed) && due.at_ms == INT64_MAX)
        return "is put off for ever";
    if (row->substate == SUBSTATE_new)
        return "was never queued";
    return NULL;
}

static const char *conversation_fault(const struct engine *engine, const struct conversation *conversation)
{
    if (conversation_finished(conversation))
        return conversation->row.owner || conversation->ties || conversation_waits(conversation) ? "is finished, and somebody still has it"
                                                                                                 : NULL;
    const char *fault = owner_fault(engine, conversation);
    if (!fault)
        fault = ties_fault(conversation);
    if (!fault)
        fault = place_fault(engine, conversation);
    return fault ? fault : next_fault(engine, conversation);
}

/* --- counts --- */

static const char *queue_fault(const struct engine *engine, const struct queue *queue)
{
    const struct conversation *conversation;
    uint64_t waiting = 0, offered = 0, in_progress = 0;
    for (size_t at = 0; (conversation = map_next(&engine->conversations, &at));) {
        if (conversation_finished(conversation) || conversation->row.queue != queue->id)
            continue;
        in_progress += conversation_in_progress(conversation);
        offered += conversation->row.substate == SUBSTATE_offered;
        waiting += conversation_unowned(conversation) && conversation->row.substate != SUBSTATE_offered;
    }
    bool counted = waiting == queue->waiting && offered == queue->offered && in_progress == queue->in_progress;
    return counted ? NULL : "counts others than it has";
}

const char *check_conversations(const struct engine *engine, struct invariants *memory)
{
    const struct conversation *conversation;
    uint64_t open = 0, waiting = 0;
    for (size_t at = 0; (conversation = map_next(&engine->conversations, &at));) {
        const char *fault = conversation_fault(engine, conversation);
        if (fault)
            return broken(engine, memory, conversation->row.id, 0, fault);
        open += !conversation_finished(conversation);
        waiting += conversation_waits(conversation);
    }
    if (open != engine->conversations_open || waiting != engine->waiting)
        return broken(engine, memory, 0, 0, "open conversations, or those who wait, are miscounted");
    for (name_id id = 1; id <= engine->names_count; id++) {
        const struct queue *queue = names_queue(engine, id);
        const char *fault = queue ? queue_fault(engine, queue) : NULL;
        if (fault)
            return broken(engine, memory, 0, id, fault);
    }
    return NULL;
}
