/* A request: one decoded frame on its way through the node, and the memory that answering it needs. Recycled by the inbox, so a usual
 * request costs no malloc. */
#ifndef RELEVO_REQUEST_H
#define RELEVO_REQUEST_H

#include "base/heap.h"
#include "base/list.h"
#include "engine/record.h"
#include "link/link.h"
#include "proto/codec.h"

struct request {
    struct list_node place; /* in the inbox, the held requests, or the parked ones of an outbox */
    struct link_request *from;
    struct arena arena;                        /* what decoding and answering take */
    struct frame frame;                        /* borrows the link's bytes and the arena */
    name_id principal;                         /* whose session asks; 0 for hello */
    enum name_kind kind;                       /* of the principal: its role */
    uint64_t bytes;                            /* of the frame, as it came and decoded, while the inbox counts it */
    lsn_t after;                               /* the reply may leave when the log is durable up to here */
    struct buffer reply;                       /* the reply, where it does not have to wait for the commit to be known */
    struct submit_result *results;             /* submit: one for each change */
    struct history_view *view;                 /* history: what to read once it is durable */
    struct heap_node wait;                     /* fetch: the end of its wait, while parked */
    struct request *peer_next, *peer_previous; /* fetch: parked for the same peer */
};

/* Writes the reply. */
void request_reply(struct request *request, const struct frame *frame);

/* Writes an error as the reply. `detail` says what and where; NULL for the status' own text. */
void request_error(struct request *request, enum status status, const char *detail);

/* Empties it for the next frame and keeps the memory a usual frame needs. */
void request_clear(struct request *request);

/* Frees its memory. */
void request_fini(struct request *request);

#endif
