#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "story.h"

/* support has these hours. */
static void with_hours(struct setup *setup, enum when_closed when_closed)
{
    story_setup_patient(setup);
    setup_calendar(setup, "office", (int64_t[]){0, 10000, 100000, 110000}, 4);
    setup_queue(setup, "support")->calendar = "office";
    setup_queue(setup, "support")->when_closed = when_closed;
}

static void why_says_key_step_eligible_agents_and_next_event(void **state)
{
    (void)state;
    struct setup setup;
    struct config_skill spanish_2[] = {{"spanish", 2}};
    struct config_step steps[] = {{.queue = "support", .all = spanish_2, .all_count = 1},
                                  {.queue = "support", .after_ms = 30000},
                                  {.queue = "support", .after_ms = 60000}};
    story_setup_patient(&setup);
    setup_rule(&setup, steps, 3, "plan")->topic = "plan";
    story_on(&setup, "hello wa\n"
                     "arrives wa a topic=plan priority=high\n= queued c1 support high\n"
                     "why c1\n= c1 queued in support key -1800000 ahead 0 step 1/3 eligible 2 signed_in 0\n= next next_step at 30000\n= "
                     "ana offline\n= carla offline\n"
                     "crash\n"
                     "why c1\n= c1 queued in support key -1800000 ahead 0 step 1/3 eligible 2 signed_in 0\n= next next_step at 30000\n= "
                     "ana offline\n= carla offline\n"
                     "hello ben\n"
                     "available ben\n= agent_state ben available\n"
                     "at 30000\n= relaxed c1 support high step 2\n= offered c1 ben until 60000\n"
                     "why c1\n= c1 offered in support key -1800000 ahead 0 step 2/3 eligible 4 signed_in 1\n= next offer_ends at 60000\n= "
                     "ana offline\n= carla offline\n= auto offline\n= ben owns_it\n"
                     "accept ben c1\n= assigned c1 ben e1\n"
                     "why c1\n= c1 active in support key -1800000 ahead 0 step 2/3 eligible 4 signed_in 1\n");
}

static void why_counts_those_ahead_who_wait_for_the_same(void **state)
{
    (void)state;
    story("hello wa\n"
          "arrives wa a\n= queued c1 support normal\n"
          "arrives wa b\n= queued c2 support normal\n"
          "arrives wa c priority=high\n= queued c3 support high\n"
          "arrives wa d language=es\n= queued c4 support normal\n"
          "arrives wa e priority=low\n= queued c5 support low\n"
          "why c3 ana\n= c3 queued in support key -1800000 ahead 0 step 0/0 eligible 4 signed_in 0\n= ana offline\n"
          "why c1 ana\n= c1 queued in support key -300000 ahead 1 step 0/0 eligible 4 signed_in 0\n= ana offline\n"
          "why c2 ana\n= c2 queued in support key -300000 ahead 2 step 0/0 eligible 4 signed_in 0\n= ana offline\n"
          "why c5 ana\n= c5 queued in support key 0 ahead 3 step 0/0 eligible 4 signed_in 0\n= ana offline\n"
          "why c4 ana\n= c4 queued in support key -300000 ahead 0 step 0/0 eligible 2 signed_in 0\n= ana offline\n"
          "crash\n"
          "why c5 ana\n= c5 queued in support key 0 ahead 3 step 0/0 eligible 4 signed_in 0\n= ana offline\n");
}

static void why_counts_who_could_serve_it_and_who_of_them_is_signed_in(void **state)
{
    (void)state;
    story("hello wa\n"
          "arrives wa a language=es\n= queued c1 support normal\n"
          "why c1\n= c1 queued in support key -300000 ahead 0 step 0/0 eligible 2 signed_in 0\n= ana offline\n= carla offline\n"
          "hello ana\n"
          "available ana\n= agent_state ana available\n= offered c1 ana until 30000\n"
          "away ana\n= agent_state ana away\n= withdrawn c1 ana rescinded\n"
          "why c1\n= c1 queued in support key -300000 ahead 0 step 0/0 eligible 2 signed_in 1\n= carla offline\n= ana away\n");
}

