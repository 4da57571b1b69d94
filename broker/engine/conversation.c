#include "engine/conversation.h"

#include "base/check.h"
#include "engine/due.h"
#include "engine/emit.h"
#include "engine/match.h"
#include "engine/names.h"
#include "engine/principal.h"
#include "engine/tie.h"
#include "engine/timers.h"

struct queue *conversation_queue(const struct engine *engine, const struct conversation *conversation)
{
    return names_queue(engine, conversation_in_progress(conversation) && conversation->row.side ? conversation->row.side_queue
                                                                                                : conversation->row.queue);
}

name_id conversation_actor(const struct conversation *conversation)
{
    const struct tie *loan = conversation->ties ? tie_of_kind(conversation, TIE_loan) : NULL;
    return loan ? (name_id)loan->agent->row.id : conversation->row.owner;
}

name_id conversation_onlooker(const struct conversation *conversation)
{
    const struct tie *tie = conversation->ties;
    if (!tie)
        return 0;
    if (tie->kind == TIE_loan)
        return conversation->row.owner;
    return tie->joined ? (name_id)tie->agent->row.id : 0;
}

/* --- rows --- */

static struct row_conversation numbers_of(const struct conversation_state *state)
{
    struct row_conversation row = {.id = state->id};
#define NUMBER(bit, field, type) row.field = state->field;
#define BYTES(bit, field)
#include "engine/conversation.def"
#undef NUMBER
#undef BYTES
    return row;
}

static struct conversation_state state_of(const struct row_conversation *row)
{
    struct conversation_state state = {.id = row->id};
#define NUMBER(bit, field, type) state.field = row->field;
#define BYTES(bit, field)
#include "engine/conversation.def"
#undef NUMBER
#undef BYTES
    return state;
}

static struct row_conversation row_without_ties(const struct conversation *conversation)
{
    struct row_conversation row = numbers_of(&conversation->row);
    row.address = (struct span){conversation->address, conversation->address_size};
    row.route = conversation->class ? conversation->class->bytes : span_of(NULL);
    row.side_route = conversation->row.side ? conversation->side_class->bytes : span_of(NULL);
    return row;
}

struct row_conversation conversation_row(struct engine *engine, const struct conversation *conversation)
{
    struct row_conversation row = row_without_ties(conversation);
    char *ties = engine->row_bytes, *passed = ties_write(conversation, ties), *end = passed_over_write(conversation, passed);
    row.ties = (struct span){ties, (uint32_t)(passed - ties)};
    row.passed_over = (struct span){passed, (uint32_t)(end - passed)};
    return row;
}

bool engine_conversation(const struct engine *engine, conversation_id id, struct row_conversation *out)
{
    const struct conversation *conversation = conversation_get(engine, id);
    if (conversation)
        *out = row_without_ties(conversation);
    return conversation != NULL;
}

static struct conversation *conversation_make(struct engine *engine, conversation_id id, struct span address)
{
    struct conversation *conversation = pool_take(&engine->conversation_pool);
    conversation->entity = (struct entity){.kind = ROW_conversation};
    conversation->row.id = id;
    conversation->address = texts_keep(&engine->texts, address.data, address.size);
    conversation->address_size = (uint16_t)address.size;
    map_put(&engine->conversations, id, conversation);
    engine->recent_conversation = conversation;
    return conversation;
}

struct conversation *conversation_open(struct engine *engine, const struct record *record)
{
    struct conversation *conversation = conversation_make(engine, record->conversation, record->address);
    conversation->row.lsn = record->lsn;
    conversation->row.customer = record->customer;
    conversation->row.account = record->account;
    conversation->row.substate = SUBSTATE_new;
    conversation_take_place(engine, conversation);
    return conversation;
}

struct conversation *conversation_add(struct engine *engine, const struct row_conversation *row)
{
    struct conversation *conversation = conversation_make(engine, row->id, row->address);
    conversation->row = state_of(row);
    if (row->route.size)
        conversation_set_route(engine, conversation, row->route);
    if (row->side_route.size)
        conversation_set_side_route(engine, conversation, row->side_route);
    ties_read(engine, conversation, row->ties);
    passed_over_read(conversation, row->passed_over);
    conversation_take_place(engine, conversation);
    return conversation;
}

void conversation_forget(struct engine *engine, struct conversation *conversation)
{
    conversation_leave_place(engine, conversation);
    while (conversation->ties)
        tie_end(engine, conversation->ties);
    timers_set(engine, &conversation->timer, TIMER_conversation, conversation->row.id, 0);
    passed_over_forget(conversation);
    map_remove(&engine->conversations, conversation->row.id);
    if (engine->recent_conversation == conversation)
        engine->recent_conversation = NULL;
    texts_drop(&engine->texts, conversation->address, conversation->address_size);
    pool_give(&engine->conversation_pool, conversation);
}

