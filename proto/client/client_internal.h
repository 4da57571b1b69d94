/* The rooms of the client, between themselves.
 *
 * A call is one request at a time on one NNG context: hello, heartbeat, fetch, or a lane's submit. NNG's threads only put an ended call on
 * the list of done ones; everything else happens in client_dispatch, on the caller's thread. */
#ifndef RELEVO_CLIENT_INTERNAL_H
#define RELEVO_CLIENT_INTERNAL_H

#include <nng/nng.h>
#include <pthread.h>

#include "proto/client/client.h"

enum {
    CLIENT_REPLY_TIMEOUT_MS = 30000, /* a reply that takes longer is taken for lost */
    CLIENT_BACKOFF_MIN_MS = 10,
    CLIENT_BACKOFF_MAX_MS = 1000,
};

enum call_kind { CALL_hello, CALL_heartbeat, CALL_fetch, CALL_lane };
enum call_phase { PHASE_idle, PHASE_sending, PHASE_receiving, PHASE_sleeping };

struct call {
    struct client *client;
    enum call_kind kind;
    enum call_phase phase;
    nng_ctx context;
    nng_aio *aio;
    uint64_t session;   /* under which it was sent */
    int failure;        /* how it ended; 0: `arrived` is there, or it slept enough */
    nng_msg *arrived;   /* its reply, set on NNG's thread */
    nng_msg *reply;     /* the one being handled */
    bool slept;         /* the one being handled was a pause */
    int32_t backoff_ms; /* of the last failure; 0: none since the last success */
    struct call *next_done;
};

/* Changes in order: the first `in_flight` entries are with the broker. */
struct lane {
    struct call call;
    struct buffer changes; /* encoded maps, one after the other */
    size_t changes_first;  /* offset of the first entry's bytes */
    struct lane_entry {
        uint64_t tag;
        uint32_t size;
    } * entries;
    uint32_t first, count, capacity, in_flight;
    bool unsent; /* in client->unsent */
    struct lane *next_unsent;
};

struct client {
    struct client_options options;
    nng_socket socket;
    int event_fd;
    pthread_mutex_t mutex; /* guards the list of done calls */
    struct call *done, **done_last;

    uint64_t session;            /* 0: none */
    struct wire_welcome welcome; /* of the session; its text is not kept */
    bool ready_untold;           /* on_ready is still to be called */
    bool refused;
    enum status refusal;

    struct call hello, heartbeat, fetch;
    struct lane *lanes, *unsent; /* lanes that the next dispatch starts */
    size_t pending;              /* changes queued or in flight */

    uint64_t seen; /* lsn of the newest delivery handed over */
    uint64_t *holds;
    uint32_t holds_count, holds_capacity;

    struct arena arena; /* of the reply being handled */
    struct buffer out;  /* the request being written */
};

/* client_call.c */
enum status call_open(struct client *client, struct call *call, enum call_kind kind) MUST_CHECK;
void call_close(struct call *call);
void call_send(struct call *call, int32_t timeout_ms); /* what client->out holds */
void call_sleep(struct call *call, int32_t ms);
void call_back_off(struct call *call);
struct call *call_take_done(struct client *client); /* NULL: none. Hand it to call_handle, or to call_put_back */
void call_put_back(struct call *call);
void call_handle(struct call *call);
void call_wake(struct client *client);                  /* makes client_fd readable */
bool call_decode(struct call *call, struct frame *out); /* its reply; false: not one. Borrows the client until the next one */

/* client_session.c */
void hello_start(struct client *client);
void hello_ended(struct client *client);
void heartbeat_ended(struct client *client);
void fetch_start(struct client *client);
void fetch_ended(struct client *client);
bool session_refused_call(struct call *call, const struct wire_error *error); /* true: dealt with, the call goes on later */
void session_tell_ready(struct client *client);

/* client_lane.c */
void lane_add(struct lane *lane, const struct wire_change *change, uint64_t tag);
void lane_start(struct lane *lane);
void lane_ended(struct lane *lane);
void lane_mark_unsent(struct lane *lane);
void lanes_start_unsent(struct client *client);
void lane_fini(struct lane *lane);

#endif
