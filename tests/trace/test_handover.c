#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "story.h"

static void a_transfer_goes_to_a_queue(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_ben_in_billing(&setup);
    story_on(&setup, BEN_OWNS_C1 ANA_IS_AVAILABLE
             "at 1000\n"
             "transfer ben c1 e1 queue=billing text=vip\n= transferred c1 ben e2 billing vip\n= offered c1 ana until 31000\n"
             "crash\n"
             "outbox ana\n= offered c1 ana until 31000\n");
}

static void a_transfer_goes_to_a_requirement(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_ben_in_billing(&setup);
    story_on(&setup, BEN_OWNS_C1 ANA_IS_AVAILABLE
             "hello carla\n"
             "stay carla\n"
             "available carla\n= agent_state carla available\n"
             "transfer ben c1 e1 skill=billing:2\n= transferred c1 ben e2 support\n= offered c1 ana until 30000\n"
             "decline ana c1\n= withdrawn c1 ana declined\n"
             "at 9999\n"
             "at 10000\n= offered c1 ana until 40000\n");
}

static void a_transfer_goes_to_an_agent_who_needs_neither_queue_nor_skill(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 ANA_IS_AVAILABLE
          "hello auto\n"
          "stay auto\n"
          "available auto\n= agent_state auto available\n"
          "transfer ben c1 e1 queue=billing\n= transferred c1 ben e2 billing\n= offered c1 ana until 30000\n"
          "accept ana c1\n= assigned c1 ana e3\n"
          "transfer ana c1 e3 agent=ben\n= transferred c1 ana e4 billing to ben\n= offered c1 ben until 30000\n"
          "decline ben c1\n= withdrawn c1 ben declined\n= requeued c1 ben e4 declined\n= offered c1 ana until 30000\n");
}

static void a_transfer_to_an_agent_without_room_waits_for_that_agent(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_agent(&setup, "ana")->capacity = setup_agent(&setup, "ben")->capacity = 20;
    story_on(&setup, BEN_OWNS_C1 ANA_IS_AVAILABLE "arrives wa b\n= queued c2 support normal\n= offered c2 ana until 30000\n"
                                                  "transfer ben c1 e1 agent=ana\n= transferred c1 ben e2 support to ana\n"
                                                  "accept ana c2\n= assigned c2 ana e1\n"
                                                  "crash\n"
                                                  "finish ana c2 e1\n= finished c2 resolved\n= offered c1 ana until 30000\n");
}

static void who_hands_over_coldly_has_it_no_longer(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 "transfer ben c1 e1 queue=billing\n= transferred c1 ben e2 billing\n"
                      "reply ben c1 e1 wait\n= refused stale_epoch\n"
                      "message wa a back\n= message c1 #2 back\n"
                      "outbox ben\n= offered c1 ben until 30000\n= assigned c1 ben e1\n");
}

static void a_warm_transfer_is_accepted_before_it_leaves(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 ANA_IS_AVAILABLE
          "transfer ben c1 e1 queue=billing warm=1 text=vip\n= asked c1 ben warm billing vip\n= offered c1 ana until 30000 warm\n"
          "message wa a back\n= message c1 #2 back\n"
          "reply ben c1 e1 wait\n= reply c1 #3 wait\n"
          "crash\n"
          "accept ana c1\n= assigned c1 ana e2\n"
          "reply ben c1 e1 late\n= refused stale_epoch owner ana\n"
          "reply ana c1 e2 hello\n= reply c1 #4 hello\n"
          "outbox ben\n= offered c1 ben until 30000\n= assigned c1 ben e1\n= asked c1 ben warm billing vip\n= message c1 #2 back\n= "
          "assigned c1 ana e2\n");
}

