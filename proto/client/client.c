#include "proto/client/client.h"

#include <poll.h>
#include <stdlib.h>

#include "proto/client/client_internal.h"

enum {
    LANES_MAX = 1024,
    LANES = 16,
    BATCH = 256,
    PENDING = 65536,
    CREDIT = 256,
    BYE_MS = 1000,
};

static uint32_t at_most(uint32_t given, uint32_t otherwise, uint32_t max)
{
    uint32_t value = given ? given : otherwise;
    return value < max ? value : max;
}

static void client_free(struct client *client)
{
    connection_close(client);
    for (uint32_t i = 0; client->lanes && i < client->options.lanes; i++)
        lane_fini(&client->lanes[i]);
    session_fini(&client->session);
    fetch_fini(&client->fetch);
    exchange_fini(&client->call);
    arena_fini(&client->arena);
    free(client->lanes);
    free(client->exchanges);
    free(client->name);
    free(client->token);
    free(client);
}

static bool options_are_sound(const struct client_options *options)
{
    return strlen(options->name) <= WIRE_NAME_MAX && strlen(options->token) <= WIRE_TOKEN_MAX && options->lanes <= LANES_MAX &&
           (!options->fetch || options->on_delivery);
}

enum status client_open(const struct client_options *options, struct client **out)
{
    if (!options_are_sound(options))
        return STATUS_bad_input;
    struct client *client = calloc(1, sizeof *client);
    if (!client)
        return STATUS_no_memory;
    client->options = *options;
    client->options.lanes = at_most(options->lanes, LANES, LANES_MAX);
    client->options.batch_max = at_most(options->batch_max, BATCH, WIRE_BATCH_MAX);
    client->options.pending_max = at_most(options->pending_max, PENDING, UINT32_MAX);
    client->options.fetch_credit = at_most(options->fetch_credit, CREDIT, WIRE_CREDIT_MAX);
    client->ready_last = &client->ready_first;
    client->ended_last = &client->ended_first;
    client->due_ms = client->alarm_ms = INT64_MAX;
    client->alarm_fd = -1;
    client->name = strdup(options->name);
    client->token = strdup(options->token);
    client->lanes = calloc(client->options.lanes, sizeof *client->lanes);
    client->exchanges = calloc(client->options.lanes + 3, sizeof *client->exchanges);
    enum status status = STATUS_no_memory;
    if (client->name && client->token && client->lanes && client->exchanges) {
        for (uint32_t i = 0; i < client->options.lanes; i++)
            lane_init(&client->lanes[i], client);
        fetch_init(&client->fetch, client);
        call_init(client);
        session_init(&client->session, client);
        status = connection_open(client, options->url);
    }
    if (status != STATUS_ok) {
        client_free(client);
        return status;
    }
    connection_rest(client);
    *out = client;
    return STATUS_ok;
}

int client_fd(const struct client *client)
{
    return uv_backend_fd(&client->loop);
}

static bool client_round(struct client *client)
{
    size_t count = 0;
    connection_turn(client);
    client->dispatching = true;
    while (exchanges_run_ended(client))
        count++;
    count += exchanges_run_due(client);
    count += session_announce(client);
    count += client->ready_first != NULL;
    lanes_flush(client);
    client->dispatching = false;
    connection_rest(client);
    return count > 0;
}

void client_dispatch(struct client *client)
{
    client_round(client);
}

bool client_wait(struct client *client, int timeout_ms)
{
    int64_t until_ms = client_now_ms() + timeout_ms;
    int left_ms = timeout_ms;
    do {
        struct pollfd readable = {.fd = client_fd(client), .events = POLLIN};
        if (poll(&readable, 1, left_ms) < 0)
            return false;
        if (readable.revents && client_round(client))
            return true;
        int64_t now_ms = client_now_ms();
        if (timeout_ms >= 0)
            left_ms = now_ms < until_ms ? (int)(until_ms - now_ms) : 0;
    } while (left_ms != 0);
    return false;
}

enum status client_submit(struct client *client, uint32_t lane, const struct wire_change *change, uint64_t tag)
{
    if (client->session.refusal != STATUS_ok)
        return STATUS_closed;
    if (client->pending >= client->options.pending_max)
        return STATUS_overloaded;
    client->pending++;
    lane_add(&client->lanes[lane % client->options.lanes], change, tag);
    return STATUS_ok;
}

size_t client_pending(const struct client *client)
{
    return client->pending;
}

uint64_t client_session(const struct client *client)
{
    return client->session.number;
}

/* One try of each, within BYE_MS: a broker that is not there will end the session by itself. */
void client_close(struct client *client, bool bye)
{
    int64_t until_ms = client_now_ms() + BYE_MS;
    if (bye && client->session.number && fetch_cursor(&client->fetch) > client->fetch.told) {
        struct frame last = {.verb = VERB_fetch, .fetch = {.cursor = fetch_cursor(&client->fetch), .credit = 1}};
        call_once(client, &last, until_ms);
    }
    if (bye && client->session.number) {
        struct frame request = {.verb = VERB_bye};
        call_once(client, &request, until_ms);
    }
    client_free(client);
}
