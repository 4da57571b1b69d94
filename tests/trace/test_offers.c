#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "story.h"
#include "world.h"

static char support[] = "support", billing[] = "billing", lost[] = "lost", phone[] = "phone", voice[] = "voice";
static struct config_step to_support = {.queue = support};
static char *lost_queue[] = {lost};

/* A dead-letter queue, which carla looks after. */
static void setup_lost(struct setup *setup)
{
    setup_queue(setup, lost);
    setup->config.dead_letter = lost;
    setup_agent(setup, "carla")->queues = lost_queue;
    setup_agent(setup, "carla")->queues_count = 1;
}
#define BEN_IS_AVAILABLE                                                                                                                   \
    "hello wa\n"                                                                                                                           \
    "hello web\n"                                                                                                                          \
    "hello ben\n"                                                                                                                          \
    "stay all\n"                                                                                                                           \
    "available ben\n= agent_state ben available\n"

#define ANA_AND_BEN_ARE_AVAILABLE                                                                                                          \
    "hello wa\n"                                                                                                                           \
    "hello web\n"                                                                                                                          \
    "hello ana\n"                                                                                                                          \
    "hello ben\n"                                                                                                                          \
    "stay all\n"                                                                                                                           \
    "available ana\n= agent_state ana available\n"                                                                                         \
    "available ben\n= agent_state ben available\n"

#define BEN_DECLINES_C1_TWICE                                                                                                              \
    "decline ben c1 delay=1\n= withdrawn c1 ben declined\n"                                                                                \
    "at 1\n= offered c1 ben until 30001\n"                                                                                                 \
    "decline ben c1 delay=1\n= withdrawn c1 ben declined\n"                                                                                \
    "at 2\n= offered c1 ben until 30002\n"

static void an_offer_of_voice_stands_8_s_of_chat_and_messaging_30_s_of_mail_300_s(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_channel(&setup, voice)->offer_ms = 8000;
    setup.accounts[setup.config.accounts_count++] = (struct config_account){.name = phone, .channel = voice};
    setup_rule(&setup, &to_support, 1, NULL);
    story_on(&setup, BEN_IS_AVAILABLE "hello phone\n"
                                      "hello mail\n"
                                      "arrives phone a\n= queued c1 support normal\n= offered c1 ben until 8000\n"
                                      "arrives web b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
                                      "arrives wa c\n= queued c3 support normal\n= offered c3 ben until 30000\n"
                                      "arrives mail d\n= queued c4 support normal\n= offered c4 ben until 300000\n"
                                      "crash\n"
                                      "at 7999\n"
                                      "at 8000\n= withdrawn c1 ben expired\n"
                                      "at 18000\n= offered c1 ben until 26000\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "at 30000\n= withdrawn c2 ben expired\n= withdrawn c3 ben expired\n"
                                      "at 40000\n= offered c2 ben until 70000\n= offered c3 ben until 70000\n"
                                      "accept ben c2\n= assigned c2 ben e1\n"
                                      "accept ben c3\n= assigned c3 ben e1\n"
                                      "at 299999\n"
                                      "at 300000\n= withdrawn c4 ben expired\n");
}

static void a_queues_own_time_stands_instead_of_the_channels(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, support)->offer_ms = 12000;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 12000\n"
                                      "at 11999\n"
                                      "at 12000\n= withdrawn c1 ben expired\n");
}

static void an_offer_may_stand_for_1_s_and_for_86400_s(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    setup_queue(&setup, support)->offer_ms = 1000;
    setup_queue(&setup, billing)->offer_ms = 86400000;
    story_on(&setup, ANA_AND_BEN_ARE_AVAILABLE "arrives wa a topic=billing\n= queued c1 billing normal\n= offered c1 ana until 86400000\n"
                                               "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 1000\n"
                                               "at 999\n"
                                               "at 1000\n= withdrawn c2 ben expired\n= offered c2 ana until 2000\n"
                                               "accept ana c2\n= assigned c2 ana e1\n"
                                               "at 86399999\n"
                                               "crash\n"
                                               "at 86400000\n= withdrawn c1 ana expired\n");
}

