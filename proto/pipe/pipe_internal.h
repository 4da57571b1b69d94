/* What pipes and their sources know of each other. Private to proto/pipe.
 *
 *   pipe.c         one connection: greeting, framing, reading, writing
 *   pipe_source.c  what listening and dialling share: the address, the connections, time for greetings, spare buffers, closing
 *   pipe_listen.c  accepting
 *   pipe_dial.c    looking up, connecting, resting
 */
#ifndef RELEVO_PIPE_INTERNAL_H
#define RELEVO_PIPE_INTERNAL_H

#include <netdb.h>
#include <uv.h>

#include "proto/buffer.h"
#include "proto/pipe/pipe.h"

enum {
    PIPE_READ_BYTES = 64 << 10, /* from one connection in one turn of the loop */
    PIPE_SPARES = 32,
};

struct pipe {
    struct pipe_source *source;   /* NULL: it has left it */
    struct pipe *next, *previous; /* of the source's strangers or peers */
    struct pipe *next_dirty;
    void *data;
    uv_poll_t poll;
    int fd, events;    /* what the loop watches for */
    uint64_t due_ms;   /* loop time: when the greeting is late */
    struct buffer in;  /* the front of a message that is not whole yet */
    uint64_t began;    /* of all such messages, the how many-th it is */
    struct buffer out; /* to be written */
    size_t out_done;   /* bytes of it that are */
    bool opened;       /* both sides have greeted */
    bool dirty;        /* the next flush writes it */
    bool blocked;      /* the kernel takes no more, or is still connecting */
    bool closed;
    unsigned holders; /* the loop until it has let go of the handle, the next flush, and the owner's */
};

struct pipe_list {
    struct pipe *first, *last;
};

struct pipe_source {
    struct pipe_owner owner;
    uv_loop_t *loop;
    void (*on_left)(struct pipe_source *source, bool opened); /* one of its connections has ended; may be NULL */
    void (*on_close)(struct pipe_source *source);
    unsigned handles; /* that the loop has not let go of */
    bool closed;

    struct pipe_list strangers, peers; /* before and after the greeting; the strangers in the order in which they came */
    struct pipe *dirty;
    uint64_t unfinished_bytes, begun; /* in the `in` of all, and how many were ever begun */
    uv_timer_t greeting;              /* the first stranger's time is up */
    uv_timer_t rest;                  /* until the next try to accept or dial */
    struct buffer spares[PIPE_SPARES];
    unsigned spares_count;
    char *room; /* PIPE_READ_BYTES that every read goes to */

    char *host, *port;

    /* of a listener */
    char *url; /* where it really listens */
    uv_poll_t listening;
    int fd;

    /* of a dialler */
    uv_getaddrinfo_t lookup;
    bool looking_up;
    struct addrinfo *addresses, *address; /* found; the next to try */
    uint64_t rest_ms;                     /* the next time */
};

/* --- source --- */
struct pipe_source *source_create(uv_loop_t *loop, const struct pipe_owner *owner);

/* The loop has let go of one of its handles: the last one frees it. */
void source_release(struct pipe_source *source);
void source_on_handle_closed(uv_handle_t *handle);

/* A new connection: a stranger until it has greeted. */
void source_take(struct pipe_source *source, struct pipe *pipe);
void source_know(struct pipe_source *source, struct pipe *pipe);

/* The pipe has ended: tells the owner, if it was opened. */
void source_leave(struct pipe *pipe);

/* The front of a message, and when it is whole or waited for no more. */
void source_keep(struct pipe *pipe, struct span bytes);
void source_forget(struct pipe *pipe);
/* Ends connections until no more is unfinished than may be. Not while a message is handed on. */
void source_make_room(struct pipe_source *source);

/* Buffers go round: a connection has one only while there is something in it. */
void source_lend(struct pipe_source *source, struct buffer *buffer);
void source_give_back(struct pipe_source *source, struct buffer *buffer);

/* Host and port of tcp://HOST:PORT, as its own texts. False: `error` says what is wrong with it. */
bool source_read_url(struct pipe_source *source, const char *url, char error[256]);

/* --- pipe --- */
/* Takes over the socket, which may still be connecting, and greets. False: the loop has no room for it. */
bool pipe_start(struct pipe_source *source, int fd);
void pipe_read(struct pipe *pipe);
void pipe_write(struct pipe *pipe);

#endif
