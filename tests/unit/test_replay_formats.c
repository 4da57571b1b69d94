#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "connectors/common/dialogue_file.h"

struct fixture {
    char path[64];
    struct dialogues dialogues;
    struct dialogue_error error;
};

static int setup(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.path = "/tmp/relevo-formats-XXXXXX"};
    int file = mkstemp(fixture.path);
    *state = &fixture;
    return file < 0 ? -1 : close(file);
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    dialogues_fini(&fixture->dialogues);
    return unlink(fixture->path);
}

static enum status load_bytes(struct fixture *fixture, enum dialogue_format format, const char *bytes, size_t size)
{
    FILE *file = fopen(fixture->path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    dialogues_fini(&fixture->dialogues);
    return dialogues_load(&fixture->dialogues, format, fixture->path, &fixture->error);
}

static const struct dialogue *load_one(struct fixture *fixture, enum dialogue_format format, const char *line)
{
    enum status status = load_bytes(fixture, format, line, strlen(line));
    if (status != STATUS_ok)
        fail_msg("%s", fixture->error.text);
    assert_int_equal(fixture->dialogues.count, 1);
    return fixture->dialogues.all[0];
}

/* The whole error: the file's name, then what is expected here. */
static void refuse(struct fixture *fixture, enum dialogue_format format, const char *line, const char *expected)
{
    char whole[512];
    snprintf(whole, sizeof whole, "%s:%s", fixture->path, expected);
    assert_int_equal(load_bytes(fixture, format, line, strlen(line)), STATUS_bad_input);
    assert_string_equal(fixture->error.text, whole);
}

static void assert_span(struct span actual, const char *expected)
{
    assert_int_equal(actual.size, strlen(expected));
    assert_memory_equal(actual.data, expected, actual.size);
}

static void a_star_line_becomes_a_dialogue(void **state)
{
    const struct dialogue *dialogue =
        load_one(*state, DIALOGUE_star,
                 "{\"DialogueID\":17,\"Happy\":true,\"Tasks\":[\"bank_balance\",\"ride_book\"],\"Events\":["
                 "{\"Agent\":\"User\",\"Action\":\"utter\",\"Text\":\"Hello\",\"UnixTime\":1589375697},"
                 "{\"Agent\":\"Wizard\",\"Action\":\"utter\",\"Text\":\"Your name?\",\"UnixTime\":1589375714}]}\n");
    assert_span(dialogue->id, "17");
    assert_span(dialogue->address, "star-17");
    assert_span(dialogue->topic, "bank_balance");
    assert_span(dialogue->language, "en");
    assert_int_equal(dialogue->turns_count, 2);
    assert_int_equal(dialogue->turns[0].from, SPEAKER_customer);
    assert_span(dialogue->turns[0].key, "star-17-0");
    assert_int_equal(dialogue->turns[0].source_ms, 1589375697000);
    assert_int_equal(dialogue->turns[1].from, SPEAKER_agent);
    assert_span(dialogue->turns[1].text, "Your name?");
    assert_int_equal(dialogue->turns[1].offset_ms, 17000);
}

static void a_star_clock_set_back_makes_no_negative_gap(void **state)
{
    const struct dialogue *dialogue = load_one(*state, DIALOGUE_star,
                                               "{\"DialogueID\":1,\"Tasks\":[\"t\"],\"Events\":["
                                               "{\"Agent\":\"User\",\"Text\":\"a\",\"UnixTime\":100},"
                                               "{\"Agent\":\"Wizard\",\"Text\":\"b\",\"UnixTime\":110},"
                                               "{\"Agent\":\"User\",\"Text\":\"c\",\"UnixTime\":50}]}");
    assert_int_equal(dialogue->turns[1].offset_ms, 10000);
    assert_int_equal(dialogue->turns[2].offset_ms, 10000);
}

static void multidogo_expects_any_answer_after_each_customer_turn(void **state)
{
    const struct dialogue *dialogue = load_one(*state, DIALOGUE_multidogo,
                                               "{\"domain\":\"airline\",\"split\":\"dev\",\"conversationId\":\"ab-1\","
                                               "\"customerTurns\":[[0,\"hai\",\"greet\"],[1,\"\",\"none\"],[4,\"bye\",\"bye\"]]}");
    assert_span(dialogue->address, "multidogo-ab-1");
    assert_span(dialogue->topic, "airline");
    assert_int_equal(dialogue->turns_count, 4);
    assert_span(dialogue->turns[2].text, "bye");
    assert_span(dialogue->turns[2].key, "multidogo-ab-1-2");
    assert_int_equal(dialogue->turns[3].from, SPEAKER_agent);
    assert_int_equal(dialogue->turns[3].text.size, 0);
    assert_null(dialogue->turns[3].handover);
}

static void a_jsonl_line_keeps_everything_it_says(void **state)
{
    const struct dialogue *dialogue =
        load_one(*state, DIALOGUE_jsonl,
                 "{\"id\":\"es-01\",\"channel\":\"whatsapp\",\"language\":\"es\",\"topic\":\"billing\",\"customer\":\"+34600000001\","
                 "\"name\":\"Marta\",\"priority\":\"high\",\"turns\":["
                 "{\"from\":\"customer\",\"text\":\"\\u00a1Hola!\"},"
                 "{\"from\":\"bot\",\"text\":\"Hola Marta\",\"after_ms\":1200},"
                 "{\"from\":\"bot\",\"transfer\":{\"queue\":\"support\",\"skills\":[\"billing:2\",\"spanish\"]},\"note\":\"factura\"},"
                 "{\"from\":\"agent\",\"transfer\":{\"agent\":\"ana\"}}]}");
    assert_span(dialogue->id, "es-01");
    assert_span(dialogue->channel, "whatsapp");
    assert_span(dialogue->name, "Marta");
    assert_int_equal(dialogue->priority, PRIORITY_high);
    assert_span(dialogue->turns[0].text, "\xc2\xa1Hola!");
    assert_int_equal(dialogue->turns[0].offset_ms, 0);
    assert_int_equal(dialogue->turns[1].from, SPEAKER_bot);
    assert_int_equal(dialogue->turns[1].offset_ms, 1200);
    const struct handover *handover = dialogue->turns[2].handover;
    assert_span(handover->queue, "support");
    assert_span(handover->note, "factura");
    assert_int_equal(handover->skills_count, 2);
    assert_span(handover->skills[0].name, "billing");
    assert_int_equal(handover->skills[0].level, 2);
    assert_int_equal(handover->skills[1].level, 1);
    assert_span(dialogue->turns[3].handover->agent, "ana");
}

static void a_dialogue_is_found_by_its_address_and_a_turn_by_its_key(void **state)
{
    struct fixture *fixture = *state;
    const struct dialogue *dialogue =
        load_one(fixture, DIALOGUE_jsonl, "{\"id\":\"a\",\"customer\":\"+34-1\",\"turns\":[{\"from\":\"customer\",\"text\":\"x\"}]}");
    uint32_t turn = 9;
    assert_ptr_equal(dialogues_find(&fixture->dialogues, span_of("+34-1")), dialogue);
    assert_null(dialogues_find(&fixture->dialogues, span_of("+34-2")));
    assert_true(dialogue_turn(dialogue, span_of("+34-1-0"), &turn));
    assert_int_equal(turn, 0);
    const char *const strange[] = {"", "+34-1", "+34-1-", "+34-1-1", "+34-1-00", "+34-1-x", "+34-1-0 ", "+35-1-0", "+34-1-99999999999"};
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++)
        assert_false(dialogue_turn(dialogue, span_of(strange[i]), &turn));
}

