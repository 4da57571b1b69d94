#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "story.h"

/* Two intervals a day, on two days. */
static const int64_t OFFICE[] = {0, 10000, 20000, 30000, 86400000, 86410000, 86420000, 86430000};

/* support has these hours. */
static void with_hours(struct setup *setup, enum when_closed when_closed)
{
    story_setup_patient(setup);
    setup_calendar(setup, "office", OFFICE, 8);
    setup_queue(setup, "support")->calendar = "office";
    setup_queue(setup, "support")->when_closed = when_closed;
    setup_queue(setup, "support")->closed_text = "closed";
    setup_queue(setup, "general");
    setup_queue(setup, "support")->overflow = "general";
}

/* The same with other hours. */
static void with_other_hours(struct setup *setup, int64_t open_ms, int64_t close_ms)
{
    with_hours(setup, WHEN_CLOSED_hold);
    setup->intervals[0][0] = (struct config_interval){STORY_START_MS + open_ms, STORY_START_MS + close_ms};
    setup->calendars[0].intervals_count = 1;
}

static void while_it_is_open_hours_change_nothing(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_message);
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "at 9999\n"
                     "arrives wa b\n= queued c2 support normal\n= offered c2 ana until 39999\n"
                     "outbox wa\n");
}

static void two_intervals_a_day_are_open_and_the_time_between_is_closed(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_hold);
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "at 9999\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 39999\n"
                     "accept ana c1\n= assigned c1 ana e1\n"
                     "at 10000\n"
                     "arrives wa b\n= queued c2 support normal\n= held c2 held until 20000\n"
                     "at 20000\n= requeued c2  e0 opened\n= offered c2 ana until 50000\n"
                     "accept ana c2\n= assigned c2 ana e1\n"
                     "arrives wa c\n= queued c3 support normal\n= offered c3 ana until 50000\n"
                     "accept ana c3\n= assigned c3 ana e1\n"
                     "at 30000\n"
                     "arrives wa d\n= queued c4 support normal\n= held c4 held until 86400000\n"
                     "at 86400000\n= requeued c4  e0 opened\n= offered c4 ana until 86430000\n"
                     "accept ana c4\n= assigned c4 ana e1\n");
}

static void a_queue_that_holds_waits_for_the_opening_and_keeps_the_key(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_hold);
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "at 11000\n"
                     "arrives wa a\n= queued c1 support normal\n= held c1 held until 20000\n"
                     "at 19999\n"
                     "checkpoint 100\n"
                     "crash\n"
                     "why c1\n= c1 held in support key -289000 ahead 0 step 0/0 eligible 4 signed_in 1\n= next opening at 20000\n"
                     "at 20000\n= requeued c1  e0 opened\n= offered c1 ana until 50000\n");
}

static void who_is_held_is_released_at_the_opening_in_order(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_hold);
    setup_agent(&setup, "ana")->capacity = 20;
    setup_agent(&setup, "ana")->auto_accept = true;
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "at 11000\n"
                     "arrives wa a priority=low\n= queued c1 support low\n= held c1 held until 20000\n"
                     "arrives wa b\n= queued c2 support normal\n= held c2 held until 20000\n"
                     "at 12000\n"
                     "arrives wa c priority=urgent\n= queued c3 support urgent\n= held c3 held until 20000\n"
                     "crash\n"
                     "at 20000\n= requeued c1  e0 opened\n= requeued c2  e0 opened\n= requeued c3  e0 opened\n= assigned c3 ana e1\n"
                     "finish ana c3 e1\n= finished c3 resolved\n= assigned c2 ana e1\n"
                     "finish ana c2 e1\n= finished c2 resolved\n= assigned c1 ana e1\n");
}

static void who_is_held_is_released_however_late_it_is_noticed(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_hold);
    setup_queue(&setup, "support")->first_response_ms = 5000;
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "at 11000\n"
                     "arrives wa a\n= queued c1 support normal\n= held c1 held until 20000\n"
                     /* its deadline is due before the opening */
                     "late 25000\n= overdue c1 first_response\n= requeued c1  e0 opened\n= offered c1 ana until 55000\n");
}

