#include <time.h>

#include "proto/client/client_internal.h"

enum {
    INDEX_BITS = 11,
    RETRY_MS_MIN = 20,
    RETRY_MS_MAX = 1000,
};

int64_t client_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void exchange_note(struct exchange *exchange, enum exchange_end end)
{
    struct client *client = exchange->client;
    exchange->number = 0;
    exchange->ended = true;
    exchange->end = end;
    exchange->next_ended = NULL;
    *client->ended_last = exchange;
    client->ended_last = &exchange->next_ended;
}

static void exchange_forget_end(struct exchange *exchange)
{
    struct client *client = exchange->client;
    struct exchange **at = &client->ended_first;
    while (*at != exchange)
        at = &(*at)->next_ended;
    *at = exchange->next_ended;
    if (!*at)
        client->ended_last = at;
    exchange->ended = false;
}

/* There is a connection. */
static void exchange_transmit(struct exchange *exchange)
{
    const char number[NUMBER_BYTES] = {(char)(exchange->number >> 24), (char)(exchange->number >> 16), (char)(exchange->number >> 8),
                                       (char)exchange->number};
    exchange->sent = true;
    pipe_send(exchange->client->pipe, (struct span){number, sizeof number},
              (struct span){exchange->request.data, (uint32_t)exchange->request.size});
}

void exchanges_opened(struct client *client)
{
    for (uint32_t i = 0; i < client->exchanges_count; i++)
        if (client->exchanges[i]->number)
            exchange_transmit(client->exchanges[i]);
}

void exchanges_gone(struct client *client)
{
    for (uint32_t i = 0; i < client->exchanges_count; i++)
        if (client->exchanges[i]->number && client->exchanges[i]->sent)
            exchange_note(client->exchanges[i], EXCHANGE_lost);
}

/* A reply to a request that is not waited for any more is none of our business. */
bool exchanges_reply(struct client *client, struct span message)
{
    if (message.size < NUMBER_BYTES)
        return false;
    uint32_t number = 0;
    for (int i = 0; i < NUMBER_BYTES; i++)
        number = number << 8 | (unsigned char)message.data[i];
    uint32_t index = number & ((1u << INDEX_BITS) - 1);
    if (number && index < client->exchanges_count && client->exchanges[index]->number == number) {
        struct exchange *exchange = client->exchanges[index];
        buffer_clear(&exchange->reply);
        buffer_append(&exchange->reply, message.data + NUMBER_BYTES, message.size - NUMBER_BYTES);
        exchange_note(exchange, EXCHANGE_answered);
    }
    return true;
}

void exchange_init(struct exchange *exchange, struct client *client, void (*on_end)(struct exchange *exchange, enum exchange_end end))
{
    exchange->client = client;
    exchange->on_end = on_end;
    exchange->index = client->exchanges_count++;
    client->exchanges[exchange->index] = exchange;
}

void exchange_fini(struct exchange *exchange)
{
    buffer_fini(&exchange->request);
    buffer_fini(&exchange->reply);
}

static void exchange_begin(struct exchange *exchange, int64_t ms)
{
    struct client *client = exchange->client;
    exchange->busy = true;
    exchange->due_ms = client_now_ms() + ms;
    if (exchange->due_ms < client->due_ms)
        client->due_ms = exchange->due_ms;
}

void exchange_send(struct exchange *exchange, int64_t timeout_ms)
{
    struct client *client = exchange->client;
    exchange->resting = false;
    exchange_begin(exchange, timeout_ms);
    exchange->number = 1u << 31 | ++client->requests << INDEX_BITS | exchange->index;
    exchange->sent = false;
    if (client->pipe)
        exchange_transmit(exchange);
}

void exchange_rest(struct exchange *exchange, int64_t ms)
{
    exchange->resting = true;
    exchange_begin(exchange, ms);
}

void exchange_hurry(struct exchange *exchange)
{
    if (!exchange->busy || !exchange->resting)
        return;
    exchange_begin(exchange, 0);
    connection_alarm(exchange->client, 0);
}

void exchange_retry(struct exchange *exchange)
{
    uint32_t failures = exchange->failures++;
    int64_t ms = failures == 0 ? 1 : failures < 7 ? (int64_t)RETRY_MS_MIN << (failures - 1) : RETRY_MS_MAX;
    exchange_rest(exchange, ms);
}

static bool exchange_read(struct span bytes, enum verb asked, struct arena *arena, struct frame *out)
{
    struct codec_error error;
    return codec_decode(bytes, arena, out, &error) == STATUS_ok && (out->verb == codec_reply_of(asked) || out->verb == VERB_error);
}

bool exchange_answer(const struct exchange *exchange, enum verb asked, struct arena *arena, struct frame *out)
{
    arena_clear(arena);
    return exchange_read((struct span){exchange->reply.data, (uint32_t)exchange->reply.size}, asked, arena, out);
}

bool exchange_answer_kept(const struct exchange *exchange, enum verb asked, struct arena *arena, struct frame *out)
{
    arena_clear(arena);
    char *kept = arena_take(arena, exchange->reply.size);
    memcpy(kept, exchange->reply.data, exchange->reply.size);
    return exchange_read((struct span){kept, (uint32_t)exchange->reply.size}, asked, arena, out);
}

static void exchange_run(struct exchange *exchange, enum exchange_end end)
{
    exchange->busy = false;
    exchange->on_end(exchange, end);
}

bool exchanges_run_ended(struct client *client)
{
    struct exchange *exchange = client->ended_first;
    if (!exchange)
        return false;
    exchange_forget_end(exchange);
    exchange_run(exchange, exchange->end);
    return true;
}

/* False when it ended by itself just now: that end counts. */
static bool exchange_run_due(struct exchange *exchange)
{
    if (exchange->ended)
        return false;
    exchange->number = 0;
    exchange_run(exchange, exchange->resting ? EXCHANGE_rested : EXCHANGE_late);
    return true;
}

size_t exchanges_run_due(struct client *client)
{
    int64_t now_ms = client_now_ms();
    if (now_ms < client->due_ms)
        return 0;
    size_t count = 0;
    for (uint32_t i = 0; i < client->exchanges_count; i++) {
        struct exchange *exchange = client->exchanges[i];
        if (exchange->busy && exchange->due_ms <= now_ms)
            count += exchange_run_due(exchange);
    }
    client->due_ms = INT64_MAX;
    for (uint32_t i = 0; i < client->exchanges_count; i++) {
        const struct exchange *exchange = client->exchanges[i];
        if (exchange->busy && exchange->due_ms < client->due_ms)
            client->due_ms = exchange->due_ms;
    }
    return count;
}

void exchanges_wait(struct client *client, struct exchange *one, struct exchange *other, int64_t until_ms)
{
    if (one->busy && one->due_ms < until_ms)
        until_ms = one->due_ms;
    if (other->busy && other->due_ms < until_ms)
        until_ms = other->due_ms;
    bool late = false;
    while (!one->ended && !other->ended && !late) {
        late = client_now_ms() >= until_ms;
        connection_wait(client, until_ms);
    }
    struct exchange *ended = one->ended ? one : other->ended ? other : NULL;
    if (ended) {
        exchange_forget_end(ended);
        exchange_run(ended, ended->end);
    } else if (one->busy && one->due_ms <= client_now_ms()) {
        exchange_run_due(one);
    } else if (other->busy && other->due_ms <= client_now_ms()) {
        exchange_run_due(other);
    }
}
