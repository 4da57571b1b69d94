/* The asking side of SP's request and reply over TCP, thousands on one thread: sockets that speak the protocol's frames, on one epoll.
 *
 * Not the C client, for two reasons. That one is made to survive: with its loop, lanes and timers it is too heavy for ten thousand in one
 * process. And it is well-behaved, as proto/pipe is: a requester may also leave its socket unread, or hang up in the middle of a frame, as
 * a bench of what others suffer from it wants. A requester does not redial, and it forgets what it asked: replies come with the tag of
 * their request. */
#ifndef RELEVO_BENCH_REQUESTER_H
#define RELEVO_BENCH_REQUESTER_H

#include <netinet/in.h>

#include "proto/codec.h"

struct requester {
    struct requesters *all;
    void *owner;           /* its user's own */
    struct buffer in, out; /* bytes that are not a whole message yet; that the socket did not take yet */
    size_t out_done;
    int fd;       /* -1: not connected */
    bool greeted; /* by the broker: it is open */
    bool deaf;    /* leaves its socket unread */
    bool waiting; /* for room to write */
};

/* What requesters tell their user; callbacks run inside requesters_wait. */
struct requesters_user {
    void *context;
    void (*on_open)(struct requester *requester);
    /* A reply, or an error that answers a request. Borrowed until the callback returns. */
    void (*on_reply)(struct requester *requester, uint32_t tag, const struct frame *reply);
    /* The connection ended, or what came was no reply; the requester is closed. */
    void (*on_gone)(struct requester *requester);
};

struct requesters {
    struct requesters_user user;
    struct sockaddr_in address;
    int epoll;
    struct arena arena;
    struct buffer request; /* being written */
    char *bytes;           /* what one read brought */
};

/* `url` as tcp://127.0.0.1:7400. False: it is none of that form, or the system gives no epoll. */
bool requesters_init(struct requesters *requesters, const char *url, const struct requesters_user *user);
void requesters_fini(struct requesters *requesters);

/* Begins to connect; on_open follows, or on_gone. Only its owner is kept of what it was. False: no socket, errno says why. */
bool requester_dial(struct requesters *requesters, struct requester *requester);

/* Sends a request; its reply comes with the tag, of at most 31 bits. Once open. */
void requester_ask(struct requester *requester, uint32_t tag, const struct frame *request);

/* Raw bytes, whatever they mean. */
void requester_write(struct requester *requester, const void *bytes, size_t size);

/* From now on it leaves its socket unread; the system keeps as little for it as it can. */
void requester_stop_reading(struct requester *requester);

/* Bytes that could not be written yet: the broker does not read. */
size_t requester_unwritten(const struct requester *requester);

/* Hangs up; with `reset` the other side sees a reset, as from a process that was killed. No callback follows. */
void requester_close(struct requester *requester, bool reset);

/* Waits at most so long for anything to happen, and lets it. */
void requesters_wait(struct requesters *requesters, uint64_t timeout_ns);

#endif
