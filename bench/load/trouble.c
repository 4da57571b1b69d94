#include "bench/load/trouble.h"

#include <errno.h>

#include "base/check.h"
#include "bench/load/house.h"
#include "bench/load/stamp.h"

enum { CONVERSATIONS = 16, LONG_HISTORY = 4096, BATCH = 64, TEXT_BYTES = 250, WAIT_NS = 2000000, KEY_BYTES = 16, READER_BODY_BATCH = 256 };

/* What a reply answers. */
enum tag { TAG_hello = 1, TAG_available, TAG_submit, TAG_fetch, TAG_history, TAG_status };

/* Whom it takes, and what they do. */
static const struct kind {
    const char *name, *about;
    enum role first;   /* the first one's; 0: those who die */
    bool agent, clock; /* the second is an agent; something is done on the clock, not as soon as the last was answered */
    bool first_deaf, agent_deaf;
} kinds[TROUBLE_KINDS] = {
    [TROUBLE_none] = {"nothing", "nothing: how much two phases differ by themselves", 0, false, false, false, false},
    [TROUBLE_sleeping_agent] = {"sleeping_agent", "an agent that gets messages and never fetches", ROLE_connector, true, true, false,
                                false},
    [TROUBLE_deaf_agent] = {"deaf_agent", "an agent that fetches and never reads", ROLE_connector, true, true, false, true},
    [TROUBLE_deaf_connector] = {"deaf_connector", "a connector that submits and never reads", ROLE_connector, false, true, true, false},
    [TROUBLE_history_reader] = {"history_reader", "an agent that walks a long history", ROLE_connector, true, false, false, false},
    [TROUBLE_status_reader] = {"status_reader", "an operator that asks for the status", ROLE_operator, false, false, false, false},
    [TROUBLE_dying_connections] = {"dying_connections", "clients that connect and are killed", 0, false, true, false, false},
};

const char *trouble_name(enum trouble_kind kind)
{
    return kinds[kind].name;
}

const char *trouble_about(enum trouble_kind kind)
{
    return kinds[kind].about;
}

static enum trouble_kind present(const struct trouble *trouble)
{
    return (enum trouble_kind)atomic_load_explicit(&trouble->present, memory_order_relaxed);
}

static void acted(struct trouble *trouble)
{
    atomic_fetch_add_explicit(&trouble->actions, 1, memory_order_relaxed);
}

static void say_hello(struct trouble *trouble, struct troublemaker *maker, enum role role)
{
    char name[WIRE_NAME_MAX];
    house_name(name, "stranger", present(trouble));
    const struct frame frame = {.verb = VERB_hello,
                                .hello = {.version = WIRE_VERSION,
                                          .role = role,
                                          .name = span_of(role == ROLE_operator ? HOUSE_OPERATOR : name),
                                          .token = span_of(trouble->run->token.text)}};
    requester_ask(&maker->requester, TAG_hello, &frame);
}

static void say_available(struct trouble *trouble, struct troublemaker *maker)
{
    char key[WIRE_NAME_MAX];
    snprintf(key, sizeof key, "available-%u-%lu", trouble->run->number, maker->session);
    struct wire_change change = {.kind = CHANGE_availability, .key = span_of(key), .state = AGENT_STATE_available};
    const struct frame frame = {.verb = VERB_submit, .submit = {.session = maker->session, .changes = &change, .changes_count = 1}};
    requester_ask(&maker->requester, TAG_available, &frame);
}

static void fetch(struct troublemaker *maker)
{
    const struct frame frame = {.verb = VERB_fetch, .fetch = {.session = maker->session, .wait_ms = WIRE_WAIT_MS_MAX}};
    requester_ask(&maker->requester, TAG_fetch, &frame);
}

/* `count` messages from number `first` on, over so many conversations. A number sent before is a repeat. */
static void write_messages(struct trouble *trouble, uint64_t first, uint32_t count, uint32_t conversations)
{
    struct wire_change changes[READER_BODY_BATCH];
    char keys[READER_BODY_BATCH][KEY_BYTES], addresses[READER_BODY_BATCH][KEY_BYTES], text[TEXT_BYTES], topic[WIRE_NAME_MAX];
    struct troublemaker *maker = &trouble->items[0];
    ASSERT(count <= READER_BODY_BATCH);
    memset(text, '.', sizeof text);
    house_name(topic, "stranger", present(trouble));
    for (uint32_t i = 0; i < count; i++) {
        stamp_digits(keys[i], trouble->run->number, KEY_BYTES / 2);
        stamp_digits(keys[i] + KEY_BYTES / 2, first + i, KEY_BYTES / 2);
        stamp_digits(addresses[i], (uint64_t)present(trouble) << 24 | trouble->run->number, KEY_BYTES / 2);
        stamp_digits(addresses[i] + KEY_BYTES / 2, (first + i) % conversations, KEY_BYTES / 2);
        changes[i] = (struct wire_change){.kind = CHANGE_message,
                                          .key = {keys[i], KEY_BYTES},
                                          .address = {addresses[i], KEY_BYTES},
                                          .topic = span_of(topic),
                                          .text = {text, TEXT_BYTES}};
    }
    const struct frame frame = {.verb = VERB_submit, .submit = {.session = maker->session, .changes = changes, .changes_count = count}};
    requester_ask(&maker->requester, TAG_submit, &frame);
}

