#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "engine/dedup.h"
#include "limits.h"

static const struct hash_key key = {1, 2};

enum { LINES = 2048 }; /* for thousands of keys */

static void remember(struct dedup *dedup, lsn_t lsn, name_id account, const char *text)
{
    struct record record = {.lsn = lsn, .account = account, .key = span_of(text)};
    dedup_remember(dedup, key, &record);
}

static lsn_t find(struct dedup *dedup, name_id principal, const char *text)
{
    return dedup_find(dedup, dedup_hash(key, principal, span_of(text)), principal, span_of(text));
}

static void remember_numbered(struct dedup *dedup, lsn_t lsn, lsn_t key_number)
{
    char text[32];
    snprintf(text, sizeof text, "key %llu", (unsigned long long)key_number);
    remember(dedup, lsn, 7, text);
}

static lsn_t find_numbered(struct dedup *dedup, lsn_t key_number)
{
    char text[32];
    snprintf(text, sizeof text, "key %llu", (unsigned long long)key_number);
    lsn_t lsn = find(dedup, 7, text);
    dedup_settle(dedup); /* the text is there no more */
    return lsn;
}

static void a_key_is_found_at_its_record(void **state)
{
    (void)state;
    struct dedup dedup;
    dedup_init(&dedup, LINES);
    remember(&dedup, 1, 7, "a");
    remember(&dedup, 2, 7, "b");
    assert_int_equal(find(&dedup, 7, "a"), 1);
    assert_int_equal(find(&dedup, 7, "b"), 2);
    assert_int_equal(find(&dedup, 7, "c"), 0);
    dedup_fini(&dedup);
}

static void a_key_looked_for_is_remembered_of_whoever_the_record_names(void **state)
{
    (void)state;
    struct dedup dedup;
    dedup_init(&dedup, LINES);
    assert_int_equal(find(&dedup, 7, "a"), 0);
    remember(&dedup, 1, 7, "a");
    assert_int_equal(find(&dedup, 7, "b"), 0);
    remember(&dedup, 2, 8, "b");
    assert_int_equal(find(&dedup, 7, "b"), 0);
    remember(&dedup, 3, 7, "c");
    dedup_settle(&dedup);
    assert_int_equal(find(&dedup, 7, "a"), 1);
    assert_int_equal(find(&dedup, 8, "b"), 2);
    assert_int_equal(find(&dedup, 7, "c"), 3);
    dedup_fini(&dedup);
}

static void of_two_records_with_the_key_looked_for_the_later_is_found(void **state)
{
    (void)state;
    struct dedup dedup;
    dedup_init(&dedup, LINES);
    assert_int_equal(find(&dedup, 7, "a"), 0);
    remember(&dedup, 1, 7, "a");
    remember(&dedup, 2, 7, "a");
    dedup_settle(&dedup);
    assert_int_equal(find(&dedup, 7, "a"), 2);
    dedup_fini(&dedup);
}

/* A buffer is used again for the next event. */
static void a_settled_key_is_not_mistaken_for_what_stands_in_its_place(void **state)
{
    (void)state;
    struct dedup dedup;
    dedup_init(&dedup, LINES);
    char buffer[] = "a";
    assert_int_equal(find(&dedup, 7, buffer), 0);
    dedup_settle(&dedup);
    buffer[0] = 'b';
    remember(&dedup, 1, 7, buffer);
    assert_int_equal(find(&dedup, 7, "a"), 0);
    assert_int_equal(find(&dedup, 7, "b"), 1);
    dedup_fini(&dedup);
}

static void the_same_key_of_another_principal_is_another_key(void **state)
{
    (void)state;
    struct dedup dedup;
    dedup_init(&dedup, LINES);
    remember(&dedup, 1, 7, "a");
    assert_int_equal(find(&dedup, 8, "a"), 0);
    dedup_fini(&dedup);
}