static void who_can_take_it_is_offered_it_next(void **state)
{
    (void)state;
    story("hello wa\n"
          "comes ana\n"
          "comes ben\n"
          "comes carla\n"
          "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
          "why c1\n= c1 offered in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 3\n= next offer_ends at 30000\n= auto "
          "offline\n= ben can_take\n= carla can_take\n= ana owns_it\n"
          "decline ana c1\n= withdrawn c1 ana declined\n= offered c1 ben until 30000\n"
          "why c1\n= c1 offered in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 3\n= next offer_ends at 30000\n= auto "
          "offline\n= carla can_take\n= ana passed_over until 10000\n= ben owns_it\n"
          "decline ben c1\n= withdrawn c1 ben declined\n= offered c1 carla until 30000\n");
}

static void an_agent_who_is_offline(void **state)
{
    (void)state;
    story("hello wa\n"
          "arrives wa a\n= queued c1 support normal\n"
          "why c1 ben\n= c1 queued in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 0\n= ben offline\n"
          "hello ben\n"
          "why c1 ben\n= c1 queued in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 0\n= ben offline\n");
}

static void an_agent_who_is_away(void **state)
{
    (void)state;
    story("hello wa\n"
          "comes ben\n"
          "away ben\n= agent_state ben away\n"
          "arrives wa a\n= queued c1 support normal\n"
          "why c1 ben\n= c1 queued in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= ben away\n");
}

static void an_agent_in_wrap_up_until_its_end(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    setup_channel(&setup, "whatsapp")->wrap_up_ms = 20000;
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                     "accept ben c1\n= assigned c1 ben e1\n"
                     "finish ben c1 e1\n= finished c1 resolved\n= agent_state ben wrap_up until 20000\n"
                     "arrives wa b\n= queued c2 support normal\n"
                     "why c2\n= c2 queued in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= next wrap_up_ends at 20000\n= "
                     "ana offline\n= carla offline\n= auto offline\n= ben wrap_up until 20000\n"
                     "crash\n"
                     "at 20000\n= agent_state ben available\n= offered c2 ben until 50000\n");
}

static void an_agent_who_does_not_respond(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    setup.config.misses_max = 1;
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                     "at 30000\n= withdrawn c1 ben expired\n= agent_state ben not_responding\n"
                     "why c1 ben\n= c1 queued in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= next passing_over_ends at "
                     "40000\n= ben not_responding\n");
}

static void an_agent_of_another_queue(void **state)
{
    (void)state;
    story("hello wa\n"
          "comes ben\n"
          "arrives wa a topic=billing\n= queued c1 billing normal\n"
          "why c1 ben\n= c1 queued in billing key -300000 ahead 0 step 0/0 eligible 1 signed_in 0\n= ben other_queue\n"
          /* who can never serve it is not listed */
          "why c1\n= c1 queued in billing key -300000 ahead 0 step 0/0 eligible 1 signed_in 0\n= ana offline\n");
}

static void an_agent_who_lacks_a_skill_and_which(void **state)
{
    (void)state;
    story("hello wa\n"
          "comes carla\n"
          "comes ben\n"
          "arrives wa a topic=billing\n= queued c1 billing normal\n"
          "why c1 carla\n= c1 queued in billing key -300000 ahead 0 step 0/0 eligible 1 signed_in 0\n= carla lacks_skill billing 1 of 2\n"
          "arrives wa b language=es\n= queued c2 support normal\n= offered c2 carla until 30000\n"
          "why c2 ben\n= c2 offered in support key -300000 ahead 0 step 0/0 eligible 2 signed_in 1\n= next offer_ends at 30000\n= ben "
          "lacks_skill spanish 0 of 2\n"
          /* of several that would do, the first */
          "arrives wa c language=any\n= queued c3 support normal\n= offered c3 carla until 30000\n"
          "why c3 ben\n= c3 offered in support key -300000 ahead 0 step 0/0 eligible 2 signed_in 1\n= next offer_ends at 30000\n= ben "
          "lacks_skill spanish 0 of 4\n");
}

