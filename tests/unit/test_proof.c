#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
// The order matters: cmocka.h needs those above.
#include <cmocka.h>

#include "bench/load/proof.h"

static bool arrives(struct proof *proof, uint32_t conversation, uint32_t number, uint32_t index)
{
    return proof_arrival(proof, &(struct stamp){.conversation = conversation, .number = number, .index = index});
}

/* Two conversations, opened, and four messages: 0 and 2 in the first, 1 and 3 in the second. */
static struct proof proof_opened(void)
{
    struct proof proof;
    proof_init(&proof, 2, 4);
    assert_false(arrives(&proof, 0, 0, 0));
    assert_false(arrives(&proof, 1, 0, 0));
    assert_int_equal(proof.opened, 2);
    return proof;
}

static void everything_once_and_in_order_is_flawless(void **state)
{
    (void)state;
    struct proof proof = proof_opened();
    assert_true(arrives(&proof, 1, 1, 1));
    assert_true(arrives(&proof, 0, 1, 0));
    assert_true(arrives(&proof, 1, 2, 3));
    assert_true(arrives(&proof, 0, 2, 2));
    assert_int_equal(proof_lost(&proof), 0);
    assert_int_equal(proof.duplicated, 0);
    assert_int_equal(proof.reordered, 0);
    proof_fini(&proof);
}

static void a_missing_message_is_lost(void **state)
{
    (void)state;
    struct proof proof = proof_opened();
    assert_true(arrives(&proof, 0, 1, 0));
    assert_true(arrives(&proof, 1, 1, 1));
    assert_true(arrives(&proof, 1, 2, 3));
    assert_int_equal(proof_lost(&proof), 1);
    proof_fini(&proof);
}

static void a_repeated_message_is_duplicated_and_replaces_no_lost_one(void **state)
{
    (void)state;
    struct proof proof = proof_opened();
    assert_true(arrives(&proof, 0, 1, 0));
    assert_false(arrives(&proof, 0, 1, 0));
    assert_int_equal(proof.duplicated, 1);
    assert_int_equal(proof_lost(&proof), 3);
    proof_fini(&proof);
}

static void a_message_before_its_turn_is_reordered(void **state)
{
    (void)state;
    struct proof proof = proof_opened();
    assert_true(arrives(&proof, 0, 2, 2));
    assert_true(arrives(&proof, 0, 1, 0));
    assert_true(proof.reordered > 0);
    assert_int_equal(proof.duplicated, 0);
    proof_fini(&proof);
}

static void an_opener_seen_again_in_a_history_opens_once(void **state)
{
    (void)state;
    struct proof proof = proof_opened();
    assert_false(arrives(&proof, 0, 0, 0));
    assert_int_equal(proof.opened, 2);
    assert_int_equal(proof.duplicated, 0);
    proof_fini(&proof);
}

static void numbers_out_of_range_are_foreign(void **state)
{
    (void)state;
    struct proof proof = proof_opened();
    assert_false(arrives(&proof, 2, 1, 0));
    assert_false(arrives(&proof, 0, 1, 4));
    assert_int_equal(proof.foreign, 2);
    assert_int_equal(proof.delivered, 0);
    proof_fini(&proof);
}

static void a_stamp_reads_as_it_was_written(void **state)
{
    (void)state;
    char body[STAMP_BYTES];
    struct stamp written = {12345, STAMP_NUMBER_MAX, 7, 987654321, 123456789012345}, read;
    stamp_write(body, &written);
    assert_true(stamp_read((struct span){body, sizeof body}, &read));
    assert_int_equal(read.run, written.run);
    assert_int_equal(read.conversation, written.conversation);
    assert_int_equal(read.number, written.number);
    assert_int_equal(read.index, written.index);
    assert_int_equal(read.sent_ns, written.sent_ns);
}

static void other_text_is_no_stamp(void **state)
{
    (void)state;
    char body[STAMP_BYTES];
    struct stamp stamp = {1, 2, 3, 4, 5};
    stamp_write(body, &stamp);
    assert_false(stamp_read((struct span){body, STAMP_BYTES - 1}, &stamp));
    body[STAMP_BYTES / 2] = ' ';
    assert_false(stamp_read((struct span){body, STAMP_BYTES}, &stamp));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_once_and_in_order_is_flawless),
        cmocka_unit_test(a_missing_message_is_lost),
        cmocka_unit_test(a_repeated_message_is_duplicated_and_replaces_no_lost_one),
        cmocka_unit_test(a_message_before_its_turn_is_reordered),
        cmocka_unit_test(an_opener_seen_again_in_a_history_opens_once),
        cmocka_unit_test(numbers_out_of_range_are_foreign),
        cmocka_unit_test(a_stamp_reads_as_it_was_written),
        cmocka_unit_test(other_text_is_no_stamp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
