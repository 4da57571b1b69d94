#include "calendar/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { MON, TUE, WED, THU, FRI, SAT, SUN };
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* "2026-03-29 01:00", a time in UTC. */
static int64_t utc(const char *text)
{
    struct tm tm = {0};
    const char *end = strptime(text, "%Y-%m-%d %H:%M", &tm);
    assert_non_null(end);
    assert_int_equal(*end, 0);
    return (int64_t)timegm(&tm) * 1000;
}

/* The open intervals, a line each: "Thu 2026-12-24 08:00 - 11:00". */
static void assert_open(const struct calendar *calendar, const char *from, const char *to, const char *expected)
{
    struct config_interval *intervals;
    uint32_t count;
    char out[2048] = "";
    assert_true(calendar_intervals(calendar, utc(from), utc(to), &intervals, &count));
    for (uint32_t i = 0; i < count; i++) {
        time_t open = intervals[i].open_ms / 1000, close = intervals[i].close_ms / 1000;
        struct tm tm;
        size_t size = strlen(out);
        size += strftime(out + size, sizeof out - size, "%a %Y-%m-%d %H:%M - ", gmtime_r(&open, &tm));
        strftime(out + size, sizeof out - size, "%a %H:%M\n", gmtime_r(&close, &tm));
    }
    free(intervals);
    assert_string_equal(out, expected);
}

#define HOURS(open, close)                                                                                                                 \
    {                                                                                                                                      \
        (open) * 60, (close)*60                                                                                                            \
    }

static void weekly_hours_are_those_of_the_clock_there(void **state)
{
    (void)state;
    struct calendar_weekly weekly[] = {{MON, HOURS(9, 14)}, {MON, HOURS(16, 19)}, {SAT, HOURS(10, 13)}};
    struct calendar madrid = {.zone = "Europe/Madrid", .weekly = weekly, .weekly_count = COUNT(weekly)};
    struct calendar kolkata = {.zone = "Asia/Kolkata", .weekly = weekly, .weekly_count = COUNT(weekly)};
    assert_open(&madrid, "2026-06-01 00:00", "2026-06-08 00:00",
                "Mon 2026-06-01 07:00 - Mon 12:00\nMon 2026-06-01 14:00 - Mon 17:00\nSat 2026-06-06 08:00 - Sat 11:00\n");
    assert_open(&madrid, "2026-01-05 00:00", "2026-01-06 00:00", "Mon 2026-01-05 08:00 - Mon 13:00\nMon 2026-01-05 15:00 - Mon 18:00\n");
    assert_open(&kolkata, "2026-06-01 00:00", "2026-06-02 00:00", "Mon 2026-06-01 03:30 - Mon 08:30\nMon 2026-06-01 10:30 - Mon 13:30\n");
}

static void the_window_cuts_what_reaches_over_its_ends(void **state)
{
    (void)state;
    struct calendar_weekly weekly[] = {{MON, HOURS(9, 14)}, {TUE, HOURS(9, 14)}};
    struct calendar calendar = {.zone = "UTC", .weekly = weekly, .weekly_count = COUNT(weekly)};
    assert_open(&calendar, "2026-06-01 10:00", "2026-06-02 11:00", "Mon 2026-06-01 10:00 - Mon 14:00\nTue 2026-06-02 09:00 - Tue 11:00\n");
    assert_open(&calendar, "2026-06-01 14:00", "2026-06-02 09:00", "");
    assert_open(&calendar, "2026-06-02 09:00", "2026-06-02 09:00", "");
}

static void hours_over_midnight_are_one_interval(void **state)
{
    (void)state;
    struct calendar_weekly weekly[] = {{FRI, HOURS(22, 26)}, {SUN, HOURS(22, 24)}, {MON, HOURS(0, 6)}};
    struct calendar calendar = {.zone = "Europe/Madrid", .weekly = weekly, .weekly_count = COUNT(weekly)};
    assert_open(&calendar, "2026-06-04 00:00", "2026-06-10 00:00", "Fri 2026-06-05 20:00 - Sat 00:00\nSun 2026-06-07 20:00 - Mon 04:00\n");
}

