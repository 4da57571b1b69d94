#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
// The order matters: cmocka.h needs those above.
#include <cmocka.h>

#include "bench/readable.h"

static void durations_use_the_unit_that_fits(void **state)
{
    (void)state;
    char text[READABLE_MAX];
    assert_string_equal(readable_duration(text, 0), "0 ms");
    assert_string_equal(readable_duration(text, 999), "999 ms");
    assert_string_equal(readable_duration(text, 59999), "59.9 s");
    assert_string_equal(readable_duration(text, 60000), "1 min 00 s");
    assert_string_equal(readable_duration(text, 7380000), "2 h 03 min");
    assert_string_equal(readable_duration(text, 100 * 3600000ull), "4 d 04 h");
}

static void counts_are_grouped_by_thousands(void **state)
{
    (void)state;
    char text[READABLE_MAX];
    assert_string_equal(readable_count(text, 0), "0");
    assert_string_equal(readable_count(text, 999), "999");
    assert_string_equal(readable_count(text, 1000), "1,000");
    assert_string_equal(readable_count(text, UINT64_MAX), "18,446,744,073,709,551,615");
}

static void text_of_strangers_cannot_steer_a_terminal(void **state)
{
    (void)state;
    struct buffer out = {0};
    readable_text(&out, span_of("a\x1b[2Jb\nc\x7f\xc2\x9bm \xc3\xb1"));
    buffer_append(&out, "", 1);
    assert_string_equal(out.data, "a?[2Jb / c??m \xc3\xb1");
    buffer_fini(&out);
}

static void width_counts_code_points(void **state)
{
    (void)state;
    assert_int_equal(readable_width("a\xc3\xb1o"), 3);
}

static void line_is(const struct wire_record *record, const char *expected)
{
    struct buffer out = {0};
    readable_record(&out, record);
    buffer_append(&out, "", 1);
    assert_string_equal(out.data, expected);
    buffer_fini(&out);
}

static void a_record_says_who_and_what(void **state)
{
    (void)state;
    line_is(&(struct wire_record){.kind = RECORD_message, .text = span_of("Bon dia")}, "customer        Bon dia");
    line_is(&(struct wire_record){.kind = RECORD_reply, .author = span_of("ana"), .text = span_of("Hola")}, "ana             Hola");
    line_is(&(struct wire_record){.kind = RECORD_queued, .queue = span_of("support"), .priority = PRIORITY_high},
            "-               [waiting in queue support, priority high]");
    line_is(&(struct wire_record){.kind = RECORD_withdrawn, .agent = span_of("ana"), .reason = span_of("expired")},
            "-               [offer withdrawn from ana: expired]");
    struct wire_skill skills[] = {{span_of("billing"), 2}, {span_of("catalan"), 0}};
    line_is(
        &(struct wire_record){
            .kind = RECORD_transferred, .author = span_of("bot"), .skills = skills, .skills_count = 2, .reason = span_of("why")},
        "bot             [handed over to skills billing:2, catalan:1: why]");
}

static void a_record_of_routing_says_what_moved_and_why(void **state)
{
    (void)state;
    line_is(&(struct wire_record){.kind = RECORD_moved, .author = span_of("ops"), .queue = span_of("sales"), .reason = span_of("buried")},
            "ops             [moved to queue sales: buried]");
    line_is(&(struct wire_record){.kind = RECORD_relaxed, .queue = span_of("support"), .step = 2, .plan = span_of("patient")},
            "-               [step 2 of plan patient: now queue support]");
    line_is(
        &(struct wire_record){
            .kind = RECORD_asked, .author = span_of("ana"), .tie = TIE_warm, .queue = span_of("sales"), .text = span_of("angry")},
        "ana             [warm transfer asked of queue sales: angry]");
    line_is(&(struct wire_record){.kind = RECORD_recalled,
                                  .tie = TIE_loan,
                                  .agent = span_of("idbot"),
                                  .reason = span_of("returned"),
                                  .result = span_of("verified")},
            "-               [loan ended, idbot: returned, result verified]");
    line_is(&(struct wire_record){.kind = RECORD_overdue, .deadline = DEADLINE_first_response},
            "-               [deadline passed: first_response]");
    line_is(&(struct wire_record){.kind = RECORD_transferred,
                                  .author = span_of("ana"),
                                  .queue = span_of("second_line"),
                                  .state = 1,
                                  .text = span_of("see above")},
            "ana             [escalated to queue second_line: see above]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_use_the_unit_that_fits),
        cmocka_unit_test(counts_are_grouped_by_thousands),
        cmocka_unit_test(text_of_strangers_cannot_steer_a_terminal),
        cmocka_unit_test(width_counts_code_points),
        cmocka_unit_test(a_record_says_who_and_what),
        cmocka_unit_test(a_record_of_routing_says_what_moved_and_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
