#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
// The order matters: cmocka.h needs those above.
#include <cmocka.h>

#include "bench/histogram.h"

static void within_one_in_128(uint64_t value, uint64_t expected)
{
    assert_true(value >= expected);
    assert_true(value - expected <= expected / 128);
}

static void an_empty_one_answers_zero(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    assert_int_equal(histogram_at(&histogram, 0.5), 0);
    assert_true(histogram_mean(&histogram) == 0);
}

static void small_values_are_exact(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    for (uint64_t value = 1; value <= 100; value++)
        histogram_record(&histogram, value);
    assert_int_equal(histogram_at(&histogram, 0.5), 50);
    assert_int_equal(histogram_at(&histogram, 0.99), 99);
    assert_int_equal(histogram_at(&histogram, 0), 1);
    assert_int_equal(histogram_at(&histogram, 1), 100);
    assert_true(histogram_mean(&histogram) == 50.5);
}

/* Every power of two, and its neighbours: where one octave's buckets end and the next one's begin. */
static void every_size_is_right_to_one_in_128(void **state)
{
    (void)state;
    struct histogram *histogram = malloc(sizeof *histogram);
    for (uint32_t bit = 1; bit < HISTOGRAM_VALUE_BITS; bit++) {
        for (int64_t near = -1; near <= 1; near++) {
            uint64_t value = (1ull << bit) + (uint64_t)near;
            *histogram = (struct histogram){0};
            histogram_record(histogram, value);
            histogram_record(histogram, (1ull << HISTOGRAM_VALUE_BITS) - 1);
            within_one_in_128(histogram_at(histogram, 0.5), value);
        }
    }
    free(histogram);
}

static void a_percentile_is_never_above_the_largest_value(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    histogram_record(&histogram, 1000001);
    assert_int_equal(histogram_at(&histogram, 0.5), 1000001);
    assert_int_equal(histogram_at(&histogram, 0.999), 1000001);
}

static void values_beyond_its_range_count_as_the_largest(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    histogram_record(&histogram, 5);
    histogram_record(&histogram, UINT64_MAX / 2);
    assert_int_equal(histogram_at(&histogram, 0.5), 5);
    assert_int_equal(histogram_at(&histogram, 1), UINT64_MAX / 2);
}

static void rare_large_values_show_only_in_the_tail(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    for (int i = 0; i < 999; i++)
        histogram_record(&histogram, 100);
    histogram_record(&histogram, 1000000);
    assert_int_equal(histogram_at(&histogram, 0.999), 100);
    assert_int_equal(histogram_at(&histogram, 0.9995), 1000000);
}

static void a_quantile_lies_between_the_bounds_of_its_bucket_by_rank(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    assert_true(histogram_quantile(&histogram, 0.5) == 0);
    for (uint64_t value = 0; value < 1000000; value++)
        histogram_record(&histogram, value);
    for (int percent = 1; percent < 100; percent++) {
        double exact = percent * 10000 - 1, quantile = histogram_quantile(&histogram, percent / 100.0);
        assert_true(quantile > exact - 2 && quantile < exact + 2);
    }
    assert_true(histogram_quantile(&histogram, 1) <= 999999);
}

static void quantiles_of_small_values_are_exact(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    for (uint64_t value = 0; value < 100; value++)
        histogram_record(&histogram, value);
    assert_true(histogram_quantile(&histogram, 0.01) == 0);
    assert_true(histogram_quantile(&histogram, 0.5) == 49);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_one_answers_zero),
        cmocka_unit_test(small_values_are_exact),
        cmocka_unit_test(every_size_is_right_to_one_in_128),
        cmocka_unit_test(a_percentile_is_never_above_the_largest_value),
        cmocka_unit_test(values_beyond_its_range_count_as_the_largest),
        cmocka_unit_test(rare_large_values_show_only_in_the_tail),
        cmocka_unit_test(a_quantile_lies_between_the_bounds_of_its_bucket_by_rank),
        cmocka_unit_test(quantiles_of_small_values_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
