#include "bench/peers/load.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include "base/check.h"
#include "bench/clock.h"
#include "bench/load/proof.h"

enum { SLICE_MS = 20, NS_PER_MS = 1000000 };

struct load {
    const struct peer *peer;
    const struct load_options *options;
    void *shared;
    _Atomic bool stop;
    _Atomic uint32_t consumers_ready;
    _Atomic uint64_t delivered;

    /* Of the producer's thread, which is the caller's. */
    void *producer;
    uint32_t *numbers; /* per conversation: of its last message */
    char *bodies;
    uint64_t sent, confirmed;
    uint64_t last_confirmed_ns;

    /* Of the consumers, one at a time. */
    pthread_mutex_t lock;
    struct proof proof;
    uint64_t last_delivered_ns;
    struct histogram *deliver_ns;

    /* The timed part: written before its first message is sent. */
    _Atomic uint64_t counted_from; /* index */
    uint64_t counted_from_ns;
};

struct load_consumer {
    struct load *load;
    uint32_t index;
    pthread_t thread;
};

static double process_cpu_s(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) + (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

/* Under the lock, so that the order in which consumers come here is the order in which messages were delivered. */
static void bodies_verify(struct load *load, const struct span *bodies, uint32_t count)
{
    pthread_mutex_lock(&load->lock);
    uint64_t now_ns = clock_ns(), counted_from = load->counted_from;
    for (uint32_t i = 0; i < count; i++) {
        struct stamp stamp;
        if (!stamp_read(bodies[i], &stamp))
            peer_fail("a message of %u bytes came that nobody sent", bodies[i].size);
        if (proof_arrival(&load->proof, &stamp) && stamp.index >= counted_from)
            histogram_record(load->deliver_ns, now_ns - stamp.sent_ns);
    }
    load->last_delivered_ns = now_ns;
    load->delivered = load->proof.delivered;
    pthread_mutex_unlock(&load->lock);
}

static void *consumer_run(void *context)
{
    const struct load_consumer *self = context;
    struct load *load = self->load;
    const struct peer *peer = load->peer;
    struct span *bodies = must_zalloc(PEER_RECEIVE_MAX, sizeof *bodies);
    void *consumer = peer->consumer_open(&load->options->settings, load->shared, self->index);
    prctl(PR_SET_TIMERSLACK, 1);
    load->consumers_ready++;
    /* At the end for as long as something comes: it would be too much. */
    for (uint32_t count = 0; count || !load->stop;) {
        count = peer->receive(consumer, bodies, SLICE_MS * NS_PER_MS);
        if (!count)
            continue;
        bodies_verify(load, bodies, count);
        peer->acknowledge(consumer);
    }
    peer->consumer_close(consumer);
    free(bodies);
    return NULL;
}

/* The next `count` messages, stamped with the time they are sent or were due. A conversation stays in its queue and keeps its priority. */
static void messages_send(struct load *load, uint32_t count, const uint64_t *due_ns)
{
    const struct load_options *options = load->options;
    struct peer_message messages[PEER_RECEIVE_MAX];
    uint64_t now_ns = clock_ns();
    for (uint32_t i = 0; i < count; i++) {
        uint32_t conversation = (uint32_t)(load->sent % options->conversations), queues = (uint32_t)options->settings.queues;
        struct stamp stamp = {.conversation = conversation,
                              .number = ++load->numbers[conversation],
                              .index = (uint32_t)load->sent++,
                              .sent_ns = due_ns ? due_ns[i] : now_ns};
        char *body = load->bodies + i * options->body_bytes;
        stamp_write(body, &stamp);
        messages[i] =
            (struct peer_message){conversation % queues, conversation / queues % PEER_PRIORITIES, {body, (uint32_t)options->body_bytes}};
    }
    load->peer->publish(load->producer, messages, count);
}

static void confirmations_take(struct load *load, uint64_t wait_ns)
{
    uint32_t count = load->peer->confirmed(load->producer, wait_ns);
    if (!count)
        return;
    load->confirmed += count;
    load->last_confirmed_ns = clock_ns();
    if (load->confirmed > load->sent)
        peer_fail("%lu messages were confirmed, but only %lu sent", load->confirmed, load->sent);
}

static uint64_t room(const struct load *load)
{
    uint64_t window = load->options->settings.window, open = load->sent - load->confirmed, left = load->options->messages_max - load->sent;
    uint64_t free_places = open < window ? window - open : 0;
    return free_places < left ? free_places : left;
}

static void send_closed(struct load *load, uint64_t until_ns)
{
    while (clock_ns() < until_ns && load->sent < load->options->messages_max) {
        uint64_t count = room(load), batch = load->peer->batch;
        if (count >= batch || (count && load->sent + count == load->options->messages_max))
            messages_send(load, (uint32_t)(count < batch ? count : batch), NULL);
        else
            confirmations_take(load, SLICE_MS * NS_PER_MS);
    }
}

/* Each message is due at its time, whatever became of those before; those that are due together go together. */
static void send_paced(struct load *load, uint64_t until_ns)
{
    uint64_t begin_ns = clock_ns(), first = load->sent, due_ns[PEER_RECEIVE_MAX];
    for (uint64_t now_ns; (now_ns = clock_ns()) < until_ns && load->sent < load->options->messages_max;) {
        uint64_t places = room(load), next_ns = until_ns;
        uint32_t count = 0;
        while (count < places && count < PEER_RECEIVE_MAX) {
            next_ns = begin_ns + (load->sent + count - first) * 1000000000 / load->options->rate;
            if (next_ns > now_ns)
                break;
            due_ns[count++] = next_ns;
        }
        if (count)
            messages_send(load, count, due_ns);
        now_ns = clock_ns();
        confirmations_take(load, next_ns > now_ns ? next_ns - now_ns : 0);
    }
}

static void send_for(struct load *load, uint64_t ms)
{
    uint64_t until_ns = clock_ns() + ms * NS_PER_MS;
    if (load->options->rate)
        send_paced(load, until_ns);
    else
        send_closed(load, until_ns);
}

/* Until everything is confirmed and delivered, or nothing more came for as long as one has patience. */
static void settle(struct load *load)
{
    uint64_t before = UINT64_MAX, since_ns = clock_ns();
    while (load->confirmed < load->sent || load->delivered < load->sent) {
        uint64_t progress = load->confirmed + load->delivered, now_ns = clock_ns();
        if (progress != before) {
            before = progress;
            since_ns = now_ns;
        }
        if (now_ns - since_ns > load->options->patience_ms * NS_PER_MS)
            return;
        if (load->confirmed < load->sent)
            confirmations_take(load, SLICE_MS * NS_PER_MS);
        else
            nanosleep(&(struct timespec){0, NS_PER_MS}, NULL);
    }
}

static void load_init(struct load *load, const struct peer *peer, const struct load_options *options, struct histogram *deliver_ns)
{
    ASSERT(options->messages_max <= STAMP_NUMBER_MAX && options->body_bytes >= STAMP_BYTES && peer->batch <= PEER_RECEIVE_MAX &&
           peer->batch <= options->settings.window);
    *load = (struct load){.peer = peer, .options = options, .deliver_ns = deliver_ns, .counted_from = UINT64_MAX};
    pthread_mutex_init(&load->lock, NULL);
    proof_init(&load->proof, options->conversations, options->messages_max);
    for (uint32_t i = 0; i < options->conversations; i++)
        proof_arrival(&load->proof, &(struct stamp){.conversation = i});
    load->numbers = must_zalloc(options->conversations, sizeof *load->numbers);
    load->bodies = must_alloc(PEER_RECEIVE_MAX * options->body_bytes);
    memset(load->bodies, '.', PEER_RECEIVE_MAX * options->body_bytes);
    load->shared = peer->begin ? peer->begin(&options->settings) : NULL;
    load->producer = peer->producer_open(&options->settings, load->shared);
}

static void load_fini(struct load *load)
{
    load->peer->producer_close(load->producer);
    if (load->peer->end)
        load->peer->end(load->shared);
    free(load->bodies);
    free(load->numbers);
    proof_fini(&load->proof);
    pthread_mutex_destroy(&load->lock);
}

static void consumers_start(struct load *load, struct load_consumer *consumers)
{
    uint32_t count = (uint32_t)load->options->settings.consumers;
    for (uint32_t i = 0; i < count; i++) {
        consumers[i] = (struct load_consumer){.load = load, .index = i};
        ASSERT(pthread_create(&consumers[i].thread, NULL, consumer_run, &consumers[i]) == 0);
    }
    while (load->consumers_ready < count)
        nanosleep(&(struct timespec){0, NS_PER_MS}, NULL);
}

static void consumers_stop(struct load *load, struct load_consumer *consumers)
{
    load->stop = true;
    for (uint32_t i = 0; i < load->options->settings.consumers; i++)
        pthread_join(consumers[i].thread, NULL);
}

static void result_of(const struct load *load, struct load_result *out)
{
    uint64_t end_ns = load->last_confirmed_ns > load->last_delivered_ns ? load->last_confirmed_ns : load->last_delivered_ns;
    out->messages = load->sent - load->counted_from;
    out->seconds = (double)(end_ns - load->counted_from_ns) / 1e9;
    out->messages_per_second = (double)out->messages / out->seconds;
    out->lost = load->sent - load->proof.delivered;
    out->duplicated = load->proof.duplicated;
    out->reordered = load->proof.reordered;
}

void load_run(const struct peer *peer, const struct load_options *options, struct load_result *out)
{
    struct load load;
    struct load_consumer consumers[PEER_CONSUMERS_MAX];
    *out = (struct load_result){.messages = 0};
    load_init(&load, peer, options, &out->deliver_ns);
    consumers_start(&load, consumers);
    prctl(PR_SET_TIMERSLACK, 1);
    send_for(&load, options->warm_up_ms);
    settle(&load);

    double cpu_before_s = process_cpu_s();
    load.counted_from_ns = clock_ns();
    load.counted_from = load.sent;
    send_for(&load, options->run_ms);
    settle(&load);
    out->load_cpu_s = process_cpu_s() - cpu_before_s;
    consumers_stop(&load, consumers);
    result_of(&load, out);
    load_fini(&load);
}
