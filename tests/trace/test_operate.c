#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "story.h"

static char support[] = "support", billing[] = "billing", lost[] = "lost", old[] = "old";
static char *looks_after_lost[] = {lost}, *serves_old[] = {support, old};
static struct config_step to_old = {.queue = old};

/* A dead-letter queue, which carla looks after. */
static void setup_lost(struct setup *setup)
{
    setup_queue(setup, lost);
    setup->config.dead_letter = lost;
    setup_agent(setup, "carla")->queues = looks_after_lost;
    setup_agent(setup, "carla")->queues_count = 1;
}

/* A queue that the next configuration no longer has; ben serves it. */
static void setup_old(struct setup *setup)
{
    setup_queue(setup, old);
    setup_rule(setup, &to_old, 1, NULL);
    setup_agent(setup, "ben")->queues = serves_old;
    setup_agent(setup, "ben")->queues_count = 2;
}

#define TWO_WAIT                                                                                                                           \
    "hello wa\n"                                                                                                                           \
    "hello ops\n"                                                                                                                          \
    "stay all\n"                                                                                                                           \
    "arrives wa a\n= queued c1 support normal\n"                                                                                           \
    "at 1000\n"                                                                                                                            \
    "arrives wa b\n= queued c2 support normal\n"

static void a_negative_acknowledgement_gives_it_back_at_its_place(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_agent(&setup, "ana")->capacity = setup_agent(&setup, "ben")->capacity = 20;
    story_on(&setup, BEN_OWNS_C1 "hello ops\nstay ops\n"
                                 "at 5000\n"
                                 "arrives wa b\n= queued c2 support normal\n"
                                 "away ben\n= agent_state ben away\n"
                                 "nack ben c1 e1 reason=wrong-country\n= requeued c1 ben e2 nacked wrong-country\n"
                                 "crash\n"
                                 "hello ana\n"
                                 "stay ana\n"
                                 "available ana\n= agent_state ana available\n= offered c1 ana until 35000\n");
}

static void who_gives_it_back_is_passed_over_for_10_s(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 "hello ops\nstay ops\n"
                      "nack ben c1 e1\n= requeued c1 ben e2 nacked\n"
                      "at 9999\n"
                      "at 10000\n= offered c1 ben until 40000\n");
}

static void a_negative_acknowledgement_with_delay_snoozes_it_until_then_at_its_place(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_agent(&setup, "ana")->capacity = 20;
    story_on(&setup, BEN_OWNS_C1 "hello ops\nstay ops\n"
                                 "nack ben c1 e1 delay=60000\n= requeued c1 ben e2 nacked\n= held c1 snoozed until 60000\n"
                                 "at 5000\n"
                                 "away ben\n= agent_state ben away\n"
                                 "arrives wa b\n= queued c2 support normal\n"
                                 "crash\n"
                                 "at 59999\n"
                                 "at 60000\n= requeued c1  e2 time_up\n"
                                 "hello ana\n"
                                 "stay ana\n"
                                 "available ana\n= agent_state ana available\n= offered c1 ana until 90000\n");
}

static void a_snoozed_one_whose_customer_leaves_is_over(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 "hello ops\nstay ops\n"
                      "nack ben c1 e1 delay=60000\n= requeued c1 ben e2 nacked\n= held c1 snoozed until 60000\n"
                      "leave wa a\n= finished c1 abandoned\n"
                      "at 60000\n");
}

static void a_negative_acknowledgement_of_an_older_epoch_is_refused(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 "hello ops\nstay ops\n"
                      "nack ben c1 e1\n= requeued c1 ben e2 nacked\n"
                      "nack ben c1 e1\n= refused stale_epoch\n"
                      "nack ben c1 e2\n= refused not_owner\n");
}

static void peek_shows_who_waits_first_in_order_first(void **state)
{
    (void)state;
    story(
        "hello wa\n"
        "hello ops\n"
        "arrives wa a\n= queued c1 support normal\n"
        "at 1000\n"
        "arrives wa b priority=low\n= queued c2 support low\n"
        "arrives wa c priority=urgent\n= queued c3 support urgent\n"
        "arrives wa d priority=high\n= queued c4 support high\n"
        "waiting support\n= c3 arrived 1000 urgent offers 0\n= c4 arrived 1000 high offers 0\n= c1 arrived 0 normal offers 0\n= c2 arrived "
        "1000 low offers 0\n"
        "crash\n"
        "waiting support\n= c3 arrived 1000 urgent offers 0\n= c4 arrived 1000 high offers 0\n= c1 arrived 0 normal offers 0\n= c2 arrived "
        "1000 low offers 0\n"
        "waiting billing\n");
}