static void who_is_held_over_a_whole_opening_is_held_for_the_next(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_hold);
    story_on(&setup, "hello wa\n"
                     "at 11000\n"
                     "arrives wa a\n= queued c1 support normal\n= held c1 held until 20000\n"
                     "late 35000\n= requeued c1  e0 opened\n= held c1 held until 86400000\n"
                     "crash\n"
                     "late 86400001\n= requeued c1  e0 opened\n");
}

static void the_time_held_is_no_waiting_time(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_hold);
    setup_queue(&setup, "support")->wait_max_ms = 5000;
    story_on(&setup, "hello wa\n"
                     "at 11000\n"
                     "arrives wa a\n= queued c1 support normal\n= held c1 held until 20000\n"
                     "at 20000\n= requeued c1  e0 opened\n"
                     "crash\n"
                     "at 24999\n"
                     "at 25000\n= moved c1 general waited_too_long\n");
}

static void steps_count_from_the_opening_for_who_was_held(void **state)
{
    (void)state;
    struct setup setup;
    struct config_skill french[] = {{"french", 1}};
    struct config_step steps[] = {{.queue = "support", .all = french, .all_count = 1}, {.queue = "support", .after_ms = 5000}};
    with_hours(&setup, WHEN_CLOSED_hold);
    setup_rule(&setup, steps, 2, "plan")->topic = "plan";
    story_on(&setup, "hello wa\n"
                     "at 11000\n"
                     "arrives wa a topic=plan\n= queued c1 support normal\n= held c1 held until 20000\n"
                     "at 20000\n= requeued c1  e0 opened\n"
                     "at 24999\n"
                     "at 25000\n= relaxed c1 support normal step 2\n");
}

static void a_message_is_sent_once_per_conversation_per_closed_period(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_message);
    story_on(&setup, "hello wa\n"
                     "at 11000\n"
                     "arrives wa a\n= queued c1 support normal\n= held c1 held until 20000\n= reply c1 #2 closed\n"
                     "message wa a anybody?\n= message c1 #3 anybody?\n"
                     "crash\n"
                     "at 12000\n"
                     "message wa a hello?\n= message c1 #4 hello?\n"
                     "arrives wa b\n= queued c2 support normal\n= held c2 held until 20000\n= reply c2 #2 closed\n"
                     "outbox wa\n= reply c1 #2 closed\n= reply c2 #2 closed\n");
}

static void the_message_comes_again_in_the_next_closed_period(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_message);
    story_on(&setup, "hello wa\n"
                     "at 11000\n"
                     "arrives wa a\n= queued c1 support normal\n= held c1 held until 20000\n= reply c1 #2 closed\n"
                     "at 20000\n= requeued c1  e0 opened\n"
                     "at 30000\n= held c1 held until 86400000\n= reply c1 #3 closed\n"
                     "checkpoint 100\n"
                     "crash\n"
                     "message wa a still-here\n= message c1 #4 still-here\n");
}

static void who_comes_back_in_the_same_closed_period_is_not_told_again(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_message);
    story_on(&setup, "hello wa\n"
                     "at 11000\n"
                     "arrives wa a\n= queued c1 support normal\n= held c1 held until 20000\n= reply c1 #2 closed\n"
                     "leave wa a\n= finished c1 abandoned\n"
                     "checkpoint 100\n"
                     "crash\n"
                     "at 12000\n"
                     "message wa a again\n= reopened c1\n= message c1 #3 again\n= queued c1 support normal\n= held c1 held until 20000\n"
                     "outbox wa\n= reply c1 #2 closed\n= finished c1 abandoned\n");
}

static void who_waited_before_it_closed_is_told_and_held_too(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_message);
    story_on(&setup, "hello wa\n"
                     "at 5000\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "at 10000\n= held c1 held until 20000\n= reply c1 #2 closed\n"
                     "crash\n"
                     "message wa a hello?\n= message c1 #3 hello?\n"
                     "at 20000\n= requeued c1  e0 opened\n"
                     "comes ana\n= offered c1 ana until 50000\n");
}

static void the_message_is_no_response(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_message);
    setup_queue(&setup, "support")->first_response_ms = 5000;
    story_on(&setup, "hello wa\n"
                     "at 11000\n"
                     "arrives wa a\n= queued c1 support normal\n= held c1 held until 20000\n= reply c1 #2 closed\n"
                     "at 16000\n= overdue c1 first_response\n");
}