static void hostile_star_lines_are_refused_by_line_and_field(void **state)
{
    refuse(*state, DIALOGUE_star, "\n[1]\n", "2: expected one JSON object");
    refuse(*state, DIALOGUE_star, "{}", "1: DialogueID: expected a whole number from 0 to 4294967295");
    refuse(*state, DIALOGUE_star, "{\"DialogueID\":-1}", "1: DialogueID: expected a whole number from 0 to 4294967295");
    refuse(*state, DIALOGUE_star, "{\"DialogueID\":1,\"Tasks\":[]}", "1: Tasks: expected a list of 1 to 64");
    refuse(*state, DIALOGUE_star, "{\"DialogueID\":1,\"Tasks\":[7]}", "1: Tasks[0]: expected a text of 1 to 64 bytes");
    refuse(*state, DIALOGUE_star, "{\"DialogueID\":1,\"Tasks\":[\"t\"],\"Events\":{}}", "1: Events: expected a list of 1 to 4096");
    refuse(*state, DIALOGUE_star, "{\"DialogueID\":1,\"Tasks\":[\"t\"],\"Events\":[null]}", "1: Events[0]: expected an object");
    refuse(*state, DIALOGUE_star, "{\"DialogueID\":1,\"Tasks\":[\"t\"],\"Events\":[{\"Agent\":\"Robot\",\"Text\":\"x\",\"UnixTime\":1}]}",
           "1: Events[0].Agent: expected \"User\" or \"Wizard\"");
    refuse(*state, DIALOGUE_star, "{\"DialogueID\":1,\"Tasks\":[\"t\"],\"Events\":[{\"Agent\":\"User\",\"Text\":\"\",\"UnixTime\":1}]}",
           "1: Events[0].Text: expected a text of 1 to 65536 bytes");
    refuse(*state, DIALOGUE_star, "{\"DialogueID\":1,\"Tasks\":[\"t\"],\"Events\":[{\"Agent\":\"Wizard\",\"Text\":\"x\",\"UnixTime\":1}]}",
           "1: turns[0]: expected the customer: a conversation begins with a message");
}

