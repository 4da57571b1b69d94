#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "story.h"

#define BEN_OWNS_C1_AND_IS_OFFERED_C2                                                                                                      \
    "hello wa\nhello ben\navailable ben\n= agent_state ben available\n"                                                                    \
    "message wa a one\n= conversation_opened c1\n= message c1 #1 one\n= queued c1 support normal\n= offered c1 ben until 30000\n"          \
    "accept ben c1\n= assigned c1 ben e1\n"                                                                                                \
    "message wa b two\n= conversation_opened c2\n= message c2 #1 two\n= queued c2 support normal\n= offered c2 ben until 30000\n"

static void a_silent_session_ends_with_its_lease(void **state)
{
    (void)state;
    story("hello wa\nat 44999\nat 45000\n= session_closed wa lease_ended\n"
          "message wa a one\n= refused unknown_session\n");
}

static void a_sign_of_life_renews_the_lease(void **state)
{
    (void)state;
    story("hello wa\nat 30000\ntouch wa\nat 74999\nat 75000\n= session_closed wa lease_ended\n");
}

static void a_lost_agents_offers_are_withdrawn_at_once_and_its_work_returns_after_the_grace(void **state)
{
    (void)state;
    story("hello wa\nhello carla\navailable carla\n= agent_state carla available\n"
          "message wa a one\n= conversation_opened c1\n= message c1 #1 one\n= queued c1 support normal\n= offered c1 carla until 30000\n"
          "accept carla c1\n= assigned c1 carla e1\n"
          "at 29999\ntouch wa\n"
          "message wa b two\n= conversation_opened c2\n= message c2 #1 two\n= queued c2 support normal\n= offered c2 carla until 59999\n"
          "at 45000\n= session_closed carla lease_ended\n= withdrawn c2 carla agent_lost\n"
          "at 60000\ntouch wa\n"
          "at 104999\ntouch wa\n"
          "at 105000\n= requeued c1 carla e2 agent_lost\n= agent_state carla offline\n= delivered carla\n"
          "hello ben\navailable ben\n= agent_state ben available\n= offered c1 ben until 135000\n= offered c2 ben until 135000\n");
}

static void an_agent_back_within_the_grace_keeps_its_work(void **state)
{
    (void)state;
    story(BEN_OWNS_C1_AND_IS_OFFERED_C2 "at 20000\ntouch wa\n"
                                        "at 45000\n= withdrawn c2 ben expired\n= offered c2 ben until 70000\n= session_closed ben "
                                        "lease_ended\n= withdrawn c2 ben agent_lost\n"
                                        "hello ben\n= resumed c1 ben e1\n= offered c2 ben until 75000\n"
                                        "touch wa\nat 60000\ntouch ben\n"
                                        "reply ben c1 e1 hello\n= reply c1 #2 hello\n");
}

static void who_signs_off_gives_everything_back_at_once(void **state)
{
    (void)state;
    story(BEN_OWNS_C1_AND_IS_OFFERED_C2
          "bye ben\n= session_closed ben signed_off\n= withdrawn c2 ben signed_off\n= requeued c1 ben e2 signed_off\n= agent_state ben "
          "offline\n"
          "= delivered ben\n"
          "hello ana\navailable ana\n= agent_state ana available\n= offered c1 ana until 30000\n= offered c2 ana until 30000\n");
}

static void several_sessions_of_an_agent_share_the_work(void **state)
{
    (void)state;
    story("hello wa\nhello ben\navailable ben\n= agent_state ben available\n"
          "message wa a one\n= conversation_opened c1\n= message c1 #1 one\n= queued c1 support normal\n= offered c1 ben until 30000\n"
          "accept ben c1\n= assigned c1 ben e1\n"
          "hello ben\n= resumed c1 ben e1\nbye ben\n= session_closed ben signed_off\n"
          "message wa a two\n= message c1 #2 two\n");
}

static void a_session_that_never_fetches_holds_nothing_back(void **state)
{
    (void)state;
    story("hello wa\nhello ben\navailable ben\n= agent_state ben available\n"
          "message wa a one\n= conversation_opened c1\n= message c1 #1 one\n= queued c1 support normal\n= offered c1 ben until 30000\n"
          "fetched ben 0\nhello ben\nfetched ben 1000\n"
          "outbox ben\n= offered c1 ben until 30000\n");
    story("hello wa\nhello ben\navailable ben\n= agent_state ben available\n"
          "message wa a one\n= conversation_opened c1\n= message c1 #1 one\n= queued c1 support normal\n= offered c1 ben until 30000\n"
          "hello ben\nfetched ben 1000\n= delivered ben\noutbox ben\n");
}

static void a_newer_connector_takes_over(void **state)
{
    (void)state;
    story("hello wa\nhello wa\n= session_closed wa replaced\n"
          "message wa a one\n= conversation_opened c1\n= message c1 #1 one\n= queued c1 support normal\n");
}

static void who_goes_away_gets_no_new_work_and_keeps_the_old(void **state)
{
    (void)state;
    story(BEN_OWNS_C1_AND_IS_OFFERED_C2 "away ben\n= agent_state ben away\n= withdrawn c2 ben rescinded\n"
                                        "reply ben c1 e1 hello\n= reply c1 #2 hello\n"
                                        "crash\n"
                                        "available ben\n= agent_state ben available\n= offered c2 ben until 30000\n");
}

static void sessions_and_presence_survive_a_restart(void **state)
{
    (void)state;
    story(BEN_OWNS_C1_AND_IS_OFFERED_C2 "checkpoint 3\ncrash\ncheckpoint 2\ncrash\n"
                                        "accept ben c2\n= assigned c2 ben e1\n"
                                        "reply ben c2 e1 hello\n= reply c2 #2 hello\n");
}

static void after_a_restart_the_longest_idle_agent_still_chooses_first(void **state)
{
    (void)state;
    story("hello wa\nhello ana\nhello ben\nhello carla\n"
          "available carla\n= agent_state carla available\navailable ana\n= agent_state ana available\navailable ben\n= agent_state ben "
          "available\n"
          "crash\n"
          "message wa a one\n= conversation_opened c1\n= message c1 #1 one\n= queued c1 support normal\n= offered c1 carla until 30000\n"
          "message wa b two\n= conversation_opened c2\n= message c2 #1 two\n= queued c2 support normal\n= offered c2 ana until 30000\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_silent_session_ends_with_its_lease),
        cmocka_unit_test(a_sign_of_life_renews_the_lease),
        cmocka_unit_test(a_lost_agents_offers_are_withdrawn_at_once_and_its_work_returns_after_the_grace),
        cmocka_unit_test(an_agent_back_within_the_grace_keeps_its_work),
        cmocka_unit_test(who_signs_off_gives_everything_back_at_once),
        cmocka_unit_test(several_sessions_of_an_agent_share_the_work),
        cmocka_unit_test(a_session_that_never_fetches_holds_nothing_back),
        cmocka_unit_test(a_newer_connector_takes_over),
        cmocka_unit_test(who_goes_away_gets_no_new_work_and_keeps_the_old),
        cmocka_unit_test(sessions_and_presence_survive_a_restart),
        cmocka_unit_test(after_a_restart_the_longest_idle_agent_still_chooses_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
