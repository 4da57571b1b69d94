/* What pipes and their sources know of each other. Private to proto/pipe. */
#ifndef RELEVO_PIPE_INTERNAL_H
#define RELEVO_PIPE_INTERNAL_H

#include <pthread.h>

#include <nng/nng.h>

#include "proto/buffer.h"
#include "proto/pipe/pipe.h"

struct pipe {
    struct pipe_source *source; /* valid until pipe_source_forget */
    struct pipe_owner owner;
    struct pipe *next, *previous; /* of the source; under its mutex */
    void *data;
    nng_stream *stream;
    nng_aio *receiving, *sending;
    bool opened;      /* receiving side only, as `in` */
    struct buffer in; /* bytes that are not a whole message yet */

    pthread_mutex_t mutex;   /* guards what follows, and every use of the stream, so that nothing is started on a closed one */
    struct buffer out, sent; /* being gathered, being written */
    size_t sent_bytes;       /* of `sent` */
    bool writing, paused, closed;
    unsigned holders; /* the receiving side, the sending side while it writes, and the owner's */
};

struct pipe_source {
    struct pipe_owner owner;
    char *url;
    nng_stream_listener *listener; /* or a dialer */
    nng_stream_dialer *dialer;
    nng_aio *aio;
    bool resting; /* the aio only lets time pass */
    int rest_ms;  /* before the next dial */

    pthread_mutex_t mutex; /* guards what follows, and the start of every operation */
    pthread_cond_t empty;
    struct pipe *pipes;
    bool closed;
};

/* Takes over the stream and greets. With the source's mutex held. */
void pipe_start(struct pipe_source *source, nng_stream *stream);

/* The dialled pipe has greeted: the next dial may come soon. */
void pipe_source_reached(struct pipe_source *source);

/* The pipe has ended. The source may be gone when this returns. */
void pipe_source_forget(struct pipe_source *source, struct pipe *pipe);

#endif
