#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "story.h"
#define BOT_IS_AVAILABLE                                                                                                                   \
    "hello bot\n"                                                                                                                          \
    "stay bot\n"                                                                                                                           \
    "available bot\n= agent_state bot available\n"

static void in_a_consultation_another_agent_sees_and_whispers(void **state)
{
    (void)state;
    story(
        BEN_OWNS_C1 ANA_IS_AVAILABLE
        "consult ben c1 e1 queue=billing text=help\n= asked c1 ben consult billing help\n= offered c1 ana until 30000 consult\n"
        "accept ana c1\n= joined c1 ana\n"
        "message wa a back\n= message c1 #2 back\n"
        "reply ben c1 e1 wait\n= reply c1 #3 wait\n"
        "note ana c1 offer-ten\n= note c1 #4 offer-ten\n"
        "note ben c1 thanks\n= note c1 #5 thanks\n"
        "crash\n"
        "outbox ana\n= offered c1 ana until 30000 consult\n= joined c1 ana\n= message c1 #2 back\n= reply c1 #3 wait\n= note c1 #5 thanks\n"
        "outbox ben\n= offered c1 ben until 30000\n= assigned c1 ben e1\n= asked c1 ben consult billing help\n= joined c1 ana\n= message "
        "c1 #2 back\n= note c1 #4 offer-ten\n");
}

static void who_is_consulted_does_not_own_it(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 ANA_IS_AVAILABLE "consult ben c1 e1 agent=ana\n= asked c1 ben consult ana\n= offered c1 ana until 30000 consult\n"
                                       "accept ana c1\n= joined c1 ana\n"
                                       "reply ana c1 e1 mine\n= refused not_owner owner ben\n"
                                       "finish ana c1 e1\n= refused not_owner owner ben\n"
                                       "transfer ana c1 e1 queue=billing\n= refused not_owner owner ben\n"
                                       "reply ben c1 e1 mine\n= reply c1 #2 mine\n");
}

static void who_joins_a_consultation_has_answered_and_ends_its_row_of_misses(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup.config.misses_max = 2;
    story_on(&setup,
             BEN_OWNS_C1 ANA_IS_AVAILABLE "arrives wa b topic=billing\n= queued c2 billing normal\n= offered c2 ana until 30000\n"
                                          "at 30000\n= withdrawn c2 ana expired\n"
                                          "consult ben c1 e1 agent=ana\n= asked c1 ben consult ana\n= offered c1 ana until 60000 consult\n"
                                          "accept ana c1\n= joined c1 ana\n"
                                          "crash\n"
                                          "at 40000\n= offered c2 ana until 70000\n"
                                          "at 70000\n= withdrawn c2 ana expired\n"
                                          "at 80000\n= offered c2 ana until 110000\n"
                                          "at 110000\n= withdrawn c2 ana expired\n= agent_state ana not_responding\n");
}

static void a_consultation_costs_room_as_owning_does(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_agent(&setup, "ana")->capacity = 20;
    story_on(&setup,
             BEN_OWNS_C1 ANA_IS_AVAILABLE "consult ben c1 e1 agent=ana\n= asked c1 ben consult ana\n= offered c1 ana until 30000 consult\n"
                                          "accept ana c1\n= joined c1 ana\n"
                                          "hello web\n"
                                          "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
                                          "decline ben c2\n= withdrawn c2 ben declined\n"
                                          "recall ben c1 e1\n= recalled c1 ana consult e1 recalled\n= offered c2 ana until 30000\n");
}

static void its_owner_ends_a_consultation(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 ANA_IS_AVAILABLE
          "consult ben c1 e1 agent=ana\n= asked c1 ben consult ana\n= offered c1 ana until 30000 consult\n"
          "accept ana c1\n= joined c1 ana\n"
          "recall ben c1 e1\n= recalled c1 ana consult e1 recalled\n"
          "message wa a back\n= message c1 #2 back\n"
          "outbox ana\n= offered c1 ana until 30000 consult\n= joined c1 ana\n= recalled c1 ana consult e1 recalled\n");
}

