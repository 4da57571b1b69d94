/* What must hold when things go wrong: a restart at an awkward moment, peers that ask too much or never fetch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>

#include "engine/conversation.h"
#include "limits.h"
#include "story.h"
#include "world.h"

static name_id agent_called(const struct engine *engine, const char *name)
{
    return engine_find_name(engine, NAME_KIND_agent, span_of(name));
}

/* Whom the conversation is offered to, and by which offer. */
static name_id offered_to(const struct engine *engine, conversation_id id)
{
    const struct conversation *conversation = conversation_get(engine, id);
    return conversation && conversation->ties ? (name_id)conversation->ties->agent->row.id : 0;
}

static lsn_t offer_of(const struct engine *engine, conversation_id id)
{
    const struct conversation *conversation = conversation_get(engine, id);
    return conversation && conversation->ties ? conversation->ties->lsn : 0;
}

static session_id hello(struct world *world, enum name_kind kind, const char *name)
{
    struct event event = {.kind = EVENT_hello, .principal = engine_find_name(world->engine, kind, span_of(name))};
    world_step(world, &event);
    return world->plan.outcome.session;
}

static void become_available(struct world *world, session_id session)
{
    struct event event = {.kind = EVENT_availability, .session = session, .state = AGENT_STATE_available};
    world_step(world, &event);
}

static void write_from(struct world *world, session_id account, const char *address)
{
    struct event event = {.kind = EVENT_message, .session = account, .address = span_of(address), .text = span_of("text")};
    world_step(world, &event);
    assert_int_equal(world->plan.outcome.status, STATUS_ok);
}

/* A conversation waits, unsaved; a reload declares dora, who is offered it; the checkpoint then stops after `rows` rows. */
static uint64_t crash_after_reload(uint32_t rows)
{
    struct config_agent agents[8];
    char dora[] = "dora";
    struct config config = *story_config();
    struct event reload = {.kind = EVENT_configure, .config = &config};
    struct world world;
    world_open(&world, story_config());
    world_checkpoint(&world, UINT32_MAX);
    write_from(&world, hello(&world, NAME_KIND_account, "wa"), "alice");
    memcpy(agents, config.agents, config.agents_count * sizeof *agents);
    agents[config.agents_count] = agents[1];
    agents[config.agents_count++].name = dora;
    config.agents = agents;
    world.config = &config;
    world_step(&world, &reload);
    become_available(&world, hello(&world, NAME_KIND_agent, "dora"));
    uint64_t dirty = engine_dirty_count(world.engine);
    world_checkpoint(&world, rows);
    world_crash(&world);
    assert_int_equal(offered_to(world.engine, 1), agent_called(world.engine, "dora"));
    world_close(&world);
    return dirty;
}

static void a_row_that_speaks_of_a_new_name_is_never_saved_before_it(void **state)
{
    (void)state;
    uint32_t rows = 0;
    while (rows <= crash_after_reload(rows))
        rows++;
}

enum { CUSTOMERS = 64, PAGE = 32 };

/* Of conversations and customers: how many rows there are, and in how many runs of one kind and of numbers that share a page. */
static uint32_t rows_taken(struct engine *engine, uint32_t *runs)
{
    struct row row;
    enum row_kind kind = ROW_KINDS;
    uint64_t page = 0;
    uint32_t rows = 0;
    for (*runs = 0; engine_next_row(engine, &row); kind = row.kind) {
        name_id principal;
        lsn_t lsn;
        bool added;
        while (engine_next_pending(engine, &principal, &lsn, &added))
            continue;
        bool counts = row.kind == ROW_conversation || row.kind == ROW_customer;
        uint64_t number = row.kind == ROW_conversation ? row.conversation.id : counts ? row.customer.id : 0;
        *runs += counts && (row.kind != kind || number / PAGE != page);
        page = number / PAGE;
        rows += counts;
    }
    engine_rows_saved(engine);
    return rows;
}