static void every_hour_of_the_week_is_one_interval(void **state)
{
    (void)state;
    struct calendar_weekly weekly[7];
    for (uint32_t day = MON; day <= SUN; day++)
        weekly[day] = (struct calendar_weekly){day, HOURS(0, 24)};
    struct calendar calendar = {.zone = "America/Sao_Paulo", .weekly = weekly, .weekly_count = COUNT(weekly)};
    assert_open(&calendar, "2018-01-01 00:00", "2019-12-31 00:00", "Mon 2018-01-01 00:00 - Tue 00:00\n");
}

/* On 2026-03-29 Madrid's clocks go from 02:00 to 03:00, which is 01:00 UTC. */
static void a_time_the_clock_leaves_out_is_not_open(void **state)
{
    (void)state;
    struct calendar_weekly within[] = {{SUN, HOURS(2, 3)}}, from[] = {{SUN, {150, 240}}}, until[] = {{SUN, {60, 150}}},
                           around[] = {{SUN, HOURS(1, 4)}};
    struct calendar calendar = {.zone = "Europe/Madrid", .weekly = within, .weekly_count = 1};
    assert_open(&calendar, "2026-03-28 00:00", "2026-03-30 00:00", "");
    calendar.weekly = from;
    assert_open(&calendar, "2026-03-28 00:00", "2026-03-30 00:00", "Sun 2026-03-29 01:00 - Sun 02:00\n");
    calendar.weekly = until;
    assert_open(&calendar, "2026-03-28 00:00", "2026-03-30 00:00", "Sun 2026-03-29 00:00 - Sun 01:00\n");
    calendar.weekly = around;
    assert_open(&calendar, "2026-03-28 00:00", "2026-03-30 00:00", "Sun 2026-03-29 00:00 - Sun 02:00\n");
}

/* On 2026-10-25 they go from 03:00 back to 02:00, which is 01:00 UTC. */
static void a_time_the_clock_shows_twice_is_open_both_times(void **state)
{
    (void)state;
    struct calendar_weekly whole[] = {{SUN, HOURS(2, 3)}}, half[] = {{SUN, {120, 150}}}, around[] = {{SUN, HOURS(1, 4)}};
    struct calendar calendar = {.zone = "Europe/Madrid", .weekly = whole, .weekly_count = 1};
    assert_open(&calendar, "2026-10-24 00:00", "2026-10-26 00:00", "Sun 2026-10-25 00:00 - Sun 02:00\n");
    calendar.weekly = half;
    assert_open(&calendar, "2026-10-24 00:00", "2026-10-26 00:00", "Sun 2026-10-25 00:00 - Sun 00:30\nSun 2026-10-25 01:00 - Sun 01:30\n");
    calendar.weekly = around;
    assert_open(&calendar, "2026-10-24 00:00", "2026-10-26 00:00", "Sat 2026-10-24 23:00 - Sun 03:00\n");
}

/* Until 2019 the clocks of Sao Paulo changed at midnight: on 2018-11-04 it was left out, on 2019-02-17 Saturday's last hour came twice. */
static void clocks_that_change_at_midnight_do_no_harm(void **state)
{
    (void)state;
    struct calendar_weekly weekly[] = {{SAT, HOURS(22, 24)}, {SUN, HOURS(0, 2)}};
    struct calendar calendar = {.zone = "America/Sao_Paulo", .weekly = weekly, .weekly_count = COUNT(weekly)};
    assert_open(&calendar, "2018-11-03 00:00", "2018-11-06 00:00", "Sun 2018-11-04 01:00 - Sun 04:00\n");
    assert_open(&calendar, "2019-02-16 00:00", "2019-02-19 00:00", "Sun 2019-02-17 00:00 - Sun 05:00\n");
    assert_open(&calendar, "2026-02-14 00:00", "2026-02-17 00:00", "Sun 2026-02-15 01:00 - Sun 05:00\n");
}