static void two_who_worked_by_one_record_are_idle_in_the_same_order_after_a_restart(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    setup_agent(&setup, "dora");
    story_on(&setup, BEN_OWNS_C1 "comes dora\n"
                                 "transfer ben c1 e1 agent=dora warm=1\n= asked c1 ben warm dora\n"
                                 "= offered c1 dora until 30000 warm\n"
                                 "accept dora c1\n= assigned c1 dora e2\n"
                                 "crash\n"
                                 "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 30000\n");
}

static void after_a_warm_transfer_it_is_of_the_other_queue_at_its_old_place(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 ANA_IS_AVAILABLE
          "transfer ben c1 e1 queue=billing warm=1\n= asked c1 ben warm billing\n= offered c1 ana until 30000 warm\n"
          "at 5000\n"
          "accept ana c1\n= assigned c1 ana e2\n"
          "crash\n"
          "nack ana c1 e2\n= requeued c1 ana e3 nacked\n"
          "waiting billing\n= c1 arrived 0 normal offers 1\n");
}

static void a_warm_transfer_comes_to_its_queue_when_it_is_accepted(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, "billing")->wait_max_ms = 20000;
    setup_queue(&setup, "billing")->overflow = "support";
    story_on(&setup, BEN_OWNS_C1 ANA_IS_AVAILABLE
             "at 50000\n"
             "transfer ben c1 e1 queue=billing warm=1\n= asked c1 ben warm billing\n= offered c1 ana until 80000 warm\n"
             "accept ana c1\n= assigned c1 ana e2\n"
             "nack ana c1 e2\n= requeued c1 ana e3 nacked\n"
             "away ana\n= agent_state ana away\n"
             "at 69999\n"
             "crash\n"
             "at 70000\n= moved c1 support waited_too_long after 1\n= offered c1 ben until 100000\n");
}

static void a_warm_transfer_declined_by_the_agent_meant_is_recalled_and_its_owner_told(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 ANA_IS_AVAILABLE
          "transfer ben c1 e1 agent=ana warm=1\n= asked c1 ben warm ana\n= offered c1 ana until 30000 warm\n"
          "decline ana c1\n= withdrawn c1 ana declined\n= recalled c1 warm e1 declined\n"
          "reply ben c1 e1 still-me\n= reply c1 #2 still-me\n"
          "outbox ben\n= offered c1 ben until 30000\n= assigned c1 ben e1\n= asked c1 ben warm ana\n= recalled c1 warm e1 declined\n");
}

static void a_warm_transfer_that_the_agent_meant_lets_expire_is_recalled(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 ANA_IS_AVAILABLE "transfer ben c1 e1 agent=ana warm=1\n= asked c1 ben warm ana\n= offered c1 ana until 30000 warm\n"
                                       "at 30000\n= withdrawn c1 ana expired\n= recalled c1 warm e1 expired\n"
                                       "reply ben c1 e1 still-me\n= reply c1 #2 still-me\n");
}

static void a_warm_transfer_declined_by_one_of_a_queue_is_offered_to_the_next(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 ANA_IS_AVAILABLE
          "hello carla\n"
          "stay carla\n"
          "available carla\n= agent_state carla available\n"
          "transfer ben c1 e1 queue=billing warm=1\n= asked c1 ben warm billing\n= offered c1 ana until 30000 warm\n"
          "decline ana c1\n= withdrawn c1 ana declined\n= offered c1 carla until 30000 warm\n"
          "crash\n"
          "accept carla c1\n= assigned c1 carla e2\n");
}

static void a_warm_transfer_that_nobody_takes_waits_with_its_owner(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 "transfer ben c1 e1 queue=billing warm=1\n= asked c1 ben warm billing\n"
                      "at 100000\n"
                      "reply ben c1 e1 patience\n= reply c1 #2 patience\n"
                      "hello ana\n"
                      "available ana\n= agent_state ana available\n= offered c1 ana until 130000 warm\n"
                      "accept ana c1\n= assigned c1 ana e2\n");
}

