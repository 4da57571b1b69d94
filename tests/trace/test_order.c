#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "story.h"

static char *support_general[] = {"support", "general"}, *general[] = {"general"},
            *front_support_billing[] = {"front", "support", "billing"};

/* ana takes one at a time, without being asked. */
static void one_at_a_time(struct setup *setup)
{
    story_setup_patient(setup);
    setup_agent(setup, "ana")->capacity = 20;
    setup_agent(setup, "ana")->auto_accept = true;
}

/* billing is a lane above support. */
static void two_lanes(struct setup *setup, uint32_t guard)
{
    one_at_a_time(setup);
    setup_queue(setup, "billing")->lane = 1;
    setup->config.lane_guard = guard;
}

/* support overflows into general, which ben serves, too. */
static void overflowing(struct setup *setup)
{
    story_setup_patient(setup);
    setup_queue(setup, "general");
    setup_queue(setup, "support")->overflow = "general";
    setup_agent(setup, "ben")->queues = support_general;
    setup_agent(setup, "ben")->queues_count = 2;
}

static void pulling(struct setup *setup)
{
    story_setup_patient(setup);
    setup_queue(setup, "support")->mode = QUEUE_MODE_pull;
}

static void levels_are_0_5_30_and_1440_minutes_of_head_start(void **state)
{
    (void)state;
    story("hello wa\n"
          "arrives wa a priority=low\n= queued c1 support low\n"
          "arrives wa b priority=normal\n= queued c2 support normal\n"
          "arrives wa c priority=high\n= queued c3 support high\n"
          "arrives wa d priority=urgent\n= queued c4 support urgent\n"
          "peek support\n= c4 urgent lane 0 key -86400000\n= c3 high lane 0 key -1800000\n= c2 normal lane 0 key -300000\n= c1 low lane 0 "
          "key 0\n"
          "comes ana\n= offered c4 ana until 30000\n= offered c3 ana until 30000\n= offered c2 ana until 30000\n= offered c1 ana until "
          "30000\n");
}

static void a_head_start_is_worth_its_minutes_and_no_more(void **state)
{
    (void)state;
    struct setup setup;
    one_at_a_time(&setup);
    story_on(&setup, "hello wa\n"
                     "arrives wa a priority=low\n= queued c1 support low\n"
                     "at 299999\n"
                     "arrives wa b priority=normal\n= queued c2 support normal\n"
                     "at 1799999\n"
                     "arrives wa c priority=high\n= queued c3 support high\n"
                     "at 1800001\n"
                     "arrives wa d priority=high\n= queued c4 support high\n"
                     "at 86400001\n"
                     "arrives wa e priority=urgent\n= queued c5 support urgent\n"
                     /* a level of more minutes has overtaken only who came later than those minutes ago */
                     "peek support\n= c2 normal lane 0 key -1\n= c3 high lane 0 key -1\n= c1 low lane 0 key 0\n= c4 high lane 0 key 1\n= "
                     "c5 urgent lane 0 key 1\n"
                     "comes ana\n= assigned c2 ana e1\n"
                     "finish ana c2 e1\n= finished c2 resolved\n= assigned c3 ana e1\n"
                     "finish ana c3 e1\n= finished c3 resolved\n= assigned c1 ana e1\n"
                     "finish ana c1 e1\n= finished c1 resolved\n= assigned c4 ana e1\n"
                     "finish ana c4 e1\n= finished c4 resolved\n= assigned c5 ana e1\n");
}

static void who_came_first_of_a_level_goes_first(void **state)
{
    (void)state;
    struct setup setup;
    one_at_a_time(&setup);
    story_on(&setup, "hello wa\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "arrives wa b\n= queued c2 support normal\n"
                     "at 1\n"
                     "arrives wa c\n= queued c3 support normal\n"
                     "comes ana\n= assigned c1 ana e1\n"
                     "finish ana c1 e1\n= finished c1 resolved\n= assigned c2 ana e1\n"
                     "finish ana c2 e1\n= finished c2 resolved\n= assigned c3 ana e1\n");
}

static void the_key_is_static(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    story_on(&setup, "hello wa\n"
                     "arrives wa a priority=low\n= queued c1 support low\n"
                     "arrives wa b priority=high\n= queued c2 support high\n"
                     "peek support\n= c2 high lane 0 key -1800000\n= c1 low lane 0 key 0\n"
                     "at 86400000\n"
                     "peek support\n= c2 high lane 0 key -1800000\n= c1 low lane 0 key 0\n"
                     "crash\n"
                     "peek support\n= c2 high lane 0 key -1800000\n= c1 low lane 0 key 0\n");
}

static void a_higher_lane_goes_first_whatever_the_keys(void **state)
{
    (void)state;
    struct setup setup;
    two_lanes(&setup, 10);
    story_on(&setup, "hello wa\n"
                     "arrives wa a priority=urgent\n= queued c1 support urgent\n"
                     "at 60000\n"
                     "arrives wa b topic=billing priority=low\n= queued c2 billing low\n"
                     "comes ana\n= assigned c2 ana e1\n"
                     "finish ana c2 e1\n= finished c2 resolved\n= assigned c1 ana e1\n");
}

