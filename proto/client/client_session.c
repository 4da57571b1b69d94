#include "proto/client/client_internal.h"

enum {
    HELLO_MS = 10 * 1000,
    HEARTBEAT_MS = 10 * 1000,
    PAUSE_MS_MIN = 10,
    FRAME_BYTES_MIN = 128 << 10, /* any change fits */
};

static void session_greet(struct session *session)
{
    struct exchange *exchange = &session->exchange;
    const struct client *client = exchange->client;
    const struct frame hello = {
        .verb = VERB_hello,
        .hello = {.version = WIRE_VERSION, .role = client->options.role, .name = span_of(client->name), .token = span_of(client->token)}};
    session->greeting = true;
    buffer_clear(&exchange->request);
    codec_encode(&exchange->request, &hello);
    exchange_send(exchange, HELLO_MS);
}

static void session_beat(struct session *session)
{
    struct exchange *exchange = &session->exchange;
    const struct frame heartbeat = {.verb = VERB_heartbeat,
                                    .heartbeat = {.session = session->number, .token = span_of(exchange->client->token)}};
    exchange->session = session->number;
    buffer_clear(&exchange->request);
    codec_encode(&exchange->request, &heartbeat);
    exchange_send(exchange, HEARTBEAT_MS);
}

/* Until the next heartbeat, and a little less, as the reply to the last one took time too. */
static void session_pause(struct session *session)
{
    int64_t ms = (int64_t)(session->welcome.heartbeat_ms * 3 / 4);
    session->exchange.failures = 0;
    exchange_rest(&session->exchange, ms > PAUSE_MS_MIN ? ms : PAUSE_MS_MIN);
}

/* False when the limits of the welcome leave no room to work. */
static bool session_open(struct session *session, const struct wire_welcome *welcome)
{
    if (welcome->session == 0 || welcome->batch_max == 0 || welcome->credit_max == 0 || welcome->frame_bytes_max < FRAME_BYTES_MIN)
        return false;
    session->welcome = *welcome;
    buffer_clear(&session->broker);
    buffer_append(&session->broker, welcome->broker.data, welcome->broker.size);
    session->welcome.broker.data = session->broker.data;
    session->number = welcome->session;
    session->greeting = false;
    session->announce = true;
    fetch_resume(&session->exchange.client->fetch, welcome->cursor);
    return true;
}

void session_refused(struct client *client, enum status status, struct span detail)
{
    struct session *session = &client->session;
    session->number = 0;
    session->refusal = status;
    buffer_clear(&session->detail);
    buffer_append(&session->detail, detail.data, detail.size);
    session->announce = true;
}

static void session_on_error(struct session *session, const struct wire_error *error)
{
    enum status status = (enum status)error->status;
    if (status == STATUS_overloaded || status == STATUS_draining)
        exchange_retry(&session->exchange);
    else if (!session->greeting && status == STATUS_unknown_session)
        session_greet(session);
    else
        session_refused(session->exchange.client, status, error->detail);
}

static void session_on_answer(struct session *session)
{
    struct frame reply;
    if (!exchange_answer(&session->exchange, session->greeting ? VERB_hello : VERB_heartbeat, &session->arena, &reply))
        exchange_retry(&session->exchange);
    else if (reply.verb == VERB_error)
        session_on_error(session, &reply.error);
    else if (session->greeting && !session_open(session, &reply.welcome))
        exchange_retry(&session->exchange);
    else if (session->number == 0) /* lost while the heartbeat was under way */
        session_greet(session);
    else
        session_pause(session);
}

static void session_on_end(struct exchange *exchange, enum exchange_end end)
{
    struct session *session = &exchange->client->session;
    if (session->refusal != STATUS_ok)
        return;
    switch (end) {
    case EXCHANGE_answered:
        session_on_answer(session);
        break;
    case EXCHANGE_late:
        connection_hang_up(exchange->client);
        exchange_retry(exchange);
        break;
    case EXCHANGE_lost:
        exchange_retry(exchange);
        break;
    case EXCHANGE_rested:
        if (session->number)
            session_beat(session);
        else
            session_greet(session);
        break;
    }
}

void session_init(struct session *session, struct client *client)
{
    exchange_init(&session->exchange, client, session_on_end);
    session_greet(session);
}

void session_fini(struct session *session)
{
    exchange_fini(&session->exchange);
    arena_fini(&session->arena);
    buffer_fini(&session->broker);
    buffer_fini(&session->detail);
}

void session_lost(struct client *client, uint64_t number)
{
    if (client->session.number != number)
        return;
    client->session.number = 0;
    exchange_hurry(&client->session.exchange);
}

bool session_announce(struct client *client)
{
    struct session *session = &client->session;
    const struct client_options *options = &client->options;
    if (!session->announce)
        return false;
    session->announce = false;
    if (session->refusal != STATUS_ok) {
        if (options->on_refused)
            options->on_refused(options->context, session->refusal, (struct span){session->detail.data, (uint32_t)session->detail.size});
        return true;
    }
    if (options->on_ready)
        options->on_ready(options->context, &session->welcome);
    for (uint32_t i = 0; i < options->lanes; i++)
        lane_set_ready(&client->lanes[i]);
    fetch_go(&client->fetch);
    return true;
}
