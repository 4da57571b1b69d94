#include "node/submit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ANA = 1, SUPPORT, BILLING, IDBOT };

static void add_name(struct engine *engine, name_id id, enum name_kind kind, const char *name)
{
    struct row row = {.kind = ROW_name, .name = {.id = id, .lsn = id, .kind = kind, .name = span_of(name)}};
    engine_load(engine, &row);
}

static int set_up(void **state)
{
    struct engine *engine = engine_create((struct hash_key){1, 2});
    add_name(engine, ANA, NAME_KIND_agent, "ana");
    add_name(engine, SUPPORT, NAME_KIND_queue, "support");
    add_name(engine, BILLING, NAME_KIND_skill, "billing");
    add_name(engine, IDBOT, NAME_KIND_agent, "idbot");
    *state = engine;
    return 0;
}

static int tear_down(void **state)
{
    engine_destroy(*state);
    return 0;
}

struct answer {
    enum status status;
    struct event event;
    struct submit_room room;
};

static void ask(struct answer *answer, void **state, enum name_kind by, struct wire_change change)
{
    *answer = (struct answer){0};
    answer->status = submit_event(*state, by, &change, &answer->event, &answer->room);
}

static void assert_refused(void **state, enum name_kind by, struct wire_change change, enum status status, const char *detail)
{
    struct answer answer;
    ask(&answer, state, by, change);
    assert_int_equal(answer.status, status);
    assert_string_equal(answer.room.detail, detail);
}

static void a_message_becomes_an_event_with_everything_it_carries(void **state)
{
    struct answer answer;
    ask(&answer, state, NAME_KIND_account,
        (struct wire_change){.kind = CHANGE_message,
                             .key = span_of("k"),
                             .address = span_of("a"),
                             .name = span_of("Marta"),
                             .text = span_of("hola"),
                             .topic = span_of("billing"),
                             .language = span_of("es"),
                             .priority = PRIORITY_high,
                             .source_ms = 7});
    assert_int_equal(answer.status, STATUS_ok);
    assert_int_equal(answer.event.kind, EVENT_message);
    assert_int_equal(answer.event.priority, PRIORITY_high);
    assert_int_equal(answer.event.source_ms, 7);
    assert_true(span_equal(answer.event.text, span_of("hola")));
    assert_true(span_equal(answer.event.language, span_of("es")));
    assert_null(answer.event.requirement);
}

static void each_role_has_its_own_changes(void **state)
{
    struct wire_change change = {.kind = CHANGE_reply, .key = span_of("k"), .conversation = 1, .epoch = 1, .text = span_of("t")};
    assert_refused(state, NAME_KIND_account, change, STATUS_wrong_role, "reply is for the role agent");
    change.kind = CHANGE_message;
    assert_refused(state, NAME_KIND_agent, change, STATUS_wrong_role, "message is for the role connector");
    change.kind = 5;
    assert_refused(state, NAME_KIND_agent, change, STATUS_bad_field, "kind: there is no change 5");
}

static void what_is_missing_is_named(void **state)
{
    struct wire_change change = {.kind = CHANGE_message, .address = span_of("a"), .text = span_of("t")};
    assert_refused(state, NAME_KIND_account, change, STATUS_missing_field, "message needs key");
    change.key = span_of("k");
    change.text = (struct span){0};
    assert_refused(state, NAME_KIND_account, change, STATUS_missing_field, "message needs text, attachments or native");
    change.native = span_of("\x80");
    change.address = (struct span){0};
    assert_refused(state, NAME_KIND_account, change, STATUS_missing_field, "message needs address");
    change = (struct wire_change){.kind = CHANGE_reply, .key = span_of("k"), .conversation = 1, .text = span_of("t")};
    assert_refused(state, NAME_KIND_agent, change, STATUS_missing_field, "reply needs epoch");
    change = (struct wire_change){.kind = CHANGE_accept, .key = span_of("k"), .conversation = 1};
    assert_refused(state, NAME_KIND_agent, change, STATUS_missing_field, "accept needs offer");
}

static void a_state_has_to_fit_the_change(void **state)
{
    struct wire_change change = {.kind = CHANGE_finish, .key = span_of("k"), .conversation = 1, .epoch = 1, .state = SUBSTATE_abandoned};
    assert_refused(state, NAME_KIND_agent, change, STATUS_bad_field, "finish.state: not a value that this change can have");
    change.kind = CHANGE_availability;
    assert_refused(state, NAME_KIND_agent, change, STATUS_bad_field, "availability.state: not a value that this change can have");
}