static void the_guard_serves_one_of_the_lower_lane_for_every_k_of_the_higher(void **state)
{
    (void)state;
    struct setup setup;
    two_lanes(&setup, 2);
    story_on(&setup, "hello wa\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "arrives wa b\n= queued c2 support normal\n"
                     "arrives wa c topic=billing\n= queued c3 billing normal\n"
                     "arrives wa d topic=billing\n= queued c4 billing normal\n"
                     "arrives wa e topic=billing\n= queued c5 billing normal\n"
                     "arrives wa f topic=billing\n= queued c6 billing normal\n"
                     "arrives wa g topic=billing\n= queued c7 billing normal\n"
                     "comes ana\n= assigned c3 ana e1\n"
                     "finish ana c3 e1\n= finished c3 resolved\n= assigned c4 ana e1\n"
                     "finish ana c4 e1\n= finished c4 resolved\n= assigned c1 ana e1\n"
                     "finish ana c1 e1\n= finished c1 resolved\n= assigned c5 ana e1\n"
                     "finish ana c5 e1\n= finished c5 resolved\n= assigned c6 ana e1\n"
                     "finish ana c6 e1\n= finished c6 resolved\n= assigned c2 ana e1\n"
                     "finish ana c2 e1\n= finished c2 resolved\n= assigned c7 ana e1\n");
}

static void the_guard_counts_only_those_who_waited(void **state)
{
    (void)state;
    struct setup setup;
    two_lanes(&setup, 2);
    story_on(&setup, "hello wa\n"
                     "arrives wa a topic=billing\n= queued c1 billing normal\n"
                     "arrives wa b topic=billing\n= queued c2 billing normal\n"
                     "arrives wa c topic=billing\n= queued c3 billing normal\n"
                     "comes ana\n= assigned c1 ana e1\n"
                     "finish ana c1 e1\n= finished c1 resolved\n= assigned c2 ana e1\n"
                     "finish ana c2 e1\n= finished c2 resolved\n= assigned c3 ana e1\n"
                     /* nobody of the lower lane was kept waiting so far */
                     "arrives wa d\n= queued c4 support normal\n"
                     "arrives wa e topic=billing\n= queued c5 billing normal\n"
                     "finish ana c3 e1\n= finished c3 resolved\n= assigned c5 ana e1\n");
}

static void the_guard_lets_no_lane_starve(void **state)
{
    (void)state;
    struct setup setup;
    two_lanes(&setup, 2);
    setup_queue(&setup, "billing")->lane = 2;
    setup_queue(&setup, "front")->lane = 1;
    setup_agent(&setup, "ana")->queues = front_support_billing;
    setup_agent(&setup, "ana")->queues_count = 3;
    story_on(&setup, "hello wa\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "arrives wa b topic=bot\n= queued c2 front normal\n"
                     "arrives wa c topic=bot\n= queued c3 front normal\n"
                     "arrives wa d topic=billing\n= queued c4 billing normal\n"
                     "arrives wa e topic=billing\n= queued c5 billing normal\n"
                     "arrives wa f topic=billing\n= queued c6 billing normal\n"
                     "arrives wa g topic=billing\n= queued c7 billing normal\n"
                     "comes ana\n= assigned c4 ana e1\n"
                     "finish ana c4 e1\n= finished c4 resolved\n= assigned c5 ana e1\n"
                     /* both lower lanes have been passed twice: the higher of them first */
                     "finish ana c5 e1\n= finished c5 resolved\n= assigned c2 ana e1\n"
                     "finish ana c2 e1\n= finished c2 resolved\n= assigned c1 ana e1\n"
                     "finish ana c1 e1\n= finished c1 resolved\n= assigned c6 ana e1\n"
                     "finish ana c6 e1\n= finished c6 resolved\n= assigned c7 ana e1\n"
                     "finish ana c7 e1\n= finished c7 resolved\n= assigned c3 ana e1\n");
}

static void without_a_guard_lanes_are_strict(void **state)
{
    (void)state;
    struct setup setup;
    two_lanes(&setup, 0);
    story_on(&setup, "hello wa\n"
                     "arrives wa a priority=urgent\n= queued c1 support urgent\n"
                     "arrives wa b topic=billing\n= queued c2 billing normal\n"
                     "arrives wa c topic=billing\n= queued c3 billing normal\n"
                     "arrives wa d topic=billing\n= queued c4 billing normal\n"
                     "comes ana\n= assigned c2 ana e1\n"
                     "finish ana c2 e1\n= finished c2 resolved\n= assigned c3 ana e1\n"
                     "finish ana c3 e1\n= finished c3 resolved\n= assigned c4 ana e1\n"
                     "finish ana c4 e1\n= finished c4 resolved\n= assigned c1 ana e1\n");
}

static void an_edf_queue_serves_the_earliest_deadline_first(void **state)
{
    (void)state;
    struct setup setup;
    one_at_a_time(&setup);
    setup_queue(&setup, "support")->edf = setup_queue(&setup, "billing")->edf = true;
    setup_queue(&setup, "support")->first_response_ms = 600000;
    setup_queue(&setup, "billing")->first_response_ms = 60000;
    story_on(&setup, "hello wa\n"
                     "arrives wa a priority=low\n= queued c1 support low\n"
                     "arrives wa b priority=urgent\n= queued c2 support urgent\n"
                     "at 100000\n"
                     "arrives wa c topic=billing priority=low\n= queued c3 billing low\n"
                     "peek support\n= c1 low lane 0 key 600000\n= c2 urgent lane 0 key 600000\n"
                     "peek billing\n= c3 low lane 0 key 160000\n"
                     "comes ana\n= assigned c3 ana e1\n"
                     "finish ana c3 e1\n= finished c3 resolved\n= assigned c1 ana e1\n"
                     "finish ana c1 e1\n= finished c1 resolved\n= assigned c2 ana e1\n");
}

