/* From weekly hours on the clock of a place to the moments when it is open. A moment is open when the clock on the wall there shows a time
 * within the hours. So where the clock is put forward, a time it leaves out is never shown: hours that begin in it begin right after it,
 * and hours that lie in it altogether do not happen that day. Where the clock is put back, hours that are shown twice are open both times.
 * Owns nothing; refuses to know what is done while it is closed. */
#ifndef RELEVO_CALENDAR_H
#define RELEVO_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include "config/config.h"

enum { CALENDAR_DAY_MINUTES = 24 * 60, CALENDAR_WEEK_MINUTES = 7 * CALENDAR_DAY_MINUTES };

struct calendar_date {
    uint16_t year; /* 0: every year */
    uint8_t month, day;
};

/* Minutes since midnight, the last one not included. Beyond 24:00 it is the next day. */
struct calendar_hours {
    uint32_t open_minute, close_minute;
};

struct calendar_weekly {
    uint32_t weekday; /* 0 Monday to 6 Sunday */
    struct calendar_hours hours;
};

struct calendar_exception {
    struct calendar_date date;
    struct calendar_hours hours;
};

/* A holiday is closed from midnight to midnight. A date with exceptions has exactly their hours, holiday or not. Either way no weekly hours
 * begin on that day, and those of the day before end at its midnight; the hours of an exception go on into whatever day follows. */
struct calendar {
    const char *zone;
    struct calendar_weekly *weekly;
    struct calendar_date *holidays;
    struct calendar_exception *exceptions;
    uint32_t weekly_count, holidays_count, exceptions_count;
};

/* Is it the IANA name of a zone in the system's zone database, like Europe/Madrid? */
bool calendar_zone_known(const char *name);

/* Is there such a day: 29 February only in a leap year, or in every year. */
bool calendar_date_exists(struct calendar_date date);

/* The open intervals within [from_ms, to_ms), sorted, apart, none empty; the caller frees *out (NULL when there are none). False and
 * nothing in *out when the zone is not known. */
bool calendar_intervals(const struct calendar *calendar, int64_t from_ms, int64_t to_ms, struct config_interval **out, uint32_t *count);

#endif
