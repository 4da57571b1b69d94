#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/requirement.h"

static const struct skill_level skills[] = {{3, 2}, {5, 4}, {9, 1}};

static bool met(struct requirement requirement)
{
    return requirement_met(&requirement, skills, 3);
}

static void every_one_of_all_is_needed(void **state)
{
    (void)state;
    assert_true(met((struct requirement){.all = {{3, 2}, {5, 4}}, .all_count = 2}));
    assert_false(met((struct requirement){.all = {{3, 2}, {5, 5}}, .all_count = 2}));
    assert_false(met((struct requirement){.all = {{3, 1}, {4, 1}}, .all_count = 2}));
}

static void one_of_any_is_enough(void **state)
{
    (void)state;
    assert_true(met((struct requirement){.any = {{4, 1}, {9, 1}}, .any_count = 2}));
    assert_false(met((struct requirement){.any = {{4, 1}, {9, 2}}, .any_count = 2}));
    assert_false(met((struct requirement){.all = {{8, 1}}, .any = {{9, 1}}, .all_count = 1, .any_count = 1}));
}

static void nothing_required_is_always_met(void **state)
{
    (void)state;
    struct requirement nothing = {0};
    assert_true(requirement_met(&nothing, NULL, 0));
}

static void the_same_requirement_has_the_same_bytes_in_any_order(void **state)
{
    (void)state;
    char a[REQUIREMENT_BYTES_MAX], b[REQUIREMENT_BYTES_MAX];
    struct requirement one = {.all = {{9, 1}, {3, 2}}, .any = {{7, 5}, {2, 4}}, .all_count = 2, .any_count = 2};
    struct requirement two = {.all = {{3, 2}, {9, 1}}, .any = {{2, 4}, {7, 5}}, .all_count = 2, .any_count = 2};
    assert_true(span_equal(requirement_encode(&one, a), requirement_encode(&two, b)));
}

static void bytes_come_back_as_the_requirement(void **state)
{
    (void)state;
    char bytes[REQUIREMENT_BYTES_MAX];
    struct requirement from = {.all = {{3, 2}, {UINT32_MAX, 5}}, .any = {{7, 1}}, .all_count = 2, .any_count = 1}, to;
    assert_true(requirement_decode(requirement_encode(&from, bytes), &to));
    assert_int_equal(to.all_count, 2);
    assert_int_equal(to.all[1].skill, UINT32_MAX);
    assert_int_equal(to.all[1].level, 5);
    assert_int_equal(to.any[0].skill, 7);
}

static void bytes_that_are_not_a_requirement_are_refused(void **state)
{
    (void)state;
    struct requirement to;
    char bytes[REQUIREMENT_BYTES_MAX] = {1, 0, 3, 0, 0, 0, 2};
    assert_true(requirement_decode((struct span){bytes, 7}, &to));
    assert_false(requirement_decode((struct span){bytes, 6}, &to));
    assert_false(requirement_decode((struct span){bytes, 8}, &to));
    assert_false(requirement_decode((struct span){bytes, 1}, &to));
    bytes[0] = REQUIREMENT_MAX + 1;
    assert_false(requirement_decode((struct span){bytes, 2 + 5 * (REQUIREMENT_MAX + 1)}, &to));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_one_of_all_is_needed),         cmocka_unit_test(one_of_any_is_enough),
        cmocka_unit_test(nothing_required_is_always_met),     cmocka_unit_test(the_same_requirement_has_the_same_bytes_in_any_order),
        cmocka_unit_test(bytes_come_back_as_the_requirement), cmocka_unit_test(bytes_that_are_not_a_requirement_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