static void an_edf_queue_counts_the_deadline_in_business_time_if_asked_for(void **state)
{
    (void)state;
    struct setup setup;
    one_at_a_time(&setup);
    setup_calendar(&setup, "office", (int64_t[]){0, 10000, 100000, 200000}, 4);
    setup_queue(&setup, "support")->edf = setup_queue(&setup, "billing")->edf = true;
    setup_queue(&setup, "support")->first_response_ms = 20000;
    setup_queue(&setup, "billing")->first_response_ms = 60000;
    setup_queue(&setup, "support")->calendar = "office";
    setup_queue(&setup, "support")->business_time = true;
    story_on(&setup, "hello wa\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "arrives wa b topic=billing\n= queued c2 billing normal\n"
                     /* of its 20 s half are left when it closes at 10 s, and those run from 100 s */
                     "peek support\n= c1 normal lane 0 key 110000\n"
                     "peek billing\n= c2 normal lane 0 key 60000\n"
                     "comes ana\n= assigned c2 ana e1\n"
                     "finish ana c2 e1\n= finished c2 resolved\n= assigned c1 ana e1\n");
}

static void arrival_survives_a_transfer(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    setup_agent(&setup, "ana")->capacity = 20;
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "accept ana c1\n= assigned c1 ana e1\n"
                     "at 60000\n"
                     "arrives wa b topic=billing\n= queued c2 billing normal\n"
                     "transfer ana c1 e1 queue=billing\n= transferred c1 ana e2 billing\n= offered c1 ana until 90000\n"
                     "crash\n"
                     "accept ana c1\n= assigned c1 ana e3\n");
}

static void arrival_survives_a_requeue(void **state)
{
    (void)state;
    struct setup setup;
    one_at_a_time(&setup);
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "arrives wa a\n= queued c1 support normal\n= assigned c1 ana e1\n"
                     "at 60000\n"
                     "arrives wa b\n= queued c2 support normal\n"
                     "away ana\n= agent_state ana away\n"
                     "nack ana c1 e1\n= requeued c1 ana e2 nacked\n"
                     "peek support\n= c1 normal lane 0 key -300000\n= c2 normal lane 0 key -240000\n"
                     "crash\n"
                     "peek support\n= c1 normal lane 0 key -300000\n= c2 normal lane 0 key -240000\n");
}

static void arrival_survives_a_relaxation(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {{.queue = "support", .all = (struct config_skill[]){{"spanish", 5}}, .all_count = 1},
                                  {.queue = "support", .after_ms = 30000}};
    one_at_a_time(&setup);
    setup_rule(&setup, steps, 2, "relaxing")->topic = "relaxing";
    story_on(&setup, "hello wa\n"
                     "arrives wa a topic=relaxing\n= queued c1 support normal\n"
                     "at 20000\n"
                     "arrives wa b\n= queued c2 support normal\n"
                     "at 30000\n= relaxed c1 support normal step 2\n"
                     "peek support\n= c1 normal lane 0 key -300000\n= c2 normal lane 0 key -280000\n"
                     "crash\n"
                     "comes ana\n= assigned c1 ana e1\n"
                     "finish ana c1 e1\n= finished c1 resolved\n= assigned c2 ana e1\n");
}

static void arrival_survives_the_loss_of_its_agent(void **state)
{
    (void)state;
    story("hello wa\n"
          "comes ana\n"
          "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
          "accept ana c1\n= assigned c1 ana e1\n"
          "at 30000\n"
          "touch wa\n"
          "arrives wa b language=es\n= queued c2 support normal\n= offered c2 ana until 60000\n"
          "at 60000\n= session_closed ana lease_ended\n= withdrawn c2 ana agent_lost\n"
          "touch wa\n"
          "at 104999\n"
          "touch wa\n"
          "at 105000\n= requeued c1 ana e2 agent_lost\n= agent_state ana offline\n= delivered ana\n"
          "touch wa\n"
          "peek support\n= c1 normal lane 0 key -300000\n= c2 normal lane 0 key -270000\n"
          "comes ben\n= offered c1 ben until 135000\n");
}

static void arrival_survives_a_restart(void **state)
{
    (void)state;
    struct setup setup;
    one_at_a_time(&setup);
    story_on(&setup, "hello wa\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "at 1000\n"
                     "arrives wa b\n= queued c2 support normal\n"
                     "checkpoint 3\n"
                     "crash\n"
                     "at 2000\n"
                     "arrives wa c\n= queued c3 support normal\n"
                     "checkpoint 100\n"
                     "crash\n"
                     "peek support\n= c1 normal lane 0 key -300000\n= c2 normal lane 0 key -299000\n= c3 normal lane 0 key -298000\n"
                     "comes ana\n= assigned c1 ana e1\n"
                     "finish ana c1 e1\n= finished c1 resolved\n= assigned c2 ana e1\n"
                     "finish ana c2 e1\n= finished c2 resolved\n= assigned c3 ana e1\n");
}

static void arrival_survives_a_move_by_an_operator(void **state)
{
    (void)state;
    struct setup setup;
    one_at_a_time(&setup);
    story_on(&setup, "hello wa\n"
                     "hello ops\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "at 1000\n"
                     "arrives wa b topic=billing\n= queued c2 billing normal\n"
                     "at 2000\n"
                     "move ops c1 queue=billing\n= moved c1 billing moved\n"
                     "peek billing\n= c1 normal lane 0 key -300000 moved\n= c2 normal lane 0 key -299000\n"
                     "crash\n"
                     "peek billing\n= c1 normal lane 0 key -300000 moved\n= c2 normal lane 0 key -299000\n"
                     "comes ana\n= assigned c1 ana e1\n"
                     "finish ana c1 e1\n= finished c1 resolved\n= assigned c2 ana e1\n");
}

