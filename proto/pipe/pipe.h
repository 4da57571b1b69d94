/* Connections that carry whole messages both ways, and the two ways to get them: listening and dialling. On the wire it is SP over TCP,
 * what NNG and nanomsg speak: eight bytes of greeting each way, then a 64-bit length before each message.
 *
 * Stands on NNG's streams, not on its sockets, for one reason: when a peer of an NNG 1.5.2 socket dies while one of its messages is half
 * read, its pipe is never taken down, and after it no other pipe of the process is either: their ends go unseen, and dialling stops. The
 * callbacks of one pipe come one at a time, on NNG's threads: never block in them. Those threads start with the first source and take their
 * signal mask from its caller: block the signals you handle before. It refuses to know what messages mean. */
#ifndef RELEVO_PIPE_H
#define RELEVO_PIPE_H

#include <stddef.h>

#include "proto/span.h"
#include "proto/status.h"

struct pipe;
struct pipe_source;

/* SP's protocol numbers; each side must be the other's counterpart. */
enum pipe_protocol { PIPE_req = 0x30, PIPE_rep = 0x31 };

struct pipe_owner {
    void *context;
    enum pipe_protocol protocol;
    size_t message_bytes_max; /* a larger one ends its connection before any memory is taken for it */
    /* Both sides have greeted. */
    void (*on_opened)(void *context, struct pipe *pipe);
    /* The message is borrowed. False: it is malformed, end the connection. */
    bool (*on_message)(void *context, struct pipe *pipe, struct span message);
    /* The last callback of a pipe that was opened. */
    void (*on_gone)(void *context, struct pipe *pipe);
};

/* Accepts connections until closed. in_use, bad_input: `error` says what about the address. */
enum status pipe_listen(const char *url, const struct pipe_owner *owner, struct pipe_source **out, char error[256]) MUST_CHECK;

/* Keeps one connection: dials again whenever there is none, after 50 to 500 ms. */
enum status pipe_dial(const char *url, const struct pipe_owner *owner, struct pipe_source **out, char error[256]) MUST_CHECK;

/* The address really listened on (the port chosen). */
const char *pipe_source_url(const struct pipe_source *source);

/* Ends its connections and waits for the last on_gone. Not from a callback. */
void pipe_source_close(struct pipe_source *source);

/* Copies head and body into one message. Nothing happens when the pipe has ended. A peer that lets megabytes pile up is not read from
 * until it has taken them. */
void pipe_send(struct pipe *pipe, struct span head, struct span body);

/* Bytes sent that the peer has not taken. */
size_t pipe_unread(struct pipe *pipe);

/* Ends the connection; on_gone follows. */
void pipe_close(struct pipe *pipe);

/* A pipe may be used from on_opened until on_gone, and as long as it is held. */
void pipe_hold(struct pipe *pipe);
void pipe_release(struct pipe *pipe);

/* For the owner's own use: starts as NULL. */
void **pipe_data(struct pipe *pipe);

#endif
