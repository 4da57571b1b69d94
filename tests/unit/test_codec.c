#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/change.h"
#include "proto/codec.h"
#include "proto/utf8.h"

/* The bytes of a string literal, NULs and all. */
#define BYTES(literal) ((struct span){literal, sizeof(literal) - 1})
#define HELLO_HEAD "\x85\x00\x01\x01\x01\x02\x01"
#define HELLO HELLO_HEAD "\x03\xa3web\x04\xa1t"

struct fixture {
    struct arena arena;
    struct buffer buffer;
    struct frame frame;
    struct codec_error error;
};

static int setup(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){0};
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    arena_fini(&fixture->arena);
    buffer_fini(&fixture->buffer);
    return 0;
}

static struct span written(const struct fixture *fixture)
{
    return (struct span){fixture->buffer.data, (uint32_t)fixture->buffer.size};
}

static enum status decode(struct fixture *fixture, struct span bytes)
{
    return codec_decode(bytes, &fixture->arena, &fixture->frame, &fixture->error);
}

static void assert_span(struct span actual, const char *expected)
{
    assert_int_equal(actual.size, strlen(expected));
    assert_memory_equal(actual.data, expected, actual.size);
}

static void assert_bytes(struct span actual, struct span expected)
{
    assert_int_equal(actual.size, expected.size);
    assert_memory_equal(actual.data, expected.data, expected.size);
}

static void assert_refused(struct fixture *fixture, struct span bytes, enum status status, const char *detail)
{
    assert_string_equal(status_name(decode(fixture, bytes)), status_name(status));
    assert_string_equal(fixture->error.detail, detail);
}

static void assert_text(struct fixture *fixture, const char *expected)
{
    buffer_append(&fixture->buffer, "", 1);
    assert_string_equal(fixture->buffer.data, expected);
}

static struct frame submit_of(struct wire_change *changes, uint32_t count)
{
    return (struct frame){.verb = VERB_submit, .submit = {.session = 7, .changes = changes, .changes_count = count}};
}

static struct wire_change message(const char *key, const char *text)
{
    return (struct wire_change){.kind = CHANGE_message, .key = span_of(key), .address = span_of("ana@example.org"), .text = span_of(text)};
}

/* --- decoding --- */

static void a_hello_is_read(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(decode(fixture, BYTES(HELLO)), STATUS_ok);
    assert_int_equal(fixture->frame.verb, VERB_hello);
    assert_int_equal(fixture->frame.hello.version, 1);
    assert_int_equal(fixture->frame.hello.role, ROLE_connector);
    assert_span(fixture->frame.hello.name, "web");
    assert_span(fixture->frame.hello.token, "t");
}

static void a_number_may_have_any_unsigned_or_positive_signed_form(void **state)
{
    const struct span forms[] = {
        BYTES("\x82\x00\x07\x01\x05"),
        BYTES("\x82\x00\x07\x01\xcc\x05"),
        BYTES("\x82\x00\x07\x01\xcd\x00\x05"),
        BYTES("\x82\x00\x07\x01\xce\x00\x00\x00\x05"),
        BYTES("\x82\x00\x07\x01\xcf\x00\x00\x00\x00\x00\x00\x00\x05"),
        BYTES("\x82\x00\x07\x01\xd0\x05"),
        BYTES("\x82\x00\x07\x01\xd1\x00\x05"),
        BYTES("\x82\x00\x07\x01\xd2\x00\x00\x00\x05"),
        BYTES("\x82\x00\x07\x01\xd3\x00\x00\x00\x00\x00\x00\x00\x05"),
        BYTES("\xde\x00\x02\x00\x07\xcd\x00\x01\x05"),
        BYTES("\xdf\x00\x00\x00\x02\xcc\x00\xcc\x07\x01\x05"),
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        assert_int_equal(decode(fixture, forms[i]), STATUS_ok);
        assert_int_equal(fixture->frame.heartbeat.session, 5);
    }
}

static void a_text_may_have_any_str_form(void **state)
{
    const struct span forms[] = {
        BYTES(HELLO_HEAD "\x04\xa1t\x03\xa3web"),
        BYTES(HELLO_HEAD "\x04\xa1t\x03\xd9\x03web"),
        BYTES(HELLO_HEAD "\x04\xa1t\x03\xda\x00\x03web"),
        BYTES(HELLO_HEAD "\x04\xa1t\x03\xdb\x00\x00\x00\x03web"),
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        assert_int_equal(decode(fixture, forms[i]), STATUS_ok);
        assert_span(fixture->frame.hello.name, "web");
    }
}

