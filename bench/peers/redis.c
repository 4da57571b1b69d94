/* Redis Streams, one for each queue. XADDs are pipelined over several connections, because the server reads 16 KiB of each of them per turn
 * and flushes its file once per turn. Two ways to consume: groups (XREADGROUP and XACK: what was not acknowledged can be claimed by others)
 * and plain XREAD with the position kept in a hash (who dies reads on from there; nobody else takes over). Priorities: none. */
#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "bench/peers/peer.h"
#include "proto/buffer.h"

enum { CONNECTIONS = 8, KEY_BYTES = 16, ID_BYTES = 48, BLOCK_MS = 1000 };

static redisContext *redis_open(uint64_t port)
{
    redisContext *context = redisConnect("127.0.0.1", (int)port);
    if (!context || context->err)
        peer_fail("redis on port %lu: %s", port, context ? context->errstr : "no memory");
    return context;
}

/* The next reply that has come, NULL when there is none yet. */
static redisReply *reply_next(redisContext *context)
{
    void *reply = NULL;
    if (redisGetReplyFromReader(context, &reply) != REDIS_OK)
        peer_fail("redis: %s", context->errstr);
    if (reply && ((redisReply *)reply)->type == REDIS_REPLY_ERROR)
        peer_fail("redis: %s", ((redisReply *)reply)->str);
    return reply;
}

static void reply_read(redisContext *context)
{
    if (redisBufferRead(context) != REDIS_OK)
        peer_fail("redis: %s", context->errstr);
}

static void commands_send(redisContext *context, struct buffer *commands)
{
    int done = 0;
    redisAppendFormattedCommand(context, commands->data, commands->size);
    buffer_clear(commands);
    while (!done)
        if (redisBufferWrite(context, &done) != REDIS_OK)
            peer_fail("redis: %s", context->errstr);
}

static void put_text(struct buffer *commands, const char *text)
{
    buffer_format(commands, "$%zu\r\n%s\r\n", strlen(text), text);
}

static void put_number(struct buffer *commands, uint32_t number)
{
    char text[16];
    snprintf(text, sizeof text, "%u", number);
    put_text(commands, text);
}

static void key_of(char out[KEY_BYTES], uint32_t queue)
{
    snprintf(out, KEY_BYTES, "q:%u", queue);
}

static void *redis_begin(const struct peer_settings *settings)
{
    redisContext *context = redis_open(settings->port);
    freeReplyObject(redisCommand(context, "FLUSHALL"));
    for (uint32_t queue = 0; queue < settings->queues; queue++) {
        redisReply *reply = redisCommand(context, "XGROUP CREATE q:%u group 0 MKSTREAM", queue);
        if (!reply || reply->type == REDIS_REPLY_ERROR)
            peer_fail("redis: XGROUP CREATE: %s", reply ? reply->str : context->errstr);
        freeReplyObject(reply);
    }
    redisFree(context);
    return NULL;
}

struct redis_producer {
    redisContext *connections[CONNECTIONS];
    struct buffer commands[CONNECTIONS];
    struct pollfd sockets[CONNECTIONS];
};

static void *redis_producer_open(const struct peer_settings *settings, void *shared)
{
    (void)shared;
    struct redis_producer *producer = must_zalloc(1, sizeof *producer);
    for (uint32_t i = 0; i < CONNECTIONS; i++) {
        producer->connections[i] = redis_open(settings->port);
        producer->sockets[i] = (struct pollfd){producer->connections[i]->fd, POLLIN, 0};
    }
    return producer;
}

static void put_xadd(struct buffer *commands, const struct peer_message *message)
{
    char key[KEY_BYTES];
    key_of(key, message->queue);
    buffer_format(commands, "*5\r\n$4\r\nXADD\r\n$%zu\r\n%s\r\n$1\r\n*\r\n$1\r\nb\r\n$%u\r\n", strlen(key), key, message->body.size);
    buffer_append(commands, message->body.data, message->body.size);
    buffer_append(commands, "\r\n", 2);
}