static void a_key_is_remembered_for_one_generation_at_least_and_two_at_most(void **state)
{
    (void)state;
    struct dedup dedup;
    dedup_init(&dedup, LINES);
    remember(&dedup, LIMIT_DEDUP_RECORDS - 1, 7, "end of the first");
    remember(&dedup, LIMIT_DEDUP_RECORDS, 7, "begin of the second");
    remember(&dedup, 2UL * LIMIT_DEDUP_RECORDS - 1, 7, "end of the second");
    assert_int_equal(find(&dedup, 7, "end of the first"), LIMIT_DEDUP_RECORDS - 1);
    remember(&dedup, 2UL * LIMIT_DEDUP_RECORDS, 7, "begin of the third");
    assert_int_equal(find(&dedup, 7, "end of the first"), 0);
    assert_int_equal(find(&dedup, 7, "begin of the second"), LIMIT_DEDUP_RECORDS);
    assert_int_equal(find(&dedup, 7, "end of the second"), 2UL * LIMIT_DEDUP_RECORDS - 1);
    remember(&dedup, 9UL * LIMIT_DEDUP_RECORDS, 7, "much later");
    assert_int_equal(find(&dedup, 7, "begin of the third"), 0);
    assert_int_equal(find(&dedup, 7, "much later"), 9UL * LIMIT_DEDUP_RECORDS);
    dedup_fini(&dedup);
}

static void thousands_of_keys_are_all_found(void **state)
{
    (void)state;
    struct dedup dedup;
    dedup_init(&dedup, LINES);
    for (lsn_t lsn = 1; lsn <= 20000; lsn++)
        remember_numbered(&dedup, lsn, lsn);
    for (lsn_t lsn = 1; lsn <= 20000; lsn++)
        assert_int_equal(find_numbered(&dedup, lsn), lsn);
    dedup_fini(&dedup);
}

/* What is forgotten stays in the table until its place is taken, marked with its generation; after DEDUP_MARKS of them marks begin anew. */
static void a_key_of_long_ago_is_not_mistaken_for_one_of_now(void **state)
{
    (void)state;
    struct dedup dedup;
    dedup_init(&dedup, LINES);
    for (lsn_t number = 0; number < 3; number++) {
        remember(&dedup, number * LIMIT_DEDUP_RECORDS + 1, 7, "of each");
        remember(&dedup, number * LIMIT_DEDUP_RECORDS + 2, 7,
                 number == 0   ? "of the first"
                 : number == 1 ? "of the second"
                               : "of the third");
        assert_int_equal(find(&dedup, 7, "of each"), number * LIMIT_DEDUP_RECORDS + 1);
    }
    assert_int_equal(find(&dedup, 7, "of the first"), 0);
    remember(&dedup, 3ul * LIMIT_DEDUP_RECORDS, 7, "of the fourth");
    for (lsn_t number = 4; number < 4 * DEDUP_MARKS + 5; number++) {
        remember(&dedup, number * LIMIT_DEDUP_RECORDS + 9, 7, "of now");
        assert_int_equal(find(&dedup, 7, "of now"), number * LIMIT_DEDUP_RECORDS + 9);
        assert_int_equal(find(&dedup, 7, "of the first"), 0);
        assert_int_equal(find(&dedup, 7, "of the second"), 0);
        assert_int_equal(find(&dedup, 7, "of the third"), 0);
        assert_int_equal(find(&dedup, 7, "of the last mark"), number == DEDUP_MARKS ? (DEDUP_MARKS - 1ul) * LIMIT_DEDUP_RECORDS + 10 : 0);
        if (number == DEDUP_MARKS - 1)
            remember(&dedup, number * LIMIT_DEDUP_RECORDS + 10, 7, "of the last mark");
    }
    dedup_fini(&dedup);
}

/* As when a restart begins to read the log far behind its begin. */
static void a_key_from_before_a_leap_is_not_mistaken_for_one_of_now(void **state)
{
    (void)state;
    for (lsn_t leap = 2; leap <= 2 * DEDUP_MARKS; leap++) {
        struct dedup dedup;
        dedup_init(&dedup, LINES);
        remember(&dedup, 2ul * LIMIT_DEDUP_RECORDS, 7, "first before");
        remember(&dedup, 2ul * LIMIT_DEDUP_RECORDS + 1, 7, "second before");
        remember(&dedup, (2 + leap) * LIMIT_DEDUP_RECORDS, 7, "after");
        assert_int_equal(find(&dedup, 7, "first before"), 0);
        assert_int_equal(find(&dedup, 7, "second before"), 0);
        assert_int_equal(find(&dedup, 7, "after"), (2 + leap) * LIMIT_DEDUP_RECORDS);
        dedup_fini(&dedup);
    }
}

