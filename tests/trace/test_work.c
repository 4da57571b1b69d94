#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "story.h"

/* ana owns c1 under epoch 1. */
#define ANA_OWNS_C1                                                                                                                        \
    "hello wa\nhello ana\navailable ana\n= agent_state ana available\n"                                                                    \
    "message wa alice hola\n= conversation_opened c1\n= message c1 #1 hola\n= queued c1 support normal\n= offered c1 ana until 30000\n"    \
    "accept ana c1\n= assigned c1 ana e1\n"

static void messages_of_a_conversation_have_a_gap_free_sequence(void **state)
{
    (void)state;
    story(ANA_OWNS_C1 "reply ana c1 e1 hello\n= reply c1 #2 hello\n"
                      "note ana c1 careful\n= note c1 #3 careful\n"
                      "message wa alice thanks\n= message c1 #4 thanks\n"
                      "checkpoint 100\ncrash\n"
                      "message wa alice bye\n= message c1 #5 bye\n");
}

static void a_repeated_external_id_changes_nothing(void **state)
{
    (void)state;
    story("hello wa\n"
          "message wa alice hola key=x1\n= conversation_opened c1\n= message c1 #1 hola\n= queued c1 support normal\n"
          "message wa alice hola key=x1\n= duplicate\n"
          "crash\nmessage wa alice hola key=x1\n= duplicate\n"
          "checkpoint 100\ncrash\nmessage wa alice hola key=x1\n= duplicate\n"
          "hello web\nmessage web alice hola key=x1\n= conversation_opened c2\n= message c2 #1 hola\n= queued c2 support normal\n");
}

static void a_repeated_agent_key_changes_nothing(void **state)
{
    (void)state;
    story(ANA_OWNS_C1 "reply ana c1 e1 hello key=r1\n= reply c1 #2 hello\n"
                      "crash\nreply ana c1 e1 hello key=r1\n= duplicate\n");
}

static void a_stale_epoch_is_refused_with_the_owners_name(void **state)
{
    (void)state;
    story(ANA_OWNS_C1 "hello ben\navailable ben\n= agent_state ben available\n"
                      "transfer ana c1 e1 queue=support agent=ben\n= transferred c1 ana e2 support to ben\n= offered c1 ben until 30000\n"
                      "accept ben c1\n= assigned c1 ben e3\n"
                      "reply ana c1 e1 late\n= refused stale_epoch owner ben\n"
                      "reply ana c1 e3 guess\n= refused not_owner owner ben\n"
                      "reply ben c1 e3 hello\n= reply c1 #2 hello\n");
}

static void a_transfer_to_a_queue_keeps_the_place(void **state)
{
    (void)state;
    story("hello wa\nhello carla\navailable carla\n= agent_state carla available\n"
          "message wa a one\n= conversation_opened c1\n= message c1 #1 one\n= queued c1 support normal\n= offered c1 carla until 30000\n"
          "accept carla c1\n= assigned c1 carla e1\n"
          "at 5000\nmessage wa b two topic=billing\n= conversation_opened c2\n= message c2 #1 two\n= queued c2 billing normal\n"
          "transfer carla c1 e1 queue=billing skill=billing:2\n= transferred c1 carla e2 billing\n"
          "crash\nhello ana\n"
          "available ana\n= agent_state ana available\n= offered c1 ana until 35000\n= offered c2 ana until 35000\n");
}

static void a_transfer_that_nobody_could_serve_is_refused(void **state)
{
    (void)state;
    story(ANA_OWNS_C1 "transfer ana c1 e1 queue=billing skill=billing:5\n= refused no_route owner ana\n"
                      "transfer ana c1 e1 agent=ben\n= refused illegal_move owner ana\n"
                      "transfer ana c1 e1 agent=ana\n= refused illegal_move owner ana\n"
                      "transfer ana c1 e1\n= refused missing_field owner ana\n"
                      "reply ana c1 e1 still-mine\n= reply c1 #2 still-mine\n");
}

static void an_agent_who_lets_a_transfer_pass_gives_it_to_the_queue(void **state)
{
    (void)state;
    story(ANA_OWNS_C1 "hello ben\nhello carla\navailable ben\n= agent_state ben available\n"
                      "transfer ana c1 e1 agent=ben\n= transferred c1 ana e2 support to ben\n= offered c1 ben until 30000\n"
                      "decline ben c1\n= withdrawn c1 ben declined\n= requeued c1 ben e2 declined\n= offered c1 ana until 30000\n");
}

static void a_finished_conversation_accepts_no_reply(void **state)
{
    (void)state;
    story(ANA_OWNS_C1 "finish ana c1 e1\n= finished c1 resolved\n"
                      "reply ana c1 e1 late\n= refused illegal_move\n"
                      "checkpoint 100\nreply ana c1 e1 late\n= refused illegal_move\n"
                      "reply ana c9 e1 nothing\n= refused unknown_conversation\n");
}

static void a_message_reopens_a_conversation_finished_lately(void **state)
{
    (void)state;
    story(ANA_OWNS_C1
          "reply ana c1 e1 hello\n= reply c1 #2 hello\n"
          "finish ana c1 e1\n= finished c1 resolved\n"
          "checkpoint 100\ncrash\n"
          "message wa alice again\n= reopened c1\n= message c1 #3 again\n= queued c1 support normal\n= offered c1 ana until 30000\n"
          "crash\naccept ana c1\n= assigned c1 ana e3\n");
}

