#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
// The order matters: cmocka.h needs those above.
#include <cmocka.h>

#include "bench/tally.h"
#include "proto/buffer.h"

static bool named_bot(const void *context, struct span agent)
{
    (void)context;
    return span_equal(agent, span_of("bot"));
}

static struct wire_record at(uint64_t at_ms, enum record_kind kind)
{
    return (struct wire_record){.kind = kind, .at_ms = at_ms, .conversation = 7};
}

static struct wire_record assigned(uint64_t at_ms, const char *agent)
{
    struct wire_record record = at(at_ms, RECORD_assigned);
    record.agent = span_of(agent);
    record.queue = span_of("support");
    return record;
}

static struct wire_record reply(uint64_t at_ms, const char *author)
{
    struct wire_record record = at(at_ms, RECORD_reply);
    record.author = span_of(author);
    return record;
}

static struct wire_record handed_over(uint64_t at_ms, const char *from)
{
    struct wire_record record = at(at_ms, RECORD_transferred);
    record.author = span_of(from);
    record.queue = span_of("support");
    return record;
}

/* A bot answers, hands over, and a human goes on. */
static struct tally *tally_of_one_dialogue(void)
{
    struct wire_record records[] = {at(1000, RECORD_conversation_opened),
                                    at(1000, RECORD_message),
                                    at(1000, RECORD_queued),
                                    assigned(1200, "bot"),
                                    reply(1500, "bot"),
                                    handed_over(2000, "bot"),
                                    at(2000, RECORD_queued),
                                    assigned(5000, "ana"),
                                    at(6000, RECORD_message),
                                    reply(9000, "ana"),
                                    reply(9500, "ana"),
                                    at(9900, RECORD_finished)};
    struct wire_page page = {.conversation = 7,
                             .records = records,
                             .records_count = sizeof records / sizeof *records,
                             .state = SUBSTATE_resolved,
                             .account = span_of("web")};
    struct tally *tally = calloc(1, sizeof *tally);
    tally_conversation(tally, &page, named_bot, NULL);
    return tally;
}

static void tally_free(struct tally *tally)
{
    tally_fini(tally);
    free(tally);
}

static void messages_count_both_ways(void **state)
{
    (void)state;
    struct tally *tally = tally_of_one_dialogue();
    assert_int_equal(tally->conversations, 1);
    assert_int_equal(tally->finished, 1);
    assert_int_equal(tally->messages_in, 2);
    assert_int_equal(tally->messages_out, 3);
    tally_free(tally);
}

static void every_wait_runs_from_queued_to_assigned(void **state)
{
    (void)state;
    struct tally *tally = tally_of_one_dialogue();
    assert_int_equal(tally->wait_ms.count, 2);
    assert_int_equal(tally->wait_ms.sum, 200 + 3000);
    assert_int_equal(tally->wait_ms.max, 3000);
    tally_free(tally);
}

static void bots_and_humans_have_their_own_first_response(void **state)
{
    (void)state;
    struct tally *tally = tally_of_one_dialogue();
    assert_int_equal(tally->bot_response_ms.count, 1);
    assert_int_equal(tally->bot_response_ms.sum, 500);
    assert_int_equal(tally->human_response_ms.count, 1);
    assert_int_equal(tally->human_response_ms.sum, 8000);
    tally_free(tally);
}

static void a_hand_over_that_is_taken_up_is_remembered(void **state)
{
    (void)state;
    struct tally *tally = tally_of_one_dialogue();
    assert_int_equal(tally->hand_overs, 1);
    assert_int_equal(tally->handed_over, 7);
    tally_free(tally);
}

static void a_declined_offer_does_not_restart_the_wait(void **state)
{
    (void)state;
    struct wire_record records[] = {at(100, RECORD_queued), at(100, RECORD_offered), at(400, RECORD_withdrawn), at(400, RECORD_queued),
                                    assigned(900, "ana")};
    struct wire_page page = {.conversation = 7, .records = records, .records_count = 5, .account = span_of("web")};
    struct tally *tally = calloc(1, sizeof *tally);
    tally_conversation(tally, &page, named_bot, NULL);
    assert_int_equal(tally->wait_ms.count, 1);
    assert_int_equal(tally->wait_ms.sum, 800);
    tally_free(tally);
}

static void write_line(void *context, const struct tally_line *line)
{
    char text[300];
    int size = snprintf(text, sizeof text, "%s|%s|%lu|%lu;", line->first, line->second, line->conversations, line->messages_out);
    buffer_append(context, text, (size_t)size);
}

static void lines_come_in_the_order_of_their_names(void **state)
{
    (void)state;
    struct tally *tally = tally_of_one_dialogue();
    struct buffer text = {0};
    tally_each(&tally->served, write_line, &text);
    tally_each(&tally->transfers, write_line, &text);
    tally_each(&tally->accounts, write_line, &text);
    buffer_append(&text, "", 1);
    assert_string_equal(text.data, "ana|support|1|2;bot|support|1|1;bot|queue support|1|0;web||1|3;");
    buffer_fini(&text);
    tally_free(tally);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_count_both_ways),
        cmocka_unit_test(every_wait_runs_from_queued_to_assigned),
        cmocka_unit_test(bots_and_humans_have_their_own_first_response),
        cmocka_unit_test(a_hand_over_that_is_taken_up_is_remembered),
        cmocka_unit_test(a_declined_offer_does_not_restart_the_wait),
        cmocka_unit_test(lines_come_in_the_order_of_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
