#include "node/submit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ANA = 1, SUPPORT, BILLING };

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
    struct requirement requirement;
    char detail[128];
};

static void ask(struct answer *answer, void **state, enum name_kind by, struct wire_change change)
{
    *answer = (struct answer){0};
    answer->status = submit_event(*state, by, &change, &answer->event, &answer->requirement, answer->detail, sizeof answer->detail);
}

static void assert_refused(void **state, enum name_kind by, struct wire_change change, enum status status, const char *detail)
{
    struct answer answer;
    ask(&answer, state, by, change);
    assert_int_equal(answer.status, status);
    assert_string_equal(answer.detail, detail);
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
    assert_ptr_equal(answer.event.requirement, &answer.requirement);
    assert_int_equal(answer.requirement.all_count, 1);
    assert_int_equal(answer.requirement.all[0].skill, BILLING);
    assert_int_equal(answer.requirement.all[0].level, 1);
    change = (struct wire_change){.kind = CHANGE_transfer, .key = span_of("k"), .conversation = 1, .epoch = 1, .agent = span_of("ana")};
    ask(&answer, state, NAME_KIND_agent, change);
    assert_int_equal(answer.status, STATUS_ok);
    assert_int_equal(answer.event.agent, ANA);
}

static void a_transfer_to_nobody_or_to_a_stranger_is_refused(void **state)
{
    struct wire_skill skills[] = {{span_of("magic"), 3}};
    struct wire_change change = {.kind = CHANGE_transfer, .key = span_of("k"), .conversation = 1, .epoch = 1};
    assert_refused(state, NAME_KIND_agent, change, STATUS_missing_field, "transfer needs queue, agent or skills");
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
