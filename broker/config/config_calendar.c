/* Reads the section `calendars`, and makes the intervals of its calendars. */
#include <stdlib.h>

#include "config/config_read.h"

enum { CALENDARS_MAX = 256, ENTRIES_MAX = 256, WEEKDAYS = 7, DAYS_BEHIND = 2, DAYS_AHEAD = 400, YEAR_MIN = 1970 };

/* Takes as many digits as the number has, and moves `text` behind them. */
static bool take_number(const char **text, uint32_t digits, uint32_t *out)
{
    *out = 0;
    for (uint32_t i = 0; i < digits; i++) {
        unsigned digit = (unsigned)(*text)[i] - '0';
        if (digit > 9)
            return false;
        *out = *out * 10 + digit;
    }
    *text += digits;
    return true;
}

static bool take_letter(const char **text, char letter)
{
    bool is_next = **text == letter;
    *text += is_next;
    return is_next;
}

/* "09:30"; up to 24:00. */
static bool take_minute(const char **text, uint32_t *out)
{
    uint32_t hour, minute;
    if (!take_number(text, 2, &hour) || !take_letter(text, ':') || !take_number(text, 2, &minute))
        return false;
    *out = hour * 60 + minute;
    return minute < 60 && *out <= CALENDAR_DAY_MINUTES;
}

/* "09:00-14:00", to the end of the text; "22:00-02:00" ends on the next day. */
static bool take_hours(const char *text, struct calendar_hours *out)
{
    if (!take_minute(&text, &out->open_minute) || !take_letter(&text, '-') || !take_minute(&text, &out->close_minute) || *text)
        return false;
    if (out->open_minute == CALENDAR_DAY_MINUTES || out->open_minute == out->close_minute)
        return false;
    if (out->close_minute < out->open_minute)
        out->close_minute += CALENDAR_DAY_MINUTES;
    return true;
}

static bool take_weekday(const char **text, uint32_t *out)
{
    static const char *const names[WEEKDAYS] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (*out = 0; *out < WEEKDAYS; ++*out) {
        if (strncmp(*text, names[*out], 3) == 0) {
            *text += 3;
            return true;
        }
    }
    return false;
}

/* "2026-12-25", or "12-25" for every year. */
static bool take_date(const char **text, struct calendar_date *out)
{
    uint32_t year = 0, month, day;
    if (strcspn(*text, "-") == 4 && (!take_number(text, 4, &year) || year < YEAR_MIN || !take_letter(text, '-')))
        return false;
    if (!take_number(text, 2, &month) || !take_letter(text, '-') || !take_number(text, 2, &day))
        return false;
    *out = (struct calendar_date){(uint16_t)year, (uint8_t)month, (uint8_t)day};
    return true;
}

static void check_date(const struct config_reader *reader, struct config_place place, struct calendar_date date, const char *text)
{
    if (!calendar_date_exists(date))
        config_refuse(reader->source, place, "there is no such day: \"%.40s\"", text);
}

/* "mon-fri 09:00-14:00" or "sat 10:00-13:00": one for each of its days. False when it is something else. */
static bool read_weekly(const char *text, struct calendar *hours)
{
    struct calendar_weekly weekly;
    uint32_t last;
    if (!take_weekday(&text, &weekly.weekday))
        return false;
    last = weekly.weekday;
    if (take_letter(&text, '-') && !take_weekday(&text, &last))
        return false;
    if (!take_letter(&text, ' ') || !take_hours(text, &weekly.hours))
        return false;
    for (; weekly.weekday != last; weekly.weekday = (weekly.weekday + 1) % WEEKDAYS)
        hours->weekly[hours->weekly_count++] = weekly;
    hours->weekly[hours->weekly_count++] = weekly;
    return true;
}

/* Marks the minutes of the week of those from `first` on as entry `number`. The entry that has one of them already, or 0. */
static uint32_t mark_week(uint16_t week[CALENDAR_WEEK_MINUTES], const struct calendar *hours, uint32_t first, uint16_t number)
{
    for (uint32_t i = first; i < hours->weekly_count; i++) {
        const struct calendar_weekly *weekly = &hours->weekly[i];
        for (uint32_t minute = weekly->hours.open_minute; minute < weekly->hours.close_minute; minute++) {
            uint16_t *mark = &week[(weekly->weekday * CALENDAR_DAY_MINUTES + minute) % CALENDAR_WEEK_MINUTES];
            if (*mark)
                return *mark;
            *mark = number;
        }
    }
    return 0;
}