static void a_transfer_finds_its_target_by_name(void **state)
{
    struct wire_skill skills[] = {{span_of("billing"), 0}};
    struct wire_change change = {.kind = CHANGE_transfer,
                                 .key = span_of("k"),
                                 .conversation = 1,
                                 .epoch = 1,
                                 .queue = span_of("support"),
                                 .skills = skills,
                                 .skills_count = 1};
    struct answer answer;
    ask(&answer, state, NAME_KIND_agent, change);
    assert_int_equal(answer.status, STATUS_ok);
    assert_int_equal(answer.event.queue, SUPPORT);
    assert_ptr_equal(answer.event.requirement, &answer.room.requirement);
    assert_int_equal(answer.room.requirement.all_count, 1);
    assert_int_equal(answer.room.requirement.all[0].skill, BILLING);
    assert_int_equal(answer.room.requirement.all[0].level, 1);
    assert_false(answer.event.warm);
    change = (struct wire_change){.kind = CHANGE_transfer, .key = span_of("k"), .conversation = 1, .epoch = 1, .agent = span_of("ana")};
    ask(&answer, state, NAME_KIND_agent, change);
    assert_int_equal(answer.status, STATUS_ok);
    assert_int_equal(answer.event.agent, ANA);
}

static void a_transfer_to_nobody_or_to_a_stranger_is_refused(void **state)
{
    struct wire_skill skills[] = {{span_of("magic"), 3}};
    struct wire_change change = {.kind = CHANGE_transfer, .key = span_of("k"), .conversation = 1, .epoch = 1};
    assert_refused(state, NAME_KIND_agent, change, STATUS_missing_field, "transfer needs queue, agent, skills or result");
    change.queue = span_of("sals");
    assert_refused(state, NAME_KIND_agent, change, STATUS_unknown_queue, "queue: sals");
    change.agent = span_of("ana");
    assert_refused(state, NAME_KIND_agent, change, STATUS_bad_field, "transfer.agent: not together with queue or skills");
    change.queue = (struct span){0};
    change.agent = span_of("eva");
    assert_refused(state, NAME_KIND_agent, change, STATUS_unknown_agent, "agent: eva");
    change.agent = (struct span){0};
    change.skills = skills;
    change.skills_count = 1;
    assert_refused(state, NAME_KIND_agent, change, STATUS_unknown_skill, "skill: magic");
    skills[0].name = span_of("");
    assert_refused(state, NAME_KIND_agent, change, STATUS_unknown_skill, "skill: without a name");
}

static void a_message_brings_what_is_known_of_the_customer(void **state)
{
    struct wire_attribute attributes[] = {{span_of("tier"), span_of("gold")}, {span_of("trial"), span_of("")}};
    struct answer answer;
    ask(&answer, state, NAME_KIND_account,
        (struct wire_change){.kind = CHANGE_message,
                             .key = span_of("k"),
                             .address = span_of("a"),
                             .text = span_of("t"),
                             .window_ms = 9,
                             .attributes = attributes,
                             .attributes_count = 2});
    assert_int_equal(answer.status, STATUS_ok);
    assert_int_equal(answer.event.window_ms, 9);
    assert_int_equal(answer.event.attributes_count, 2);
    assert_true(span_equal(answer.event.attributes[0].name, span_of("tier")));
    assert_true(span_equal(answer.event.attributes[0].value, span_of("gold")));
    assert_int_equal(answer.event.attributes[1].value.size, 0);
    assert_null(answer.event.patterns);
}

static void an_attribute_needs_a_name(void **state)
{
    struct wire_attribute attributes[] = {{span_of("tier"), span_of("gold")}, {span_of(""), span_of("x")}};
    struct wire_change change = {.kind = CHANGE_message,
                                 .key = span_of("k"),
                                 .address = span_of("a"),
                                 .text = span_of("t"),
                                 .attributes = attributes,
                                 .attributes_count = 2};
    assert_refused(state, NAME_KIND_account, change, STATUS_bad_field, "message.attributes[1].name: empty");
}

static struct wire_change owned(enum change_kind kind)
{
    return (struct wire_change){.kind = kind, .key = span_of("k"), .conversation = 7, .epoch = 2};
}

static void a_warm_transfer_goes_with_its_note_and_its_target(void **state)
{
    struct wire_change change = owned(CHANGE_transfer);
    struct answer answer;
    change.queue = span_of("support");
    change.warm = 1;
    change.text = span_of("ask her");
    ask(&answer, state, NAME_KIND_agent, change);
    assert_int_equal(answer.status, STATUS_ok);
    assert_true(answer.event.warm);
    assert_int_equal(answer.event.queue, SUPPORT);
    assert_true(span_equal(answer.event.text, span_of("ask her")));
    assert_null(answer.event.requirement);
}

static void a_transfer_by_result_has_no_other_target(void **state)
{
    struct wire_change change = owned(CHANGE_transfer);
    struct answer answer;
    change.result = span_of("wants_a_refund");
    ask(&answer, state, NAME_KIND_agent, change);
    assert_int_equal(answer.status, STATUS_ok);
    assert_true(span_equal(answer.event.result, span_of("wants_a_refund")));
    change.queue = span_of("support");
    assert_refused(state, NAME_KIND_agent, change, STATUS_bad_field, "transfer.result: not together with agent, queue or skills");
}

