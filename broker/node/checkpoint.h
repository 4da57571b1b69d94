/* Checkpoints: the state of every entity, written as rows beside the log, a few at a time, so that a restart replays a bounded part
 * of it. A row is written once for all the changes since its last writing. Which rows are due, and in which order, the engine knows; how
 * many go with a commit is decided here. */
#ifndef RELEVO_CHECKPOINT_H
#define RELEVO_CHECKPOINT_H

#include "engine/engine.h"

struct node;

struct checkpoint {
    lsn_t replay_from;      /* where a restart would begin, as the last durable batch says */
    lsn_t replay_from_next; /* as the batch in flight says */
    uint64_t rows_batch;    /* number of the batch with the rows that are not settled yet; 0: none */
    lsn_t rows_lsn;         /* newest record when rows were written last */
    uint64_t slice_ms;      /* loop time of the next slice of rows */
    lsn_t slice_lsn;        /* newest record when the last was due */
};

/* Rows to write with a commit of so many records, when `dirty` rows are waiting and a restart would replay `replay` records. */
uint64_t checkpoint_pace(uint64_t records, uint64_t dirty, uint64_t replay);

/* Rows of the slice that is written now and then, with whichever commit comes, or by itself when none does. */
uint64_t checkpoint_slice(uint64_t dirty);

/* Rows to write with the commit that could start now: by pace, by slice if one is due, all while draining. */
uint64_t checkpoint_rows_due(struct node *node);

/* Puts up to so many rows, and the counters a restart begins with, into the gathering batch, which is submitted next. */
void checkpoint_write(struct node *node, uint64_t rows_max);

/* If the rows written last are settled: what is finished among them leaves memory, and the next may be written. */
void checkpoint_take_settled(struct node *node);

/* When the next slice is due, in loop time; UINT64_MAX: nothing is dirty. */
uint64_t checkpoint_deadline(const struct node *node);

/* Names of the counters in TABLE_meta. */
#define META_REPLAY_FROM "replay_from"
#define META_NEWEST "newest"
#define META_NOW_MS "now_ms"
#define META_CONVERSATION "conversation"
#define META_CUSTOMER "customer"
#define META_SESSION "session"

#endif
