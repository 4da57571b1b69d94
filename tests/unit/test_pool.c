#include "base/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"

static void items_are_zeroed_and_aligned_even_when_taken_again(void **state)
{
    (void)state;
    struct pool pool;
    pool_init(&pool, 21);
    for (int round = 0; round < 100; round++) {
        char *item = pool_take(&pool);
        assert_int_equal((uintptr_t)item % _Alignof(uint64_t), 0);
        for (int i = 0; i < 21; i++)
            assert_int_equal(item[i], 0);
        memset(item, 0xff, 21);
        pool_give(&pool, item);
    }
    assert_int_equal(pool.count, 0);
    pool_fini(&pool);
}

static void an_item_larger_than_a_chunk_fits(void **state)
{
    (void)state;
    struct pool pool;
    size_t size = 1 << 20;
    pool_init(&pool, size);
    char *a = pool_take(&pool);
    char *b = pool_take(&pool);
    memset(a, 1, size);
    memset(b, 2, size);
    assert_int_equal(a[size - 1], 1);
    assert_int_equal(b[0], 2);
    pool_fini(&pool);
}

enum { MODEL_ITEMS = 5000 };

static void random_use_never_hands_out_an_item_twice(void **state)
{
    (void)state;
    struct prng prng;
    struct pool pool;
    static uint64_t *items[MODEL_ITEMS];
    prng_init(&prng, 4);
    pool_init(&pool, 3 * sizeof(uint64_t));
    for (int step = 0; step < 100000; step++) {
        uint64_t i = prng_below(&prng, MODEL_ITEMS);
        if (items[i]) {
            /* Whoever else held the same memory would have written another number. */
            assert_int_equal(items[i][0], i);
            assert_int_equal(items[i][2], ~i);
            pool_give(&pool, items[i]);
            items[i] = NULL;
        } else {
            items[i] = pool_take(&pool);
            items[i][0] = i;
            items[i][2] = ~i;
        }
    }
    pool_fini(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_zeroed_and_aligned_even_when_taken_again),
        cmocka_unit_test(an_item_larger_than_a_chunk_fits),
        cmocka_unit_test(random_use_never_hands_out_an_item_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
