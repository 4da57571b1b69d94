/* Fetches: how deliveries leave. A fetch that finds nothing is parked, at most one for each session, until the log is durable up to a new
 * entry of the session's outbox, its wait ends, its session ends, or its peer goes away. Deliveries are read from the log when they are
 * fetched, and never before they are durable. */
#ifndef RELEVO_FETCH_H
#define RELEVO_FETCH_H

#include "base/heap.h"
#include "base/list.h"
#include "base/map.h"
#include "engine/engine.h"
#include "proto/message.h"

struct node;
struct request;

struct fetches {
    struct map outboxes; /* principal -> struct outbox: those that ever had a parked fetch */
    struct map parked;   /* session -> struct request */
    struct map peers;    /* peer -> the one parked last of its requests */
    struct heap waits;   /* the parked requests by the end of their wait, in loop time */
    struct list woken;   /* outboxes with entries that were not durable when they were looked at */
    lsn_t lsns[WIRE_CREDIT_MAX];
};

/* Takes an admitted fetch: acknowledges its cursor, then answers or parks it. */
void fetch_take(struct node *node, struct request *request);

/* The outbox of `principal` grew; its newest entry is at most `lsn`. */
void fetch_wake(struct node *node, name_id principal, lsn_t lsn);

/* The log is durable further than before: answers the parked fetches that have something now. */
void fetch_committed(struct node *node);

/* Answers, empty, those whose wait is over. */
void fetch_expire(struct node *node);

/* When the first wait ends, in loop time; UINT64_MAX: nothing is parked. */
uint64_t fetch_deadline(const struct node *node);

/* The session's parked fetch, no longer parked; NULL: none. */
struct request *fetch_unpark_session(struct node *node, session_id session);

/* Drops the parked fetches of a peer that went away. */
void fetch_peer_gone(struct node *node, uint32_t peer);

/* Answers every parked fetch with this error. */
void fetch_end_all(struct node *node, enum status status);

void fetch_fini(struct fetches *fetches);

#endif