static void read_week(const struct config_reader *reader, struct config_place place, const struct shape_calendar *from,
                      struct calendar *hours)
{
    uint16_t week[CALENDAR_WEEK_MINUTES] = {0};
    if (config_too_many(reader, place, from->weekly_count, ENTRIES_MAX))
        return;
    hours->weekly = config_items(reader, from->weekly_count * WEEKDAYS, sizeof *hours->weekly);
    for (place.entry = 0; place.entry < from->weekly_count && !reader->source->refused; place.entry++) {
        const char *text = from->weekly[place.entry];
        uint32_t first = hours->weekly_count;
        if (!read_weekly(text, hours)) {
            config_refuse(reader->source, place, "expected days and hours like \"mon-fri 09:00-14:00\", not \"%.40s\"", text);
            return;
        }
        uint32_t other = mark_week(week, hours, first, (uint16_t)(place.entry + 1));
        if (other)
            config_refuse(reader->source, place, "\"%s\" overlaps \"%s\"", text, from->weekly[other - 1]);
    }
}

static void read_holidays(const struct config_reader *reader, struct config_place place, const struct shape_calendar *from,
                          struct calendar *hours)
{
    if (config_too_many(reader, place, from->holidays_count, ENTRIES_MAX))
        return;
    hours->holidays_count = from->holidays_count;
    hours->holidays = config_items(reader, from->holidays_count, sizeof *hours->holidays);
    for (place.entry = 0; place.entry < from->holidays_count && !reader->source->refused; place.entry++) {
        const char *text = from->holidays[place.entry];
        if (!take_date(&text, &hours->holidays[place.entry]) || *text)
            config_refuse(reader->source, place, "expected a day like \"2026-12-25\", or \"12-25\" for every year, not \"%.40s\"",
                          from->holidays[place.entry]);
        check_date(reader, place, hours->holidays[place.entry], from->holidays[place.entry]);
    }
}

static void read_exceptions(const struct config_reader *reader, struct config_place place, const struct shape_calendar *from,
                            struct calendar *hours)
{
    if (config_too_many(reader, place, from->exceptions_count, ENTRIES_MAX))
        return;
    hours->exceptions_count = from->exceptions_count;
    hours->exceptions = config_items(reader, from->exceptions_count, sizeof *hours->exceptions);
    for (place.entry = 0; place.entry < from->exceptions_count && !reader->source->refused; place.entry++) {
        struct calendar_exception *exception = &hours->exceptions[place.entry];
        const char *text = from->exceptions[place.entry];
        if (!take_date(&text, &exception->date) || !take_letter(&text, ' ') || !take_hours(text, &exception->hours))
            config_refuse(reader->source, place, "expected a day and its hours like \"2026-12-24 09:00-12:00\", not \"%.40s\"",
                          from->exceptions[place.entry]);
        check_date(reader, place, exception->date, from->exceptions[place.entry]);
    }
}

static void read_calendar(const struct config_reader *reader, struct config_place at, const struct shape_calendar *from,
                          struct config_calendar *calendar, struct calendar *hours)
{
    calendar->name = config_name(reader, config_place_at(at, "name"), from->name);
    calendar->zone = config_name(reader, config_place_at(at, "zone"), from->zone);
    hours->zone = calendar->zone;
    if (!calendar_zone_known(calendar->zone))
        config_refuse(reader->source, config_place_at(at, "zone"),
                      "the system's zone database has no \"%.80s\"; expected a name like Europe/Madrid", calendar->zone);
    if (!from->weekly_count && !from->exceptions_count)
        config_refuse(reader->source, at, "it never opens; expected weekly hours or exceptions");
    read_week(reader, config_place_at(at, "weekly"), from, hours);
    read_holidays(reader, config_place_at(at, "holidays"), from, hours);
    read_exceptions(reader, config_place_at(at, "exceptions"), from, hours);
}

void config_read_calendars(const struct config_reader *reader, const struct shape *shape, struct config_loaded *loaded)
{
    struct config *config = &loaded->config;
    if (config_too_many(reader, config_place("calendars", CONFIG_NONE, NULL), shape->calendars_count, CALENDARS_MAX))
        return;
    config->calendars_count = shape->calendars_count;
    config->calendars = config_items(reader, shape->calendars_count, sizeof *config->calendars);
    loaded->hours = config_items(reader, shape->calendars_count, sizeof *loaded->hours);
    for (uint32_t i = 0; i < shape->calendars_count && !reader->source->refused; i++)
        read_calendar(reader, config_place("calendars", i, NULL), &shape->calendars[i], &config->calendars[i], &loaded->hours[i]);
}

void config_refresh_calendars(struct config *config, int64_t now_ms)
{
    const struct config_loaded *loaded = (const struct config_loaded *)config;
    int64_t from_ms = now_ms - (int64_t)DAYS_BEHIND * CONFIG_DAY_MS, to_ms = now_ms + (int64_t)DAYS_AHEAD * CONFIG_DAY_MS;
    for (uint32_t i = 0; i < config->calendars_count; i++) {
        struct config_calendar *calendar = &config->calendars[i];
        struct config_interval *fresh;
        uint32_t count;
        if (!calendar_intervals(&loaded->hours[i], from_ms, to_ms, &fresh, &count))
            continue;
        free(calendar->intervals);
        calendar->intervals = fresh;
        calendar->intervals_count = count;
    }
}
