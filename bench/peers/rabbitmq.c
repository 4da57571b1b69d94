/* RabbitMQ: durable queues, persistent messages, publisher confirms. Classic queues have priorities, quorum queues (of 3.10) have none.
 * Every consumer has one channel for all its queues, a wide prefetch, and acknowledges everything up to the last message at once. */
#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "base/check.h"
#include "bench/peers/peer.h"

enum { CHANNEL = 1, CONNECTIONS = 2, NAME_BYTES = 32, PREFETCH_PER_QUEUE = 256, HEARTBEAT_OFF = 0, FRAME_BYTES_MAX = 131072 };

static void must(int status, const char *what)
{
    if (status < 0)
        peer_fail("rabbitmq: %s: %s", what, amqp_error_string2(status));
}

static void must_reply(amqp_rpc_reply_t reply, const char *what)
{
    if (reply.reply_type == AMQP_RESPONSE_NORMAL)
        return;
    const amqp_channel_close_t *close = reply.reply.decoded;
    if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && reply.reply.id == AMQP_CHANNEL_CLOSE_METHOD)
        peer_fail("rabbitmq: %s: %.*s", what, (int)close->reply_text.len, (const char *)close->reply_text.bytes);
    peer_fail("rabbitmq: %s: %s", what, amqp_error_string2(reply.library_error));
}

static amqp_connection_state_t rabbitmq_open(uint64_t port)
{
    amqp_connection_state_t connection = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(connection);
    must(amqp_socket_open(socket, "127.0.0.1", (int)port), "connecting");
    must_reply(amqp_login(connection, "/", 0, FRAME_BYTES_MAX, HEARTBEAT_OFF, AMQP_SASL_METHOD_PLAIN, "guest", "guest"), "login");
    amqp_channel_open(connection, CHANNEL);
    must_reply(amqp_get_rpc_reply(connection), "opening a channel");
    return connection;
}

static void rabbitmq_close(amqp_connection_state_t connection)
{
    amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
    amqp_destroy_connection(connection);
}

static amqp_bytes_t queue_name(char out[NAME_BYTES], uint32_t queue)
{
    snprintf(out, NAME_BYTES, "q%u", queue);
    return amqp_cstring_bytes(out);
}

static void queues_make(const struct peer_settings *settings, amqp_table_entry_t argument)
{
    amqp_connection_state_t connection = rabbitmq_open(settings->port);
    amqp_table_t arguments = {1, &argument};
    char name[NAME_BYTES];
    for (uint32_t queue = 0; queue < settings->queues; queue++) {
        amqp_bytes_t bytes = queue_name(name, queue);
        amqp_queue_delete(connection, CHANNEL, bytes, 0, 0);
        must_reply(amqp_get_rpc_reply(connection), "deleting a queue");
        amqp_queue_declare(connection, CHANNEL, bytes, 0, 1, 0, 0, arguments);
        must_reply(amqp_get_rpc_reply(connection), "declaring a queue");
    }
    rabbitmq_close(connection);
}

static void *classic_begin(const struct peer_settings *settings)
{
    queues_make(settings, (amqp_table_entry_t){amqp_cstring_bytes("x-max-priority"), {AMQP_FIELD_KIND_I32, {.i32 = PEER_PRIORITIES - 1}}});
    return NULL;
}

static void *quorum_begin(const struct peer_settings *settings)
{
    amqp_field_value_t quorum = {AMQP_FIELD_KIND_UTF8, {.bytes = amqp_cstring_bytes("quorum")}};
    queues_make(settings, (amqp_table_entry_t){amqp_cstring_bytes("x-queue-type"), quorum});
    return NULL;
}

/* A connection's messages are numbered from 1. Confirmations come in any order: one message, or all up to it. */
struct confirmations {
    amqp_connection_state_t connection;
    uint64_t sent, first_open;
    bool *confirmed; /* per number, modulo the window */
};

struct rabbitmq_producer {
    struct confirmations each[CONNECTIONS];
    struct pollfd sockets[CONNECTIONS];
    uint64_t window;
};

static void *rabbitmq_producer_open(const struct peer_settings *settings, void *shared)
{
    (void)shared;
    struct rabbitmq_producer *producer = must_zalloc(1, sizeof *producer);
    producer->window = settings->window;
    for (uint32_t i = 0; i < CONNECTIONS; i++) {
        amqp_connection_state_t connection = rabbitmq_open(settings->port);
        amqp_confirm_select(connection, CHANNEL);
        must_reply(amqp_get_rpc_reply(connection), "asking for confirms");
        producer->each[i] = (struct confirmations){connection, 0, 1, must_zalloc(settings->window, sizeof(bool))};
        producer->sockets[i] = (struct pollfd){amqp_get_sockfd(connection), POLLIN, 0};
    }
    return producer;
}

static void rabbitmq_publish(void *context, const struct peer_message *messages, uint32_t count)
{
    struct rabbitmq_producer *producer = context;
    char name[NAME_BYTES];
    for (uint32_t i = 0; i < count; i++) {
        struct confirmations *to = &producer->each[messages[i].queue % CONNECTIONS];
        amqp_basic_properties_t properties = {._flags = AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_PRIORITY_FLAG,
                                              .delivery_mode = AMQP_DELIVERY_PERSISTENT,
                                              .priority = (uint8_t)(PEER_PRIORITIES - 1 - messages[i].priority)};
        amqp_bytes_t body = {messages[i].body.size, NULL};
        memcpy(&body.bytes, &messages[i].body.data, sizeof body.bytes);
        must(amqp_basic_publish(to->connection, CHANNEL, amqp_empty_bytes, queue_name(name, messages[i].queue), 0, 0, &properties, body),
             "publishing");
        to->sent++;
    }
}

