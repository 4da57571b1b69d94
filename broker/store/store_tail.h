/* The tail of the log: the batches that are not settled yet, in order, so that their records can be read before LMDB has them. Belongs to
 * the writing thread. */
#ifndef RELEVO_STORE_TAIL_H
#define RELEVO_STORE_TAIL_H

#include "store/store_batch.h"

struct tail {
    struct store_batch **batches; /* a ring */
    struct store_batch *last;     /* the one that was found last; NULL: none */
    uint32_t first, count, capacity;
};

void tail_fini(struct tail *tail);

void tail_push(struct tail *tail, struct store_batch *batch);

/* Takes the oldest if its number is at most `settled`; NULL: it is not, or there is none. */
struct store_batch *tail_pop(struct tail *tail, uint64_t settled);

/* not_found: older than the tail, or never made. Borrows the batch. */
enum status tail_record(struct tail *tail, uint64_t lsn, struct span *record) MUST_CHECK;

#endif
