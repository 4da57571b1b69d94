#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "story.h"

static void the_longest_idle_agent_is_offered_first(void **state)
{
    (void)state;
    story("hello wa\nhello ana\nhello ben\n"
          "available ben\n= agent_state ben available\n"
          "at 10\navailable ana\n= agent_state ana available\n"
          "message wa alice hola\n"
          "= conversation_opened c1\n= message c1 #1 hola\n= queued c1 support normal\n= offered c1 ben until 30010\n"
          "message wa bob hi\n"
          "= conversation_opened c2\n= message c2 #1 hi\n= queued c2 support normal\n= offered c2 ana until 30010\n");
}

static void a_rule_asks_for_skills(void **state)
{
    (void)state;
    story("hello wa\nhello ben\nhello ana\navailable ben\n= agent_state ben available\n"
          "message wa alice hola language=es\n"
          "= conversation_opened c1\n= message c1 #1 hola\n= queued c1 support normal\n"
          "available ana\n= agent_state ana available\n= offered c1 ana until 30000\n"
          "message wa bob money topic=billing\n"
          "= conversation_opened c2\n= message c2 #1 money\n= queued c2 billing normal\n= offered c2 ana until 30000\n");
}

static void one_of_several_skills_is_enough(void **state)
{
    (void)state;
    story("hello wa\nhello ben\nhello carla\navailable ben\n= agent_state ben available\navailable carla\n= agent_state carla available\n"
          "message wa alice hi language=any\n"
          "= conversation_opened c1\n= message c1 #1 hi\n= queued c1 support normal\n= offered c1 carla until 30000\n");
}

static void a_level_too_low_does_not_serve(void **state)
{
    (void)state;
    story("hello wa\nhello carla\navailable carla\n= agent_state carla available\n"
          "message wa alice money topic=billing\n= conversation_opened c1\n= message c1 #1 money\n= queued c1 billing normal\n");
}

static void higher_priority_goes_first(void **state)
{
    (void)state;
    story("hello wa\nhello carla\n"
          "message wa a one\n= conversation_opened c1\n= message c1 #1 one\n= queued c1 support normal\n"
          "at 1000\n"
          "message wa b two priority=urgent\n= conversation_opened c2\n= message c2 #1 two\n= queued c2 support urgent\n"
          "message wa c three priority=low\n= conversation_opened c3\n= message c3 #1 three\n= queued c3 support low\n"
          "available carla\n= agent_state carla available\n= offered c2 carla until 31000\n= offered c1 carla until 31000\n");
}

static void priority_is_minutes_of_head_start_and_no_more(void **state)
{
    (void)state;
    story("hello wa\nhello carla\n"
          "message wa a one\n= conversation_opened c1\n= message c1 #1 one\n= queued c1 support normal\n"
          "at 1\ntouch wa\nat 40000\ntouch wa\ntouch carla\nat 80000\ntouch wa\ntouch carla\nat 120000\ntouch wa\ntouch carla\nat "
          "160000\ntouch wa\n"
          "touch carla\nat 200000\ntouch wa\ntouch carla\nat 240000\ntouch wa\ntouch carla\nat 280000\ntouch wa\ntouch carla\nat 300001\n"
          "message wa b two priority=normal\n= conversation_opened c2\n= message c2 #1 two\n= queued c2 support normal\n"
          "message wa c three priority=high\n= conversation_opened c3\n= message c3 #1 three\n= queued c3 support high\n"
          "available carla\n= agent_state carla available\n= offered c3 carla until 330001\n= offered c1 carla until 330001\n");
}

static void capacity_is_never_exceeded(void **state)
{
    (void)state;
    story(
        "hello wa\nhello web\nhello carla\navailable carla\n= agent_state carla available\n"
        "message wa a one\n= conversation_opened c1\n= message c1 #1 one\n= queued c1 support normal\n= offered c1 carla until 30000\n"
        "message web b two\n= conversation_opened c2\n= message c2 #1 two\n= queued c2 support normal\n"
        "message wa c three\n= conversation_opened c3\n= message c3 #1 three\n= queued c3 support normal\n= offered c3 carla until 30000\n"
        "accept carla c1\n= assigned c1 carla e1\n"
        "accept carla c3\n= assigned c3 carla e1\n"
        "finish carla c1 e1\n= finished c1 resolved\n"
        "finish carla c3 e1\n= finished c3 resolved\n= offered c2 carla until 30000\n");
}

