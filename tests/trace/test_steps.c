#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "story.h"
#include "world.h"

static struct config_skill spanish_5[] = {{"spanish", 5}}, spanish_4[] = {{"spanish", 4}}, spanish_2[] = {{"spanish", 2}},
                           english_3[] = {{"english", 3}}, french_1[] = {{"french", 1}};

/* Topic "plan" follows these steps. */
static void on_a_plan(struct setup *setup, struct config_step *steps, uint32_t count)
{
    story_setup_patient(setup);
    setup_rule(setup, steps, count, "plan")->topic = "plan";
}

/* support chooses so. */
static void choosing(struct setup *setup, enum choice choice)
{
    story_setup_patient(setup);
    setup_queue(setup, "support")->choice = choice;
}

/* A rule before all others that leads to billing, for whoever may serve it. */
static struct config_rule *billing_rule(struct setup *setup, struct config_step *step)
{
    *step = (struct config_step){.queue = "billing"};
    return setup_rule(setup, step, 1, NULL);
}

static void a_skill_has_levels_from_1_to_5_and_a_higher_one_will_do(void **state)
{
    (void)state;
    struct setup setup;
    struct config_skill levels[] = {{"french", 1}, {"french", 2}, {"french", 3}, {"french", 4}, {"french", 5}};
    struct config_step steps[5];
    static const char *const topics[] = {"one", "two", "three", "four", "five"};
    story_setup_patient(&setup);
    setup_agent(&setup, "ben")->skills = &levels[2];
    for (uint32_t i = 0; i < 5; i++) {
        steps[i] = (struct config_step){.queue = "support", .all = &levels[i], .all_count = 1};
        setup_rule(&setup, &steps[i], 1, NULL)->topic = (char *)(uintptr_t)topics[i];
    }
    story_on(&setup, "hello wa\n"
                     "arrives wa a topic=one\n= queued c1 support normal\n"
                     "arrives wa b topic=two\n= queued c2 support normal\n"
                     "arrives wa c topic=three\n= queued c3 support normal\n"
                     "arrives wa d topic=four\n= queued c4 support normal\n"
                     "arrives wa e topic=five\n= queued c5 support normal\n"
                     "comes ben\n= offered c1 ben until 30000\n= offered c2 ben until 30000\n= offered c3 ben until 30000\n"
                     "comes ana\n");
}

static void all_of_the_skills_are_needed(void **state)
{
    (void)state;
    struct setup setup;
    struct config_skill both[] = {{"spanish", 2}, {"english", 5}};
    struct config_step step = {.queue = "support", .all = both, .all_count = 2};
    on_a_plan(&setup, &step, 1);
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "comes ben\n"
                     "arrives wa a topic=plan\n= queued c1 support normal\n"
                     "comes carla\n= offered c1 carla until 30000\n");
}

static void any_of_the_skills_is_enough(void **state)
{
    (void)state;
    struct setup setup;
    struct config_skill either[] = {{"spanish", 4}, {"english", 5}};
    struct config_step step = {.queue = "support", .any = either, .any_count = 2};
    on_a_plan(&setup, &step, 1);
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "arrives wa a topic=plan\n= queued c1 support normal\n"
                     "comes ana\n= offered c1 ana until 30000\n"
                     "arrives wa b topic=plan\n= queued c2 support normal\n= offered c2 ana until 30000\n"
                     "away ana\n= agent_state ana away\n= withdrawn c1 ana rescinded\n= withdrawn c2 ana rescinded\n"
                     "comes carla\n= offered c1 carla until 30000\n= offered c2 carla until 30000\n");
}

static void all_of_and_any_of_are_needed_together(void **state)
{
    (void)state;
    struct setup setup;
    struct config_skill either[] = {{"billing", 3}, {"english", 5}};
    struct config_step step = {.queue = "support", .all = spanish_4, .all_count = 1, .any = either, .any_count = 2};
    on_a_plan(&setup, &step, 1);
    story_on(&setup, "hello wa\n"
                     "comes carla\n"
                     "arrives wa a topic=plan\n= queued c1 support normal\n"
                     "comes ana\n= offered c1 ana until 30000\n");
}

static void languages_are_skills(void **state)
{
    (void)state;
    story("hello wa\n"
          "comes ben\n"
          "arrives wa a language=es\n= queued c1 support normal\n"
          "comes ana\n= offered c1 ana until 30000\n");
}

static void a_plan_has_up_to_16_steps(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[16];
    for (uint32_t i = 0; i < 16; i++)
        steps[i] = (struct config_step){.queue = "support", .all = i < 15 ? french_1 : NULL, .all_count = i < 15, .after_ms = 1000 * i};
    on_a_plan(&setup, steps, 16);
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "arrives wa a topic=plan\n= queued c1 support normal\n"
                     "at 7000\n= relaxed c1 support normal step 2\n= relaxed c1 support normal step 3\n= relaxed c1 support normal step "
                     "4\n= relaxed c1 support normal step 5\n= relaxed c1 support normal step 6\n= relaxed c1 support normal step 7\n= "
                     "relaxed c1 support normal step 8\n"
                     "crash\n"
                     "at 14999\n= relaxed c1 support normal step 9\n= relaxed c1 support normal step 10\n= relaxed c1 support normal step "
                     "11\n= relaxed c1 support normal step 12\n= relaxed c1 support normal step 13\n= relaxed c1 support normal step 14\n= "
                     "relaxed c1 support normal step 15\n"
                     "at 15000\n= relaxed c1 support normal step 16\n= offered c1 ben until 45000\n");
}

static void steps_count_from_the_arrival_in_the_queue(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {{.queue = "support", .all = spanish_5, .all_count = 1},
                                  {.queue = "support", .all = spanish_4, .all_count = 1, .after_ms = 10000},
                                  {.queue = "support", .after_ms = 25000}};
    on_a_plan(&setup, steps, 3);
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "at 5000\n"
                     "arrives wa a topic=plan\n= queued c1 support normal\n"
                     "at 14999\n"
                     "crash\n"
                     "at 15000\n= relaxed c1 support normal step 2\n"
                     "message wa a hurry\n= message c1 #2 hurry\n"
                     "at 29999\n"
                     "checkpoint 100\n"
                     "crash\n"
                     "at 30000\n= relaxed c1 support normal step 3\n= offered c1 ben until 60000\n");
}

static void a_step_may_drop_a_requirement(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {{.queue = "support", .all = french_1, .all_count = 1}, {.queue = "support", .after_ms = 10000}};
    on_a_plan(&setup, steps, 2);
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "arrives wa a topic=plan\n= queued c1 support normal\n"
                     "at 10000\n= relaxed c1 support normal step 2\n= offered c1 ben until 40000\n");
}

