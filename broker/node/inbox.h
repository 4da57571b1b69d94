/* The inbox: requests that wait for a turn. Frames are decoded as they come, so that what decides never looks at hostile bytes: a frame
 * that does not decode, or one too many, is answered here. */
#ifndef RELEVO_INBOX_H
#define RELEVO_INBOX_H

#include "node/request.h"

struct inbox {
    struct list waiting;
    uint64_t bytes;    /* of all requests that were let through and have not ended */
    struct list spare; /* requests to use again */
};

/* Decodes a request that the link brought, and keeps it for the turn. */
void inbox_add(struct inbox *inbox, struct link_request *from, struct span frame);

/* The request that has waited for longest; NULL: none. */
struct request *inbox_take(struct inbox *inbox);

/* Sends the reply and ends the request. */
void inbox_answer(struct inbox *inbox, struct request *request, struct span reply);

/* Ends a request whose peer is gone. */
void inbox_drop(struct inbox *inbox, struct request *request);

/* Every request has been ended. */
void inbox_fini(struct inbox *inbox);

#endif
