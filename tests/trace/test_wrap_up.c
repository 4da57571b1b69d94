#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "story.h"

#define BEN_IS_AVAILABLE                                                                                                                   \
    "hello wa\n"                                                                                                                           \
    "hello web\n"                                                                                                                          \
    "hello ben\n"                                                                                                                          \
    "stay all\n"                                                                                                                           \
    "available ben\n= agent_state ben available\n"

static void who_wraps_up_is_offered_nothing_until_the_time_is_over(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_channel(&setup, "whatsapp")->wrap_up_ms = 20000;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "finish ben c1 e1\n= finished c1 resolved\n= agent_state ben wrap_up until 20000\n"
                                      "arrives wa b\n= queued c2 support normal\n"
                                      "at 10000\n"
                                      "crash\n"
                                      "at 19999\n"
                                      "at 20000\n= agent_state ben available\n= offered c2 ben until 50000\n");
}

static void wrap_up_follows_the_channel_type_over_all_queues(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_channel(&setup, "whatsapp")->wrap_up_ms = 20000;
    setup_agent(&setup, "ben")->queues = setup_agent(&setup, "ana")->queues;
    setup_agent(&setup, "ben")->queues_count = 2;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "arrives web b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
                                      "accept ben c2\n= assigned c2 ben e1\n"
                                      "transfer ben c1 e1 queue=billing\n= transferred c1 ben e2 billing\n= offered c1 ben until 30000\n"
                                      "accept ben c1\n= assigned c1 ben e3\n"
                                      "finish ben c1 e3\n= finished c1 resolved\n= agent_state ben wrap_up until 20000\n"
                                      "finish ben c2 e1\n= finished c2 resolved\n"
                                      "arrives wa c\n= queued c3 support normal\n"
                                      "at 20000\n= agent_state ben available\n= offered c3 ben until 50000\n");
}

static void the_longer_wrap_up_stands(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_channel(&setup, "whatsapp")->wrap_up_ms = 20000;
    setup_channel(&setup, "webchat")->wrap_up_ms = 5000;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "arrives web b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
                                      "accept ben c2\n= assigned c2 ben e1\n"
                                      "finish ben c1 e1\n= finished c1 resolved\n= agent_state ben wrap_up until 20000\n"
                                      "at 1000\n"
                                      "finish ben c2 e1\n= finished c2 resolved\n"
                                      "at 20000\n= agent_state ben available\n");
}

static void a_finish_later_in_wrap_up_begins_the_time_anew(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_channel(&setup, "whatsapp")->wrap_up_ms = 20000;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
                                      "accept ben c2\n= assigned c2 ben e1\n"
                                      "finish ben c1 e1\n= finished c1 resolved\n= agent_state ben wrap_up until 20000\n"
                                      "at 15000\n"
                                      "finish ben c2 e1\n= finished c2 resolved\n= agent_state ben wrap_up until 35000\n"
                                      "at 20000\n"
                                      "at 35000\n= agent_state ben available\n");
}

static void wrap_up_can_be_cut_short(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_channel(&setup, "whatsapp")->wrap_up_ms = 20000;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "finish ben c1 e1\n= finished c1 resolved\n= agent_state ben wrap_up until 20000\n"
                                      "arrives wa b\n= queued c2 support normal\n"
                                      "at 5000\n"
                                      "available ben\n= agent_state ben available\n= offered c2 ben until 35000\n"
                                      "at 20000\n");
}

static void wrap_up_can_be_extended(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_channel(&setup, "whatsapp")->wrap_up_ms = 20000;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "finish ben c1 e1\n= finished c1 resolved\n= agent_state ben wrap_up until 20000\n"
                                      "at 10000\n"
                                      "wrap_up ben delay=60000\n= agent_state ben wrap_up until 70000\n"
                                      "crash\n"
                                      "at 20000\n"
                                      "at 70000\n= agent_state ben available\n");
}

static void wrap_up_without_a_time_is_refused(void **state)
{
    (void)state;
    story(BEN_IS_AVAILABLE "wrap_up ben delay=0\n= refused bad_field\n"
                           "away ben\n= agent_state ben away\n"
                           "wrap_up ben delay=1000\n= refused illegal_move\n");
}

static void bots_do_not_wrap_up(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_channel(&setup, "whatsapp")->wrap_up_ms = 20000;
    story_on(&setup, "hello wa\n"
                     "hello bot\n"
                     "available bot\n= agent_state bot available\n"
                     "arrives wa a topic=bot\n= queued c1 front normal\n= assigned c1 bot e1\n"
                     "finish bot c1 e1\n= finished c1 resolved\n");
}

static void who_is_away_does_not_wrap_up(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_channel(&setup, "whatsapp")->wrap_up_ms = 20000;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "away ben\n= agent_state ben away\n"
                                      "finish ben c1 e1\n= finished c1 resolved\n"
                                      "at 20000\n");
}

static void a_transfer_is_no_finish_and_needs_no_wrap_up(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_channel(&setup, "whatsapp")->wrap_up_ms = 20000;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "transfer ben c1 e1 queue=billing\n= transferred c1 ben e2 billing\n");
}

static void who_wraps_up_keeps_its_offers_and_may_accept_them(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_channel(&setup, "whatsapp")->wrap_up_ms = 20000;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
                                      "finish ben c1 e1\n= finished c1 resolved\n= agent_state ben wrap_up until 20000\n"
                                      "accept ben c2\n= assigned c2 ben e1\n");
}

static void who_is_lost_while_wrapping_up_is_offline_after_the_grace(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_channel(&setup, "whatsapp")->wrap_up_ms = 200000;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "finish ben c1 e1\n= finished c1 resolved\n= agent_state ben wrap_up until 200000\n"
                                      "silent ben\n"
                                      "at 45000\n= session_closed ben lease_ended\n"
                                      "at 105000\n= agent_state ben offline\n= delivered ben\n"
                                      "hello ben\n"
                                      "stay ben\n"
                                      "at 200000\n"
                                      "available ben\n= agent_state ben available\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_wraps_up_is_offered_nothing_until_the_time_is_over),
        cmocka_unit_test(wrap_up_follows_the_channel_type_over_all_queues),
        cmocka_unit_test(the_longer_wrap_up_stands),
        cmocka_unit_test(a_finish_later_in_wrap_up_begins_the_time_anew),
        cmocka_unit_test(wrap_up_can_be_cut_short),
        cmocka_unit_test(wrap_up_can_be_extended),
        cmocka_unit_test(wrap_up_without_a_time_is_refused),
        cmocka_unit_test(bots_do_not_wrap_up),
        cmocka_unit_test(who_is_away_does_not_wrap_up),
        cmocka_unit_test(a_transfer_is_no_finish_and_needs_no_wrap_up),
        cmocka_unit_test(who_wraps_up_keeps_its_offers_and_may_accept_them),
        cmocka_unit_test(who_is_lost_while_wrapping_up_is_offline_after_the_grace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