static void both_changes_of_a_year_move_the_hours(void **state)
{
    (void)state;
    struct calendar_weekly weekly[] = {{SUN, HOURS(10, 11)}};
    struct calendar calendar = {.zone = "Europe/Madrid", .weekly = weekly, .weekly_count = 1};
    struct config_interval *intervals;
    uint32_t count, in_summer = 0;
    assert_true(calendar_intervals(&calendar, utc("2026-01-01 00:00"), utc("2027-01-01 00:00"), &intervals, &count));
    assert_int_equal(count, 52);
    for (uint32_t i = 0; i < count; i++)
        in_summer += intervals[i].open_ms / 3600000 % 24 == 8;
    assert_int_equal(in_summer, 30); /* Sundays from 29 March to 18 October */
    free(intervals);
}

static void a_holiday_is_closed_all_day(void **state)
{
    (void)state;
    struct calendar_weekly weekly[] = {{THU, HOURS(22, 26)}, {FRI, HOURS(9, 10)}, {FRI, HOURS(22, 26)}, {SAT, HOURS(9, 10)}};
    struct calendar_date holidays[] = {{2026, 12, 25}, {0, 1, 1}, {2026, 1, 3}};
    struct calendar calendar = {
        .zone = "UTC", .weekly = weekly, .weekly_count = COUNT(weekly), .holidays = holidays, .holidays_count = COUNT(holidays)};
    assert_open(&calendar, "2026-12-24 12:00", "2026-12-27 00:00", "Thu 2026-12-24 22:00 - Fri 00:00\nSat 2026-12-26 09:00 - Sat 10:00\n");
    assert_open(&calendar, "2026-01-01 00:00", "2026-01-03 00:00", "Fri 2026-01-02 09:00 - Fri 10:00\nFri 2026-01-02 22:00 - Sat 00:00\n");
    assert_open(&calendar, "2027-12-24 12:00", "2027-12-26 00:00", "Fri 2027-12-24 22:00 - Sat 02:00\nSat 2027-12-25 09:00 - Sat 10:00\n");
}

static void a_leap_day_is_a_holiday_when_there_is_one(void **state)
{
    (void)state;
    struct calendar_weekly weekly[] = {{TUE, HOURS(9, 10)}, {SUN, HOURS(9, 10)}, {MON, HOURS(9, 10)}};
    struct calendar_date holidays[] = {{0, 2, 29}};
    struct calendar calendar = {.zone = "UTC", .weekly = weekly, .weekly_count = 3, .holidays = holidays, .holidays_count = 1};
    assert_open(&calendar, "2028-02-28 00:00", "2028-03-01 00:00", "Mon 2028-02-28 09:00 - Mon 10:00\n");
    assert_open(&calendar, "2026-02-28 00:00", "2026-03-02 00:00", "Sun 2026-03-01 09:00 - Sun 10:00\n");
}

static void a_day_of_exceptions_has_exactly_their_hours(void **state)
{
    (void)state;
    struct calendar_weekly weekly[] = {{WED, HOURS(22, 26)}, {THU, HOURS(9, 19)}};
    struct calendar_date holidays[] = {{0, 12, 24}, {0, 12, 25}};
    struct calendar_exception exceptions[] = {
        {{2026, 12, 24}, HOURS(16, 17)}, {{2026, 12, 24}, HOURS(9, 12)}, {{2026, 12, 24}, HOURS(23, 25)}};
    struct calendar calendar = {.zone = "UTC",
                                .weekly = weekly,
                                .weekly_count = COUNT(weekly),
                                .holidays = holidays,
                                .holidays_count = COUNT(holidays),
                                .exceptions = exceptions,
                                .exceptions_count = COUNT(exceptions)};
    assert_open(&calendar, "2026-12-23 00:00", "2026-12-26 00:00",
                "Wed 2026-12-23 22:00 - Thu 00:00\nThu 2026-12-24 09:00 - Thu 12:00\nThu 2026-12-24 16:00 - Thu 17:00\n"
                "Thu 2026-12-24 23:00 - Fri 01:00\n");
}