static void hostile_multidogo_lines_are_refused_by_line_and_field(void **state)
{
    refuse(*state, DIALOGUE_multidogo, "{\"conversationId\":7}", "1: conversationId: expected a text of 1 to 64 bytes");
    refuse(*state, DIALOGUE_multidogo, "{\"conversationId\":\"a\",\"domain\":\"d\",\"customerTurns\":[[0]]}",
           "1: customerTurns[0]: expected [number, text of at most 65536 bytes, intent]");
    refuse(*state, DIALOGUE_multidogo, "{\"conversationId\":\"a\",\"domain\":\"d\",\"customerTurns\":[\"hai\"]}",
           "1: customerTurns[0]: expected [number, text of at most 65536 bytes, intent]");
    refuse(*state, DIALOGUE_multidogo, "{\"conversationId\":\"a\",\"domain\":\"d\",\"customerTurns\":[[0,\"\",\"x\"]]}",
           "1: turns: expected at least one with a text");
}

static void refuse_turn(void **state, const char *turn, const char *expected)
{
    char line[512], where[512];
    snprintf(line, sizeof line, "{\"id\":\"a\",\"customer\":\"c\",\"turns\":[{\"from\":\"customer\",\"text\":\"x\"},%s]}", turn);
    snprintf(where, sizeof where, "1: turns[1]%s", expected);
    refuse(*state, DIALOGUE_jsonl, line, where);
}