void conversation_fini(struct engine *engine)
{
    struct conversation *conversation;
    for (size_t at = 0; (conversation = map_next(&engine->conversations, &at));) {
        passed_over_forget(conversation);
        texts_drop(&engine->texts, conversation->address, conversation->address_size);
    }
    map_fini(&engine->conversations);
    pool_fini(&engine->conversation_pool);
}

/* --- place --- */

static struct class *class_on_its_terms(struct engine *engine, const struct conversation *conversation, struct span route)
{
    const struct conversation_state *row = &conversation->row;
    return match_class(engine, &(struct terms){row->type, row->cost, row->lane, row->choice, route});
}

void conversation_set_route(struct engine *engine, struct conversation *conversation, struct span route)
{
    conversation->class = class_on_its_terms(engine, conversation, route);
}

void conversation_set_side_route(struct engine *engine, struct conversation *conversation, struct span route)
{
    conversation->side_class = class_on_its_terms(engine, conversation, route);
}

static void own(struct owned *owned, struct conversation *conversation)
{
    owned->items = must_make_room(owned->items, owned->count, &owned->capacity, sizeof(struct conversation *));
    conversation->owned_at = owned->count;
    owned->items[owned->count++] = conversation;
}

static void disown(struct owned *owned, const struct conversation *conversation)
{
    ASSERT(conversation->owned_at < owned->count && owned->items[conversation->owned_at] == conversation);
    struct conversation *last = owned->items[--owned->count];
    if (last == conversation)
        return;
    owned->items[conversation->owned_at] = last;
    last->owned_at = conversation->owned_at;
}

/* Queued; or its owner has asked for somebody who is not yet found. */
static bool should_wait(const struct conversation *conversation)
{
    const struct conversation_state *row = &conversation->row;
    return row->substate == SUBSTATE_queued ||
           (conversation_in_progress(conversation) && row->side && !tie_of_kind(conversation, (enum tie_kind)row->side));
}

static void start_waiting(struct engine *engine, struct conversation *conversation)
{
    struct principal *target = names_principal(engine, conversation_meant_for(conversation));
    conversation->waiting.key = conversation->row.key_ms;
    conversation->waiting.tie = conversation->row.id;
    if (target)
        heap_insert(&target->direct, &conversation->waiting);
    else
        match_enter(engine, conversation_class(conversation), conversation);
    engine->waiting++;
    if (engine->live)
        id_list_add(&engine->arrived, conversation->row.id);
}

static void stop_waiting(struct engine *engine, struct conversation *conversation)
{
    struct principal *target = names_principal(engine, conversation_meant_for(conversation));
    if (target)
        heap_remove(&target->direct, &conversation->waiting);
    else
        match_exit(engine, conversation_class(conversation), conversation);
    engine->waiting--;
}

/* Counts it in, by 1, or out again, by UINT64_MAX, which is 1 less. */
static void count(struct engine *engine, const struct conversation *conversation, uint64_t step)
{
    struct queue *queue = names_queue(engine, conversation->row.queue);
    engine->conversations_open += step;
    if (!queue)
        return;
    if (conversation_in_progress(conversation))
        queue->in_progress += step;
    else if (conversation->row.substate == SUBSTATE_offered)
        queue->offered += step;
    else
        queue->waiting += step;
}

void conversation_take_place(struct engine *engine, struct conversation *conversation)
{
    const struct conversation_state *row = &conversation->row;
    if (conversation_finished(conversation))
        return;
    count(engine, conversation, 1);
    if (should_wait(conversation))
        start_waiting(engine, conversation);
    if (conversation_in_progress(conversation)) {
        struct principal *owner = names_principal(engine, row->owner);
        own(&owner->owned, conversation);
        principal_charge(engine, owner, row->type, row->charged);
    }
    due_arm(engine, conversation);
}

void conversation_leave_place(struct engine *engine, struct conversation *conversation)
{
    const struct conversation_state *row = &conversation->row;
    if (conversation_finished(conversation))
        return;
    count(engine, conversation, UINT64_MAX);
    if (conversation_waits(conversation))
        stop_waiting(engine, conversation);
    if (conversation_in_progress(conversation)) {
        struct principal *owner = names_principal(engine, row->owner);
        disown(&owner->owned, conversation);
        principal_discharge(engine, owner, row->type, row->charged);
    }
}
