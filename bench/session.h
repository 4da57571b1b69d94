/* An operator's session with a broker, for the commands that ask: opens, asks, complains. */
#ifndef RELEVO_BENCH_SESSION_H
#define RELEVO_BENCH_SESSION_H

#include "bench/options.h"
#include "proto/client/client.h"

struct session {
    const char *command; /* whose complaints these are */
    struct client *client;
    const char *url;
    bool ready;
    enum status refused; /* ok: it was not */
    char detail[200];
};

/* Opens one and waits until it is ready. False: complained. The strings are borrowed. */
bool session_open(struct session *session, const char *command, const struct broker_address *broker);

/* Asks; survives a broker that restarts meanwhile. The reply borrows `arena`. On anything but ok nothing was printed. */
enum status session_ask(struct session *session, struct frame *request, struct arena *arena, struct frame *reply,
                        struct codec_error *error) MUST_CHECK;

/* The same, but complains, of what it was `about`. */
bool session_answered(struct session *session, struct frame *request, const char *about, struct arena *arena, struct frame *reply);

/* Submits one change under a key of its own. False: it was not done, and complained. */
bool session_change(struct session *session, struct wire_change *change, const char *about, struct arena *arena, struct wire_result *out);

/* Asks for the overview. False: complained. */
bool session_overview(struct session *session, bool digest, struct arena *arena, struct wire_overview *out);

void session_close(struct session *session);

#endif