static void rows_of_a_page_are_written_together(void **state)
{
    (void)state;
    struct world world;
    char address[32];
    uint32_t runs;
    world_open(&world, story_config());
    session_id connector = hello(&world, NAME_KIND_account, "wa");
    for (int i = 0; i < CUSTOMERS; i++) {
        snprintf(address, sizeof address, "customer-%d", i);
        write_from(&world, connector, address);
    }
    uint32_t rows = rows_taken(world.engine, &runs);
    assert_in_range(rows, 2 * CUSTOMERS, 2 * CUSTOMERS * 9 / 8); /* some twice, rather than pass over many at once */
    assert_in_range(runs, 1, 2 * (CUSTOMERS / PAGE + 1) + rows - 2 * CUSTOMERS);
    assert_int_equal(engine_dirty_count(world.engine), 0);
    write_from(&world, connector, "customer-7");
    assert_int_equal(rows_taken(world.engine, &runs), 1);
    world_close(&world);
}

/* Steps an engine whose records nobody keeps. */
static enum status step(struct engine *engine, struct plan *plan, struct event event)
{
    event.now_ms = 1000000;
    engine_step(engine, &event, plan);
    return plan->outcome.status;
}

struct full {
    struct engine *engine;
    struct plan plan;
    session_id wa, ana, ben;
};

static session_id say_hello(struct full *full, enum name_kind kind, const char *name)
{
    struct event event = {.kind = EVENT_hello, .principal = engine_find_name(full->engine, kind, span_of(name))};
    step(full->engine, &full->plan, event);
    return full->plan.outcome.session;
}

/* Ana owns c1, fetches nothing, and ben writes notes to her until he is refused. */
static uint32_t fill_outbox_of_ana(struct full *full)
{
    uint32_t notes = 0;
    *full = (struct full){.engine = engine_create((struct hash_key){7, 11})};
    struct engine *engine = full->engine;
    engine_resume(engine, 1000000);
    step(engine, &full->plan, (struct event){.kind = EVENT_configure, .config = story_config()});
    full->wa = say_hello(full, NAME_KIND_account, "wa");
    full->ana = say_hello(full, NAME_KIND_agent, "ana");
    full->ben = say_hello(full, NAME_KIND_agent, "ben");
    step(engine, &full->plan, (struct event){.kind = EVENT_availability, .session = full->ana, .state = AGENT_STATE_available});
    step(engine, &full->plan,
         (struct event){.kind = EVENT_message, .session = full->wa, .address = span_of("alice"), .text = span_of("text")});
    assert_int_equal(offered_to(engine, 1), agent_called(engine, "ana"));
    assert_int_equal(step(engine, &full->plan,
                          (struct event){.kind = EVENT_accept, .session = full->ana, .conversation = 1, .offer = offer_of(engine, 1)}),
                     STATUS_ok);
    struct event note = {.kind = EVENT_note, .session = full->ben, .conversation = 1, .text = span_of("note")};
    while (notes <= LIMIT_OUTBOX_ENTRIES && step(engine, &full->plan, note) == STATUS_ok)
        notes++;
    return notes;
}

static uint64_t pending_of(const struct full *full, const char *agent)
{
    return engine_principal_stats(full->engine, agent_called(full->engine, agent)).pending;
}

static void a_full_outbox_takes_nothing_more_until_it_is_fetched(void **state)
{
    (void)state;
    struct full full;
    struct row_conversation row;
    assert_true(fill_outbox_of_ana(&full) < LIMIT_OUTBOX_ENTRIES);
    assert_int_equal(full.plan.outcome.status, STATUS_overloaded);
    assert_int_equal(pending_of(&full, "ana"), LIMIT_OUTBOX_ENTRIES);
    struct event message = {.kind = EVENT_message, .session = full.wa, .text = span_of("text"), .address = span_of("alice")};
    assert_int_equal(step(full.engine, &full.plan, message), STATUS_overloaded);
    /* Another session would be told of what she owns. */
    assert_int_equal(say_hello(&full, NAME_KIND_agent, "ana"), 0);
    assert_int_equal(full.plan.outcome.status, STATUS_overloaded);
    /* New work waits for somebody who reads. */
    message.address = span_of("bob");
    assert_int_equal(step(full.engine, &full.plan, message), STATUS_ok);
    assert_true(engine_conversation(full.engine, 2, &row) && row.substate == SUBSTATE_queued);
    assert_int_equal(pending_of(&full, "ana"), LIMIT_OUTBOX_ENTRIES);
    struct event fetched = {.kind = EVENT_fetched, .session = full.ana, .cursor = engine_counters(full.engine).newest};
    assert_int_equal(step(full.engine, &full.plan, fetched), STATUS_ok);
    assert_true(offered_to(full.engine, 2) == agent_called(full.engine, "ana"));
    plan_fini(&full.plan);
    engine_destroy(full.engine);
}

