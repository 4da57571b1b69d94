#include "proto/client/client_internal.h"

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void send_frame(struct call *call, const struct frame *frame, int32_t timeout_ms)
{
    buffer_clear(&call->client->out);
    codec_encode(&call->client->out, frame);
    call_send(call, timeout_ms);
}

/* --- hello --- */

void hello_start(struct client *client)
{
    const struct client_options *options = &client->options;
    if (client->hello.phase != PHASE_idle || client->refused || client->session)
        return;
    struct frame frame = {
        .verb = VERB_hello,
        .hello = {.version = WIRE_VERSION, .role = options->role, .name = span_of(options->name), .token = span_of(options->token)}};
    send_frame(&client->hello, &frame, CLIENT_REPLY_TIMEOUT_MS);
}

static void refuse(struct client *client, enum status status, struct span detail)
{
    if (client->refused)
        return;
    client->refused = true;
    client->refusal = status;
    client->session = 0;
    if (client->options.on_refused)
        client->options.on_refused(client->options.context, status, detail);
}

static bool is_final(uint64_t status)
{
    return status == STATUS_bad_token || status == STATUS_unknown_version || status == STATUS_replaced;
}

static bool is_passing(uint64_t status)
{
    return status == STATUS_overloaded || status == STATUS_draining;
}

static void take_welcome(struct client *client, const struct wire_welcome *welcome)
{
    client->welcome = *welcome;
    client->welcome.broker = span_of(NULL);
    client->session = welcome->session;
    client->hello.backoff_ms = 0;
    client->ready_untold = true;
}

void hello_ended(struct client *client)
{
    struct call *call = &client->hello;
    struct frame frame;
    if (call->failure || (!call->slept && !call_decode(call, &frame)))
        call_back_off(call);
    else if (call->slept)
        hello_start(client);
    else if (frame.verb == VERB_welcome)
        take_welcome(client, &frame.welcome);
    else if (frame.verb == VERB_error && !is_passing(frame.error.status))
        refuse(client, (enum status)frame.error.status, frame.error.detail);
    else
        call_back_off(call);
}

void session_tell_ready(struct client *client)
{
    client->ready_untold = false;
    if (client->options.on_ready)
        client->options.on_ready(client->options.context, &client->welcome);
    if (client->options.fetch)
        fetch_start(client);
    else if (client->heartbeat.phase == PHASE_idle)
        call_sleep(&client->heartbeat, (int32_t)least(client->welcome.heartbeat_ms, INT32_MAX));
    for (uint32_t i = 0; i < client->options.lanes; i++)
        lane_start(&client->lanes[i]);
}

/* A whole request was refused. What concerns the session, or passes, is dealt with here, and the call goes on when it can. */
bool session_refused_call(struct call *call, const struct wire_error *error)
{
    struct client *client = call->client;
    if (call->session != client->session) { /* about a session that is over: the call goes again under the present one */
        call_back_off(call);
        return true;
    }
    if (is_final(error->status)) {
        refuse(client, (enum status)error->status, error->detail);
        return true;
    }
    if (error->status == STATUS_unknown_session) {
        client->session = 0;
        hello_start(client); /* everyone waits for it: session_tell_ready starts them */
        return true;
    }
    if (!is_passing(error->status))
        return false;
    call_back_off(call);
    return true;
}

/* --- heartbeat --- */

static void heartbeat_send(struct client *client)
{
    struct frame frame = {.verb = VERB_heartbeat, .heartbeat = {.session = client->session, .token = span_of(client->options.token)}};
    if (client->session)
        send_frame(&client->heartbeat, &frame, CLIENT_REPLY_TIMEOUT_MS);
}

void heartbeat_ended(struct client *client)
{
    struct call *call = &client->heartbeat;
    struct frame frame;
    if (call->slept) {
        heartbeat_send(client);
        return;
    }
    if (call->failure || !call_decode(call, &frame)) {
        call_back_off(call);
        return;
    }
    call->backoff_ms = 0;
    if (frame.verb == VERB_error && session_refused_call(call, &frame.error))
        return;
    call_sleep(call, (int32_t)least(client->welcome.heartbeat_ms, INT32_MAX));
}

/* --- fetch --- */

/* Everything up to here has been dealt with: what was handed over, unless something before it is held. */
static uint64_t dealt_with(const struct client *client)
{
    uint64_t cursor = client->seen;
    for (uint32_t i = 0; i < client->holds_count; i++)
        cursor = least(cursor, client->holds[i] - 1);
    return cursor > client->welcome.cursor ? cursor : client->welcome.cursor;
}

void fetch_start(struct client *client)
{
    if (client->fetch.phase != PHASE_idle || !client->session || client->refused)
        return;
    /* Long enough to be quiet, short enough to keep the lease: a client that fetches needs no heartbeat. */
    uint64_t wait_ms = least(client->welcome.wait_ms_max, client->welcome.lease_ms / 3);
    struct frame frame = {.verb = VERB_fetch,
                          .fetch = {.session = client->session,
                                    .cursor = dealt_with(client),
                                    .credit = least(client->options.fetch_credit, client->welcome.credit_max),
                                    .wait_ms = wait_ms,
                                    .token = span_of(client->options.token)}};
    send_frame(&client->fetch, &frame, (int32_t)(wait_ms + CLIENT_REPLY_TIMEOUT_MS));
}

static void hand_over(struct client *client, const struct wire_fetched *fetched)
{
    for (uint32_t i = 0; i < fetched->deliveries_count; i++) {
        const struct wire_record *record = &fetched->deliveries[i];
        if (record->lsn <= client->seen)
            continue;
        client->seen = record->lsn;
        client->options.on_delivery(client->options.context, record);
    }
}

void fetch_ended(struct client *client)
{
    struct call *call = &client->fetch;
    struct frame frame;
    if (call->failure || (!call->slept && !call_decode(call, &frame))) {
        call_back_off(call);
        return;
    }
    if (!call->slept && frame.verb == VERB_error) {
        if (!session_refused_call(call, &frame.error))
            call_back_off(call);
        return;
    }
    if (!call->slept && frame.verb == VERB_fetched) {
        call->backoff_ms = 0;
        hand_over(client, &frame.fetched);
    }
    fetch_start(client);
}
