/* Conversations and their place: waiting for an agent or for a time, offered, owned, or nowhere. The place is derived from the row, so
 * every change of state is: leave the place, change the row, take the place. */
#ifndef RELEVO_CONVERSATION_H
#define RELEVO_CONVERSATION_H

#include "engine/state.h"

/* NULL: not in memory. */
static inline struct conversation *conversation_get(const struct engine *engine, conversation_id id)
{
    struct conversation *recent = engine->recent_conversation;
    return recent && recent->row.id == id ? recent : map_get(&engine->conversations, id);
}

/* The same for whoever goes on to change it: it will be asked for again. */
static inline struct conversation *conversation_take_up(struct engine *engine, conversation_id id)
{
    struct conversation *conversation = conversation_get(engine, id);
    if (conversation)
        engine->recent_conversation = conversation;
    return conversation;
}

/* Begins with this record. Copies. */
struct conversation *conversation_open(struct engine *engine, const struct record *record);
/* Brings it into memory from a row, in its place. Copies. */
struct conversation *conversation_add(struct engine *engine, const struct row_conversation *row);
void conversation_forget(struct engine *engine, struct conversation *conversation);
void conversation_fini(struct engine *engine);

void conversation_leave_place(struct engine *engine, struct conversation *conversation);
void conversation_take_place(struct engine *engine, struct conversation *conversation);

/* The terms on which it waits, by the row's type, cost, lane and choice. Before it takes its place. */
void conversation_set_route(struct engine *engine, struct conversation *conversation, struct span route);
void conversation_set_side_route(struct engine *engine, struct conversation *conversation, struct span route);

static inline bool conversation_finished(const struct conversation *conversation)
{
    return conversation->row.substate >= SUBSTATE_resolved;
}

static inline bool conversation_in_progress(const struct conversation *conversation)
{
    return conversation->row.substate >= SUBSTATE_active && conversation->row.substate < SUBSTATE_resolved;
}

/* Nobody owns it: new, queued, offered, held or snoozed. */
static inline bool conversation_unowned(const struct conversation *conversation)
{
    return conversation->row.substate < SUBSTATE_active;
}

static inline bool conversation_inactive(const struct conversation *conversation)
{
    return conversation->row.charged < conversation->row.cost;
}

static inline bool conversation_waits(const struct conversation *conversation)
{
    return conversation->waiting.position != 0;
}

/* Of whatever it waits for now: its next owner, or the colleague its owner asked for. */
static inline struct class *conversation_class(const struct conversation *conversation)
{
    return conversation_in_progress(conversation) ? conversation->side_class : conversation->class;
}

static inline name_id conversation_meant_for(const struct conversation *conversation) /* 0: whoever can */
{
    return conversation_in_progress(conversation) ? conversation->row.side_target : conversation->row.target;
}

struct queue *conversation_queue(const struct engine *engine, const struct conversation *conversation);

/* Who may write and decide: the owner, or the bot it is lent to; 0: nobody. */
name_id conversation_actor(const struct conversation *conversation);
/* Who else sees what is written: the colleague who looks on, or the owner of what is lent; 0: nobody. */
name_id conversation_onlooker(const struct conversation *conversation);

/* The row, borrowing the engine until the next call. */
struct row_conversation conversation_row(struct engine *engine, const struct conversation *conversation);

#endif
