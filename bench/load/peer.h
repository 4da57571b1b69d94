/* Light peers of a broker, thousands on one thread: sockets of their own that speak the protocol's frames, on one epoll.
 *
 * Not the C client, for two reasons. That one is made to survive: with its loop, lanes and timers it is too heavy for ten thousand in one
 * process. And it is well-behaved, as proto/pipe is: a peer here may also leave its socket unread, or hang up in the middle of a frame, as
 * a bench of what others suffer from it wants. A peer does not redial, and it forgets what it asked: replies come with the tag of their
 * request. */
#ifndef RELEVO_BENCH_PEER_H
#define RELEVO_BENCH_PEER_H

#include <netinet/in.h>

#include "proto/codec.h"

struct peer {
    struct peers *all;
    void *owner;           /* its user's own */
    struct buffer in, out; /* bytes that are not a whole message yet; that the socket did not take yet */
    size_t out_done;
    int fd;       /* -1: not connected */
    bool greeted; /* by the broker: it is open */
    bool deaf;    /* leaves its socket unread */
    bool waiting; /* for room to write */
};

/* What peers tell their user; callbacks run inside peers_wait. */
struct peers_user {
    void *context;
    void (*on_open)(struct peer *peer);
    /* A reply, or an error that answers a request. Borrowed until the callback returns. */
    void (*on_reply)(struct peer *peer, uint32_t tag, const struct frame *reply);
    /* The connection ended, or what came was no reply; the peer is closed. */
    void (*on_gone)(struct peer *peer);
};

struct peers {
    struct peers_user user;
    struct sockaddr_in address;
    int epoll;
    struct arena arena;
    struct buffer request; /* being written */
    char *bytes;           /* what one read brought */
};

/* `url` as tcp://127.0.0.1:7400. False: it is none of that form, or the system gives no epoll. */
bool peers_init(struct peers *peers, const char *url, const struct peers_user *user);
void peers_fini(struct peers *peers);

/* Begins to connect; on_open follows, or on_gone. Only its owner is kept of what it was. False: no socket, errno says why. */
bool peer_dial(struct peers *peers, struct peer *peer);

/* Sends a request; its reply comes with the tag, of at most 31 bits. Once open. */
void peer_ask(struct peer *peer, uint32_t tag, const struct frame *request);

/* Raw bytes, whatever they mean. */
void peer_write(struct peer *peer, const void *bytes, size_t size);

/* From now on it leaves its socket unread; the system keeps as little for it as it can. */
void peer_stop_reading(struct peer *peer);

/* Bytes that could not be written yet: the broker does not read. */
size_t peer_unwritten(const struct peer *peer);

/* Hangs up; with `reset` the other side sees a reset, as from a process that was killed. No callback follows. */
void peer_close(struct peer *peer, bool reset);

/* Waits at most so long for anything to happen, and lets it. */
void peers_wait(struct peers *peers, uint64_t timeout_ns);

#endif
