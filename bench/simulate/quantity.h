/* Quantities as a person writes them: times with units, rates, shares and counts. Times are milliseconds as double everywhere in the
 * simulator; a plain number in a file is seconds. */
#ifndef RELEVO_SIMULATE_QUANTITY_H
#define RELEVO_SIMULATE_QUANTITY_H

#include <stdint.h>

#include "bench/simulate/document.h"

/* "20s", "5min", "1.5h", "250ms", "2d", "180": milliseconds. False: it is no time of at least 0. */
bool quantity_parse_time(const char *text, double *out_ms);

/* "07:30", "7:30:15" or a time. */
bool quantity_parse_clock(const char *text, double *out_ms);

/* These refuse what is no such quantity, and give `absent` for NULL. */
double quantity_time_ms(struct document *document, const struct node *node, double absent);
double quantity_number(struct document *document, const struct node *node, double min, double max, double absent);
uint64_t quantity_count(struct document *document, const struct node *node, uint64_t min, uint64_t max, uint64_t absent);

#endif