static void a_step_may_lower_a_requirement(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {{.queue = "support", .all = spanish_4, .all_count = 1},
                                  {.queue = "support", .all = spanish_2, .all_count = 1, .after_ms = 10000}};
    on_a_plan(&setup, steps, 2);
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "comes carla\n"
                     "arrives wa a topic=plan\n= queued c1 support normal\n"
                     "at 10000\n= relaxed c1 support normal step 2\n= offered c1 carla until 40000\n");
}

static void a_step_that_adds_an_alternative_keeps_those_who_could_serve_before(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {{.queue = "support", .all = spanish_4, .all_count = 1},
                                  {.queue = "support", .all = english_3, .all_count = 1, .add = true, .after_ms = 10000}};
    on_a_plan(&setup, steps, 2);
    story_on(&setup, "hello wa\n"
                     "comes auto\n"
                     "arrives wa a topic=plan\n= queued c1 support normal\n"
                     "arrives wa b topic=plan\n= queued c2 support normal\n"
                     "at 9999\n"
                     "at 10000\n= relaxed c1 support normal step 2\n= relaxed c2 support normal step 2\n"
                     "comes ben\n= offered c1 ben until 40000\n= offered c2 ben until 40000\n"
                     "away ben\n= agent_state ben away\n= withdrawn c1 ben rescinded\n= withdrawn c2 ben rescinded\n"
                     "crash\n"
                     "comes ana\n= offered c1 ana until 40000\n= offered c2 ana until 40000\n");
}

static void a_step_that_adds_another_queue_is_served_by_both(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {{.queue = "billing", .all = spanish_4, .all_count = 1},
                                  {.queue = "support", .add = true, .after_ms = 10000}};
    on_a_plan(&setup, steps, 2);
    setup_agent(&setup, "ana")->queues = (char *[]){"billing"};
    setup_agent(&setup, "ana")->queues_count = 1;
    story_on(&setup, "hello wa\n"
                     "arrives wa a topic=plan\n= queued c1 billing normal\n"
                     "arrives wa b topic=plan\n= queued c2 billing normal\n"
                     "at 10000\n= relaxed c1 support normal step 2\n= relaxed c2 support normal step 2\n"
                     "peek support\n= c1 normal lane 0 key -300000\n= c2 normal lane 0 key -300000\n"
                     "comes ben\n= offered c1 ben until 40000\n= offered c2 ben until 40000\n"
                     "away ben\n= agent_state ben away\n= withdrawn c1 ben rescinded\n= withdrawn c2 ben rescinded\n"
                     "comes ana\n= offered c1 ana until 40000\n= offered c2 ana until 40000\n");
}

static void a_step_that_does_not_add_takes_the_place_of_the_one_before(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {{.queue = "support", .all = spanish_4, .all_count = 1},
                                  {.queue = "support", .all = english_3, .all_count = 1, .after_ms = 10000}};
    on_a_plan(&setup, steps, 2);
    story_on(&setup, "hello wa\n"
                     "arrives wa a topic=plan\n= queued c1 support normal\n"
                     "at 10000\n= relaxed c1 support normal step 2\n"
                     "comes ana\n"
                     "comes ben\n= offered c1 ben until 40000\n");
}

static void a_step_may_change_the_queue_at_its_place(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {{.queue = "support", .all = french_1, .all_count = 1}, {.queue = "billing", .after_ms = 10000}};
    on_a_plan(&setup, steps, 2);
    story_on(&setup, "hello wa\n"
                     "arrives wa a topic=plan\n= queued c1 support normal\n"
                     "at 5000\n"
                     "arrives wa b topic=billing\n= queued c2 billing normal\n"
                     "at 10000\n= relaxed c1 billing normal step 2\n"
                     "peek billing\n= c1 normal lane 0 key -300000\n= c2 normal lane 0 key -295000\n"
                     "crash\n"
                     "comes ana\n= offered c1 ana until 40000\n= offered c2 ana until 40000\n");
}

static void a_step_into_a_full_queue_overflows(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {{.queue = "support", .all = french_1, .all_count = 1}, {.queue = "billing", .after_ms = 10000}};
    on_a_plan(&setup, steps, 2);
    setup_queue(&setup, "general");
    setup_queue(&setup, "billing")->overflow = "general";
    setup_queue(&setup, "billing")->depth_max = 1;
    story_on(&setup, "hello wa\n"
                     "arrives wa a topic=billing\n= queued c1 billing normal\n"
                     "arrives wa b topic=plan\n= queued c2 support normal\n"
                     "at 10000\n= relaxed c2 billing normal step 2\n= moved c2 general queue_full\n");
}

static void the_limit_of_the_wait_counts_from_the_queue_that_a_step_led_to(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {{.queue = "support", .all = french_1, .all_count = 1},
                                  {.queue = "billing", .after_ms = 10000},
                                  {.queue = "billing", .priority = PRIORITY_high, .after_ms = 15000}};
    on_a_plan(&setup, steps, 3);
    setup_queue(&setup, "general");
    setup_queue(&setup, "billing")->overflow = "general";
    setup_queue(&setup, "billing")->wait_max_ms = 8000;
    story_on(&setup, "hello wa\n"
                     "arrives wa b topic=plan\n= queued c1 support normal\n"
                     "at 10000\n= relaxed c1 billing normal step 2\n"
                     "crash\n"
                     "at 17999\n= relaxed c1 billing high step 3\n"
                     "at 18000\n= moved c1 general waited_too_long\n");
}

static void a_step_that_adds_a_closed_queue_keeps_those_who_could_serve_before(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {{.queue = "support", .all = english_3, .all_count = 1},
                                  {.queue = "billing", .add = true, .after_ms = 10000}};
    on_a_plan(&setup, steps, 2);
    setup_calendar(&setup, "office", (int64_t[]){50000, 60000}, 2);
    setup_queue(&setup, "billing")->calendar = "office";
    story_on(&setup, "hello wa\n"
                     "arrives wa b topic=plan\n= queued c1 support normal\n"
                     "at 10000\n= relaxed c1 billing normal step 2\n"
                     "comes ana\n"
                     "comes ben\n= offered c1 ben until 40000\n"
                     "away ben\n= agent_state ben away\n= withdrawn c1 ben rescinded\n"
                     "crash\n"
                     "at 50000\n= offered c1 ana until 80000\n");
}

static void a_step_into_a_closed_queue_is_held(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {{.queue = "support", .all = french_1, .all_count = 1}, {.queue = "billing", .after_ms = 10000}};
    on_a_plan(&setup, steps, 2);
    setup_calendar(&setup, "office", (int64_t[]){50000, 60000}, 2);
    setup_queue(&setup, "billing")->calendar = "office";
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "arrives wa b topic=plan\n= queued c1 support normal\n"
                     "at 10000\n= relaxed c1 billing normal step 2\n= held c1 held until 50000\n"
                     "crash\n"
                     "at 50000\n= requeued c1  e0 opened\n= offered c1 ana until 80000\n");
}

