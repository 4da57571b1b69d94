/* An overview of the broker as a supervisor reads it. */
#ifndef RELEVO_BENCH_OVERVIEW_H
#define RELEVO_BENCH_OVERVIEW_H

#include <stdio.h>

#include "proto/message.h"

/* Totals, then a table each of queues, agents and accounts. */
void overview_print(const struct wire_overview *overview, FILE *out);

/* The totals as one line. */
void overview_print_line(const struct wire_overview *overview, FILE *out);

#endif