static void an_agent_without_room(void **state)
{
    (void)state;
    story("hello wa\n"
          "comes carla\n"
          "arrives wa a\n= queued c1 support normal\n= offered c1 carla until 30000\n"
          "accept carla c1\n= assigned c1 carla e1\n"
          "arrives wa b\n= queued c2 support normal\n= offered c2 carla until 30000\n"
          "arrives wa c\n= queued c3 support normal\n"
          "why c3\n= c3 queued in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= ana offline\n= ben offline\n= auto "
          "offline\n= carla no_room 40 of 40\n");
}

static void an_agent_at_the_cap_of_the_channel(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    setup_channel(&setup, "whatsapp")->cap = 1;
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                     "arrives wa b\n= queued c2 support normal\n"
                     "why c2\n= c2 queued in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= ana offline\n= carla "
                     "offline\n= auto offline\n= ben channel_cap 1 of 1\n");
}

static void an_agent_who_is_passed_over_until_when(void **state)
{
    (void)state;
    story("hello wa\n"
          "comes ben\n"
          "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
          "at 5000\n"
          "decline ben c1\n= withdrawn c1 ben declined\n"
          "why c1\n= c1 queued in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= next passing_over_ends at 15000\n= ana "
          "offline\n= carla offline\n= auto offline\n= ben passed_over until 15000\n"
          "crash\n"
          "why c1\n= c1 queued in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= next passing_over_ends at 15000\n= ana "
          "offline\n= carla offline\n= auto offline\n= ben passed_over until 15000\n"
          "at 15000\n= offered c1 ben until 45000\n");
}

static void an_agent_it_is_offered_to_and_the_end_of_the_offer(void **state)
{
    (void)state;
    story("hello wa\n"
          "comes ben\n"
          "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
          "why c1\n= c1 offered in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= next offer_ends at 30000\n= ana "
          "offline\n= carla offline\n= auto offline\n= ben owns_it\n");
}

static void an_agent_who_owns_it(void **state)
{
    (void)state;
    story("hello wa\n"
          "comes ben\n"
          "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
          "accept ben c1\n= assigned c1 ben e1\n"
          "why c1 ben\n= c1 active in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= ben owns_it\n");
}

static void nobody_is_looked_for_once_somebody_owns_it(void **state)
{
    (void)state;
    story("hello wa\n"
          "comes ben\n"
          "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
          "accept ben c1\n= assigned c1 ben e1\n"
          "comes ana\n"
          "why c1 ana\n= c1 active in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 2\n= ana not_waiting\n"
          "why c1\n= c1 active in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 2\n");
}

static void one_that_is_meant_for_another_agent(void **state)
{
    (void)state;
    story("hello wa\n"
          "comes ana\n"
          "comes ben\n"
          "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
          "accept ana c1\n= assigned c1 ana e1\n"
          "transfer ana c1 e1 agent=ben\n= transferred c1 ana e2 support to ben\n= offered c1 ben until 30000\n"
          "why c1 ana\n= c1 offered in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 2\n= next offer_ends at 30000\n= ana "
          "meant_for_another\n"
          "why c1 ben\n= c1 offered in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 2\n= next offer_ends at 30000\n= ben "
          "owns_it\n");
}

static void an_agent_whom_the_configuration_no_longer_has(void **state)
{
    (void)state;
    struct setup before, after;
    story_setup_patient(&before);
    story_setup_patient(&after);
    after.config.agents_count = 4;
    story_reloading(&before, &after,
                    "hello wa\n"
                    "arrives wa a topic=bot\n= queued c1 front normal\n"
                    "reload\n"
                    "why c1 bot\n= c1 queued in front key -300000 ahead 0 step 0/0 eligible 0 signed_in 0\n= bot not_configured\n");
}