static void who_is_held_is_told_nothing_unless_the_queue_has_a_message(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_hold);
    story_on(&setup, "hello wa\n"
                     "at 11000\n"
                     "arrives wa a\n= queued c1 support normal\n= held c1 held until 20000\n"
                     "message wa a hello?\n= message c1 #2 hello?\n"
                     "outbox wa\n");
}

static void who_is_owned_when_it_closes_goes_on(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_message);
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "accept ana c1\n= assigned c1 ana e1\n"
                     "at 10000\n"
                     "message wa a more\n= message c1 #2 more\n"
                     "reply ana c1 e1 answer\n= reply c1 #3 answer\n"
                     "finish ana c1 e1\n= finished c1 resolved\n");
}

static void who_is_given_back_after_closing_is_held(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_message);
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "accept ana c1\n= assigned c1 ana e1\n"
                     "at 10000\n"
                     "nack ana c1 e1\n= requeued c1 ana e2 nacked\n= held c1 held until 20000\n= reply c1 #2 closed\n"
                     "at 20000\n= requeued c1  e2 opened\n= offered c1 ana until 50000\n");
}

static void an_offer_that_stands_when_it_closes_may_be_accepted(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_hold);
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "at 9000\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 39000\n"
                     "at 10000\n"
                     "accept ana c1\n= assigned c1 ana e1\n");
}

static void an_offer_that_ends_after_closing_is_followed_by_none(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_hold);
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "comes ben\n"
                     "at 9000\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 39000\n"
                     "at 10000\n"
                     "decline ana c1\n= withdrawn c1 ana declined\n= held c1 held until 20000\n"
                     "crash\n"
                     "at 20000\n= requeued c1  e0 opened\n= offered c1 ben until 50000\n");
}

static void what_waits_when_it_closes_is_not_offered_until_it_opens(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_hold);
    story_on(&setup, "hello wa\n"
                     "at 5000\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "at 10000\n= held c1 held until 20000\n"
                     "comes ana\n"
                     "at 19999\n"
                     "at 20000\n= requeued c1  e0 opened\n= offered c1 ana until 50000\n");
}

static void when_closed_only_bots_are_offered(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_bot);
    setup_agent(&setup, "bot")->queues = (char *[]){"support"};
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "at 11000\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "crash\n"
                     "comes bot\n= assigned c1 bot e1\n"
                     "arrives wa b\n= queued c2 support normal\n= assigned c2 bot e1\n"
                     "away bot\n= agent_state bot away\n"
                     "arrives wa c\n= queued c3 support normal\n"
                     "at 20000\n= offered c3 ana until 50000\n");
}

static void when_closed_it_overflows(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_overflow);
    story_on(&setup, "hello wa\n"
                     "at 5000\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "at 10000\n= moved c1 general closed\n"
                     "at 11000\n"
                     "arrives wa b\n= queued c2 support normal\n= moved c2 general closed\n"
                     "peek general\n= c1 normal lane 0 key -295000 closed\n= c2 normal lane 0 key -289000 closed\n"
                     "at 20000\n"
                     "arrives wa c\n= queued c3 support normal\n");
}

static void a_closed_overflow_queue_holds_in_its_turn(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_overflow);
    setup_queue(&setup, "general")->calendar = "office";
    setup_queue(&setup, "general")->when_closed = WHEN_CLOSED_message;
    setup_queue(&setup, "general")->closed_text = "all-closed";
    story_on(&setup,
             "hello wa\n"
             "at 11000\n"
             "arrives wa a\n= queued c1 support normal\n= moved c1 general closed\n= held c1 held until 20000\n= reply c1 #2 all-closed\n"
             "crash\n"
             "at 20000\n= requeued c1  e0 opened\n");
}

static void a_transfer_into_a_closed_queue_is_held(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_message);
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "at 11000\n"
                     "arrives wa a topic=billing\n= queued c1 billing normal\n= offered c1 ana until 41000\n"
                     "accept ana c1\n= assigned c1 ana e1\n"
                     "transfer ana c1 e1 queue=support\n= transferred c1 ana e2 support\n= held c1 held until 20000\n= reply c1 #2 closed\n"
                     "at 20000\n= requeued c1  e2 opened\n= offered c1 ana until 50000\n");
}

