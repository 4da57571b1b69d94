/* Every kind of change may be sent again with its key, after a lost reply or a restart: it changes nothing, and is answered with the record
 * of the first time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "story.h"

static void tell(struct setup *setup, const char *script)
{
    setup_queue(setup, "lost");
    setup->config.dead_letter = "lost";
    setup_queue(setup, "support")->escalates_to = "billing";
    story_on(setup, script);
}

#define AGAIN(change) change "= duplicate\ncrash\n" change "= duplicate\n"

static void a_repeated_nack_gives_back_once(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    tell(&setup, BEN_OWNS_C1 "nack ben c1 e1 key=n\n= requeued c1 ben e2 nacked\n" AGAIN("nack ben c1 e1 key=n\n"));
}

static void a_repeated_escalation_goes_up_one_level(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    tell(&setup, BEN_OWNS_C1 "escalate ben c1 e1 key=x\n= transferred c1 ben e2 billing\n" AGAIN("escalate ben c1 e1 key=x\n"));
}

static void a_repeated_consultation_and_its_recall_are_one_each(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    tell(&setup,
         BEN_OWNS_C1 ANA_IS_AVAILABLE "consult ben c1 e1 agent=ana key=c\n= asked c1 ben consult ana\n= offered c1 ana until 30000 "
                                      "consult\n" AGAIN("consult ben c1 e1 agent=ana key=c\n") "accept ana c1 key=a\n= joined c1 "
                                                                                               "ana\n" AGAIN("accept ana c1 "
                                                                                                             "key=a\n") "recall "
                                                                                                                        "ben c1 e1 "
                                                                                                                        "key=r\n= "
                                                                                                                        "recalled "
                                                                                                                        "c1 ana "
                                                                                                                        "consult "
                                                                                                                        "e1 "
                                                                                                                        "recalled"
                                                                                                                        "\n" AGAIN("recall"
                                                                                                                                   " ben "
                                                                                                                                   "c1 e1 "
                                                                                                                                   "key="
                                                                                                                                   "r\n"));
}

static void a_repeated_loan_and_its_return_are_one_each(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    tell(&setup, BEN_OWNS_C1
         "comes bot\n"
         "lend ben c1 e1 agent=bot delay=60000 key=l\n= lent c1 bot e2 until 60000\n" AGAIN(
             "lend ben c1 e1 agent=bot delay=60000 key=l\n") "give_back bot c1 e2 result=paid key=g\n= recalled c1 bot loan e3 returned "
                                                             "paid\n" AGAIN("give_back bot c1 e2 result=paid key=g\n"));
}

static void a_repeated_claim_takes_once(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    setup_queue(&setup, "support")->mode = QUEUE_MODE_pull;
    tell(&setup, "hello wa\ncomes ben\narrives wa a\n= queued c1 support normal\nclaim ben c1 key=c\n= assigned c1 ben e1\n" AGAIN(
                     "claim ben c1 key=c\n"));
}

static void repeats_of_an_operator_move_bury_and_pause_once(void **state)
{
    (void)state;
    struct setup setup;
    story_setup(&setup);
    tell(&setup,
         "hello wa\nhello ops\narrives wa a\n= queued c1 support normal\n"
         "move ops c1 queue=billing key=m\n= moved c1 billing moved\n" AGAIN(
             "move ops c1 queue=billing key=m\n") "bury ops c1 key=b\n= "
                                                  "moved c1 lost "
                                                  "buried\n" AGAIN("bury "
                                                                   "ops c1 "
                                                                   "key="
                                                                   "b\n") "pause ops queue=support key=p\n= queue_state support "
                                                                          "paused\n" AGAIN("pause ops "
                                                                                           "queue=support "
                                                                                           "key=p\n") "resume "
                                                                                                      "ops "
                                                                                                      "queue="
                                                                                                      "support "
                                                                                                      "key=r\n= "
                                                                                                      "queue_"
                                                                                                      "state "
                                                                                                      "support "
                                                                                                      "running"
                                                                                                      "\n" AGAIN("resume ops queue=support "
                                                                                                                 "key=r\n") "pause ops "
                                                                                                                            "queue=support "
                                                                                                                            "key=p\n= "
                                                                                                                            "duplicate\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_repeated_nack_gives_back_once),
        cmocka_unit_test(a_repeated_escalation_goes_up_one_level),
        cmocka_unit_test(a_repeated_consultation_and_its_recall_are_one_each),
        cmocka_unit_test(a_repeated_loan_and_its_return_are_one_each),
        cmocka_unit_test(a_repeated_claim_takes_once),
        cmocka_unit_test(repeats_of_an_operator_move_bury_and_pause_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
