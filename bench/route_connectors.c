#include <poll.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/check.h"
#include "bench/route.h"

enum {
    TAG_TIME_BITS = 44, /* a tag is the lane and, below it, when the change was meant to be sent */
    KEY_BYTES = STAMP_RUN_DIGITS + 2 * STAMP_NUMBER_DIGITS,
    ADDRESS_BYTES = STAMP_RUN_DIGITS + STAMP_NUMBER_DIGITS,
};

/* Some conversations and one submit at a time: their order is kept because they never leave it. */
struct lane {
    struct client *client;
    uint32_t number;       /* of the client's lanes */
    uint32_t conversation; /* whose turn it is */
    uint32_t unanswered;
    uint64_t openers_left;
};

struct connector {
    struct connectors *all;
    struct client *client;
};

struct connectors {
    struct route *route;
    const struct route_options *options;
    struct connector *items;
    struct pollfd *fds;
    struct lane *lanes;
    uint32_t *idle; /* lanes with nothing unanswered, a stack */
    uint32_t idle_count;
    uint32_t *numbers; /* per conversation: of its next message */
    uint64_t ready, sent, answered;
    bool timed; /* false while conversations are being opened */
    char *body, key[KEY_BYTES], address[ADDRESS_BYTES];
};

static void on_ready(void *context, const struct wire_welcome *welcome)
{
    (void)welcome;
    struct connector *connector = context;
    connector->all->ready++;
}

static void on_refused(void *context, enum status status, struct span detail)
{
    struct connector *connector = context;
    route_fail(connector->all->route, "a connector was refused: %s %.*s", status_text(status), (int)detail.size, detail.data);
}

static void on_result(void *context, uint64_t tag, const struct wire_result *result)
{
    struct connector *connector = context;
    struct connectors *all = connector->all;
    if (result->status != STATUS_ok) {
        route_fail(all->route, "a message was refused: %s %.*s", status_text((enum status)result->status), (int)result->detail.size,
                   result->detail.data);
        return;
    }
    uint32_t index = (uint32_t)(tag >> TAG_TIME_BITS);
    if (all->timed) {
        uint64_t now_ns = route_now_ns(all->route);
        histogram_record(&all->route->ack_ns, now_ns - (tag & ((1ull << TAG_TIME_BITS) - 1)));
        all->route->last_answer_ns = now_ns;
    }
    all->answered++;
    bool on_the_clock = all->timed && all->options->rate;
    if (--all->lanes[index].unanswered == 0 && !on_the_clock)
        all->idle[all->idle_count++] = index;
}

/* True when the client took the next message of the lane. */
static bool lane_send(struct connectors *all, uint32_t index, uint64_t meant_ns)
{
    struct lane *lane = &all->lanes[index];
    struct stamp stamp = {all->route->run, lane->conversation, all->numbers[lane->conversation], (uint32_t)all->sent, meant_ns};
    stamp_write(all->body, &stamp);
    stamp_digits(all->key + STAMP_RUN_DIGITS, stamp.conversation, STAMP_NUMBER_DIGITS);
    stamp_digits(all->key + STAMP_RUN_DIGITS + STAMP_NUMBER_DIGITS, stamp.number, STAMP_NUMBER_DIGITS);
    memcpy(all->address, all->key, ADDRESS_BYTES);
    struct wire_change change = {.kind = CHANGE_message,
                                 .key = {all->key, KEY_BYTES},
                                 .address = {all->address, ADDRESS_BYTES},
                                 .text = {all->body, (uint32_t)all->options->body_bytes}};
    char topic[WIRE_NAME_MAX];
    if (!all->timed) {
        route_name(topic, "topic", stamp.conversation % all->options->queues);
        change.topic = span_of(topic);
    }
    if (client_submit(lane->client, lane->number, &change, (uint64_t)index << TAG_TIME_BITS | meant_ns) != STATUS_ok)
        return false;
    all->numbers[lane->conversation]++;
    lane->conversation += (uint32_t)all->options->inflight;
    if (lane->conversation >= all->options->conversations)
        lane->conversation = index;
    lane->unanswered++;
    all->sent += all->timed;
    return true;
}

/* Every lane that is idle sends its next batch, as far as there is something left to send. */
static void idle_lanes_send(struct connectors *all)
{
    while (all->idle_count && !atomic_load_explicit(&all->route->stop, memory_order_relaxed)) {
        uint32_t index = all->idle[all->idle_count - 1];
        struct lane *lane = &all->lanes[index];
        uint64_t left = all->timed ? all->options->messages - all->sent : lane->openers_left;
        uint64_t count = left < all->options->batch ? left : all->options->batch;
        uint64_t now_ns = route_now_ns(all->route);
        all->idle_count--;
        for (uint64_t i = 0; i < count; i++) {
            bool sent = lane_send(all, index, now_ns);
            ASSERT(sent);
        }
        lane->openers_left -= all->timed ? 0 : count;
    }
}

static void wait_and_dispatch(struct connectors *all, uint64_t timeout_ns)
{
    struct timespec timeout = {(time_t)(timeout_ns / 1000000000), (long)(timeout_ns % 1000000000)};
    bool any = ppoll(all->fds, all->options->connectors, &timeout, NULL) > 0;
    for (uint64_t i = 0; any && i < all->options->connectors; i++)
        if (all->fds[i].revents)
            client_dispatch(all->items[i].client);
}

static bool going_on(const struct connectors *all)
{
    return !atomic_load_explicit(&all->route->stop, memory_order_relaxed);
}