static void first_accept_wins_and_the_others_are_rescinded_in_the_same_step(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, support)->offers = 2;
    story_on(&setup, ANA_AND_BEN_ARE_AVAILABLE
             "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n= offered c1 ben until 30000\n"
             "accept ben c1\n= withdrawn c1 ana rescinded\n= assigned c1 ben e1\n"
             "outbox ana\n= offered c1 ana until 30000\n= withdrawn c1 ana rescinded\n"
             "outbox ben\n= offered c1 ben until 30000\n= assigned c1 ben e1\n");
}

static void a_late_accept_is_refused_with_the_owners_name(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, support)->offers = 2;
    story_on(&setup, ANA_AND_BEN_ARE_AVAILABLE
             "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n= offered c1 ben until 30000\n"
             "accept ben c1\n= withdrawn c1 ana rescinded\n= assigned c1 ben e1\n"
             "accept ana c1\n= refused no_offer owner ben\n"
             "decline ana c1\n= refused no_offer owner ben\n"
             "crash\n"
             "accept ana c1\n= refused no_offer owner ben\n");
}

static void an_accept_after_the_offers_end_is_refused(void **state)
{
    (void)state;
    story(BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                           "at 30000\n= withdrawn c1 ben expired\n"
                           "accept ben c1\n= refused no_offer\n"
                           "at 40000\n= offered c1 ben until 70000\n"
                           "accept ben c1\n= assigned c1 ben e1\n");
}

static void offers_at_once_reserve_room_with_every_agent(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, support)->offers = 2;
    setup_agent(&setup, "ana")->capacity = 25;
    setup_agent(&setup, "ben")->capacity = 25;
    story_on(&setup, ANA_AND_BEN_ARE_AVAILABLE
             "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n= offered c1 ben until 30000\n"
             "arrives wa b\n= queued c2 support normal\n"
             "accept ana c1\n= withdrawn c1 ben rescinded\n= assigned c1 ana e1\n= offered c2 ben until 30000\n");
}

static void of_offers_at_once_one_is_declined_and_the_others_stand(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, support)->offers = 2;
    story_on(&setup, ANA_AND_BEN_ARE_AVAILABLE
             "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n= offered c1 ben until 30000\n"
             "decline ana c1\n= withdrawn c1 ana declined\n"
             "crash\n"
             "accept ben c1\n= assigned c1 ben e1\n");
}

static void of_offers_at_once_all_declined_it_waits_until_one_is_not_passed_over(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, support)->offers = 2;
    story_on(&setup, ANA_AND_BEN_ARE_AVAILABLE
             "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n= offered c1 ben until 30000\n"
             "decline ana c1\n= withdrawn c1 ana declined\n"
             "at 3000\n"
             "decline ben c1\n= withdrawn c1 ben declined\n"
             "at 9999\n"
             "at 10000\n= offered c1 ana until 40000\n");
}

static void of_offers_at_once_all_end_together(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, support)->offers = 2;
    story_on(&setup, ANA_AND_BEN_ARE_AVAILABLE
             "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n= offered c1 ben until 30000\n"
             "at 30000\n= withdrawn c1 ana expired\n= withdrawn c1 ben expired\n"
             "at 40000\n= offered c1 ana until 70000\n= offered c1 ben until 70000\n");
}

static void who_comes_later_is_not_offered_what_is_offered_already(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, support)->offers = 2;
    story_on(&setup, "hello wa\n"
                     "hello ana\n"
                     "hello ben\n"
                     "stay all\n"
                     "available ana\n= agent_state ana available\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "available ben\n= agent_state ben available\n"
                     "at 30000\n= withdrawn c1 ana expired\n= offered c1 ben until 60000\n");
}