static void a_warm_transfer_is_recalled_by_its_owner(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 ANA_IS_AVAILABLE
          "transfer ben c1 e1 queue=billing warm=1\n= asked c1 ben warm billing\n= offered c1 ana until 30000 warm\n"
          "recall ben c1 e1\n= withdrawn c1 ana recalled\n= recalled c1 warm e1 recalled\n"
          "accept ana c1\n= refused no_offer owner ben\n"
          "outbox ana\n= offered c1 ana until 30000 warm\n= withdrawn c1 ana recalled\n"
          "recall ben c1 e1\n= refused illegal_move owner ben\n"
          "reply ben c1 e1 still-me\n= reply c1 #2 still-me\n");
}

static void a_warm_transfer_is_offered_to_several_at_once_and_the_first_has_it(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, "billing")->offers = 2;
    story_on(&setup, BEN_OWNS_C1 ANA_IS_AVAILABLE "hello carla\n"
                                                  "stay carla\n"
                                                  "available carla\n= agent_state carla available\n"
                                                  "transfer ben c1 e1 queue=billing warm=1\n= asked c1 ben warm billing\n= offered c1 ana "
                                                  "until 30000 warm\n= offered c1 carla until 30000 warm\n"
                                                  "crash\n"
                                                  "accept carla c1\n= withdrawn c1 ana rescinded\n= assigned c1 carla e2\n"
                                                  "accept ana c1\n= refused no_offer owner carla\n");
}

static void a_warm_transfer_to_who_accepts_by_itself_leaves_at_once(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 "hello auto\n"
                      "stay auto\n"
                      "available auto\n= agent_state auto available\n"
                      "transfer ben c1 e1 agent=auto warm=1\n= asked c1 ben warm auto\n= assigned c1 auto e2\n");
}

static void its_owner_may_finish_or_hand_over_coldly_what_it_asked_to_hand_over_warmly(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 ANA_IS_AVAILABLE
          "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
          "accept ben c2\n= assigned c2 ben e1\n"
          "transfer ben c1 e1 queue=billing warm=1\n= asked c1 ben warm billing\n= offered c1 ana until 30000 warm\n"
          "finish ben c1 e1\n= withdrawn c1 ana moved_on\n= recalled c1 warm e1 moved_on\n= finished c1 resolved\n"
          "transfer ben c2 e1 queue=billing warm=1\n= asked c2 ben warm billing\n= offered c2 ana until 30000 warm\n"
          "transfer ben c2 e1 agent=ana\n= withdrawn c2 ana moved_on\n= recalled c2 warm e1 moved_on\n= transferred c2 ben e2 support to "
          "ana\n= offered c2 ana until 30000\n");
}

static void a_second_request_waits_for_the_end_of_the_first(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 ANA_IS_AVAILABLE
          "transfer ben c1 e1 queue=billing warm=1\n= asked c1 ben warm billing\n= offered c1 ana until 30000 warm\n"
          "transfer ben c1 e1 queue=support warm=1\n= refused illegal_move owner ben\n"
          "consult ben c1 e1 agent=ana\n= refused illegal_move owner ben\n"
          "lend ben c1 e1 agent=ana delay=1000\n= refused illegal_move owner ben\n");
}

static void an_owner_lost_during_a_warm_transfer_gives_it_to_its_queue(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, "billing")->offer_ms = 300000;
    story_on(&setup, BEN_OWNS_C1 ANA_IS_AVAILABLE
             "transfer ben c1 e1 queue=billing warm=1\n= asked c1 ben warm billing\n= offered c1 ana until 300000 warm\n"
             "silent ben\n"
             "at 45000\n= session_closed ben lease_ended\n"
             "crash\n"
             "at 105000\n= withdrawn c1 ana moved_on\n= recalled c1 warm e1 moved_on\n= requeued c1 ben e2 agent_lost\n= agent_state ben "
             "offline\n= delivered ben\n= offered c1 ana until 135000\n");
}