static void a_first_response_that_is_due_is_overdue_once(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    setup_queue(&setup, "support")->first_response_ms = 60000;
    story_on(&setup, "hello wa\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "at 59999\n"
                     "at 60000\n= overdue c1 first_response\n"
                     "crash\n"
                     "at 120000\n"
                     "message wa a still-there?\n= message c1 #2 still-there?\n"
                     "at 240000\n"
                     "comes ana\n= offered c1 ana until 270000\n"
                     "accept ana c1\n= assigned c1 ana e1\n"
                     "reply ana c1 e1 sorry\n= reply c1 #3 sorry\n"
                     "at 600000\n");
}

static void a_first_response_in_time_is_never_overdue(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    setup_queue(&setup, "support")->first_response_ms = 60000;
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "accept ana c1\n= assigned c1 ana e1\n"
                     "at 59999\n"
                     "reply ana c1 e1 hello\n= reply c1 #2 hello\n"
                     "crash\n"
                     "message wa a more\n= message c1 #3 more\n"
                     "at 600000\n");
}

static void an_acceptance_is_no_response(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    setup_queue(&setup, "support")->first_response_ms = 60000;
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "accept ana c1\n= assigned c1 ana e1\n"
                     "at 60000\n= overdue c1 first_response\n"
                     /* the owner is told */
                     "outbox ana\n= offered c1 ana until 30000\n= assigned c1 ana e1\n= overdue c1 first_response\n");
}

static void every_next_response_is_due_from_the_customers_first_unanswered_message(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    setup_queue(&setup, "support")->next_response_ms = 60000;
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "accept ana c1\n= assigned c1 ana e1\n"
                     "at 100000\n"
                     "reply ana c1 e1 hello\n= reply c1 #2 hello\n"
                     "message wa a first\n= message c1 #3 first\n"
                     "at 140000\n"
                     "message wa a second\n= message c1 #4 second\n"
                     "at 159999\n"
                     "crash\n"
                     "at 160000\n= overdue c1 next_response\n"
                     "at 200000\n"
                     "reply ana c1 e1 answer\n= reply c1 #5 answer\n"
                     "message wa a third\n= message c1 #6 third\n"
                     "at 260000\n= overdue c1 next_response\n"
                     "reply ana c1 e1 answer\n= reply c1 #7 answer\n"
                     "at 600000\n");
}

static void a_resolution_is_due_from_the_arrival_to_the_end(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    setup_queue(&setup, "support")->resolution_ms = 60000;
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "accept ana c1\n= assigned c1 ana e1\n"
                     "reply ana c1 e1 hello\n= reply c1 #2 hello\n"
                     "arrives wa b\n= queued c2 support normal\n= offered c2 ana until 30000\n"
                     "accept ana c2\n= assigned c2 ana e1\n"
                     "at 59999\n"
                     "finish ana c2 e1\n= finished c2 resolved\n"
                     "crash\n"
                     "at 60000\n= overdue c1 resolution\n"
                     "at 600000\n= inactive c1 ana\n");
}

static void business_time_runs_only_while_it_is_open(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    setup_calendar(&setup, "office", (int64_t[]){0, 10000, 100000, 110000}, 4);
    setup_queue(&setup, "support")->calendar = "office";
    setup_queue(&setup, "support")->business_time = true;
    setup_queue(&setup, "support")->first_response_ms = 12000;
    setup_queue(&setup, "support")->resolution_ms = 15000;
    story_on(&setup, "hello wa\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "at 100000\n= held c1 held until 100000\n= requeued c1  e0 opened\n"
                     "at 101999\n"
                     "crash\n"
                     "at 102000\n= overdue c1 first_response\n"
                     "at 105000\n= overdue c1 resolution\n"
                     "at 200000\n= held c1 held until 86510000\n");
}

static void a_next_response_runs_in_business_time_too(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    setup_calendar(&setup, "office", (int64_t[]){0, 10000, 100000, 110000}, 4);
    setup_queue(&setup, "support")->calendar = "office";
    setup_queue(&setup, "support")->business_time = true;
    setup_queue(&setup, "support")->next_response_ms = 12000;
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "accept ana c1\n= assigned c1 ana e1\n"
                     "reply ana c1 e1 hello\n= reply c1 #2 hello\n"
                     "at 5000\n"
                     "message wa a more\n= message c1 #3 more\n"
                     "at 106999\n"
                     "crash\n"
                     "at 107000\n= overdue c1 next_response\n");
}

static void deadlines_run_by_the_clock_unless_business_time_is_asked_for(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    setup_calendar(&setup, "office", (int64_t[]){0, 10000, 100000, 110000}, 4);
    setup_queue(&setup, "support")->calendar = "office";
    setup_queue(&setup, "support")->first_response_ms = 12000;
    story_on(&setup, "hello wa\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "at 11999\n= held c1 held until 100000\n"
                     "at 12000\n= overdue c1 first_response\n");
}

static void the_reply_window_that_a_connector_declares_passes_once(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    story_on(&setup, "hello wa\n"
                     "arrives wa a window=86400000\n= queued c1 support normal\n"
                     "at 86399999\n"
                     "crash\n"
                     "at 86400000\n= overdue c1 reply_window\n"
                     "at 90000000\n");
}

