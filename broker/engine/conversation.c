#include "engine/conversation.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/little.h"
#include "engine/emit.h"
#include "engine/match.h"
#include "engine/names.h"
#include "engine/timers.h"

struct conversation *conversation_get(const struct engine *engine, conversation_id id)
{
    return map_get(&engine->conversations, id);
}

bool conversation_finished(const struct row_conversation *row)
{
    return row->substate >= SUBSTATE_resolved;
}

bool conversation_in_progress(const struct row_conversation *row)
{
    return row->substate >= SUBSTATE_active && row->substate < SUBSTATE_resolved;
}

static void read_passed_over(struct conversation *conversation, struct span bytes)
{
    const char *at = bytes.data;
    for (uint32_t i = 0; i < LIMIT_PASSED_OVER && (i + 1) * PASSED_OVER_BYTES <= bytes.size; i++, at += PASSED_OVER_BYTES) {
        conversation->passed_over[i].agent = (name_id)little_get(at, 4);
        conversation->passed_over[i].until_ms = (int64_t)little_get(at + 4, 8);
    }
}

struct row_conversation conversation_row(struct engine *engine, const struct conversation *conversation)
{
    struct row_conversation row = conversation->row;
    char *at = engine->passed_over_bytes;
    for (int i = 0; i < LIMIT_PASSED_OVER && conversation->passed_over[i].agent; i++) {
        at = little_put(at, conversation->passed_over[i].agent, 4);
        at = little_put(at, (uint64_t)conversation->passed_over[i].until_ms, 8);
    }
    row.passed_over = (struct span){engine->passed_over_bytes, (uint32_t)(at - engine->passed_over_bytes)};
    return row;
}

bool engine_conversation(const struct engine *engine, conversation_id id, struct row_conversation *out)
{
    const struct conversation *conversation = conversation_get(engine, id);
    if (conversation)
        *out = conversation->row;
    return conversation != NULL;
}

struct conversation *conversation_add(struct engine *engine, const struct row_conversation *row)
{
    struct conversation *conversation = pool_take(&engine->conversation_pool);
    ASSERT(conversation);
    char *address = must_copy(row->address.data, row->address.size);
    conversation->entity.kind = ROW_conversation;
    conversation->row = *row;
    conversation->row.address = (struct span){address, row->address.size};
    read_passed_over(conversation, row->passed_over);
    conversation->row.passed_over = span_of(NULL);
    map_put(&engine->conversations, row->id, conversation);
    conversation_take_place(engine, conversation);
    return conversation;
}

void conversation_forget(struct engine *engine, struct conversation *conversation)
{
    conversation_leave_place(engine, conversation);
    map_remove(&engine->conversations, conversation->row.id);
    free((void *)(uintptr_t)conversation->row.address.data);
    pool_give(&engine->conversation_pool, conversation);
}

void conversation_fini(struct engine *engine)
{
    struct conversation *conversation;
    for (size_t at = 0; (conversation = map_next(&engine->conversations, &at));)
        free((void *)(uintptr_t)conversation->row.address.data);
    map_fini(&engine->conversations);
    pool_fini(&engine->conversation_pool);
}

/* --- place --- */

static void wait_in_class(struct engine *engine, struct conversation *conversation)
{
    struct principal *target = names_principal(engine, conversation->row.target);
    conversation->waiting.key = match_order_key(conversation->row.arrival_ms, conversation->row.priority);
    conversation->waiting.tie = conversation->row.id;
    if (target && !target->direct)
        target->direct = match_class(engine, 0, conversation->row.target, 0, span_of(NULL));
    match_enter(engine, target ? target->direct : conversation->class, conversation);
    id_list_add(&engine->arrived, conversation->row.id);
}

static void stop_waiting(struct engine *engine, struct conversation *conversation)
{
    struct principal *target = names_principal(engine, conversation->row.target);
    match_exit(engine, target ? target->direct : conversation->class, conversation);
}

static void join_agent(struct list *list, struct principal *agent, struct conversation *conversation)
{
    list_append(list, &conversation->agent_node);
    agent->used += conversation->row.cost;
}