static void a_transfer_to_an_agent_is_offered_whatever_the_hours(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_hold);
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "comes ben\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "accept ana c1\n= assigned c1 ana e1\n"
                     "at 11000\n"
                     "transfer ana c1 e1 agent=ben\n= transferred c1 ana e2 support to ben\n= offered c1 ben until 41000\n");
}

static void who_leaves_while_held_has_abandoned(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_hold);
    story_on(&setup, "hello wa\n"
                     "at 11000\n"
                     "arrives wa a\n= queued c1 support normal\n= held c1 held until 20000\n"
                     "leave wa a\n= finished c1 abandoned\n"
                     "at 20000\n");
}

static void after_the_last_opening_it_is_looked_at_daily(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_hold);
    story_on(&setup, "hello wa\n"
                     "at 86430000\n"
                     "arrives wa a\n= queued c1 support normal\n= held c1 held until 172830000\n"
                     "at 172830000\n= requeued c1  e0 opened\n= held c1 held until 259230000\n"
                     "crash\n");
}

static void a_reload_that_opens_earlier_releases_earlier(void **state)
{
    (void)state;
    struct setup before, after;
    with_hours(&before, WHEN_CLOSED_hold);
    with_other_hours(&after, 15000, 30000);
    story_reloading(&before, &after,
                    "hello wa\n"
                    "comes ana\n"
                    "at 11000\n"
                    "arrives wa a\n= queued c1 support normal\n= held c1 held until 20000\n"
                    "at 12000\n"
                    "reload\n= held c1 held until 15000\n"
                    "crash\n"
                    "at 15000\n= requeued c1  e0 opened\n= offered c1 ana until 45000\n");
}

static void a_reload_that_opens_now_releases_at_once(void **state)
{
    (void)state;
    struct setup before, after;
    with_hours(&before, WHEN_CLOSED_hold);
    with_other_hours(&after, 0, 30000);
    story_reloading(&before, &after,
                    "hello wa\n"
                    "comes ana\n"
                    "at 11000\n"
                    "arrives wa a\n= queued c1 support normal\n= held c1 held until 20000\n"
                    "reload\n= requeued c1  e0 opened\n= offered c1 ana until 41000\n");
}

static void a_reload_releases_in_the_order_in_which_they_came(void **state)
{
    (void)state;
    struct setup before, after;
    with_hours(&before, WHEN_CLOSED_hold);
    with_other_hours(&after, 0, 30000);
    story_reloading(&before, &after,
                    "hello wa\n"
                    "at 11000\n"
                    "arrives wa a\n= queued c1 support normal\n= held c1 held until 20000\n"
                    "arrives wa b\n= queued c2 support normal\n= held c2 held until 20000\n"
                    "arrives wa c\n= queued c3 support normal\n= held c3 held until 20000\n"
                    "arrives wa d\n= queued c4 support normal\n= held c4 held until 20000\n"
                    "arrives wa e\n= queued c5 support normal\n= held c5 held until 20000\n"
                    "arrives wa f\n= queued c6 support normal\n= held c6 held until 20000\n"
                    "reload\n= requeued c1  e0 opened\n= requeued c2  e0 opened\n= requeued c3  e0 opened\n= requeued c4  e0 opened\n= "
                    "requeued c5  e0 opened\n= requeued c6  e0 opened\n");
}

static void a_reload_that_opens_later_holds_for_longer(void **state)
{
    (void)state;
    struct setup before, after;
    with_hours(&before, WHEN_CLOSED_hold);
    with_other_hours(&after, 25000, 30000);
    story_reloading(&before, &after,
                    "hello wa\n"
                    "comes ana\n"
                    "at 11000\n"
                    "arrives wa a\n= queued c1 support normal\n= held c1 held until 20000\n"
                    "reload\n= held c1 held until 25000\n"
                    "at 20000\n"
                    "crash\n"
                    "at 25000\n= requeued c1  e0 opened\n= offered c1 ana until 55000\n");
}