static void a_declined_offer_goes_to_another_and_comes_back_later(void **state)
{
    (void)state;
    story("hello wa\nhello ana\nhello ben\navailable ana\n= agent_state ana available\navailable ben\n= agent_state ben available\n"
          "message wa a one\n= conversation_opened c1\n= message c1 #1 one\n= queued c1 support normal\n= offered c1 ana until 30000\n"
          "decline ana c1\n= withdrawn c1 ana declined\n= offered c1 ben until 30000\n"
          "decline ben c1\n= withdrawn c1 ben declined\n"
          "crash\n"
          "at 9999\n"
          "at 10000\n= offered c1 ana until 40000\n");
}

static void three_expired_offers_in_a_row_make_not_responding(void **state)
{
    (void)state;
    story("hello wa\nhello ben\navailable ben\n= agent_state ben available\n"
          "message wa a one\n= conversation_opened c1\n= message c1 #1 one\n= queued c1 support normal\n= offered c1 ben until 30000\n"
          "message wa b two\n= conversation_opened c2\n= message c2 #1 two\n= queued c2 support normal\n= offered c2 ben until 30000\n"
          "message wa c three\n= conversation_opened c3\n= message c3 #1 three\n= queued c3 support normal\n= offered c3 ben until 30000\n"
          "at 29000\ntouch ben\ntouch wa\n"
          "at 31000\n= withdrawn c1 ben expired\n= withdrawn c2 ben expired\n= withdrawn c3 ben expired\n= agent_state ben not_responding\n"
          "at 50000\ntouch ben\n"
          "available ben\n= agent_state ben available\n= offered c1 ben until 80000\n= offered c2 ben until 80000\n= offered c3 ben until "
          "80000\n");
}

static void an_accepted_offer_ends_the_row_of_misses(void **state)
{
    (void)state;
    story("hello wa\nhello ben\navailable ben\n= agent_state ben available\n"
          "message wa a one\n= conversation_opened c1\n= message c1 #1 one\n= queued c1 support normal\n= offered c1 ben until 30000\n"
          "at 29000\ntouch ben\ntouch wa\nat 30000\n= withdrawn c1 ben expired\n"
          "at 40000\n= offered c1 ben until 70000\n"
          "accept ben c1\n= assigned c1 ben e1\n"
          "message wa b two\n= conversation_opened c2\n= message c2 #1 two\n= queued c2 support normal\n= offered c2 ben until 70000\n"
          "at 60000\ntouch ben\ntouch wa\nat 70000\n= withdrawn c2 ben expired\n"
          "at 80000\n= offered c2 ben until 110000\n"
          "at 90000\ntouch ben\ntouch wa\nat 110000\n= withdrawn c2 ben expired\n");
}

static void auto_accept_needs_no_offer(void **state)
{
    (void)state;
    story("hello wa\nhello auto\navailable auto\n= agent_state auto available\n"
          "message wa a one\n= conversation_opened c1\n= message c1 #1 one\n= queued c1 support normal\n= assigned c1 auto e1\n");
}

static void a_message_that_no_rule_routes_is_refused_and_leaves_nothing(void **state)
{
    (void)state;
    story("hello mail\nmessage mail a one\n= refused no_route\n");
}

static void a_freed_agent_serves_who_waited_before_who_arrives(void **state)
{
    (void)state;
    story("hello wa\nhello carla\navailable carla\n= agent_state carla available\n"
          "message wa a one\n= conversation_opened c1\n= message c1 #1 one\n= queued c1 support normal\n= offered c1 carla until 30000\n"
          "message wa b two\n= conversation_opened c2\n= message c2 #1 two\n= queued c2 support normal\n= offered c2 carla until 30000\n"
          "message wa c three\n= conversation_opened c3\n= message c3 #1 three\n= queued c3 support normal\n"
          "at 1000\naccept carla c1\n= assigned c1 carla e1\n"
          "transfer carla c1 e1 queue=support\n= transferred c1 carla e2 support\n= offered c1 carla until 31000\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_idle_agent_is_offered_first),
        cmocka_unit_test(a_rule_asks_for_skills),
        cmocka_unit_test(one_of_several_skills_is_enough),
        cmocka_unit_test(a_level_too_low_does_not_serve),
        cmocka_unit_test(higher_priority_goes_first),
        cmocka_unit_test(priority_is_minutes_of_head_start_and_no_more),
        cmocka_unit_test(capacity_is_never_exceeded),
        cmocka_unit_test(a_declined_offer_goes_to_another_and_comes_back_later),
        cmocka_unit_test(three_expired_offers_in_a_row_make_not_responding),
        cmocka_unit_test(an_accepted_offer_ends_the_row_of_misses),
        cmocka_unit_test(auto_accept_needs_no_offer),
        cmocka_unit_test(a_message_that_no_rule_routes_is_refused_and_leaves_nothing),
        cmocka_unit_test(a_freed_agent_serves_who_waited_before_who_arrives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
