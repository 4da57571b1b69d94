/* Declared names: queues, skills, agents, accounts, operators, channel types and plans, each with an id for ever. */
#ifndef RELEVO_NAMES_H
#define RELEVO_NAMES_H

#include "engine/state.h"

/* NULL: no such id. */
struct name *names_get(const struct engine *engine, name_id id);
struct principal *names_principal(const struct engine *engine, name_id id);
struct queue *names_queue(const struct engine *engine, name_id id);
struct channel *names_channel(const struct engine *engine, name_id id);
const struct routing *names_routing(const struct engine *engine, name_id id);

/* Adds the name with this id; nothing happens when the id is taken. */
void names_add(struct engine *engine, name_id id, enum name_kind kind, struct span text, lsn_t lsn);
void names_fini(struct engine *engine);

#endif