static void a_queue_that_is_paused(void **state)
{
    (void)state;
    story("hello wa\n"
          "hello ops\n"
          "comes ben\n"
          "pause ops queue=support\n= queue_state support paused\n"
          "arrives wa a\n= queued c1 support normal\n"
          "why c1\n= c1 queued in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= ana queue_paused\n= carla queue_paused\n= "
          "auto queue_paused\n= ben queue_paused\n");
}

static void a_queue_that_is_closed_to_all_but_bots_and_when_it_opens(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_bot);
    story_on(
        &setup,
        "hello wa\n"
        "comes ben\n"
        "at 10000\n"
        "arrives wa a\n= queued c1 support normal\n"
        "why c1\n= c1 queued in support key -290000 ahead 0 step 0/0 eligible 4 signed_in 1\n= next opening at 100000\n= ana queue_closed "
        "until 100000\n= carla queue_closed until 100000\n= auto queue_closed until 100000\n= ben queue_closed until 100000\n");
}

static void a_queue_that_is_claimed_from(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    setup_queue(&setup, "support")->mode = QUEUE_MODE_pull;
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "why c1\n= c1 queued in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= ana queue_pull\n= carla "
                     "queue_pull\n= auto queue_pull\n= ben queue_pull\n");
}

static void a_colleague_asked_to_consult_is_explained_like_any_other(void **state)
{
    (void)state;
    story("hello wa\n"
          "comes ana\n"
          "arrives wa a\n= queued c1 support normal\n= offered c1 ana until 30000\n"
          "accept ana c1\n= assigned c1 ana e1\n"
          "comes carla\n"
          "away carla\n= agent_state carla away\n"
          "consult ana c1 e1 queue=support\n= asked c1 ana consult support\n"
          "why c1\n= c1 active in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 2\n= ben offline\n= auto offline\n= ana "
          "owns_it\n= carla away\n");
}

static void next_is_the_limit_of_the_wait(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    setup_queue(&setup, "support")->wait_max_ms = 60000;
    setup_queue(&setup, "support")->overflow = "billing";
    story_on(&setup, "hello wa\n"
                     "arrives wa a\n= queued c1 support normal\n"
                     "why c1 ben\n= c1 queued in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 0\n= next wait_limit at "
                     "60000\n= ben offline\n"
                     "at 60000\n= moved c1 billing waited_too_long\n");
}

static void the_opening_is_next_for_those_who_are_not_asked_before(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_bot);
    story_on(&setup, "hello wa\n"
                     "at 10000\n"
                     "arrives wa a language=es\n= queued c1 support normal\n"
                     "why c1\n= c1 queued in support key -290000 ahead 0 step 0/0 eligible 2 signed_in 0\n= next opening at 100000\n= ana "
                     "queue_closed until 100000\n= carla queue_closed until 100000\n"
                     "comes carla\n"
                     "at 100000\n= offered c1 carla until 130000\n");
}

static void next_is_the_opening(void **state)
{
    (void)state;
    struct setup setup;
    with_hours(&setup, WHEN_CLOSED_hold);
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "at 10000\n"
                     "arrives wa a\n= queued c1 support normal\n= held c1 held until 100000\n"
                     "why c1 ben\n= c1 held in support key -290000 ahead 0 step 0/0 eligible 4 signed_in 1\n= next opening at 100000\n= "
                     "ben not_waiting\n"
                     "why c1 ben\n= c1 held in support key -290000 ahead 0 step 0/0 eligible 4 signed_in 1\n= next opening at 100000\n= "
                     "ben not_waiting\n"
                     "at 100000\n= requeued c1  e0 opened\n= offered c1 ben until 130000\n");
}