static void redis_publish(void *context, const struct peer_message *messages, uint32_t count)
{
    struct redis_producer *producer = context;
    for (uint32_t i = 0; i < count; i++)
        put_xadd(&producer->commands[messages[i].queue % CONNECTIONS], &messages[i]);
    for (uint32_t i = 0; i < CONNECTIONS; i++)
        if (producer->commands[i].size)
            commands_send(producer->connections[i], &producer->commands[i]);
}

static uint32_t redis_confirmed(void *context, uint64_t wait_ns)
{
    struct redis_producer *producer = context;
    uint32_t count = 0;
    if (!peer_wait(producer->sockets, CONNECTIONS, wait_ns))
        return 0;
    for (uint32_t i = 0; i < CONNECTIONS; i++) {
        if (!producer->sockets[i].revents)
            continue;
        reply_read(producer->connections[i]);
        for (redisReply *reply; (reply = reply_next(producer->connections[i])); count++)
            freeReplyObject(reply);
    }
    return count;
}

static void redis_producer_close(void *context)
{
    struct redis_producer *producer = context;
    for (uint32_t i = 0; i < CONNECTIONS; i++) {
        redisFree(producer->connections[i]);
        buffer_fini(&producer->commands[i]);
    }
    free(producer);
}

struct redis_consumer {
    redisContext *connection;
    bool groups, asked;
    uint32_t index, queues, consumers;
    uint32_t acknowledgements; /* sent before what was asked; their replies come first */
    struct buffer commands;
    redisReply *received;
    char (*positions)[ID_BYTES]; /* per queue: the last entry read; XREAD only */
};

static struct redis_consumer *consumer_open(const struct peer_settings *settings, uint32_t index, bool groups)
{
    struct redis_consumer *consumer = must_zalloc(1, sizeof *consumer);
    *consumer = (struct redis_consumer){.connection = redis_open(settings->port),
                                        .groups = groups,
                                        .index = index,
                                        .queues = (uint32_t)settings->queues,
                                        .consumers = (uint32_t)settings->consumers,
                                        .positions = must_zalloc(settings->queues, ID_BYTES)};
    for (uint32_t queue = 0; queue < consumer->queues; queue++)
        consumer->positions[queue][0] = '0';
    return consumer;
}

static void *groups_consumer_open(const struct peer_settings *settings, void *shared, uint32_t index)
{
    (void)shared;
    return consumer_open(settings, index, true);
}

static void *xread_consumer_open(const struct peer_settings *settings, void *shared, uint32_t index)
{
    (void)shared;
    return consumer_open(settings, index, false);
}

/* Asks for the next of all its streams, behind the acknowledgements that are ready. */
static void streams_ask(struct redis_consumer *consumer)
{
    struct buffer *commands = &consumer->commands;
    uint32_t own = (consumer->queues - consumer->index + consumer->consumers - 1) / consumer->consumers;
    char key[KEY_BYTES];
    if (consumer->groups)
        buffer_format(commands, "*%u\r\n$10\r\nXREADGROUP\r\n$5\r\nGROUP\r\n$5\r\ngroup\r\n$8\r\nconsumer\r\n", 9 + 2 * own);
    else
        buffer_format(commands, "*%u\r\n$5\r\nXREAD\r\n", 6 + 2 * own);
    put_text(commands, "COUNT");
    put_number(commands, PEER_RECEIVE_MAX / own);
    put_text(commands, "BLOCK");
    put_number(commands, BLOCK_MS);
    put_text(commands, "STREAMS");
    for (uint32_t queue = consumer->index; queue < consumer->queues; queue += consumer->consumers) {
        key_of(key, queue);
        put_text(commands, key);
    }
    for (uint32_t queue = consumer->index; queue < consumer->queues; queue += consumer->consumers)
        put_text(commands, consumer->groups ? ">" : consumer->positions[queue]);
    commands_send(consumer->connection, commands);
    consumer->asked = true;
}

/* What was asked for, when it has come. */
static redisReply *streams_take(struct redis_consumer *consumer)
{
    redisReply *reply;
    while ((reply = reply_next(consumer->connection)) && consumer->acknowledgements) {
        consumer->acknowledgements--;
        freeReplyObject(reply);
    }
    consumer->asked &= !reply;
    return reply;
}

