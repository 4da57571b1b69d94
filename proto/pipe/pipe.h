/* Connections that carry whole messages both ways, and the two ways to get them: listening and dialling. On the wire it is SP over TCP,
 * what NNG and nanomsg speak: eight bytes of greeting each way, then a 64-bit length before each message.
 *
 * Everything happens on the thread that runs the loop: callbacks come while it turns, and every function here is called on it. What is sent
 * is gathered, and leaves with the next flush: one write for each connection, however many small messages there are. From each connection a
 * turn of the loop reads a bounded number of bytes, so that none keeps the others waiting. It refuses to know what messages mean. */
#ifndef RELEVO_PIPE_H
#define RELEVO_PIPE_H

#include <stddef.h>

#include "proto/span.h"
#include "proto/status.h"

struct pipe;
struct pipe_source;
struct uv_loop_s;

/* SP's protocol numbers; each side must be the other's counterpart. */
enum pipe_protocol { PIPE_req = 0x30, PIPE_rep = 0x31 };

struct pipe_owner {
    void *context;
    enum pipe_protocol protocol;
    size_t message_bytes_max; /* a larger one ends its connection before any memory is taken for it */
    /* Of messages that are not whole yet, over all connections: beyond it the one that has been unfinished for longest ends its connection.
     * 0 means no bound. */
    size_t unfinished_bytes_max;
    uint32_t greeting_ms; /* that a connection has for its greeting; 0 means 10 s */
    /* Both sides have greeted. */
    void (*on_opened)(void *context, struct pipe *pipe);
    /* The message is borrowed. False: it is malformed, end the connection. */
    bool (*on_message)(void *context, struct pipe *pipe, struct span message);
    /* The last callback of a pipe that was opened; never from within pipe_send or pipe_close. */
    void (*on_gone)(void *context, struct pipe *pipe);
};

/* Accepts connections until closed. in_use, bad_input: `error` says what about the address. */
enum status pipe_listen(struct uv_loop_s *loop, const char *url, const struct pipe_owner *owner, struct pipe_source **out,
                        char error[256]) MUST_CHECK;

/* Keeps one connection: dials again whenever there is none, after 50 to 500 ms. A host name is looked up each time, on a thread of the
 * loop's pool. */
enum status pipe_dial(struct uv_loop_s *loop, const char *url, const struct pipe_owner *owner, struct pipe_source **out,
                      char error[256]) MUST_CHECK;

/* The address really listened on (the port chosen). */
const char *pipe_source_url(const struct pipe_source *source);

/* Writes what was sent since the last flush, as far as the peers take it; the rest follows by itself. */
void pipe_source_flush(struct pipe_source *source);

/* Ends its connections, with the last on_gone of each. Not from a callback. Its memory goes when the loop has turned once more (and a
 * look-up of a name has ended): run it until nothing is left. */
void pipe_source_close(struct pipe_source *source);

/* Makes head and body one message for the next flush; a large one that finds nothing before it goes at once. Nothing happens when the pipe
 * has ended. A peer that lets megabytes pile up is not read from until it has taken them. */
void pipe_send(struct pipe *pipe, struct span head, struct span body);

/* Bytes sent that the peer has not taken. */
size_t pipe_unread(const struct pipe *pipe);

/* Ends the connection; on_gone follows. */
void pipe_close(struct pipe *pipe);

/* A pipe may be used from on_opened until on_gone, and as long as it is held. */
void pipe_hold(struct pipe *pipe);
void pipe_release(struct pipe *pipe);

/* For the owner's own use: starts as NULL. */
void **pipe_data(struct pipe *pipe);

#endif
