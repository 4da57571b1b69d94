/* Readers of histories: each a thread with an operator's session of its own, which asks for one page after the other and checks what it is
 * shown. For a run whose broker is its own, so that its conversations are numbered from 1. */
#ifndef RELEVO_BENCH_READERS_H
#define RELEVO_BENCH_READERS_H

#include <pthread.h>

#include "bench/load/run.h"

enum reading {
    READING_everything, /* every conversation once, whole */
    READING_histories,  /* one whole conversation after the other, at random, until stopped */
    READING_pages,      /* the newest page of one after the other, at random, until stopped */
};

struct readers_options {
    enum reading reading;
    uint64_t readers, conversations;
    uint64_t page; /* records in one page, at most */
};

struct readers {
    struct run *run;
    struct readers_options options;
    pthread_t *threads;
    uint64_t threads_count;
    _Atomic uint64_t next;            /* READING_everything: the last that somebody took */
    _Atomic uint64_t begun, finished; /* readers that run, and that have nothing left to do */
    _Atomic bool stop;
    uint64_t begin_ns;

    /* Between the readers, and of whoever started them once they have ended. */
    pthread_mutex_t mutex;
    double seconds;
    uint64_t pages, records, histories;
    uint64_t messages;              /* of the run, as many times as they were shown */
    uint64_t messages_from;         /* set by the starter, an lsn: ... */
    uint64_t messages_since;        /* ... how many of them are of that or later */
    uint64_t duplicated, reordered; /* within a conversation; or one conversation shown as two */
    unsigned char *seen;            /* READING_everything: per conversation, as its stamps count it */
    struct histogram page_ns, history_ns;
};

/* Starts them. False: the run has failed; readers_end is due all the same. */
bool readers_begin(struct readers *readers, struct run *run, const struct readers_options *options);

/* Until everything was read. False: the run has failed. */
bool readers_await(struct readers *readers);

/* Stops them and waits. What they found stays until readers_fini. */
void readers_end(struct readers *readers);
void readers_fini(struct readers *readers);

#endif
