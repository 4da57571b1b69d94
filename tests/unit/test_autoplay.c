#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "connectors/common/autoplay.h"

static const struct handover to_support = {.queue = {"support", 7}, .note = {"angry", 5}};

/* Key by key: C customer, A agent, B bot, T the bot hands over. */
static struct turn turns[] = {
    {.from = SPEAKER_customer, .key = {"c-0", 3}, .text = {"hello", 5}}, {.from = SPEAKER_bot, .key = {"c-1", 3}, .text = {"hi", 2}},
    {.from = SPEAKER_customer, .key = {"c-2", 3}, .text = {"help", 4}},  {.from = SPEAKER_bot, .key = {"c-3", 3}, .handover = &to_support},
    {.from = SPEAKER_agent, .key = {"c-4", 3}, .text = {"I am Ana", 8}}, {.from = SPEAKER_agent, .key = {"c-5", 3}},
    {.from = SPEAKER_customer, .key = {"c-6", 3}, .text = {"bye", 3}},
};
static const struct dialogue dialogue = {.address = {"c", 1}, .turns = turns, .turns_count = 7};

enum { LISTEN = -1, FINISH = -2 };

/* What an agent does who was handed these records: the turn it plays, or LISTEN or FINISH. "m0" is the message that plays turn 0; r: reply,
 * t: transferred, n: note. */
static int next_after(const char *records)
{
    struct place place = {0};
    uint32_t turn;
    for (const char *at = records; *at; at += at[2] ? 3 : 2) {
        char key[] = {'c', '-', at[1]};
        uint64_t kind = at[0] == 'm' ? RECORD_message : at[0] == 'r' ? RECORD_reply : at[0] == 't' ? RECORD_transferred : RECORD_note;
        struct wire_record record = {.kind = kind, .key = {key, 3}};
        autoplay_see(&place, &dialogue, &record);
    }
    switch (autoplay_next(place, &dialogue, &turn)) {
    case AUTOPLAY_listen:
        return LISTEN;
    case AUTOPLAY_play:
        return (int)turn;
    case AUTOPLAY_finish:
        return FINISH;
    }
    return LISTEN;
}

static void the_customer_begins(void **state)
{
    (void)state;
    assert_int_equal(next_after(""), LISTEN);
    assert_int_equal(next_after("m0"), 1);
}

static void after_its_turn_the_agent_listens(void **state)
{
    (void)state;
    assert_int_equal(next_after("m0 r1"), LISTEN);
    assert_int_equal(next_after("m0 r1 m2"), 3);
}

static void the_next_owner_goes_on_behind_the_transfer(void **state)
{
    (void)state;
    assert_int_equal(next_after("m0 r1 m2 t3"), 4);
    assert_int_equal(next_after("m0 r1 m2 t3 r4"), 5);
}

static void after_the_last_turn_the_conversation_is_finished(void **state)
{
    (void)state;
    assert_int_equal(next_after("m0 r1 m2 t3 r4 r5"), LISTEN);
    assert_int_equal(next_after("m0 r1 m2 t3 r4 r5 m6"), FINISH);
}

static void a_customer_who_writes_ahead_gets_every_answer_in_order(void **state)
{
    (void)state;
    assert_int_equal(next_after("m0 m2 m6"), 1);
    assert_int_equal(next_after("m0 m2 m6 r1"), 3);
    assert_int_equal(next_after("m0 m2 m6 r1 t3 r4"), 5);
    assert_int_equal(next_after("m0 m2 m6 r1 t3 r4 r5"), FINISH);
}

static void a_record_seen_twice_does_not_move_the_place(void **state)
{
    (void)state;
    assert_int_equal(next_after("m0 r1 m2 m0 r1"), 3);
}

static void the_newest_records_are_enough(void **state)
{
    (void)state;
    assert_int_equal(next_after("m2 t3"), 4);
    assert_int_equal(next_after("r5 m6"), FINISH);
}

static void what_others_wrote_does_not_count(void **state)
{
    (void)state;
    struct place place = {0};
    uint32_t turn;
    const struct wire_record strange[] = {
        {.kind = RECORD_reply, .key = {"x-1", 3}},
        {.kind = RECORD_reply, .key = {"c-9", 3}},
        {.kind = RECORD_reply},
        {.kind = RECORD_reply, .key = {"c-0", 3}},
        {.kind = RECORD_message, .key = {"c-1", 3}},
        {.kind = RECORD_message, .key = {"c-00", 4}},
    };
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++)
        autoplay_see(&place, &dialogue, &strange[i]);
    assert_int_equal(autoplay_next(place, &dialogue, &turn), AUTOPLAY_listen);
    assert_int_equal(place.heard + place.played, 0);
    assert_int_equal(next_after("m0 n1"), 1);
}

static void assert_span(struct span actual, const char *expected)
{
    assert_int_equal(actual.size, strlen(expected));
    assert_memory_equal(actual.data, expected, actual.size);
}

static void a_text_turn_is_played_as_a_reply(void **state)
{
    (void)state;
    struct wire_change change = autoplay_change(&dialogue, 4, 77, 3);
    assert_int_equal(change.kind, CHANGE_reply);
    assert_int_equal(change.conversation, 77);
    assert_int_equal(change.epoch, 3);
    assert_span(change.key, "c-4");
    assert_span(change.text, "I am Ana");
}

static void a_hand_over_is_played_as_a_transfer_with_its_note(void **state)
{
    (void)state;
    struct wire_change change = autoplay_change(&dialogue, 3, 77, 2);
    assert_int_equal(change.kind, CHANGE_transfer);
    assert_span(change.key, "c-3");
    assert_span(change.queue, "support");
    assert_span(change.text, "angry");
    assert_int_equal(change.reason.size, 0);
}

static void a_turn_that_was_not_recorded_is_played_with_a_ready_made_text(void **state)
{
    (void)state;
    struct wire_change change = autoplay_change(&dialogue, 5, 77, 3);
    assert_int_equal(change.kind, CHANGE_reply);
    assert_true(change.text.size > 0);
    assert_true(span_equal(change.text, autoplay_ready_made()));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_customer_begins),
        cmocka_unit_test(after_its_turn_the_agent_listens),
        cmocka_unit_test(the_next_owner_goes_on_behind_the_transfer),
        cmocka_unit_test(after_the_last_turn_the_conversation_is_finished),
        cmocka_unit_test(a_customer_who_writes_ahead_gets_every_answer_in_order),
        cmocka_unit_test(a_record_seen_twice_does_not_move_the_place),
        cmocka_unit_test(the_newest_records_are_enough),
        cmocka_unit_test(what_others_wrote_does_not_count),
        cmocka_unit_test(a_text_turn_is_played_as_a_reply),
        cmocka_unit_test(a_hand_over_is_played_as_a_transfer_with_its_note),
        cmocka_unit_test(a_turn_that_was_not_recorded_is_played_with_a_ready_made_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