static void next_is_the_end_of_the_delay_it_was_given_back_with(void **state)
{
    (void)state;
    story("hello wa\n"
          "comes ben\n"
          "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
          "accept ben c1\n= assigned c1 ben e1\n"
          "nack ben c1 e1 delay=20000\n= requeued c1 ben e2 nacked\n= held c1 snoozed until 20000\n"
          "why c1 ben\n= c1 snoozed in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= next hold_ends at 20000\n= ben "
          "not_waiting\n"
          "at 20000\n= requeued c1  e2 time_up\n= offered c1 ben until 50000\n");
}

static void next_is_a_deadline(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    setup_queue(&setup, "support")->first_response_ms = 60000;
    setup_queue(&setup, "support")->resolution_ms = 90000;
    story_on(
        &setup,
        "hello wa\n"
        "arrives wa a\n= queued c1 support normal\n"
        "why c1 ben\n= c1 queued in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 0\n= next deadline at 60000\n= ben offline\n"
        "at 60000\n= overdue c1 first_response\n"
        "why c1 ben\n= c1 queued in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 0\n= next deadline at 90000\n= ben offline\n"
        "at 90000\n= overdue c1 resolution\n"
        "why c1 ben\n= c1 queued in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 0\n= ben offline\n");
}

static void next_is_the_limit_of_its_owners_reply(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    setup_queue(&setup, "support")->first_reply_ms = 60000;
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                     "accept ben c1\n= assigned c1 ben e1\n"
                     "why c1 ben\n= c1 active in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= next reply_limit at "
                     "60000\n= ben owns_it\n"
                     "at 60000\n= requeued c1 ben e2 no_reply\n");
}

static void next_is_when_it_becomes_inactive(void **state)
{
    (void)state;
    story("hello wa\n"
          "comes ben\n"
          "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
          "accept ben c1\n= assigned c1 ben e1\n"
          "reply ben c1 e1 hello\n= reply c1 #2 hello\n"
          "why c1 ben\n= c1 waiting_customer in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= next inactive at 600000\n= "
          "ben owns_it\n");
}

static void next_is_the_end_of_a_loan(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    story_on(
        &setup,
        "hello wa\n"
        "comes ben\n"
        "comes bot\n"
        "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
        "accept ben c1\n= assigned c1 ben e1\n"
        "lend ben c1 e1 agent=bot delay=50000\n= lent c1 bot e2 until 50000\n"
        "why c1 ben\n= c1 lent in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= next loan_ends at 50000\n= ben owns_it\n"
        "at 50000\n= recalled c1 bot loan e3 time_up\n");
}

static void next_is_the_end_of_the_grace_of_a_lost_owner(void **state)
{
    (void)state;
    story("hello wa\n"
          "comes ben\n"
          "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
          "accept ben c1\n= assigned c1 ben e1\n"
          "at 30000\n"
          "touch wa\n"
          "at 45000\n= session_closed ben lease_ended\n"
          "why c1 ben\n= c1 active in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 0\n= next grace_ends at 105000\n= ben "
          "owns_it\n"
          "crash\n"
          "why c1 ben\n= c1 active in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 0\n= next grace_ends at 105000\n= ben "
          "owns_it\n");
}

static void next_is_the_first_of_several(void **state)
{
    (void)state;
    struct setup setup;
    story_setup_patient(&setup);
    setup_queue(&setup, "support")->wait_max_ms = 60000;
    setup_queue(&setup, "support")->overflow = "billing";
    setup_queue(&setup, "support")->first_response_ms = 8000;
    story_on(&setup, "hello wa\n"
                     "comes ben\n"
                     "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
                     "decline ben c1\n= withdrawn c1 ben declined\n"
                     "why c1 ben\n= c1 queued in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= next deadline at 8000\n= "
                     "ben passed_over until 10000\n"
                     "at 8000\n= overdue c1 first_response\n"
                     "why c1 ben\n= c1 queued in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= next passing_over_ends at "
                     "10000\n= ben passed_over until 10000\n"
                     "at 10000\n= offered c1 ben until 40000\n"
                     "why c1 ben\n= c1 offered in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= next offer_ends at "
                     "40000\n= ben owns_it\n");
}

