#include <stdlib.h>
#include <sys/prctl.h>

#include "base/check.h"
#include "bench/load/route.h"

enum {
    TAG_TIME_BITS = 44, /* a tag is the lane and, below it, when the change was meant to be sent */
    /* A stamp begins with the run, the conversation and the number in it: a customer's address, and a message's key. */
    KEY_BYTES = STAMP_RUN_DIGITS + 2 * STAMP_NUMBER_DIGITS,
    ADDRESS_BYTES = STAMP_RUN_DIGITS + STAMP_NUMBER_DIGITS,
};

/* Some conversations and one submit at a time: their order is kept because they never leave it. */
struct lane {
    struct client *client;
    uint32_t number;       /* of the client's lanes */
    uint32_t conversation; /* whose turn it is */
    uint32_t unopened;     /* the first that was not opened yet */
    uint32_t unanswered;
};

struct connectors {
    struct route *route;
    const struct route_options *options;
    struct clients clients;
    struct lane *lanes;
    uint32_t *idle; /* lanes with nothing unanswered, a stack */
    uint32_t idle_count;
    uint32_t *numbers;        /* per conversation: of its next message */
    struct route_phase phase; /* the present one */
    uint64_t sent, answered;  /* in it */
    bool timed;               /* false while conversations are being opened */
    char *body;
};

static void on_result(struct member *member, uint64_t tag, const struct wire_result *result)
{
    struct connectors *all = member->all->options.owner;
    uint32_t index = (uint32_t)(tag >> TAG_TIME_BITS);
    (void)result;
    if (all->timed) {
        uint64_t now_ns = run_now_ns(&all->route->run);
        histogram_record(&all->route->ack_ns, now_ns - (tag & ((1ull << TAG_TIME_BITS) - 1)));
        all->route->last_answer_ns = now_ns;
    }
    all->answered++;
    bool on_the_clock = all->timed && all->options->rate;
    if (--all->lanes[index].unanswered == 0 && !on_the_clock)
        all->idle[all->idle_count++] = index;
}

static bool going_on(const struct connectors *all)
{
    return run_goes_on(&all->route->run);
}

static void rest(struct connectors *all)
{
    clients_wait(&all->clients, RUN_SLICE_MS * 1000000ull);
}

/* The lane's next conversation moves on by one: those that a lane has are as far apart as there are lanes. */
static void lane_advance(struct connectors *all, uint32_t index)
{
    struct lane *lane = &all->lanes[index];
    lane->conversation += (uint32_t)all->options->inflight;
    if (!all->timed)
        lane->unopened = lane->conversation;
    else if (lane->conversation >= all->phase.conversations)
        lane->conversation = index;
}

/* True when the client took the next message of the lane. */
static bool lane_send(struct connectors *all, uint32_t index, uint64_t meant_ns)
{
    struct lane *lane = &all->lanes[index];
    uint64_t place = all->route->messages_before + all->sent;
    struct stamp stamp = {all->route->run.number, lane->conversation, all->numbers[lane->conversation], (uint32_t)place, meant_ns};
    stamp_write(all->body, &stamp);
    struct wire_change change = {.kind = CHANGE_message,
                                 .key = {all->body, KEY_BYTES},
                                 .address = {all->body, ADDRESS_BYTES},
                                 .text = {all->body, (uint32_t)all->options->body_bytes}};
    char topic[WIRE_NAME_MAX];
    if (!all->timed) {
        house_name(topic, "topic", stamp.conversation % all->options->queues);
        change.topic = span_of(topic);
    }
    if (client_submit(lane->client, lane->number, &change, (uint64_t)index << TAG_TIME_BITS | meant_ns) != STATUS_ok)
        return false;
    all->numbers[lane->conversation]++;
    lane_advance(all, index);
    lane->unanswered++;
    all->sent += all->timed;
    return true;
}

/* How many the lane has left to send, or to open. */
static uint64_t lane_left(const struct connectors *all, const struct lane *lane)
{
    if (all->timed)
        return all->phase.messages - all->sent;
    if (lane->unopened >= all->phase.conversations)
        return 0;
    return (all->phase.conversations - lane->unopened + all->options->inflight - 1) / all->options->inflight;
}

/* Every lane that is idle sends its next batch, as far as there is something left to send. */
static void idle_lanes_send(struct connectors *all)
{
    while (all->idle_count && going_on(all)) {
        uint32_t index = all->idle[--all->idle_count];
        uint64_t left = lane_left(all, &all->lanes[index]), count = left < all->options->batch ? left : all->options->batch;
        uint64_t now_ns = run_now_ns(&all->route->run);
        for (uint64_t i = 0; i < count; i++) {
            bool sent = lane_send(all, index, now_ns);
            ASSERT(sent);
        }
    }
}

