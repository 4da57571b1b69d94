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

/* What an event borrows, and what is wrong when there is none. */
struct submit_room {
    struct requirement requirement;
    struct attribute attributes[WIRE_ATTRIBUTES_MAX];
    char detail[WIRE_REASON_MAX];
};

/* Takes an admitted submit: steps on every change, in order. */
void submit_take(struct node *node, struct request *request);

/* The reply, once everything is durable. Borrows the node until the next reply. */
struct span submit_answer(struct node *node, struct request *request);

/* What the change would do, by a principal of this kind. On any status but ok the room's `detail` says what is wrong and where. `event`
 * borrows the change and the room. */
enum status submit_event(const struct engine *engine, enum name_kind by, const struct wire_change *change, struct event *event,
                         struct submit_room *room) MUST_CHECK;

#endif
