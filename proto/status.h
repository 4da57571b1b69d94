/* The outcome of everything that can go wrong because of a peer, a file or the network. Our own bugs are ASSERTs, not statuses. */
#ifndef RELEVO_STATUS_H
#define RELEVO_STATUS_H

enum status {
#define STATUS(number, name, text) STATUS_##name = number,
#include "proto/status.def"
#undef STATUS
};

/* The wire name ("stale_epoch"); "unknown" for a number that is not in the table. */
const char *status_name(enum status status);

/* One sentence for a person; never NULL. */
const char *status_text(enum status status);

#define MUST_CHECK __attribute__((warn_unused_result))

#endif