static void read_page(struct trouble *trouble)
{
    struct troublemaker *agent = &trouble->items[1];
    const struct frame frame = {
        .verb = VERB_history,
        .history = {
            .session = agent->session, .conversation = trouble->conversation, .before = trouble->before, .limit = WIRE_HISTORY_MAX}};
    requester_ask(&agent->requester, TAG_history, &frame);
}

static void read_status(struct troublemaker *maker)
{
    const struct frame frame = {.verb = VERB_status, .status = {.session = maker->session}};
    requester_ask(&maker->requester, TAG_status, &frame);
}

/* The history is written first, as far as it is not there yet. */
static void write_history(struct trouble *trouble, const struct wire_submitted *submitted)
{
    struct troublemaker *maker = &trouble->items[0];
    if (submitted && submitted->results_count)
        trouble->conversation = submitted->results[0].conversation;
    if (maker->asked < LONG_HISTORY) {
        write_messages(trouble, maker->asked, READER_BODY_BATCH, 1);
        maker->asked += READER_BODY_BATCH;
    } else {
        trouble->before = 0;
        read_page(trouble);
    }
}

static bool all_are_ready(const struct trouble *trouble)
{
    const struct kind *kind = &kinds[present(trouble)];
    return (!kind->first || trouble->items[0].ready) && (!kind->agent || trouble->items[1].ready);
}

/* One has come, and is what it is. */
static void is_ready(struct trouble *trouble, struct troublemaker *maker)
{
    const struct kind *kind = &kinds[present(trouble)];
    maker->ready = true;
    if (maker == &trouble->items[0] ? kind->first_deaf : kind->agent_deaf)
        requester_stop_reading(&maker->requester);
    if (!all_are_ready(trouble))
        return;
    if (present(trouble) == TROUBLE_history_reader)
        write_history(trouble, NULL);
    else if (present(trouble) == TROUBLE_status_reader)
        read_status(maker);
}

static void on_open(struct requester *at)
{
    static const char half[] = {0, 0, 0, 0, 0, 0, 1, 0, (char)0x80, 0};
    struct troublemaker *maker = (struct troublemaker *)at;
    struct trouble *trouble = at->owner;
    if (present(trouble) != TROUBLE_dying_connections) {
        say_hello(trouble, maker, maker == trouble->items ? kinds[present(trouble)].first : ROLE_agent);
    } else if ((maker - trouble->items) % 2) {
        say_hello(trouble, maker, ROLE_agent);
    } else {
        requester_write(at, half, sizeof half);
        requester_close(at, true);
        acted(trouble);
    }
}

static void welcomed(struct trouble *trouble, struct troublemaker *maker, const struct wire_welcome *welcome)
{
    maker->session = welcome->session;
    if (present(trouble) == TROUBLE_dying_connections) {
        fetch(maker);
        requester_close(&maker->requester, true);
        acted(trouble);
    } else if (maker == &trouble->items[1]) {
        say_available(trouble, maker);
    } else {
        is_ready(trouble, maker);
    }
}

static void on_reply(struct requester *at, uint32_t tag, const struct frame *reply)
{
    struct troublemaker *maker = (struct troublemaker *)at;
    struct trouble *trouble = at->owner;
    bool reader = present(trouble) == TROUBLE_history_reader;
    if (tag == TAG_hello && reply->verb == VERB_welcome) {
        welcomed(trouble, maker, &reply->welcome);
    } else if (tag == TAG_available) {
        is_ready(trouble, maker);
    } else if (tag == TAG_submit && reader && reply->verb == VERB_submitted) {
        write_history(trouble, &reply->submitted);
    } else if (tag == TAG_history && reply->verb == VERB_page) {
        trouble->before = reply->page.before;
        acted(trouble);
        read_page(trouble);
    } else if (tag == TAG_status && reply->verb == VERB_overview) {
        acted(trouble);
        read_status(maker);
    } else if (tag == TAG_hello || reader || tag == TAG_status) {
        /* Whom the broker refuses is gone; a full house of dead sessions is one of its answers. */
        requester_close(at, false);
        maker->ready = false;
    }
}

static void on_gone(struct requester *at)
{
    ((struct troublemaker *)at)->ready = false;
}

