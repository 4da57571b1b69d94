#include <errno.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "proto/client/client_internal.h"

enum {
    NUMBER_BYTES =
        4, /* in front of a frame; the top bit is set, the low bits are the exchange's index, those between tell its requests apart */
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

void client_wake(struct client *client)
{
    eventfd_write(client->wake_fd, 1);
}

/* With the mutex held: the user's thread will find it. True when that thread has to be woken. */
static bool exchange_note(struct exchange *exchange, enum exchange_end end)
{
    struct client *client = exchange->client;
    exchange->number = 0;
    exchange->ended = true;
    exchange->end = end;
    exchange->next_ended = NULL;
    *client->ended_last = exchange;
    client->ended_last = &exchange->next_ended;
    pthread_cond_signal(&client->woken);
    return client->ended_count++ == 0;
}

/* With the mutex held. */
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
    client->ended_count--;
}

/* With the mutex held, and a connection. */
static void exchange_transmit(struct exchange *exchange)
{
    const char number[NUMBER_BYTES] = {(char)(exchange->number >> 24), (char)(exchange->number >> 16), (char)(exchange->number >> 8),
                                       (char)exchange->number};
    exchange->sent = true;
    pipe_send(exchange->client->pipe, (struct span){number, sizeof number},
              (struct span){exchange->request.data, (uint32_t)exchange->request.size});
}

static void on_opened(void *context, struct pipe *pipe)
{
    struct client *client = context;
    pipe_hold(pipe);
    pthread_mutex_lock(&client->mutex);
    client->pipe = pipe;
    for (uint32_t i = 0; i < client->exchanges_count; i++)
        if (client->exchanges[i]->number)
            exchange_transmit(client->exchanges[i]);
    pthread_mutex_unlock(&client->mutex);
}

static void on_gone(void *context, struct pipe *pipe)
{
    struct client *client = context;
    bool wake = false;
    pthread_mutex_lock(&client->mutex);
    client->pipe = NULL;
    for (uint32_t i = 0; i < client->exchanges_count; i++)
        if (client->exchanges[i]->number && client->exchanges[i]->sent)
            wake |= exchange_note(client->exchanges[i], EXCHANGE_lost);
    pthread_mutex_unlock(&client->mutex);
    pipe_release(pipe);
    if (wake)
        client_wake(client);
}

/* A reply to a request that is not waited for any more is none of our business. */
static bool on_message(void *context, struct pipe *pipe, struct span message)
{
    (void)pipe;
    struct client *client = context;
    if (message.size < NUMBER_BYTES)
        return false;
    uint32_t number = 0;
    for (int i = 0; i < NUMBER_BYTES; i++)
        number = number << 8 | (unsigned char)message.data[i];
    uint32_t index = number & ((1u << INDEX_BITS) - 1);
    bool wake = false;
    pthread_mutex_lock(&client->mutex);
    if (number && index < client->exchanges_count && client->exchanges[index]->number == number) {
        struct exchange *exchange = client->exchanges[index];
        buffer_clear(&exchange->reply);
        buffer_append(&exchange->reply, message.data + NUMBER_BYTES, message.size - NUMBER_BYTES);
        wake = exchange_note(exchange, EXCHANGE_answered);
    }
    pthread_mutex_unlock(&client->mutex);
    if (wake)
        client_wake(client);
    return true;
}

enum status connection_open(struct client *client, const char *url)
{
    const struct pipe_owner owner = {.context = client,
                                     .protocol = PIPE_req,
                                     .message_bytes_max = NUMBER_BYTES + WIRE_FRAME_MAX,
                                     .on_opened = on_opened,
                                     .on_message = on_message,
                                     .on_gone = on_gone};
    char error[256];
    return pipe_dial(url, &owner, &client->source, error);
}

void connection_close(struct client *client)
{
    if (client->source)
        pipe_source_close(client->source);
}

void connection_hang_up(struct client *client)
{
    pthread_mutex_lock(&client->mutex);
    if (client->pipe)
        pipe_close(client->pipe);
    pthread_mutex_unlock(&client->mutex);
}

