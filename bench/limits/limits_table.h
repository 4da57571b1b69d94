/* All limits of one run, and what each is called. */
#ifndef RELEVO_BENCH_LIMITS_TABLE_H
#define RELEVO_BENCH_LIMITS_TABLE_H

#include <jansson.h>

#include "bench/limits/limits.h"

enum limit_kind {
    LIMIT_page_first,
    LIMIT_page_again,
    LIMIT_flush_append,
    LIMIT_flush_overwrite,
    LIMIT_lmdb_64,
    LIMIT_lmdb_512,
    LIMIT_lmdb_4096,
    LIMIT_relay_stored,
    LIMIT_relay_stored_paced,
    LIMIT_relay,
    LIMIT_relay_paced,
    LIMIT_echo_one, /* the echo last: see limits.h */
    LIMIT_echo_small,
    LIMIT_echo_large,
    LIMIT_KINDS
};

enum { LIMITS_RATE = 5000, LIMITS_ECHO_SMALL_INFLIGHT = 256, LIMITS_ECHO_LARGE_INFLIGHT = 64 };

void limits_print(const struct limit limits[LIMIT_KINDS]);
json_t *limits_json(const struct limit limits[LIMIT_KINDS]);

#endif