static void who_declined_is_passed_over_for_10_s_for_that_conversation_only(void **state)
{
    (void)state;
    story(BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                           "decline ben c1\n= withdrawn c1 ben declined\n"
                           "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
                           "at 9999\n"
                           "crash\n"
                           "at 10000\n= offered c1 ben until 40000\n");
}

static void who_let_an_offer_expire_is_passed_over_for_10_s_for_that_conversation_only(void **state)
{
    (void)state;
    story(BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                           "at 30000\n= withdrawn c1 ben expired\n"
                           "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 60000\n"
                           "at 39999\n"
                           "at 40000\n= offered c1 ben until 70000\n");
}

static void a_decline_may_say_for_how_long(void **state)
{
    (void)state;
    story(BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                           "decline ben c1 delay=60000\n= withdrawn c1 ben declined\n"
                           "at 59999\n"
                           "crash\n"
                           "at 60000\n= offered c1 ben until 90000\n");
}

static void a_decline_may_say_why(void **state)
{
    (void)state;
    story(BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                           "decline ben c1 reason=lunch\n= withdrawn c1 ben declined lunch\n"
                           "crash\n"
                           "outbox ben\n= offered c1 ben until 30000\n= withdrawn c1 ben declined lunch\n");
}

static void who_is_passed_over_may_be_offered_what_another_does_not_take(void **state)
{
    (void)state;
    story(ANA_AND_BEN_ARE_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                                    "decline ana c1\n= withdrawn c1 ana declined\n= offered c1 ben until 30000\n"
                                    "at 20000\n"
                                    "decline ben c1\n= withdrawn c1 ben declined\n= offered c1 ana until 50000\n");
}

static void a_decline_is_an_answer_and_no_miss(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup.config.misses_max = 1;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "decline ben c1\n= withdrawn c1 ben declined\n"
                                      "at 10000\n= offered c1 ben until 40000\n");
}

static void three_misses_of_different_conversations_in_a_row_make_not_responding(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_agent(&setup, "ben")->capacity = 20;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "arrives wa b\n= queued c2 support normal\n"
                                      "arrives wa c\n= queued c3 support normal\n"
                                      "at 30000\n= withdrawn c1 ben expired\n= offered c2 ben until 60000\n"
                                      "at 60000\n= withdrawn c2 ben expired\n= offered c1 ben until 90000\n"
                                      "crash\n"
                                      "at 90000\n= withdrawn c1 ben expired\n= agent_state ben not_responding\n");
}

static void a_decline_ends_the_row_of_misses(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup.config.misses_max = 2;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "at 30000\n= withdrawn c1 ben expired\n"
                                      "at 40000\n= offered c1 ben until 70000\n"
                                      "decline ben c1\n= withdrawn c1 ben declined\n"
                                      "crash\n"
                                      "at 50000\n= offered c1 ben until 80000\n"
                                      "at 80000\n= withdrawn c1 ben expired\n"
                                      "at 90000\n= offered c1 ben until 120000\n"
                                      "at 120000\n= withdrawn c1 ben expired\n= agent_state ben not_responding\n");
}

static void who_stops_responding_loses_its_other_offers_at_once(void **state)
{
    (void)state;
    story(BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                           "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
                           "arrives wa c\n= queued c3 support normal\n= offered c3 ben until 30000\n"
                           "at 10000\n"
                           "arrives wa d\n= queued c4 support normal\n= offered c4 ben until 40000\n"
                           "at 30000\n= withdrawn c1 ben expired\n= withdrawn c2 ben expired\n= withdrawn c3 ben expired\n= agent_state "
                           "ben not_responding\n= withdrawn c4 ben rescinded\n"
                           "hello ana\n"
                           "stay all\n"
                           "available ana\n= agent_state ana available\n= offered c1 ana until 60000\n= offered c2 ana until 60000\n= "
                           "offered c3 ana until 60000\n= offered c4 ana until 60000\n"
                           "at 40000\n");
}