static void a_step_may_change_the_priority_and_so_the_place(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {{.queue = "support", .all = french_1, .all_count = 1},
                                  {.queue = "support", .priority = PRIORITY_urgent, .after_ms = 10000},
                                  {.queue = "support", .after_ms = 20000}};
    on_a_plan(&setup, steps, 3);
    story_on(&setup, "hello wa\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "at 1000\n"
                     "arrives wa b topic=plan\n= queued c2 support normal\n"
                     "at 11000\n= relaxed c2 support urgent step 2\n"
                     "peek support\n= c2 urgent lane 0 key -86399000\n= c1 normal lane 0 key -300000\n"
                     /* a step that says nothing of it leaves it */
                     "at 21000\n= relaxed c2 support urgent step 3\n"
                     "crash\n"
                     "peek support\n= c2 urgent lane 0 key -86399000\n= c1 normal lane 0 key -300000\n"
                     "comes ben\n= offered c2 ben until 51000\n= offered c1 ben until 51000\n");
}

static void a_step_may_change_the_order_of_choice(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {{.queue = "support", .all = spanish_2, .all_count = 1, .choice = CHOICE_longest_idle},
                                  {.queue = "support", .all = spanish_2, .all_count = 1, .choice = CHOICE_most_skilled, .after_ms = 10000}};
    on_a_plan(&setup, steps, 2);
    story_on(&setup,
             "hello wa\n"
             "hello ops\n"
             "pause ops queue=support\n= queue_state support paused\n"
             "comes carla\n"
             "comes ana\n"
             "arrives wa a topic=plan\n= queued c1 support normal\n"
             "at 10000\n= relaxed c1 support normal step 2\n"
             "arrives wa b topic=plan\n= queued c2 support normal\n"
             /* by its own step each: ana is more skilled, carla has been idle for longer */
             "resume ops queue=support\n= queue_state support running\n= offered c1 ana until 40000\n= offered c2 carla until 40000\n");
}

static void preferred_agents_are_offered_first(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step step = {.queue = "support", .preferred = (char *[]){"carla", "ana"}, .preferred_count = 2};
    on_a_plan(&setup, &step, 1);
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "comes ana\n"
                     "comes carla\n"
                     "arrives wa a topic=plan\n= queued c1 support normal\n= offered c1 carla until 30000\n"
                     "arrives wa b topic=plan\n= queued c2 support normal\n= offered c2 carla until 30000\n"
                     /* carla has no more room */
                     "arrives wa c topic=plan\n= queued c3 support normal\n= offered c3 ana until 30000\n"
                     "away ana\n= agent_state ana away\n= withdrawn c3 ana rescinded\n= offered c3 ben until 30000\n"
                     "arrives wa d topic=plan\n= queued c4 support normal\n= offered c4 ben until 30000\n");
}

static void every_step_has_preferred_agents_of_its_own(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {
        {.queue = "support", .all = french_1, .all_count = 1},
        {.queue = "support", .preferred = (char *[]){"carla"}, .preferred_count = 1, .after_ms = 10000},
        {.queue = "support", .preferred = (char *[]){"ana"}, .preferred_count = 1, .after_ms = 20000},
    };
    on_a_plan(&setup, steps, 3);
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "comes ana\n"
                     "comes carla\n"
                     "arrives wa a topic=plan\n= queued c1 support normal\n"
                     "at 10000\n= relaxed c1 support normal step 2\n= offered c1 carla until 40000\n"
                     "at 30000\n"
                     "crash\n"
                     "decline carla c1\n= withdrawn c1 carla declined\n= relaxed c1 support normal step 3\n= offered c1 ana until 60000\n"
                     "decline ana c1\n= withdrawn c1 ana declined\n= offered c1 ben until 60000\n");
}

static void a_step_is_skipped_if_nobody_who_could_serve_it_is_signed_in(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {{.queue = "support", .all = spanish_4, .all_count = 1, .skip_if_nobody = true},
                                  {.queue = "support", .all = english_3, .all_count = 1, .after_ms = 10000}};
    on_a_plan(&setup, steps, 2);
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "arrives wa a topic=plan\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                     "hello ana\n"
                     /* who has not said available has not signed in */
                     "arrives wa b topic=plan\n= queued c2 support normal\n= offered c2 ben until 30000\n"
                     "available ana\n= agent_state ana available\n"
                     "away ana\n= agent_state ana away\n"
                     /* who is away is signed in */
                     "arrives wa c topic=plan\n= queued c3 support normal\n"
                     "crash\n"
                     "at 10000\n= relaxed c3 support normal step 2\n= offered c3 ben until 40000\n");
}

static void a_later_step_is_skipped_too_and_the_last_never(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {{.queue = "support", .all = french_1, .all_count = 1},
                                  {.queue = "support", .all = spanish_4, .all_count = 1, .skip_if_nobody = true, .after_ms = 10000},
                                  {.queue = "support", .all = english_3, .all_count = 1, .skip_if_nobody = true, .after_ms = 20000}};
    on_a_plan(&setup, steps, 3);
    story_on(&setup, "hello wa\n"
                     "arrives wa a topic=plan\n= queued c1 support normal\n"
                     "at 10000\n= relaxed c1 support normal step 3\n"
                     "comes ben\n= offered c1 ben until 40000\n");
}

static void steps_wait_while_it_is_offered_and_are_taken_when_it_waits_again(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {{.queue = "support", .all = spanish_2, .all_count = 1},
                                  {.queue = "support", .all = english_3, .all_count = 1, .after_ms = 10000},
                                  {.queue = "support", .priority = PRIORITY_high, .after_ms = 20000}};
    on_a_plan(&setup, steps, 3);
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "comes ben\n"
                     "comes carla\n"
                     "away carla\n= agent_state carla away\n"
                     "arrives wa a topic=plan\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "at 10000\n"
                     "at 15000\n"
                     "crash\n"
                     "available carla\n= agent_state carla available\n"
                     /* carla could serve the first step, and ben waits for the second */
                     "decline ana c1\n= withdrawn c1 ana declined\n= relaxed c1 support normal step 2\n= offered c1 ben until 45000\n"
                     "at 20000\n"
                     "at 45000\n= withdrawn c1 ben expired\n= relaxed c1 support high step 3\n= offered c1 carla until 75000\n");
}

static void an_offer_that_expires_lets_the_step_be_taken_first(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {{.queue = "support", .all = spanish_2, .all_count = 1},
                                  {.queue = "support", .all = english_3, .all_count = 1, .after_ms = 10000}};
    on_a_plan(&setup, steps, 2);
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "comes ben\n"
                     "arrives wa a topic=plan\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "at 30000\n= withdrawn c1 ana expired\n= relaxed c1 support normal step 2\n= offered c1 ben until 60000\n");
}

static void who_is_given_back_goes_on_with_the_plan(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {{.queue = "support", .all = spanish_4, .all_count = 1},
                                  {.queue = "support", .all = english_3, .all_count = 1, .after_ms = 10000}};
    on_a_plan(&setup, steps, 2);
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "arrives wa a topic=plan\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "accept ana c1\n= assigned c1 ana e1\n"
                     "at 15000\n"
                     "nack ana c1 e1\n= requeued c1 ana e2 nacked\n= relaxed c1 support normal step 2\n"
                     "comes ben\n= offered c1 ben until 45000\n");
}