static void a_calendar_far_from_greenwich_and_from_now_works(void **state)
{
    (void)state;
    struct calendar_weekly weekly[] = {{MON, HOURS(0, 1)}};
    struct calendar kiritimati = {.zone = "Pacific/Kiritimati", .weekly = weekly, .weekly_count = 1};
    struct calendar pago_pago = {.zone = "Pacific/Pago_Pago", .weekly = weekly, .weekly_count = 1};
    struct calendar madrid = {.zone = "Europe/Madrid", .weekly = weekly, .weekly_count = 1};
    assert_open(&kiritimati, "2026-05-31 00:00", "2026-06-02 00:00", "Sun 2026-05-31 10:00 - Sun 11:00\n");
    assert_open(&kiritimati, "2026-05-30 00:00", "2026-05-31 12:00", "Sun 2026-05-31 10:00 - Sun 11:00\n");
    assert_open(&pago_pago, "2026-06-01 00:00", "2026-06-01 11:30", "Mon 2026-06-01 11:00 - Mon 11:30\n");
    assert_open(&pago_pago, "2026-05-31 00:00", "2026-06-02 00:00", "Mon 2026-06-01 11:00 - Mon 12:00\n");
    assert_open(&madrid, "1969-12-28 12:00", "1970-01-02 00:00", "Sun 1969-12-28 23:00 - Mon 00:00\n");
    assert_open(&madrid, "2050-07-03 12:00", "2050-07-05 00:00", "Sun 2050-07-03 22:00 - Sun 23:00\n");
}

static void only_names_of_the_zone_database_are_zones(void **state)
{
    (void)state;
    static const char *const unknown[] = {"",       "Europe",    "Europe/Madird",          "europe/madrid",           "EST5",
                                          "+03:00", "tzdata.zi", "../../../../etc/passwd", "/usr/share/zoneinfo/UTC", "Europe/../UTC"};
    struct config_interval *intervals = NULL;
    uint32_t count = 0;
    assert_true(calendar_zone_known("Europe/Madrid"));
    assert_true(calendar_zone_known("America/Argentina/Buenos_Aires"));
    assert_true(calendar_zone_known("Etc/GMT+3"));
    for (size_t i = 0; i < COUNT(unknown); i++) {
        struct calendar calendar = {.zone = unknown[i]};
        assert_false(calendar_zone_known(unknown[i]));
        assert_false(calendar_intervals(&calendar, 0, 1000, &intervals, &count));
    }
}

static void only_days_that_exist_are_dates(void **state)
{
    (void)state;
    static const struct calendar_date good[] = {{2026, 12, 31}, {2028, 2, 29}, {2000, 2, 29}, {0, 2, 29}};
    static const struct calendar_date bad[] = {{2026, 2, 29}, {2100, 2, 29}, {2026, 4, 31}, {2026, 0, 1},
                                               {2026, 13, 1}, {2026, 1, 0},  {0, 2, 30}};
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(calendar_date_exists(good[i]));
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(calendar_date_exists(bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weekly_hours_are_those_of_the_clock_there),
        cmocka_unit_test(the_window_cuts_what_reaches_over_its_ends),
        cmocka_unit_test(hours_over_midnight_are_one_interval),
        cmocka_unit_test(every_hour_of_the_week_is_one_interval),
        cmocka_unit_test(a_time_the_clock_leaves_out_is_not_open),
        cmocka_unit_test(a_time_the_clock_shows_twice_is_open_both_times),
        cmocka_unit_test(clocks_that_change_at_midnight_do_no_harm),
        cmocka_unit_test(both_changes_of_a_year_move_the_hours),
        cmocka_unit_test(a_holiday_is_closed_all_day),
        cmocka_unit_test(a_leap_day_is_a_holiday_when_there_is_one),
        cmocka_unit_test(a_day_of_exceptions_has_exactly_their_hours),
        cmocka_unit_test(a_calendar_far_from_greenwich_and_from_now_works),
        cmocka_unit_test(only_names_of_the_zone_database_are_zones),
        cmocka_unit_test(only_days_that_exist_are_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