static void a_newer_message_opens_the_reply_window_anew(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    story_on(&setup, "hello wa\n"
                     "arrives wa a window=60000\n= queued c1 support normal\n"
                     "at 30000\n"
                     "message wa a more window=90000\n= message c1 #2 more\n"
                     "at 60000\n"
                     "at 90000\n= overdue c1 reply_window\n"
                     "message wa a again window=200000\n= message c1 #3 again\n"
                     "at 199999\n"
                     "at 200000\n= overdue c1 reply_window\n");
}

static void an_answered_customer_has_no_reply_window_to_miss(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "arrives wa a window=60000\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "accept ana c1\n= assigned c1 ana e1\n"
                     "reply ana c1 e1 hello\n= reply c1 #2 hello\n"
                     "at 200000\n");
}

static void a_full_queue_overflows(void **state)
{
    (void)state;
    struct setup setup;
    overflowing(&setup);
    setup_queue(&setup, "support")->depth_max = 2;
    story_on(&setup, "hello wa\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "arrives wa b\n= queued c2 support normal\n"
                     "at 1000\n"
                     "arrives wa c priority=high\n= queued c3 support high\n= moved c3 general queue_full\n"
                     "peek support\n= c1 normal lane 0 key -300000\n= c2 normal lane 0 key -300000\n"
                     "peek general\n= c3 high lane 0 key -1799000 queue_full\n"
                     "crash\n"
                     "comes ben\n= offered c3 ben until 31000\n= offered c1 ben until 31000\n= offered c2 ben until 31000\n");
}

static void a_full_overflow_queue_overflows_in_its_turn(void **state)
{
    (void)state;
    struct setup setup;
    overflowing(&setup);
    setup_queue(&setup, "support")->depth_max = setup_queue(&setup, "general")->depth_max = 1;
    setup_queue(&setup, "general")->overflow = "billing";
    story_on(&setup, "hello wa\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "arrives wa b\n= queued c2 support normal\n= moved c2 general queue_full\n"
                     "arrives wa c\n= queued c3 support normal\n= moved c3 general queue_full\n= moved c3 billing queue_full\n");
}

static void a_full_queue_without_overflow_refuses(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    setup_queue(&setup, "support")->depth_max = 1;
    story_on(&setup,
             "hello wa\n"
             "arrives wa a\n= queued c1 support normal\n"
             "message wa b two\n= refused queue_full\n"
             "crash\n"
             "message wa b two\n= refused queue_full\n"
             /* who is written about already goes on */
             "message wa a more\n= message c1 #2 more\n"
             "comes ana\n= offered c1 ana until 30000\n"
             "message wa b two\n= conversation_opened c2\n= message c2 #1 two\n= queued c2 support normal\n= offered c2 ana until 30000\n");
}

static void a_transfer_into_a_full_queue_is_refused(void **state)
{
    (void)state;
    struct setup setup;
    one_at_a_time(&setup);
    setup_queue(&setup, "billing")->depth_max = 1;
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "arrives wa a\n= queued c1 support normal\n= assigned c1 ana e1\n"
                     "arrives wa b topic=billing\n= queued c2 billing normal\n"
                     "transfer ana c1 e1 queue=billing\n= refused queue_full owner ana\n"
                     "reply ana c1 e1 still-mine\n= reply c1 #2 still-mine\n");
}

static void a_full_queue_keeps_whom_it_gets_back(void **state)
{
    (void)state;
    struct setup setup;
    one_at_a_time(&setup);
    setup_queue(&setup, "support")->depth_max = 1;
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "arrives wa a\n= queued c1 support normal\n= assigned c1 ana e1\n"
                     "arrives wa b\n= queued c2 support normal\n"
                     "away ana\n= agent_state ana away\n"
                     "nack ana c1 e1\n= requeued c1 ana e2 nacked\n"
                     "peek support\n= c1 normal lane 0 key -300000\n= c2 normal lane 0 key -300000\n");
}

static void waiting_too_long_overflows_at_its_place(void **state)
{
    (void)state;
    struct setup setup;
    overflowing(&setup);
    setup_queue(&setup, "support")->wait_max_ms = 60000;
    setup_agent(&setup, "ben")->queues = general;
    setup_agent(&setup, "ben")->queues_count = 1;
    struct config_step to_general = {.queue = "general"};
    setup_rule(&setup, &to_general, 1, NULL)->topic = "general";
    story_on(&setup, "hello wa\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "at 50000\n"
                     "arrives wa b topic=general\n= queued c2 general normal\n"
                     "at 59999\n"
                     "crash\n"
                     "at 60000\n= moved c1 general waited_too_long\n"
                     "peek general\n= c1 normal lane 0 key -300000 waited_too_long\n= c2 normal lane 0 key -250000\n"
                     "comes ben\n= offered c1 ben until 90000\n= offered c2 ben until 90000\n");
}

static void what_is_offered_does_not_wait_too_long_before_the_offer_ends(void **state)
{
    (void)state;
    struct setup setup;
    overflowing(&setup);
    setup_queue(&setup, "support")->wait_max_ms = 20000;
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "at 20000\n"
                     "at 29999\n"
                     "at 30000\n= withdrawn c1 ana expired\n= moved c1 general waited_too_long after 1\n");
}

static void what_waited_too_long_while_it_was_offered_overflows_when_the_offer_is_declined(void **state)
{
    (void)state;
    struct setup setup;
    overflowing(&setup);
    setup_queue(&setup, "support")->wait_max_ms = 20000;
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "comes carla\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "at 25000\n"
                     "decline ana c1\n= withdrawn c1 ana declined\n= moved c1 general waited_too_long after 1\n");
}

