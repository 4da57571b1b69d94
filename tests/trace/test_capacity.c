#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "story.h"

static char support[] = "support", phone[] = "phone", voice[] = "voice", webchat[] = "webchat", whatsapp[] = "whatsapp";
static char *makes_way[] = {webchat}, *asks_way[] = {voice};
static struct config_step to_support = {.queue = support};
static struct config_cap two_whatsapp = {.channel = whatsapp, .conversations = 2};

/* With a telephone; every account's conversations go to support. */
static struct config_channel *setup_phone(struct setup *setup)
{
    struct config_channel *channel = setup_channel(setup, voice);
    channel->cost = 100;
    channel->offer_ms = 8000;
    setup->accounts[setup->config.accounts_count++] = (struct config_account){.name = phone, .channel = voice};
    setup_rule(setup, &to_support, 1, NULL);
    return channel;
}
#define BEN_IS_AVAILABLE                                                                                                                   \
    "hello wa\n"                                                                                                                           \
    "hello web\n"                                                                                                                          \
    "hello ben\n"                                                                                                                          \
    "stay all\n"                                                                                                                           \
    "available ben\n= agent_state ben available\n"

static void a_conversation_costs_what_its_channel_type_says(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_channel(&setup, "webchat")->cost = 60;
    story_on(&setup, BEN_IS_AVAILABLE "arrives web a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "arrives web b\n= queued c2 support normal\n"
                                      "arrives wa c\n= queued c3 support normal\n= offered c3 ben until 30000\n"
                                      "arrives wa d\n= queued c4 support normal\n= offered c4 ben until 30000\n"
                                      "arrives wa e\n= queued c5 support normal\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "finish ben c1 e1\n= finished c1 resolved\n= offered c2 ben until 30000\n");
}

static void five_messaging_conversations_fill_the_budget(void **state)
{
    (void)state;
    story(BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                           "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
                           "arrives wa c\n= queued c3 support normal\n= offered c3 ben until 30000\n"
                           "arrives wa d\n= queued c4 support normal\n= offered c4 ben until 30000\n"
                           "arrives wa e\n= queued c5 support normal\n= offered c5 ben until 30000\n"
                           "arrives wa f\n= queued c6 support normal\n"
                           "decline ben c3\n= withdrawn c3 ben declined\n= offered c6 ben until 30000\n"
                           "crash\n");
}

static void four_chats_fill_the_budget(void **state)
{
    (void)state;
    story(BEN_IS_AVAILABLE "arrives web a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                           "arrives web b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
                           "arrives web c\n= queued c3 support normal\n= offered c3 ben until 30000\n"
                           "arrives web d\n= queued c4 support normal\n= offered c4 ben until 30000\n"
                           "arrives web e\n= queued c5 support normal\n");
}

static void one_call_fills_the_budget(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_phone(&setup);
    story_on(&setup, BEN_IS_AVAILABLE "hello phone\n"
                                      "hello mail\n"
                                      "arrives phone a\n= queued c1 support normal\n= offered c1 ben until 8000\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "arrives mail b\n= queued c2 support normal\n"
                                      "finish ben c1 e1\n= finished c1 resolved\n= offered c2 ben until 300000\n");
}

static void ten_mails_fill_the_budget_and_a_chat_waits_until_it_fits(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_phone(&setup);
    story_on(&setup, BEN_IS_AVAILABLE "hello mail\n"
                                      "arrives mail a\n= queued c1 support normal\n= offered c1 ben until 300000\n"
                                      "arrives mail b\n= queued c2 support normal\n= offered c2 ben until 300000\n"
                                      "arrives mail c\n= queued c3 support normal\n= offered c3 ben until 300000\n"
                                      "arrives mail d\n= queued c4 support normal\n= offered c4 ben until 300000\n"
                                      "arrives mail e\n= queued c5 support normal\n= offered c5 ben until 300000\n"
                                      "arrives mail f\n= queued c6 support normal\n= offered c6 ben until 300000\n"
                                      "arrives mail g\n= queued c7 support normal\n= offered c7 ben until 300000\n"
                                      "arrives mail h\n= queued c8 support normal\n= offered c8 ben until 300000\n"
                                      "arrives web i\n= queued c9 support normal\n"
                                      "arrives mail j\n= queued c10 support normal\n= offered c10 ben until 300000\n"
                                      "arrives mail k\n= queued c11 support normal\n= offered c11 ben until 300000\n"
                                      "arrives mail l\n= queued c12 support normal\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "finish ben c1 e1\n= finished c1 resolved\n= offered c12 ben until 300000\n"
                                      "accept ben c2\n= assigned c2 ben e1\n"
                                      "finish ben c2 e1\n= finished c2 resolved\n");
}

static void what_is_offered_reserves_room_like_what_is_owned(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_agent(&setup, "ben")->capacity = 50;
    story_on(&setup, BEN_IS_AVAILABLE "arrives web a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "arrives web b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
                                      "accept ben c2\n= assigned c2 ben e1\n"
                                      "arrives web c\n= queued c3 support normal\n"
                                      "at 30000\n= withdrawn c1 ben expired\n= offered c3 ben until 60000\n"
                                      "at 40000\n");
}

static void a_cap_per_channel_holds_whatever_the_budget(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_channel(&setup, "whatsapp")->cap = 1;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "arrives wa b\n= queued c2 support normal\n"
                                      "arrives web c\n= queued c3 support normal\n= offered c3 ben until 30000\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "crash\n"
                                      "finish ben c1 e1\n= finished c1 resolved\n= offered c2 ben until 30000\n");
}

