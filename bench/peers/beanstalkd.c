/* beanstalkd, a tube for each queue, by its text protocol over bare sockets. Priorities are its own; within one it is first in, first out.
 * Commands of one connection are answered in order, so puts are pipelined; every put and delete is written and flushed before its answer.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "bench/peers/peer.h"
#include "proto/buffer.h"

enum { READ_BYTES = 64 * 1024, TTR_S = 60 };

struct connection {
    int socket;
    struct buffer out, in;
    size_t in_read; /* of `in`: already understood */
};

static void connection_open(struct connection *connection, uint64_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    *connection = (struct connection){.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (connection->socket < 0 || connect(connection->socket, (struct sockaddr *)&address, sizeof address) != 0)
        peer_fail("beanstalkd on port %lu: %s", port, strerror(errno));
    setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
}

static void connection_close(struct connection *connection)
{
    close(connection->socket);
    buffer_fini(&connection->in);
    buffer_fini(&connection->out);
}

static void connection_send(struct connection *connection)
{
    for (size_t done = 0; done < connection->out.size;) {
        ssize_t sent = send(connection->socket, connection->out.data + done, connection->out.size - done, MSG_NOSIGNAL);
        if (sent < 0)
            peer_fail("beanstalkd: %s", strerror(errno));
        done += (size_t)sent;
    }
    buffer_clear(&connection->out);
}

/* Moves what is not yet understood to the front, and reads more behind it. */
static void connection_read(struct connection *connection)
{
    struct buffer *in = &connection->in;
    if (connection->in_read)
        memmove(in->data, in->data + connection->in_read, in->size - connection->in_read);
    in->size -= connection->in_read;
    connection->in_read = 0;
    ssize_t got = recv(connection->socket, buffer_reserve(in, READ_BYTES), READ_BYTES, 0);
    if (got <= 0)
        peer_fail("beanstalkd: %s", got ? strerror(errno) : "closed the connection");
    in->size += (size_t)got;
}

/* The next whole line without its end, if there is one. */
static bool line_next(struct connection *connection, struct span *out)
{
    const char *at = connection->in.data + connection->in_read;
    const char *end = connection->in.size == connection->in_read ? NULL : memchr(at, '\n', connection->in.size - connection->in_read);
    if (!end)
        return false;
    *out = (struct span){at, (uint32_t)(end - at) - 1};
    connection->in_read += out->size + 2u;
    return true;
}

static bool begins(struct span line, const char *word)
{
    size_t length = strlen(word);
    return line.size >= length && memcmp(line.data, word, length) == 0;
}

static _Noreturn void unexpected(struct span line)
{
    peer_fail("beanstalkd answered \"%.*s\"", (int)line.size, line.data);
}

struct beanstalkd_producer {
    struct connection connection;
    uint32_t queue; /* in use, or UINT32_MAX */
};

static void *beanstalkd_producer_open(const struct peer_settings *settings, void *shared)
{
    (void)shared;
    struct beanstalkd_producer *producer = must_zalloc(1, sizeof *producer);
    connection_open(&producer->connection, settings->port);
    producer->queue = UINT32_MAX;
    return producer;
}

static void beanstalkd_publish(void *context, const struct peer_message *messages, uint32_t count)
{
    struct beanstalkd_producer *producer = context;
    struct buffer *out = &producer->connection.out;
    for (uint32_t i = 0; i < count; i++) {
        if (messages[i].queue != producer->queue)
            buffer_format(out, "use q%u\r\n", messages[i].queue);
        producer->queue = messages[i].queue;
        buffer_format(out, "put %u 0 %u %u\r\n", messages[i].priority, TTR_S, messages[i].body.size);
        buffer_append(out, messages[i].body.data, messages[i].body.size);
        buffer_append(out, "\r\n", 2);
    }
    connection_send(&producer->connection);
}

static uint32_t beanstalkd_confirmed(void *context, uint64_t wait_ns)
{
    struct connection *connection = &((struct beanstalkd_producer *)context)->connection;
    struct pollfd socket = {connection->socket, POLLIN, 0};
    uint32_t count = 0;
    if (!peer_wait(&socket, 1, wait_ns))
        return 0;
    connection_read(connection);
    for (struct span line; line_next(connection, &line);)
        if (begins(line, "INSERTED "))
            count++;
        else if (!begins(line, "USING "))
            unexpected(line);
    return count;
}

static void beanstalkd_producer_close(void *context)
{
    struct beanstalkd_producer *producer = context;
    connection_close(&producer->connection);
    free(producer);
}

struct beanstalkd_consumer {
    struct connection connection;
    uint64_t job;      /* received */
    uint32_t deleting; /* answers that come before the one to `reserve` */
    bool asked;
};

static void watching_await(struct connection *connection)
{
    struct span line;
    while (!line_next(connection, &line))
        connection_read(connection);
    if (!begins(line, "WATCHING "))
        unexpected(line);
}

static void *beanstalkd_consumer_open(const struct peer_settings *settings, void *shared, uint32_t index)
{
    (void)shared;
    struct beanstalkd_consumer *consumer = must_zalloc(1, sizeof *consumer);
    struct connection *connection = &consumer->connection;
    uint32_t watched = 0;
    connection_open(connection, settings->port);
    for (uint64_t queue = index; queue < settings->queues; queue += settings->consumers, watched++)
        buffer_format(&connection->out, "watch q%lu\r\n", queue);
    buffer_format(&connection->out, "ignore default\r\n");
    connection_send(connection);
    for (uint32_t i = 0; i <= watched; i++)
        watching_await(connection);
    return consumer;
}

/* The job that was asked for, once all of it is here. */
static bool job_next(struct beanstalkd_consumer *consumer, struct span *body)
{
    struct connection *connection = &consumer->connection;
    size_t before = connection->in_read;
    struct span line;
    if (!line_next(connection, &line))
        return false;
    char *end;
    if (!begins(line, "RESERVED "))
        unexpected(line);
    consumer->job = strtoull(line.data + sizeof "RESERVED", &end, 10);
    uint32_t size = (uint32_t)strtoul(end, NULL, 10);
    if (connection->in.size - connection->in_read < size + 2u) {
        connection->in_read = before;
        return false;
    }
    *body = (struct span){connection->in.data + connection->in_read, size};
    connection->in_read += size + 2u;
    return true;
}

static bool deletions_answered(struct beanstalkd_consumer *consumer)
{
    struct span line;
    while (consumer->deleting && line_next(&consumer->connection, &line)) {
        if (!begins(line, "DELETED"))
            unexpected(line);
        consumer->deleting--;
    }
    return consumer->deleting == 0;
}

static uint32_t beanstalkd_receive(void *context, struct span bodies[PEER_RECEIVE_MAX], uint64_t wait_ns)
{
    struct beanstalkd_consumer *consumer = context;
    struct pollfd socket = {consumer->connection.socket, POLLIN, 0};
    if (!consumer->asked) {
        buffer_format(&consumer->connection.out, "reserve\r\n");
        connection_send(&consumer->connection);
        consumer->asked = true;
    }
    while (!deletions_answered(consumer) || !job_next(consumer, bodies)) {
        if (!peer_wait(&socket, 1, wait_ns))
            return 0;
        connection_read(&consumer->connection);
    }
    consumer->asked = false;
    return 1;
}

static void beanstalkd_acknowledge(void *context)
{
    struct beanstalkd_consumer *consumer = context;
    buffer_format(&consumer->connection.out, "delete %lu\r\n", consumer->job);
    consumer->deleting++;
}

static void beanstalkd_consumer_close(void *context)
{
    struct beanstalkd_consumer *consumer = context;
    connection_send(&consumer->connection);
    while (!consumer->asked && !deletions_answered(consumer))
        connection_read(&consumer->connection);
    connection_close(&consumer->connection);
    free(consumer);
}

const struct peer peer_beanstalkd = {
    .name = "beanstalkd",
    .batch = 256,
    .producer_open = beanstalkd_producer_open,
    .publish = beanstalkd_publish,
    .confirmed = beanstalkd_confirmed,
    .producer_close = beanstalkd_producer_close,
    .consumer_open = beanstalkd_consumer_open,
    .receive = beanstalkd_receive,
    .acknowledge = beanstalkd_acknowledge,
    .consumer_close = beanstalkd_consumer_close,
};