static void a_transfer_begins_no_plan_anew(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {{.queue = "support", .all = spanish_4, .all_count = 1}, {.queue = "support", .after_ms = 10000}};
    on_a_plan(&setup, steps, 2);
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "arrives wa a topic=plan\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "accept ana c1\n= assigned c1 ana e1\n"
                     "transfer ana c1 e1 skill=english:3\n= transferred c1 ana e2 support\n"
                     "at 20000\n"
                     "comes auto\n"
                     "comes ben\n= offered c1 ben until 50000\n");
}

static void a_move_by_an_operator_ends_the_plan(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {{.queue = "support", .all = french_1, .all_count = 1}, {.queue = "support", .after_ms = 10000}};
    on_a_plan(&setup, steps, 2);
    story_on(&setup, "hello wa\n"
                     "hello ops\n"
                     "arrives wa a topic=plan\n= queued c1 support normal\n"
                     "move ops c1 queue=billing\n= moved c1 billing moved\n"
                     "at 20000\n"
                     "comes ana\n= offered c1 ana until 50000\n");
}

static void a_plan_that_is_gone_after_a_reload_takes_no_further_step(void **state)
{
    (void)state;
    struct setup before, after;
    struct config_step steps[] = {{.queue = "support", .all = french_1, .all_count = 1}, {.queue = "support", .after_ms = 10000}};
    on_a_plan(&before, steps, 2);
    story_setup_patient(&after);
    story_reloading(&before, &after,
                    "hello wa\n"
                    "comes ben\n"
                    "arrives wa a topic=plan\n= queued c1 support normal\n"
                    "reload\n"
                    "at 20000\n"
                    "crash\n");
}

static void a_reload_with_other_steps_is_followed_from_the_step_reached(void **state)
{
    (void)state;
    struct setup before, after;
    struct config_step steps[] = {{.queue = "support", .all = french_1, .all_count = 1}, {.queue = "support", .after_ms = 10000}};
    struct config_step others[] = {{.queue = "support", .all = french_1, .all_count = 1},
                                   {.queue = "support", .all = english_3, .all_count = 1, .after_ms = 5000}};
    on_a_plan(&before, steps, 2);
    on_a_plan(&after, others, 2);
    story_reloading(&before, &after,
                    "hello wa\n"
                    "arrives wa a topic=plan\n= queued c1 support normal\n"
                    "at 1000\n"
                    "reload\n"
                    "at 5000\n= relaxed c1 support normal step 2\n"
                    "comes auto\n"
                    "comes ben\n= offered c1 ben until 35000\n");
}

static void the_first_rule_that_matches_wins(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step to_billing, to_front = {.queue = "front"};
    story_setup_patient(&setup);
    setup_rule(&setup, &to_front, 1, NULL)->channel = "whatsapp";
    billing_rule(&setup, &to_billing)->channel = "whatsapp";
    story_on(&setup, "hello wa\n"
                     "arrives wa a\n= queued c1 billing normal\n");
}

static void every_condition_of_a_rule_must_hold(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step to_billing;
    story_setup_patient(&setup);
    struct config_rule *rule = billing_rule(&setup, &to_billing);
    rule->channel = "whatsapp";
    rule->language = "fr";
    story_on(&setup, "hello wa\n"
                     "hello web\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "arrives web b language=fr\n= queued c2 support normal\n"
                     "arrives wa c language=fr\n= queued c3 billing normal\n");
}

static void rules_choose_by_channel_or_account(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step to_billing, to_front = {.queue = "front"};
    story_setup_patient(&setup);
    setup.accounts[3] = (struct config_account){.name = "wa2", .channel = "whatsapp"};
    setup.config.accounts_count = 4;
    setup_rule(&setup, &to_front, 1, NULL)->channel = "whatsapp";
    billing_rule(&setup, &to_billing)->account = "wa2";
    story_on(&setup, "hello wa\n"
                     "hello wa2\n"
                     "hello web\n"
                     "arrives wa a\n= queued c1 front normal\n"
                     "arrives wa2 b\n= queued c2 billing normal\n"
                     "arrives web c\n= queued c3 support normal\n");
}

static void rules_choose_by_language(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step to_billing;
    story_setup_patient(&setup);
    billing_rule(&setup, &to_billing)->language = "fr";
    story_on(&setup, "hello wa\n"
                     "arrives wa a language=fr\n= queued c1 billing normal\n"
                     "arrives wa b language=de\n= queued c2 support normal\n");
}

static void rules_choose_by_customer_attributes(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step to_billing;
    story_setup_patient(&setup);
    struct config_rule *rule = billing_rule(&setup, &to_billing);
    rule->attributes = (struct config_attribute[]){{"tier", "gold"}};
    rule->attributes_count = 1;
    story_on(&setup, "hello wa\n"
                     "arrives wa a tier:gold\n= queued c1 billing normal\n"
                     "arrives wa b tier:silver\n= queued c2 support normal\n"
                     "arrives wa c\n= queued c3 support normal\n");
}

static void attributes_are_remembered_from_an_earlier_message(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step to_billing;
    story_setup_patient(&setup);
    struct config_rule *rule = billing_rule(&setup, &to_billing);
    rule->attributes = (struct config_attribute[]){{"tier", "gold"}};
    rule->attributes_count = 1;
    setup.config.reopen_within_ms = 0;
    story_on(&setup, "hello wa\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "message wa a more tier:gold\n= message c1 #2 more\n"
                     "leave wa a\n= finished c1 abandoned\n"
                     "at 1\n"
                     "checkpoint 100\n"
                     "crash\n"
                     "arrives wa a\n= queued c2 billing normal\n"
                     "leave wa a\n= finished c2 abandoned\n"
                     "at 2\n"
                     /* one without a value is forgotten */
                     "arrives wa a tier:\n= queued c3 support normal\n"
                     "leave wa a\n= finished c3 abandoned\n"
                     "at 3\n"
                     "arrives wa a\n= queued c4 support normal\n");
}

static void rules_choose_by_text_pattern(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step to_billing, to_front = {.queue = "front"};
    story_setup_patient(&setup);
    setup_rule(&setup, &to_front, 1, NULL)->pattern = "refund";
    billing_rule(&setup, &to_billing)->pattern = "invoice";
    story_on(&setup, "hello wa\n"
                     "arrives wa a pattern=0\n= queued c1 billing normal\n"
                     "arrives wa b pattern=1\n= queued c2 front normal\n"
                     "arrives wa c pattern=2\n= queued c3 support normal\n"
                     "arrives wa d\n= queued c4 support normal\n");
}

