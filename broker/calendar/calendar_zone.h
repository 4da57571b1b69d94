/* Time zones as the system's zone database has them. calendar_zone.c is the only user of GLib. */
#ifndef RELEVO_CALENDAR_ZONE_H
#define RELEVO_CALENDAR_ZONE_H

#include <stdint.h>

struct calendar_zone;

/* A stretch of time during which clocks there differ from UTC by the same. */
struct calendar_period {
    int64_t from_ms, to_ms;
    int64_t offset_ms; /* local time - UTC */
};

/* NULL when there is no zone of that name. */
struct calendar_zone *calendar_zone_open(const char *name);

/* The period that begins at `from_ms`, as far as `to_ms` > from_ms at most. */
struct calendar_period calendar_zone_period(struct calendar_zone *zone, int64_t from_ms, int64_t to_ms);

void calendar_zone_close(struct calendar_zone *zone);

#endif