static void who_accepts_a_warm_transfer_of_a_lost_owner_has_it(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, "billing")->offer_ms = 300000;
    story_on(&setup, BEN_OWNS_C1 ANA_IS_AVAILABLE
             "transfer ben c1 e1 queue=billing warm=1\n= asked c1 ben warm billing\n= offered c1 ana until 300000 warm\n"
             "silent ben\n"
             "at 60000\n= session_closed ben lease_ended\n"
             "accept ana c1\n= assigned c1 ana e2\n"
             "at 105000\n= agent_state ben offline\n= delivered ben\n");
}

static void a_customer_who_leaves_ends_a_warm_transfer(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 ANA_IS_AVAILABLE
          "transfer ben c1 e1 queue=billing warm=1\n= asked c1 ben warm billing\n= offered c1 ana until 30000 warm\n"
          "leave wa a\n= withdrawn c1 ana customer_left\n= recalled c1 warm e1 customer_left\n= finished c1 abandoned\n"
          "outbox ana\n= offered c1 ana until 30000 warm\n= withdrawn c1 ana customer_left\n");
}

static void an_escalation_goes_to_the_next_level_and_keeps_the_customers_channel(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, "support")->escalates_to = "billing";
    story_on(&setup, BEN_OWNS_C1 ANA_IS_AVAILABLE
             "hello web\n"
             "escalate ben c1 e1 text=angry\n= transferred c1 ben e2 billing angry\n= offered c1 ana until 30000\n"
             "crash\n"
             "accept ana c1\n= assigned c1 ana e3\n"
             "reply ana c1 e3 hello\n= reply c1 #2 hello\n"
             "outbox wa\n= reply c1 #2 hello\n"
             "outbox web\n"
             "message wa a back\n= message c1 #3 back\n");
}

static void an_escalation_without_a_next_level_is_refused(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 "escalate ben c1 e1\n= refused illegal_move owner ben\n"
                      "reply ben c1 e1 still-me\n= reply c1 #2 still-me\n");
}

static void what_is_meant_for_an_agent_who_goes_away_goes_to_everyone(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_agent(&setup, "ana")->capacity = setup_agent(&setup, "ben")->capacity = 20;
    story_on(
        &setup, BEN_OWNS_C1 ANA_IS_AVAILABLE
        "arrives wa b\n= queued c2 support normal\n= offered c2 ana until 30000\n"
        "transfer ben c1 e1 agent=ana\n= transferred c1 ben e2 support to ana\n"
        "away ana\n= agent_state ana away\n= withdrawn c2 ana rescinded\n= requeued c1 ana e2 rescinded\n= offered c1 ben until 30000\n"
        "crash\n");
}

static void what_is_meant_for_an_agent_who_signs_off_goes_to_everyone(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_agent(&setup, "ana")->capacity = setup_agent(&setup, "ben")->capacity = 20;
    story_on(&setup,
             BEN_OWNS_C1 ANA_IS_AVAILABLE "arrives wa b\n= queued c2 support normal\n= offered c2 ana until 30000\n"
                                          "transfer ben c1 e1 agent=ana\n= transferred c1 ben e2 support to ana\n"
                                          "accept ana c2\n= assigned c2 ana e1\n"
                                          "bye ana\n= session_closed ana signed_off\n= requeued c2 ana e2 signed_off\n= requeued c1 ana e2 "
                                          "signed_off\n= agent_state ana offline\n= delivered ana\n= offered c1 ben until 30000\n");
}

static void what_is_meant_for_an_agent_who_stops_responding_goes_to_everyone(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_agent(&setup, "ana")->capacity = setup_agent(&setup, "ben")->capacity = 20;
    setup.config.misses_max = 1;
    story_on(&setup, BEN_OWNS_C1 ANA_IS_AVAILABLE "arrives wa b\n= queued c2 support normal\n= offered c2 ana until 30000\n"
                                                  "transfer ben c1 e1 agent=ana\n= transferred c1 ben e2 support to ana\n"
                                                  "at 30000\n= withdrawn c2 ana expired\n= agent_state ana not_responding\n= requeued c1 "
                                                  "ana e2 expired\n= offered c1 ben until 60000\n");
}

