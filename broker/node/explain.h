/* `why` and `peek`: what the matcher thinks of one conversation, and who waits in one queue. */
#ifndef RELEVO_NODE_EXPLAIN_H
#define RELEVO_NODE_EXPLAIN_H

struct node;
struct request;

/* Both answer with what holds now; the answer is held until that is durable. */
void explain_take(struct node *node, struct request *request);
void peek_take(struct node *node, struct request *request);

#endif