static void hostile_jsonl_lines_are_refused_by_line_and_field(void **state)
{
    refuse(*state, DIALOGUE_jsonl, "{\"id\":\"a\",\"id\":\"b\"}",
           "1: expected one JSON object: duplicate object key near '\"id\"' at byte 14");
    refuse(*state, DIALOGUE_jsonl, "{\"idd\":\"a\"}", "1: idd: there is no such field here");
    refuse(*state, DIALOGUE_jsonl, "{\"id\":\"a\"}", "1: customer: expected a text of 1 to 112 bytes");
    refuse(*state, DIALOGUE_jsonl, "{\"id\":\"a\",\"customer\":\"c\",\"priority\":\"top\"}",
           "1: priority: expected low, normal, high or urgent");
    refuse(*state, DIALOGUE_jsonl, "{\"id\":\"a\",\"customer\":\"c\",\"turns\":[]}", "1: turns: expected a list of 1 to 4096");
    refuse(*state, DIALOGUE_jsonl,
           "{\"id\":\"a\",\"customer\":\"c\",\"turns\":[{\"from\":\"customer\",\"text\":\"x\"}]}\n"
           "{\"id\":\"b\",\"customer\":\"c\",\"turns\":[{\"from\":\"customer\",\"text\":\"x\"}]}\n",
           "2: customer: expected another one than in line 1: an address has one dialogue");
    refuse_turn(state, "7", ": expected an object");
    refuse_turn(state, "{\"from\":\"agent\",\"texts\":\"x\"}", ".texts: there is no such field here");
    refuse_turn(state, "{\"from\":\"wizard\",\"text\":\"x\"}", ".from: expected \"customer\", \"agent\" or \"bot\"");
    refuse_turn(state, "{\"from\":\"agent\"}", ".text: expected either a text or a transfer");
    refuse_turn(state, "{\"from\":\"agent\",\"text\":\"x\",\"transfer\":{\"queue\":\"q\"}}", ".text: expected either a text or a transfer");
    refuse_turn(state, "{\"from\":\"agent\",\"text\":\"x\",\"note\":\"n\"}", ".note: expected only with a transfer");
    refuse_turn(state, "{\"from\":\"agent\",\"text\":\"x\",\"after_ms\":86400001}",
                ".after_ms: expected a whole number from 0 to 86400000");
    refuse_turn(state, "{\"from\":\"agent\",\"transfer\":{}}", ".transfer: expected either agent, or queue and/or skills");
    refuse_turn(state, "{\"from\":\"agent\",\"transfer\":{\"agent\":\"a\",\"queue\":\"q\"}}",
                ".transfer: expected either agent, or queue and/or skills");
    refuse_turn(state, "{\"from\":\"customer\",\"transfer\":{\"queue\":\"q\"}}",
                ".transfer: expected from \"agent\" or \"bot\": a customer cannot transfer");
    refuse_turn(state, "{\"from\":\"agent\",\"transfer\":{\"skills\":[\"billing:9\"]}}",
                ".transfer.skills: expected texts like \"billing:2\", levels 1 to 5");
}

static void bytes_that_are_no_text_are_refused(void **state)
{
    struct fixture *fixture = *state;
    static const char nul[] = "{\"id\":\"a\0b\"}";
    assert_int_equal(load_bytes(fixture, DIALOGUE_jsonl, nul, sizeof nul - 1), STATUS_bad_input);
    assert_int_equal(load_bytes(fixture, DIALOGUE_jsonl, "{\"id\":\"\xff\xfe\"}", 12), STATUS_bad_input);
    assert_int_equal(load_bytes(fixture, DIALOGUE_jsonl, "{\"id\":\"a\\u0000\"}", 15), STATUS_bad_input);
    for (const char *at = fixture->error.text; *at; at++)
        assert_in_range(*at, ' ', '~');
}

static void deep_nesting_is_refused(void **state)
{
    struct fixture *fixture = *state;
    static char deep[1 << 20];
    memset(deep, '[', sizeof deep);
    assert_int_equal(load_bytes(fixture, DIALOGUE_star, deep, sizeof deep), STATUS_bad_input);
}

static void a_line_that_is_too_long_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char expected[128];
    size_t size = DIALOGUE_LINE_MAX + 2;
    char *line = malloc(size);
    assert_non_null(line);
    memset(line, ' ', size);
    line[size - 1] = '\n';
    enum status status = load_bytes(fixture, DIALOGUE_star, line, size);
    free(line);
    assert_int_equal(status, STATUS_bad_input);
    snprintf(expected, sizeof expected, "%s:1: line: expected at most 4194304 bytes", fixture->path);
    assert_string_equal(fixture->error.text, expected);
}