static void it_goes_to_the_overflow_queue_when_offered_as_often_as_its_queue_allows(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, support)->offers_max = 3;
    setup_queue(&setup, support)->overflow = billing;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n" BEN_DECLINES_C1_TWICE
                                      "decline ben c1 delay=1\n= withdrawn c1 ben declined\n= moved c1 billing offers_exhausted after 3\n"
                                      "crash\n"
                                      "hello ana\n"
                                      "stay all\n"
                                      "available ana\n= agent_state ana available\n= offered c1 ana until 30002\n");
}

static void offers_at_once_count_each(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, support)->offers_max = 2;
    setup_queue(&setup, support)->offers = 2;
    setup_queue(&setup, support)->overflow = billing;
    story_on(&setup, ANA_AND_BEN_ARE_AVAILABLE
             "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n= offered c1 ben until 30000\n"
             "decline ana c1\n= withdrawn c1 ana declined\n"
             "decline ben c1\n= withdrawn c1 ben declined\n= moved c1 billing offers_exhausted after 2\n= offered c1 ana until 30000\n");
}

static void without_an_overflow_queue_it_goes_to_the_dead_letter_queue_with_reason_count_and_first_time(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, support)->offers_max = 3;
    setup_lost(&setup);
    story_on(&setup, BEN_IS_AVAILABLE "at 5000\n"
                                      "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 35000\n"
                                      "decline ben c1 delay=1\n= withdrawn c1 ben declined\n"
                                      "at 5001\n= offered c1 ben until 35001\n"
                                      "decline ben c1 delay=1\n= withdrawn c1 ben declined\n"
                                      "at 5002\n= offered c1 ben until 35002\n"
                                      "decline ben c1 delay=1\n= withdrawn c1 ben declined\n= moved c1 lost offers_exhausted after 3\n"
                                      "waiting lost\n= c1 arrived 5000 normal offers 0 offers_exhausted after 3\n"
                                      "crash\n"
                                      "waiting lost\n= c1 arrived 5000 normal offers 0 offers_exhausted after 3\n"
                                      "hello carla\n"
                                      "stay all\n"
                                      "available carla\n= agent_state carla available\n= offered c1 carla until 35002\n");
}

static void with_neither_it_goes_on_being_offered(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, support)->offers_max = 3;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n" BEN_DECLINES_C1_TWICE
                                      "decline ben c1 delay=1\n= withdrawn c1 ben declined\n"
                                      "at 3\n= offered c1 ben until 30003\n"
                                      "decline ben c1 delay=1\n= withdrawn c1 ben declined\n"
                                      "at 4\n= offered c1 ben until 30004\n"
                                      "waiting support\n");
}

static void a_transfer_begins_the_count_of_offers_anew(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, support)->offers_max = 2;
    setup_queue(&setup, support)->overflow = billing;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "decline ben c1 delay=1\n= withdrawn c1 ben declined\n"
                                      "at 1\n= offered c1 ben until 30001\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "transfer ben c1 e1 queue=support\n= transferred c1 ben e2 support\n= offered c1 ben until 30001\n"
                                      "decline ben c1 delay=1\n= withdrawn c1 ben declined\n"
                                      "at 2\n= offered c1 ben until 30002\n");
}

static void what_its_owner_gives_back_counts_as_an_offer_that_came_to_nothing(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, support)->offers_max = 2;
    setup_queue(&setup, support)->overflow = billing;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "nack ben c1 e1\n= requeued c1 ben e2 nacked\n"
                                      "at 10000\n= offered c1 ben until 40000\n"
                                      "accept ben c1\n= assigned c1 ben e3\n"
                                      "nack ben c1 e3\n= requeued c1 ben e4 nacked\n= moved c1 billing offers_exhausted after 2\n");
}

