/* Arrivals as they were recorded, from a CSV file: counts per interval of one day, from a table with a row a day and a column an interval;
 * or a column of times. Times are milliseconds since midnight (of the day, or of the first day in the column). */
#ifndef RELEVO_SIMULATE_TRACE_H
#define RELEVO_SIMULATE_TRACE_H

#include "bench/simulate/document.h"

struct trace_slot {
    double from_ms, to_ms; /* equal: all at this time */
    uint64_t count;
};

struct trace {
    struct trace_slot *slots; /* in the order of time */
    uint32_t slots_count, slots_capacity;
    double scale;   /* on average, this many arrivals for each recorded one */
    int64_t day_ms; /* UTC midnight of the day; 0: unknown */
};

/* {file: F, day: 2003-03-03} or {file: F, column: NAME or number}; `scale` in both. Relative files are looked for beside the scenario, then
 * in the working directory. */
void trace_read(struct document *document, const struct node *node, struct trace *out);
void trace_fini(struct trace *trace);

/* `file` as it is to be opened: beside the file that names it, if it is there. */
const char *path_beside(struct document *document, const struct node *file);

#endif