static void an_agents_own_cap_stands_instead_of_the_channels(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_channel(&setup, "whatsapp")->cap = 1;
    setup_agent(&setup, "ben")->caps = &two_whatsapp;
    setup_agent(&setup, "ben")->caps_count = 1;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
                                      "arrives wa c\n= queued c3 support normal\n");
}

static void a_type_that_may_interrupt_finds_room_where_the_budget_is_used(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_phone(&setup)->interrupts = makes_way;
    setup_channel(&setup, voice)->interrupts_count = 1;
    story_on(&setup, BEN_IS_AVAILABLE "hello phone\n"
                                      "arrives web a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "arrives web b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "accept ben c2\n= assigned c2 ben e1\n"
                                      "arrives phone c\n= queued c3 support normal\n= offered c3 ben until 8000\n"
                                      "accept ben c3\n= assigned c3 ben e1\n"
                                      "arrives phone d\n= queued c4 support normal\n");
}

static void what_it_interrupts_is_not_offered_meanwhile(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_phone(&setup)->interrupts = makes_way;
    setup_channel(&setup, voice)->interrupts_count = 1;
    story_on(&setup, BEN_IS_AVAILABLE "hello phone\n"
                                      "arrives web a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "arrives phone b\n= queued c2 support normal\n= offered c2 ben until 8000\n"
                                      "arrives web c\n= queued c3 support normal\n"
                                      "accept ben c2\n= assigned c2 ben e1\n"
                                      "crash\n"
                                      "reply ben c1 e1 wait\n= reply c1 #2 wait\n"
                                      "finish ben c2 e1\n= finished c2 resolved\n= offered c3 ben until 30000\n");
}

static void a_type_that_may_not_interrupt_waits(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_phone(&setup);
    setup_channel(&setup, "webchat")->interrupts = asks_way;
    setup_channel(&setup, "webchat")->interrupts_count = 1;
    story_on(&setup, BEN_IS_AVAILABLE "hello phone\n"
                                      "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "arrives phone b\n= queued c2 support normal\n"
                                      "finish ben c1 e1\n= finished c1 resolved\n= offered c2 ben until 8000\n"
                                      "accept ben c2\n= assigned c2 ben e1\n"
                                      "arrives web c\n= queued c3 support normal\n= offered c3 ben until 30000\n");
}

static void a_conversation_waiting_on_its_customer_for_600_s_costs_nothing(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_agent(&setup, "ben")->capacity = 25;
    story_on(&setup, BEN_IS_AVAILABLE "arrives web a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "reply ben c1 e1 well?\n= reply c1 #2 well?\n"
                                      "arrives web b\n= queued c2 support normal\n"
                                      "at 599999\n"
                                      "crash\n"
                                      "at 600000\n= inactive c1 ben\n= offered c2 ben until 630000\n");
}

static void it_costs_its_inactive_cost_where_the_channel_has_one(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_agent(&setup, "ben")->capacity = 25;
    setup_channel(&setup, "webchat")->inactive_cost = 5;
    story_on(&setup, BEN_IS_AVAILABLE "arrives web a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "reply ben c1 e1 well?\n= reply c1 #2 well?\n"
                                      "arrives web b\n= queued c2 support normal\n"
                                      "arrives wa c\n= queued c3 support normal\n"
                                      "at 600000\n= inactive c1 ben\n= offered c3 ben until 630000\n");
}

static void a_conversation_whose_customer_waits_for_the_agent_keeps_its_cost(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_agent(&setup, "ben")->capacity = 25;
    story_on(&setup, BEN_IS_AVAILABLE "arrives web a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "arrives web b\n= queued c2 support normal\n"
                                      "at 600000\n"
                                      "reply ben c1 e1 sorry\n= reply c1 #2 sorry\n"
                                      "at 1199999\n"
                                      "at 1200000\n= inactive c1 ben\n= offered c2 ben until 1230000\n");
}

