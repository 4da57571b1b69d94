#include "node/translate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/route.h"

enum { ANA = 1, BEN, SUPPORT, WEB, SPANISH, ENGLISH, FIRST };

struct fixture {
    struct engine *engine;
    struct arena arena;
};

static void add_name(struct engine *engine, name_id id, enum name_kind kind, const char *name)
{
    struct row row = {.kind = ROW_name, .name = {.id = id, .lsn = id, .kind = kind, .name = span_of(name)}};
    engine_load(engine, &row);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture->engine = engine_create((struct hash_key){1, 2});
    add_name(fixture->engine, ANA, NAME_KIND_agent, "ana");
    add_name(fixture->engine, BEN, NAME_KIND_agent, "ben");
    add_name(fixture->engine, SUPPORT, NAME_KIND_queue, "support");
    add_name(fixture->engine, WEB, NAME_KIND_account, "web");
    add_name(fixture->engine, SPANISH, NAME_KIND_skill, "spanish");
    add_name(fixture->engine, ENGLISH, NAME_KIND_skill, "english");
    add_name(fixture->engine, FIRST, NAME_KIND_plan, "spanish_first");
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    engine_destroy(fixture->engine);
    arena_fini(&fixture->arena);
    free(fixture);
    return 0;
}

static struct wire_record translate(struct fixture *fixture, const struct record *record, enum name_kind reader)
{
    struct wire_record wire;
    translate_record(fixture->engine, record, reader, &fixture->arena, &wire);
    return wire;
}

static void assert_text(struct span text, const char *expected)
{
    assert_true(span_equal(text, span_of(expected)));
}

static void a_message_keeps_its_text_and_its_time_at_the_source(void **state)
{
    struct record record = {.kind = RECORD_message,
                            .lsn = 9,
                            .at_ms = 2000,
                            .conversation = 3,
                            .sequence = 4,
                            .account = WEB,
                            .target = ANA,
                            .time_ms = 1000,
                            .key = span_of("k"),
                            .text = span_of("hola")};
    struct wire_record wire = translate(*state, &record, NAME_KIND_agent);
    assert_int_equal(wire.kind, RECORD_message);
    assert_int_equal(wire.lsn, 9);
    assert_int_equal(wire.at_ms, 2000);
    assert_int_equal(wire.source_ms, 1000);
    assert_int_equal(wire.deadline_ms, 0);
    assert_int_equal(wire.sequence, 4);
    assert_text(wire.text, "hola");
    assert_text(wire.account, "web");
    assert_text(wire.author, "");
    assert_text(wire.agent, "");
}

static void an_offer_names_its_agent_and_its_deadline(void **state)
{
    struct record record = {.kind = RECORD_offered, .lsn = 9, .agent = ANA, .queue = SUPPORT, .until_ms = 5000, .tie = TIE_warm};
    struct wire_record wire = translate(*state, &record, NAME_KIND_agent);
    assert_text(wire.agent, "ana");
    assert_text(wire.author, "");
    assert_text(wire.queue, "support");
    assert_int_equal(wire.deadline_ms, 5000);
    assert_int_equal(wire.tie, TIE_warm);
    assert_int_equal(wire.source_ms, 0);
}

static void a_transfer_says_who_hands_over_to_whom_and_what_is_required(void **state)
{
    struct requirement requirement = {.all = {{SPANISH, 4}}, .all_count = 1};
    struct route route = route_to(SUPPORT, &requirement);
    char bytes[ROUTE_BYTES_MAX];
    struct record record = {.kind = RECORD_transferred,
                            .lsn = 9,
                            .agent = ANA,
                            .target = BEN,
                            .epoch = 2,
                            .reason = span_of("knows it"),
                            .text = span_of("ask her about the invoice"),
                            .route = route_encode(&route, bytes)};
    struct wire_record wire = translate(*state, &record, NAME_KIND_operator);
    assert_text(wire.author, "ana");
    assert_text(wire.agent, "ben");
    assert_text(wire.reason, "knows it");
    assert_text(wire.text, "ask her about the invoice");
    assert_int_equal(wire.skills_count, 1);
    assert_text(wire.skills[0].name, "spanish");
    assert_int_equal(wire.skills[0].level, 4);
}

static void a_cause_is_given_as_the_reason_when_nobody_wrote_one(void **state)
{
    struct record record = {.kind = RECORD_withdrawn, .lsn = 9, .agent = ANA, .cause = CAUSE_expired, .ref = 7};
    struct wire_record wire = translate(*state, &record, NAME_KIND_agent);
    assert_text(wire.reason, "expired");
    assert_text(wire.agent, "ana");
    assert_int_equal(wire.ref, 7);
    record.reason = span_of("busy");
    assert_text(translate(*state, &record, NAME_KIND_agent).reason, "busy");
}

static void a_channel_account_sees_a_reply_and_nothing_internal(void **state)
{
    struct record record = {.kind = RECORD_reply,
                            .lsn = 9,
                            .conversation = 3,
                            .sequence = 5,
                            .epoch = 2,
                            .agent = ANA,
                            .account = WEB,
                            .address = span_of("+34"),
                            .key = span_of("k"),
                            .text = span_of("hola"),
                            .queue = SUPPORT,
                            .priority = 2};
    struct wire_record wire = translate(*state, &record, NAME_KIND_account);
    assert_text(wire.text, "hola");
    assert_text(wire.address, "+34");
    assert_text(wire.author, "ana");
    assert_text(wire.key, "k");
    assert_int_equal(wire.sequence, 5);
    assert_text(wire.queue, "");
    assert_int_equal(wire.epoch, 0);
    assert_int_equal(wire.priority, 0);
}