static void nothing_is_planned_for_one_that_only_waits(void **state)
{
    (void)state;
    story("hello wa\n"
          "arrives wa a\n= queued c1 support normal\n"
          "why c1 ben\n= c1 queued in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 0\n= ben offline\n");
}

static void a_finished_one_has_no_next_event_and_no_agents(void **state)
{
    (void)state;
    story("hello wa\n"
          "comes ben\n"
          "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
          "accept ben c1\n= assigned c1 ben e1\n"
          "finish ben c1 e1\n= finished c1 resolved\n"
          "why c1\n= c1 resolved in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n"
          "checkpoint 100\n"
          "why c1\n= nothing in memory\n");
}

static void explaining_changes_nothing(void **state)
{
    (void)state;
    story("hello wa\n"
          "comes ben\n"
          "arrives wa a\n= queued c1 support normal\n= offered c1 ben until 30000\n"
          "why c1\n= c1 offered in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= next offer_ends at 30000\n= ana "
          "offline\n= carla offline\n= auto offline\n= ben owns_it\n"
          "why c1 ana\n= c1 offered in support key -300000 ahead 0 step 0/0 eligible 4 signed_in 1\n= next offer_ends at 30000\n= ana "
          "offline\n"
          "peek support\n"
          "accept ben c1\n= assigned c1 ben e1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(why_says_key_step_eligible_agents_and_next_event),
        cmocka_unit_test(why_counts_those_ahead_who_wait_for_the_same),
        cmocka_unit_test(why_counts_who_could_serve_it_and_who_of_them_is_signed_in),
        cmocka_unit_test(who_can_take_it_is_offered_it_next),
        cmocka_unit_test(an_agent_who_is_offline),
        cmocka_unit_test(an_agent_who_is_away),
        cmocka_unit_test(an_agent_in_wrap_up_until_its_end),
        cmocka_unit_test(an_agent_who_does_not_respond),
        cmocka_unit_test(an_agent_of_another_queue),
        cmocka_unit_test(an_agent_who_lacks_a_skill_and_which),
        cmocka_unit_test(an_agent_without_room),
        cmocka_unit_test(an_agent_at_the_cap_of_the_channel),
        cmocka_unit_test(an_agent_who_is_passed_over_until_when),
        cmocka_unit_test(an_agent_it_is_offered_to_and_the_end_of_the_offer),
        cmocka_unit_test(an_agent_who_owns_it),
        cmocka_unit_test(nobody_is_looked_for_once_somebody_owns_it),
        cmocka_unit_test(one_that_is_meant_for_another_agent),
        cmocka_unit_test(an_agent_whom_the_configuration_no_longer_has),
        cmocka_unit_test(a_queue_that_is_paused),
        cmocka_unit_test(a_queue_that_is_closed_to_all_but_bots_and_when_it_opens),
        cmocka_unit_test(a_queue_that_is_claimed_from),
        cmocka_unit_test(a_colleague_asked_to_consult_is_explained_like_any_other),
        cmocka_unit_test(next_is_the_limit_of_the_wait),
        cmocka_unit_test(the_opening_is_next_for_those_who_are_not_asked_before),
        cmocka_unit_test(next_is_the_opening),
        cmocka_unit_test(next_is_the_end_of_the_delay_it_was_given_back_with),
        cmocka_unit_test(next_is_a_deadline),
        cmocka_unit_test(next_is_the_limit_of_its_owners_reply),
        cmocka_unit_test(next_is_when_it_becomes_inactive),
        cmocka_unit_test(next_is_the_end_of_a_loan),
        cmocka_unit_test(next_is_the_end_of_the_grace_of_a_lost_owner),
        cmocka_unit_test(next_is_the_first_of_several),
        cmocka_unit_test(nothing_is_planned_for_one_that_only_waits),
        cmocka_unit_test(a_finished_one_has_no_next_event_and_no_agents),
        cmocka_unit_test(explaining_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
