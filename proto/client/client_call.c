#include "proto/client/client_internal.h"

static void call_on_end(struct exchange *exchange, enum exchange_end end)
{
    exchange->client->call_end = end;
}

void call_init(struct client *client)
{
    exchange_init(&client->call, client, call_on_end);
}

static enum status call_failed(struct codec_error *error, enum status status, struct span detail)
{
    *error = (struct codec_error){0};
    size_t size = detail.size < sizeof error->detail ? detail.size : sizeof error->detail - 1;
    if (size > 0)
        memcpy(error->detail, detail.data, size);
    return status;
}

/* Until there is a session: lanes and deliveries wait for the next dispatch, as their callbacks may not run here. */
static enum status call_wait_for_session(struct client *client, int64_t until_ms, struct codec_error *error)
{
    const struct session *session = &client->session;
    while (session->number == 0 && session->refusal == STATUS_ok) {
        if (client_now_ms() >= until_ms)
            return call_failed(error, connection_is_up(client) ? STATUS_timed_out : STATUS_unreachable, span_of(NULL));
        exchanges_wait(client, &client->session.exchange, &client->call, until_ms);
    }
    if (session->refusal != STATUS_ok)
        return call_failed(error, session->refusal, (struct span){session->detail.data, (uint32_t)session->detail.size});
    return STATUS_ok;
}

/* Who asks: the token too, as the connection may be newer than the session. */
static void frame_sign(struct frame *frame, uint64_t session, struct span token)
{
    switch (frame->verb) {
    case VERB_submit:
        frame->submit.session = session;
        frame->submit.token = token;
        break;
    case VERB_fetch:
        frame->fetch.session = session;
        frame->fetch.token = token;
        break;
    case VERB_heartbeat:
        frame->heartbeat.session = session;
        frame->heartbeat.token = token;
        break;
    case VERB_bye:
        frame->bye.session = session;
        frame->bye.token = token;
        break;
    case VERB_history:
        frame->history.session = session;
        frame->history.token = token;
        break;
    case VERB_status:
        frame->status.session = session;
        frame->status.token = token;
        break;
    case VERB_why:
        frame->why.session = session;
        frame->why.token = token;
        break;
    case VERB_peek:
        frame->peek.session = session;
        frame->peek.token = token;
        break;
    case VERB_hello:
    case VERB_welcome:
    case VERB_submitted:
    case VERB_fetched:
    case VERB_alive:
    case VERB_page:
    case VERB_overview:
    case VERB_explanation:
    case VERB_peeked:
    case VERB_error:
        break;
    }
}

/* The call's exchange ends by its own time, so this returns. */
static void call_wait(struct client *client)
{
    while (client->call.busy)
        exchanges_wait(client, &client->call, &client->session.exchange, INT64_MAX);
}

enum exchange_end call_once(struct client *client, struct frame *request, int64_t until_ms)
{
    struct exchange *call = &client->call;
    frame_sign(request, client->session.number, span_of(client->token));
    call->session = client->session.number;
    buffer_clear(&call->request);
    codec_encode(&call->request, request);
    exchange_send(call, until_ms - client_now_ms());
    call_wait(client);
    return client->call_end;
}

static enum status call(struct client *client, struct frame *request, int timeout_ms, struct arena *arena, struct frame *reply,
                        struct codec_error *error)
{
    struct exchange *exchange = &client->call;
    int64_t until_ms = client_now_ms() + timeout_ms;
    exchange->failures = 0;
    for (;;) {
        enum status status = call_wait_for_session(client, until_ms, error);
        if (status != STATUS_ok)
            return status;
        enum exchange_end end = call_once(client, request, until_ms);
        bool answered = end == EXCHANGE_answered && exchange_answer_kept(exchange, request->verb, arena, reply);
        if (answered && reply->verb != VERB_error)
            return STATUS_ok;
        if (answered && reply->error.status == STATUS_unknown_session) {
            session_lost(client, exchange->session);
        } else if (answered) {
            return call_failed(error, (enum status)reply->error.status, reply->error.detail);
        } else {
            exchange_retry(exchange);
            call_wait(client);
        }
        if (client_now_ms() >= until_ms)
            return call_failed(error, connection_is_up(client) ? STATUS_timed_out : STATUS_unreachable, span_of(NULL));
    }
}

enum status client_call(struct client *client, struct frame *request, int timeout_ms, struct arena *arena, struct frame *reply,
                        struct codec_error *error)
{
    enum status status = call(client, request, timeout_ms, arena, reply, error);
    connection_rest(client);
    return status;
}
