/* Submits: changes as the wire says them -> events as the engine wants them, and outcomes back into results. What the engine cannot know is
 * checked here: which role may ask for which change, which fields it needs, and that the names in it exist. */
#ifndef RELEVO_SUBMIT_H
#define RELEVO_SUBMIT_H

#include "engine/engine.h"
#include "proto/message.h"

struct node;
struct request;

struct submit_result {
    struct outcome outcome;
    struct span detail; /* why it was refused before the engine saw it */
};

/* Takes an admitted submit: steps on every change, in order. */
void submit_take(struct node *node, struct request *request);

/* The reply, once everything is durable. Borrows the node until the next reply. */
struct span submit_answer(struct node *node, struct request *request);

/* What the change would do, by a principal of this kind. On any status but ok `detail` (of detail_size bytes) says what is wrong and where.
 * `event` and `requirement` borrow the change. */
enum status submit_event(const struct engine *engine, enum name_kind by, const struct wire_change *change, struct event *event,
                         struct requirement *requirement, char *detail, size_t detail_size) MUST_CHECK;

#endif
