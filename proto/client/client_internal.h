/* What the parts of the client know of each other. Private to proto/client.
 *
 *   client.c             the user's side: open, wait, dispatch, submit, close
 *   client_call.c        one request while the user's thread waits
 *   client_connection.c  the loop, the connection, and the alarm that makes the descriptor tell of time
 *   client_exchange.c    one request and its reply, and when it is late
 *   client_session.c     hello, heartbeats, refusal
 *   client_lane.c        changes on their way
 *   client_fetch.c       deliveries, the cursor, holds
 *
 * The loop turns only inside connection_turn and connection_wait. While it turns what comes is noted, and nothing else happens: callbacks
 * run between two turns. */
#ifndef RELEVO_CLIENT_INTERNAL_H
#define RELEVO_CLIENT_INTERNAL_H

#include <uv.h>

#include "proto/client/client.h"
#include "proto/pipe/pipe.h"

/* In front of a frame: the top bit is set, the low bits are the exchange's index, those between tell its requests apart. */
enum { NUMBER_BYTES = 4 };

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

    uint32_t number; /* of the request awaiting its reply; 0: none */
    bool sent;
    bool ended; /* in the list of those whose on_end is to run */
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
    int64_t due_ms; /* no exchange is late or rested before */
    struct exchange *ended_first, **ended_last;

    uv_loop_t loop;
    bool has_loop, has_alarm;
    struct pipe_source *source;
    struct pipe *pipe; /* NULL: not connected */
    uint32_t requests; /* ever: numbers them */
    int alarm_fd;      /* a timer that the loop watches, so that its descriptor tells of time too */
    uv_poll_t alarm;
    int64_t alarm_ms; /* what it is set to; INT64_MAX: nothing */
};

int64_t client_now_ms(void);

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
/* The same for all that are due by now. How many. */
size_t exchanges_run_due(struct client *client);
/* Blocks until one of the two has ended, or `until_ms`, and runs its on_end. */
void exchanges_wait(struct client *client, struct exchange *one, struct exchange *other, int64_t until_ms);

/* What the connection tells of. */
void exchanges_opened(struct client *client);
void exchanges_gone(struct client *client);
/* False: it is not even a reply. */
bool exchanges_reply(struct client *client, struct span message);

/* --- connection --- */
enum status connection_open(struct client *client, const char *url);
void connection_close(struct client *client);
/* Reads what has come, without blocking. */
void connection_turn(struct client *client);
/* The same, but first waits for something, `until_ms` at the latest. */
void connection_wait(struct client *client, int64_t until_ms);
/* Sends what was gathered, and sets the alarm for what there will be to do. */
void connection_rest(struct client *client);
/* The descriptor is readable from then on; 0: now. */
void connection_alarm(struct client *client, int64_t due_ms);
/* A broker that does not answer may do so on a new connection. */
void connection_hang_up(struct client *client);
bool connection_is_up(const struct client *client);

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