static void an_agent_may_accept_by_itself(void **state)
{
    (void)state;
    story("hello wa\n"
          "hello auto\n"
          "available auto\n= agent_state auto available\n"
          "arrives wa a\n= queued c1 support normal\n= assigned c1 auto e1\n"
          "outbox auto\n= assigned c1 auto e1\n");
}

static void a_queue_may_have_its_conversations_accepted_by_themselves(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, support)->auto_accept = true;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= assigned c1 ben e1\n"
                                      "transfer ben c1 e1 queue=billing\n= transferred c1 ben e2 billing\n"
                                      "arrives wa b\n= queued c2 support normal\n= assigned c2 ben e1\n"
                                      "outbox ben\n= assigned c1 ben e1\n= assigned c2 ben e1\n");
}

static void what_is_accepted_by_itself_still_needs_room(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, support)->auto_accept = true;
    setup_agent(&setup, "ben")->capacity = 20;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= assigned c1 ben e1\n"
                                      "arrives wa b\n= queued c2 support normal\n"
                                      "finish ben c1 e1\n= finished c1 resolved\n= assigned c2 ben e1\n");
}

enum { MANY = 50 };

static void after_20_offers_it_goes_to_the_overflow_queue_with_its_reason(void **state)
{
    (void)state;
    static char script[4096];
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, support)->overflow = billing;
    size_t used = (size_t)snprintf(script, sizeof script, "%s",
                                   BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n");
    for (int i = 1; i < 20; i++)
        used += (size_t)snprintf(script + used, sizeof script - used,
                                 "decline ben c1 delay=1\n= withdrawn c1 ben declined\nat %d\n= offered c1 ben until %d\n", i, i + 30000);
    snprintf(script + used, sizeof script - used,
             "decline ben c1 delay=1\n= withdrawn c1 ben declined\n= moved c1 billing offers_exhausted after 20\n");
    story_on(&setup, script);
}

/* --- more agents than a story names --- */

struct crowd {
    struct world world;
    struct setup setup;
    struct config_agent agents[MANY + 2];
    char names[MANY + 2][24];
    session_id sessions[MANY + 2], connector;
};

static session_id sign_in(struct world *world, enum name_kind kind, const char *name)
{
    struct event event = {.kind = EVENT_hello, .principal = engine_find_name(world->engine, kind, span_of(name))};
    world_step(world, &event);
    return world->plan.outcome.session;
}

static void crowd_open(struct crowd *crowd)
{
    story_setup(&crowd->setup);
    setup_queue(&crowd->setup, support)->offers = MANY;
    for (int i = 0; i < MANY + 2; i++) {
        crowd->agents[i] = *setup_agent(&crowd->setup, "ben");
        snprintf(crowd->names[i], sizeof crowd->names[i], "agent-%d", i);
        crowd->agents[i].name = crowd->names[i];
    }
    crowd->setup.config.agents = crowd->agents;
    crowd->setup.config.agents_count = MANY + 2;
    world_open(&crowd->world, &crowd->setup.config);
    crowd->connector = sign_in(&crowd->world, NAME_KIND_account, "wa");
    for (int i = 0; i < MANY + 2; i++) {
        struct event available = {.kind = EVENT_availability, .state = AGENT_STATE_available};
        available.session = crowd->sessions[i] = sign_in(&crowd->world, NAME_KIND_agent, crowd->names[i]);
        world_step(&crowd->world, &available);
    }
}

static uint32_t count_records(const struct crowd *crowd, enum record_kind kind, enum cause cause)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < crowd->world.plan.records_count; i++) {
        const struct record *record = &crowd->world.plan.records[i];
        count += record->kind == kind && record->cause == cause;
    }
    return count;
}

