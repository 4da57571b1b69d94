#include "proto/client/client_internal.h"

enum {
    SUBMIT_MS = 30 * 1000,
    FRAME_HEAD_BYTES = 64 + WIRE_TOKEN_MAX, /* of a submit, around its changes */
};

struct entry {
    uint64_t tag;
    uint32_t size; /* bytes */
};

static uint32_t lane_count(const struct lane *lane)
{
    return (uint32_t)((lane->entries.size - lane->entries_done) / sizeof(struct entry));
}

static const struct entry *lane_entry(const struct lane *lane, uint32_t i)
{
    return (const struct entry *)(const void *)(lane->entries.data + lane->entries_done) + i;
}

/* Moves what is left to the front, once that is at most half: each byte moves once on average. */
static void buffer_settle(struct buffer *buffer, size_t *done)
{
    if (*done * 2 < buffer->size)
        return;
    memmove(buffer->data, buffer->data + *done, buffer->size - *done);
    buffer->size -= *done;
    *done = 0;
}

/* Takes the first change off, with the tag to answer it by. */
static uint64_t lane_pop(struct lane *lane)
{
    struct entry entry = *lane_entry(lane, 0);
    lane->changes_done += entry.size;
    lane->entries_done += sizeof entry;
    lane->sent--;
    lane->alone -= lane->alone > 0;
    lane->exchange.client->pending--;
    buffer_settle(&lane->changes, &lane->changes_done);
    buffer_settle(&lane->entries, &lane->entries_done);
    return entry.tag;
}

static void lane_answer_first(struct lane *lane, const struct wire_result *result)
{
    const struct client_options *options = &lane->exchange.client->options;
    uint64_t tag = lane_pop(lane);
    if (options->on_result)
        options->on_result(options->context, tag, result);
}

void lane_add(struct lane *lane, const struct wire_change *change, uint64_t tag)
{
    size_t before = lane->changes.size;
    codec_encode_change(&lane->changes, change);
    const struct entry entry = {.tag = tag, .size = (uint32_t)(lane->changes.size - before)};
    buffer_append(&lane->entries, &entry, sizeof entry);
    lane_set_ready(lane);
}

void lane_set_ready(struct lane *lane)
{
    struct client *client = lane->exchange.client;
    if (lane->ready || lane->exchange.busy || lane_count(lane) == 0)
        return;
    if (!client->ready_first && !client->dispatching)
        connection_alarm(client, 0);
    lane->ready = true;
    lane->next_ready = NULL;
    *client->ready_last = lane;
    client->ready_last = &lane->next_ready;
}

/* The first changes, encoded: `count`, or fewer when a frame does not hold so many. */
static struct span lane_front(const struct lane *lane, uint32_t *count)
{
    uint64_t frame_bytes_max = lane->exchange.client->session.welcome.frame_bytes_max, size = 0;
    uint32_t taken = 0;
    while (taken < *count && (taken == 0 || size + lane_entry(lane, taken)->size + FRAME_HEAD_BYTES <= frame_bytes_max))
        size += lane_entry(lane, taken++)->size;
    *count = taken;
    return (struct span){lane->changes.data + lane->changes_done, (uint32_t)size};
}

static void lane_flush(struct lane *lane)
{
    struct exchange *exchange = &lane->exchange;
    const struct session *session = &exchange->client->session;
    uint32_t count = lane_count(lane), batch_max = exchange->client->options.batch_max;
    if (session->number == 0 || exchange->busy || count == 0)
        return;
    if (lane->alone)
        count = 1;
    if (count > batch_max)
        count = batch_max;
    if (count > session->welcome.batch_max)
        count = (uint32_t)session->welcome.batch_max;
    const struct frame head = {.verb = VERB_submit, .submit = {.session = session->number, .token = span_of(exchange->client->token)}};
    buffer_clear(&exchange->request);
    struct codec_list list = codec_begin(&exchange->request, &head);
    struct span changes = lane_front(lane, &count);
    codec_items_bytes(&list, count, changes);
    codec_end(&list);
    lane->sent = count;
    exchange->session = session->number;
    exchange_send(exchange, SUBMIT_MS);
}

void lanes_flush(struct client *client)
{
    struct lane *lane = client->ready_first;
    client->ready_first = NULL;
    client->ready_last = &client->ready_first;
    for (struct lane *next; lane; lane = next) {
        next = lane->next_ready;
        lane->ready = false;
        lane_flush(lane);
    }
}

/* The broker would not take the frame at all. One change may be the reason: alone, each is answered by itself. */
static void lane_on_refusal(struct lane *lane, const struct wire_error *error)
{
    if (lane->sent > 1) {
        lane->alone = lane->sent;
    } else {
        const struct wire_result result = {.status = error->status, .detail = error->detail};
        lane_answer_first(lane, &result);
    }
    lane_set_ready(lane);
}

static void lane_on_error(struct lane *lane, const struct wire_error *error)
{
    struct exchange *exchange = &lane->exchange;
    enum status status = (enum status)error->status;
    if (status == STATUS_overloaded || status == STATUS_draining) {
        exchange_retry(exchange);
    } else if (status == STATUS_unknown_session) {
        session_lost(exchange->client, exchange->session);
        lane_set_ready(lane);
    } else if (status == STATUS_replaced) {
        session_refused(exchange->client, status, error->detail);
    } else {
        lane_on_refusal(lane, error);
    }
}

static void lane_on_answer(struct lane *lane)
{
    struct exchange *exchange = &lane->exchange;
    struct client *client = exchange->client;
    struct frame reply;
    if (!exchange_answer(exchange, VERB_submit, &client->arena, &reply)) {
        exchange_retry(exchange);
    } else if (reply.verb == VERB_error) {
        lane_on_error(lane, &reply.error);
    } else if (reply.submitted.results_count != lane->sent) {
        exchange_retry(exchange);
    } else {
        exchange->failures = 0;
        for (uint32_t i = 0; i < reply.submitted.results_count; i++)
            lane_answer_first(lane, &reply.submitted.results[i]);
        lane_set_ready(lane);
    }
}

static void lane_on_end(struct exchange *exchange, enum exchange_end end)
{
    struct lane *lane = (struct lane *)exchange;
    switch (end) {
    case EXCHANGE_answered:
        lane_on_answer(lane);
        break;
    case EXCHANGE_lost:
    case EXCHANGE_late:
        exchange_retry(exchange);
        break;
    case EXCHANGE_rested:
        lane_set_ready(lane);
        break;
    }
}

void lane_init(struct lane *lane, struct client *client)
{
    exchange_init(&lane->exchange, client, lane_on_end);
}

void lane_fini(struct lane *lane)
{
    exchange_fini(&lane->exchange);
    buffer_fini(&lane->changes);
    buffer_fini(&lane->entries);
}
