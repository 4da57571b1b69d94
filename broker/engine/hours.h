/* Opening hours: sorted UTC intervals, borrowed from the configuration. Outside what they cover it is closed. */
#ifndef RELEVO_HOURS_H
#define RELEVO_HOURS_H

#include <stdbool.h>
#include <stdint.h>

struct hours {
    char *name; /* owned */
    struct hours_interval {
        int64_t open_ms, close_ms;
    } * intervals; /* owned */
    uint32_t count;
};

bool hours_open(const struct hours *hours, int64_t now_ms);

/* When it opens or closes next; 0: never. */
int64_t hours_next_change(const struct hours *hours, int64_t now_ms);

/* When it is open next: now_ms itself when it is open; 0: never. */
int64_t hours_next_opening(const struct hours *hours, int64_t now_ms);

/* The moment after which it has been open for span_ms since from_ms; 0: never. */
int64_t hours_add(const struct hours *hours, int64_t from_ms, int64_t span_ms);

#endif