static void fifty_agents_are_offered_at_once_and_the_first_who_accepts_has_it(void **state)
{
    (void)state;
    struct crowd *crowd = test_calloc(1, sizeof *crowd);
    crowd_open(crowd);
    struct event message = {
        .kind = EVENT_message, .session = crowd->connector, .address = span_of("a"), .text = span_of("hello"), .key = span_of("k")};
    world_step(&crowd->world, &message);
    assert_int_equal(count_records(crowd, RECORD_offered, 0), MANY);
    lsn_t last = crowd->world.plan.records[crowd->world.plan.records_count - 1].lsn;
    world_crash(&crowd->world);
    struct event accept = {
        .kind = EVENT_accept, .session = crowd->sessions[MANY - 1], .conversation = 1, .offer = last, .key = span_of("k")};
    world_step(&crowd->world, &accept);
    assert_int_equal(crowd->world.plan.outcome.status, STATUS_ok);
    assert_int_equal(count_records(crowd, RECORD_withdrawn, CAUSE_rescinded), MANY - 1);
    assert_int_equal(count_records(crowd, RECORD_assigned, 0), 1);
    world_crash(&crowd->world);
    world_close(&crowd->world);
    test_free(crowd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offer_of_voice_stands_8_s_of_chat_and_messaging_30_s_of_mail_300_s),
        cmocka_unit_test(a_queues_own_time_stands_instead_of_the_channels),
        cmocka_unit_test(an_offer_may_stand_for_1_s_and_for_86400_s),
        cmocka_unit_test(first_accept_wins_and_the_others_are_rescinded_in_the_same_step),
        cmocka_unit_test(a_late_accept_is_refused_with_the_owners_name),
        cmocka_unit_test(an_accept_after_the_offers_end_is_refused),
        cmocka_unit_test(offers_at_once_reserve_room_with_every_agent),
        cmocka_unit_test(of_offers_at_once_one_is_declined_and_the_others_stand),
        cmocka_unit_test(of_offers_at_once_all_declined_it_waits_until_one_is_not_passed_over),
        cmocka_unit_test(of_offers_at_once_all_end_together),
        cmocka_unit_test(who_comes_later_is_not_offered_what_is_offered_already),
        cmocka_unit_test(who_declined_is_passed_over_for_10_s_for_that_conversation_only),
        cmocka_unit_test(who_let_an_offer_expire_is_passed_over_for_10_s_for_that_conversation_only),
        cmocka_unit_test(a_decline_may_say_for_how_long),
        cmocka_unit_test(a_decline_may_say_why),
        cmocka_unit_test(who_is_passed_over_may_be_offered_what_another_does_not_take),
        cmocka_unit_test(a_decline_is_an_answer_and_no_miss),
        cmocka_unit_test(three_misses_of_different_conversations_in_a_row_make_not_responding),
        cmocka_unit_test(a_decline_ends_the_row_of_misses),
        cmocka_unit_test(who_stops_responding_loses_its_other_offers_at_once),
        cmocka_unit_test(it_goes_to_the_overflow_queue_when_offered_as_often_as_its_queue_allows),
        cmocka_unit_test(offers_at_once_count_each),
        cmocka_unit_test(without_an_overflow_queue_it_goes_to_the_dead_letter_queue_with_reason_count_and_first_time),
        cmocka_unit_test(with_neither_it_goes_on_being_offered),
        cmocka_unit_test(a_transfer_begins_the_count_of_offers_anew),
        cmocka_unit_test(what_its_owner_gives_back_counts_as_an_offer_that_came_to_nothing),
        cmocka_unit_test(an_agent_may_accept_by_itself),
        cmocka_unit_test(a_queue_may_have_its_conversations_accepted_by_themselves),
        cmocka_unit_test(what_is_accepted_by_itself_still_needs_room),
        cmocka_unit_test(after_20_offers_it_goes_to_the_overflow_queue_with_its_reason),
        cmocka_unit_test(fifty_agents_are_offered_at_once_and_the_first_who_accepts_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
