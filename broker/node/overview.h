/* The `status` verb: the broker at a glance, for operators and agents. */
#ifndef RELEVO_OVERVIEW_H
#define RELEVO_OVERVIEW_H

struct node;
struct request;

/* Takes an admitted status request. */
void overview_take(struct node *node, struct request *request);

#endif
