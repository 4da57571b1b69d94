#include "node/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define MS UINT64_C(1000000) /* in ns */

static void it_follows_the_wall_clock(void **state)
{
    (void)state;
    struct clock clock;
    clock_init(&clock, 0, 5 * MS);
    assert_int_equal(clock_read(&clock, 1000, 5 * MS), 1000);
    assert_int_equal(clock_read(&clock, 1001, 6 * MS), 1001);
    assert_int_equal(clock_read(&clock, 9000, 7 * MS), 9000);
}

static void set_back_it_goes_on_until_the_wall_clock_has_caught_up(void **state)
{
    (void)state;
    struct clock clock;
    int64_t wall_ms = 1000000, last_ms, hour_ms = 3600 * 1000;
    uint64_t now_ns = 0;
    clock_init(&clock, 0, now_ns);
    last_ms = clock_read(&clock, wall_ms + hour_ms, now_ns);
    for (int64_t passed_ms = 1; passed_ms <= 8 * hour_ms; passed_ms += 7) {
        int64_t now_ms = clock_read(&clock, wall_ms + passed_ms, now_ns + (uint64_t)passed_ms * MS);
        assert_true(now_ms >= last_ms && now_ms >= wall_ms + hour_ms + passed_ms * 7 / 8 - 1);
        last_ms = now_ms;
    }
    assert_int_equal(clock_read(&clock, wall_ms + 9 * hour_ms, (uint64_t)(9 * hour_ms) * MS), wall_ms + 9 * hour_ms);
}

static void a_restart_goes_on_from_the_last_time_given_out(void **state)
{
    (void)state;
    struct clock clock;
    clock_init(&clock, 5000000, 100 * MS);
    assert_int_equal(clock_read(&clock, 1000, 100 * MS), 5000000);
    assert_int_equal(clock_read(&clock, 9000, 8100 * MS), 5007000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_follows_the_wall_clock),
        cmocka_unit_test(set_back_it_goes_on_until_the_wall_clock_has_caught_up),
        cmocka_unit_test(a_restart_goes_on_from_the_last_time_given_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
