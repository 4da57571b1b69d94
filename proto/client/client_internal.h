/* What the parts of the client know of each other. Private to proto/client.
 *
 *   client.c           the user's side: open, wait, dispatch, submit, close
 *   client_call.c      one request while the user's thread waits
 *   client_exchange.c  one request and its reply, the connection under them, and time
 *   client_session.c   hello, heartbeats, refusal
 *   client_lane.c      changes on their way
 *   client_fetch.c     deliveries, the cursor, holds
 *
 * The connection's threads only note what came, under the mutex, and wake the user's thread; everything else belongs to the user's thread.
 */
#ifndef RELEVO_CLIENT_INTERNAL_H
#define RELEVO_CLIENT_INTERNAL_H

#include <pthread.h>

#include "proto/client/client.h"
#include "proto/pipe/pipe.h"

enum exchange_end {
    EXCHANGE_answered, /* `reply` is what came */
    EXCHANGE_lost,     /* the connection ended before */
    EXCHANGE_late,     /* no reply in time */
    EXCHANGE_rested,   /* it was no request but a pause, and the pause is over */
};

/* One request at a time, or a pause between two. */
struct exchange {
    struct client *client;
    void (*on_end)(struct exchange *exchange, enum exchange_end end);
    struct buffer request; /* the frame: filled by the user of the exchange, before exchange_send */
    struct buffer reply;
    uint64_t session;  /* that the request names */
    int64_t due_ms;    /* when it is late, or rested */
    uint32_t failures; /* in a row */
    uint32_t index;    /* among the client's */
    bool busy, resting;

    /* Under the mutex: */
    uint32_t number; /* of the request awaiting its reply; 0: none */
    bool sent;
    bool ended; /* in the list, for the user's thread to take */
    enum exchange_end end;
    struct exchange *next_ended;
};

struct session {
    struct exchange exchange;
    uint64_t number; /* 0: none */
    bool greeting;   /* the exchange is a hello */
    bool announce;   /* on_ready or on_refused is due */
    struct wire_welcome welcome;
    struct buffer broker; /* the text of the welcome */
    struct arena arena;
    enum status refusal; /* not ok: for good */
    struct buffer detail;
};

/* Changes in order: the first `sent` of them are in flight. */
struct lane {
    struct exchange exchange;          /* first, so that one is the other */
    struct buffer changes;             /* encoded, one after the other */
    struct buffer entries;             /* struct entry: the size and tag of each */
    size_t changes_done, entries_done; /* bytes at the front that were answered */
    uint32_t sent;
    uint32_t alone; /* so many travel one by one, to find the one that the broker refuses a whole frame for */
    bool ready;     /* in the list of those to be flushed */
    struct lane *next_ready;
};

struct fetch {
    struct exchange exchange; /* first, so that one is the other */
    uint64_t seen;            /* delivered up to here */
    uint64_t dealt;           /* on_delivery has returned up to here */
    uint64_t told;            /* the newest cursor that the broker has from us */
    uint64_t *holds;          /* ascending */
    size_t holds_count, holds_capacity;
};

struct client {
    struct client_options options;
    char *name, *token;
    struct session session;
    struct fetch fetch;
    struct exchange call;
    enum exchange_end call_end;
    struct lane *lanes, *ready_first, **ready_last;
    struct exchange **exchanges; /* all of them, by index */
    uint32_t exchanges_count;
    struct arena arena;
    size_t pending;
    bool dispatching;
    int poll_fd, wake_fd, timer_fd;
    int64_t timer_ms; /* what the timer is set to; INT64_MAX: nothing */

    struct pipe_source *source;
    pthread_mutex_t mutex;
    pthread_cond_t woken;
    struct pipe *pipe; /* NULL: not connected */
    uint32_t requests; /* ever: numbers them */
    struct exchange *ended_first, **ended_last;
    size_t ended_count;
};

int64_t client_now_ms(void);
void client_wake(struct client *client);

/* --- exchange --- */
void exchange_init(struct exchange *exchange, struct client *client, void (*on_end)(struct exchange *exchange, enum exchange_end end));
void exchange_fini(struct exchange *exchange);

/* Sends the frame in `request`, now or as soon as there is a connection. */
void exchange_send(struct exchange *exchange, int64_t timeout_ms);
void exchange_rest(struct exchange *exchange, int64_t ms);
/* Ends a pause early. */
void exchange_hurry(struct exchange *exchange);
/* Rests after a failure: hardly after the first, then longer and longer. */
void exchange_retry(struct exchange *exchange);

/* Decodes the reply; `out` borrows the exchange until its next request, and the arena. False when it is neither the one that answers
 * `asked` nor an error: it then counts as lost. */
bool exchange_answer(const struct exchange *exchange, enum verb asked, struct arena *arena, struct frame *out);
/* The same, but `out` borrows only the arena. */
bool exchange_answer_kept(const struct exchange *exchange, enum verb asked, struct arena *arena, struct frame *out);

/* Takes one that has ended out of the list and runs its on_end. False: none has. */
bool exchanges_run_ended(struct client *client);
/* The same for what is due by now, and sets the timer to what is due next. How many. */
size_t exchanges_run_due(struct client *client);
/* Blocks until one of the two has ended, or `until_ms`, and runs its on_end. */
void exchanges_wait(struct client *client, struct exchange *one, struct exchange *other, int64_t until_ms);

enum status connection_open(struct client *client, const char *url);
void connection_close(struct client *client);
/* A broker that does not answer may do so on a new connection. */
void connection_hang_up(struct client *client);
bool connection_is_up(struct client *client);

/* --- session --- */
void session_init(struct session *session, struct client *client);
void session_fini(struct session *session);
/* The broker does not know the session of that number. */
void session_lost(struct client *client, uint64_t number);
void session_refused(struct client *client, enum status status, struct span detail);
/* Runs on_ready or on_refused if due, and sets lanes and fetch to work. False: nothing was due. */
bool session_announce(struct client *client);

/* --- lane --- */
void lane_init(struct lane *lane, struct client *client);
void lane_fini(struct lane *lane);
void lane_add(struct lane *lane, const struct wire_change *change, uint64_t tag);
/* The next dispatch sends what it has. */
void lane_set_ready(struct lane *lane);
void lanes_flush(struct client *client);

/* --- fetch --- */
void fetch_init(struct fetch *fetch, struct client *client);
void fetch_fini(struct fetch *fetch);
void fetch_go(struct fetch *fetch);
/* A new session: the broker has everything up to `acknowledged`. */
void fetch_resume(struct fetch *fetch, uint64_t acknowledged);
/* Up to where the user has dealt with everything. */
uint64_t fetch_cursor(const struct fetch *fetch);

/* --- call --- */
void call_init(struct client *client);
/* Signs the request with the present session, sends it and waits for its end, `until_ms` at the latest. */
enum exchange_end call_once(struct client *client, struct frame *request, int64_t until_ms);

#endif
