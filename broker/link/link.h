/* The link: where requests come in and replies go out, as a REP socket would have it.
 *
 * A request is one frame from one peer that waits for one reply; it may wait as long as the broker likes (a parked fetch). Every request
 * that was handed to on_request is ended exactly once, by link_reply or link_drop. Everything happens on the thread that runs the loop. It
 * refuses to know what frames mean. */
#ifndef RELEVO_LINK_H
#define RELEVO_LINK_H

#include <stddef.h>

#include "proto/span.h"
#include "proto/status.h"

struct link;
struct link_request;
struct uv_loop_s;

struct link_options {
    struct uv_loop_s *loop;
    const char *url;             /* tcp://127.0.0.1:7400; port 0 chooses a free one */
    size_t frame_bytes_max;      /* larger frames end their connection */
    size_t unfinished_bytes_max; /* of frames that are not whole yet; beyond it the oldest of them ends its connection */
    uint32_t peers_max;          /* connections at once; beyond it a new one is ended */
    uint32_t per_pipe_max;       /* requests of one peer at once; beyond it `overloaded` is sent at once */
    void *context;
    /* The frame is valid until the request is ended. */
    void (*on_request)(void *context, struct link_request *request, struct span frame);
    /* Once per connection and after its last on_request: the peer is gone; its requests can be ended with link_drop (their replies would go
     * nowhere). */
    void (*on_peer_gone)(void *context, uint32_t peer);
    /* The bytes of the reply for a request over the quota, made once by the owner. */
    struct span overloaded_reply;
};

enum status link_open(const struct link_options *options, struct link **out, char error[256]) MUST_CHECK;

/* The address really listened on (the port chosen). Valid while the link is open. */
const char *link_url(const struct link *link);

/* The connection a request came over; numbers are not reused while requests of it exist. */
uint32_t link_peer(const struct link_request *request);

/* Bytes of replies to this peer that it has not taken. */
size_t link_unread(const struct link_request *request);

/* Copies `frame` for the next flush, and ends the request. */
void link_reply(struct link_request *request, struct span frame);

/* Ends the request without a reply. */
void link_drop(struct link_request *request);

/* Writes the replies given since the last flush, as far as their peers take them; the rest follows by itself. To be called before the loop
 * sleeps. */
void link_flush(struct link *link);

/* Flushes, ends the connections and frees everything, requests not ended included: they must not be touched any more. No callback runs. Not
 * from a callback. The loop has to turn once more before it can be closed. */
void link_close(struct link *link);

#endif