static void its_return_may_exceed_the_budget_but_no_new_offer_is_made_until_it_fits(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_agent(&setup, "ben")->capacity = 45;
    story_on(&setup, BEN_IS_AVAILABLE "arrives web a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "reply ben c1 e1 well?\n= reply c1 #2 well?\n"
                                      "at 600000\n= inactive c1 ben\n"
                                      "arrives web b\n= queued c2 support normal\n= offered c2 ben until 630000\n"
                                      "accept ben c2\n= assigned c2 ben e1\n"
                                      "message web a back\n= message c1 #3 back\n"
                                      "crash\n"
                                      "arrives wa c\n= queued c3 support normal\n"
                                      "reply ben c1 e1 good\n= reply c1 #4 good\n"
                                      "finish ben c2 e1\n= finished c2 resolved\n= offered c3 ben until 630000\n");
}

static void a_cap_counts_no_inactive_conversation(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_channel(&setup, "webchat")->cap = 1;
    story_on(&setup, BEN_IS_AVAILABLE "arrives web a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "reply ben c1 e1 well?\n= reply c1 #2 well?\n"
                                      "arrives web b\n= queued c2 support normal\n"
                                      "at 600000\n= inactive c1 ben\n= offered c2 ben until 630000\n");
}

static void several_sessions_of_one_agent_share_the_work(void **state)
{
    (void)state;
    story(BEN_IS_AVAILABLE "arrives web a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                           "accept ben c1\n= assigned c1 ben e1\n"
                           "hello ben\n= resumed c1 ben e1\n"
                           "arrives web b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
                           "accept ben c2\n= assigned c2 ben e1\n"
                           "outbox ben\n= offered c1 ben until 30000\n= assigned c1 ben e1\n= resumed c1 ben e1\n= offered c2 ben until "
                           "30000\n= assigned c2 ben e1\n"
                           "bye ben\n= session_closed ben signed_off\n"
                           "message web a more\n= message c1 #2 more\n");
}

static void a_bot_serves_many_at_once_by_a_large_capacity(void **state)
{
    (void)state;
    story("hello wa\n"
          "hello bot\n"
          "available bot\n= agent_state bot available\n"
          "arrives wa a topic=bot\n= queued c1 front normal\n= assigned c1 bot e1\n"
          "arrives wa b topic=bot\n= queued c2 front normal\n= assigned c2 bot e1\n"
          "arrives wa c topic=bot\n= queued c3 front normal\n= assigned c3 bot e1\n"
          "arrives wa d topic=bot\n= queued c4 front normal\n= assigned c4 bot e1\n"
          "arrives wa e topic=bot\n= queued c5 front normal\n= assigned c5 bot e1\n"
          "arrives wa f topic=bot\n= queued c6 front normal\n= assigned c6 bot e1\n");
}

static void who_is_offline_is_offered_nothing(void **state)
{
    (void)state;
    story("hello wa\n"
          "arrives wa a\n= queued c1 support normal\n"
          "hello ben\n"
          "arrives wa b\n= queued c2 support normal\n"
          "crash\n");
}

static void who_is_available_is_offered_what_waits_and_what_comes(void **state)
{
    (void)state;
    story("hello wa\n"
          "arrives wa a\n= queued c1 support normal\n"
          "hello ben\n"
          "available ben\n= agent_state ben available\n= offered c1 ben until 30000\n"
          "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 30000\n");
}

static void who_is_away_is_offered_nothing_and_keeps_what_it_has(void **state)
{
    (void)state;
    story(BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                           "accept ben c1\n= assigned c1 ben e1\n"
                           "away ben reason=lunch\n= agent_state ben away lunch\n"
                           "arrives wa b\n= queued c2 support normal\n"
                           "crash\n"
                           "reply ben c1 e1 yes\n= reply c1 #2 yes\n"
                           "available ben\n= agent_state ben available\n= offered c2 ben until 30000\n");
}

static void who_is_away_names_the_reason(void **state)
{
    (void)state;
    story(BEN_IS_AVAILABLE "away ben reason=lunch\n= agent_state ben away lunch\n"
                           "crash\n"
                           "available ben\n= agent_state ben available\n"
                           "away ben reason=training\n= agent_state ben away training\n");
}

static void who_is_away_may_say_another_reason(void **state)
{
    (void)state;
    story(BEN_IS_AVAILABLE "away ben reason=lunch\n= agent_state ben away lunch\n"
                           "away ben reason=lunch\n"
                           "away ben\n"
                           "away ben reason=training\n= agent_state ben away training\n"
                           "available ben\n= agent_state ben available\n"
                           "away ben\n= agent_state ben away\n"
                           "away ben reason=lunch\n= agent_state ben away lunch\n");
}