static void what_is_offered_or_owned_is_not_peeked(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 "hello ops\nstay ops\n"
                      "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
                      "waiting support\n"
                      "decline ben c2\n= withdrawn c2 ben declined\n"
                      "waiting support\n= c2 arrived 0 normal offers 1\n");
}

static void a_move_keeps_the_place(void **state)
{
    (void)state;
    story(TWO_WAIT "at 2000\n"
                   "arrives wa c topic=billing\n= queued c3 billing normal\n"
                   "at 3000\n"
                   "move ops c2 queue=billing\n= moved c2 billing moved\n"
                   "waiting billing\n= c2 arrived 1000 normal offers 0 moved\n= c3 arrived 2000 normal offers 0\n"
                   "crash\n"
                   "hello ana\n"
                   "stay ana\n"
                   "available ana\n= agent_state ana available\n= offered c1 ana until 33000\n= offered c2 ana until 33000\n= offered c3 "
                   "ana until 33000\n");
}

static void a_move_ends_offers(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, support)->offers = 2;
    story_on(&setup, BEN_OWNS_C1
             "hello ops\nstay ops\n"
             "hello ana\n"
             "stay ana\n"
             "available ana\n= agent_state ana available\n"
             "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 30000\n= offered c2 ana until 30000\n"
             "move ops c2 queue=front\n= withdrawn c2 ben moved_on\n= withdrawn c2 ana moved_on\n= moved c2 front moved after 2\n"
             "accept ben c2\n= refused no_offer\n");
}

static void a_move_of_what_has_an_owner_is_refused(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 "hello ops\nstay ops\n"
                      "move ops c1 queue=billing\n= refused illegal_move owner ben\n"
                      "bury ops c1\n= refused illegal_move owner ben\n"
                      "reply ben c1 e1 still-me\n= reply c1 #2 still-me\n");
}

static void a_move_wakes_what_was_snoozed(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 "hello ops\nstay ops\n"
                      "nack ben c1 e1 delay=60000\n= requeued c1 ben e2 nacked\n= held c1 snoozed until 60000\n"
                      "move ops c1 queue=support\n= moved c1 support moved after 1\n= offered c1 ben until 30000\n");
}

static void a_move_to_a_queue_that_is_not_there_is_refused(void **state)
{
    (void)state;
    story(TWO_WAIT "move ops c1 queue=sals\n= refused unknown_queue\n"
                   "move ops c7 queue=billing\n= refused unknown_conversation\n");
}

static void bury_needs_a_dead_letter_queue(void **state)
{
    (void)state;
    story(TWO_WAIT "bury ops c1\n= refused unknown_queue\n");
}

static void what_is_buried_waits_in_the_dead_letter_queue_with_its_reason_and_first_time(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_lost(&setup);
    story_on(&setup, TWO_WAIT "at 5000\n"
                              "bury ops c2\n= moved c2 lost buried\n"
                              "bury ops c1\n= moved c1 lost buried\n"
                              "waiting lost\n= c1 arrived 0 normal offers 0 buried\n= c2 arrived 1000 normal offers 0 buried\n"
                              "crash\n"
                              "waiting lost\n= c1 arrived 0 normal offers 0 buried\n= c2 arrived 1000 normal offers 0 buried\n"
                              "waiting support\n");
}

static void bury_ends_offers(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_lost(&setup);
    story_on(&setup, BEN_OWNS_C1 "hello ops\nstay ops\n"
                                 "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
                                 "bury ops c2\n= withdrawn c2 ben moved_on\n= moved c2 lost buried after 1\n"
                                 "accept ben c2\n= refused no_offer\n");
}

static void what_is_brought_back_from_the_dead_begins_its_count_anew_at_its_old_place(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_lost(&setup);
    setup_queue(&setup, support)->offers_max = 1;
    story_on(&setup,
             BEN_OWNS_C1 "hello ops\nstay ops\n"
                         "at 1000\n"
                         "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 31000\n"
                         "at 2000\n"
                         "arrives wa c\n= queued c3 support normal\n= offered c3 ben until 32000\n"
                         "decline ben c2\n= withdrawn c2 ben declined\n= moved c2 lost offers_exhausted after 1\n"
                         "decline ben c3\n= withdrawn c3 ben declined\n= moved c3 lost offers_exhausted after 1\n"
                         "waiting lost\n= c2 arrived 1000 normal offers 0 offers_exhausted after 1\n= c3 arrived 2000 normal offers 0 "
                         "offers_exhausted after 1\n"
                         "away ben\n= agent_state ben away\n"
                         "move ops c3 queue=support\n= moved c3 support moved\n"
                         "move ops c2 queue=support\n= moved c2 support moved\n"
                         "waiting support\n= c2 arrived 1000 normal offers 0 moved\n= c3 arrived 2000 normal offers 0 moved\n"
                         "available ben\n= agent_state ben available\n= offered c2 ben until 32000\n= offered c3 ben until 32000\n");
}