static void rules_choose_by_hours(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step to_billing, to_front = {.queue = "front"};
    story_setup_patient(&setup);
    setup_calendar(&setup, "office", (int64_t[]){0, 10000, 20000, 30000}, 4);
    setup_rule(&setup, &to_front, 1, NULL)->closed = "office";
    billing_rule(&setup, &to_billing)->open = "office";
    story_on(&setup, "hello wa\n"
                     "arrives wa a\n= queued c1 billing normal\n"
                     "at 9999\n"
                     "arrives wa b\n= queued c2 billing normal\n"
                     "at 10000\n"
                     "arrives wa c\n= queued c3 front normal\n"
                     "at 20000\n"
                     "arrives wa d\n= queued c4 billing normal\n"
                     "at 30000\n"
                     "arrives wa e\n= queued c5 front normal\n");
}

static void rules_choose_by_the_bots_result(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step to_billing;
    story_setup_patient(&setup);
    billing_rule(&setup, &to_billing)->result = "refund";
    story_on(&setup, "hello wa\n"
                     "comes bot\n"
                     "arrives wa a topic=bot\n= queued c1 front normal\n= assigned c1 bot e1\n"
                     "transfer bot c1 e1 result=unknown\n= refused no_route owner bot\n"
                     "transfer bot c1 e1 result=refund\n= transferred c1 bot e2 billing\n"
                     /* who has no result is not for that rule */
                     "arrives wa b\n= queued c2 support normal\n");
}

static void a_bots_result_begins_the_plan_of_its_rule(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step steps[] = {{.queue = "support", .all = spanish_5, .all_count = 1}, {.queue = "support", .after_ms = 10000}};
    story_setup_patient(&setup);
    setup_rule(&setup, steps, 2, "refunds")->result = "refund";
    story_on(&setup, "hello wa\n"
                     "comes bot\n"
                     "comes ben\n"
                     "arrives wa a topic=bot\n= queued c1 front normal\n= assigned c1 bot e1\n"
                     "at 5000\n"
                     "transfer bot c1 e1 result=refund\n= transferred c1 bot e2 support\n"
                     "at 14999\n"
                     "crash\n"
                     "at 15000\n= relaxed c1 support normal step 2\n= offered c1 ben until 45000\n");
}

static void a_bots_result_leaves_the_priority_unless_its_rule_says_one(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step to_billing, to_front = {.queue = "front"};
    story_setup_patient(&setup);
    billing_rule(&setup, &to_billing)->result = "refund";
    setup.rules[0].priority = 0;
    struct config_rule *complaints = setup_rule(&setup, &to_front, 1, NULL);
    complaints->result = "complaint";
    complaints->priority = PRIORITY_urgent;
    story_on(&setup, "hello wa\n"
                     "comes bot\n"
                     "arrives wa a topic=bot priority=high\n= queued c1 front high\n= assigned c1 bot e1\n"
                     "transfer bot c1 e1 result=refund\n= transferred c1 bot e2 billing\n"
                     "arrives wa b topic=bot priority=high\n= queued c2 front high\n= assigned c2 bot e1\n"
                     "away bot\n= agent_state bot away\n"
                     "transfer bot c2 e1 result=complaint\n= transferred c2 bot e2 front\n"
                     "peek billing\n= c1 high lane 0 key -1800000\n"
                     "peek front\n= c2 urgent lane 0 key -86400000\n");
}

static void a_message_may_say_its_priority_and_otherwise_the_rule_does(void **state)
{
    (void)state;
    struct setup setup;
    struct config_step to_billing;
    story_setup_patient(&setup);
    struct config_rule *rule = billing_rule(&setup, &to_billing);
    rule->topic = "dear";
    rule->priority = PRIORITY_high;
    story_on(&setup, "hello wa\n"
                     "arrives wa a topic=dear\n= queued c1 billing high\n"
                     "arrives wa b topic=dear priority=low\n= queued c2 billing low\n");
}

static void longest_idle_takes_who_has_been_idle_for_longest(void **state)
{
    (void)state;
    struct setup setup;
    choosing(&setup, CHOICE_longest_idle);
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "comes ben\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "accept ana c1\n= assigned c1 ana e1\n"
                     "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
                     "crash\n"
                     "arrives wa c\n= queued c3 support normal\n= offered c3 ana until 30000\n");
}

static void longest_idle_looks_past_who_is_passed_over(void **state)
{
    (void)state;
    struct setup setup;
    choosing(&setup, CHOICE_longest_idle);
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "comes ben\n"
                     "comes carla\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "decline ana c1\n= withdrawn c1 ana declined\n= offered c1 ben until 30000\n"
                     "decline ben c1\n= withdrawn c1 ben declined\n= offered c1 carla until 30000\n");
}

static void least_loaded_takes_the_smallest_share_of_capacity_used(void **state)
{
    (void)state;
    struct setup setup;
    choosing(&setup, CHOICE_least_loaded);
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "comes carla\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                     "accept ben c1\n= assigned c1 ben e1\n"
                     "arrives wa b\n= queued c2 support normal\n= offered c2 carla until 30000\n"
                     "accept carla c2\n= assigned c2 carla e1\n"
                     /* ben uses 20 of 100, carla 20 of 40 */
                     "arrives wa c\n= queued c3 support normal\n= offered c3 ben until 30000\n"
                     "accept ben c3\n= assigned c3 ben e1\n"
                     "crash\n"
                     "arrives wa d\n= queued c4 support normal\n= offered c4 ben until 30000\n");
}

static void least_loaded_takes_the_longest_idle_of_equals(void **state)
{
    (void)state;
    struct setup setup;
    choosing(&setup, CHOICE_least_loaded);
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "comes ana\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                     "decline ben c1\n= withdrawn c1 ben declined\n= offered c1 ana until 30000\n"
                     "accept ana c1\n= assigned c1 ana e1\n"
                     "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
                     "accept ben c2\n= assigned c2 ben e1\n"
                     /* both use as much; ana has worked less lately */
                     "arrives wa c\n= queued c3 support normal\n= offered c3 ana until 30000\n");
}

static void least_loaded_looks_past_who_is_passed_over(void **state)
{
    (void)state;
    struct setup setup;
    choosing(&setup, CHOICE_least_loaded);
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "comes ana\n"
                     "comes carla\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                     "decline ben c1\n= withdrawn c1 ben declined\n= offered c1 ana until 30000\n"
                     "decline ana c1\n= withdrawn c1 ana declined\n= offered c1 carla until 30000\n");
}

static void most_skilled_takes_the_highest_levels_of_what_is_required(void **state)
{
    (void)state;
    struct setup setup;
    choosing(&setup, CHOICE_most_skilled);
    story_on(&setup, "hello wa\n"
                     "comes carla\n"
                     "comes ana\n"
                     "arrives wa a language=es\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "accept ana c1\n= assigned c1 ana e1\n"
                     "arrives wa b language=es\n= queued c2 support normal\n= offered c2 ana until 30000\n"
                     /* over all eligible: ana still, who has more to do */
                     "accept ana c2\n= assigned c2 ana e1\n"
                     "crash\n"
                     "arrives wa c language=es\n= queued c3 support normal\n= offered c3 ana until 30000\n");
}

