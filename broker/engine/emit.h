/* The one way anything happens: a record is numbered, added to the plan and applied. */
#ifndef RELEVO_EMIT_H
#define RELEVO_EMIT_H

#include "engine/plan.h"
#include "engine/state.h"

/* The record that was added to the plan last happens: fills in lsn, at_ms and, for a record of a conversation in memory, prev; applies it;
 * remembers its client key. Returns its lsn. */
lsn_t emit_added(struct engine *engine);

/* The record, a literal most often, happens. It is made where it stays, in the plan: a step makes several, and each is large. */
#define emit(engine, ...) (*plan_add((engine)->plan) = __VA_ARGS__, emit_added(engine))

/* apply.c: changes the state as the record says. What a row already holds is left alone, so that replay may repeat. */
void apply(struct engine *engine, const struct record *record);

/* It had none so far: it joins those that wait for a checkpoint. */
void dirty_add(struct engine *engine, struct entity *entity, lsn_t lsn);

/* The entity has a change that no row holds. */
static inline void mark_dirty(struct engine *engine, struct entity *entity, lsn_t lsn)
{
    /* The fields share a word: a part of it just written would hold up the whole being read, here several times a step. */
    if (entity->ahead)
        entity->ahead = false;
    if (!entity->since)
        dirty_add(engine, entity, lsn);
}

static inline void id_list_add(struct id_list *list, uint64_t id)
{
    list->ids = must_make_room(list->ids, list->count, &list->capacity, sizeof *list->ids);
    list->ids[list->count++] = id;
}

/* Ascending: what was collected from a map must not show its order in records. */
void id_list_sort(struct id_list *list);

#endif