static void the_limit_of_the_wait_counts_anew_for_who_is_given_back(void **state)
{
    (void)state;
    struct setup setup;
    overflowing(&setup);
    setup_queue(&setup, "support")->wait_max_ms = 20000;
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "accept ana c1\n= assigned c1 ana e1\n"
                     "at 100000\n"
                     "nack ana c1 e1\n= requeued c1 ana e2 nacked\n"
                     "at 105000\n"
                     "away ana\n= agent_state ana away\n"
                     "crash\n"
                     "at 119999\n"
                     "at 120000\n= moved c1 general waited_too_long after 1\n");
}

static void a_paused_queue_offers_nothing_and_keeps_the_order(void **state)
{
    (void)state;
    struct setup setup;
    one_at_a_time(&setup);
    story_on(&setup, "hello wa\n"
                     "hello ops\n"
                     "comes ana\n"
                     "pause ops queue=support\n= queue_state support paused\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "at 1000\n"
                     "arrives wa b priority=high\n= queued c2 support high\n"
                     "peek support\n= paused\n= c2 high lane 0 key -1799000\n= c1 normal lane 0 key -300000\n"
                     /* other queues go on */
                     "arrives wa c topic=billing\n= queued c3 billing normal\n= assigned c3 ana e1\n"
                     "finish ana c3 e1\n= finished c3 resolved\n"
                     "resume ops queue=support\n= queue_state support running\n= assigned c2 ana e1\n"
                     "finish ana c2 e1\n= finished c2 resolved\n= assigned c1 ana e1\n");
}

static void a_pause_leaves_offers_that_stand_alone(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    story_on(&setup, "hello wa\n"
                     "hello ops\n"
                     "comes ana\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "pause ops queue=support\n= queue_state support paused\n"
                     "accept ana c1\n= assigned c1 ana e1\n"
                     "reply ana c1 e1 hello\n= reply c1 #2 hello\n"
                     /* said again it changes nothing */
                     "pause ops queue=support\n");
}

static void a_pause_outlives_a_restart(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    story_on(&setup, "hello wa\n"
                     "hello ops\n"
                     "comes ana\n"
                     "pause ops queue=support\n= queue_state support paused\n"
                     "crash\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "checkpoint 100\n"
                     "crash\n"
                     "peek support\n= paused\n= c1 normal lane 0 key -300000\n"
                     "resume ops queue=support\n= queue_state support running\n= offered c1 ana until 30000\n"
                     "accept ana c1\n= assigned c1 ana e1\n");
}

static void a_pause_outlives_a_reload(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    story_on(&setup, "hello wa\n"
                     "hello ops\n"
                     "comes ana\n"
                     "pause ops queue=support\n= queue_state support paused\n"
                     "reload\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "resume ops queue=support\n= queue_state support running\n= offered c1 ana until 30000\n");
}

static void in_a_pull_queue_nobody_is_offered_and_a_claim_wins(void **state)
{
    (void)state;
    struct setup setup;
    pulling(&setup);
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "comes ben\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "arrives wa b priority=high\n= queued c2 support high\n"
                     "peek support\n= c2 high lane 0 key -1800000\n= c1 normal lane 0 key -300000\n"
                     "crash\n"
                     "claim ben c1\n= assigned c1 ben e1\n"
                     "reply ben c1 e1 hello\n= reply c1 #2 hello\n"
                     "peek support\n= c2 high lane 0 key -1800000\n");
}

static void the_second_claim_is_told_who_has_it(void **state)
{
    (void)state;
    struct setup setup;
    pulling(&setup);
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "comes ben\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "claim ben c1\n= assigned c1 ben e1\n"
                     "claim ana c1\n= refused taken owner ben\n"
                     "crash\n"
                     "claim ana c1\n= refused taken owner ben\n");
}

static void a_claim_by_somebody_not_eligible_is_refused(void **state)
{
    (void)state;
    struct setup setup;
    pulling(&setup);
    story_on(&setup, "hello wa\n"
                     "comes bot\n"
                     "comes ben\n"
                     "comes carla\n"
                     "arrives wa a language=es\n= queued c1 support normal\n"
                     "claim ben c1\n= refused not_eligible\n"
                     "claim bot c1\n= refused not_eligible\n"
                     "claim carla c1\n= assigned c1 carla e1\n");
}

static void a_claim_without_room_is_refused(void **state)
{
    (void)state;
    struct setup setup;
    pulling(&setup);
    story_on(&setup, "hello wa\n"
                     "comes carla\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "arrives wa b\n= queued c2 support normal\n"
                     "arrives wa c\n= queued c3 support normal\n"
                     "claim carla c1\n= assigned c1 carla e1\n"
                     "claim carla c2\n= assigned c2 carla e1\n"
                     "claim carla c3\n= refused no_room\n"
                     "finish carla c1 e1\n= finished c1 resolved\n"
                     "claim carla c3\n= assigned c3 carla e1\n");
}

static void only_a_pull_queue_is_claimed_from(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "away ben\n= agent_state ben away\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "claim ben c1\n= refused illegal_move\n");
}

static void a_paused_pull_queue_is_not_claimed_from(void **state)
{
    (void)state;
    struct setup setup;
    pulling(&setup);
    story_on(&setup, "hello wa\n"
                     "hello ops\n"
                     "comes ben\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "pause ops queue=support\n= queue_state support paused\n"
                     "claim ben c1\n= refused illegal_move\n"
                     "resume ops queue=support\n= queue_state support running\n"
                     "claim ben c1\n= assigned c1 ben e1\n");
}