static void unknown_keys_are_skipped_whatever_they_hold(void **state)
{
    struct fixture *fixture = *state;
    struct span bytes =
        BYTES("\x85\x00\x07\x63\x81\xa1x\x92\xc0\xcb\x40\x09\x21\xfb\x54\x44\x2d\x18\x01\x05\xcd\x12\x34\xc4\x02\xff\xff\x62\xd4\x01\x00");
    assert_int_equal(decode(fixture, bytes), STATUS_ok);
    assert_int_equal(fixture->frame.heartbeat.session, 5);
}

static void absent_optional_fields_read_as_nothing(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(decode(fixture, BYTES("\x82\x00\x05\x01\x05")), STATUS_ok);
    assert_int_equal(fixture->frame.fetch.cursor, 0);
    assert_int_equal(fixture->frame.fetch.credit, 0);
}

static void a_raw_value_is_kept_as_it_came(void **state)
{
    struct fixture *fixture = *state;
    struct span bytes = BYTES("\x83\x00\x03\x01\x07\x02\x91\x83\x01\x01\x02\xa1k\x14\x81\xa1x\xcd\x00\x01");
    assert_int_equal(decode(fixture, bytes), STATUS_ok);
    assert_bytes(fixture->frame.submit.changes[0].native, BYTES("\x81\xa1x\xcd\x00\x01"));
}

/* --- refusals --- */

static void bytes_that_are_not_one_whole_value_are_a_bad_frame(void **state)
{
    struct fixture *fixture = *state;
    assert_refused(fixture, BYTES(""), STATUS_bad_frame, "frame: not msgpack, or cut short, at byte 0 of 0");
    assert_refused(fixture, BYTES("\x82\x00\x07\x01"), STATUS_bad_frame, "frame: not msgpack, or cut short, at byte 1 of 4");
    assert_refused(fixture, BYTES("\x82\x00\x07\x01\xcd\x01"), STATUS_bad_frame, "frame: not msgpack, or cut short, at byte 5 of 6");
    assert_refused(fixture, BYTES("\x82\x00\x07\x01\xc1"), STATUS_bad_frame, "frame: not msgpack, or cut short, at byte 5 of 5");
    assert_refused(fixture, BYTES("\x82\x00\x07\x01\x05!"), STATUS_bad_frame, "frame: 1 bytes after its end");
    assert_refused(fixture, BYTES("\x05"), STATUS_bad_frame, "frame: expected a map");
}

static void a_count_that_the_bytes_left_cannot_hold_is_refused_at_its_head(void **state)
{
    struct fixture *fixture = *state;
    assert_refused(fixture, BYTES("\xdd\xff\xff\xff\xff"), STATUS_bad_frame, "frame: not msgpack, or cut short, at byte 5 of 5");
    assert_refused(fixture, BYTES("\xdf\xff\xff\xff\xff"), STATUS_bad_frame, "frame: not msgpack, or cut short, at byte 5 of 5");
    assert_refused(fixture, BYTES("\x83\x00\x03\x01\x07\x02\xdd\x00\x00\x10\x00\x80\x80"), STATUS_bad_frame,
                   "frame: not msgpack, or cut short, at byte 11 of 13");
    assert_refused(fixture, BYTES("\x82\x00\x01\x03\xdb\xff\xff\xff\xff"), STATUS_bad_frame,
                   "frame: not msgpack, or cut short, at byte 9 of 9");
}

static void nesting_beyond_the_limit_is_too_deep(void **state)
{
    struct fixture *fixture = *state;
    char bytes[1000];
    memcpy(bytes, "\x83\x00\x07\x01\x05\x63", 6);
    memset(bytes + 6, '\x91', sizeof bytes - 6);
    assert_refused(fixture, (struct span){bytes, sizeof bytes}, STATUS_too_deep, "frame: nested deeper than 16 at byte 22");
    bytes[6 + WIRE_DEPTH_MAX - 1] = '\xc0';
    assert_int_equal(decode(fixture, (struct span){bytes, 6 + WIRE_DEPTH_MAX}), STATUS_ok);
}

static void histories_within_histories_end_at_the_limit_of_nesting(void **state)
{
    struct fixture *fixture = *state;
    struct buffer bytes = {0};
    buffer_append(&bytes, "\x82\x00\x06\x02", 4);
    for (int i = 0; i < 100000; i++)
        buffer_append(&bytes, "\x91\x81\x1a", 3);
    buffer_append(&bytes, "\x90", 1);
    assert_refused(fixture, buffer_span(&bytes), STATUS_too_deep, "frame: nested deeper than 16 at byte 27");
    buffer_fini(&bytes);
}

static void the_verb_has_to_come_first(void **state)
{
    struct fixture *fixture = *state;
    assert_refused(fixture, BYTES("\x80"), STATUS_missing_field, "frame: key 0, the verb, has to come first");
    assert_refused(fixture, BYTES("\x82\x01\x05\x00\x07"), STATUS_missing_field, "frame: key 0, the verb, has to come first");
    assert_refused(fixture, BYTES("\x81\x00\xa5hello"), STATUS_bad_field, "frame.verb: expected an unsigned integer");
}

