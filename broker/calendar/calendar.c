#include "calendar/calendar.h"

#include <stdlib.h>

#include "base/check.h"
#include "calendar/calendar_zone.h"

enum { MINUTE_MS = 60 * 1000, WEEKDAYS = 7, WEEKDAY_OF_1970 = 3 /* a Thursday */ };
static const int64_t day_ms = INT64_C(24) * 60 * MINUTE_MS;

struct intervals {
    struct config_interval *items;
    uint32_t count, capacity;
};

static void add_interval(struct intervals *intervals, int64_t open_ms, int64_t close_ms)
{
    if (open_ms >= close_ms)
        return;
    intervals->items = must_make_room(intervals->items, intervals->count, &intervals->capacity, sizeof *intervals->items);
    intervals->items[intervals->count++] = (struct config_interval){open_ms, close_ms};
}

static int compare_intervals(const void *left, const void *right)
{
    const struct config_interval *a = left, *b = right;
    return (a->open_ms > b->open_ms) - (a->open_ms < b->open_ms);
}

/* Sorts, and joins those that touch. */
static void settle(struct intervals *intervals)
{
    uint32_t kept = 0;
    if (intervals->count)
        qsort(intervals->items, intervals->count, sizeof *intervals->items, compare_intervals);
    for (uint32_t i = 0; i < intervals->count; i++) {
        struct config_interval next = intervals->items[i];
        struct config_interval *last = kept ? &intervals->items[kept - 1] : NULL;
        if (!last || next.open_ms > last->close_ms)
            intervals->items[kept++] = next;
        else if (next.close_ms > last->close_ms)
            last->close_ms = next.close_ms;
    }
    intervals->count = kept;
}

/* The civil date of a day counted from 1970-01-01, after Howard Hinnant's "chrono-compatible low-level date algorithms": years begin in
 * March, so that a leap day is the last of its year. */
static struct calendar_date date_of_day(int64_t day)
{
    int64_t shifted = day + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    int64_t year = year_of_era + era * 400 + (month <= 2);
    return (struct calendar_date){(uint16_t)year, (uint8_t)month, (uint8_t)(day_of_year - (153 * month_from_march + 2) / 5 + 1)};
}

bool calendar_date_exists(struct calendar_date date)
{
    static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0);
    if (date.month < 1 || date.month > 12 || date.day < 1 || date.day > days[date.month - 1])
        return false;
    return date.month != 2 || date.day < 29 || is_leap;
}

static bool falls_on(struct calendar_date date, struct calendar_date day)
{
    return date.month == day.month && date.day == day.day && (date.year == 0 || date.year == day.year);
}

static bool is_ordinary(const struct calendar *calendar, struct calendar_date day)
{
    for (uint32_t i = 0; i < calendar->holidays_count; i++)
        if (falls_on(calendar->holidays[i], day))
            return false;
    for (uint32_t i = 0; i < calendar->exceptions_count; i++)
        if (falls_on(calendar->exceptions[i].date, day))
            return false;
    return true;
}

/* Times of day are those of the clock there, as if it showed UTC. */
static void add_hours(struct intervals *local, int64_t day, struct calendar_hours hours)
{
    add_interval(local, day * day_ms + (int64_t)hours.open_minute * MINUTE_MS, day * day_ms + (int64_t)hours.close_minute * MINUTE_MS);
}

/* Hours over midnight are cut there: the rest of them happens unless either day is none of the ordinary ones. */
static void add_ordinary_day(const struct calendar *calendar, int64_t day, bool after_ordinary, struct intervals *local)
{
    uint32_t weekday = (uint32_t)(((day + WEEKDAY_OF_1970) % WEEKDAYS + WEEKDAYS) % WEEKDAYS);
    for (uint32_t i = 0; i < calendar->weekly_count; i++) {
        const struct calendar_weekly *weekly = &calendar->weekly[i];
        struct calendar_hours today = weekly->hours, from_yesterday = {0, 0};
        if (today.close_minute > CALENDAR_DAY_MINUTES) {
            from_yesterday.close_minute = today.close_minute - CALENDAR_DAY_MINUTES;
            today.close_minute = CALENDAR_DAY_MINUTES;
        }
        if (weekly->weekday == weekday)
            add_hours(local, day, today);
        if (after_ordinary && (weekly->weekday + 1) % WEEKDAYS == weekday)
            add_hours(local, day, from_yesterday);
    }
}

static void add_day(const struct calendar *calendar, int64_t day, struct intervals *local)
{
    struct calendar_date date = date_of_day(day);
    if (is_ordinary(calendar, date))
        add_ordinary_day(calendar, day, is_ordinary(calendar, date_of_day(day - 1)), local);
    for (uint32_t i = 0; i < calendar->exceptions_count; i++)
        if (falls_on(calendar->exceptions[i].date, date))
            add_hours(local, day, calendar->exceptions[i].hours);
}

/* Whatever the zone, its clocks are less than two days from UTC. */
static struct intervals local_intervals(const struct calendar *calendar, int64_t from_ms, int64_t to_ms)
{
    struct intervals local = {0};
    for (int64_t day = from_ms / day_ms - 3; day <= to_ms / day_ms + 2; day++)
        add_day(calendar, day, &local);
    settle(&local);
    return local;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void add_period(struct intervals *utc, const struct intervals *local, struct calendar_period period)
{
    for (uint32_t i = 0; i < local->count; i++)
        add_interval(utc, later(local->items[i].open_ms - period.offset_ms, period.from_ms),
                     earlier(local->items[i].close_ms - period.offset_ms, period.to_ms));
}

bool calendar_intervals(const struct calendar *calendar, int64_t from_ms, int64_t to_ms, struct config_interval **out, uint32_t *count)
{
    struct calendar_zone *zone = calendar_zone_open(calendar->zone);
    if (!zone)
        return false;
    struct intervals local = local_intervals(calendar, from_ms, to_ms), utc = {0};
    for (int64_t at_ms = from_ms; at_ms < to_ms;) {
        struct calendar_period period = calendar_zone_period(zone, at_ms, to_ms);
        add_period(&utc, &local, period);
        at_ms = period.to_ms;
    }
    settle(&utc);
    calendar_zone_close(zone);
    free(local.items);
    *out = utc.items;
    *count = utc.count;
    return true;
}
