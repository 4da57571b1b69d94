#include <stdlib.h>

#include "base/check.h"
#include "bench/load/talk.h"

enum { ADDRESS_BYTES = STAMP_RUN_DIGITS + 2 * STAMP_NUMBER_DIGITS };

/* The conversation that a place holds, as its customer knows it. */
struct held {
    uint32_t life; /* its number in the run */
    uint32_t replies;
    uint64_t begin_ns;
    char address[ADDRESS_BYTES]; /* of the run, its life and its place: a customer never seen before */
    bool going_on;
};

struct connectors {
    struct talk *talk;
    struct clients clients;
    struct held *held;       /* by place; place p is of connector p modulo the connectors */
    uint64_t begun, allowed; /* no more than allowed are begun */
    char *body;
};

static void send_message(struct connectors *all, uint32_t place)
{
    const struct talk_options *options = all->talk->options;
    struct held *held = &all->held[place];
    struct stamp stamp = {all->talk->run.number, held->life, held->replies, place, held->begin_ns};
    char key[TALK_KEY_BYTES], topic[WIRE_NAME_MAX];
    stamp_write(all->body, &stamp);
    struct wire_change change = {.kind = CHANGE_message,
                                 .key = talk_key(key, 'm', &stamp),
                                 .address = {held->address, ADDRESS_BYTES},
                                 .text = {all->body, (uint32_t)options->body_bytes}};
    if (held->replies == 0) {
        house_name(topic, "topic", held->life % options->queues);
        change.topic = span_of(topic);
    }
    struct client *client = all->clients.members[place % options->connectors].client;
    if (client_submit(client, (uint32_t)(place / options->connectors), &change, 0) != STATUS_ok)
        run_fail(&all->talk->run, "a connector has more unanswered messages than its client takes");
}

/* A new customer at that place, if there shall be one. */
static void begin(struct connectors *all, uint32_t place)
{
    struct held *held = &all->held[place];
    if (all->begun == all->allowed)
        return;
    *held = (struct held){.life = (uint32_t)all->begun++, .begin_ns = run_now_ns(&all->talk->run), .going_on = true};
    stamp_digits(held->address, all->talk->run.number, STAMP_RUN_DIGITS);
    stamp_digits(held->address + STAMP_RUN_DIGITS, held->life, STAMP_NUMBER_DIGITS);
    stamp_digits(held->address + STAMP_RUN_DIGITS + STAMP_NUMBER_DIGITS, place, STAMP_NUMBER_DIGITS);
    send_message(all, place);
}

static void record_latency(struct connectors *all, struct histogram *histogram, const struct held *held)
{
    if (held->life >= all->talk->warm_up)
        histogram_record(histogram, run_now_ns(&all->talk->run) - held->begin_ns);
}

static void take_reply(struct connectors *all, const struct stamp *stamp)
{
    struct talk *talk = all->talk;
    struct held *held = &all->held[stamp->index];
    if (!talk_expect(&talk->replies, held->life == stamp->conversation ? stamp->number : UINT64_MAX, held->replies))
        return;
    if (++held->replies == 1)
        record_latency(all, &talk->first_reply_ns, held);
    if (held->replies < talk->options->turns)
        send_message(all, stamp->index);
}

/* The place is the last of the address. */
static struct held *held_by(struct connectors *all, struct span address)
{
    uint64_t place = 0;
    for (uint32_t i = ADDRESS_BYTES - STAMP_NUMBER_DIGITS; i < address.size; i++)
        place = place << 6 | (uint64_t)(address.data[i] - '0');
    if (address.size != ADDRESS_BYTES || place >= all->talk->options->inflight ||
        memcmp(all->held[place].address, address.data, ADDRESS_BYTES) != 0)
        return NULL;
    return &all->held[place];
}

static void take_end(struct connectors *all, const struct wire_record *record)
{
    struct talk *talk = all->talk;
    struct held *held = held_by(all, record->address);
    if (!held || !held->going_on) {
        talk->ends.duplicated++;
        return;
    }
    talk->ends.received++;
    talk->ends.reordered += held->replies != talk->options->turns;
    held->going_on = false;
    record_latency(all, &talk->life_ns, held);
    talk->end_ns = run_now_ns(&talk->run);
    atomic_fetch_add(&talk->ended, 1);
    begin(all, (uint32_t)(held - all->held));
}

static void on_delivery(struct member *member, const struct wire_record *record)
{
    struct connectors *all = member->all->options.owner;
    struct stamp stamp;
    if (record->kind == RECORD_finished)
        take_end(all, record);
    else if (record->kind == RECORD_reply && stamp_read(record->text, &stamp) && stamp.run == all->talk->run.number &&
             stamp.index < all->talk->options->inflight)
        take_reply(all, &stamp);
}

/* Conversations begin at every place and follow each other there, until so many have ended in all. */
static void hold(struct connectors *all, uint64_t count)
{
    all->allowed = count;
    for (uint32_t place = 0; place < all->talk->options->inflight; place++)
        begin(all, place);
    while (atomic_load(&all->talk->ended) < count && run_goes_on(&all->talk->run))
        clients_wait(&all->clients, RUN_SLICE_MS * 1000000ull);
}

static bool connectors_open(struct connectors *all, struct talk *talk)
{
    *all = (struct connectors){.talk = talk};
    all->held = must_zalloc(talk->options->inflight, sizeof *all->held);
    all->body = must_alloc(talk->options->body_bytes);
    memset(all->body, '.', talk->options->body_bytes);
    const struct clients_options options = {.kind = "connector",
                                            .role = ROLE_connector,
                                            .count = talk->options->connectors,
                                            .lanes = TALK_LANES,
                                            .batch_max = TALK_BATCH,
                                            .pending_max = (uint32_t)(talk->options->inflight + 65536),
                                            .fetch_credit = TALK_FETCH_CREDIT,
                                            .owner = all,
                                            .on_delivery = on_delivery};
    return clients_open(&all->clients, &talk->run, &options);
}

void *talk_connectors_run(void *context)
{
    struct talk *talk = context;
    struct connectors all;
    bool opened = connectors_open(&all, talk);
    while (opened && all.clients.ready < talk->options->connectors && run_goes_on(&talk->run))
        clients_wait(&all.clients, RUN_SLICE_MS * 1000000ull);
    if (opened) {
        hold(&all, talk->warm_up);
        talk->use_before = run_use(&talk->run);
        talk->begin_ns = run_now_ns(&talk->run);
        hold(&all, talk->warm_up + talk->options->conversations);
    }
    /* Its last cursors tell the broker that the replies have come. */
    while (opened && run_goes_on(&talk->run))
        clients_wait(&all.clients, RUN_SLICE_MS * 1000000ull);
    clients_close(&all.clients);
    free(all.held);
    free(all.body);
    return NULL;
}