static void a_reload_that_closes_now_holds_who_waits(void **state)
{
    (void)state;
    struct setup before, after;
    with_hours(&before, WHEN_CLOSED_hold);
    with_other_hours(&after, 25000, 30000);
    story_reloading(&before, &after,
                    "hello wa\n"
                    "arrives wa a\n= queued c1 support normal\n"
                    "at 5000\n"
                    "reload\n= held c1 held until 25000\n"
                    "comes ana\n"
                    "at 25000\n= requeued c1  e0 opened\n= offered c1 ana until 55000\n");
}

static void a_reload_without_hours_releases_at_once(void **state)
{
    (void)state;
    struct setup before, after;
    with_hours(&before, WHEN_CLOSED_hold);
    story_setup_patient(&after);
    story_reloading(&before, &after,
                    "hello wa\n"
                    "comes ana\n"
                    "at 11000\n"
                    "arrives wa a\n= queued c1 support normal\n= held c1 held until 20000\n"
                    "reload\n= requeued c1  e0 opened\n= offered c1 ana until 41000\n");
}

static void a_reload_without_the_queue_forgets_its_hours(void **state)
{
    (void)state;
    struct setup before, after;
    with_hours(&before, WHEN_CLOSED_hold);
    setup_queue(&before, "night")->calendar = "office";
    story_setup_patient(&after);
    story_reloading(&before, &after,
                    "hello wa\n"
                    "reload\n"
                    "at 10000\n"
                    "at 20000\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(while_it_is_open_hours_change_nothing),
        cmocka_unit_test(two_intervals_a_day_are_open_and_the_time_between_is_closed),
        cmocka_unit_test(a_queue_that_holds_waits_for_the_opening_and_keeps_the_key),
        cmocka_unit_test(who_is_held_is_released_at_the_opening_in_order),
        cmocka_unit_test(who_is_held_is_released_however_late_it_is_noticed),
        cmocka_unit_test(who_is_held_over_a_whole_opening_is_held_for_the_next),
        cmocka_unit_test(the_time_held_is_no_waiting_time),
        cmocka_unit_test(steps_count_from_the_opening_for_who_was_held),
        cmocka_unit_test(a_message_is_sent_once_per_conversation_per_closed_period),
        cmocka_unit_test(the_message_comes_again_in_the_next_closed_period),
        cmocka_unit_test(who_comes_back_in_the_same_closed_period_is_not_told_again),
        cmocka_unit_test(who_waited_before_it_closed_is_told_and_held_too),
        cmocka_unit_test(the_message_is_no_response),
        cmocka_unit_test(who_is_held_is_told_nothing_unless_the_queue_has_a_message),
        cmocka_unit_test(who_is_owned_when_it_closes_goes_on),
        cmocka_unit_test(who_is_given_back_after_closing_is_held),
        cmocka_unit_test(an_offer_that_stands_when_it_closes_may_be_accepted),
        cmocka_unit_test(an_offer_that_ends_after_closing_is_followed_by_none),
        cmocka_unit_test(what_waits_when_it_closes_is_not_offered_until_it_opens),
        cmocka_unit_test(when_closed_only_bots_are_offered),
        cmocka_unit_test(when_closed_it_overflows),
        cmocka_unit_test(a_closed_overflow_queue_holds_in_its_turn),
        cmocka_unit_test(a_transfer_into_a_closed_queue_is_held),
        cmocka_unit_test(a_transfer_to_an_agent_is_offered_whatever_the_hours),
        cmocka_unit_test(who_leaves_while_held_has_abandoned),
        cmocka_unit_test(after_the_last_opening_it_is_looked_at_daily),
        cmocka_unit_test(a_reload_that_opens_earlier_releases_earlier),
        cmocka_unit_test(a_reload_that_opens_now_releases_at_once),
        cmocka_unit_test(a_reload_releases_in_the_order_in_which_they_came),
        cmocka_unit_test(a_reload_that_opens_later_holds_for_longer),
        cmocka_unit_test(a_reload_that_closes_now_holds_who_waits),
        cmocka_unit_test(a_reload_without_hours_releases_at_once),
        cmocka_unit_test(a_reload_without_the_queue_forgets_its_hours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