static void a_paused_queue_offers_nothing_and_others_go_on(void **state)
{
    (void)state;
    story("hello wa\n"
          "hello ana\n"
          "stay ana\n"
          "available ana\n= agent_state ana available\n"
          "hello ops\n"
          "pause ops queue=support\n= queue_state support paused\n"
          "arrives wa a\n= queued c1 support normal\n"
          "arrives wa b topic=billing\n= queued c2 billing normal\n= offered c2 ana until 30000\n"
          "crash\n"
          "arrives wa c topic=billing\n= queued c3 billing normal\n= offered c3 ana until 30000\n"
          "resume ops queue=support\n= queue_state support running\n= offered c1 ana until 30000\n");
}

static void what_is_offered_or_owned_when_its_queue_is_paused_goes_on(void **state)
{
    (void)state;
    story(BEN_OWNS_C1 "hello ops\nstay ops\n"
                      "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
                      "pause ops queue=support\n= queue_state support paused\n"
                      "accept ben c2\n= assigned c2 ben e1\n"
                      "reply ben c1 e1 hello\n= reply c1 #2 hello\n"
                      "finish ben c1 e1\n= finished c1 resolved\n");
}

static void a_resumed_queue_offers_in_order(void **state)
{
    (void)state;
    story(TWO_WAIT "pause ops queue=support\n= queue_state support paused\n"
                   "hello ana\n"
                   "stay ana\n"
                   "available ana\n= agent_state ana available\n"
                   "arrives wa c priority=urgent\n= queued c3 support urgent\n"
                   "resume ops queue=support\n= queue_state support running\n= offered c3 ana until 31000\n= offered c1 ana until 31000\n= "
                   "offered c2 ana until 31000\n");
}

static void pausing_a_paused_queue_changes_nothing(void **state)
{
    (void)state;
    story("hello ops\n"
          "pause ops queue=support\n= queue_state support paused\n"
          "pause ops queue=support\n"
          "resume ops queue=support\n= queue_state support running\n"
          "resume ops queue=support\n"
          "pause ops queue=sals\n= refused unknown_queue\n");
}

static void who_waits_in_a_queue_that_a_reload_removes_goes_to_the_dead_letter_queue(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_lost(&setup);
    setup_old(&setup);
    struct setup after;
    story_setup(&after);
    setup_lost(&after);
    story_reloading(&setup, &after,
                    "hello wa\n"
                    "hello ops\n"
                    "arrives wa a\n= queued c1 old normal\n"
                    "at 1000\n"
                    "reload\n= moved c1 lost queue_removed\n"
                    "waiting lost\n= c1 arrived 0 normal offers 0 queue_removed\n"
                    "crash\n"
                    "waiting lost\n= c1 arrived 0 normal offers 0 queue_removed\n");
}

static void those_who_wait_in_a_removed_queue_leave_it_in_the_order_in_which_they_came(void **state)
{
    (void)state;
    struct setup setup, after;
    story_setup(&setup);
    setup_lost(&setup);
    setup_old(&setup);
    story_setup(&after);
    setup_lost(&after);
    story_reloading(&setup, &after,
                    "hello wa\n"
                    "arrives wa a\n= queued c1 old normal\n"
                    "arrives wa b\n= queued c2 old normal\n"
                    "arrives wa c\n= queued c3 old normal\n"
                    "arrives wa d\n= queued c4 old normal\n"
                    "arrives wa e\n= queued c5 old normal\n"
                    "arrives wa f\n= queued c6 old normal\n"
                    "reload\n= moved c1 lost queue_removed\n= moved c2 lost queue_removed\n= moved c3 lost queue_removed\n= moved c4 lost "
                    "queue_removed\n= moved c5 lost queue_removed\n= moved c6 lost queue_removed\n");
}

/* Mail had offers of 300 s. */
static void what_is_open_of_a_channel_type_that_a_reload_removes_goes_on_by_defaults_after_a_restart_too(void **state)
{
    (void)state;
    static struct config_step to_support = {.queue = "support"};
    struct setup setup, after;
    story_setup(&setup);
    setup_rule(&setup, &to_support, 1, NULL);
    story_setup(&after);
    after.config.accounts_count = after.config.channels_count = 2;
    story_reloading(&setup, &after,
                    "hello mail\n"
                    "arrives mail a\n= queued c1 support normal\n"
                    "reload\n= session_closed mail removed\n"
                    "comes ana\n= offered c1 ana until 30000\n"
                    "away ana\n= agent_state ana away\n= withdrawn c1 ana rescinded\n"
                    "crash\n"
                    "available ana\n= agent_state ana available\n= offered c1 ana until 30000\n");
}