static void after_a_consultation_it_waits_on_its_customer_as_before(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_channel(&setup, "whatsapp")->inactive_after_ms = 50000;
    story_on(&setup,
             BEN_OWNS_C1 ANA_IS_AVAILABLE "consult ben c1 e1 agent=ana\n= asked c1 ben consult ana\n= offered c1 ana until 30000 consult\n"
                                          "accept ana c1\n= joined c1 ana\n"
                                          "at 10000\n"
                                          "reply ben c1 e1 well?\n= reply c1 #2 well?\n"
                                          "at 20000\n"
                                          "recall ben c1 e1\n= recalled c1 ana consult e1 recalled\n"
                                          "crash\n"
                                          "at 59999\n"
                                          "at 60000\n= inactive c1 ben\n");
}

static void after_a_loan_it_waits_on_its_customer_as_before(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_channel(&setup, "whatsapp")->inactive_after_ms = 50000;
    story_on(&setup, BEN_OWNS_C1 BOT_IS_AVAILABLE "lend ben c1 e1 agent=bot delay=60000\n= lent c1 bot e2 until 60000\n"
                                                  "at 10000\n"
                                                  "reply bot c1 e2 number?\n= reply c1 #2 number?\n"
                                                  "at 20000\n"
                                                  "give_back bot c1 e2\n= recalled c1 bot loan e3 returned\n"
                                                  "at 59999\n"
                                                  "crash\n"
                                                  "at 60000\n= inactive c1 ben\n");
}

static void who_accepts_by_itself_joins_a_consultation_at_once(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 "hello auto\n"
                      "stay auto\n"
                      "available auto\n= agent_state auto available\n"
                      "consult ben c1 e1 agent=auto\n= asked c1 ben consult auto\n= joined c1 auto\n");
}

static void the_colleague_ends_a_consultation(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 ANA_IS_AVAILABLE "consult ben c1 e1 agent=ana\n= asked c1 ben consult ana\n= offered c1 ana until 30000 consult\n"
                                       "accept ana c1\n= joined c1 ana\n"
                                       "recall ana c1 e1\n= recalled c1 ana consult e1 returned\n"
                                       "outbox ben\n= offered c1 ben until 30000\n= assigned c1 ben e1\n= asked c1 ben consult ana\n= "
                                       "joined c1 ana\n= recalled c1 ana consult e1 returned\n");
}

static void a_consultation_declined_by_the_agent_meant_is_over(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 ANA_IS_AVAILABLE "consult ben c1 e1 agent=ana\n= asked c1 ben consult ana\n= offered c1 ana until 30000 consult\n"
                                       "decline ana c1\n= withdrawn c1 ana declined\n= recalled c1 consult e1 declined\n"
                                       "recall ben c1 e1\n= refused illegal_move owner ben\n");
}

static void a_consultation_ends_when_the_colleague_is_lost(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 ANA_IS_AVAILABLE "consult ben c1 e1 agent=ana\n= asked c1 ben consult ana\n= offered c1 ana until 30000 consult\n"
                                       "accept ana c1\n= joined c1 ana\n"
                                       "silent ana\n"
                                       "at 45000\n= session_closed ana lease_ended\n"
                                       "crash\n"
                                       "at 105000\n= recalled c1 ana consult e1 agent_lost\n= agent_state ana offline\n= delivered ana\n"
                                       "reply ben c1 e1 still-me\n= reply c1 #2 still-me\n");
}

static void a_consultation_ends_when_the_owner_is_lost(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 ANA_IS_AVAILABLE
          "consult ben c1 e1 queue=billing\n= asked c1 ben consult billing\n= offered c1 ana until 30000 consult\n"
          "accept ana c1\n= joined c1 ana\n"
          "silent ben\n"
          "at 45000\n= session_closed ben lease_ended\n"
          "at 105000\n= recalled c1 ana consult e1 moved_on\n= requeued c1 ben e2 agent_lost\n= agent_state ben offline\n= delivered "
          "ben\n= offered c1 ana until 135000\n");
}

