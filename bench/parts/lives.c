#include "bench/parts/lives.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "bench/clock.h"

enum {
    STEPS_PER_DRAIN = 8192, /* about what a broker does between two slices of its checkpoint */
    STEPS_PER_MS = 100,     /* of the made-up time */
    SWING_PERCENT = 22,     /* of the load, up and down */
    TURNS_PER_ROOM = 8,     /* of one spell: four times what it takes to serve everybody once */
};

/* Since `from`, and counted as the engine's. */
static uint64_t engine_took(struct lives *lives, uint64_t from)
{
    uint64_t took = clock_ns() - from;
    took = took > lives->clock_cost_ns ? took - lives->clock_cost_ns : 0;
    lives->result.engine_ns += took;
    return took;
}

/* Asks what a broker would have to read first; nothing, because what memory does not hold of a customer no store holds. */
static void prefetch(struct lives *lives, const struct event *event)
{
    struct missing missing = {.customer_absent = true, .conversation_absent = true};
    uint64_t from = clock_ns();
    bool is_missing = engine_missing(lives->engine, event, &missing);
    engine_took(lives, from);
    ASSERT(!is_missing);
}

static void note_offer(struct lives *lives, const struct record *record)
{
    lives->offered = must_make_room(lives->offered, lives->offered_count, &lives->offered_capacity, sizeof *lives->offered);
    lives->offered[lives->offered_count++] =
        (struct life){record->conversation, lives->agent_by_name[record->agent], record->epoch, record->lsn};
    lives->result.offers_arriving += record->conversation == lives->plan.outcome.conversation;
}

/* One step, timed; the offers it made are noted. The record of an offer is the decision, and what warming its event took is part of it. */
static void step_warmed(struct lives *lives, const struct event *event, uint64_t warming_ns)
{
    struct lives_result *result = &lives->result;
    uint32_t before = lives->offered_count;
    prefetch(lives, event);
    uint64_t from = clock_ns();
    engine_step(lives->engine, event, &lives->plan);
    uint64_t took = engine_took(lives, from) + warming_ns;
    ASSERT(lives->plan.outcome.status == STATUS_ok);
    lives->steps++;
    for (uint32_t i = 0; i < lives->plan.records_count; i++)
        if (lives->plan.records[i].kind == RECORD_offered)
            note_offer(lives, &lives->plan.records[i]);
    uint32_t offers = lives->offered_count - before;
    if (!offers)
        return;
    result->offers += offers;
    result->deciding_ns += took;
    result->warming_ns += warming_ns;
    histogram_record(&result->step_ns, took / offers);
}

static void step(struct lives *lives, const struct event *event)
{
    step_warmed(lives, event, 0);
}

static int64_t now_ms(const struct lives *lives)
{
    return 1000000 + (int64_t)(lives->steps / STEPS_PER_MS);
}

/* An event of the session, with a key that nobody used before in `key`. */
static struct event event_of(struct lives *lives, enum event_kind kind, session_id session, uint64_t key[2])
{
    key[0] = UINT64_C(0x6c69666520697320);
    key[1] = ++lives->keys;
    struct span bytes = {(const char *)key, lives->keyed ? 2 * sizeof *key : 0};
    return (struct event){.kind = kind, .now_ms = now_ms(lives), .session = session, .key = bytes};
}

static session_id say_hello(struct lives *lives, name_id principal)
{
    step(lives, &(struct event){.kind = EVENT_hello, .now_ms = now_ms(lives), .principal = principal});
    return lives->plan.outcome.session;
}

/* The session has dealt with everything delivered so far. */
static void acknowledge(struct lives *lives, session_id session)
{
    step(lives, &(struct event){
                    .kind = EVENT_fetched, .now_ms = now_ms(lives), .session = session, .cursor = engine_counters(lives->engine).newest});
}

void lives_drain(struct lives *lives)
{
    struct row row;
    name_id principal;
    lsn_t lsn;
    bool added;
    acknowledge(lives, lives->account);
    uint64_t from = clock_ns();
    while (engine_next_row(lives->engine, &row))
        while (engine_next_pending(lives->engine, &principal, &lsn, &added))
            ;
    engine_rows_saved(lives->engine);
    engine_took(lives, from);
    lives->drain_step = lives->steps + STEPS_PER_DRAIN;
}

/* The customer of a conversation: every one has its own. */
static struct span address_of(conversation_id id, char out[LIVES_ADDRESS_MAX])
{
    return (struct span){out, (uint32_t)snprintf(out, LIVES_ADDRESS_MAX, "+34%010lu", id)};
}

/* A message of the customer, as it comes from a connector. */
static struct event message_of(struct lives *lives, conversation_id id, uint64_t key[2], char address[LIVES_ADDRESS_MAX])
{
    static const char text[] =
        "Good morning, the parcel that was promised for Tuesday has not come yet; could you tell me where it is now?";
    struct event event = event_of(lives, EVENT_message, lives->account, key);
    event.address = address_of(id, address);
    event.text = (struct span){text, sizeof text - 1};
    return event;
}