static void most_skilled_takes_the_longest_idle_of_equals(void **state)
{
    (void)state;
    struct setup setup;
    choosing(&setup, CHOICE_most_skilled);
    setup_agent(&setup, "ben")->skills = spanish_4;
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "comes carla\n"
                     "comes ana\n"
                     "arrives wa a language=es\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                     "accept ben c1\n= assigned c1 ben e1\n"
                     "arrives wa b language=es\n= queued c2 support normal\n= offered c2 ana until 30000\n"
                     "accept ana c2\n= assigned c2 ana e1\n"
                     "arrives wa c language=es\n= queued c3 support normal\n= offered c3 ben until 30000\n");
}

static void most_skilled_looks_past_who_is_passed_over(void **state)
{
    (void)state;
    struct setup setup;
    choosing(&setup, CHOICE_most_skilled);
    setup_agent(&setup, "ben")->skills = spanish_4;
    story_on(&setup, "hello wa\n"
                     "comes carla\n"
                     "comes ana\n"
                     "comes ben\n"
                     "arrives wa a language=es\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "decline ana c1\n= withdrawn c1 ana declined\n= offered c1 ben until 30000\n"
                     "decline ben c1\n= withdrawn c1 ben declined\n= offered c1 carla until 30000\n");
}

static void round_robin_goes_round_whoever_accepts(void **state)
{
    (void)state;
    struct setup setup;
    choosing(&setup, CHOICE_round_robin);
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "comes ana\n"
                     "comes carla\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "arrives wa b\n= queued c2 support normal\n= offered c2 ben until 30000\n"
                     "accept ben c2\n= assigned c2 ben e1\n"
                     "accept ana c1\n= assigned c1 ana e1\n"
                     "crash\n"
                     "arrives wa c\n= queued c3 support normal\n= offered c3 carla until 30000\n"
                     "arrives wa d\n= queued c4 support normal\n= offered c4 ana until 30000\n"
                     "arrives wa e\n= queued c5 support normal\n= offered c5 ben until 30000\n"
                     "arrives wa f\n= queued c6 support normal\n= offered c6 carla until 30000\n");
}

static void round_robin_begins_with_whoever_had_no_offer_in_the_order_of_the_configuration(void **state)
{
    (void)state;
    struct setup setup;
    choosing(&setup, CHOICE_round_robin);
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                     "comes carla\n"
                     "comes ana\n"
                     "arrives wa b\n= queued c2 support normal\n= offered c2 ana until 30000\n"
                     "arrives wa c\n= queued c3 support normal\n= offered c3 carla until 30000\n"
                     "arrives wa d\n= queued c4 support normal\n= offered c4 ben until 30000\n");
}

static void round_robin_looks_past_who_is_passed_over(void **state)
{
    (void)state;
    struct setup setup;
    choosing(&setup, CHOICE_round_robin);
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "comes ben\n"
                     "comes carla\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
                     "decline ana c1\n= withdrawn c1 ana declined\n= offered c1 ben until 30000\n"
                     "decline ben c1\n= withdrawn c1 ben declined\n= offered c1 carla until 30000\n");
}

static void round_robin_counts_what_was_given_without_an_offer(void **state)
{
    (void)state;
    struct setup setup;
    choosing(&setup, CHOICE_round_robin);
    setup_queue(&setup, "support")->auto_accept = true;
    story_on(&setup, "hello wa\n"
                     "comes ana\n"
                     "comes ben\n"
                     "arrives wa a\n= queued c1 support normal\n= assigned c1 ana e1\n"
                     "arrives wa b\n= queued c2 support normal\n= assigned c2 ben e1\n"
                     "arrives wa c\n= queued c3 support normal\n= assigned c3 ana e1\n");
}

static void last_agent_is_offered_first_who_served_the_customer_last(void **state)
{
    (void)state;
    struct setup setup;
    choosing(&setup, CHOICE_last_agent);
    story_on(&setup,
             "hello wa\n"
             "comes ben\n"
             "comes ana\n"
             "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
             "accept ben c1\n= assigned c1 ben e1\n"
             "finish ben c1 e1\n= finished c1 resolved\n"
             "checkpoint 100\n"
             "crash\n"
             /* ana has been idle for longer */
             "message wa a again\n= reopened c1\n= message c1 #2 again\n= queued c1 support normal\n= offered c1 ben until 10000\n");
}

static void the_offer_to_the_last_agent_stands_for_a_bounded_wait(void **state)
{
    (void)state;
    struct setup setup;
    choosing(&setup, CHOICE_last_agent);
    setup_queue(&setup, "support")->last_agent_ms = 5000;
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "comes ana\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                     "accept ben c1\n= assigned c1 ben e1\n"
                     "finish ben c1 e1\n= finished c1 resolved\n"
                     "message wa a again\n= reopened c1\n= message c1 #2 again\n= queued c1 support normal\n= offered c1 ben until 5000\n"
                     "at 4999\n"
                     "at 5000\n= withdrawn c1 ben expired\n= offered c1 ana until 35000\n");
}

static void the_last_agent_is_not_waited_for_unless_signed_in(void **state)
{
    (void)state;
    struct setup setup;
    choosing(&setup, CHOICE_last_agent);
    story_on(&setup,
             "hello wa\n"
             "comes ben\n"
             "comes ana\n"
             "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
             "accept ben c1\n= assigned c1 ben e1\n"
             "finish ben c1 e1\n= finished c1 resolved\n"
             "away ben\n= agent_state ben away\n"
             "message wa a again\n= reopened c1\n= message c1 #2 again\n= queued c1 support normal\n= offered c1 ana until 30000\n");
}

static void the_last_agent_is_not_waited_for_without_room(void **state)
{
    (void)state;
    struct setup setup;
    choosing(&setup, CHOICE_last_agent);
    setup_agent(&setup, "ben")->capacity = 20;
    story_on(&setup,
             "hello wa\n"
             "comes ben\n"
             "comes ana\n"
             "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
             "accept ben c1\n= assigned c1 ben e1\n"
             "finish ben c1 e1\n= finished c1 resolved\n"
             "arrives wa b\n= queued c2 support normal\n= offered c2 ana until 30000\n"
             "accept ana c2\n= assigned c2 ana e1\n"
             "arrives wa c\n= queued c3 support normal\n= offered c3 ben until 30000\n"
             "accept ben c3\n= assigned c3 ben e1\n"
             "message wa a again\n= reopened c1\n= message c1 #2 again\n= queued c1 support normal\n= offered c1 ana until 30000\n");
}

