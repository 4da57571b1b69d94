#include <stdlib.h>

#include "base/check.h"
#include "bench/load/talk.h"

/* The conversation that a place holds, as its agent knows it. */
struct held {
    uint32_t life; /* its number in the run; meaningless before the first offer */
    uint32_t replied;
    uint64_t epoch;
    bool offered;
};

struct agents {
    struct talk *talk;
    struct clients clients;
    struct held *held; /* by place */
    char *body;
};

static void submit(struct agents *all, struct member *member, uint32_t place, const struct wire_change *change)
{
    if (client_submit(member->client, place, change, 0) != STATUS_ok)
        run_fail(&all->talk->run, "an agent has more unanswered changes than its client takes");
}

/* False: the text is none of this run's. */
static bool stamp_of(const struct agents *all, const struct wire_record *record, struct stamp *out)
{
    return record->kind == RECORD_message && stamp_read(record->text, out) && out->run == all->talk->run.number &&
           out->index < all->talk->options->inflight;
}

/* The place of a conversation that comes with its history: as its first message says. */
static bool first_stamp(const struct agents *all, const struct wire_record *record, struct stamp *out)
{
    for (uint32_t i = 0; i < record->history_count; i++)
        if (stamp_of(all, &record->history[i], out))
            return true;
    return false;
}

static void accept_offer(struct agents *all, struct member *member, const struct wire_record *record, const struct stamp *stamp)
{
    struct talk *talk = all->talk;
    struct held *held = &all->held[stamp->index];
    char key[TALK_KEY_BYTES];
    if (held->offered && held->life == stamp->conversation) {
        talk->offers.duplicated++;
        return;
    }
    *held = (struct held){.life = stamp->conversation, .offered = true};
    talk->offers.received++;
    if (stamp->conversation >= talk->warm_up)
        histogram_record(&talk->offer_ns, run_now_ns(&talk->run) - stamp->sent_ns);
    struct wire_change change = {
        .kind = CHANGE_accept, .key = talk_key(key, 'a', stamp), .conversation = record->conversation, .offer = record->lsn};
    submit(all, member, stamp->index, &change);
}

static void reply(struct agents *all, struct member *member, uint64_t conversation, const struct stamp *stamp)
{
    const struct talk_options *options = all->talk->options;
    struct held *held = &all->held[stamp->index];
    char key[TALK_KEY_BYTES];
    stamp_write(all->body, stamp);
    struct wire_change change = {.kind = CHANGE_reply,
                                 .key = talk_key(key, 'r', stamp),
                                 .conversation = conversation,
                                 .epoch = held->epoch,
                                 .text = {all->body, (uint32_t)options->body_bytes}};
    submit(all, member, stamp->index, &change);
    if (++held->replied < options->turns)
        return;
    change =
        (struct wire_change){.kind = CHANGE_finish, .key = talk_key(key, 'f', stamp), .conversation = conversation, .epoch = held->epoch};
    submit(all, member, stamp->index, &change);
}

static void on_delivery(struct member *member, const struct wire_record *record)
{
    struct agents *all = member->all->options.owner;
    struct stamp stamp;
    if (record->kind == RECORD_offered && first_stamp(all, record, &stamp)) {
        accept_offer(all, member, record, &stamp);
    } else if (record->kind == RECORD_assigned && first_stamp(all, record, &stamp)) {
        struct held *held = &all->held[stamp.index];
        held->epoch = record->epoch;
        /* It is given with its first message, which is thereby received. */
        if (talk_expect(&all->talk->messages, held->life == stamp.conversation ? 0 : UINT64_MAX, held->replied))
            reply(all, member, record->conversation, &stamp);
    } else if (stamp_of(all, record, &stamp)) {
        struct held *held = &all->held[stamp.index];
        if (talk_expect(&all->talk->messages, held->life == stamp.conversation ? stamp.number : UINT64_MAX, held->replied))
            reply(all, member, record->conversation, &stamp);
    } else if (record->kind == RECORD_withdrawn) {
        run_fail(&all->talk->run, "an offer was withdrawn: %.*s", (int)record->reason.size, record->reason.data);
    }
}

void *talk_agents_run(void *context)
{
    struct talk *talk = context;
    struct agents all = {.talk = talk};
    const struct clients_options options = {.kind = "agent",
                                            .role = ROLE_agent,
                                            .count = talk->options->agents,
                                            .lanes = TALK_LANES,
                                            .batch_max = TALK_BATCH,
                                            .pending_max = (uint32_t)(2 * talk->options->inflight + 65536),
                                            .fetch_credit = TALK_FETCH_CREDIT,
                                            .owner = &all,
                                            .on_delivery = on_delivery};
    all.held = must_zalloc(talk->options->inflight, sizeof *all.held);
    all.body = must_alloc(talk->options->body_bytes);
    memset(all.body, '.', talk->options->body_bytes);
    bool opened = clients_open(&all.clients, &talk->run, &options);
    while (opened && run_goes_on(&talk->run)) {
        clients_wait(&all.clients, RUN_SLICE_MS * 1000000ull);
        atomic_store(&talk->agents_ready, atomic_load_explicit(&all.clients.ready, memory_order_relaxed));
    }
    clients_close(&all.clients);
    free(all.held);
    free(all.body);
    return NULL;
}
