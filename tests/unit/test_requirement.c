#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/route.h"

static const struct skill_level skills[] = {{3, 2}, {5, 4}, {9, 1}};

static bool met(struct requirement requirement)
{
    return requirement_met(&requirement, skills, 3, NULL);
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
    assert_true(requirement_met(&nothing, NULL, 0, NULL));
}

static void what_is_lacking_is_named(void **state)
{
    (void)state;
    struct requirement all = {.all = {{3, 2}, {5, 5}}, .all_count = 2}, any = {.any = {{4, 1}, {9, 2}}, .any_count = 2};
    struct skill_level lacking;
    assert_false(requirement_met(&all, skills, 3, &lacking));
    assert_int_equal(lacking.skill, 5);
    assert_int_equal(lacking.level, 5);
    assert_false(requirement_met(&any, skills, 3, &lacking));
    assert_int_equal(lacking.skill, 4);
}

static void the_score_is_the_levels_held_of_what_is_required(void **state)
{
    (void)state;
    struct requirement requirement = {.all = {{3, 1}}, .any = {{5, 4}, {9, 2}}, .all_count = 1, .any_count = 2};
    assert_int_equal(requirement_score(&requirement, skills, 3), 2 + 4);
}

/* --- routes --- */

static struct route two_ways(void)
{
    struct route route = {.count = 2, .preferred = {70, 71}, .preferred_count = 2};
    route.alternatives[0] = (struct alternative){1, {.all = {{9, 1}, {3, 2}}, .any = {{7, 5}, {2, 4}}, .all_count = 2, .any_count = 2}};
    route.alternatives[1] = (struct alternative){UINT32_MAX, {.all_count = 0}};
    return route;
}

static void the_same_route_has_the_same_bytes_in_any_order_of_skills(void **state)
{
    (void)state;
    char a[ROUTE_BYTES_MAX], b[ROUTE_BYTES_MAX];
    struct route one = two_ways(), two = two_ways();
    two.alternatives[0].requirement =
        (struct requirement){.all = {{3, 2}, {9, 1}}, .any = {{2, 4}, {7, 5}}, .all_count = 2, .any_count = 2};
    assert_true(span_equal(route_encode(&one, a), route_encode(&two, b)));
}

static void bytes_come_back_as_the_route(void **state)
{
    (void)state;
    char bytes[ROUTE_BYTES_MAX];
    struct route from = two_ways(), to;
    assert_true(route_decode(route_encode(&from, bytes), &to));
    assert_int_equal(to.count, 2);
    assert_int_equal(to.alternatives[0].requirement.all[1].skill, 9);
    assert_int_equal(to.alternatives[1].queue, UINT32_MAX);
    assert_int_equal(to.preferred_count, 2);
    assert_int_equal(to.preferred[1], 71);
    assert_int_equal(route_queue(&to), UINT32_MAX);
}

static void the_largest_route_fits(void **state)
{
    (void)state;
    char bytes[ROUTE_BYTES_MAX];
    struct route route = {.count = ROUTE_ALTERNATIVES_MAX, .preferred_count = ROUTE_PREFERRED_MAX}, back;
    for (int i = 0; i < ROUTE_ALTERNATIVES_MAX; i++)
        route.alternatives[i].requirement.all_count = route.alternatives[i].requirement.any_count = REQUIREMENT_MAX;
    struct span span = route_encode(&route, bytes);
    assert_int_equal(span.size, ROUTE_BYTES_MAX);
    assert_true(route_decode(span, &back));
}

static void bytes_that_are_not_a_route_are_refused(void **state)
{
    (void)state;
    char bytes[ROUTE_BYTES_MAX + 1];
    struct route from = two_ways(), to;
    struct span span = route_encode(&from, bytes);
    for (uint32_t size = 0; size < span.size; size++)
        assert_false(route_decode((struct span){bytes, size}, &to));
    assert_false(route_decode((struct span){bytes, span.size + 1}, &to));
    bytes[0] = 0;
    assert_false(route_decode(span, &to));
    bytes[0] = ROUTE_ALTERNATIVES_MAX + 1;
    assert_false(route_decode(span, &to));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_one_of_all_is_needed),
        cmocka_unit_test(one_of_any_is_enough),
        cmocka_unit_test(nothing_required_is_always_met),
        cmocka_unit_test(what_is_lacking_is_named),
        cmocka_unit_test(the_score_is_the_levels_held_of_what_is_required),
        cmocka_unit_test(the_same_route_has_the_same_bytes_in_any_order_of_skills),
        cmocka_unit_test(bytes_come_back_as_the_route),
        cmocka_unit_test(the_largest_route_fits),
        cmocka_unit_test(bytes_that_are_not_a_route_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
