/* The node: the shell around the pure engine. It owns the loop, the store, the link, the configuration, the clock and everything in
 * between, and decides nothing. turn.c says how it works; every other file of this folder is one room of it.
 *
 * Threads: everything here belongs to the loop thread but the two atomics the store thread reports in. */
#ifndef RELEVO_NODE_H
#define RELEVO_NODE_H

#include <stdatomic.h>
#include <uv.h>

#include "config/config.h"
#include "engine/engine.h"
#include "link/link.h"
#include "node/checkpoint.h"
#include "node/clock.h"
#include "node/fetch.h"
#include "node/inbox.h"
#include "node/log.h"
#include "node/patterns.h"
#include "node/session.h"
#include "store/store.h"

enum {
    NODE_ERROR_MAX = 1024,
    NODE_SIGNALS = 3,
};

struct node {
    struct log log;
    const char *config_path;
    struct config *config;    /* the running one */
    struct patterns patterns; /* of its rules */
    uint64_t calendars_ms;    /* loop time at which its calendars are made anew; UINT64_MAX: it has none */

    struct engine *engine;
    struct plan plan; /* of the last step */
    struct store *store;
    struct store_reader *reader; /* let go at the end of every turn */
    struct link *link;

    uv_loop_t loop;
    uv_async_t wake;   /* a commit ended, or rows were settled */
    uv_timer_t timer;  /* the earliest of all deadlines */
    uv_prepare_t turn; /* the loop has done all there was to do, and would sleep */
    bool due;          /* something happened: before it sleeps there is a turn */
    uv_signal_t signals[NODE_SIGNALS];

    struct inbox inbox;
    struct list held; /* stepped; replies wait for the commit of their `after`, in its order */
    struct fetches fetches;
    struct replaced_sessions replaced;
    struct map connections; /* session -> the peer that speaks for it */

    struct store_batch *batch;                 /* gathering; NULL: nothing to write yet */
    bool awaited;                              /* somebody waits for it to be durable */
    uint64_t batch_due_ms;                     /* loop time at which it is written though nobody does */
    bool in_flight;                            /* a batch is with the store */
    bool store_full;                           /* nearly: the system is asked once a turn */
    lsn_t newest;                              /* last record made */
    lsn_t committed;                           /* last record known to be durable */
    atomic_ullong store_newest, store_commits; /* written by the store thread */
    uint64_t commits;                          /* of store_commits, seen */
    struct checkpoint checkpoint;

    struct clock clock;
    int64_t now_ms;      /* the engine's time: what the clock said last */
    uint64_t started_ms; /* loop time */
    bool draining;

    struct buffer scratch; /* one row being encoded */
    struct buffer out;     /* the reply being encoded */
    struct buffer front;   /* what comes before its deliveries */
    struct arena arena;    /* for one reply */
};

struct node_options {
    struct config *config;   /* taken over, on failure too */
    const char *config_path; /* read again on SIGHUP */
    const char *data;        /* the store's directory */
    const char *listen;      /* instead of the configured address; NULL: none */
    bool verbose;
};

/* Opens the store, recovers the state, listens. Blocks SIGTERM, SIGINT and SIGHUP before the first thread starts. `error` says what, where
 * and what to do. */
enum status node_open(const struct node_options *options, struct node **out, char error[NODE_ERROR_MAX]) MUST_CHECK;

/* Brings now_ms up to date. */
void node_read_clock(struct node *node);

/* Where it listens. */
const char *node_url(const struct node *node);

/* Serves until SIGTERM or SIGINT, then drains: everything is durable and checkpointed when this returns. */
void node_run(struct node *node);

/* Closes and frees everything. */
void node_close(struct node *node);

#endif