static void a_requeued_claim_is_back_for_all_at_its_place(void **state)
{
    (void)state;
    struct setup setup;
    pulling(&setup);
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "comes ana\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "at 1000\n"
                     "arrives wa b\n= queued c2 support normal\n"
                     "claim ben c1\n= assigned c1 ben e1\n"
                     "nack ben c1 e1\n= requeued c1 ben e2 nacked\n"
                     "peek support\n= c1 normal lane 0 key -300000\n= c2 normal lane 0 key -299000\n"
                     "claim ana c1\n= assigned c1 ana e3\n");
}

static void a_closed_pull_queue_is_not_claimed_from(void **state)
{
    (void)state;
    struct setup setup;
    pulling(&setup);
    setup_calendar(&setup, "office", (int64_t[]){0, 10000, 100000, 110000}, 4);
    setup_queue(&setup, "support")->calendar = "office";
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "at 10000\n= held c1 held until 100000\n"
                     "claim ben c1\n= refused illegal_move\n"
                     "at 100000\n= requeued c1  e0 opened\n"
                     "claim ben c1\n= assigned c1 ben e1\n");
}

/* support is claimed from; billing, which the second step adds, offers. */
static void from_pull_to_push(struct setup *setup, struct config_step steps[2])
{
    steps[0] = (struct config_step){.queue = "support"};
    steps[1] = (struct config_step){.queue = "billing", .add = true, .after_ms = 10000};
    pulling(setup);
    setup_rule(setup, steps, 2, "plan")->topic = "plan";
}

static void a_step_that_adds_to_a_pull_queue_keeps_those_who_could_claim_before(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[2];
    from_pull_to_push(&setup, steps);
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "arrives wa a topic=plan\n= queued c1 support normal\n"
                     "arrives wa b topic=plan priority=high\n= queued c2 support high\n"
                     "at 10000\n= relaxed c1 billing normal step 2\n= relaxed c2 billing high step 2\n"
                     "peek support\n= c2 high lane 0 key -1800000\n= c1 normal lane 0 key -300000\n"
                     "peek billing\n= c2 high lane 0 key -1800000\n= c1 normal lane 0 key -300000\n"
                     "why c1\n= c1 queued in billing key -300000 ahead 1 step 2/2 eligible 4 signed_in 1\n= ana offline\n= carla offline\n"
                     "= auto queue_pull\n= ben queue_pull\n"
                     "why c1 ben\n= c1 queued in billing key -300000 ahead 1 step 2/2 eligible 4 signed_in 1\n= ben queue_pull\n"
                     "crash\n"
                     "claim ben c1\n= assigned c1 ben e1\n"
                     "comes ana\n= offered c2 ana until 40000\n"
                     "claim ben c2\n= refused illegal_move\n"
                     "decline ana c2\n= withdrawn c2 ana declined\n"
                     "nack ben c1 e1\n= requeued c1 ben e2 nacked\n= offered c1 ana until 40000\n"
                     "claim ben c2\n= assigned c2 ben e1\n");
}

static void each_queue_is_claimed_from_by_those_who_meet_its_own_step(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[2];
    from_pull_to_push(&setup, steps);
    steps[0].all = (struct config_skill[]){{"english", 3}};
    steps[0].all_count = 1;
    setup_agent(&setup, "ana")->queues = (char *[]){"billing"};
    setup_agent(&setup, "ana")->queues_count = 1;
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "away ana\n= agent_state ana away\n"
                     "comes auto\n"
                     "comes ben\n"
                     "arrives wa a topic=plan\n= queued c1 support normal\n"
                     "at 10000\n= relaxed c1 billing normal step 2\n"
                     /* billing offers and is not claimed from; auto lacks what support takes */
                     "claim ana c1\n= refused not_eligible\n"
                     "claim auto c1\n= refused not_eligible\n"
                     "claim ben c1\n= assigned c1 ben e1\n");
}

static void a_pull_queue_that_a_step_adds_is_claimed_from_and_the_one_before_offers(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {{.queue = "billing", .all = (struct config_skill[]){{"spanish", 4}}, .all_count = 1},
                                  {.queue = "support", .add = true, .after_ms = 10000}};
    pulling(&setup);
    setup_rule(&setup, steps, 2, "plan")->topic = "plan";
    setup_agent(&setup, "ana")->queues = (char *[]){"billing"};
    setup_agent(&setup, "ana")->queues_count = 1;
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "arrives wa a topic=plan\n= queued c1 billing normal\n"
                     "arrives wa b topic=plan\n= queued c2 billing normal\n"
                     "claim ben c1\n= refused illegal_move\n"
                     "at 10000\n= relaxed c1 support normal step 2\n= relaxed c2 support normal step 2\n"
                     "peek billing\n"
                     "hello ana\n"
                     "claim ana c1\n= refused not_eligible\n"
                     "claim ben c1\n= assigned c1 ben e1\n"
                     "available ana\n= agent_state ana available\n= offered c2 ana until 40000\n");
}

static void what_a_step_adds_to_a_pull_queue_is_not_held_while_it_is_claimed_from(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[2];
    from_pull_to_push(&setup, steps);
    setup_calendar(&setup, "back office", (int64_t[]){50000, 60000}, 2);
    setup_calendar(&setup, "front office", (int64_t[]){0, 20000, 40000, 60000}, 4);
    setup_queue(&setup, "billing")->calendar = "back office";
    setup_queue(&setup, "support")->calendar = "front office";
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "arrives wa a topic=plan\n= queued c1 support normal\n"
                     "arrives wa b topic=plan\n= queued c2 support normal\n"
                     "at 10000\n= relaxed c1 billing normal step 2\n= relaxed c2 billing normal step 2\n"
                     "claim ben c1\n= assigned c1 ben e1\n"
                     "at 20000\n= held c2 held until 40000\n"
                     "claim ben c2\n= refused illegal_move\n"
                     "at 40000\n= requeued c2  e0 opened\n"
                     "claim ben c2\n= assigned c2 ben e1\n");
}

