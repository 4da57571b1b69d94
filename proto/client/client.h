/* The C client: one session with a broker that survives sockets, restarts of the broker, and lost replies.
 *
 * It owns: dialling and redialling, hello (again, when the session is gone), heartbeats, one long-poll fetch, and lanes of changes.
 * A lane has at most one submit in flight; what is added meanwhile travels together in its next submit. A submit whose reply is lost
 * is sent again with the same keys, so every change is applied exactly once, and in order within its lane: put all changes of one
 * conversation (or one customer address) on one lane. It has a loop of its own and no thread: all happens on the caller's, inside
 * client_dispatch, client_wait and client_call, and callbacks run in the first two only. Not thread-safe. */
#ifndef RELEVO_CLIENT_H
#define RELEVO_CLIENT_H

#include "proto/codec.h"

struct client;

struct client_options {
    const char *url; /* tcp://127.0.0.1:7400 */
    enum role role;
    const char *name, *token;
    uint32_t lanes;        /* 1 to 1024; 0 means 16 */
    uint32_t batch_max;    /* changes in one submit; 0 means 256 */
    uint32_t pending_max;  /* changes not answered yet; 0 means 65536 */
    uint32_t fetch_credit; /* deliveries asked for at once; 0 means 256 */
    bool fetch;            /* keep a fetch open; needs on_delivery */
    void *context;         /* handed to every callback */

    /* A session is open: the first, or after a loss. May be NULL. */
    void (*on_ready)(void *context, const struct wire_welcome *welcome);
    /* The broker answered one change. `tag` is the caller's. */
    void (*on_result)(void *context, uint64_t tag, const struct wire_result *result);
    /* A delivery, once and in order: repeats below the cursor are dropped here. When this returns the delivery counts as dealt with, unless
     * client_hold was called. */
    void (*on_delivery)(void *context, const struct wire_record *record);
    /* The broker refused the session for good (bad_token, wrong_role, replaced, unknown_version): nothing more will happen. */
    void (*on_refused)(void *context, enum status status, struct span detail);
};

/* Starts dialling; returns at once. The options' strings are copied. */
enum status client_open(const struct client_options *options, struct client **out) MUST_CHECK;

/* Readable when client_dispatch has something to do: for poll(2) or uv_poll. */
int client_fd(const struct client *client);

/* Runs whatever is ready; never blocks. */
void client_dispatch(struct client *client);

/* Blocks until something was dispatched or timeout_ms passed; true when something was. */
bool client_wait(struct client *client, int timeout_ms);

/* Queues one change on a lane (taken modulo the number of lanes). Copies it. overloaded when pending_max are unanswered. */
enum status client_submit(struct client *client, uint32_t lane, const struct wire_change *change, uint64_t tag) MUST_CHECK;

/* Changes queued or in flight. */
size_t client_pending(const struct client *client);

/* The session number; 0 while there is none. */
uint64_t client_session(const struct client *client);

/* Hold acknowledgement: from now on the cursor sent with fetches stays below `lsn` until client_release. For a connector whose sending
 * is asynchronous. Holds nest by lsn; released in any order. */
void client_hold(struct client *client, uint64_t lsn);
void client_release(struct client *client, uint64_t lsn);

/* One request outside the lanes (history, status), blocking up to timeout_ms, redialling as needed; dispatches nothing. The session field
 * is filled in. `reply` borrows `arena`. An `error` reply comes back as its status, with the detail in `error`. */
enum status client_call(struct client *client, struct frame *request, int timeout_ms, struct arena *arena, struct frame *reply,
                        struct codec_error *error) MUST_CHECK;

/* Says bye when `bye` and a session is open (waits at most a second), and frees everything. Unanswered changes are forgotten. */
void client_close(struct client *client, bool bye);

#endif