static void an_unknown_verb_is_named(void **state)
{
    struct fixture *fixture = *state;
    assert_refused(fixture, BYTES("\x81\x00\x0a"), STATUS_unknown_verb, "frame.verb: there is no verb 10");
    assert_int_equal(fixture->error.verb, 10);
    assert_refused(fixture, BYTES("\x81\x00\xcf\xff\xff\xff\xff\xff\xff\xff\xff"), STATUS_unknown_verb,
                   "frame.verb: there is no verb 18446744073709551615");
    assert_int_equal(fixture->error.verb, 0);
}

static void a_missing_field_is_named_with_its_place(void **state)
{
    struct fixture *fixture = *state;
    assert_refused(fixture, BYTES("\x81\x00\x07"), STATUS_missing_field, "heartbeat.session: required");
    assert_int_equal(fixture->error.verb, VERB_heartbeat);
    assert_refused(fixture, BYTES("\x83\x00\x03\x01\x07\x02\x92\x82\x01\x01\x02\xa1k\x81\x02\xa1l"), STATUS_missing_field,
                   "submit.changes[1].kind: required");
}

static void a_field_of_another_type_is_named(void **state)
{
    struct fixture *fixture = *state;
    assert_refused(fixture, BYTES("\x82\x00\x07\x01\xff"), STATUS_bad_field, "heartbeat.session: expected an unsigned integer");
    assert_refused(fixture, BYTES("\x82\x00\x07\x01\xa1x"), STATUS_bad_field, "heartbeat.session: expected an unsigned integer");
    assert_refused(fixture, BYTES("\x82\x00\x07\x01\xc0"), STATUS_bad_field, "heartbeat.session: expected an unsigned integer");
    assert_refused(fixture, BYTES("\x82\x00\x01\x03\xc4\x01x"), STATUS_bad_field, "hello.name: expected text");
    assert_refused(fixture, BYTES("\x83\x00\x03\x01\x07\x02\x80"), STATUS_bad_field, "submit.changes: expected an array");
    assert_refused(fixture, BYTES("\x83\x00\x03\x01\x07\x02\x91\x01"), STATUS_bad_field, "submit.changes[0]: expected a map");
    assert_refused(fixture, BYTES("\x82\x00\x07\xa1x\x05"), STATUS_bad_field, "heartbeat: keys are unsigned integers");
}

static void a_number_beyond_its_limit_is_a_bad_field(void **state)
{
    struct fixture *fixture = *state;
    assert_refused(fixture, BYTES("\x82\x00\x01\x02\x04"), STATUS_bad_field, "hello.role: at most 3");
    assert_int_equal(decode(fixture, BYTES("\x82\x00\x07\x01\xcf\xff\xff\xff\xff\xff\xff\xff\xff")), STATUS_ok);
    assert_true(fixture->frame.heartbeat.session == UINT64_MAX);
}

static void a_field_given_twice_is_refused(void **state)
{
    struct fixture *fixture = *state;
    assert_refused(fixture, BYTES("\x83\x00\x07\x01\x05\x01\x05"), STATUS_duplicate_field, "heartbeat.session: given twice");
    assert_refused(fixture, BYTES("\x83\x00\x07\x01\x05\x00\x07"), STATUS_duplicate_field, "heartbeat: key 0 is given twice");
    assert_refused(fixture, BYTES("\x84\x00\x07\x01\x05\x3f\x00\x3f\x00"), STATUS_duplicate_field, "heartbeat: key 63 is given twice");
}

static void a_text_beyond_its_limit_is_too_large(void **state)
{
    struct fixture *fixture = *state;
    char name[WIRE_NAME_MAX + 1];
    memset(name, 'x', sizeof name);
    const char head[] = {'\x85', 0, 1, 1, 1, 2, 1, 4, '\xa0', 3, '\xd9', sizeof name};
    buffer_append(&fixture->buffer, head, sizeof head);
    buffer_append(&fixture->buffer, name, sizeof name);
    assert_refused(fixture, written(fixture), STATUS_too_large, "hello.name: at most 64 bytes");
    fixture->buffer.data[sizeof head - 1] = WIRE_NAME_MAX;
    fixture->buffer.size--;
    assert_int_equal(decode(fixture, written(fixture)), STATUS_ok);
}