/* The reply is a list of (key, list of (id, list of ("b", body))). */
static uint32_t bodies_of(const redisReply *streams, struct span bodies[PEER_RECEIVE_MAX])
{
    uint32_t count = 0;
    for (size_t s = 0; s < streams->elements; s++) {
        const redisReply *entries = streams->element[s]->element[1];
        for (size_t e = 0; e < entries->elements; e++) {
            const redisReply *body = entries->element[e]->element[1]->element[1];
            bodies[count++] = (struct span){body->str, (uint32_t)body->len};
        }
    }
    return count;
}

static uint32_t redis_receive(void *context, struct span bodies[PEER_RECEIVE_MAX], uint64_t wait_ns)
{
    struct redis_consumer *consumer = context;
    struct pollfd socket = {consumer->connection->fd, POLLIN, 0};
    if (consumer->received)
        freeReplyObject(consumer->received);
    consumer->received = NULL;
    if (!consumer->asked)
        streams_ask(consumer);
    while (!(consumer->received = streams_take(consumer)) && peer_wait(&socket, 1, wait_ns))
        reply_read(consumer->connection);
    return consumer->received ? bodies_of(consumer->received, bodies) : 0;
}

static void groups_acknowledge(void *context)
{
    struct redis_consumer *consumer = context;
    for (size_t s = 0; s < consumer->received->elements; s++) {
        const redisReply *key = consumer->received->element[s]->element[0], *entries = consumer->received->element[s]->element[1];
        buffer_format(&consumer->commands, "*%zu\r\n$4\r\nXACK\r\n", 3 + entries->elements);
        put_text(&consumer->commands, key->str);
        put_text(&consumer->commands, "group");
        for (size_t e = 0; e < entries->elements; e++)
            put_text(&consumer->commands, entries->element[e]->element[0]->str);
        consumer->acknowledgements++;
    }
}

static void xread_acknowledge(void *context)
{
    struct redis_consumer *consumer = context;
    size_t streams = consumer->received->elements;
    buffer_format(&consumer->commands, "*%zu\r\n$4\r\nHSET\r\n$11\r\nposition:%02u\r\n", 2 + 2 * streams, consumer->index);
    for (size_t s = 0; s < streams; s++) {
        const redisReply *key = consumer->received->element[s]->element[0], *entries = consumer->received->element[s]->element[1];
        const char *last = entries->element[entries->elements - 1]->element[0]->str;
        put_text(&consumer->commands, key->str);
        put_text(&consumer->commands, last);
        snprintf(consumer->positions[strtoul(key->str + 2, NULL, 10)], ID_BYTES, "%s", last);
    }
    consumer->acknowledgements++;
}

static void redis_consumer_close(void *context)
{
    struct redis_consumer *consumer = context;
    if (consumer->commands.size)
        commands_send(consumer->connection, &consumer->commands);
    while (consumer->acknowledgements && !consumer->asked) {
        reply_read(consumer->connection);
        for (redisReply *reply; (reply = reply_next(consumer->connection)); consumer->acknowledgements--)
            freeReplyObject(reply);
    }
    if (consumer->received)
        freeReplyObject(consumer->received);
    redisFree(consumer->connection);
    buffer_fini(&consumer->commands);
    free(consumer->positions);
    free(consumer);
}

const struct peer peer_redis_groups = {
    .name = "redis-groups",
    .batch = 256,
    .begin = redis_begin,
    .producer_open = redis_producer_open,
    .publish = redis_publish,
    .confirmed = redis_confirmed,
    .producer_close = redis_producer_close,
    .consumer_open = groups_consumer_open,
    .receive = redis_receive,
    .acknowledge = groups_acknowledge,
    .consumer_close = redis_consumer_close,
};

const struct peer peer_redis_xread = {
    .name = "redis-xread",
    .batch = 256,
    .begin = redis_begin,
    .producer_open = redis_producer_open,
    .publish = redis_publish,
    .confirmed = redis_confirmed,
    .producer_close = redis_producer_close,
    .consumer_open = xread_consumer_open,
    .receive = redis_receive,
    .acknowledge = xread_acknowledge,
    .consumer_close = redis_consumer_close,
};