static void what_is_offered_from_a_queue_that_a_reload_removes_is_withdrawn(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_lost(&setup);
    setup_old(&setup);
    struct setup after;
    story_setup(&after);
    setup_lost(&after);
    story_reloading(&setup, &after,
                    "hello wa\n"
                    "hello ben\n"
                    "available ben\n= agent_state ben available\n"
                    "arrives wa a\n= queued c1 old normal\n= offered c1 ben until 30000\n"
                    "reload\n= withdrawn c1 ben moved_on\n= moved c1 lost queue_removed after 1\n"
                    "accept ben c1\n= refused no_offer\n");
}

static void what_is_owned_from_a_queue_that_a_reload_removes_goes_on(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_lost(&setup);
    setup_old(&setup);
    struct setup after;
    story_setup(&after);
    setup_lost(&after);
    story_reloading(&setup, &after,
                    "hello wa\n"
                    "hello ben\n"
                    "available ben\n= agent_state ben available\n"
                    "arrives wa a\n= queued c1 old normal\n= offered c1 ben until 30000\n"
                    "accept ben c1\n= assigned c1 ben e1\n"
                    "reload\n"
                    "reply ben c1 e1 hello\n= reply c1 #2 hello\n"
                    "crash\n"
                    "finish ben c1 e1\n= finished c1 resolved\n");
}

static void what_is_given_back_to_a_removed_queue_goes_to_the_dead_letter_queue(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_lost(&setup);
    setup_old(&setup);
    struct setup after;
    story_setup(&after);
    setup_lost(&after);
    story_reloading(&setup, &after,
                    "hello wa\n"
                    "hello ben\n"
                    "available ben\n= agent_state ben available\n"
                    "arrives wa a\n= queued c1 old normal\n= offered c1 ben until 30000\n"
                    "accept ben c1\n= assigned c1 ben e1\n"
                    "reload\n"
                    "nack ben c1 e1\n= requeued c1 ben e2 nacked\n= moved c1 lost queue_removed after 1\n"
                    "crash\n");
}

static void without_a_dead_letter_queue_it_waits_until_its_queue_is_there_again_or_it_is_moved(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_old(&setup);
    struct setup after;
    story_setup(&after);
    setup_queue(&after, billing)->lane = 0;
    story_reloading(&setup, &after,
                    "hello wa\n"
                    "hello ops\n"
                    "arrives wa a\n= queued c1 old normal\n"
                    "reload\n"
                    "waiting old\n= c1 arrived 0 normal offers 0\n"
                    "move ops c1 queue=support\n= moved c1 support moved\n");
}

static void from_a_removed_queue_another_of_its_plan_offers_it_to_one_at_a_time(void **state)
{
    (void)state;
    struct config_step steps[] = {{.queue = support}, {.queue = old, .add = true, .after_ms = 10000}};
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, old);
    setup_rule(&setup, steps, 2, "plan");
    struct setup after;
    story_setup(&after);
    setup_queue(&after, billing)->lane = 0;
    story_reloading(&setup, &after,
                    "hello wa\n"
                    "arrives wa a\n= queued c1 support normal\n"
                    "at 10000\n= relaxed c1 old normal step 2\n"
                    "reload\n"
                    "comes ana\n= offered c1 ana until 40000\n"
                    "comes ben\n"
                    "decline ana c1\n= withdrawn c1 ana declined\n= offered c1 ben until 40000\n"
                    "comes carla\n"
                    "at 20000\n"
                    "decline ben c1\n= withdrawn c1 ben declined\n= offered c1 ana until 50000\n");
}

static void an_agent_that_a_reload_removes_gives_everything_back_at_once(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_agent(&setup, "zoe");
    struct setup after;
    story_setup(&after);
    setup_queue(&after, billing)->lane = 0;
    story_reloading(&setup, &after,
                    "hello wa\n"
                    "hello zoe\n"
                    "available zoe\n= agent_state zoe available\n"
                    "arrives wa a\n= queued c1 support normal\n= offered c1 zoe until 30000\n"
                    "accept zoe c1\n= assigned c1 zoe e1\n"
                    "arrives wa b\n= queued c2 support normal\n= offered c2 zoe until 30000\n"
                    "reload\n= session_closed zoe removed\n= withdrawn c2 zoe removed\n= requeued c1 zoe e2 removed\n= agent_state zoe "
                    "offline\n= delivered zoe\n"
                    "reply zoe c1 e1 hello\n= refused unknown_session\n"
                    "hello ana\n"
                    "stay ana\n"
                    "available ana\n= agent_state ana available\n= offered c1 ana until 30000\n= offered c2 ana until 30000\n");
}

