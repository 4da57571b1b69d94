/* NATS JetStream, file storage: one stream, a subject for each queue. Publishes are pipelined, each with a reply subject on
 * which the stream confirms it (what js_PublishAsync does, without its bookkeeping of every message). Consumers are pushed to, and
 * acknowledge everything up to the last message at once. A stream confirms from the page cache. Priorities: none. */
#include <nats/nats.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/check.h"
#include "bench/peers/peer.h"

enum { NAME_BYTES = 32, ACK_PENDING_MAX = 16384, NAP_NS = 500000 };

#define STREAM "messages"

static void must(natsStatus status, const char *what)
{
    if (status != NATS_OK)
        peer_fail("nats: %s: %s", what, natsStatus_GetText(status));
}

/* In the paced run every message leaves at once; otherwise the client gathers what is written while it sends. */
static natsConnection *nats_open(const struct peer_settings *settings)
{
    natsConnection *connection;
    natsOptions *options;
    char url[NAME_BYTES];
    snprintf(url, sizeof url, "nats://127.0.0.1:%lu", settings->port);
    must(natsOptions_Create(&options), "options");
    must(natsOptions_SetURL(options, url), "url");
    must(natsOptions_SetSendAsap(options, settings->paced), "options");
    must(natsConnection_Connect(&connection, options), url);
    natsOptions_Destroy(options);
    return connection;
}

static void *nats_begin(const struct peer_settings *settings)
{
    natsConnection *connection = nats_open(settings);
    const char *subjects[] = {"q.>"};
    jsCtx *jetstream;
    jsStreamConfig config;
    must(natsConnection_JetStream(&jetstream, connection, NULL), "jetstream");
    jsStreamConfig_Init(&config);
    config.Name = STREAM;
    config.Subjects = subjects;
    config.SubjectsLen = 1;
    config.Storage = js_FileStorage;
    js_DeleteStream(jetstream, STREAM, NULL, NULL);
    must(js_AddStream(NULL, jetstream, &config, NULL, NULL), "adding a stream");
    jsCtx_Destroy(jetstream);
    natsConnection_Destroy(connection);
    return NULL;
}

struct nats_producer {
    natsConnection *connection;
    natsSubscription *confirmations;
    uint32_t consumers;
};

static int pending(natsSubscription *subscription)
{
    int count = 0;
    must(natsSubscription_GetPending(subscription, &count, NULL), "pending");
    return count;
}

/* Lets messages gather: to be woken by the library for every one of them costs more than to move it. */
static void nap(uint64_t wait_ns)
{
    nanosleep(&(struct timespec){0, (long)(wait_ns < NAP_NS ? wait_ns : NAP_NS)}, NULL);
}

static void *nats_producer_open(const struct peer_settings *settings, void *shared)
{
    (void)shared;
    struct nats_producer *producer = must_zalloc(1, sizeof *producer);
    producer->consumers = (uint32_t)settings->consumers;
    producer->connection = nats_open(settings);
    must(natsConnection_SubscribeSync(&producer->confirmations, producer->connection, "confirmed"), "subscribing");
    must(natsSubscription_SetPendingLimits(producer->confirmations, -1, -1), "limits");
    must(natsConnection_Flush(producer->connection), "flush");
    return producer;
}

static void nats_publish(void *context, const struct peer_message *messages, uint32_t count)
{
    struct nats_producer *producer = context;
    char subject[NAME_BYTES];
    for (uint32_t i = 0; i < count; i++) {
        snprintf(subject, sizeof subject, "q.%u.%u", messages[i].queue % producer->consumers, messages[i].queue);
        must(natsConnection_PublishRequest(producer->connection, subject, "confirmed", messages[i].body.data, (int)messages[i].body.size),
             "publishing");
    }
}

static uint32_t nats_confirmed(void *context, uint64_t wait_ns)
{
    struct nats_producer *producer = context;
    int count = pending(producer->confirmations);
    if (!count && wait_ns)
        nap(wait_ns);
    count = pending(producer->confirmations);
    for (int i = 0; i < count; i++) {
        natsMsg *message;
        must(natsSubscription_NextMsg(&message, producer->confirmations, 1), "confirmations");
        if (!strstr(natsMsg_GetData(message), "\"seq\":"))
            peer_fail("nats: a publish was answered with \"%s\"", natsMsg_GetData(message));
        natsMsg_Destroy(message);
    }
    return (uint32_t)count;
}