static void another_reason_leaves_what_waits_for_the_agent(void **state)
{
    (void)state;
    story("hello wa\n"
          "comes ana\n"
          "stay all\n"
          "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
          "accept ana c1\n= assigned c1 ana e1\n"
          "comes ben\n"
          "stay all\n"
          "away ben reason=lunch\n= agent_state ben away lunch\n"
          "transfer ana c1 e1 agent=ben\n= transferred c1 ana e2 support to ben\n"
          "away ben reason=training\n= agent_state ben away training\n"
          "available ben\n= agent_state ben available\n= offered c1 ben until 30000\n");
}

static void the_reason_is_told_as_long_as_the_agent_is_away(void **state)
{
    (void)state;
    story(BEN_IS_AVAILABLE "away ben reason=lunch\n= agent_state ben away lunch\n"
                           "arrives wa a\n= queued c1 support normal\n"
                           "why c1 ben\n= c1 queued in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= ben away lunch\n"
                           "crash\n"
                           "why c1 ben\n= c1 queued in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= ben away lunch\n"
                           "checkpoint 100\n"
                           "crash\n"
                           "why c1 ben\n= c1 queued in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= ben away lunch\n"
                           "available ben\n= agent_state ben available\n= offered c1 ben until 30000\n"
                           "away ben\n= agent_state ben away\n= withdrawn c1 ben rescinded\n"
                           "crash\n"
                           "why c1 ben\n= c1 queued in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= ben away\n");
}

static void who_does_not_respond_is_offered_nothing_until_it_says_that_it_is_there(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup.config.misses_max = 1;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "at 30000\n= withdrawn c1 ben expired\n= agent_state ben not_responding\n"
                                      "at 90000\n"
                                      "crash\n"
                                      "available ben\n= agent_state ben available\n= offered c1 ben until 120000\n");
}

static void who_does_not_respond_keeps_what_it_has(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup.config.misses_max = 1;
    story_on(&setup, BEN_IS_AVAILABLE "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                                      "accept ben c1\n= assigned c1 ben e1\n"
                                      "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
                                      "at 30000\n= withdrawn c2 ben expired\n= agent_state ben not_responding\n"
                                      "reply ben c1 e1 busy\n= reply c1 #2 busy\n"
                                      "available ben\n= agent_state ben available\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_conversation_costs_what_its_channel_type_says),
        cmocka_unit_test(five_messaging_conversations_fill_the_budget),
        cmocka_unit_test(four_chats_fill_the_budget),
        cmocka_unit_test(one_call_fills_the_budget),
        cmocka_unit_test(ten_mails_fill_the_budget_and_a_chat_waits_until_it_fits),
        cmocka_unit_test(what_is_offered_reserves_room_like_what_is_owned),
        cmocka_unit_test(a_cap_per_channel_holds_whatever_the_budget),
        cmocka_unit_test(an_agents_own_cap_stands_instead_of_the_channels),
        cmocka_unit_test(a_type_that_may_interrupt_finds_room_where_the_budget_is_used),
        cmocka_unit_test(what_it_interrupts_is_not_offered_meanwhile),
        cmocka_unit_test(a_type_that_may_not_interrupt_waits),
        cmocka_unit_test(a_conversation_waiting_on_its_customer_for_600_s_costs_nothing),
        cmocka_unit_test(it_costs_its_inactive_cost_where_the_channel_has_one),
        cmocka_unit_test(a_conversation_whose_customer_waits_for_the_agent_keeps_its_cost),
        cmocka_unit_test(its_return_may_exceed_the_budget_but_no_new_offer_is_made_until_it_fits),
        cmocka_unit_test(a_cap_counts_no_inactive_conversation),
        cmocka_unit_test(several_sessions_of_one_agent_share_the_work),
        cmocka_unit_test(a_bot_serves_many_at_once_by_a_large_capacity),
        cmocka_unit_test(who_is_offline_is_offered_nothing),
        cmocka_unit_test(who_is_available_is_offered_what_waits_and_what_comes),
        cmocka_unit_test(who_is_away_is_offered_nothing_and_keeps_what_it_has),
        cmocka_unit_test(who_is_away_names_the_reason),
        cmocka_unit_test(who_is_away_may_say_another_reason),
        cmocka_unit_test(another_reason_leaves_what_waits_for_the_agent),
        cmocka_unit_test(the_reason_is_told_as_long_as_the_agent_is_away),
        cmocka_unit_test(who_does_not_respond_is_offered_nothing_until_it_says_that_it_is_there),
        cmocka_unit_test(who_does_not_respond_keeps_what_it_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