bool connection_is_up(struct client *client)
{
    pthread_mutex_lock(&client->mutex);
    bool up = client->pipe != NULL;
    pthread_mutex_unlock(&client->mutex);
    return up;
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

static void timer_set(struct client *client, int64_t due_ms)
{
    struct itimerspec when = {.it_value = {.tv_sec = due_ms / 1000, .tv_nsec = due_ms % 1000 * 1000000}};
    if (due_ms == INT64_MAX)
        when = (struct itimerspec){0};
    timerfd_settime(client->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
    client->timer_ms = due_ms;
}

static void exchange_begin(struct exchange *exchange, int64_t ms)
{
    exchange->busy = true;
    exchange->due_ms = client_now_ms() + ms;
    if (exchange->due_ms < exchange->client->timer_ms)
        timer_set(exchange->client, exchange->due_ms);
}

void exchange_send(struct exchange *exchange, int64_t timeout_ms)
{
    struct client *client = exchange->client;
    exchange->resting = false;
    exchange_begin(exchange, timeout_ms);
    pthread_mutex_lock(&client->mutex);
    exchange->number = 1u << 31 | ++client->requests << INDEX_BITS | exchange->index;
    exchange->sent = false;
    if (client->pipe)
        exchange_transmit(exchange);
    pthread_mutex_unlock(&client->mutex);
}

void exchange_rest(struct exchange *exchange, int64_t ms)
{
    exchange->resting = true;
    exchange_begin(exchange, ms);
}

void exchange_hurry(struct exchange *exchange)
{
    if (exchange->busy && exchange->resting)
        exchange_begin(exchange, 0);
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
    pthread_mutex_lock(&client->mutex);
    struct exchange *exchange = client->ended_first;
    if (exchange)
        exchange_forget_end(exchange);
    pthread_mutex_unlock(&client->mutex);
    if (exchange)
        exchange_run(exchange, exchange->end);
    return exchange != NULL;
}

/* False when it ended by itself just now: that end counts. */
static bool exchange_run_due(struct exchange *exchange)
{
    struct client *client = exchange->client;
    pthread_mutex_lock(&client->mutex);
    bool ended = exchange->ended;
    if (!ended)
        exchange->number = 0;
    pthread_mutex_unlock(&client->mutex);
    if (!ended)
        exchange_run(exchange, exchange->resting ? EXCHANGE_rested : EXCHANGE_late);
    return !ended;
}

size_t exchanges_run_due(struct client *client)
{
    int64_t now_ms = client_now_ms();
    if (now_ms < client->timer_ms)
        return 0;
    size_t count = 0;
    for (uint32_t i = 0; i < client->exchanges_count; i++) {
        struct exchange *exchange = client->exchanges[i];
        if (exchange->busy && exchange->due_ms <= now_ms)
            count += exchange_run_due(exchange);
    }
    int64_t next_ms = INT64_MAX;
    for (uint32_t i = 0; i < client->exchanges_count; i++) {
        const struct exchange *exchange = client->exchanges[i];
        if (exchange->busy && exchange->due_ms < next_ms)
            next_ms = exchange->due_ms;
    }
    timer_set(client, next_ms);
    return count;
}

void exchanges_wait(struct client *client, struct exchange *one, struct exchange *other, int64_t until_ms)
{
    if (one->busy && one->due_ms < until_ms)
        until_ms = one->due_ms;
    if (other->busy && other->due_ms < until_ms)
        until_ms = other->due_ms;
    const struct timespec until = {.tv_sec = until_ms / 1000, .tv_nsec = until_ms % 1000 * 1000000};
    pthread_mutex_lock(&client->mutex);
    int failure = 0;
    while (!one->ended && !other->ended && failure != ETIMEDOUT)
        failure = pthread_cond_timedwait(&client->woken, &client->mutex, &until);
    struct exchange *ended = one->ended ? one : other->ended ? other : NULL;
    if (ended)
        exchange_forget_end(ended);
    pthread_mutex_unlock(&client->mutex);
    if (ended)
        exchange_run(ended, ended->end);
    else if (one->busy && one->due_ms <= client_now_ms())
        exchange_run_due(one);
    else if (other->busy && other->due_ms <= client_now_ms())
        exchange_run_due(other);
}
