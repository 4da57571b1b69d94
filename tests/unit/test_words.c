#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/status.h"
#include "proto/words.h"

static void every_word_is_found_again_by_its_number(void **state)
{
    (void)state;
#define ROLE(number, name) assert_int_equal(role_of(span_of(role_word(number))), number);
#define CHANGE(number, name) assert_int_equal(change_kind_of(span_of(change_kind_word(number))), number);
#define RECORD(number, name) assert_int_equal(record_kind_of(span_of(record_kind_word(number))), number);
#define PRIORITY(number, name) assert_int_equal(priority_of(span_of(priority_word(number))), number);
#define RECEIPT(number, name) assert_int_equal(receipt_of(span_of(receipt_word(number))), number);
#define SUBSTATE(number, name) assert_int_equal(substate_of(span_of(substate_word(number))), number);
#define AGENT_KIND(number, name) assert_int_equal(agent_kind_of(span_of(agent_kind_word(number))), number);
#define AGENT_STATE(number, name) assert_int_equal(agent_state_of(span_of(agent_state_word(number))), number);
#define CAUSE(number, name) assert_int_equal(cause_of(span_of(cause_word(number))), number);
#define NAME_KIND(number, name) assert_int_equal(name_kind_of(span_of(name_kind_word(number))), number);
#define CHOICE(number, name) assert_int_equal(choice_of(span_of(choice_word(number))), number);
#define QUEUE_MODE(number, name) assert_int_equal(queue_mode_of(span_of(queue_mode_word(number))), number);
#define WHEN_CLOSED(number, name) assert_int_equal(when_closed_of(span_of(when_closed_word(number))), number);
#define AGENT_LOST(number, name) assert_int_equal(agent_lost_of(span_of(agent_lost_word(number))), number);
#define DEADLINE(number, name) assert_int_equal(deadline_of(span_of(deadline_word(number))), number);
#define TIE(number, name) assert_int_equal(tie_kind_of(span_of(tie_kind_word(number))), number);
#define NEXT(number, name) assert_int_equal(next_of(span_of(next_word(number))), number);
#define VERDICT(number, name) assert_int_equal(verdict_of(span_of(verdict_word(number))), number);
#include "proto/words.def"
}

static void a_number_reads_as_the_word_of_its_own_vocabulary(void **state)
{
    (void)state;
    assert_string_equal(role_word(ROLE_agent), "agent");
    assert_string_equal(change_kind_word(2), "receipt");
    assert_string_equal(record_kind_word(2), "session_opened");
    assert_string_equal(substate_word(SUBSTATE_with_bot), "with_bot");
    assert_string_equal(cause_word(CAUSE_lease_ended), "lease_ended");
    assert_string_equal(name_kind_word(5), "operator");
}

static void a_number_without_a_word_reads_as_a_question_mark(void **state)
{
    (void)state;
    assert_string_equal(role_word(0), "?");
    assert_string_equal(change_kind_word(7), "?");
    assert_string_equal(substate_word(UINT32_MAX), "?");
}

static void a_word_that_is_not_there_has_no_number(void **state)
{
    (void)state;
    assert_int_equal(role_of(span_of("")), 0);
    assert_int_equal(role_of(span_of("agents")), 0);
    assert_int_equal(role_of((struct span){"agents", 5}), ROLE_agent);
    assert_int_equal(priority_of(span_of("HIGH")), 0);
}

struct vocabulary {
    uint32_t (*number_of)(struct span word);
    const char *words[24];
};

/* What people read in the definition of the service is what is on the wire, in the configuration and in the records. */
static void the_words_of_the_service_are_those_of_the_protocol(void **state)
{
    (void)state;
    static const struct vocabulary service[] = {
        {substate_of,
         {"new", "queued", "offered", "held", "snoozed", "active", "waiting_customer", "on_hold", "with_bot", "lent", "consult", "resolved",
          "abandoned", "expired", "discarded"}},
        {priority_of, {"low", "normal", "high", "urgent"}},
        {deadline_of, {"first_response", "next_response", "resolution", "reply_window"}},
        {queue_mode_of, {"push", "pull"}},
        {choice_of, {"longest_idle", "least_loaded", "most_skilled", "round_robin", "last_agent"}},
        {agent_kind_of, {"human", "bot"}},
        {agent_state_of, {"offline", "available", "away", "wrap_up", "not_responding"}},
        {cause_of, {"rescinded", "declined", "expired", "agent_lost"}},
        {agent_lost_of, {"stay"}},
        {change_kind_of, {"accept", "claim", "transfer", "consult", "lend", "escalate", "note", "move", "bury", "pause", "resume"}},
        {when_closed_of, {"message", "bot", "hold", "overflow"}},
        {verdict_of, {"passed_over", "not_responding", "wrap_up"}},
    };
    for (size_t i = 0; i < sizeof service / sizeof *service; i++)
        for (const char *const *word = service[i].words; *word; word++)
            if (!service[i].number_of(span_of(*word)))
                fail_msg("\"%s\" is no word of its vocabulary", *word);
}

static void a_status_has_a_name_and_a_sentence(void **state)
{
    (void)state;
    assert_string_equal(status_name(STATUS_stale_epoch), "stale_epoch");
    assert_string_equal(status_text(STATUS_ok), "done");
    assert_string_equal(status_name((enum status)98), "unknown");
    assert_non_null(status_text((enum status)98));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_is_found_again_by_its_number),
        cmocka_unit_test(a_number_reads_as_the_word_of_its_own_vocabulary),
        cmocka_unit_test(a_number_without_a_word_reads_as_a_question_mark),
        cmocka_unit_test(a_word_that_is_not_there_has_no_number),
        cmocka_unit_test(the_words_of_the_service_are_those_of_the_protocol),
        cmocka_unit_test(a_status_has_a_name_and_a_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
