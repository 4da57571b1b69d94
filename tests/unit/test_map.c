#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"

static void a_value_is_found_under_its_key_only(void **state)
{
    (void)state;
    struct map map = {0};
    int one, two;
    assert_null(map_get(&map, 0));
    map_put(&map, 0, &one);
    map_put(&map, UINT64_MAX, &two);
    assert_ptr_equal(map_get(&map, 0), &one);
    assert_ptr_equal(map_get(&map, UINT64_MAX), &two);
    assert_null(map_get(&map, 1));
    assert_int_equal(map.count, 2);
    map_fini(&map);
}

static void putting_again_replaces(void **state)
{
    (void)state;
    struct map map = {0};
    int one, two;
    map_put(&map, 7, &one);
    map_put(&map, 7, &two);
    assert_ptr_equal(map_get(&map, 7), &two);
    assert_int_equal(map.count, 1);
    map_fini(&map);
}

static void removing_returns_the_value_once(void **state)
{
    (void)state;
    struct map map = {0};
    int one;
    assert_null(map_remove(&map, 7));
    map_put(&map, 7, &one);
    assert_ptr_equal(map_remove(&map, 7), &one);
    assert_null(map_remove(&map, 7));
    assert_null(map_get(&map, 7));
    map_fini(&map);
}

enum { MODEL_KEYS = 3000 };

/* Keys of three shapes: counters, high bits only, and random, so that runs of full slots form and wrap around the end. */
static uint64_t key_of(uint64_t index, uint64_t salt)
{
    switch (index % 3) {
    case 0:
        return index;
    case 1:
        return index << 48;
    }
    return (index + salt) * UINT64_C(0x9e3779b97f4a7c15);
}

static void assert_walk_visits_each_once(const struct map *map, const bool *present, char *values)
{
    bool seen[MODEL_KEYS] = {0};
    size_t visited = 0;
    char *value;
    for (size_t at = 0; (value = map_next(map, &at)); visited++) {
        size_t index = (size_t)(value - values);
        assert_true(present[index]);
        assert_false(seen[index]);
        seen[index] = true;
    }
    assert_int_equal(visited, map->count);
}

static void random_use_agrees_with_a_table_of_flags(void **state)
{
    (void)state;
    struct prng prng;
    struct map map = {0};
    static char values[MODEL_KEYS];
    bool present[MODEL_KEYS] = {0};
    size_t count = 0;
    prng_init(&prng, 3);
    for (int step = 0; step < 200000; step++) {
        /* The share of puts swings, so the table fills up and drains again. */
        bool put = prng_below(&prng, 100) < (step / 20000 % 2 ? 30 : 70);
        uint64_t index = prng_below(&prng, MODEL_KEYS);
        uint64_t key = key_of(index, 99);
        assert_ptr_equal(map_get(&map, key), present[index] ? &values[index] : NULL);
        if (put) {
            map_put(&map, key, &values[index]);
            count += !present[index];
        } else {
            assert_ptr_equal(map_remove(&map, key), present[index] ? &values[index] : NULL);
            count -= present[index];
        }
        present[index] = put;
        assert_int_equal(map.count, count);
    }
    for (uint64_t index = 0; index < MODEL_KEYS; index++)
        assert_ptr_equal(map_get(&map, key_of(index, 99)), present[index] ? &values[index] : NULL);
    assert_walk_visits_each_once(&map, present, values);
    map_fini(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_found_under_its_key_only),
        cmocka_unit_test(putting_again_replaces),
        cmocka_unit_test(removing_returns_the_value_once),
        cmocka_unit_test(random_use_agrees_with_a_table_of_flags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
