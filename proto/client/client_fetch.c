#include <stdlib.h>

#include "proto/client/client_internal.h"
#include "proto/expect.h"

enum { FETCH_SLACK_MS = 15 * 1000 }; /* beyond the wait that was asked for */

uint64_t fetch_cursor(const struct fetch *fetch)
{
    if (fetch->holds_count && fetch->holds[0] <= fetch->dealt)
        return fetch->holds[0] - 1;
    return fetch->dealt;
}

void fetch_resume(struct fetch *fetch, uint64_t acknowledged)
{
    if (fetch->seen < acknowledged)
        fetch->seen = acknowledged;
    if (fetch->dealt < acknowledged)
        fetch->dealt = acknowledged;
    fetch->told = acknowledged;
}

void fetch_go(struct fetch *fetch)
{
    struct exchange *exchange = &fetch->exchange;
    const struct client *client = exchange->client;
    const struct wire_welcome *welcome = &client->session.welcome;
    if (!client->options.fetch || client->session.number == 0 || exchange->busy)
        return;
    uint64_t credit = client->options.fetch_credit, wait_ms = welcome->lease_ms / 3;
    if (credit > welcome->credit_max)
        credit = welcome->credit_max;
    if (wait_ms > welcome->wait_ms_max)
        wait_ms = welcome->wait_ms_max;
    if (wait_ms > WIRE_WAIT_MS_MAX)
        wait_ms = WIRE_WAIT_MS_MAX;
    const struct frame frame = {.verb = VERB_fetch,
                                .fetch = {.session = client->session.number,
                                          .cursor = fetch_cursor(fetch),
                                          .credit = credit,
                                          .wait_ms = wait_ms,
                                          .token = span_of(client->token)}};
    fetch->told = frame.fetch.cursor;
    exchange->session = client->session.number;
    buffer_clear(&exchange->request);
    codec_encode(&exchange->request, &frame);
    exchange_send(exchange, (int64_t)wait_ms + FETCH_SLACK_MS);
}

static void fetch_deliver(struct fetch *fetch, const struct wire_fetched *fetched)
{
    const struct client_options *options = &fetch->exchange.client->options;
    bool fresh = false;
    for (uint32_t i = 0; i < fetched->deliveries_count; i++) {
        const struct wire_record *record = &fetched->deliveries[i];
        if (record->lsn <= fetch->seen)
            continue;
        fresh = true;
        fetch->seen = record->lsn;
        options->on_delivery(options->context, record);
        fetch->dealt = record->lsn;
    }
    if (fetch->seen < fetched->cursor)
        fetch->seen = fetched->cursor;
    fetch->dealt = fetch->seen;
    /* While something is held the broker repeats what follows it at once: asking again would only spin. */
    if (fetched->deliveries_count && !fresh) {
        exchange_retry(&fetch->exchange);
        return;
    }
    fetch->exchange.failures = 0;
    fetch_go(fetch);
}

static void fetch_on_error(struct fetch *fetch, const struct wire_error *error)
{
    struct exchange *exchange = &fetch->exchange;
    enum status status = (enum status)error->status;
    if (status == STATUS_unknown_session)
        session_lost(exchange->client, exchange->session);
    else if (status == STATUS_replaced || status == STATUS_wrong_role)
        session_refused(exchange->client, status, error->detail);
    else
        exchange_retry(exchange);
    fetch_go(fetch);
}

static void fetch_on_end(struct exchange *exchange, enum exchange_end end)
{
    struct fetch *fetch = (struct fetch *)exchange;
    struct frame reply;
    switch (end) {
    case EXCHANGE_answered:
        if (!exchange_answer(exchange, VERB_fetch, &exchange->client->arena, &reply))
            exchange_retry(exchange);
        else if (reply.verb == VERB_error)
            fetch_on_error(fetch, &reply.error);
        else
            fetch_deliver(fetch, &reply.fetched);
        break;
    case EXCHANGE_lost:
    case EXCHANGE_late:
        exchange_retry(exchange);
        break;
    case EXCHANGE_rested:
        fetch_go(fetch);
        break;
    }
}

void fetch_init(struct fetch *fetch, struct client *client)
{
    exchange_init(&fetch->exchange, client, fetch_on_end);
}

void fetch_fini(struct fetch *fetch)
{
    exchange_fini(&fetch->exchange);
    free(fetch->holds);
}

/* Where the first hold of at least `lsn` is, or would be. */
static size_t hold_place(const struct fetch *fetch, uint64_t lsn)
{
    size_t low = 0, high = fetch->holds_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (fetch->holds[middle] < lsn)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void client_hold(struct client *client, uint64_t lsn)
{
    struct fetch *fetch = &client->fetch;
    if (fetch->holds_count == fetch->holds_capacity) {
        fetch->holds_capacity = fetch->holds_capacity ? fetch->holds_capacity * 2 : 64;
        fetch->holds = realloc(fetch->holds, fetch->holds_capacity * sizeof *fetch->holds);
        EXPECT(fetch->holds);
    }
    size_t at = hold_place(fetch, lsn);
    memmove(fetch->holds + at + 1, fetch->holds + at, (fetch->holds_count - at) * sizeof *fetch->holds);
    fetch->holds[at] = lsn;
    fetch->holds_count++;
}

void client_release(struct client *client, uint64_t lsn)
{
    struct fetch *fetch = &client->fetch;
    size_t at = hold_place(fetch, lsn);
    EXPECT(at < fetch->holds_count && fetch->holds[at] == lsn);
    fetch->holds_count--;
    memmove(fetch->holds + at, fetch->holds + at + 1, (fetch->holds_count - at) * sizeof *fetch->holds);
    exchange_hurry(&fetch->exchange);
}