static void a_pull_queue_that_is_closed_is_not_said_to_be_claimed_from(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[2];
    from_pull_to_push(&setup, steps);
    setup_calendar(&setup, "office", (int64_t[]){0, 20000, 40000, 60000}, 4);
    setup_queue(&setup, "support")->calendar = "office";
    story_on(&setup,
             "hello wa\n"
             "comes ben\n"
             "arrives wa a topic=plan\n= queued c1 support normal\n"
             "at 10000\n= relaxed c1 billing normal step 2\n"
             "at 20000\n"
             "claim ben c1\n= refused illegal_move\n"
             "why c1 ben\n= c1 queued in billing key -300000 ahead 0 step 2/2 eligible 4 signed_in 1\n= ben queue_closed until 40000\n"
             "at 40000\n"
             "claim ben c1\n= assigned c1 ben e1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_are_0_5_30_and_1440_minutes_of_head_start),
        cmocka_unit_test(a_head_start_is_worth_its_minutes_and_no_more),
        cmocka_unit_test(who_came_first_of_a_level_goes_first),
        cmocka_unit_test(the_key_is_static),
        cmocka_unit_test(a_higher_lane_goes_first_whatever_the_keys),
        cmocka_unit_test(the_guard_serves_one_of_the_lower_lane_for_every_k_of_the_higher),
        cmocka_unit_test(the_guard_counts_only_those_who_waited),
        cmocka_unit_test(the_guard_lets_no_lane_starve),
        cmocka_unit_test(without_a_guard_lanes_are_strict),
        cmocka_unit_test(an_edf_queue_serves_the_earliest_deadline_first),
        cmocka_unit_test(an_edf_queue_counts_the_deadline_in_business_time_if_asked_for),
        cmocka_unit_test(arrival_survives_a_transfer),
        cmocka_unit_test(arrival_survives_a_requeue),
        cmocka_unit_test(arrival_survives_a_relaxation),
        cmocka_unit_test(arrival_survives_the_loss_of_its_agent),
        cmocka_unit_test(arrival_survives_a_restart),
        cmocka_unit_test(arrival_survives_a_move_by_an_operator),
        cmocka_unit_test(a_first_response_that_is_due_is_overdue_once),
        cmocka_unit_test(a_first_response_in_time_is_never_overdue),
        cmocka_unit_test(an_acceptance_is_no_response),
        cmocka_unit_test(every_next_response_is_due_from_the_customers_first_unanswered_message),
        cmocka_unit_test(a_resolution_is_due_from_the_arrival_to_the_end),
        cmocka_unit_test(business_time_runs_only_while_it_is_open),
        cmocka_unit_test(a_next_response_runs_in_business_time_too),
        cmocka_unit_test(deadlines_run_by_the_clock_unless_business_time_is_asked_for),
        cmocka_unit_test(the_reply_window_that_a_connector_declares_passes_once),
        cmocka_unit_test(a_newer_message_opens_the_reply_window_anew),
        cmocka_unit_test(an_answered_customer_has_no_reply_window_to_miss),
        cmocka_unit_test(a_full_queue_overflows),
        cmocka_unit_test(a_full_overflow_queue_overflows_in_its_turn),
        cmocka_unit_test(a_full_queue_without_overflow_refuses),
        cmocka_unit_test(a_transfer_into_a_full_queue_is_refused),
        cmocka_unit_test(a_full_queue_keeps_whom_it_gets_back),
        cmocka_unit_test(waiting_too_long_overflows_at_its_place),
        cmocka_unit_test(what_is_offered_does_not_wait_too_long_before_the_offer_ends),
        cmocka_unit_test(what_waited_too_long_while_it_was_offered_overflows_when_the_offer_is_declined),
        cmocka_unit_test(the_limit_of_the_wait_counts_anew_for_who_is_given_back),
        cmocka_unit_test(a_paused_queue_offers_nothing_and_keeps_the_order),
        cmocka_unit_test(a_pause_leaves_offers_that_stand_alone),
        cmocka_unit_test(a_pause_outlives_a_restart),
        cmocka_unit_test(a_pause_outlives_a_reload),
        cmocka_unit_test(in_a_pull_queue_nobody_is_offered_and_a_claim_wins),
        cmocka_unit_test(the_second_claim_is_told_who_has_it),
        cmocka_unit_test(a_claim_by_somebody_not_eligible_is_refused),
        cmocka_unit_test(a_claim_without_room_is_refused),
        cmocka_unit_test(only_a_pull_queue_is_claimed_from),
        cmocka_unit_test(a_paused_pull_queue_is_not_claimed_from),
        cmocka_unit_test(a_requeued_claim_is_back_for_all_at_its_place),
        cmocka_unit_test(a_closed_pull_queue_is_not_claimed_from),
        cmocka_unit_test(a_step_that_adds_to_a_pull_queue_keeps_those_who_could_claim_before),
        cmocka_unit_test(each_queue_is_claimed_from_by_those_who_meet_its_own_step),
        cmocka_unit_test(a_pull_queue_that_a_step_adds_is_claimed_from_and_the_one_before_offers),
        cmocka_unit_test(what_a_step_adds_to_a_pull_queue_is_not_held_while_it_is_claimed_from),
        cmocka_unit_test(a_pull_queue_that_is_closed_is_not_said_to_be_claimed_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