static void nats_producer_close(void *context)
{
    struct nats_producer *producer = context;
    natsSubscription_Destroy(producer->confirmations);
    natsConnection_Destroy(producer->connection);
    free(producer);
}

struct nats_consumer {
    natsConnection *connection;
    jsCtx *jetstream;
    natsSubscription *subscription;
    bool paced;
    uint32_t received;
    natsMsg *messages[PEER_RECEIVE_MAX];
};

static void *nats_consumer_open(const struct peer_settings *settings, void *shared, uint32_t index)
{
    (void)shared;
    struct nats_consumer *consumer = must_zalloc(1, sizeof *consumer);
    char subjects[NAME_BYTES], name[NAME_BYTES];
    jsSubOptions options;
    snprintf(name, sizeof name, "consumer%u", index);
    snprintf(subjects, sizeof subjects, "q.%u.*", index);
    jsSubOptions_Init(&options);
    options.ManualAck = true;
    options.Config.Durable = name;
    options.Config.AckPolicy = js_AckAll;
    options.Config.MaxAckPending = ACK_PENDING_MAX;
    consumer->paced = settings->paced;
    consumer->connection = nats_open(settings);
    must(natsConnection_JetStream(&consumer->jetstream, consumer->connection, NULL), "jetstream");
    must(js_SubscribeSync(&consumer->subscription, consumer->jetstream, subjects, NULL, &options, NULL), "subscribing");
    must(natsSubscription_SetPendingLimits(consumer->subscription, -1, -1), "limits");
    return consumer;
}

static void messages_destroy(struct nats_consumer *consumer)
{
    for (uint32_t i = 0; i < consumer->received; i++)
        natsMsg_Destroy(consumer->messages[i]);
    consumer->received = 0;
}

/* False: nothing came in time. */
static bool message_take(struct nats_consumer *consumer, struct span *body, int64_t wait_ms)
{
    natsMsg **message = &consumer->messages[consumer->received];
    natsStatus status = natsSubscription_NextMsg(message, consumer->subscription, wait_ms);
    if (status == NATS_TIMEOUT)
        return false;
    must(status, "receiving");
    *body = (struct span){natsMsg_GetData(*message), (uint32_t)natsMsg_GetDataLength(*message)};
    consumer->received++;
    return true;
}

static uint32_t nats_receive(void *context, struct span bodies[PEER_RECEIVE_MAX], uint64_t wait_ns)
{
    struct nats_consumer *consumer = context;
    messages_destroy(consumer);
    if (!consumer->paced)
        nap(wait_ns);
    if (!message_take(consumer, bodies, (int64_t)(wait_ns / 1000000) + 1))
        return 0;
    for (int waiting = pending(consumer->subscription); waiting > 0 && consumer->received < PEER_RECEIVE_MAX; waiting--)
        message_take(consumer, &bodies[consumer->received], 1);
    return consumer->received;
}

static void nats_acknowledge(void *context)
{
    struct nats_consumer *consumer = context;
    must(natsMsg_Ack(consumer->messages[consumer->received - 1], NULL), "acknowledging");
}

static void nats_consumer_close(void *context)
{
    struct nats_consumer *consumer = context;
    must(natsConnection_Flush(consumer->connection), "flush");
    messages_destroy(consumer);
    natsSubscription_Destroy(consumer->subscription);
    jsCtx_Destroy(consumer->jetstream);
    natsConnection_Destroy(consumer->connection);
    free(consumer);
}

const struct peer peer_nats = {
    .name = "nats",
    .batch = 256,
    .begin = nats_begin,
    .producer_open = nats_producer_open,
    .publish = nats_publish,
    .confirmed = nats_confirmed,
    .producer_close = nats_producer_close,
    .consumer_open = nats_consumer_open,
    .receive = nats_receive,
    .acknowledge = nats_acknowledge,
    .consumer_close = nats_consumer_close,
};