static void dial(struct trouble *trouble, struct troublemaker *maker)
{
    *maker = (struct troublemaker){.requester = {.fd = -1, .owner = trouble}};
    if (!requester_dial(&trouble->requesters, &maker->requester))
        run_fail(trouble->run, "no connection: %s", strerror(errno));
}

/* Everybody who belongs to the kind is there, or on the way: the broker may throw them out. */
static void gather(struct trouble *trouble)
{
    const struct kind *kind = &kinds[present(trouble)];
    for (int i = 0; i < 2; i++)
        if ((i == 0 ? kind->first != 0 : kind->agent) && trouble->items[i].requester.fd < 0)
            dial(trouble, &trouble->items[i]);
}

static void act(struct trouble *trouble)
{
    switch (present(trouble)) {
    case TROUBLE_sleeping_agent:
        write_messages(trouble, trouble->messages++, 1, CONVERSATIONS);
        break;
    case TROUBLE_deaf_agent:
        write_messages(trouble, trouble->messages++, 1, CONVERSATIONS);
        fetch(&trouble->items[1]);
        break;
    case TROUBLE_deaf_connector:
        write_messages(trouble, 0, BATCH, CONVERSATIONS);
        break;
    case TROUBLE_dying_connections:
        for (int i = 0; i < TROUBLE_MAKERS; i++)
            if (trouble->items[i].requester.fd < 0) {
                dial(trouble, &trouble->items[i]);
                return;
            }
        return;
    case TROUBLE_none:
    case TROUBLE_history_reader:
    case TROUBLE_status_reader:
    case TROUBLE_KINDS:
        return;
    }
    acted(trouble);
}

/* What is due by now. Whoever leaves everything unread is not sent more than it would take: its socket is full, and stays so. */
static void act_on_the_clock(struct trouble *trouble)
{
    uint64_t due = (uint64_t)((double)(run_now_ns(trouble->run) - trouble->begin_ns) / 1e9 * (double)trouble->rate);
    for (; trouble->done < due; trouble->done++)
        if (all_are_ready(trouble) && !requester_unwritten(&trouble->items[0].requester) &&
            !requester_unwritten(&trouble->items[1].requester))
            act(trouble);
}

static void change_kind(struct trouble *trouble, enum trouble_kind kind)
{
    for (int i = 0; i < TROUBLE_MAKERS; i++)
        requester_close(&trouble->items[i].requester, false);
    for (int i = 0; i < TROUBLE_MAKERS; i++)
        trouble->items[i] = (struct troublemaker){.requester.fd = -1, .requester.owner = trouble};
    atomic_store(&trouble->actions, 0);
    trouble->done = 0;
    trouble->begin_ns = run_now_ns(trouble->run);
    atomic_store(&trouble->present, kind);
}

static void *thread_run(void *context)
{
    struct trouble *trouble = context;
    while (run_goes_on(trouble->run)) {
        uint32_t wanted = atomic_load(&trouble->wanted);
        if (wanted != present(trouble))
            change_kind(trouble, (enum trouble_kind)wanted);
        gather(trouble);
        if (kinds[present(trouble)].clock)
            act_on_the_clock(trouble);
        requesters_wait(&trouble->requesters, WAIT_NS);
    }
    change_kind(trouble, TROUBLE_none);
    return NULL;
}

bool trouble_open(struct trouble *trouble, struct run *run, uint64_t rate)
{
    *trouble = (struct trouble){.run = run, .rate = rate};
    for (int i = 0; i < TROUBLE_MAKERS; i++)
        trouble->items[i].requester.fd = -1;
    const struct requesters_user user = {trouble, on_open, on_reply, on_gone};
    if (!requesters_init(&trouble->requesters, run->url, &user)) {
        run_fail(run, "%s: expected tcp://ADDRESS:PORT, with the address in numbers", run->url);
        return false;
    }
    trouble->running = pthread_create(&trouble->thread, NULL, thread_run, trouble) == 0;
    if (!trouble->running)
        run_fail(run, "no thread could be started");
    return trouble->running;
}

static bool has_begun(const void *context)
{
    const struct trouble *trouble = context;
    uint32_t wanted = atomic_load(&trouble->wanted);
    return atomic_load(&trouble->present) == wanted && (wanted == TROUBLE_none || atomic_load(&trouble->actions) > 0);
}

bool trouble_make(struct trouble *trouble, enum trouble_kind kind)
{
    atomic_store(&trouble->wanted, kind);
    return run_await(trouble->run, has_begun, trouble);
}

void trouble_close(struct trouble *trouble)
{
    if (!trouble->run)
        return;
    if (trouble->running)
        pthread_join(trouble->thread, NULL);
    requesters_fini(&trouble->requesters);
}
