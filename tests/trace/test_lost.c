#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "engine/explain.h"
#include "story.h"
#include "world.h"

static void a_session_gives_a_sign_of_life_within_its_lease_and_an_agent_without_one_has_a_grace(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 "silent ben\n"
                      "at 44999\n"
                      "at 45000\n= session_closed ben lease_ended\n"
                      "crash\n"
                      "at 104999\n"
                      "at 105000\n= requeued c1 ben e2 agent_lost\n= agent_state ben offline\n= delivered ben\n");
}

static void a_lost_agents_offers_are_withdrawn_at_once(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_channel(&setup, "webchat")->offer_ms = 300000;
    story_on(&setup,
             BEN_OWNS_C1 "hello web\n"
                         "stay web\n"
                         "arrives web b\n= queued c2 support normal\n= offered c2 ben until 300000\n" ANA_IS_AVAILABLE "silent ben\n"
                         "at 44999\n"
                         "at 45000\n= session_closed ben lease_ended\n= withdrawn c2 ben agent_lost\n= offered c2 ana until 345000\n");
}

static void what_a_lost_agent_owned_stays_by_queue_policy(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, "support")->agent_lost = AGENT_LOST_stay;
    story_on(&setup, BEN_OWNS_C1 "silent ben\n"
                                 "at 45000\n= session_closed ben lease_ended\n"
                                 "at 105000\n= agent_state ben offline\n= delivered ben\n"
                                 "message wa a back\n= message c1 #2 back\n"
                                 "crash\n"
                                 "at 500000\n"
                                 "hello ben\n= resumed c1 ben e1\n"
                                 "available ben\n= agent_state ben available\n"
                                 "reply ben c1 e1 here\n= reply c1 #3 here\n");
}

static void an_agent_hears_of_its_work_and_gives_it_back_the_oldest_first(void **state)
{
    (void)state;
    const char *work =
        BEN_OWNS_C1 "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 30000\naccept ben c2\n= assigned c2 ben e1\n"
                    "arrives wa c\n= queued c3 support normal\n= offered c3 ben until 30000\naccept ben c3\n= assigned c3 ben e1\n"
                    "finish ben c1 e1\n= finished c1 resolved\n"
                    "arrives wa d\n= queued c4 support normal\n= offered c4 ben until 30000\naccept ben c4\n= assigned c4 ben e1\n";
    static const char *const ends[] = {"hello ben\n= resumed c2 ben e1\n= resumed c3 ben e1\n= resumed c4 ben e1\n",
                                       "bye ben\n= session_closed ben signed_off\n"
                                       "= requeued c2 ben e2 signed_off\n= requeued c3 ben e2 signed_off\n= requeued c4 ben e2 signed_off\n"
                                       "= agent_state ben offline\n= delivered ben\n"};
    char text[4096];
    for (int i = 0; i < 4; i++) {
        snprintf(text, sizeof text, "%s%s%s", work, i % 2 ? "crash\n" : "", ends[i / 2]);
        story(text);
    }
}

static void what_stays_with_a_lost_agent_goes_back_when_it_signs_off(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, "support")->agent_lost = AGENT_LOST_stay;
    story_on(&setup, BEN_OWNS_C1
             "bye ben\n= session_closed ben signed_off\n= requeued c1 ben e2 signed_off\n= agent_state ben offline\n= delivered ben\n");
}

static void of_two_queues_one_lets_it_stay_and_one_takes_it_back(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, "support")->agent_lost = AGENT_LOST_stay;
    setup_ben_in_billing(&setup);
    story_on(&setup, BEN_OWNS_C1
             "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
             "accept ben c2\n= assigned c2 ben e1\n"
             "transfer ben c2 e1 queue=billing\n= transferred c2 ben e2 billing\n= offered c2 ben until 30000\n"
             "accept ben c2\n= assigned c2 ben e3\n"
             "silent ben\n"
             "at 105000\n= session_closed ben lease_ended\n= requeued c2 ben e4 agent_lost\n= agent_state ben offline\n= delivered ben\n"
             "crash\n");
}

static void an_owner_who_owes_the_first_reply_for_too_long_loses_it_to_another(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, "support")->first_reply_ms = 20000;
    story_on(&setup, BEN_OWNS_C1 ANA_IS_AVAILABLE "at 19999\n"
                                                  "crash\n"
                                                  "at 20000\n= requeued c1 ben e2 no_reply\n= offered c1 ana until 50000\n");
}

static void who_lost_it_by_silence_is_not_offered_it_again_at_once(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, "support")->first_reply_ms = 20000;
    story_on(&setup, BEN_OWNS_C1 "at 20000\n= requeued c1 ben e2 no_reply\n"
                                 "at 29999\n"
                                 "at 30000\n= offered c1 ben until 60000\n");
}

static void a_first_reply_in_time_keeps_it(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, "support")->first_reply_ms = 20000;
    story_on(&setup, BEN_OWNS_C1 "at 19999\n"
                                 "reply ben c1 e1 hello\n= reply c1 #2 hello\n"
                                 "message wa a back\n= message c1 #3 back\n"
                                 "at 100000\n");
}

static void an_owner_who_owes_the_next_reply_for_too_long_loses_it_to_another(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, "support")->next_reply_ms = 20000;
    story_on(&setup, BEN_OWNS_C1 ANA_IS_AVAILABLE "at 50000\n"
                                                  "reply ben c1 e1 well?\n= reply c1 #2 well?\n"
                                                  "at 100000\n"
                                                  "message wa a back\n= message c1 #3 back\n"
                                                  "at 110000\n"
                                                  "message wa a again\n= message c1 #4 again\n"
                                                  "at 119999\n"
                                                  "crash\n"
                                                  "at 120000\n= requeued c1 ben e2 no_reply\n= offered c1 ana until 150000\n");
}