static void the_last_agent_is_not_waited_for_unless_eligible(void **state)
{
    (void)state;
    struct setup setup;
    choosing(&setup, CHOICE_last_agent);
    setup.config.reopen_within_ms = 0;
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "comes ana\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                     "accept ben c1\n= assigned c1 ben e1\n"
                     "finish ben c1 e1\n= finished c1 resolved\n"
                     "at 1\n"
                     "arrives wa a language=es\n= queued c2 support normal\n= offered c2 ana until 30001\n");
}

static void the_last_agent_is_known_in_the_customers_next_conversation(void **state)
{
    (void)state;
    struct setup setup;
    choosing(&setup, CHOICE_last_agent);
    setup.config.reopen_within_ms = 0;
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "comes ana\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                     "accept ben c1\n= assigned c1 ben e1\n"
                     "finish ben c1 e1\n= finished c1 resolved\n"
                     "at 1\n"
                     "checkpoint 100\n"
                     "crash\n"
                     "arrives wa a\n= queued c2 support normal\n= offered c2 ben until 10001\n"
                     "arrives wa b\n= queued c3 support normal\n= offered c3 ana until 30001\n");
}

static void without_a_last_agent_the_longest_idle_is_offered(void **state)
{
    (void)state;
    struct setup setup;
    choosing(&setup, CHOICE_last_agent);
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "comes ana\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                     "arrives wa b\n= queued c2 support normal\n= offered c2 ana until 30000\n");
}

static void a_last_agent_who_declines_is_passed_over_like_any_other(void **state)
{
    (void)state;
    struct setup setup;
    choosing(&setup, CHOICE_last_agent);
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "comes ana\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                     "accept ben c1\n= assigned c1 ben e1\n"
                     "finish ben c1 e1\n= finished c1 resolved\n"
                     "message wa a again\n= reopened c1\n= message c1 #2 again\n= queued c1 support normal\n= offered c1 ben until 10000\n"
                     "decline ben c1\n= withdrawn c1 ben declined\n= offered c1 ana until 30000\n");
}

/* --- more agents than a story names --- */

enum { CROWD = 300 };

static session_id sessions[CROWD];

static session_id sign_in(struct world *world, enum name_kind kind, const char *name)
{
    struct event event = {.kind = EVENT_hello, .principal = engine_find_name(world->engine, kind, span_of(name))};
    struct event available = {.kind = EVENT_availability, .state = AGENT_STATE_available};
    world_step(world, &event);
    session_id session = available.session = world->plan.outcome.session;
    if (kind == NAME_KIND_agent)
        world_step(world, &available);
    return session;
}

/* Agents agent-0, agent-1 ... who come in this order; `skill` says what each has beside a skill that nobody else has. */
static void crowd_open(struct world *world, struct setup *setup, struct config_skill (*skill)(int agent))
{
    static struct config_agent agents[CROWD];
    static struct config_skill skills[CROWD][2];
    static char names[CROWD][24];
    for (int i = 0; i < CROWD; i++) {
        agents[i] = *setup_agent(setup, "ben");
        snprintf(names[i], sizeof names[i], "agent-%d", i);
        agents[i].name = names[i];
        skills[i][0] = skill(i);
        skills[i][1] = (struct config_skill){names[i], 1}; /* nobody is like another */
        agents[i].skills = skills[i];
        agents[i].skills_count = 2;
    }
    setup->config.agents = agents;
    setup->config.agents_count = CROWD;
    world_open(world, &setup->config);
    for (int i = 0; i < CROWD; i++)
        sessions[i] = sign_in(world, NAME_KIND_agent, names[i]);
}

static void crowd_close(struct world *world)
{
    world_crash(world);
    world_close(world);
}

/* Whom the last step has offered something, and the record that did. */
static int offered_to(const struct world *world, const struct record **offered)
{
    char name[24];
    *offered = &world->plan.records[world->plan.records_count - 1];
    assert_int_equal((*offered)->kind, RECORD_offered);
    for (int i = 0; i < CROWD; i++) {
        snprintf(name, sizeof name, "agent-%d", i);
        if ((*offered)->agent == engine_find_name(world->engine, NAME_KIND_agent, span_of(name)))
            return i;
    }
    return -1;
}

static struct config_skill spanish_and_the_last_speaks_it_best(int agent)
{
    return (struct config_skill){"spanish", agent == CROWD - 1 ? 4 : 2};
}

/* Whoever is signed in last has been idle for the shortest time of all. */
static void most_skilled_considers_everybody_who_is_eligible_however_many_have_been_idle_for_longer(void **state)
{
    (void)state;
    struct setup setup;
    struct world world;
    const struct record *offered;
    choosing(&setup, CHOICE_most_skilled);
    crowd_open(&world, &setup, spanish_and_the_last_speaks_it_best);
    struct event message = {.kind = EVENT_message,
                            .session = sign_in(&world, NAME_KIND_account, "wa"),
                            .address = span_of("a"),
                            .text = span_of("hola"),
                            .language = span_of("es"),
                            .key = span_of("k")};
    world_step(&world, &message);
    assert_int_equal(offered_to(&world, &offered), CROWD - 1);
    crowd_close(&world);
}

enum { SOME = 3, FEW = 50 };

/* One in fifty speaks french, one in three spanish. */
static struct config_skill spanish_of_some_french_of_few(int agent)
{
    if (agent % FEW == 0)
        return (struct config_skill){"french", 1};
    return (struct config_skill){agent % SOME == 0 ? "spanish" : "music", 1};
}

static bool can_serve(int agent, const char *topic)
{
    struct config_skill skill = spanish_of_some_french_of_few(agent);
    return strcmp(topic, "any") == 0 || strcmp(topic, skill.name) == 0;
}

/* Of those who can serve the topic, whose last work is oldest. */
static int idle_for_longest(const uint64_t worked[CROWD], const char *topic, int but)
{
    int best = -1;
    for (int i = 0; i < CROWD; i++)
        if (i != but && can_serve(i, topic) && (best < 0 || worked[i] < worked[best]))
            best = i;
    return best;
}

/* For a while everybody is asked for, then only those who are one in three or in fifty, so that those who are never asked for have been
 * idle for longer than any of them; then all in turn. Now and then somebody declines. */