static void write_message(struct lives *lives, conversation_id id)
{
    char address[LIVES_ADDRESS_MAX];
    uint64_t key[2];
    struct event event = message_of(lives, id, key, address);
    step(lives, &event);
    ASSERT(lives->plan.outcome.conversation == id);
}

static void reply(struct lives *lives, const struct life *life)
{
    uint64_t key[2];
    struct event event = event_of(lives, EVENT_reply, life->session, key);
    event.conversation = life->id;
    event.epoch = life->epoch;
    event.text = span_of("It is on its way, and should be with you before noon. Is there anything else I can do for you?");
    step(lives, &event);
}

static void accept_offer(struct lives *lives, struct life life)
{
    uint64_t key[2];
    struct event event = event_of(lives, EVENT_accept, life.session, key);
    event.conversation = life.id;
    event.offer = life.offer;
    step(lives, &event);
    life.epoch = lives->plan.outcome.epoch;
    for (uint64_t i = 0; i < lives->rounds; i++) {
        write_message(lives, life.id);
        reply(lives, &life);
    }
    lives->serving = must_make_room(lives->serving, lives->serving_count, &lives->serving_capacity, sizeof *lives->serving);
    lives->serving[lives->serving_count++] = life;
}

static void accept_offers(struct lives *lives)
{
    while (lives->offered_count)
        accept_offer(lives, lives->offered[--lives->offered_count]);
    if (lives->steps >= lives->drain_step)
        lives_drain(lives);
}

static struct turn *turn_ahead(struct lives *lives, uint32_t i)
{
    return &lives->prepared[(lives->prepared_first + i) % TURNS_AHEAD];
}

static struct turn *new_turn(struct lives *lives)
{
    ASSERT(lives->prepared_count < TURNS_AHEAD);
    struct turn *turn = turn_ahead(lives, lives->prepared_count++);
    turn->warming_ns = 0;
    return turn;
}

static void prepare_arrival(struct lives *lives, uint64_t class)
{
    struct turn *turn = new_turn(lives);
    turn->event = message_of(lives, lives->arrivals + ++lives->arriving, turn->key, turn->address);
    struct span topic = generated_topic(lives->generated, class);
    turn->event.topic = (struct span){memcpy(turn->topic, topic.data, topic.size), topic.size};
    turn->event.priority = (enum priority)(PRIORITY_low + prng_below(&lives->prng, PRIORITY_MAX));
}

/* Any of the conversations in progress ends; whoever had it is free for the next. */
static void prepare_end(struct lives *lives)
{
    struct turn *turn = new_turn(lives);
    struct life *ending = &lives->serving[prng_below(&lives->prng, lives->serving_count)];
    turn->event = event_of(lives, EVENT_finish, ending->session, turn->key);
    turn->event.conversation = ending->id;
    turn->event.epoch = ending->epoch;
    *ending = lives->serving[--lives->serving_count];
    lives->ending++;
}

/* A broker knows the changes of a batch before it comes to them, and warms each a step further while it goes through those before, the
 * farthest first: so do we with the turns that are prepared. */
static void warm(struct lives *lives)
{
    uint64_t from = clock_ns();
    for (uint32_t i = lives->prepared_count; i-- > 0;)
        engine_warm(lives->engine, &turn_ahead(lives, i)->event);
    uint64_t took = engine_took(lives, from);
    for (uint32_t i = 0; i < lives->prepared_count; i++)
        turn_ahead(lives, i)->warming_ns += took / lives->prepared_count;
}

static void arrive(struct lives *lives, const struct turn *turn)
{
    lives->arriving--;
    lives->arrivals++;
    step_warmed(lives, &turn->event, turn->warming_ns);
    accept_offers(lives);
}

static void finish(struct lives *lives, const struct turn *turn)
{
    acknowledge(lives, turn->event.session);
    lives->ending--;
    lives->finished++;
    lives->result.lives++;
    step_warmed(lives, &turn->event, turn->warming_ns);
    accept_offers(lives);
}

/* The first of those prepared. */
static void take_next(struct lives *lives)
{
    warm(lives);
    const struct turn *turn = turn_ahead(lives, 0);
    lives->prepared_first++;
    lives->prepared_count--;
    if (turn->event.kind == EVENT_message)
        arrive(lives, turn);
    else
        finish(lives, turn);
}

static void arrive_somewhere(struct lives *lives)
{
    prepare_arrival(lives, prng_below(&lives->prng, lives->generated->config.rules_count));
    take_next(lives);
}

static void finish_one(struct lives *lives)
{
    prepare_end(lives);
    take_next(lives);
}

void lives_visit_classes(struct lives *lives)
{
    for (uint64_t class = 0; class < lives->generated->config.rules_count; class ++) {
        prepare_arrival(lives, class);
        take_next(lives);
    }
    while (lives->serving_count)
        finish_one(lives);
    lives_drain(lives);
}