static void a_list_beyond_its_limit_is_too_large(void **state)
{
    struct fixture *fixture = *state;
    buffer_append(&fixture->buffer, "\x83\x00\x03\x01\x07\x02\xdc\x10\x01", 9);
    for (int i = 0; i < WIRE_BATCH_MAX + 1; i++)
        buffer_append(&fixture->buffer, "\x80", 1);
    assert_refused(fixture, written(fixture), STATUS_too_large, "submit.changes: at most 4096 items");
    fixture->buffer.data[8] = 0;
    fixture->buffer.size--;
    assert_refused(fixture, written(fixture), STATUS_missing_field, "submit.changes[0].kind: required");
}

static void a_frame_beyond_the_limit_is_too_large(void **state)
{
    struct fixture *fixture = *state;
    char *bytes = buffer_reserve(&fixture->buffer, WIRE_FRAME_MAX + 1);
    memcpy(bytes, "\xc6\x00\x3f\xff\xfc", 5);
    assert_refused(fixture, (struct span){bytes, WIRE_FRAME_MAX + 1}, STATUS_too_large, "frame: at most 4194304 bytes");
}

/* Half a million records of 7 bytes each would become 200 MB of structs. */
static void a_frame_of_tiny_records_is_refused_before_it_fills_memory(void **state)
{
    struct fixture *fixture = *state;
    buffer_append(&fixture->buffer, "\x83\x00\x06\x01\x05\x02\xdc\x03\xe8", 9);
    for (int i = 0; i < 1000; i++) {
        buffer_append(&fixture->buffer, "\x84\x01\x06\x02\x01\x03\x01\x1a\xdc\x01\xf4", 11);
        for (int j = 0; j < 500; j++)
            buffer_append(&fixture->buffer, "\x83\x01\x06\x02\x01\x03\x01", 7);
    }
    assert_int_equal(decode(fixture, written(fixture)), STATUS_too_large);
    assert_non_null(strstr(fixture->error.detail, ".history: the frame holds too many items in all"));
}

static void text_that_is_not_utf8_is_a_bad_field(void **state)
{
    struct fixture *fixture = *state;
    assert_refused(fixture, BYTES("\x82\x00\x01\x03\xa2\xc3\x28"), STATUS_bad_field, "hello.name: not valid UTF-8");
    assert_refused(fixture, BYTES("\x83\x00\x03\x01\x07\x02\x91\x83\x01\x01\x02\xa1k\x14\x91\xa1\xff"), STATUS_bad_field,
                   "submit.changes[0].native: not valid UTF-8 inside");
}

static void a_raw_value_is_kept_shallow_enough_to_travel_inside_a_history(void **state)
{
    struct fixture *fixture = *state;
    assert_refused(fixture, BYTES("\x83\x00\x03\x01\x07\x02\x91\x83\x01\x01\x02\xa1k\x14\x91\x91\x91\x91\x91\x91\x91\x91\x91\x01"),
                   STATUS_too_deep, "submit.changes[0].native: nested deeper than 8");
    struct wire_record inner = {.kind = RECORD_message, .native = BYTES("\x91\x91\x91\x91\x91\x91\x91\x91\x01") };
    struct wire_record outer = {.kind = RECORD_assigned, .history = &inner, .history_count = 1};
    struct frame frame = {.verb = VERB_fetched, .fetched = {.deliveries = &outer, .deliveries_count = 1}};
    codec_encode(&fixture->buffer, &frame);
    assert_int_equal(decode(fixture, written(fixture)), STATUS_ok);
}

