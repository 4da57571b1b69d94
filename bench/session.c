#include "bench/session.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "bench/clock.h"

enum { OPEN_MS = 5000, ASK_MS = 10000, SLICE_MS = 100, KEY_ROOM = 64 };

static void on_ready(void *context, const struct wire_welcome *welcome)
{
    (void)welcome;
    struct session *session = context;
    session->ready = true;
}

static void on_refused(void *context, enum status status, struct span detail)
{
    struct session *session = context;
    session->refused = status;
    snprintf(session->detail, sizeof session->detail, "%.*s", (int)detail.size, detail.data);
}

/* Until there is a session, or there will be none, or the time is up. */
static void await_ready(struct session *session, int64_t until_ms)
{
    while (!client_session(session->client) && !session->refused && clock_ms() < until_ms)
        client_wait(session->client, SLICE_MS);
}

bool session_open(struct session *session, const char *command, const struct broker_address *broker)
{
    *session = (struct session){.command = command, .url = broker->url};
    struct client_options options = {.url = broker->url,
                                     .role = ROLE_operator,
                                     .name = broker->name,
                                     .token = broker->token,
                                     .lanes = 1,
                                     .context = session,
                                     .on_ready = on_ready,
                                     .on_refused = on_refused};
    enum status status = client_open(&options, &session->client);
    if (status != STATUS_ok) {
        command_complain(command, "%s: %s", broker->url, status_text(status));
        return false;
    }
    await_ready(session, clock_ms() + OPEN_MS);
    if (session->refused) {
        command_complain(command, "%s refused operator \"%s\": %s%s%s", broker->url, broker->name, status_text(session->refused),
                         session->detail[0] ? ": " : "", session->detail);
    } else if (!session->ready) {
        command_complain(command, "%s: nobody answers there; is relevod running, and is --url (or RELEVO_URL) right?", broker->url);
    } else {
        return true;
    }
    session_close(session);
    return false;
}

enum status session_ask(struct session *session, struct frame *request, struct arena *arena, struct frame *reply, struct codec_error *error)
{
    int64_t until_ms = clock_ms() + ASK_MS;
    enum status status;
    do {
        client_dispatch(session->client);
        await_ready(session, until_ms);
        status = session->refused ? session->refused : client_call(session->client, request, ASK_MS, arena, reply, error);
    } while (status == STATUS_unknown_session && clock_ms() < until_ms);
    return status;
}

static void complain(const struct session *session, const char *about, enum status status, struct span detail)
{
    bool more = detail.size && !span_equal(detail, span_of(status_text(status)));
    command_complain(session->command, "%s: %s%s%.*s", about, status_text(status), more ? ": " : "", more ? (int)detail.size : 0,
                     more ? detail.data : "");
}

bool session_answered(struct session *session, struct frame *request, const char *about, struct arena *arena, struct frame *reply)
{
    struct codec_error error = {0};
    enum status status = session_ask(session, request, arena, reply, &error);
    if (status != STATUS_ok)
        complain(session, about, status, span_of(error.detail));
    return status == STATUS_ok;
}

bool session_overview(struct session *session, bool digest, struct arena *arena, struct wire_overview *out)
{
    struct frame request = {.verb = VERB_status, .status.digest = digest}, reply;
    if (!session_answered(session, &request, session->url, arena, &reply))
        return false;
    *out = reply.overview;
    return true;
}

/* Nobody else uses it for another change: the broker takes a change with a key it has seen for a repeat. */
static void key_make(char out[KEY_ROOM])
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(out, KEY_ROOM, "relevo-%lx-%lx-%lx", (unsigned long)getpid(), (unsigned long)now.tv_sec, (unsigned long)now.tv_nsec);
}

bool session_change(struct session *session, struct wire_change *change, const char *about, struct arena *arena, struct wire_result *out)
{
    char key[KEY_ROOM];
    key_make(key);
    change->key = span_of(key);
    struct frame request = {.verb = VERB_submit, .submit = {.changes = change, .changes_count = 1}}, reply;
    if (!session_answered(session, &request, about, arena, &reply))
        return false;
    if (reply.submitted.results_count != 1) {
        complain(session, about, STATUS_bad_frame, span_of("one result was expected"));
        return false;
    }
    *out = reply.submitted.results[0];
    if (out->status != STATUS_ok)
        complain(session, about, (enum status)out->status, out->detail);
    return out->status == STATUS_ok;
}

void session_close(struct session *session)
{
    if (session->client)
        client_close(session->client, true);
    session->client = NULL;
}