static void a_message_after_that_begins_a_new_one_linked_to_the_last(void **state)
{
    (void)state;
    story("hello wa\nhello auto\navailable auto\n= agent_state auto available\n"
          "message wa alice hola\n= conversation_opened c1\n= message c1 #1 hola\n= queued c1 support normal\n= assigned c1 auto e1\n"
          "finish auto c1 e1\n= finished c1 resolved\n"
          "bye auto\n= session_closed auto signed_off\n= agent_state auto offline\n= delivered auto\n"
          "bye wa\n= session_closed wa signed_off\n"
          "at 259200001\nhello wa\n"
          "message wa alice again\n= conversation_opened c2 again\n= message c2 #1 again\n= queued c2 support normal\n");
}

static void a_customer_who_leaves_unanswered_has_abandoned(void **state)
{
    (void)state;
    story("hello wa\nmessage wa alice hola\n= conversation_opened c1\n= message c1 #1 hola\n= queued c1 support normal\n"
          "leave wa alice\n= finished c1 abandoned\n"
          "leave wa alice\n= refused unknown_conversation\n"
          "leave wa stranger\n= refused unknown_conversation\n");
}

static void a_customer_who_leaves_during_an_offer_withdraws_it(void **state)
{
    (void)state;
    story(
        "hello wa\nhello ana\navailable ana\n= agent_state ana available\n"
        "message wa alice hola\n= conversation_opened c1\n= message c1 #1 hola\n= queued c1 support normal\n= offered c1 ana until 30000\n"
        "leave wa alice\n= withdrawn c1 ana customer_left\n= finished c1 abandoned\n"
        "accept ana c1\n= refused illegal_move\n"
        "outbox ana\n= offered c1 ana until 30000\n= withdrawn c1 ana customer_left\n");
}

static void the_owner_is_told_and_the_channel_gets_the_replies(void **state)
{
    (void)state;
    story(ANA_OWNS_C1 "reply ana c1 e1 hello\n= reply c1 #2 hello\n"
                      "message wa alice thanks\n= message c1 #3 thanks\n"
                      "outbox ana\n= offered c1 ana until 30000\n= assigned c1 ana e1\n= message c1 #3 thanks\n"
                      "outbox wa\n= reply c1 #2 hello\n"
                      "fetched wa 1000\n= delivered wa\n"
                      "outbox wa\n"
                      "crash\noutbox wa\noutbox ana\n= offered c1 ana until 30000\n= assigned c1 ana e1\n= message c1 #3 thanks\n");
}

static void undelivered_messages_survive_a_checkpoint(void **state)
{
    (void)state;
    story(ANA_OWNS_C1 "reply ana c1 e1 one\n= reply c1 #2 one\n"
                      "checkpoint 100\ncrash\noutbox wa\n= reply c1 #2 one\n"
                      "reply ana c1 e1 two\n= reply c1 #3 two\n"
                      "checkpoint 100\ncrash\noutbox wa\n= reply c1 #2 one\n= reply c1 #3 two\n"
                      "fetched wa 1000\n= delivered wa\n"
                      "checkpoint 100\ncrash\noutbox wa\n");
}

static void a_receipt_joins_the_history(void **state)
{
    (void)state;
    story(ANA_OWNS_C1 "reply ana c1 e1 hello\n= reply c1 #2 hello\n"
                      "receipt wa c1 20 read\n= receipt c1 read\n"
                      "receipt wa c1 20 nonsense\n= refused bad_field\n"
                      "finish ana c1 e1\n= finished c1 resolved\ncheckpoint 100\n"
                      "receipt wa c1 20 delivered\n= receipt c1 delivered\n"
                      "hello web\nreceipt web c1 20 read\n= refused unknown_conversation\n");
}

static void a_bot_hands_over_and_then_keeps_silent(void **state)
{
    (void)state;
    story("hello wa\nhello bot\nhello ana\navailable bot\n= agent_state bot available\navailable ana\n= agent_state ana available\n"
          "message wa alice hola topic=bot\n"
          "= conversation_opened c1\n= message c1 #1 hola\n= queued c1 front normal\n= assigned c1 bot e1\n"
          "reply bot c1 e1 account?\n= reply c1 #2 account?\n"
          "message wa alice 1234\n= message c1 #3 1234\n"
          "transfer bot c1 e1 queue=support\n= transferred c1 bot e2 support\n= offered c1 ana until 30000\n"
          "accept ana c1\n= assigned c1 ana e3\n"
          "reply bot c1 e1 anything-else?\n= refused stale_epoch owner ana\n"
          "reply ana c1 e3 hello\n= reply c1 #4 hello\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_of_a_conversation_have_a_gap_free_sequence),
        cmocka_unit_test(a_repeated_external_id_changes_nothing),
        cmocka_unit_test(a_repeated_agent_key_changes_nothing),
        cmocka_unit_test(a_stale_epoch_is_refused_with_the_owners_name),
        cmocka_unit_test(a_transfer_to_a_queue_keeps_the_place),
        cmocka_unit_test(a_transfer_that_nobody_could_serve_is_refused),
        cmocka_unit_test(an_agent_who_lets_a_transfer_pass_gives_it_to_the_queue),
        cmocka_unit_test(a_finished_conversation_accepts_no_reply),
        cmocka_unit_test(a_message_reopens_a_conversation_finished_lately),
        cmocka_unit_test(a_message_after_that_begins_a_new_one_linked_to_the_last),
        cmocka_unit_test(a_customer_who_leaves_unanswered_has_abandoned),
        cmocka_unit_test(a_customer_who_leaves_during_an_offer_withdraws_it),
        cmocka_unit_test(the_owner_is_told_and_the_channel_gets_the_replies),
        cmocka_unit_test(undelivered_messages_survive_a_checkpoint),
        cmocka_unit_test(a_receipt_joins_the_history),
        cmocka_unit_test(a_bot_hands_over_and_then_keeps_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
