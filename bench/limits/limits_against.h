/* Runs of `relevo bench route` held against the limits of the machine. */
#ifndef RELEVO_BENCH_LIMITS_AGAINST_H
#define RELEVO_BENCH_LIMITS_AGAINST_H

#include "bench/limits/limits_table.h"

/* What was told by `bench route --json`: one object, or several one after the other. */
struct limits_against {
    json_t *runs; /* an array; NULL: nothing is held against the limits */
};

/* False: complained. */
bool limits_against_read(const char *path, struct limits_against *out);

/* Each run as a share of the limits that it can be compared with. */
void limits_against_print(const struct limits_against *against, const struct limit limits[LIMIT_KINDS]);
json_t *limits_against_json(const struct limits_against *against, const struct limit limits[LIMIT_KINDS]);

#endif