static enum status ask(struct full *full, struct event event)
{
    event.session = full->ana;
    event.conversation = 1;
    event.epoch = 1;
    return step(full->engine, &full->plan, event);
}

static void who_takes_no_deliveries_begins_nothing_and_may_still_hand_over(void **state)
{
    (void)state;
    struct full full;
    fill_outbox_of_ana(&full);
    name_id billing = engine_find_name(full.engine, NAME_KIND_queue, span_of("billing")), bot = agent_called(full.engine, "bot");
    struct event available = {
        .kind = EVENT_availability, .session = say_hello(&full, NAME_KIND_agent, "bot"), .state = AGENT_STATE_available};
    step(full.engine, &full.plan, available);
    assert_int_equal(ask(&full, (struct event){.kind = EVENT_consult, .queue = billing}), STATUS_overloaded);
    assert_int_equal(ask(&full, (struct event){.kind = EVENT_transfer, .queue = billing, .warm = true}), STATUS_overloaded);
    assert_int_equal(ask(&full, (struct event){.kind = EVENT_lend, .agent = bot, .delay_ms = 1000}), STATUS_overloaded);
    assert_int_equal(pending_of(&full, "ana"), LIMIT_OUTBOX_ENTRIES);
    assert_int_equal(ask(&full, (struct event){.kind = EVENT_transfer, .queue = billing}), STATUS_ok);
    plan_fini(&full.plan);
    engine_destroy(full.engine);
}

static void what_comes_back_together_is_offered_in_its_order(void **state)
{
    (void)state;
    story("hello wa\nhello ben\nhello carla\navailable ben\n= agent_state ben available\n"
          "message wa a one\n= conversation_opened c1\n= message c1 #1 one\n= queued c1 support normal\n= offered c1 ben until 30000\n"
          "accept ben c1\n= assigned c1 ben e1\n"
          "message wa b two\n= conversation_opened c2\n= message c2 #1 two\n= queued c2 support normal\n= offered c2 ben until 30000\n"
          "accept ben c2\n= assigned c2 ben e1\n"
          "message wa c three\n= conversation_opened c3\n= message c3 #1 three\n= queued c3 support normal\n= offered c3 ben until 30000\n"
          "accept ben c3\n= assigned c3 ben e1\n"
          "available carla\n= agent_state carla available\n"
          "transfer ben c3 e1 agent=carla\n= transferred c3 ben e2 support to carla\n= offered c3 carla until 30000\n"
          "accept carla c3\n= assigned c3 carla e3\n"
          "bye ben\n= session_closed ben signed_off\n= requeued c1 ben e2 signed_off\n= requeued c2 ben e2 signed_off\n"
          "= agent_state ben offline\n= delivered ben\n= offered c1 carla until 30000\n");
}

static void one_agent_cannot_take_every_session(void **state)
{
    (void)state;
    struct full full = {.engine = engine_create((struct hash_key){7, 11})};
    uint32_t sessions = 0;
    engine_resume(full.engine, 1000000);
    step(full.engine, &full.plan, (struct event){.kind = EVENT_configure, .config = story_config()});
    while (sessions < LIMIT_SESSIONS && say_hello(&full, NAME_KIND_agent, "ana"))
        sessions++;
    assert_int_equal(full.plan.outcome.status, STATUS_overloaded);
    assert_true(say_hello(&full, NAME_KIND_agent, "ben"));
    plan_fini(&full.plan);
    engine_destroy(full.engine);
}