static void what_is_meant_for_an_agent_who_is_lost_goes_to_everyone_after_the_grace(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_agent(&setup, "ana")->capacity = setup_agent(&setup, "ben")->capacity = 20;
    story_on(&setup, BEN_OWNS_C1 ANA_IS_AVAILABLE "arrives wa b\n= queued c2 support normal\n= offered c2 ana until 30000\n"
                                                  "transfer ben c1 e1 agent=ana\n= transferred c1 ben e2 support to ana\n"
                                                  "accept ana c2\n= assigned c2 ana e1\n"
                                                  "silent ana\n"
                                                  "at 45000\n= session_closed ana lease_ended\n"
                                                  "crash\n"
                                                  "at 105000\n= requeued c2 ana e2 agent_lost\n= requeued c1 ana e2 agent_lost\n= "
                                                  "agent_state ana offline\n= delivered ana\n= offered c1 ben until 135000\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transfer_goes_to_a_queue),
        cmocka_unit_test(a_transfer_goes_to_a_requirement),
        cmocka_unit_test(a_transfer_goes_to_an_agent_who_needs_neither_queue_nor_skill),
        cmocka_unit_test(a_transfer_to_an_agent_without_room_waits_for_that_agent),
        cmocka_unit_test(who_hands_over_coldly_has_it_no_longer),
        cmocka_unit_test(a_warm_transfer_is_accepted_before_it_leaves),
        cmocka_unit_test(two_who_worked_by_one_record_are_idle_in_the_same_order_after_a_restart),
        cmocka_unit_test(after_a_warm_transfer_it_is_of_the_other_queue_at_its_old_place),
        cmocka_unit_test(a_warm_transfer_comes_to_its_queue_when_it_is_accepted),
        cmocka_unit_test(a_warm_transfer_declined_by_the_agent_meant_is_recalled_and_its_owner_told),
        cmocka_unit_test(a_warm_transfer_that_the_agent_meant_lets_expire_is_recalled),
        cmocka_unit_test(a_warm_transfer_declined_by_one_of_a_queue_is_offered_to_the_next),
        cmocka_unit_test(a_warm_transfer_that_nobody_takes_waits_with_its_owner),
        cmocka_unit_test(a_warm_transfer_is_recalled_by_its_owner),
        cmocka_unit_test(a_warm_transfer_is_offered_to_several_at_once_and_the_first_has_it),
        cmocka_unit_test(a_warm_transfer_to_who_accepts_by_itself_leaves_at_once),
        cmocka_unit_test(its_owner_may_finish_or_hand_over_coldly_what_it_asked_to_hand_over_warmly),
        cmocka_unit_test(a_second_request_waits_for_the_end_of_the_first),
        cmocka_unit_test(an_owner_lost_during_a_warm_transfer_gives_it_to_its_queue),
        cmocka_unit_test(who_accepts_a_warm_transfer_of_a_lost_owner_has_it),
        cmocka_unit_test(a_customer_who_leaves_ends_a_warm_transfer),
        cmocka_unit_test(an_escalation_goes_to_the_next_level_and_keeps_the_customers_channel),
        cmocka_unit_test(an_escalation_without_a_next_level_is_refused),
        cmocka_unit_test(what_is_meant_for_an_agent_who_goes_away_goes_to_everyone),
        cmocka_unit_test(what_is_meant_for_an_agent_who_signs_off_goes_to_everyone),
        cmocka_unit_test(what_is_meant_for_an_agent_who_stops_responding_goes_to_everyone),
        cmocka_unit_test(what_is_meant_for_an_agent_who_is_lost_goes_to_everyone_after_the_grace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
