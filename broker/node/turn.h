/* The turn: everything the loop thread does between two sleeps. Read turn.c first. */
#ifndef RELEVO_TURN_H
#define RELEVO_TURN_H

#include "engine/engine.h"

struct node;
struct request;

/* One turn. */
void turn_run(struct node *node);

/* Runs the engine on one event, whose time it sets, and puts the records it made into the batch. The outcome holds until the next step. */
const struct outcome *turn_step(struct node *node, struct event *event);

/* Holds a request, whose reply is written or can be, until everything it may speak of is durable. */
void turn_hold(struct node *node, struct request *request);

/* Nothing is left to write, to answer or to wait for: a draining node may stop. */
bool turn_clean(const struct node *node);

#endif
