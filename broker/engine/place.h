/* Places: where, for whom and in which order a conversation waits. Computed from the configuration when it is decided, kept in the record,
 * so that what follows needs the record alone. */
#ifndef RELEVO_PLACE_H
#define RELEVO_PLACE_H

#include "engine/state.h"

struct place {
    name_id queue;
    struct span route; /* borrowed */
    uint32_t priority;
    int64_t order_ms;
    uint32_t lane, choice;
    name_id plan;
    uint32_t step; /* from 0 */
};

/* At this step of a plan; `priority` is the conversation's so far. */
struct place place_at_step(const struct engine *engine, const struct routing *routing, uint32_t step, uint32_t priority,
                           int64_t arrival_ms);

/* In the queue by this route, on no plan. */
struct place place_in(const struct queue *queue, struct span route, uint32_t priority, int64_t arrival_ms);

/* The same for a conversation that is there already: any agent of the queue who meets the requirement (NULL: none). The route is kept by
 * its class. */
struct place place_for_anybody(struct engine *engine, const struct conversation *conversation, const struct queue *queue,
                               const struct requirement *requirement);

/* Where it is. */
struct place place_kept(const struct conversation *conversation);

/* The first step, from `step` on, that is not skipped because nobody who could serve it is signed in. The last is never skipped. */
uint32_t place_first_step(const struct engine *engine, const struct routing *routing, uint32_t step);

/* Fills in the record's fields of the place. */
void place_write(const struct place *place, struct record *record);

/* The static order key: the arrival less a head start by priority (Genesys' priority as minutes), or, in an edf queue, the deadline of the
 * first response. Lower goes first. */
int64_t place_order(const struct queue *queue, uint32_t priority, int64_t arrival_ms);

/* When `span_ms` of the queue's time have passed: by the clock, or by its calendar. */
int64_t place_deadline(const struct queue *queue, int64_t from_ms, uint32_t span_ms);

#endif
