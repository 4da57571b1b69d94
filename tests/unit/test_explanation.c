#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>
// The order matters: cmocka.h needs those above.
#include <cmocka.h>

#include "bench/explanation.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND };
#define ARRIVAL UINT64_C(1767264120000) /* 2026-01-01 10:42:00 UTC */
#define NOW (ARRIVAL + 3 * MINUTE + 12 * SECOND)
#define HEAD "Conversation 17 waits in support since 10:42:00 (3 min 12 s), priority high, "

static int set_up(void **state)
{
    (void)state;
    setenv("TZ", "UTC", 1);
    tzset();
    return 0;
}

static struct wire_explanation waiting(void)
{
    return (struct wire_explanation){
        .conversation = 17,
        .state = SUBSTATE_queued,
        .queue = span_of("support"),
        .arrival_ms = ARRIVAL,
        .priority = PRIORITY_high,
        .ahead = 4,
        .eligible = 5,
        .signed_in = 3,
        .now_ms = NOW,
    };
}

static void assert_reads(const struct wire_explanation *explanation, bool of_one, const char *expected)
{
    struct buffer out = {0};
    explanation_text(&out, explanation, of_one);
    buffer_append(&out, "", 1);
    assert_string_equal(out.data, expected);
    buffer_fini(&out);
}

static void a_supervisor_reads_what_it_waits_for_and_who_could_take_it(void **state)
{
    struct wire_finding findings[] = {
        {.agent = span_of("ana"), .verdict = VERDICT_passed_over, .until_ms = NOW + 8 * SECOND},
        {.agent = span_of("ben"), .verdict = VERDICT_no_room, .used = 80, .capacity = 100, .cost = 25},
        {.agent = span_of("carla"), .verdict = VERDICT_away},
        {.agent = span_of("dora"), .verdict = VERDICT_away, .reason = span_of("lunch")},
    };
    struct wire_explanation explanation = waiting();
    (void)state;
    explanation.plan = span_of("spanish_first");
    explanation.step = 2;
    explanation.steps = 3;
    explanation.requirement = span_of("spanish 4, or english 3");
    explanation.next = NEXT_passing_over_ends;
    explanation.next_ms = NOW + 8 * SECOND;
    explanation.findings = findings;
    explanation.findings_count = 4;
    explanation.findings_left_out = 2;
    explanation.offers = 2;
    assert_reads(&explanation, false,
                 HEAD "4 others go first, offered 2 times so far.\n"
                      "It needs spanish 4, or english 3 (step 2 of 3 of spanish_first).\n"
                      "5 agents could serve it, 3 signed in:\n"
                      "  ana: passed over until 10:45:20 (let the offer pass, or refused it)\n"
                      "  ben: no room (80 of 100 used, it costs 25)\n"
                      "  carla: away\n"
                      "  dora: away: lunch\n"
                      "  and 2 more\n"
                      "Next: at 10:45:20, in 8.0 s, the passing over ends.\n");
}

static void an_agent_who_lacks_a_skill_is_told_by_how_much(void **state)
{
    struct wire_finding finding = {
        .agent = span_of("dora"), .verdict = VERDICT_lacks_skill, .skill = span_of("spanish"), .has = 2, .needs = 4};
    struct wire_explanation explanation = waiting();
    (void)state;
    explanation.ahead = 0;
    explanation.findings = &finding;
    explanation.findings_count = 1;
    assert_reads(&explanation, true,
                 HEAD "it goes first.\n"
                      "  dora: lacks spanish: has 2, it takes 4\n"
                      "Next: nothing at a set time; it goes to the first agent who can take it.\n");
    finding.has = 0;
    explanation.ahead = 1;
    assert_reads(&explanation, true,
                 HEAD "1 other goes first.\n"
                      "  dora: lacks spanish: has none, it takes 4\n"
                      "Next: nothing at a set time; it goes to the first agent who can take it.\n");
}

static void nobody_at_all_is_said_outright(void **state)
{
    struct wire_explanation explanation = waiting();
    (void)state;
    explanation.eligible = explanation.signed_in = 0;
    assert_reads(&explanation, false,
                 HEAD "4 others go first.\n"
                      "No agent could serve it.\n"
                      "Next: nothing at a set time; it goes to the first agent who can take it.\n");
}

static void what_is_held_waits_for_the_opening(void **state)
{
    struct wire_explanation explanation = waiting();
    (void)state;
    explanation.state = SUBSTATE_held;
    explanation.next = NEXT_opening;
    explanation.next_ms = ARRIVAL + 24 * 60 * MINUTE;
    assert_reads(&explanation, false,
                 "Conversation 17 is held in support since 10:42:00 (3 min 12 s), priority high, 4 others go first.\n"
                 "5 agents could serve it, 3 signed in.\n"
                 "Next: at 2026-01-02 10:42, in 23 h 56 min, its queue opens.\n");
}

static void what_has_an_owner_or_has_ended_waits_for_nobody(void **state)
{
    struct wire_explanation explanation = waiting();
    (void)state;
    explanation.state = SUBSTATE_active;
    explanation.owner = span_of("ana");
    assert_reads(&explanation, false, "Conversation 17 is in progress (active) with ana of support since 10:42:00 (3 min 12 s).\n");
    explanation.state = SUBSTATE_resolved;
    assert_reads(&explanation, false, "Conversation 17 is finished: resolved.\n");
}

static void every_verdict_and_everything_next_has_its_words(void **state)
{
    struct wire_finding finding = {.agent = span_of("ana"), .until_ms = NOW};
    struct wire_explanation explanation = waiting();
    struct buffer out = {0};
    (void)state;
    explanation.findings = &finding;
    explanation.findings_count = 1;
    explanation.next_ms = NOW;
#define VERDICT(number, name)                                                                                                              \
    finding.verdict = number;                                                                                                              \
    explanation_text(&out, &explanation, true);
#include "proto/words.def"
    buffer_append(&out, "", 1);
    assert_null(strstr(out.data, "?"));
    assert_null(strstr(out.data, "$"));
#define NEXT(number, name)                                                                                                                 \
    buffer_clear(&out);                                                                                                                    \
    explanation.next = number;                                                                                                             \
    explanation_text(&out, &explanation, true);                                                                                            \
    buffer_append(&out, "", 1);                                                                                                            \
    assert_non_null(strstr(out.data, "Next: at 10:45:12, in 0 ms, "));
#include "proto/words.def"
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_supervisor_reads_what_it_waits_for_and_who_could_take_it),
        cmocka_unit_test(an_agent_who_lacks_a_skill_is_told_by_how_much),
        cmocka_unit_test(nobody_at_all_is_said_outright),
        cmocka_unit_test(what_is_held_waits_for_the_opening),
        cmocka_unit_test(what_has_an_owner_or_has_ended_waits_for_nobody),
        cmocka_unit_test(every_verdict_and_everything_next_has_its_words),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
