/* Outboxes: lsns a principal has not acknowledged. At least once, in order. */
#ifndef RELEVO_OUTBOX_H
#define RELEVO_OUTBOX_H

#include "engine/state.h"

/* Nothing happens when the outbox already had it (lsn not above row.lsn). False then. */
bool outbox_push(struct engine *engine, struct principal *principal, lsn_t lsn);

/* From the pending table, at load. */
void outbox_load(struct principal *principal, lsn_t lsn);

/* Begins to fetch where the next goes. */
void outbox_warm(const struct outbox *outbox);

/* No more is taken than what ends work that is under way. */
bool outbox_full(const struct outbox *outbox);

/* Drops everything up to lsn. True when it was full before. */
bool outbox_acknowledge(struct engine *engine, struct principal *principal, lsn_t lsn, lsn_t by_lsn);

/* The i-th undelivered lsn. */
lsn_t outbox_at(const struct outbox *outbox, uint32_t i);

/* How many are at most `lsn`. */
uint32_t outbox_count_upto(const struct outbox *outbox, lsn_t lsn);

void outbox_fini(struct outbox *outbox);

#endif
