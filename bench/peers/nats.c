/* NATS JetStream, file storage: a stream for each consumer, a subject for each queue. Publishes are pipelined, each with a reply subject on
 * which the stream confirms it (what js_PublishAsync does, without its bookkeeping of every message). Consumers are pushed to, and
 * acknowledge everything up to the last message at once. A stream confirms from the page cache. Priorities: none. */
#include <errno.h>
#include <nats/nats.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/check.h"
#include "bench/peers/peer.h"

enum { NAME_BYTES = 32, ACK_PENDING_MAX = 16384 };

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

static void stream_make(jsCtx *jetstream, uint32_t shard)
{
    char name[NAME_BYTES], subjects[NAME_BYTES];
    const char *list[] = {subjects};
    jsStreamConfig config;
    snprintf(name, sizeof name, "S%u", shard);
    snprintf(subjects, sizeof subjects, "q.%u.*", shard);
    jsStreamConfig_Init(&config);
    config.Name = name;
    config.Subjects = list;
    config.SubjectsLen = 1;
    config.Storage = js_FileStorage;
    js_DeleteStream(jetstream, name, NULL, NULL);
    must(js_AddStream(NULL, jetstream, &config, NULL, NULL), "adding a stream");
}

static void *nats_begin(const struct peer_settings *settings)
{
    natsConnection *connection = nats_open(settings);
    jsCtx *jetstream;
    must(natsConnection_JetStream(&jetstream, connection, NULL), "jetstream");
    for (uint32_t shard = 0; shard < settings->consumers; shard++)
        stream_make(jetstream, shard);
    jsCtx_Destroy(jetstream);
    natsConnection_Destroy(connection);
    return NULL;
}

struct nats_producer {
    natsConnection *connection;
    natsSubscription *confirmations;
    uint32_t consumers;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint32_t confirmed; /* not asked for yet */
};

/* On a thread of the client library. */
static void on_confirmation(natsConnection *connection, natsSubscription *subscription, natsMsg *message, void *context)
{
    struct nats_producer *producer = context;
    (void)connection, (void)subscription;
    if (!strstr(natsMsg_GetData(message), "\"seq\":"))
        peer_fail("nats: a publish was answered with \"%s\"", natsMsg_GetData(message));
    natsMsg_Destroy(message);
    pthread_mutex_lock(&producer->lock);
    if (producer->confirmed++ == 0)
        pthread_cond_signal(&producer->changed);
    pthread_mutex_unlock(&producer->lock);
}

static void *nats_producer_open(const struct peer_settings *settings, void *shared)
{
    (void)shared;
    struct nats_producer *producer = must_zalloc(1, sizeof *producer);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&producer->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&producer->lock, NULL);
    producer->consumers = (uint32_t)settings->consumers;
    producer->connection = nats_open(settings);
    must(natsConnection_Subscribe(&producer->confirmations, producer->connection, "confirmed", on_confirmation, producer), "subscribing");
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
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    wait_ns += (uint64_t)until.tv_nsec;
    until.tv_sec += (time_t)(wait_ns / 1000000000);
    until.tv_nsec = (long)(wait_ns % 1000000000);
    pthread_mutex_lock(&producer->lock);
    while (!producer->confirmed && pthread_cond_timedwait(&producer->changed, &producer->lock, &until) != ETIMEDOUT)
        ;
    uint32_t count = producer->confirmed;
    producer->confirmed = 0;
    pthread_mutex_unlock(&producer->lock);
    return count;
}

static void nats_producer_close(void *context)
{
    struct nats_producer *producer = context;
    natsSubscription_Destroy(producer->confirmations);
    natsConnection_Destroy(producer->connection);
    pthread_mutex_destroy(&producer->lock);
    pthread_cond_destroy(&producer->changed);
    free(producer);
}

struct nats_consumer {
    natsConnection *connection;
    jsCtx *jetstream;
    natsSubscription *subscription;
    uint32_t received;
    natsMsg *messages[PEER_RECEIVE_MAX];
};

static void *nats_consumer_open(const struct peer_settings *settings, void *shared, uint32_t index)
{
    (void)shared;
    struct nats_consumer *consumer = must_zalloc(1, sizeof *consumer);
    char subjects[NAME_BYTES];
    jsSubOptions options;
    snprintf(subjects, sizeof subjects, "q.%u.*", index);
    jsSubOptions_Init(&options);
    options.ManualAck = true;
    options.Config.Durable = "consumer";
    options.Config.AckPolicy = js_AckAll;
    options.Config.MaxAckPending = ACK_PENDING_MAX;
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

static uint32_t nats_receive(void *context, struct span bodies[PEER_RECEIVE_MAX], uint64_t wait_ns)
{
    struct nats_consumer *consumer = context;
    int waiting = 0;
    messages_destroy(consumer);
    for (int64_t wait_ms = (int64_t)(wait_ns / 1000000) + 1; consumer->received < PEER_RECEIVE_MAX; wait_ms = 1) {
        natsMsg **message = &consumer->messages[consumer->received];
        natsStatus status = natsSubscription_NextMsg(message, consumer->subscription, wait_ms);
        if (status == NATS_TIMEOUT)
            break;
        must(status, "receiving");
        bodies[consumer->received++] = (struct span){natsMsg_GetData(*message), (uint32_t)natsMsg_GetDataLength(*message)};
        if (--waiting <= 0) {
            must(natsSubscription_GetPending(consumer->subscription, &waiting, NULL), "pending");
            if (waiting == 0)
                break;
        }
    }
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
