/* Clients who make trouble, one kind at a time, on a thread of their own: what a bench of bystanders sets against a broker. Each kind has a
 * customer account, an agent and a queue of its own in the house (a "stranger"), so that only the broker is shared with others. */
#ifndef RELEVO_BENCH_TROUBLE_H
#define RELEVO_BENCH_TROUBLE_H

#include <pthread.h>
#include <stdatomic.h>

#include "bench/load/requester.h"
#include "bench/load/run.h"

enum trouble_kind {
    TROUBLE_none,
    TROUBLE_sleeping_agent,    /* owns conversations that get messages, and never fetches */
    TROUBLE_deaf_agent,        /* fetches, and leaves its socket unread */
    TROUBLE_deaf_connector,    /* submits, and leaves its socket unread */
    TROUBLE_history_reader,    /* walks a long history, page after page, over and over */
    TROUBLE_status_reader,     /* asks for the status, over and over */
    TROUBLE_dying_connections, /* connect, and are killed in the middle of a request or with a fetch parked */
    TROUBLE_KINDS,
};

/* As in results; and what it is, for people. */
const char *trouble_name(enum trouble_kind kind);
const char *trouble_about(enum trouble_kind kind);

enum { TROUBLE_MAKERS = 32 };

struct troublemaker {
    struct requester requester; /* first, so that one is the other */
    uint64_t session;
    uint32_t asked; /* what it is at: each kind's own */
    bool ready;     /* has said hello, and is available */
};

struct trouble {
    struct run *run;
    uint64_t rate; /* of what is done on the clock, a second */
    pthread_t thread;
    bool running;

    _Atomic uint32_t wanted, present; /* kinds: the main thread's wish, and what is going on */
    _Atomic uint64_t actions;         /* done since the kind began */

    /* The thread's own. */
    struct requesters requesters;
    struct troublemaker items[TROUBLE_MAKERS]; /* 0: who writes or reads; 1: the agent; or all of them die */
    uint64_t begin_ns, done, messages;         /* done on the clock since begin_ns; messages ever */
    uint64_t conversation, before;             /* of the reader: its conversation, and where in it */
};

/* False: the run has failed. */
bool trouble_open(struct trouble *trouble, struct run *run, uint64_t rate);

/* From now on this kind; returns when it has begun, or when nothing is left of the one before. False: the run has failed. */
bool trouble_make(struct trouble *trouble, enum trouble_kind kind);

/* The run must have stopped. Nothing to do when it was never opened. */
void trouble_close(struct trouble *trouble);

#endif