static void a_consultation_ends_when_the_owner_hands_it_over(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 ANA_IS_AVAILABLE "consult ben c1 e1 agent=ana\n= asked c1 ben consult ana\n= offered c1 ana until 30000 consult\n"
                                       "accept ana c1\n= joined c1 ana\n"
                                       "transfer ben c1 e1 queue=billing\n= recalled c1 ana consult e1 moved_on\n= transferred c1 ben e2 "
                                       "billing\n= offered c1 ana until 30000\n"
                                       "outbox ana\n= offered c1 ana until 30000 consult\n= joined c1 ana\n= recalled c1 ana consult e1 "
                                       "moved_on\n= offered c1 ana until 30000\n");
}

static void a_consultation_ends_when_its_owner_finishes(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 ANA_IS_AVAILABLE "consult ben c1 e1 agent=ana\n= asked c1 ben consult ana\n= offered c1 ana until 30000 consult\n"
                                       "accept ana c1\n= joined c1 ana\n"
                                       "finish ben c1 e1\n= recalled c1 ana consult e1 moved_on\n= finished c1 resolved\n");
}

static void a_consultation_ends_when_the_customer_leaves(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 ANA_IS_AVAILABLE
          "consult ben c1 e1 agent=ana\n= asked c1 ben consult ana\n= offered c1 ana until 30000 consult\n"
          "accept ana c1\n= joined c1 ana\n"
          "leave wa a\n= recalled c1 ana consult e1 customer_left\n= finished c1 abandoned\n"
          "outbox ana\n= offered c1 ana until 30000 consult\n= joined c1 ana\n= recalled c1 ana consult e1 customer_left\n");
}

static void a_bot_acts_for_the_owner_who_stays_owner_of_record(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 BOT_IS_AVAILABLE "lend ben c1 e1 agent=bot delay=60000\n= lent c1 bot e2 until 60000\n"
                                       "reply bot c1 e2 number?\n= reply c1 #2 number?\n"
                                       "message wa a back\n= message c1 #3 back\n"
                                       "reply ben c1 e1 wait\n= refused stale_epoch owner bot\n"
                                       "reply ben c1 e2 wait\n= refused not_owner owner bot\n"
                                       "note ben c1 careful\n= note c1 #4 careful\n"
                                       "crash\n"
                                       "give_back bot c1 e2 result=checked\n= recalled c1 bot loan e3 returned checked\n"
                                       "reply bot c1 e2 more?\n= refused stale_epoch owner ben\n"
                                       "reply ben c1 e3 thanks\n= reply c1 #5 thanks\n"
                                       "outbox ben\n= offered c1 ben until 30000\n= assigned c1 ben e1\n= lent c1 bot e2 until 60000\n= "
                                       "reply c1 #2 number?\n= message c1 #3 back\n= recalled c1 bot loan e3 returned checked\n"
                                       "outbox bot\n= lent c1 bot e2 until 60000\n= message c1 #3 back\n= note c1 #4 careful\n= recalled "
                                       "c1 bot loan e3 returned checked\n");
}

static void a_loan_says_what_it_is_for(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 BOT_IS_AVAILABLE
          "lend ben c1 e1 agent=bot delay=60000 reason=check-identity\n= lent c1 bot e2 until 60000 check-identity\n"
          "crash\n"
          "outbox bot\n= lent c1 bot e2 until 60000 check-identity\n");
}

static void a_loan_ends_with_its_time(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 BOT_IS_AVAILABLE "lend ben c1 e1 agent=bot delay=60000\n= lent c1 bot e2 until 60000\n"
                                       "at 59999\n"
                                       "crash\n"
                                       "at 60000\n= recalled c1 bot loan e3 time_up\n"
                                       "give_back bot c1 e2 result=checked\n= refused stale_epoch owner ben\n"
                                       "reply bot c1 e2 more?\n= refused stale_epoch owner ben\n"
                                       "reply ben c1 e3 hello\n= reply c1 #2 hello\n");
}

static void its_owner_takes_back_what_it_lent(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 BOT_IS_AVAILABLE "lend ben c1 e1 agent=bot delay=60000\n= lent c1 bot e2 until 60000\n"
                                       "recall ben c1 e2\n= recalled c1 bot loan e3 recalled\n"
                                       "reply bot c1 e2 more?\n= refused stale_epoch owner ben\n"
                                       "reply ben c1 e3 hello\n= reply c1 #2 hello\n"
                                       "at 60000\n");
}