/* One batch each time it is due, on one lane after the other, whatever has become of those before: what waits, waits on the clock. */
static void send_paced(struct connectors *all)
{
    const struct route_options *options = all->options;
    while (all->sent < all->phase.messages && going_on(all)) {
        uint64_t burst = all->sent / options->batch, now_ns = run_now_ns(&all->route->run);
        uint64_t due_ns = all->route->begin_ns + (uint64_t)((double)(burst * options->batch) * 1e9 / (double)options->rate);
        if (now_ns < due_ns)
            clients_wait(&all->clients, due_ns - now_ns);
        else if (!lane_send(all, (uint32_t)(burst % options->inflight), due_ns))
            rest(all);
    }
    while (all->answered < all->phase.messages && going_on(all))
        rest(all);
}

static void send_closed_loop(struct connectors *all, uint64_t answers)
{
    while (all->answered < answers && going_on(all)) {
        idle_lanes_send(all);
        rest(all);
    }
}

/* Nothing is under way, and every lane may begin. */
static void lanes_begin(struct connectors *all, bool timed)
{
    all->timed = timed;
    all->sent = all->answered = 0;
    for (uint32_t i = 0; i < all->options->inflight; i++) {
        all->lanes[i].conversation = timed ? i : all->lanes[i].unopened;
        all->idle[i] = i;
    }
    all->idle_count = timed && all->options->rate ? 0 : (uint32_t)all->options->inflight;
}

static void open_conversations(struct connectors *all, uint64_t before)
{
    lanes_begin(all, false);
    send_closed_loop(all, all->phase.conversations - before);
    while (atomic_load(&all->route->conversations_opened) < all->phase.conversations && going_on(all))
        rest(all);
}

static void send_timed(struct connectors *all)
{
    struct route *route = all->route;
    lanes_begin(all, true);
    route->use_before = run_use(&route->run);
    route->begin_ns = run_now_ns(&route->run);
    if (all->options->rate)
        send_paced(all);
    else
        send_closed_loop(all, all->phase.messages);
}

static bool connectors_open(struct connectors *all, struct route *route)
{
    const struct route_options *options = route->options;
    *all = (struct connectors){.route = route, .options = options};
    all->lanes = must_zalloc(options->inflight, sizeof *all->lanes);
    all->idle = must_zalloc(options->inflight, sizeof *all->idle);
    all->numbers = must_zalloc(route->proof.conversations, sizeof *all->numbers);
    all->body = must_alloc(options->body_bytes);
    memset(all->body, '.', options->body_bytes);
    const struct clients_options clients = {.kind = "connector",
                                            .role = ROLE_connector,
                                            .count = options->connectors,
                                            .lanes = (uint32_t)(options->inflight / options->connectors + 1),
                                            .batch_max = (uint32_t)options->batch,
                                            .pending_max = (uint32_t)(options->inflight * options->batch + 65536),
                                            .owner = all,
                                            .on_result = on_result};
    if (!clients_open(&all->clients, &route->run, &clients))
        return false;
    /* Conversation c belongs to lane c modulo the lanes, lane l to connector l modulo the connectors. */
    for (uint32_t i = 0; i < options->inflight; i++)
        all->lanes[i] = (struct lane){
            .client = all->clients.members[i % options->connectors].client, .number = (uint32_t)(i / options->connectors), .unopened = i};
    return true;
}

static void connectors_close(struct connectors *all)
{
    clients_close(&all->clients);
    free(all->lanes);
    free(all->idle);
    free(all->numbers);
    free(all->body);
}

void *route_connectors_run(void *context)
{
    struct route *route = context;
    struct connectors all;
    bool opened = connectors_open(&all, route);
    /* Without this a pause of 100 us takes 150: the kernel rounds time-outs up for those who do not ask. */
    prctl(PR_SET_TIMERSLACK, 1ul);
    while (opened && all.clients.ready < all.options->connectors && going_on(&all))
        rest(&all);
    for (uint32_t done = 0; opened && going_on(&all);) {
        uint32_t phase = atomic_load(&route->phase);
        if (phase == done) {
            rest(&all);
            continue;
        }
        uint64_t before = all.phase.conversations;
        all.phase = route->wanted;
        if (before < all.phase.conversations)
            open_conversations(&all, before);
        if (going_on(&all))
            send_timed(&all);
        done = phase;
        atomic_store(&route->phase_answered, done);
    }
    connectors_close(&all);
    return NULL;
}
