/* The frames that carry the load, as a broker of `bench route` sees them: filled with what is usual, encoded the way broker and client
 * encode them, decoded, and compared. Knows nothing of time. */
#ifndef RELEVO_BENCH_HOT_FRAMES_H
#define RELEVO_BENCH_HOT_FRAMES_H

#include "proto/arena.h"
#include "proto/buffer.h"
#include "proto/message.h"

enum hot_kind {
    HOT_submit,    /* a batch of messages from a connector */
    HOT_submitted, /* the answer to it */
    HOT_fetched,   /* deliveries to an agent */
    HOT_record,    /* a batch of messages as records of the log, one by one */
    HOT_KINDS
};

struct hot_frames {
    uint64_t counts[HOT_KINDS]; /* messages in one frame */
    struct arena arena;         /* of what is encoded */
    struct frame frames[HOT_KINDS];
    struct record *records;
    uint32_t *sizes; /* of each record, once encoded */

    struct arena decoded_arena;
    struct frame decoded;
    struct record *decoded_records;
};

struct hot_size {
    uint64_t batch, deliveries, body_bytes;
};

void hot_init(struct hot_frames *hot, const struct hot_size *size);

const char *hot_name(enum hot_kind kind);

/* Appends the frame's bytes, or those of all records. */
void hot_encode(struct hot_frames *hot, enum hot_kind kind, struct buffer *out);

/* False: refused. What was decoded before is let go. */
bool hot_decode(struct hot_frames *hot, enum hot_kind kind, struct span bytes);

/* Whether every field of what was decoded last is what was encoded. */
bool hot_same(const struct hot_frames *hot, enum hot_kind kind);

void hot_fini(struct hot_frames *hot);

#endif