static void part_from_agent(struct list *list, struct principal *agent, struct conversation *conversation)
{
    list_remove(list, &conversation->agent_node);
    ASSERT(agent->used >= conversation->row.cost);
    agent->used -= conversation->row.cost;
}

void conversation_take_place(struct engine *engine, struct conversation *conversation)
{
    struct row_conversation *row = &conversation->row;
    struct queue *queue = names_queue(engine, row->queue);
    if (queue) {
        conversation->class = match_class(engine, row->queue, 0, row->cost, row->requirement);
        row->requirement = conversation->class->requirement;
    }
    if (conversation_finished(row))
        return;
    engine->conversations_open++;
    if (row->substate == SUBSTATE_queued) {
        queue->waiting++;
        wait_in_class(engine, conversation);
    } else if (row->substate == SUBSTATE_offered) {
        struct principal *agent = names_principal(engine, row->offered);
        queue->offered++;
        join_agent(&agent->offers, agent, conversation);
    } else if (conversation_in_progress(row)) {
        struct principal *agent = names_principal(engine, row->owner);
        queue->in_progress++;
        join_agent(&agent->owned, agent, conversation);
    }
    conversation_arm(engine, conversation);
}

void conversation_leave_place(struct engine *engine, struct conversation *conversation)
{
    struct row_conversation *row = &conversation->row;
    struct queue *queue = names_queue(engine, row->queue);
    timers_set(engine, &conversation->timer, TIMER_conversation, row->id, 0);
    if (conversation_finished(row))
        return;
    engine->conversations_open--;
    if (row->substate == SUBSTATE_queued) {
        queue->waiting--;
        stop_waiting(engine, conversation);
    } else if (row->substate == SUBSTATE_offered) {
        struct principal *agent = names_principal(engine, row->offered);
        queue->offered--;
        part_from_agent(&agent->offers, agent, conversation);
    } else if (conversation_in_progress(row)) {
        struct principal *agent = names_principal(engine, row->owner);
        queue->in_progress--;
        part_from_agent(&agent->owned, agent, conversation);
    }
}

/* --- passing over --- */

void conversation_pass_over(struct conversation *conversation, name_id agent, int64_t until_ms)
{
    struct passed_over *entry = conversation->passed_over, *chosen = entry;
    for (int i = 0; i < LIMIT_PASSED_OVER; i++, entry++) {
        if (entry->agent == agent || !entry->agent) {
            chosen = entry;
            break;
        }
        if (entry->until_ms < chosen->until_ms)
            chosen = entry;
    }
    *chosen = (struct passed_over){agent, until_ms};
}

bool conversation_passes_over(const struct conversation *conversation, name_id agent, int64_t now_ms)
{
    for (int i = 0; i < LIMIT_PASSED_OVER && conversation->passed_over[i].agent; i++)
        if (conversation->passed_over[i].agent == agent)
            return conversation->passed_over[i].until_ms > now_ms;
    return false;
}

static int64_t next_pass_end(const struct conversation *conversation, int64_t now_ms)
{
    int64_t next = 0;
    for (int i = 0; i < LIMIT_PASSED_OVER && conversation->passed_over[i].agent; i++) {
        int64_t until = conversation->passed_over[i].until_ms;
        if (until > now_ms && (!next || until < next))
            next = until;
    }
    return next;
}

void conversation_arm(struct engine *engine, struct conversation *conversation)
{
    const struct row_conversation *row = &conversation->row;
    int64_t at_ms = 0;
    if (row->substate == SUBSTATE_offered)
        at_ms = row->offer_deadline_ms;
    else if (row->substate == SUBSTATE_queued)
        at_ms = next_pass_end(conversation, engine->counters.now_ms);
    timers_set(engine, &conversation->timer, TIMER_conversation, row->id, at_ms);
}

void conversation_match_again(struct engine *engine, struct conversation *conversation)
{
    id_list_add(&engine->arrived, conversation->row.id);
    conversation_arm(engine, conversation);
}