static void a_consultation_asks_somebody_who_exists(void **state)
{
    struct wire_change change = owned(CHANGE_consult);
    struct answer answer;
    assert_refused(state, NAME_KIND_agent, change, STATUS_missing_field, "consult needs queue, agent or skills");
    change.agent = span_of("eva");
    assert_refused(state, NAME_KIND_agent, change, STATUS_unknown_agent, "agent: eva");
    change.agent = span_of("ana");
    ask(&answer, state, NAME_KIND_agent, change);
    assert_int_equal(answer.status, STATUS_ok);
    assert_int_equal(answer.event.kind, EVENT_consult);
    assert_int_equal(answer.event.agent, ANA);
    change.queue = span_of("support");
    assert_refused(state, NAME_KIND_agent, change, STATUS_bad_field, "consult.agent: not together with queue or skills");
}

static void a_loan_says_to_which_bot_and_for_how_long(void **state)
{
    struct wire_change change = owned(CHANGE_lend);
    struct answer answer;
    change.agent = span_of("idbot");
    assert_refused(state, NAME_KIND_agent, change, STATUS_missing_field, "lend needs delay_ms");
    change.delay_ms = 60000;
    ask(&answer, state, NAME_KIND_agent, change);
    assert_int_equal(answer.status, STATUS_ok);
    assert_int_equal(answer.event.kind, EVENT_lend);
    assert_int_equal(answer.event.agent, IDBOT);
    assert_int_equal(answer.event.delay_ms, 60000);
}

static void a_bot_gives_back_with_a_result(void **state)
{
    struct wire_change change = owned(CHANGE_give_back);
    struct answer answer;
    change.result = span_of("verified");
    change.native = span_of("\x80");
    ask(&answer, state, NAME_KIND_agent, change);
    assert_int_equal(answer.status, STATUS_ok);
    assert_int_equal(answer.event.kind, EVENT_give_back);
    assert_true(span_equal(answer.event.result, span_of("verified")));
    assert_int_equal(answer.event.native.size, 1);
}

static void an_operator_moves_between_queues_that_exist(void **state)
{
    struct wire_change change = {.kind = CHANGE_move, .key = span_of("k"), .conversation = 7, .queue = span_of("sals")};
    struct answer answer;
    assert_refused(state, NAME_KIND_operator, change, STATUS_unknown_queue, "queue: sals");
    change.queue = span_of("support");
    ask(&answer, state, NAME_KIND_operator, change);
    assert_int_equal(answer.status, STATUS_ok);
    assert_int_equal(answer.event.kind, EVENT_move);
    assert_int_equal(answer.event.conversation, 7);
    assert_int_equal(answer.event.queue, SUPPORT);
}

static void only_an_operator_pauses_a_queue(void **state)
{
    struct wire_change change = {.kind = CHANGE_pause, .key = span_of("k"), .queue = span_of("support")};
    struct answer answer;
    assert_refused(state, NAME_KIND_agent, change, STATUS_wrong_role, "pause is for the role operator");
    ask(&answer, state, NAME_KIND_operator, change);
    assert_int_equal(answer.status, STATUS_ok);
    assert_int_equal(answer.event.queue, SUPPORT);
    change.kind = CHANGE_claim;
    change.conversation = 7;
    assert_refused(state, NAME_KIND_operator, change, STATUS_wrong_role, "claim is for the role agent");
}

static void more_wrap_up_says_how_much(void **state)
{
    struct answer answer;
    ask(&answer, state, NAME_KIND_agent,
        (struct wire_change){.kind = CHANGE_availability, .key = span_of("k"), .state = AGENT_STATE_wrap_up, .delay_ms = 60000});
    assert_int_equal(answer.status, STATUS_ok);
    assert_int_equal(answer.event.state, AGENT_STATE_wrap_up);
    assert_int_equal(answer.event.delay_ms, 60000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_message_becomes_an_event_with_everything_it_carries, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_role_has_its_own_changes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_missing_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_state_has_to_fit_the_change, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_transfer_finds_its_target_by_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_transfer_to_nobody_or_to_a_stranger_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_message_brings_what_is_known_of_the_customer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_attribute_needs_a_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_warm_transfer_goes_with_its_note_and_its_target, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_transfer_by_result_has_no_other_target, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_consultation_asks_somebody_who_exists, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_loan_says_to_which_bot_and_for_how_long, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_bot_gives_back_with_a_result, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_operator_moves_between_queues_that_exist, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_an_operator_pauses_a_queue, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_wrap_up_says_how_much, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
