#include "calendar/calendar_zone.h"

#include <glib.h>
#include <stdio.h>

#include "calendar/calendar.h"

enum { STEP_S = 24 * 60 * 60 };

/* GLib would also read offsets and rules such as "EST5", files elsewhere, and complain aloud about a file that is no zone: only the name of
 * a zone file reaches it. */
bool calendar_zone_known(const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    char path[256], magic[4] = "";
    if (!g_ascii_isupper(name[0]) || name[strspn(name, letters)] != 0 ||
        snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name) >= (int)sizeof path)
        return false;
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    bool is_zone = fread(magic, sizeof magic, 1, file) == 1 && memcmp(magic, "TZif", sizeof magic) == 0;
    fclose(file);
    return is_zone;
}

struct calendar_zone *calendar_zone_open(const char *name)
{
    return calendar_zone_known(name) ? (struct calendar_zone *)g_time_zone_new_identifier(name) : NULL;
}

static int number_at(GTimeZone *zone, int64_t at_s)
{
    return g_time_zone_find_interval(zone, G_TIME_TYPE_UNIVERSAL, at_s);
}

/* The first second in (low, high] that is not in the period `number`; `high` is not. GLib numbers periods but does not tell their ends. */
static int64_t end_within(GTimeZone *zone, int number, int64_t low, int64_t high)
{
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (number_at(zone, middle) == number)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static int64_t floor_seconds(int64_t ms)
{
    return ms / 1000 - (ms % 1000 < 0);
}

struct calendar_period calendar_zone_period(struct calendar_zone *calendar_zone, int64_t from_ms, int64_t to_ms)
{
    GTimeZone *zone = (GTimeZone *)calendar_zone;
    int64_t at_s = floor_seconds(from_ms);
    int number = number_at(zone, at_s);
    struct calendar_period period = {from_ms, to_ms, INT64_C(1000) * g_time_zone_get_offset(zone, number)};
    while (at_s * 1000 < to_ms) {
        int64_t next_s = at_s + STEP_S;
        if (number_at(zone, next_s) != number) {
            int64_t end_ms = end_within(zone, number, at_s, next_s) * 1000;
            period.to_ms = end_ms < to_ms ? end_ms : to_ms;
            break;
        }
        at_s = next_s;
    }
    return period;
}

void calendar_zone_close(struct calendar_zone *zone)
{
    g_time_zone_unref((GTimeZone *)zone);
}
