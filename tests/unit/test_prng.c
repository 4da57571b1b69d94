#include "base/prng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void the_stream_is_that_of_the_reference_code(void **state)
{
    (void)state;
    struct prng prng;
    prng_init(&prng, 0);
    assert_int_equal(prng_next(&prng), UINT64_C(0x99ec5f36cb75f2b4));
    assert_int_equal(prng_next(&prng), UINT64_C(0xbf6e1f784956452a));
    assert_int_equal(prng_next(&prng), UINT64_C(0x1a5f849d4933e6e0));
    assert_int_equal(prng_next(&prng), UINT64_C(0x6aa594f1262d2d2c));
}

static void equal_seeds_repeat_and_others_do_not(void **state)
{
    (void)state;
    struct prng a, b, c;
    prng_init(&a, 42);
    prng_init(&b, 42);
    prng_init(&c, 43);
    int equal_to_c = 0;
    for (int i = 0; i < 100; i++) {
        uint64_t draw = prng_next(&a);
        assert_int_equal(draw, prng_next(&b));
        equal_to_c += draw == prng_next(&c);
    }
    assert_int_equal(equal_to_c, 0);
}

static void draws_below_a_bound_fill_it_evenly(void **state)
{
    (void)state;
    struct prng prng;
    int counts[7] = {0};
    prng_init(&prng, 1);
    for (int i = 0; i < 70000; i++) {
        uint64_t draw = prng_below(&prng, 7);
        assert_true(draw < 7);
        counts[draw]++;
    }
    for (int i = 0; i < 7; i++)
        assert_in_range(counts[i], 9500, 10500);
}

/* With bound 3 * 2^62 a plain modulo would give the first third of the range half of all draws. */
static void a_large_bound_has_no_modulo_bias(void **state)
{
    (void)state;
    struct prng prng;
    uint64_t third = UINT64_C(1) << 62;
    int low = 0;
    prng_init(&prng, 1);
    for (int i = 0; i < 30000; i++)
        low += prng_below(&prng, 3 * third) < third;
    assert_in_range(low, 9500, 10500);
}

static void a_bound_of_one_gives_zero(void **state)
{
    (void)state;
    struct prng prng;
    prng_init(&prng, 1);
    assert_int_equal(prng_below(&prng, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stream_is_that_of_the_reference_code),
        cmocka_unit_test(equal_seeds_repeat_and_others_do_not),
        cmocka_unit_test(draws_below_a_bound_fill_it_evenly),
        cmocka_unit_test(a_large_bound_has_no_modulo_bias),
        cmocka_unit_test(a_bound_of_one_gives_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