static void a_channel_account_learns_that_it_is_finished_and_not_why(void **state)
{
    struct record record = {.kind = RECORD_finished,
                            .lsn = 9,
                            .conversation = 3,
                            .agent = ANA,
                            .account = WEB,
                            .value = SUBSTATE_resolved,
                            .reason = span_of("rude customer"),
                            .key = span_of("k")};
    struct wire_record wire = translate(*state, &record, NAME_KIND_account);
    assert_int_equal(wire.state, SUBSTATE_resolved);
    assert_text(wire.reason, "");
    assert_text(wire.author, "");
    assert_text(wire.key, "");
    wire = translate(*state, &record, NAME_KIND_agent);
    assert_text(wire.reason, "rude customer");
    assert_text(wire.author, "ana");
}

static void a_relaxed_conversation_is_at_a_step_of_its_plan_counted_from_one(void **state)
{
    struct requirement spanish = {.all = {{SPANISH, 2}}, .all_count = 1}, english = {.all = {{ENGLISH, 3}}, .all_count = 1};
    struct route route = {.alternatives = {{SUPPORT, spanish}, {SUPPORT, english}}, .count = 2};
    char bytes[ROUTE_BYTES_MAX];
    struct record record = {
        .kind = RECORD_relaxed, .lsn = 9, .queue = SUPPORT, .plan = FIRST, .step = 1, .route = route_encode(&route, bytes)};
    struct wire_record wire = translate(*state, &record, NAME_KIND_operator);
    assert_int_equal(wire.step, 2);
    assert_text(wire.plan, "spanish_first");
    assert_int_equal(wire.skills_count, 1);
    assert_text(wire.skills[0].name, "spanish");
}

static void a_move_names_its_operator_and_how_often_it_had_been_offered(void **state)
{
    struct record record = {.kind = RECORD_moved, .lsn = 9, .agent = BEN, .queue = SUPPORT, .cause = CAUSE_buried, .count = 3};
    struct wire_record wire = translate(*state, &record, NAME_KIND_operator);
    assert_text(wire.author, "ben");
    assert_text(wire.agent, "");
    assert_text(wire.queue, "support");
    assert_text(wire.reason, "buried");
    assert_int_equal(wire.count, 3);
}

static void a_loan_names_owner_bot_and_end(void **state)
{
    struct record record = {
        .kind = RECORD_lent, .lsn = 9, .agent = ANA, .target = BEN, .epoch = 2, .until_ms = 7000, .reason = span_of("identify")};
    struct wire_record wire = translate(*state, &record, NAME_KIND_agent);
    assert_text(wire.author, "ana");
    assert_text(wire.agent, "ben");
    assert_text(wire.reason, "identify");
    assert_int_equal(wire.deadline_ms, 7000);
}

static void a_loan_comes_back_with_its_result(void **state)
{
    struct record record = {.kind = RECORD_recalled,
                            .lsn = 9,
                            .agent = BEN,
                            .target = ANA,
                            .tie = TIE_loan,
                            .cause = CAUSE_returned,
                            .result = span_of("verified"),
                            .native = span_of("\x80")};
    struct wire_record wire = translate(*state, &record, NAME_KIND_agent);
    assert_text(wire.agent, "ben");
    assert_text(wire.author, "");
    assert_int_equal(wire.tie, TIE_loan);
    assert_text(wire.reason, "returned");
    assert_text(wire.result, "verified");
    assert_int_equal(wire.native.size, 1);
}

static void what_is_held_says_how_and_until_when(void **state)
{
    struct record record = {.kind = RECORD_held, .lsn = 9, .value = SUBSTATE_snoozed, .cause = CAUSE_nacked, .until_ms = 7000};
    struct wire_record wire = translate(*state, &record, NAME_KIND_agent);
    assert_int_equal(wire.state, SUBSTATE_snoozed);
    assert_int_equal(wire.deadline_ms, 7000);
    assert_text(wire.reason, "nacked");
}

static void a_passed_deadline_says_which_one_and_when_it_was(void **state)
{
    struct record record = {.kind = RECORD_overdue, .lsn = 9, .agent = ANA, .value = DEADLINE_next_response, .time_ms = 7000};
    struct wire_record wire = translate(*state, &record, NAME_KIND_agent);
    assert_int_equal(wire.deadline, DEADLINE_next_response);
    assert_int_equal(wire.deadline_ms, 7000);
    assert_int_equal(wire.state, 0);
    assert_text(wire.agent, "ana");
}

static void an_account_sees_neither_ties_nor_results(void **state)
{
    struct record record = {.kind = RECORD_withdrawn, .lsn = 9, .agent = ANA, .tie = TIE_consult, .count = 2, .result = span_of("fraud")};
    struct wire_record wire = translate(*state, &record, NAME_KIND_account);
    assert_int_equal(wire.tie, 0);
    assert_int_equal(wire.count, 0);
    assert_text(wire.result, "");
    assert_text(wire.agent, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_message_keeps_its_text_and_its_time_at_the_source, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_offer_names_its_agent_and_its_deadline, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_transfer_says_who_hands_over_to_whom_and_what_is_required, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cause_is_given_as_the_reason_when_nobody_wrote_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_channel_account_sees_a_reply_and_nothing_internal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_channel_account_learns_that_it_is_finished_and_not_why, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_relaxed_conversation_is_at_a_step_of_its_plan_counted_from_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_move_names_its_operator_and_how_often_it_had_been_offered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_loan_names_owner_bot_and_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_loan_comes_back_with_its_result, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_held_says_how_and_until_when, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_passed_deadline_says_which_one_and_when_it_was, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_account_sees_neither_ties_nor_results, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