static void utf8_is_held_to_the_standard(void **state)
{
    static const char *const good[] = {"",
                                       "plain",
                                       "ñandú, plaça, coração: ¿qué tal?",
                                       "eight by\xc3\xa9tes and more",
                                       "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80",
                                       "\xf0\x90\x80\x80",
                                       "\xf4\x8f\xbf\xbf",
                                       "12345678\xf0\x9f\x99\x82"};
    static const char *const bad[] = {"\x80",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xe0\x9f\xbf",
                                      "\xed\xa0\x80",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xe2\x82",
                                      "12345678\xc3",
                                      "\xf0\x9f\x99",
                                      "\xc3\x28",
                                      "\xe2\x28\xa1",
                                      "\xf0\x9f\x28\x82",
                                      "12345678"
                                      "1234567\xff"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(utf8_valid(span_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(utf8_valid(span_of(bad[i])));
}

/* --- encoding --- */

static void a_hello_is_written_byte_for_byte(void **state)
{
    struct fixture *fixture = *state;
    struct frame frame = {.verb = VERB_hello,
                          .hello = {.version = 1, .role = ROLE_connector, .name = span_of("web"), .token = span_of("t")}};
    codec_encode(&fixture->buffer, &frame);
    assert_bytes(written(fixture), BYTES(HELLO));
}

static void numbers_take_their_shortest_form(void **state)
{
    const struct {
        uint64_t session;
        struct span form;
    } numbers[] = {
        {0, BYTES("\x00")},
        {0x7f, BYTES("\x7f")},
        {0x80, BYTES("\xcc\x80")},
        {0xff, BYTES("\xcc\xff")},
        {0x100, BYTES("\xcd\x01\x00")},
        {0xffff, BYTES("\xcd\xff\xff")},
        {0x10000, BYTES("\xce\x00\x01\x00\x00")},
        {0xffffffff, BYTES("\xce\xff\xff\xff\xff")},
        {0x100000000, BYTES("\xcf\x00\x00\x00\x01\x00\x00\x00\x00")},
        {UINT64_MAX, BYTES("\xcf\xff\xff\xff\xff\xff\xff\xff\xff")},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct frame frame = {.verb = VERB_heartbeat, .heartbeat = {.session = numbers[i].session}};
        buffer_clear(&fixture->buffer);
        codec_encode(&fixture->buffer, &frame);
        assert_bytes((struct span){fixture->buffer.data + 4, (uint32_t)fixture->buffer.size - 4}, numbers[i].form);
    }
}

static void texts_take_their_shortest_form(void **state)
{
    const struct {
        uint32_t size;
        struct span head;
    } texts[] = {{1, BYTES("\xa1")},
                 {31, BYTES("\xbf")},
                 {32, BYTES("\xd9\x20")},
                 {255, BYTES("\xd9\xff")},
                 {256, BYTES("\xda\x01\x00")},
                 {65535, BYTES("\xda\xff\xff")},
                 {65536, BYTES("\xdb\x00\x01\x00\x00")}};
    static char body[WIRE_BODY_MAX];
    struct fixture *fixture = *state;
    memset(body, 'x', sizeof body);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct wire_change change = {.kind = CHANGE_note, .key = span_of("k"), .text = {body, texts[i].size}};
        buffer_clear(&fixture->buffer);
        codec_encode_change(&fixture->buffer, &change);
        assert_bytes((struct span){fixture->buffer.data + 7, texts[i].head.size}, texts[i].head);
        assert_int_equal(fixture->buffer.size, 7 + texts[i].head.size + texts[i].size);
    }
}

static void required_fields_are_written_even_when_empty_and_optional_ones_are_not(void **state)
{
    struct fixture *fixture = *state;
    struct frame frame = {.verb = VERB_fetched};
    codec_encode(&fixture->buffer, &frame);
    assert_bytes(written(fixture), BYTES("\x83\x00\x06\x01\x00\x02\x90"));
}

static void a_streamed_list_decodes_like_a_whole_one(void **state)
{
    struct fixture *fixture = *state;
    struct wire_change changes[20];
    for (int i = 0; i < 20; i++)
        changes[i] = message(i % 2 ? "odd" : "even", "hola");
    struct frame whole = submit_of(changes, 20), head = submit_of(NULL, 0);
    struct buffer one = {0};
    codec_encode_change(&one, &changes[0]);
    struct codec_list list = codec_begin(&fixture->buffer, &head);
    codec_items_bytes(&list, 1, (struct span){one.data, (uint32_t)one.size});
    for (int i = 1; i < 20; i++)
        codec_change(&list, &changes[i]);
    codec_end(&list);
    assert_int_equal(list.count, 20);
    assert_int_equal(decode(fixture, written(fixture)), STATUS_ok);
    struct buffer again = {0}, direct = {0};
    codec_encode(&again, &fixture->frame);
    codec_encode(&direct, &whole);
    assert_bytes((struct span){again.data, (uint32_t)again.size}, (struct span){direct.data, (uint32_t)direct.size});
    buffer_fini(&one);
    buffer_fini(&again);
    buffer_fini(&direct);
}

static void a_streamed_list_follows_the_frames_other_fields_wherever_its_key_stands(void **state)
{
    struct fixture *fixture = *state;
    struct frame head = {.verb = VERB_page, .page = {.conversation = 4, .before = 9, .owner = span_of("ana")}};
    struct wire_record record = {.kind = RECORD_note, .lsn = 12, .at_ms = 1};
    struct codec_list list = codec_begin(&fixture->buffer, &head);
    codec_record(&list, &record);
    codec_end(&list);
    assert_int_equal(decode(fixture, written(fixture)), STATUS_ok);
    assert_int_equal(fixture->frame.page.before, 9);
    assert_span(fixture->frame.page.owner, "ana");
    assert_int_equal(fixture->frame.page.records_count, 1);
    assert_int_equal(fixture->frame.page.records[0].lsn, 12);
}

static void an_empty_streamed_list_is_an_empty_list(void **state)
{
    struct fixture *fixture = *state;
    struct frame head = {.verb = VERB_submitted};
    struct codec_list list = codec_begin(&fixture->buffer, &head);
    codec_end(&list);
    assert_int_equal(decode(fixture, written(fixture)), STATUS_ok);
    assert_int_equal(fixture->frame.submitted.results_count, 0);
}

/* --- text --- */

static void a_frame_reads_as_one_line(void **state)
{
    struct fixture *fixture = *state;
    struct wire_skill skill = {.name = span_of("billing"), .level = 3};
    struct wire_change changes[] = {
        message("a1", "line one\nsays \"hi\" \\ \x01 ñ"),
        {.kind = CHANGE_transfer, .key = span_of("a2"), .conversation = 4, .epoch = 2, .skills = &skill, .skills_count = 1},
        {.kind = CHANGE_finish, .key = span_of("a3"), .state = SUBSTATE_resolved},
        {.kind = CHANGE_availability, .key = span_of("a4"), .state = AGENT_STATE_away},
        {.kind = CHANGE_receipt,
         .key = span_of("a5"),
         .state = RECEIPT_read,
         .native = BYTES("\x83\xa1x\x92\x01\xff\xc0\xc3\xa1y\xcb\x3f\xe0\x00\x00\x00\x00\x00\x00")},
    };
    struct frame frame = submit_of(changes, 5);
    codec_text(&fixture->buffer, &frame);
    assert_text(fixture, "submit session=7 changes=["
                         "{kind=message key=\"a1\" address=\"ana@example.org\" text=\"line one\\nsays \\\"hi\\\" \\\\ \\x01 ñ\"} "
                         "{kind=transfer key=\"a2\" conversation=4 epoch=2 skills=[{name=\"billing\" level=3}]} "
                         "{kind=finish key=\"a3\" state=resolved} "
                         "{kind=availability key=\"a4\" state=away} "
                         "{kind=receipt key=\"a5\" state=read native={\"x\": [1, -1], null: true, \"y\": 0.5}}]");
}

static void the_numbers_of_an_explanation_read_as_words(void **state)
{
    struct fixture *fixture = *state;
    struct wire_finding finding = {.agent = span_of("ana"), .verdict = VERDICT_no_room};
    struct frame frame = {.verb = VERB_explanation,
                          .explanation = {.conversation = 1,
                                          .state = SUBSTATE_queued,
                                          .priority = PRIORITY_high,
                                          .next = NEXT_next_step,
                                          .now_ms = 5,
                                          .findings = &finding,
                                          .findings_count = 1}};
    codec_text(&fixture->buffer, &frame);
    assert_text(fixture,
                "explanation conversation=1 state=queued priority=high ahead=0 eligible=0 signed_in=0 offers=0 next=next_step now_ms=5 "
                "findings=[{agent=\"ana\" verdict=no_room}]");
}

static void the_numbers_of_a_record_read_as_words(void **state)
{
    struct fixture *fixture = *state;
    struct wire_record records[] = {{.kind = RECORD_withdrawn, .lsn = 1, .tie = TIE_warm},
                                    {.kind = RECORD_overdue, .lsn = 2, .deadline = DEADLINE_resolution},
                                    {.kind = RECORD_held, .lsn = 3, .state = SUBSTATE_snoozed},
                                    {.kind = RECORD_transferred, .lsn = 4, .state = 1}};
    struct frame frame = {.verb = VERB_page, .page = {.conversation = 1, .records = records, .records_count = 4}};
    codec_text(&fixture->buffer, &frame);
    assert_text(fixture, "page conversation=1 records=[{kind=withdrawn lsn=1 at_ms=0 tie=warm} "
                         "{kind=overdue lsn=2 at_ms=0 deadline=resolution} {kind=held lsn=3 at_ms=0 state=snoozed} "
                         "{kind=transferred lsn=4 at_ms=0 state=escalated}]");
}

static void a_long_text_is_cut_between_characters(void **state)
{
    struct fixture *fixture = *state;
    char text[400];
    text[0] = 'x';
    for (int i = 1; i < 399; i += 2)
        memcpy(text + i, "é", 2);
    struct frame frame = {.verb = VERB_error, .error = {.status = STATUS_bad_token, .detail = {text, 399}}};
    codec_text(&fixture->buffer, &frame);
    assert_true(utf8_valid(written(fixture)));
    buffer_append(&fixture->buffer, "", 1);
    assert_string_equal(strrchr(fixture->buffer.data, '"'), "\"+240");
}

static void bytes_that_do_not_decode_read_as_their_error(void **state)
{
    struct fixture *fixture = *state;
    codec_text_bytes(&fixture->buffer, BYTES("\x81\x00\x07"));
    assert_text(fixture, "(missing_field: heartbeat.session: required)");
}

/* --- changes --- */

static void each_kind_of_change_says_what_it_misses(void **state)
{
    const char *field;
    struct wire_change change = message("k", "text");
    (void)state;
    assert_int_equal(change_check(&change, &field), STATUS_ok);
    assert_null(field);
    change.text = span_of("");
    assert_int_equal(change_check(&change, &field), STATUS_missing_field);
    assert_string_equal(field, "text, attachments or native");
    change.address = span_of("");
    assert_int_equal(change_check(&change, &field), STATUS_missing_field);
    assert_string_equal(field, "address");
    change.key = span_of("");
    assert_int_equal(change_check(&change, &field), STATUS_missing_field);
    assert_string_equal(field, "key");
    change.kind = 7;
    assert_int_equal(change_check(&change, &field), STATUS_bad_field);
    assert_string_equal(field, "kind");
}

static void a_change_names_only_states_it_knows(void **state)
{
    const char *field;
    struct wire_change change = {.kind = CHANGE_finish, .key = span_of("k"), .conversation = 1, .epoch = 1};
    (void)state;
    assert_int_equal(change_check(&change, &field), STATUS_ok);
    change.state = SUBSTATE_discarded;
    assert_int_equal(change_check(&change, &field), STATUS_ok);
    change.state = SUBSTATE_abandoned;
    assert_int_equal(change_check(&change, &field), STATUS_bad_field);
    assert_string_equal(field, "state");
    change.state = 255;
    assert_int_equal(change_check(&change, &field), STATUS_bad_field);
    change = (struct wire_change){.kind = CHANGE_availability, .key = span_of("k"), .state = AGENT_STATE_wrap_up};
    assert_int_equal(change_check(&change, &field), STATUS_ok);
    change.state = AGENT_STATE_not_responding;
    assert_int_equal(change_check(&change, &field), STATUS_bad_field);
}

static void assert_misses(struct wire_change change, const char *missing)
{
    const char *field;
    assert_int_equal(change_check(&change, &field), missing ? STATUS_missing_field : STATUS_ok);
    if (missing)
        assert_string_equal(field, missing);
    else
        assert_null(field);
}

static void a_transfer_may_go_where_the_rules_send_its_result(void **state)
{
    struct wire_change change = {.kind = CHANGE_transfer, .key = span_of("k"), .conversation = 1, .epoch = 1};
    (void)state;
    assert_misses(change, "queue, agent, skills or result");
    change.result = span_of("verified");
    assert_misses(change, NULL);
    change.kind = CHANGE_consult;
    assert_misses(change, "queue, agent or skills");
    change.agent = span_of("ben");
    assert_misses(change, NULL);
}

static void who_acts_on_what_it_owns_says_under_which_epoch(void **state)
{
    static const enum change_kind kinds[] = {CHANGE_nack, CHANGE_escalate, CHANGE_recall, CHANGE_give_back};
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct wire_change change = {.kind = kinds[i], .key = span_of("k"), .conversation = 1};
        assert_misses(change, "epoch");
        change.epoch = 1;
        assert_misses(change, NULL);
    }
    assert_misses((struct wire_change){.kind = CHANGE_claim, .key = span_of("k"), .conversation = 1}, NULL);
}

static void a_loan_needs_a_bot_and_an_end(void **state)
{
    struct wire_change change = {.kind = CHANGE_lend, .key = span_of("k"), .conversation = 1, .epoch = 1};
    (void)state;
    assert_misses(change, "agent");
    change.agent = span_of("idbot");
    assert_misses(change, "delay_ms");
    change.delay_ms = 1000;
    assert_misses(change, NULL);
}

static void an_operator_names_what_is_moved_and_which_queue(void **state)
{
    struct wire_change change = {.kind = CHANGE_move, .key = span_of("k")};
    (void)state;
    assert_misses(change, "conversation");
    change.conversation = 1;
    assert_misses(change, "queue");
    change.queue = span_of("sales");
    assert_misses(change, NULL);
    assert_misses((struct wire_change){.kind = CHANGE_bury, .key = span_of("k")}, "conversation");
    assert_misses((struct wire_change){.kind = CHANGE_pause, .key = span_of("k")}, "queue");
    assert_misses((struct wire_change){.kind = CHANGE_resume, .key = span_of("k")}, "queue");
}

static void a_change_belongs_to_one_role(void **state)
{
    (void)state;
    assert_int_equal(change_role(CHANGE_message), ROLE_connector);
    assert_int_equal(change_role(CHANGE_availability), ROLE_agent);
    assert_int_equal(change_role(CHANGE_give_back), ROLE_agent);
    assert_int_equal(change_role(CHANGE_move), ROLE_operator);
    assert_int_equal(change_role(CHANGE_resume), ROLE_operator);
}

static void only_requests_have_replies(void **state)
{
    (void)state;
    assert_int_equal(codec_reply_of(VERB_submit), VERB_submitted);
    assert_int_equal(codec_reply_of(VERB_bye), VERB_alive);
    assert_int_equal(codec_reply_of(VERB_submitted), VERB_error);
    assert_int_equal(codec_reply_of(VERB_error), VERB_error);
    assert_int_equal(codec_reply_of((enum verb)10), VERB_error);
    assert_int_equal(codec_reply_of((enum verb)1000), VERB_error);
}

/* --- memory --- */

static void an_arena_gives_zeroed_memory_again_and_again(void **state)
{
    struct fixture *fixture = *state;
    for (int round = 0; round < 3; round++) {
        for (size_t size = 1; size < 100000; size = size * 3 + 1) {
            unsigned char *taken = arena_take(&fixture->arena, size);
            assert_int_equal((uintptr_t)taken % _Alignof(max_align_t), 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(taken[i], 0);
            memset(taken, 0xff, size);
        }
        arena_clear(&fixture->arena);
    }
}

static void a_cleared_arena_is_used_again_but_keeps_no_giant(void **state)
{
    struct fixture *fixture = *state;
    arena_take(&fixture->arena, 100);
    struct arena_chunk *first = fixture->arena.chunks;
    arena_clear(&fixture->arena);
    arena_take(&fixture->arena, 200);
    assert_ptr_equal(fixture->arena.chunks, first);
    arena_take(&fixture->arena, 1 << 20);
    arena_clear(&fixture->arena);
    assert_null(fixture->arena.chunks);
}

static void a_buffer_keeps_what_was_written_while_it_grows(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 10000; i++)
        buffer_append(&fixture->buffer, &i, sizeof i);
    assert_int_equal(fixture->buffer.size, 10000 * sizeof(int));
    for (int i = 0; i < 10000; i++)
        assert_memory_equal(fixture->buffer.data + (size_t)i * sizeof i, &i, sizeof i);
    buffer_append(&fixture->buffer, NULL, 0);
    assert_int_equal(fixture->buffer.size, 10000 * sizeof(int));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_hello_is_read),
        TEST(a_number_may_have_any_unsigned_or_positive_signed_form),
        TEST(a_text_may_have_any_str_form),
        TEST(unknown_keys_are_skipped_whatever_they_hold),
        TEST(absent_optional_fields_read_as_nothing),
        TEST(a_raw_value_is_kept_as_it_came),
        TEST(bytes_that_are_not_one_whole_value_are_a_bad_frame),
        TEST(a_count_that_the_bytes_left_cannot_hold_is_refused_at_its_head),
        TEST(nesting_beyond_the_limit_is_too_deep),
        TEST(histories_within_histories_end_at_the_limit_of_nesting),
        TEST(the_verb_has_to_come_first),
        TEST(an_unknown_verb_is_named),
        TEST(a_missing_field_is_named_with_its_place),
        TEST(a_field_of_another_type_is_named),
        TEST(a_number_beyond_its_limit_is_a_bad_field),
        TEST(a_field_given_twice_is_refused),
        TEST(a_text_beyond_its_limit_is_too_large),
        TEST(a_list_beyond_its_limit_is_too_large),
        TEST(a_frame_beyond_the_limit_is_too_large),
        TEST(a_frame_of_tiny_records_is_refused_before_it_fills_memory),
        TEST(text_that_is_not_utf8_is_a_bad_field),
        TEST(a_raw_value_is_kept_shallow_enough_to_travel_inside_a_history),
        TEST(utf8_is_held_to_the_standard),
        TEST(a_hello_is_written_byte_for_byte),
        TEST(numbers_take_their_shortest_form),
        TEST(texts_take_their_shortest_form),
        TEST(required_fields_are_written_even_when_empty_and_optional_ones_are_not),
        TEST(a_streamed_list_decodes_like_a_whole_one),
        TEST(a_streamed_list_follows_the_frames_other_fields_wherever_its_key_stands),
        TEST(an_empty_streamed_list_is_an_empty_list),
        TEST(a_frame_reads_as_one_line),
        TEST(a_long_text_is_cut_between_characters),
        TEST(bytes_that_do_not_decode_read_as_their_error),
        TEST(each_kind_of_change_says_what_it_misses),
        TEST(a_change_names_only_states_it_knows),
        TEST(a_transfer_may_go_where_the_rules_send_its_result),
        TEST(who_acts_on_what_it_owns_says_under_which_epoch),
        TEST(a_loan_needs_a_bot_and_an_end),
        TEST(an_operator_names_what_is_moved_and_which_queue),
        TEST(a_change_belongs_to_one_role),
        TEST(the_numbers_of_an_explanation_read_as_words),
        TEST(the_numbers_of_a_record_read_as_words),
        TEST(only_requests_have_replies),
        TEST(an_arena_gives_zeroed_memory_again_and_again),
        TEST(a_cleared_arena_is_used_again_but_keeps_no_giant),
        TEST(a_buffer_keeps_what_was_written_while_it_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