/* Far more of them than its places would take if each came home, over generations in which they grow old. */
static void keys_are_found_wherever_full_lines_passed_them_on(void **state)
{
    (void)state;
    enum { EACH = 3000, GENERATIONS = 9 };
    struct dedup dedup;
    dedup_init(&dedup, 512); /* 7 680 entries, of which 6 000 count */
    for (lsn_t number = 0; number < GENERATIONS; number++) {
        for (lsn_t i = 1; i <= EACH; i++)
            remember_numbered(&dedup, number * LIMIT_DEDUP_RECORDS + i, number * EACH + i);
        for (lsn_t i = 1; i <= (number + 1) * EACH; i++) {
            lsn_t of = (i - 1) / EACH;
            assert_int_equal(find_numbered(&dedup, i), of + 1 < number ? 0 : of * LIMIT_DEDUP_RECORDS + i - of * EACH);
        }
    }
    dedup_fini(&dedup);
}

/* By another record than the first: found as long as that one is remembered, though lines on the way to it were last full before. */
static void a_key_remembered_again_is_found_by_the_later_record(void **state)
{
    (void)state;
    enum { ALL = 1700, AGAIN = 130 };
    struct dedup dedup;
    dedup_init(&dedup, 128); /* 1 920 entries */
    for (lsn_t i = 1; i <= ALL; i++)
        remember_numbered(&dedup, i, i);
    for (lsn_t i = 1; i <= AGAIN; i++)
        remember_numbered(&dedup, LIMIT_DEDUP_RECORDS + i, i * 13);
    remember(&dedup, 2ul * LIMIT_DEDUP_RECORDS, 7, "next");
    for (lsn_t i = 1; i <= AGAIN; i++)
        assert_int_equal(find_numbered(&dedup, i * 13), LIMIT_DEDUP_RECORDS + i);
    dedup_fini(&dedup);
}

/* Two generations of nothing but records with keys, into a table for that many: the most there can be. */
static void every_record_may_have_a_key(void **state)
{
    (void)state;
    enum { SAMPLE = 997 };
    struct dedup dedup;
    dedup_init(&dedup, DEDUP_LINES);
    for (lsn_t lsn = LIMIT_DEDUP_RECORDS; lsn < 3ul * LIMIT_DEDUP_RECORDS; lsn++)
        remember_numbered(&dedup, lsn, lsn);
    for (lsn_t lsn = LIMIT_DEDUP_RECORDS; lsn < 3ul * LIMIT_DEDUP_RECORDS; lsn += SAMPLE) {
        assert_int_equal(find_numbered(&dedup, lsn), lsn);
        assert_int_equal(find_numbered(&dedup, lsn + 2ul * LIMIT_DEDUP_RECORDS), 0);
    }
    dedup_fini(&dedup);
}

/* What a restart reads must be exactly what was remembered before it, and never a record that does not exist. */
static void a_restart_remembers_from_the_begin_of_the_generation_before(void **state)
{
    (void)state;
    assert_int_equal(engine_remember_from(0), 1);
    assert_int_equal(engine_remember_from(LIMIT_DEDUP_RECORDS - 1), 1);
    assert_int_equal(engine_remember_from(LIMIT_DEDUP_RECORDS), 1);
    assert_int_equal(engine_remember_from(2UL * LIMIT_DEDUP_RECORDS - 1), 1);
    assert_int_equal(engine_remember_from(2UL * LIMIT_DEDUP_RECORDS), LIMIT_DEDUP_RECORDS);
    assert_int_equal(engine_remember_from(5UL * LIMIT_DEDUP_RECORDS + 3), 4UL * LIMIT_DEDUP_RECORDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_found_at_its_record),
        cmocka_unit_test(a_key_looked_for_is_remembered_of_whoever_the_record_names),
        cmocka_unit_test(of_two_records_with_the_key_looked_for_the_later_is_found),
        cmocka_unit_test(a_settled_key_is_not_mistaken_for_what_stands_in_its_place),
        cmocka_unit_test(the_same_key_of_another_principal_is_another_key),
        cmocka_unit_test(a_key_is_remembered_for_one_generation_at_least_and_two_at_most),
        cmocka_unit_test(thousands_of_keys_are_all_found),
        cmocka_unit_test(a_key_of_long_ago_is_not_mistaken_for_one_of_now),
        cmocka_unit_test(a_key_from_before_a_leap_is_not_mistaken_for_one_of_now),
        cmocka_unit_test(keys_are_found_wherever_full_lines_passed_them_on),
        cmocka_unit_test(a_key_remembered_again_is_found_by_the_later_record),
        cmocka_unit_test(every_record_may_have_a_key),
        cmocka_unit_test(a_restart_remembers_from_the_begin_of_the_generation_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
