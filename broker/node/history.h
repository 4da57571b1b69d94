/* Histories: a conversation's records are a chain in the log, each naming the one before. A page is walked newest first and handed out
 * oldest first; only durable records are ever shown. */
#ifndef RELEVO_HISTORY_H
#define RELEVO_HISTORY_H

#include "engine/engine.h"
#include "proto/message.h"

struct node;
struct request;
struct arena;

struct history_slice {
    struct wire_record *records; /* oldest first */
    uint32_t count;
    lsn_t before; /* the oldest one's lsn when older ones exist, otherwise 0 */
};

/* The records from `from` back, at most so many and about so many bytes, as agents see them. Borrows the reader's snapshot and arena. */
struct history_slice history_walk(struct node *node, lsn_t from, uint32_t records_max, uint64_t bytes_max, struct arena *arena);

/* The conversation as it is now, open or finished; false: there is none. Borrows the engine or the reader. */
bool history_conversation(struct node *node, conversation_id id, struct row_conversation *out);

/* Takes an admitted history request: what it will show is fixed now, and read once it is durable. */
void history_take(struct node *node, struct request *request);

/* The reply, once everything is durable. Borrows the node until the next reply. */
struct span history_answer(struct node *node, struct request *request);

#endif