static void longest_idle_takes_who_has_been_idle_for_longest_of_however_many(void **state)
{
    (void)state;
    static const char *const topics[] = {"any", "spanish", "french"};
    struct config_skill needed[] = {{"spanish", 1}, {"french", 1}};
    struct config_step steps[] = {{.queue = "support"},
                                  {.queue = "support", .all = &needed[0], .all_count = 1},
                                  {.queue = "support", .all = &needed[1], .all_count = 1}};
    struct setup setup;
    struct world world;
    uint64_t worked[CROWD], clock = 0;
    choosing(&setup, CHOICE_longest_idle);
    for (int i = 0; i < 3; i++)
        setup_rule(&setup, &steps[i], 1, NULL)->topic = (char *)(uintptr_t)topics[i];
    crowd_open(&world, &setup, spanish_of_some_french_of_few);
    for (int i = 0; i < CROWD; i++)
        worked[i] = ++clock;
    session_id account = sign_in(&world, NAME_KIND_account, "wa");
    for (int turn = 0; turn < CROWD; turn++) {
        const char *topic = topics[turn < 225 ? turn / 75 : turn % 3];
        char address[24];
        const struct record *offered;
        snprintf(address, sizeof address, "customer-%d", turn);
        struct event message = {.kind = EVENT_message, .session = account, .address = span_of(address), .topic = span_of(topic)};
        message.text = span_of("hello");
        message.key = message.address;
        world_step(&world, &message);
        int agent = offered_to(&world, &offered);
        assert_int_equal(agent, idle_for_longest(worked, topic, -1));
        worked[agent] = ++clock;
        if (turn % 10 == 9) {
            struct event decline = {.kind = EVENT_decline, .session = sessions[agent], .conversation = offered->conversation};
            decline.offer = offered->lsn;
            world_step(&world, &decline);
            int next = offered_to(&world, &offered);
            assert_int_equal(next, idle_for_longest(worked, topic, agent));
            worked[agent] = ++clock;
            worked[next] = ++clock;
            agent = next;
        }
        struct event accept = {.kind = EVENT_accept, .session = sessions[agent], .conversation = offered->conversation};
        accept.offer = offered->lsn;
        world_step(&world, &accept);
        struct event finish = {.kind = EVENT_finish, .session = sessions[agent], .conversation = accept.conversation, .epoch = 1};
        world_step(&world, &finish);
        assert_int_equal(world.plan.outcome.status, STATUS_ok);
        worked[agent] = ++clock;
    }
    crowd_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_skill_has_levels_from_1_to_5_and_a_higher_one_will_do),
        cmocka_unit_test(all_of_the_skills_are_needed),
        cmocka_unit_test(any_of_the_skills_is_enough),
        cmocka_unit_test(all_of_and_any_of_are_needed_together),
        cmocka_unit_test(languages_are_skills),
        cmocka_unit_test(a_plan_has_up_to_16_steps),
        cmocka_unit_test(steps_count_from_the_arrival_in_the_queue),
        cmocka_unit_test(a_step_may_drop_a_requirement),
        cmocka_unit_test(a_step_may_lower_a_requirement),
        cmocka_unit_test(a_step_that_adds_an_alternative_keeps_those_who_could_serve_before),
        cmocka_unit_test(a_step_that_adds_another_queue_is_served_by_both),
        cmocka_unit_test(a_step_that_does_not_add_takes_the_place_of_the_one_before),
        cmocka_unit_test(a_step_may_change_the_queue_at_its_place),
        cmocka_unit_test(a_step_into_a_full_queue_overflows),
        cmocka_unit_test(the_limit_of_the_wait_counts_from_the_queue_that_a_step_led_to),
        cmocka_unit_test(a_step_that_adds_a_closed_queue_keeps_those_who_could_serve_before),
        cmocka_unit_test(a_step_into_a_closed_queue_is_held),
        cmocka_unit_test(a_step_may_change_the_priority_and_so_the_place),
        cmocka_unit_test(a_step_may_change_the_order_of_choice),
        cmocka_unit_test(preferred_agents_are_offered_first),
        cmocka_unit_test(every_step_has_preferred_agents_of_its_own),
        cmocka_unit_test(a_step_is_skipped_if_nobody_who_could_serve_it_is_signed_in),
        cmocka_unit_test(a_later_step_is_skipped_too_and_the_last_never),
        cmocka_unit_test(steps_wait_while_it_is_offered_and_are_taken_when_it_waits_again),
        cmocka_unit_test(an_offer_that_expires_lets_the_step_be_taken_first),
        cmocka_unit_test(who_is_given_back_goes_on_with_the_plan),
        cmocka_unit_test(a_transfer_begins_no_plan_anew),
        cmocka_unit_test(a_move_by_an_operator_ends_the_plan),
        cmocka_unit_test(a_plan_that_is_gone_after_a_reload_takes_no_further_step),
        cmocka_unit_test(a_reload_with_other_steps_is_followed_from_the_step_reached),
        cmocka_unit_test(the_first_rule_that_matches_wins),
        cmocka_unit_test(every_condition_of_a_rule_must_hold),
        cmocka_unit_test(rules_choose_by_channel_or_account),
        cmocka_unit_test(rules_choose_by_language),
        cmocka_unit_test(rules_choose_by_customer_attributes),
        cmocka_unit_test(attributes_are_remembered_from_an_earlier_message),
        cmocka_unit_test(rules_choose_by_text_pattern),
        cmocka_unit_test(rules_choose_by_hours),
        cmocka_unit_test(rules_choose_by_the_bots_result),
        cmocka_unit_test(a_bots_result_begins_the_plan_of_its_rule),
        cmocka_unit_test(a_bots_result_leaves_the_priority_unless_its_rule_says_one),
        cmocka_unit_test(a_message_may_say_its_priority_and_otherwise_the_rule_does),
        cmocka_unit_test(longest_idle_takes_who_has_been_idle_for_longest),
        cmocka_unit_test(longest_idle_looks_past_who_is_passed_over),
        cmocka_unit_test(least_loaded_takes_the_smallest_share_of_capacity_used),
        cmocka_unit_test(least_loaded_takes_the_longest_idle_of_equals),
        cmocka_unit_test(least_loaded_looks_past_who_is_passed_over),
        cmocka_unit_test(most_skilled_takes_the_highest_levels_of_what_is_required),
        cmocka_unit_test(most_skilled_takes_the_longest_idle_of_equals),
        cmocka_unit_test(most_skilled_looks_past_who_is_passed_over),
        cmocka_unit_test(round_robin_goes_round_whoever_accepts),
        cmocka_unit_test(round_robin_begins_with_whoever_had_no_offer_in_the_order_of_the_configuration),
        cmocka_unit_test(round_robin_looks_past_who_is_passed_over),
        cmocka_unit_test(round_robin_counts_what_was_given_without_an_offer),
        cmocka_unit_test(last_agent_is_offered_first_who_served_the_customer_last),
        cmocka_unit_test(the_offer_to_the_last_agent_stands_for_a_bounded_wait),
        cmocka_unit_test(the_last_agent_is_not_waited_for_unless_signed_in),
        cmocka_unit_test(the_last_agent_is_not_waited_for_without_room),
        cmocka_unit_test(the_last_agent_is_not_waited_for_unless_eligible),
        cmocka_unit_test(the_last_agent_is_known_in_the_customers_next_conversation),
        cmocka_unit_test(without_a_last_agent_the_longest_idle_is_offered),
        cmocka_unit_test(a_last_agent_who_declines_is_passed_over_like_any_other),
        cmocka_unit_test(most_skilled_considers_everybody_who_is_eligible_however_many_have_been_idle_for_longer),
        cmocka_unit_test(longest_idle_takes_who_has_been_idle_for_longest_of_however_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