static uint32_t confirm(struct confirmations *of, uint64_t window, uint64_t number, bool all_up_to_it)
{
    uint32_t count = 0;
    for (uint64_t i = all_up_to_it ? of->first_open : number; i <= number; i++) {
        count += !of->confirmed[i % window];
        of->confirmed[i % window] = true;
    }
    while (of->first_open <= of->sent && of->confirmed[of->first_open % window])
        of->confirmed[of->first_open++ % window] = false;
    return count;
}

/* Takes all that has come. */
static uint32_t confirmations_read(struct confirmations *of, uint64_t window)
{
    uint32_t count = 0;
    for (;;) {
        amqp_frame_t frame;
        int status = amqp_simple_wait_frame_noblock(of->connection, &frame, &(struct timeval){0, 0});
        if (status == AMQP_STATUS_TIMEOUT)
            return count;
        must(status, "waiting for confirms");
        if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD)
            peer_fail("rabbitmq: a publish was answered with method %s", amqp_method_name(frame.payload.method.id));
        const amqp_basic_ack_t *ack = frame.payload.method.decoded;
        count += confirm(of, window, ack->delivery_tag, ack->multiple);
        amqp_maybe_release_buffers(of->connection);
    }
}

static uint32_t rabbitmq_confirmed(void *context, uint64_t wait_ns)
{
    struct rabbitmq_producer *producer = context;
    uint32_t count = 0;
    if (!peer_wait(producer->sockets, CONNECTIONS, wait_ns))
        return 0;
    for (uint32_t i = 0; i < CONNECTIONS; i++)
        if (producer->sockets[i].revents)
            count += confirmations_read(&producer->each[i], producer->window);
    return count;
}

static void rabbitmq_producer_close(void *context)
{
    struct rabbitmq_producer *producer = context;
    for (uint32_t i = 0; i < CONNECTIONS; i++) {
        rabbitmq_close(producer->each[i].connection);
        free(producer->each[i].confirmed);
    }
    free(producer);
}

struct rabbitmq_consumer {
    amqp_connection_state_t connection;
    uint32_t received;
    amqp_envelope_t envelopes[PEER_RECEIVE_MAX];
};

static void *rabbitmq_consumer_open(const struct peer_settings *settings, void *shared, uint32_t index)
{
    (void)shared;
    struct rabbitmq_consumer *consumer = must_zalloc(1, sizeof *consumer);
    char name[NAME_BYTES];
    consumer->connection = rabbitmq_open(settings->port);
    amqp_basic_qos(consumer->connection, CHANNEL, 0, PREFETCH_PER_QUEUE, 0);
    must_reply(amqp_get_rpc_reply(consumer->connection), "qos");
    for (uint64_t queue = index; queue < settings->queues; queue += settings->consumers) {
        amqp_basic_consume(consumer->connection, CHANNEL, queue_name(name, (uint32_t)queue), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
        must_reply(amqp_get_rpc_reply(consumer->connection), "consuming");
    }
    return consumer;
}

static void envelopes_destroy(struct rabbitmq_consumer *consumer)
{
    for (uint32_t i = 0; i < consumer->received; i++)
        amqp_destroy_envelope(&consumer->envelopes[i]);
    consumer->received = 0;
    amqp_maybe_release_buffers(consumer->connection);
}

static uint32_t rabbitmq_receive(void *context, struct span bodies[PEER_RECEIVE_MAX], uint64_t wait_ns)
{
    struct rabbitmq_consumer *consumer = context;
    struct timeval wait = {0, (suseconds_t)(wait_ns / 1000)};
    envelopes_destroy(consumer);
    do {
        amqp_envelope_t *envelope = &consumer->envelopes[consumer->received];
        amqp_rpc_reply_t reply = amqp_consume_message(consumer->connection, envelope, &wait, 0);
        if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION && reply.library_error == AMQP_STATUS_TIMEOUT)
            break;
        must_reply(reply, "consuming");
        bodies[consumer->received++] = (struct span){envelope->message.body.bytes, (uint32_t)envelope->message.body.len};
    } while (consumer->received < PEER_RECEIVE_MAX &&
             (amqp_data_in_buffer(consumer->connection) || amqp_frames_enqueued(consumer->connection)));
    return consumer->received;
}

static void rabbitmq_acknowledge(void *context)
{
    struct rabbitmq_consumer *consumer = context;
    must(amqp_basic_ack(consumer->connection, CHANNEL, consumer->envelopes[consumer->received - 1].delivery_tag, 1), "acknowledging");
}

static void rabbitmq_consumer_close(void *context)
{
    struct rabbitmq_consumer *consumer = context;
    envelopes_destroy(consumer);
    rabbitmq_close(consumer->connection);
    free(consumer);
}

#define RABBITMQ_WITH(name_, begin_)                                                                                                       \
    {                                                                                                                                      \
        .name = name_, .batch = 256, .begin = begin_, .producer_open = rabbitmq_producer_open, .publish = rabbitmq_publish,                \
        .confirmed = rabbitmq_confirmed, .producer_close = rabbitmq_producer_close, .consumer_open = rabbitmq_consumer_open,               \
        .receive = rabbitmq_receive, .acknowledge = rabbitmq_acknowledge, .consumer_close = rabbitmq_consumer_close,                       \
    }

const struct peer peer_rabbitmq_classic = RABBITMQ_WITH("rabbitmq-classic", classic_begin);
const struct peer peer_rabbitmq_quorum = RABBITMQ_WITH("rabbitmq-quorum", quorum_begin);
