/* Every bound of the broker in one place, with its reason. What a user may want to change is in the configuration instead. */
#ifndef RELEVO_LIMITS_H
#define RELEVO_LIMITS_H

#include <assert.h>

#include "proto/message.h"

enum {
    LIMIT_CONNECTIONS = 1 << 15,        /* at once: every session of a large house, and room for those who reconnect */
    LIMIT_REQUESTS_PER_PIPE = 1024,     /* parked or in work for one connection: beyond it, overloaded at once */
    LIMIT_INBOX_REQUESTS = 1 << 16,     /* waiting for the loop: beyond it, overloaded at once */
    LIMIT_INBOX_BYTES = 256 << 20,      /* of all requests not ended: beyond it, overloaded at once */
    LIMIT_UNFINISHED_BYTES = 256 << 20, /* of frames that are not whole yet: beyond it the oldest of them ends its connection */
    LIMIT_UNREAD_BYTES = 16 << 20,      /* of replies that one peer has not taken: beyond it, overloaded */
    LIMIT_BATCH_ALONE_BYTES = 16 << 10, /* larger ones are written by the store's thread: the loop does not wait for the disk */
    LIMIT_ACKNOWLEDGED_MS = 10,         /* what was dealt with goes with the next batch, or alone after this time */
    LIMIT_BATCH_BYTES = 8 << 20,        /* a turn stops taking requests when its batch is this large */
    LIMIT_FETCH_BYTES = 256 << 10,      /* one fetched stays a short write; the next fetch follows at once */
    LIMIT_HISTORY_BYTES = 1 << 20,      /* one page of history */
    LIMIT_OPENING_RECORDS = 256,        /* history handed over with an offer or assignment; the rest by `history` */
    LIMIT_OPENING_BYTES = 128 << 10,
    LIMIT_DEDUP_RECORDS = 1 << 20,    /* client keys remembered: at least of the last so many log records, at most of twice as many */
    LIMIT_OUTBOX_ENTRIES = 1 << 20,   /* undelivered per account or agent: beyond it, overloaded */
    LIMIT_PASSED_OVER = 64,           /* agents remembered per conversation as having missed it: more than are offered it at once */
    LIMIT_TIES = 52,                  /* per conversation: 50 offers at once, a consultation and a loan */
    LIMIT_CHANNELS = 64,              /* channel types: sets of them are one word */
    LIMIT_CLASSES = 1 << 16,          /* agents may transfer to any requirement: how many different ones are kept */
    LIMIT_MOVES = 16,                 /* from overflow queue to overflow queue in one step */
    LIMIT_ROWS_PER_SLICE_MIN = 256,   /* checkpoint rows written every 50 ms of quiet while any are dirty */
    LIMIT_ROWS_PER_BATCH_MAX = 32768, /* and at most: a row dirties two pages or so, and a transaction must stay under 128 k of them */
    LIMIT_REPLAY_RECORDS = 1 << 22,   /* a restart replays about so many: 4 s; the shorter, the more rows are written */
    LIMIT_SESSIONS = 1 << 16,
    LIMIT_SESSIONS_OF_ONE = 1 << 10, /* of one agent or operator, so that a client that says hello in a loop keeps nobody else out */
};

static_assert(LIMIT_INBOX_BYTES >= 4 * (WIRE_FRAME_MAX + WIRE_DECODED_MAX), "the largest request is let through");
static_assert(LIMIT_FETCH_BYTES + LIMIT_OPENING_BYTES + WIRE_BODY_MAX + 3 * WIRE_NATIVE_MAX < WIRE_FRAME_MAX,
              "one more record always fits a frame");
static_assert(LIMIT_HISTORY_BYTES + WIRE_BODY_MAX + 3 * WIRE_NATIVE_MAX < WIRE_FRAME_MAX, "one more record always fits a page");

#endif