uint64_t lives_open(const struct lives *lives)
{
    return lives->arrivals - lives->finished;
}

static uint64_t waiting(const struct lives *lives)
{
    return lives_open(lives) - lives->serving_count - lives->ending;
}

static uint64_t room(const struct lives *lives)
{
    return (uint64_t)lives->generated->config.agents_count * GENERATED_SLOTS;
}

/* How many conversations would be in progress if nobody had to wait. Busy and quiet spells of a few services' length take turns, so that
 * some who arrive find an agent with room and some agents find somebody who waits. */
static uint64_t offered_load(const struct lives *lives)
{
    bool busy = lives->result.turns / (TURNS_PER_ROOM * room(lives)) % 2;
    uint64_t swing = lives->load_percent * SWING_PERCENT / 100;
    return room(lives) * (busy ? lives->load_percent + swing : lives->load_percent - swing) / 100 + 1;
}

void lives_fill(struct lives *lives)
{
    if (lives->waiting_wanted)
        while (waiting(lives) < lives->waiting_wanted)
            arrive_somewhere(lives);
    else
        while (lives->arrivals < offered_load(lives))
            arrive_somewhere(lives);
}

/* Either one end and one arrival in turn, which keeps the number waiting; or whichever comes first of arrivals at a constant rate and ends
 * whose rate grows with the number in progress. */
static void prepare_turn(struct lives *lives)
{
    uint64_t load = offered_load(lives);
    bool arrives = lives->waiting_wanted ? waiting(lives) + lives->arriving < lives->waiting_wanted + lives->ending
                                         : prng_below(&lives->prng, load + lives->serving_count) < load;
    if (arrives || !lives->serving_count)
        prepare_arrival(lives, prng_below(&lives->prng, lives->generated->config.rules_count));
    else
        prepare_end(lives);
}

static void take_turn(struct lives *lives)
{
    prepare_turn(lives);
    take_next(lives);
    lives->result.waiting_sum += waiting(lives);
    lives->result.turns++;
}

void lives_run(struct lives *lives, uint64_t offers, uint64_t engine_ns)
{
    lives->keyed = true;
    lives->result = (struct lives_result){0};
    uint64_t wall_from = clock_ns(), processor_from = clock_thread_ns();
    while (lives->prepared_count < TURNS_AHEAD - 1)
        prepare_turn(lives);
    while (engine_ns ? lives->result.engine_ns < engine_ns : lives->result.offers < offers)
        take_turn(lives);
    while (lives->prepared_count)
        take_next(lives);
    lives->result.wall_ns = clock_ns() - wall_from;
    lives->result.processor_ns = clock_thread_ns() - processor_from;
}

static void configure(struct lives *lives, const struct config *config)
{
    step(lives, &(struct event){.kind = EVENT_configure, .now_ms = now_ms(lives), .config = config});
}

void lives_init(struct lives *lives, const struct generated *generated)
{
    *lives = (struct lives){.generated = generated, .clock_cost_ns = clock_cost_ns()};
    prng_init(&lives->prng, 2);
    lives->engine = engine_create((struct hash_key){UINT64_C(0x243f6a8885a308d3), UINT64_C(0x13198a2e03707344)});
    engine_resume(lives->engine, now_ms(lives));
    struct config config = generated->config;
    config.agents_count = 0;
    configure(lives, &config);
    lives->account = say_hello(lives, engine_find_name(lives->engine, NAME_KIND_account, span_of(config.accounts[0].name)));
}

void lives_begin_agents(struct lives *lives)
{
    const struct config *config = &lives->generated->config;
    configure(lives, config);
    name_id last = engine_find_name(lives->engine, NAME_KIND_agent, span_of(config->agents[config->agents_count - 1].name));
    lives->agent_by_name = must_zalloc(last + 1UL, sizeof *lives->agent_by_name);
    for (uint32_t i = 0; i < config->agents_count; i++) {
        uint64_t key[2];
        name_id agent = engine_find_name(lives->engine, NAME_KIND_agent, span_of(config->agents[i].name));
        session_id session = lives->agent_by_name[agent] = say_hello(lives, agent);
        struct event event = event_of(lives, EVENT_availability, session, key);
        event.state = AGENT_STATE_available;
        step(lives, &event);
    }
}

uint64_t lives_heap_bytes(struct lives *lives)
{
    plan_fini(&lives->plan); /* the caller's, however large the largest step was */
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd - malloc_usable_size(lives->offered) - malloc_usable_size(lives->serving) -
           malloc_usable_size(lives->agent_by_name);
}

void lives_fini(struct lives *lives)
{
    plan_fini(&lives->plan);
    engine_destroy(lives->engine);
    free(lives->agent_by_name);
    free(lives->offered);
    free(lives->serving);
}
