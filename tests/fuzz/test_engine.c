/* Random lives of an engine, with restarts from partial checkpoints at random moments. After every event the invariants of routing must
 * hold, and after every restart the digest is the one before. A seed that fails is printed; add it to `seeds` for good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"
#include "engine/conversation.h"
#include "engine/match.h"
#include "engine/names.h"
#include "engine/outbox.h"
#include "engine/principal.h"
#include "story.h"
#include "world.h"

enum { STEPS = 1500, SEEDS = 40, PRINCIPALS = 16, EPOCHS_MAX = 4096, AGENTS_MAX = 16 };

struct life {
    struct world world;
    struct prng prng;
    uint64_t seed;
    session_id sessions[PRINCIPALS];
    name_id principals[PRINCIPALS];
    uint32_t principals_count, accounts_count;
    uint32_t keys;
    uint32_t epochs[EPOCHS_MAX]; /* last seen, by conversation */
    char key[32], address[32];
    struct requirement requirement;
    struct config config; /* the running one */
    struct config_agent agents[AGENTS_MAX];
    char names[AGENTS_MAX][16]; /* of the agents that came later */
};

#define HOLDS(life, condition)                                                                                                             \
    do {                                                                                                                                   \
        if (!(condition))                                                                                                                  \
            fail_msg("seed %llu: %s", (unsigned long long)(life)->seed, #condition);                                                       \
    } while (0)

static void check_agent(struct life *life, const struct principal *agent)
{
    uint64_t used = 0;
    for (struct list_node *node = agent->owned.first; node; node = node->next)
        used += ITEM_OF(node, struct conversation, agent_node)->row.cost;
    for (struct list_node *node = agent->offers.first; node; node = node->next)
        used += ITEM_OF(node, struct conversation, agent_node)->row.cost;
    HOLDS(life, used == agent->used);
    HOLDS(life, agent->used <= agent->capacity);
    for (uint32_t i = 1; i < agent->outbox.count; i++)
        HOLDS(life, outbox_at(&agent->outbox, i - 1) < outbox_at(&agent->outbox, i));
    HOLDS(life, !agent->offers.first || agent->sessions.count);
    HOLDS(life, agent->sessions.count || !agent->owned.first || agent->timer.position);
}

static void check_conversation(struct life *life, const struct conversation *conversation)
{
    const struct row_conversation *row = &conversation->row;
    HOLDS(life, row->substate != SUBSTATE_new);
    HOLDS(life, (row->owner != 0) == conversation_in_progress(row));
    HOLDS(life, row->substate != SUBSTATE_offered || conversation->timer.position);
    HOLDS(life, row->substate != SUBSTATE_queued || !match_agent_for(life->world.engine, conversation));
    HOLDS(life, row->epoch >= life->epochs[row->id]);
    life->epochs[row->id] = row->epoch;
}

static void check_invariants(struct life *life)
{
    const struct engine *engine = life->world.engine;
    const struct conversation *conversation;
    uint64_t open = 0;
    for (size_t at = 0; (conversation = map_next(&engine->conversations, &at));) {
        check_conversation(life, conversation);
        open += !conversation_finished(&conversation->row);
    }
    HOLDS(life, open == engine->conversations_open);
    for (name_id id = 1; id <= engine->names_count; id++) {
        const struct principal *principal = names_principal(engine, id);
        if (principal)
            check_agent(life, principal);
    }
}

static uint64_t draw(struct life *life, uint64_t bound)
{
    return prng_below(&life->prng, bound);
}

static void find_principals(struct life *life)
{
    static const char *const accounts[] = {"wa", "web"}, *const agents[] = {"ana", "ben", "carla", "auto", "bot"};
    for (size_t i = 0; i < 2; i++)
        life->principals[life->principals_count++] = engine_find_name(life->world.engine, NAME_KIND_account, span_of(accounts[i]));
    life->accounts_count = life->principals_count;
    for (size_t i = 0; i < 5; i++)
        life->principals[life->principals_count++] = engine_find_name(life->world.engine, NAME_KIND_agent, span_of(agents[i]));
}

static struct event new_event(struct life *life, enum event_kind kind, uint32_t who)
{
    /* Now and then a key is repeated. */
    snprintf(life->key, sizeof life->key, "k%u", draw(life, 20) ? ++life->keys : (uint32_t)draw(life, life->keys + 1));
    return (struct event){.kind = kind, .session = life->sessions[who], .key = span_of(life->key), .text = span_of("text")};
}

static uint32_t draw_agent(struct life *life)
{
    return life->accounts_count + (uint32_t)draw(life, life->principals_count - life->accounts_count);
}

static void customer_acts(struct life *life)
{
    static const char *const topics[] = {"", "bot", "billing"}, *const languages[] = {"", "es", "any"};
    uint32_t account = (uint32_t)draw(life, life->accounts_count);
    struct event event = new_event(life, draw(life, 12) ? EVENT_message : EVENT_leave, account);
    snprintf(life->address, sizeof life->address, "customer%llu", (unsigned long long)draw(life, 40));
    event.address = span_of(life->address);
    event.topic = span_of(topics[draw(life, 3)]);
    event.language = span_of(languages[draw(life, 3)]);
    event.priority = (enum priority)draw(life, PRIORITY_MAX + 1);
    world_step(&life->world, &event);
}

static void draw_transfer(struct life *life, struct event *event)
{
    static const char *const queues[] = {"front", "support", "billing"};
    uint64_t way = draw(life, 3);
    if (way != 1)
        event->queue = engine_find_name(life->world.engine, NAME_KIND_queue, span_of(queues[draw(life, 3)]));
    if (way == 1)
        event->agent = life->principals[draw_agent(life)];
    if (way == 2) {
        life->requirement = (struct requirement){.all_count = 1};
        life->requirement.all[0].skill = engine_find_name(life->world.engine, NAME_KIND_skill, span_of("billing"));
        life->requirement.all[0].level = (uint8_t)(1 + draw(life, 5));
        event->requirement = &life->requirement;
    }
}

static uint32_t index_of(const struct life *life, name_id id)
{
    for (uint32_t i = 0; i < life->principals_count; i++)
        if (life->principals[i] == id)
            return i;
    return 0;
}

static void agent_acts(struct life *life)
{
    static const enum event_kind kinds[] = {EVENT_accept,  EVENT_accept,   EVENT_reply,  EVENT_reply,  EVENT_note,
                                            EVENT_decline, EVENT_transfer, EVENT_finish, EVENT_finish, EVENT_receipt};
    struct counters counters = engine_counters(life->world.engine);
    struct row_conversation row = {0};
    conversation_id id = 1 + draw(life, counters.conversation + 1);
    engine_conversation(life->world.engine, id, &row);
    /* Mostly the one who may, and sometimes anyone. */
    uint32_t who = draw(life, 10) ? index_of(life, row.owner ? row.owner : row.offered) : draw_agent(life);
    enum event_kind kind = kinds[draw(life, 10)];
    if (kind == EVENT_receipt)
        who = index_of(life, row.account);
    else if (who < life->accounts_count)
        who = draw_agent(life);
    struct event event = new_event(life, kind, who);
    event.conversation = id;
    event.epoch = draw(life, 15) ? row.epoch : (uint32_t)draw(life, 9);
    event.offer = row.offer;
    if (kind == EVENT_transfer)
        draw_transfer(life, &event);
    event.state = kind == EVENT_receipt ? RECEIPT_read : 0;
    world_step(&life->world, &event);
}

static void session_acts(struct life *life)
{
    uint32_t who = (uint32_t)draw(life, life->principals_count);
    uint64_t what = draw(life, 10);
    struct event event = new_event(life, EVENT_fetched, who);
    if (what < 3) {
        event = (struct event){.kind = EVENT_hello, .principal = life->principals[who]};
    } else if (what < 4 && life->sessions[who]) {
        event.kind = EVENT_bye;
    } else if (what < 7) {
        event = new_event(life, EVENT_availability, draw_agent(life));
        event.state = draw(life, 4) ? AGENT_STATE_available : AGENT_STATE_away;
    } else {
        event.cursor = draw(life, engine_counters(life->world.engine).newest + 2);
    }
    world_step(&life->world, &event);
    if (event.kind == EVENT_hello)
        life->sessions[who] = life->world.plan.outcome.session;
}

static void time_passes(struct life *life)
{
    struct event event = {.kind = EVENT_tick};
    life->world.now_ms += (int64_t)draw(life, draw(life, 10) ? 2000 : 70000);
    for (uint32_t i = 0; i < life->principals_count; i++)
        if (draw(life, 30))
            engine_touch(life->world.engine, life->sessions[i], life->world.now_ms);
    world_step(&life->world, &event);
}

/* Some agents are no longer named, or named again, with the queues of others; now and then there is a new one. */
static void configuration_changes(struct life *life)
{
    const struct config *standard = story_config();
    struct event event = {.kind = EVENT_configure, .config = &life->config};
    life->config = *standard;
    life->config.agents = life->agents;
    life->config.agents_count = 0;
    life->config.accounts_count -= draw(life, 3) == 0;
    for (uint32_t i = 0; i < standard->agents_count; i++) {
        struct config_agent agent = standard->agents[i];
        if (draw(life, 4) == 0)
            agent.queues = standard->agents[draw(life, standard->agents_count)].queues;
        agent.queues_count = agent.queues == standard->agents[0].queues ? 2 : 1;
        if (draw(life, 4))
            life->agents[life->config.agents_count++] = agent;
    }
    for (uint32_t i = 0; i < 3; i++) {
        struct config_agent agent = standard->agents[1];
        snprintf(life->names[i], sizeof life->names[i], "new%u", (unsigned)(3 * draw(life, 8) + i));
        agent.name = life->names[i];
        life->agents[life->config.agents_count++] = agent;
        name_id id = engine_find_name(life->world.engine, NAME_KIND_agent, span_of(agent.name));
        if (id && index_of(life, id) == 0 && life->principals_count < PRINCIPALS)
            life->principals[life->principals_count++] = id;
    }
    life->world.config = &life->config;
    world_step(&life->world, &event);
}

static void live_once(struct life *life)
{
    uint64_t what = draw(life, 100);
    if (what < 30)
        customer_acts(life);
    else if (what < 75)
        agent_acts(life);
    else if (what < 87)
        session_acts(life);
    else if (what < 92)
        time_passes(life);
    else if (what < 93)
        configuration_changes(life);
    else if (what < 98)
        world_checkpoint(&life->world, (uint32_t)draw(life, 8));
    else
        world_crash(&life->world);
}

static void live(uint64_t seed)
{
    struct life *life = test_calloc(1, sizeof *life);
    life->seed = seed;
    prng_init(&life->prng, seed);
    world_open(&life->world, story_config());
    find_principals(life);
    for (int step = 0; step < STEPS; step++) {
        live_once(life);
        check_invariants(life);
    }
    world_close(&life->world);
    test_free(life);
}

static void the_invariants_hold_and_restarts_lose_nothing(void **state)
{
    (void)state;
    const char *given = getenv("RELEVO_SEED");
    if (given) {
        live(strtoull(given, NULL, 10));
        return;
    }
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        live(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_invariants_hold_and_restarts_lose_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