static void a_bot_may_not_finish_or_hand_over_what_was_lent(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 BOT_IS_AVAILABLE "lend ben c1 e1 agent=bot delay=60000\n= lent c1 bot e2 until 60000\n"
                                       "finish bot c1 e2\n= refused not_owner owner bot\n"
                                       "transfer bot c1 e2 queue=billing\n= refused not_owner owner bot\n"
                                       "lend bot c1 e2 agent=bot delay=1\n= refused not_owner owner bot\n");
}

static void its_owner_may_finish_what_it_lent(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 BOT_IS_AVAILABLE "lend ben c1 e1 agent=bot delay=60000\n= lent c1 bot e2 until 60000\n"
                                       "finish ben c1 e2\n= recalled c1 bot loan e3 moved_on\n= finished c1 resolved\n"
                                       "outbox bot\n= lent c1 bot e2 until 60000\n= recalled c1 bot loan e3 moved_on\n");
}

static void a_loan_ends_when_the_bot_is_lost(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 BOT_IS_AVAILABLE "lend ben c1 e1 agent=bot delay=600000\n= lent c1 bot e2 until 600000\n"
                                       "silent bot\n"
                                       "at 45000\n= session_closed bot lease_ended\n"
                                       "crash\n"
                                       "at 105000\n= recalled c1 bot loan e3 agent_lost\n= agent_state bot offline\n= delivered bot\n"
                                       "reply ben c1 e3 hello\n= reply c1 #2 hello\n");
}

static void a_loan_ends_when_the_bot_signs_off(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 BOT_IS_AVAILABLE
          "lend ben c1 e1 agent=bot delay=600000\n= lent c1 bot e2 until 600000\n"
          "bye bot\n= session_closed bot signed_off\n= recalled c1 bot loan e3 signed_off\n= agent_state bot offline\n= delivered bot\n");
}

static void a_loan_ends_when_its_owner_is_lost(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 BOT_IS_AVAILABLE
          "lend ben c1 e1 agent=bot delay=600000\n= lent c1 bot e2 until 600000\n"
          "silent ben\n"
          "at 45000\n= session_closed ben lease_ended\n"
          "reply bot c1 e2 number?\n= reply c1 #2 number?\n"
          "at 105000\n= recalled c1 bot loan e3 moved_on\n= requeued c1 ben e4 agent_lost\n= agent_state ben offline\n= delivered ben\n"
          "reply bot c1 e2 number?\n= refused stale_epoch\n"
          "crash\n");
}

static void a_loan_ends_when_the_customer_leaves(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 BOT_IS_AVAILABLE "lend ben c1 e1 agent=bot delay=600000\n= lent c1 bot e2 until 600000\n"
                                       "leave wa a\n= recalled c1 bot loan e3 customer_left\n= finished c1 abandoned\n"
                                       "outbox bot\n= lent c1 bot e2 until 600000\n= recalled c1 bot loan e3 customer_left\n"
                                       "outbox ben\n= offered c1 ben until 30000\n= assigned c1 ben e1\n= lent c1 bot e2 until 600000\n= "
                                       "recalled c1 bot loan e3 customer_left\n= finished c1 abandoned\n");
}

static void only_bots_that_are_there_with_room_are_lent_to(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_agent(&setup, "bot")->capacity = 20;
    story_on(&setup, BEN_OWNS_C1 ANA_IS_AVAILABLE "lend ben c1 e1 agent=ana delay=1000\n= refused illegal_move owner ben\n"
                                                  "lend ben c1 e1 agent=bot delay=1000\n= refused illegal_move owner ben\n"
                                                  "hello bot\n"
                                                  "lend ben c1 e1 agent=bot delay=1000\n= refused illegal_move owner ben\n"
                                                  "stay bot\n"
                                                  "available bot\n= agent_state bot available\n"
                                                  "lend ben c1 e1 agent=bot delay=1000\n= lent c1 bot e2 until 1000\n"
                                                  "arrives wa b\n= queued c2 support normal\n= offered c2 ana until 30000\n"
                                                  "accept ana c2\n= assigned c2 ana e1\n"
                                                  "lend ana c2 e1 agent=bot delay=1000\n= refused no_room owner ana\n");
}