static void a_repeated_decline_is_answered_with_the_same_record(void **state)
{
    (void)state;
    struct world world;
    world_open(&world, story_config());
    session_id wa = hello(&world, NAME_KIND_account, "wa"), ana = hello(&world, NAME_KIND_agent, "ana");
    session_id ben = hello(&world, NAME_KIND_agent, "ben");
    become_available(&world, ben);
    write_from(&world, wa, "alice");
    become_available(&world, ana);
    struct event event = {.kind = EVENT_accept, .session = ben, .conversation = 1, .offer = offer_of(world.engine, 1)};
    world_step(&world, &event);
    event =
        (struct event){.kind = EVENT_transfer, .session = ben, .conversation = 1, .epoch = 1, .agent = agent_called(world.engine, "ana")};
    world_step(&world, &event);
    assert_true(offered_to(world.engine, 1) == event.agent);
    /* Meant for ana, it also returns to its queue in the same step. */
    event =
        (struct event){.kind = EVENT_decline, .session = ana, .conversation = 1, .offer = offer_of(world.engine, 1), .key = span_of("key")};
    world_step(&world, &event);
    lsn_t first = world.plan.outcome.lsn;
    world_step(&world, &event);
    assert_true(world.plan.outcome.duplicate);
    assert_int_equal(world.plan.outcome.lsn, first);
    world_close(&world);
}

/* Hardly ever the same twice. */
static struct requirement nth_requirement(const struct engine *engine, uint64_t n)
{
    static const char *const names[] = {"spanish", "english", "billing"};
    struct requirement requirement = {.all_count = REQUIREMENT_MAX};
    n *= 2654435761;
    for (uint32_t i = 0; i < REQUIREMENT_MAX; i++, n /= 15) {
        requirement.all[i].skill = engine_find_name(engine, NAME_KIND_skill, span_of(names[n % 3]));
        requirement.all[i].level = (uint8_t)(1 + n / 3 % 5);
    }
    return requirement;
}

static void transfers_that_nobody_can_serve_do_not_use_up_those_of_others(void **state)
{
    (void)state;
    struct full full;
    enum { TRIES = 200000 };
    full = (struct full){.engine = engine_create((struct hash_key){7, 11})};
    engine_resume(full.engine, 1000000);
    step(full.engine, &full.plan, (struct event){.kind = EVENT_configure, .config = story_config()});
    full.wa = say_hello(&full, NAME_KIND_account, "wa");
    full.ben = say_hello(&full, NAME_KIND_agent, "ben");
    step(full.engine, &full.plan, (struct event){.kind = EVENT_availability, .session = full.ben, .state = AGENT_STATE_available});
    step(full.engine, &full.plan,
         (struct event){.kind = EVENT_message, .session = full.wa, .address = span_of("alice"), .text = span_of("text")});
    step(full.engine, &full.plan,
         (struct event){.kind = EVENT_accept, .session = full.ben, .conversation = 1, .offer = offer_of(full.engine, 1)});
    struct event transfer = {.kind = EVENT_transfer, .session = full.ben, .conversation = 1, .epoch = 1};
    transfer.queue = engine_find_name(full.engine, NAME_KIND_queue, span_of("front"));
    for (uint32_t n = 0; n < TRIES; n++) {
        struct requirement requirement = nth_requirement(full.engine, n);
        transfer.requirement = &requirement;
        assert_int_equal(step(full.engine, &full.plan, transfer), STATUS_no_route);
    }
    transfer.requirement = NULL;
    transfer.queue = engine_find_name(full.engine, NAME_KIND_queue, span_of("billing"));
    assert_int_equal(step(full.engine, &full.plan, transfer), STATUS_ok);
    plan_fini(&full.plan);
    engine_destroy(full.engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_back_together_is_offered_in_its_order),
        cmocka_unit_test(a_repeated_decline_is_answered_with_the_same_record),
        cmocka_unit_test(one_agent_cannot_take_every_session),
        cmocka_unit_test(transfers_that_nobody_can_serve_do_not_use_up_those_of_others),
        cmocka_unit_test(a_full_outbox_takes_nothing_more_until_it_is_fetched),
        cmocka_unit_test(who_takes_no_deliveries_begins_nothing_and_may_still_hand_over),
        cmocka_unit_test(a_row_that_speaks_of_a_new_name_is_never_saved_before_it),
        cmocka_unit_test(rows_of_a_page_are_written_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