static void a_text_at_the_limit_is_taken_and_one_byte_more_is_not(void **state)
{
    struct fixture *fixture = *state;
    for (int extra = 0; extra <= 1; extra++) {
        char *text = malloc(WIRE_BODY_MAX + 2), *line = malloc(WIRE_BODY_MAX + 256);
        assert_non_null(text);
        assert_non_null(line);
        memset(text, 'x', WIRE_BODY_MAX + 1);
        text[WIRE_BODY_MAX + extra] = 0;
        int size = sprintf(line, "{\"id\":\"a\",\"customer\":\"c\",\"turns\":[{\"from\":\"customer\",\"text\":\"%s\"}]}", text);
        assert_int_equal(load_bytes(fixture, DIALOGUE_jsonl, line, (size_t)size), extra ? STATUS_bad_input : STATUS_ok);
        free(text);
        free(line);
    }
}

static void what_is_no_readable_file_is_named(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(dialogues_load(&fixture->dialogues, DIALOGUE_star, "/nowhere/x", &fixture->error), STATUS_not_found);
    assert_string_equal(fixture->error.text, "/nowhere/x: No such file or directory");
    assert_int_equal(dialogues_load(&fixture->dialogues, DIALOGUE_star, "/tmp", &fixture->error), STATUS_bad_input);
    assert_string_equal(fixture->error.text, "/tmp: Is a directory");
}

/* The data stays beside the project: ../shared/data. Skips the test where it is not. */
static void load_shared(struct fixture *fixture, enum dialogue_format format, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%.*s../../../shared/data/%s", (int)(strrchr(__FILE__, '/') + 1 - __FILE__), __FILE__, name);
    if (access(path, R_OK) != 0)
        skip();
    if (dialogues_load(&fixture->dialogues, format, path, &fixture->error) != STATUS_ok)
        fail_msg("%s", fixture->error.text);
}

static uint64_t count_turns(const struct dialogues *dialogues)
{
    uint64_t turns = 0;
    for (uint32_t i = 0; i < dialogues->count; i++)
        turns += dialogues->all[i]->turns_count;
    return turns;
}

static void the_whole_star_recording_is_read(void **state)
{
    struct fixture *fixture = *state;
    load_shared(fixture, DIALOGUE_star, "star/dialogues.jsonl");
    assert_int_equal(fixture->dialogues.count, 2483);
    assert_int_equal(count_turns(&fixture->dialogues), 35750);
}

static void the_whole_multidogo_recording_is_read(void **state)
{
    struct fixture *fixture = *state;
    load_shared(fixture, DIALOGUE_multidogo, "multidogo/customer_turns.jsonl");
    assert_int_equal(fixture->dialogues.count, 4247);
    /* 17 of its 34921 turns have no text. */
    assert_int_equal(count_turns(&fixture->dialogues), 2 * (34921 - 17));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_star_line_becomes_a_dialogue, setup, teardown),
        cmocka_unit_test_setup_teardown(a_star_clock_set_back_makes_no_negative_gap, setup, teardown),
        cmocka_unit_test_setup_teardown(multidogo_expects_any_answer_after_each_customer_turn, setup, teardown),
        cmocka_unit_test_setup_teardown(a_jsonl_line_keeps_everything_it_says, setup, teardown),
        cmocka_unit_test_setup_teardown(a_dialogue_is_found_by_its_address_and_a_turn_by_its_key, setup, teardown),
        cmocka_unit_test_setup_teardown(hostile_star_lines_are_refused_by_line_and_field, setup, teardown),
        cmocka_unit_test_setup_teardown(hostile_multidogo_lines_are_refused_by_line_and_field, setup, teardown),
        cmocka_unit_test_setup_teardown(hostile_jsonl_lines_are_refused_by_line_and_field, setup, teardown),
        cmocka_unit_test_setup_teardown(bytes_that_are_no_text_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(deep_nesting_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_line_that_is_too_long_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_text_at_the_limit_is_taken_and_one_byte_more_is_not, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_readable_file_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(the_whole_star_recording_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(the_whole_multidogo_recording_is_read, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