static void a_lent_conversation_costs_its_owner_and_the_bot(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_agent(&setup, "ben")->capacity = 20;
    story_on(&setup, BEN_OWNS_C1 BOT_IS_AVAILABLE "lend ben c1 e1 agent=bot delay=60000\n= lent c1 bot e2 until 60000\n"
                                                  "reply bot c1 e2 number?\n= reply c1 #2 number?\n"
                                                  "arrives wa b\n= queued c2 support normal\n"
                                                  "at 60000\n= recalled c1 bot loan e3 time_up\n"
                                                  "finish ben c1 e3\n= finished c1 resolved\n= offered c2 ben until 90000\n");
}

static void a_queue_may_forbid_a_bot_to_finish(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, "front")->bots_may_finish = false;
    story_on(&setup, "hello wa\n" BOT_IS_AVAILABLE "arrives wa a topic=bot\n= queued c1 front normal\n= assigned c1 bot e1\n"
                     "finish bot c1 e1\n= refused bot_may_not owner bot\n" ANA_IS_AVAILABLE
                     "transfer bot c1 e1 queue=support\n= transferred c1 bot e2 support\n= offered c1 ana until 30000\n"
                     "accept ana c1\n= assigned c1 ana e3\n"
                     "finish ana c1 e3\n= finished c1 resolved\n");
}

static void where_it_does_not_a_bot_finishes(void **state)
{
    (void)state;
    story("hello wa\n" BOT_IS_AVAILABLE "arrives wa a topic=bot\n= queued c1 front normal\n= assigned c1 bot e1\n"
          "finish bot c1 e1\n= finished c1 resolved\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_a_consultation_another_agent_sees_and_whispers),
        cmocka_unit_test(who_is_consulted_does_not_own_it),
        cmocka_unit_test(who_joins_a_consultation_has_answered_and_ends_its_row_of_misses),
        cmocka_unit_test(a_consultation_costs_room_as_owning_does),
        cmocka_unit_test(its_owner_ends_a_consultation),
        cmocka_unit_test(after_a_consultation_it_waits_on_its_customer_as_before),
        cmocka_unit_test(after_a_loan_it_waits_on_its_customer_as_before),
        cmocka_unit_test(who_accepts_by_itself_joins_a_consultation_at_once),
        cmocka_unit_test(the_colleague_ends_a_consultation),
        cmocka_unit_test(a_consultation_declined_by_the_agent_meant_is_over),
        cmocka_unit_test(a_consultation_ends_when_the_colleague_is_lost),
        cmocka_unit_test(a_consultation_ends_when_the_owner_is_lost),
        cmocka_unit_test(a_consultation_ends_when_the_owner_hands_it_over),
        cmocka_unit_test(a_consultation_ends_when_its_owner_finishes),
        cmocka_unit_test(a_consultation_ends_when_the_customer_leaves),
        cmocka_unit_test(a_bot_acts_for_the_owner_who_stays_owner_of_record),
        cmocka_unit_test(a_loan_says_what_it_is_for),
        cmocka_unit_test(a_loan_ends_with_its_time),
        cmocka_unit_test(its_owner_takes_back_what_it_lent),
        cmocka_unit_test(a_bot_may_not_finish_or_hand_over_what_was_lent),
        cmocka_unit_test(its_owner_may_finish_what_it_lent),
        cmocka_unit_test(a_loan_ends_when_the_bot_is_lost),
        cmocka_unit_test(a_loan_ends_when_the_bot_signs_off),
        cmocka_unit_test(a_loan_ends_when_its_owner_is_lost),
        cmocka_unit_test(a_loan_ends_when_the_customer_leaves),
        cmocka_unit_test(only_bots_that_are_there_with_room_are_lent_to),
        cmocka_unit_test(a_lent_conversation_costs_its_owner_and_the_bot),
        cmocka_unit_test(a_queue_may_forbid_a_bot_to_finish),
        cmocka_unit_test(where_it_does_not_a_bot_finishes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
