/* The inbox: where requests cross from NNG's threads to the loop thread. Frames are decoded before they cross, so that the one thread that
 * decides never looks at hostile bytes, and a frame that does not decode is answered without it.
 *
 * One wake-up is sent when the inbox turns from empty to non-empty; the loop then takes everything at once. */
#ifndef RELEVO_INBOX_H
#define RELEVO_INBOX_H

#include <uv.h>

#include "node/request.h"

struct inbox {
    uv_mutex_t mutex; /* guards everything below */
    uv_async_t *wake;
    struct list arrived;
    uint64_t bytes; /* of all requests that were let through and have not ended */
    uint32_t *gone; /* peers that went away */
    uint32_t gone_count, gone_capacity;
    struct list spare; /* requests to use again */
};

/* `wake` outlives the inbox. */
void inbox_init(struct inbox *inbox, uv_async_t *wake);

/* For the link, on NNG's threads; `context` is the inbox. */
void inbox_on_request(void *context, struct link_request *from, struct span frame);
void inbox_on_peer_gone(void *context, uint32_t peer);

/* Appends everything that arrived to the empty list `out`. */
void inbox_take(struct inbox *inbox, struct list *out);

/* The peers that went away since the last call; the caller frees the array. */
uint32_t inbox_take_gone(struct inbox *inbox, uint32_t **peers);

/* Sends the reply and ends the request. */
void inbox_answer(struct inbox *inbox, struct request *request, struct span reply);

/* Ends a request whose peer is gone. */
void inbox_drop(struct inbox *inbox, struct request *request);

/* Every request has been ended, and the link is closed. */
void inbox_fini(struct inbox *inbox);

#endif
