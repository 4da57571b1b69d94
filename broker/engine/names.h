/* Declared names: queues, skills, agents, accounts, operators, channel types and plans, each with an id for ever. */
#ifndef RELEVO_NAMES_H
#define RELEVO_NAMES_H

#include "engine/state.h"

/* NULL: no such id, or it stands for something else. Asked dozens of times in a step, hence inline. */
static inline struct name *names_get(const struct engine *engine, name_id id)
{
    return id < engine->names_capacity ? engine->names[id] : NULL;
}

static inline struct principal *names_principal(const struct engine *engine, name_id id)
{
    return id < engine->names_capacity ? engine->principals[id] : NULL;
}

static inline struct queue *names_queue(const struct engine *engine, name_id id)
{
    return id < engine->names_capacity ? engine->queues[id] : NULL;
}

static inline struct channel *names_channel(const struct engine *engine, name_id id)
{
    return id < engine->names_capacity ? engine->channels_by_name[id] : NULL;
}

const struct routing *names_routing(const struct engine *engine, name_id id);

/* Adds the name with this id; nothing happens when the id is taken. */
void names_add(struct engine *engine, name_id id, enum name_kind kind, struct span text, lsn_t lsn);
void names_fini(struct engine *engine);

#endif
