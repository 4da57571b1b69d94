/* No server at all: a ring of messages for each consumer, in this process. What it moves is the most that the load itself can do. Its
 * faulty sisters are there so that the proof can be seen to find what it looks for. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/check.h"
#include "bench/peers/peer.h"

/* One message in so many is treated badly; one that is held back comes after so many others. */
enum { RING_MESSAGES = 8192, BODY_BYTES_MAX = 1024, FAULTY_EVERY = 1000, HELD_FOR = 500 };

enum fault { FAULT_none, FAULT_lose, FAULT_double, FAULT_delay };

struct ring {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t in, out;
    struct {
        uint32_t size;
        char body[BODY_BYTES_MAX];
    } places[RING_MESSAGES];
};

struct memory {
    uint32_t consumers;
    struct ring rings[];
};

struct memory_producer {
    struct memory *memory;
    uint32_t unconfirmed; /* nobody asked yet */
    uint64_t published;
    struct ring *held_ring;
    struct span held; /* data NULL: none */
    char held_body[BODY_BYTES_MAX];
};

struct memory_consumer {
    struct ring *ring;
    uint32_t received; /* of the ring's places, not yet given back */
};

static void *memory_begin(const struct peer_settings *settings)
{
    struct memory *memory = must_zalloc(1, sizeof *memory + settings->consumers * sizeof memory->rings[0]);
    memory->consumers = (uint32_t)settings->consumers;
    for (uint32_t i = 0; i < memory->consumers; i++) {
        pthread_mutex_init(&memory->rings[i].lock, NULL);
        pthread_cond_init(&memory->rings[i].changed, NULL);
    }
    return memory;
}

static void memory_end(void *shared)
{
    struct memory *memory = shared;
    for (uint32_t i = 0; i < memory->consumers; i++) {
        pthread_mutex_destroy(&memory->rings[i].lock);
        pthread_cond_destroy(&memory->rings[i].changed);
    }
    free(memory);
}

static void *memory_producer_open(const struct peer_settings *settings, void *shared)
{
    (void)settings;
    struct memory_producer *producer = must_zalloc(1, sizeof *producer);
    producer->memory = shared;
    return producer;
}

static void ring_put(struct ring *ring, struct span body)
{
    ASSERT(body.size <= BODY_BYTES_MAX);
    pthread_mutex_lock(&ring->lock);
    while (ring->in - ring->out == RING_MESSAGES)
        pthread_cond_wait(&ring->changed, &ring->lock);
    uint64_t place = ring->in++ % RING_MESSAGES;
    ring->places[place].size = body.size;
    memcpy(ring->places[place].body, body.data, body.size);
    pthread_cond_broadcast(&ring->changed);
    pthread_mutex_unlock(&ring->lock);
}

static void body_hold(struct memory_producer *producer, struct ring *ring, struct span body)
{
    memcpy(producer->held_body, body.data, body.size);
    producer->held = (struct span){producer->held_body, body.size};
    producer->held_ring = ring;
}

static void body_publish(struct memory_producer *producer, struct ring *ring, struct span body, enum fault fault)
{
    bool faulty = producer->published % FAULTY_EVERY == 0;
    if (faulty && fault == FAULT_delay)
        body_hold(producer, ring, body);
    else if (!faulty || fault != FAULT_lose)
        ring_put(ring, body);
    if (faulty && fault == FAULT_double)
        ring_put(ring, body);
    if (producer->held.data && producer->published % FAULTY_EVERY == HELD_FOR) {
        ring_put(producer->held_ring, producer->held);
        producer->held.data = NULL;
    }
    producer->published++;
}

static void publish(struct memory_producer *producer, const struct peer_message *messages, uint32_t count, enum fault fault)
{
    struct memory *memory = producer->memory;
    for (uint32_t i = 0; i < count; i++)
        body_publish(producer, &memory->rings[messages[i].queue % memory->consumers], messages[i].body, fault);
    producer->unconfirmed += count;
}

static void memory_publish(void *producer, const struct peer_message *messages, uint32_t count)
{
    publish(producer, messages, count, FAULT_none);
}

static void memory_publish_lossy(void *producer, const struct peer_message *messages, uint32_t count)
{
    publish(producer, messages, count, FAULT_lose);
}

static void memory_publish_doubling(void *producer, const struct peer_message *messages, uint32_t count)
{
    publish(producer, messages, count, FAULT_double);
}

static void memory_publish_delaying(void *producer, const struct peer_message *messages, uint32_t count)
{
    publish(producer, messages, count, FAULT_delay);
}

static struct timespec timespec_of(uint64_t ns)
{
    return (struct timespec){(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
}

static uint32_t memory_confirmed(void *context, uint64_t wait_ns)
{
    struct memory_producer *producer = context;
    uint32_t count = producer->unconfirmed;
    producer->unconfirmed = 0;
    struct timespec wait = timespec_of(wait_ns);
    if (!count)
        nanosleep(&wait, NULL);
    return count;
}

static void memory_producer_close(void *producer)
{
    free(producer);
}

static void *memory_consumer_open(const struct peer_settings *settings, void *shared, uint32_t index)
{
    (void)settings;
    struct memory *memory = shared;
    struct memory_consumer *consumer = must_zalloc(1, sizeof *consumer);
    consumer->ring = &memory->rings[index];
    return consumer;
}

static void places_give_back(struct memory_consumer *consumer)
{
    consumer->ring->out += consumer->received;
    if (consumer->received)
        pthread_cond_broadcast(&consumer->ring->changed);
    consumer->received = 0;
}

static uint32_t memory_receive(void *context, struct span bodies[PEER_RECEIVE_MAX], uint64_t wait_ns)
{
    struct memory_consumer *consumer = context;
    struct ring *ring = consumer->ring;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until = timespec_of((uint64_t)until.tv_sec * 1000000000 + (uint64_t)until.tv_nsec + wait_ns);
    pthread_mutex_lock(&ring->lock);
    places_give_back(consumer);
    while (ring->in == ring->out && pthread_cond_timedwait(&ring->changed, &ring->lock, &until) == 0)
        ;
    uint64_t count = ring->in - ring->out;
    consumer->received = (uint32_t)(count < PEER_RECEIVE_MAX ? count : PEER_RECEIVE_MAX);
    for (uint32_t i = 0; i < consumer->received; i++) {
        uint64_t place = (ring->out + i) % RING_MESSAGES;
        bodies[i] = (struct span){ring->places[place].body, ring->places[place].size};
    }
    pthread_mutex_unlock(&ring->lock);
    return consumer->received;
}

/* The places are given back when the next are asked for. */
static void memory_acknowledge(void *consumer)
{
    (void)consumer;
}

static void memory_consumer_close(void *consumer)
{
    free(consumer);
}

#define MEMORY_BUT(name_, publish_)                                                                                                        \
    {                                                                                                                                      \
        .name = name_, .batch = 256, .begin = memory_begin, .end = memory_end, .producer_open = memory_producer_open, .publish = publish_, \
        .confirmed = memory_confirmed, .producer_close = memory_producer_close, .consumer_open = memory_consumer_open,                     \
        .receive = memory_receive, .acknowledge = memory_acknowledge, .consumer_close = memory_consumer_close,                             \
    }

const struct peer peer_memory = MEMORY_BUT("memory", memory_publish);
const struct peer peer_memory_lossy = MEMORY_BUT("memory-lossy", memory_publish_lossy);
const struct peer peer_memory_doubling = MEMORY_BUT("memory-doubling", memory_publish_doubling);
const struct peer peer_memory_delaying = MEMORY_BUT("memory-delaying", memory_publish_delaying);