/* One batch each time it is due, on one lane after the other, whatever has become of those before: what waits, waits on the clock. */
static void send_paced(struct connectors *all)
{
    const struct route_options *options = all->options;
    uint64_t begin_ns = all->route->begin_ns, messages = options->messages;
    while (all->sent < messages && going_on(all)) {
        uint64_t burst = all->sent / options->batch, now_ns = route_now_ns(all->route);
        uint64_t due_ns = begin_ns + (uint64_t)((double)(burst * options->batch) * 1e9 / (double)options->rate);
        if (now_ns < due_ns)
            wait_and_dispatch(all, due_ns - now_ns);
        else if (!lane_send(all, (uint32_t)(burst % options->inflight), due_ns))
            wait_and_dispatch(all, ROUTE_SLICE_MS * 1000000ull);
    }
}

static void await_answers(struct connectors *all, uint64_t answers)
{
    while (all->answered < answers && going_on(all))
        wait_and_dispatch(all, ROUTE_SLICE_MS * 1000000ull);
}

static void send_closed_loop(struct connectors *all, uint64_t answers)
{
    while (all->answered < answers && going_on(all)) {
        idle_lanes_send(all);
        wait_and_dispatch(all, ROUTE_SLICE_MS * 1000000ull);
    }
}

static void open_conversations(struct connectors *all)
{
    send_closed_loop(all, all->options->conversations);
    while (atomic_load(&all->route->conversations_opened) < all->options->conversations && going_on(all))
        wait_and_dispatch(all, ROUTE_SLICE_MS * 1000000ull);
}

static void send_timed(struct connectors *all)
{
    struct route *route = all->route;
    route->use_before = private_broker_use(&route->broker);
    route->load_cpu_before_s = route_load_cpu_s();
    route->disk_bytes_before = private_broker_disk_bytes(&route->broker);
    all->timed = true;
    all->answered = 0;
    for (uint32_t i = 0; i < all->options->inflight; i++)
        all->idle[i] = i;
    all->idle_count = (uint32_t)all->options->inflight;
    route->begin_ns = route_now_ns(route);
    if (all->options->rate) {
        all->idle_count = 0;
        send_paced(all);
        await_answers(all, all->options->messages);
    } else {
        send_closed_loop(all, all->options->messages);
    }
    route->answered = all->answered;
}

static bool connector_open(struct connectors *all, uint64_t index)
{
    char name[WIRE_NAME_MAX];
    route_name(name, "connector", index);
    struct client_options options = {.url = all->route->url,
                                     .role = ROLE_connector,
                                     .name = name,
                                     .token = all->route->token.text,
                                     .lanes = (uint32_t)(all->options->inflight / all->options->connectors + 1),
                                     .batch_max = (uint32_t)all->options->batch,
                                     .pending_max = (uint32_t)(all->options->inflight * all->options->batch + 65536),
                                     .context = &all->items[index],
                                     .on_ready = on_ready,
                                     .on_result = on_result,
                                     .on_refused = on_refused};
    all->items[index].all = all;
    enum status status = client_open(&options, &all->items[index].client);
    if (status != STATUS_ok) {
        route_fail(all->route, "%s: %s", name, status_text(status));
        return false;
    }
    all->fds[index] = (struct pollfd){client_fd(all->items[index].client), POLLIN, 0};
    return true;
}

/* Conversation c belongs to lane c modulo the lanes, lane l to connector l modulo the connectors. */
static void lanes_init(struct connectors *all)
{
    const struct route_options *options = all->options;
    for (uint32_t i = 0; i < options->inflight; i++) {
        all->lanes[i] = (struct lane){.client = all->items[i % options->connectors].client,
                                      .number = (uint32_t)(i / options->connectors),
                                      .conversation = i,
                                      .openers_left = (options->conversations - i + options->inflight - 1) / options->inflight};
        all->idle[i] = i;
    }
    all->idle_count = (uint32_t)options->inflight;
}

static void connectors_init(struct connectors *all, struct route *route)
{
    const struct route_options *options = route->options;
    *all = (struct connectors){.route = route, .options = options};
    all->items = must_zalloc(options->connectors, sizeof *all->items);
    all->fds = must_zalloc(options->connectors, sizeof *all->fds);
    all->lanes = must_zalloc(options->inflight, sizeof *all->lanes);
    all->idle = must_zalloc(options->inflight, sizeof *all->idle);
    all->numbers = must_zalloc(options->conversations, sizeof *all->numbers);
    all->body = must_alloc(options->body_bytes);
    memset(all->body, '.', options->body_bytes);
    stamp_digits(all->key, route->run, STAMP_RUN_DIGITS);
}

static void connectors_fini(struct connectors *all)
{
    for (uint64_t i = 0; i < all->options->connectors; i++)
        if (all->items[i].client)
            client_close(all->items[i].client, !atomic_load(&all->route->failed));
    free(all->items);
    free(all->fds);
    free(all->lanes);
    free(all->idle);
    free(all->numbers);
    free(all->body);
}

void *route_connectors_run(void *context)
{
    struct connectors all;
    connectors_init(&all, context);
    /* Without this a pause of 100 us takes 150: the kernel rounds time-outs up for those who do not ask. */
    prctl(PR_SET_TIMERSLACK, 1ul);
    bool opened = true;
    for (uint64_t i = 0; i < all.options->connectors && opened; i++)
        opened = connector_open(&all, i);
    while (opened && all.ready < all.options->connectors && going_on(&all))
        wait_and_dispatch(&all, ROUTE_SLICE_MS * 1000000ull);
    if (opened) {
        lanes_init(&all);
        open_conversations(&all);
        if (going_on(&all))
            send_timed(&all);
    }
    atomic_store(&all.route->all_answered, true);
    connectors_fini(&all);
    return NULL;
}