static void a_reload_that_gives_more_room_is_used_at_once(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_agent(&setup, "ben")->capacity = 20;
    struct setup after;
    story_setup(&after);
    setup_agent(&after, "ben")->capacity = 40;
    story_reloading(&setup, &after,
                    "hello wa\n"
                    "hello ben\n"
                    "available ben\n= agent_state ben available\n"
                    "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                    "arrives wa b\n= queued c2 support normal\n"
                    "reload\n= offered c2 ben until 30000\n");
}

static void a_reload_that_takes_room_away_takes_no_conversation_away(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_agent(&setup, "ben")->capacity = 40;
    struct setup after;
    story_setup(&after);
    setup_agent(&after, "ben")->capacity = 20;
    story_reloading(&setup, &after,
                    "hello wa\n"
                    "hello ben\n"
                    "available ben\n= agent_state ben available\n"
                    "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                    "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
                    "accept ben c1\n= assigned c1 ben e1\n"
                    "accept ben c2\n= assigned c2 ben e1\n"
                    "reload\n"
                    "arrives wa c\n= queued c3 support normal\n"
                    "finish ben c1 e1\n= finished c1 resolved\n"
                    "finish ben c2 e1\n= finished c2 resolved\n= offered c3 ben until 30000\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_negative_acknowledgement_gives_it_back_at_its_place),
        cmocka_unit_test(who_gives_it_back_is_passed_over_for_10_s),
        cmocka_unit_test(a_negative_acknowledgement_with_delay_snoozes_it_until_then_at_its_place),
        cmocka_unit_test(a_snoozed_one_whose_customer_leaves_is_over),
        cmocka_unit_test(a_negative_acknowledgement_of_an_older_epoch_is_refused),
        cmocka_unit_test(peek_shows_who_waits_first_in_order_first),
        cmocka_unit_test(what_is_offered_or_owned_is_not_peeked),
        cmocka_unit_test(a_move_keeps_the_place),
        cmocka_unit_test(a_move_ends_offers),
        cmocka_unit_test(a_move_of_what_has_an_owner_is_refused),
        cmocka_unit_test(a_move_wakes_what_was_snoozed),
        cmocka_unit_test(a_move_to_a_queue_that_is_not_there_is_refused),
        cmocka_unit_test(bury_needs_a_dead_letter_queue),
        cmocka_unit_test(what_is_buried_waits_in_the_dead_letter_queue_with_its_reason_and_first_time),
        cmocka_unit_test(bury_ends_offers),
        cmocka_unit_test(what_is_brought_back_from_the_dead_begins_its_count_anew_at_its_old_place),
        cmocka_unit_test(a_paused_queue_offers_nothing_and_others_go_on),
        cmocka_unit_test(what_is_offered_or_owned_when_its_queue_is_paused_goes_on),
        cmocka_unit_test(a_resumed_queue_offers_in_order),
        cmocka_unit_test(pausing_a_paused_queue_changes_nothing),
        cmocka_unit_test(who_waits_in_a_queue_that_a_reload_removes_goes_to_the_dead_letter_queue),
        cmocka_unit_test(those_who_wait_in_a_removed_queue_leave_it_in_the_order_in_which_they_came),
        cmocka_unit_test(what_is_open_of_a_channel_type_that_a_reload_removes_goes_on_by_defaults_after_a_restart_too),
        cmocka_unit_test(what_is_offered_from_a_queue_that_a_reload_removes_is_withdrawn),
        cmocka_unit_test(what_is_owned_from_a_queue_that_a_reload_removes_goes_on),
        cmocka_unit_test(what_is_given_back_to_a_removed_queue_goes_to_the_dead_letter_queue),
        cmocka_unit_test(without_a_dead_letter_queue_it_waits_until_its_queue_is_there_again_or_it_is_moved),
        cmocka_unit_test(from_a_removed_queue_another_of_its_plan_offers_it_to_one_at_a_time),
        cmocka_unit_test(an_agent_that_a_reload_removes_gives_everything_back_at_once),
        cmocka_unit_test(a_reload_that_gives_more_room_is_used_at_once),
        cmocka_unit_test(a_reload_that_takes_room_away_takes_no_conversation_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
