#include "base/bitset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"

static void bits_never_added_are_absent(void **state)
{
    (void)state;
    struct bitset set = {0};
    assert_false(bitset_has(&set, 0));
    assert_false(bitset_has(&set, 1000000));
    bitset_remove(&set, 1000000);
    assert_int_equal(bitset_next_common(&set, &set, 0), UINT32_MAX);
    bitset_add(&set, 64);
    assert_true(bitset_has(&set, 64));
    assert_false(bitset_has(&set, 63));
    assert_false(bitset_has(&set, 65));
    bitset_remove(&set, 64);
    assert_false(bitset_has(&set, 64));
    bitset_fini(&set);
}

static void next_includes_the_bit_it_starts_from(void **state)
{
    (void)state;
    struct bitset set = {0};
    bitset_add(&set, 63);
    bitset_add(&set, 64);
    bitset_add(&set, 640);
    assert_int_equal(bitset_next_common(&set, &set, 0), 63);
    assert_int_equal(bitset_next_common(&set, &set, 63), 63);
    assert_int_equal(bitset_next_common(&set, &set, 64), 64);
    assert_int_equal(bitset_next_common(&set, &set, 65), 640);
    assert_int_equal(bitset_next_common(&set, &set, 641), UINT32_MAX);
    bitset_fini(&set);
}

static void sets_of_different_sizes_have_their_common_bits(void **state)
{
    (void)state;
    struct bitset small = {0}, large = {0};
    bitset_add(&small, 3);
    bitset_add(&small, 70);
    bitset_add(&large, 70);
    bitset_add(&large, 5000);
    assert_int_equal(bitset_next_common(&small, &large, 0), 70);
    assert_int_equal(bitset_next_common(&large, &small, 0), 70);
    assert_int_equal(bitset_next_common(&large, &small, 71), UINT32_MAX);
    bitset_fini(&small);
    bitset_fini(&large);
}

enum { MODEL_BITS = 700 };

static uint32_t model_next_common(const bool *a, const bool *b, uint32_t from)
{
    for (uint32_t bit = from; bit < MODEL_BITS; bit++)
        if (a[bit] && b[bit])
            return bit;
    return UINT32_MAX;
}

static void random_use_agrees_with_tables_of_flags(void **state)
{
    (void)state;
    struct prng prng;
    struct bitset sets[2] = {0};
    bool models[2][MODEL_BITS] = {0};
    prng_init(&prng, 5);
    for (int step = 0; step < 50000; step++) {
        uint64_t which = prng_below(&prng, 2);
        uint32_t bit = (uint32_t)prng_below(&prng, MODEL_BITS);
        bool add = prng_below(&prng, 4) == 0;
        (add ? bitset_add : bitset_remove)(&sets[which], bit);
        models[which][bit] = add;
        uint32_t probe = (uint32_t)prng_below(&prng, MODEL_BITS);
        assert_int_equal(bitset_has(&sets[which], probe), models[which][probe]);
        assert_int_equal(bitset_next_common(&sets[which], &sets[which], probe), model_next_common(models[which], models[which], probe));
        assert_int_equal(bitset_next_common(&sets[0], &sets[1], probe), model_next_common(models[0], models[1], probe));
    }
    bitset_fini(&sets[0]);
    bitset_fini(&sets[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_never_added_are_absent),
        cmocka_unit_test(next_includes_the_bit_it_starts_from),
        cmocka_unit_test(sets_of_different_sizes_have_their_common_bits),
        cmocka_unit_test(random_use_agrees_with_tables_of_flags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