static void a_new_owner_has_the_whole_time_for_its_first_reply(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, "support")->first_reply_ms = 20000;
    story_on(&setup, BEN_OWNS_C1 "at 15000\n" ANA_IS_AVAILABLE
                                 "transfer ben c1 e1 agent=ana\n= transferred c1 ben e2 support to ana\n= offered c1 ana until 45000\n"
                                 "accept ana c1\n= assigned c1 ana e3\n"
                                 "at 34999\n"
                                 "at 35000\n= requeued c1 ana e4 no_reply\n= offered c1 ben until 65000\n");
}

static void a_note_is_no_reply(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, "support")->first_reply_ms = 20000;
    story_on(&setup, BEN_OWNS_C1 "note ben c1 thinking\n= note c1 #2 thinking\n"
                                 "at 20000\n= requeued c1 ben e2 no_reply\n");
}

/* --- an agent with a thousand --- */

enum { THOUSAND = 1000 };

static session_id sign_in(struct world *world, enum name_kind kind, const char *name)
{
    struct event event = {.kind = EVENT_hello, .principal = engine_find_name(world->engine, kind, span_of(name))};
    struct event available = {.kind = EVENT_availability, .state = AGENT_STATE_available};
    world_step(world, &event);
    session_id session = available.session = world->plan.outcome.session;
    if (kind == NAME_KIND_agent)
        world_step(world, &available);
    return session;
}

static void pass(struct world *world, int64_t until_ms)
{
    struct event tick = {.kind = EVENT_tick};
    while (engine_deadline_ms(world->engine) <= until_ms) {
        world->now_ms = engine_deadline_ms(world->engine);
        world_step(world, &tick);
    }
    world->now_ms = until_ms;
}

/* One a millisecond, of every priority in turn. */
static void thousand_come(struct world *world)
{
    struct event event = {.kind = EVENT_message, .session = sign_in(world, NAME_KIND_account, "wa"), .text = span_of("hi")};
    char address[16];
    for (uint32_t i = 0; i < THOUSAND; i++) {
        snprintf(address, sizeof address, "a%u", i);
        event.address = event.key = span_of(address);
        event.priority = PRIORITY_low + i % PRIORITY_MAX;
        world_step(world, &event);
        assert_int_equal(world->plan.outcome.status, STATUS_ok);
        world->now_ms++;
    }
}

static void check_order(const struct world *world)
{
    static struct peeked waiting[THOUSAND];
    name_id queue = engine_find_name(world->engine, NAME_KIND_queue, span_of("support"));
    int64_t first_ms = world_record(world, 1).at_ms;
    assert_int_equal(engine_peek(world->engine, queue, waiting, THOUSAND), THOUSAND);
    for (uint32_t i = 0; i < THOUSAND; i++) {
        assert_int_equal(waiting[i].arrival_ms, first_ms + (int64_t)waiting[i].conversation - 1);
        assert_true(i == 0 || waiting[i - 1].key_ms < waiting[i].key_ms);
    }
}

/* Who can take all is offered all, in order. */
static void check_offers(struct world *world)
{
    int64_t last_ms = INT64_MIN;
    uint32_t offers = 0;
    sign_in(world, NAME_KIND_agent, "ana");
    for (uint32_t i = 0; i < world->plan.records_count; i++) {
        struct row_conversation row;
        if (world->plan.records[i].kind != RECORD_offered)
            continue;
        assert_true(engine_conversation(world->engine, world->plan.records[i].conversation, &row));
        assert_true(row.key_ms > last_ms);
        last_ms = row.key_ms;
        offers++;
    }
    assert_int_equal(offers, THOUSAND);
}

static void a_lost_agents_thousand_conversations_return_in_their_original_order(void **state)
{
    (void)state;
    struct setup setup;
    struct world world;
    story_setup(&setup);
    setup_agent(&setup, "auto")->capacity = setup_agent(&setup, "ana")->capacity = THOUSAND * 20;
    world_open(&world, &setup.config);
    sign_in(&world, NAME_KIND_agent, "auto");
    thousand_come(&world);
    name_id queue = engine_find_name(world.engine, NAME_KIND_queue, span_of("support"));
    assert_int_equal(engine_queue_stats(world.engine, queue).in_progress, THOUSAND);
    pass(&world, world.now_ms + 45000 + 30000);
    world_crash(&world);
    pass(&world, world.now_ms + 60000);
    check_order(&world);
    world_crash(&world);
    check_order(&world);
    check_offers(&world);
    world_crash(&world);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_gives_a_sign_of_life_within_its_lease_and_an_agent_without_one_has_a_grace),
        cmocka_unit_test(a_lost_agents_offers_are_withdrawn_at_once),
        cmocka_unit_test(what_a_lost_agent_owned_stays_by_queue_policy),
        cmocka_unit_test(an_agent_hears_of_its_work_and_gives_it_back_the_oldest_first),
        cmocka_unit_test(what_stays_with_a_lost_agent_goes_back_when_it_signs_off),
        cmocka_unit_test(of_two_queues_one_lets_it_stay_and_one_takes_it_back),
        cmocka_unit_test(an_owner_who_owes_the_first_reply_for_too_long_loses_it_to_another),
        cmocka_unit_test(who_lost_it_by_silence_is_not_offered_it_again_at_once),
        cmocka_unit_test(a_first_reply_in_time_keeps_it),
        cmocka_unit_test(an_owner_who_owes_the_next_reply_for_too_long_loses_it_to_another),
        cmocka_unit_test(a_new_owner_has_the_whole_time_for_its_first_reply),
        cmocka_unit_test(a_note_is_no_reply),
        cmocka_unit_test(a_lost_agents_thousand_conversations_return_in_their_original_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
