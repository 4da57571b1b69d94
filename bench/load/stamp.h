/* What the text of a bench message carries, so that its receiver can check and time it: digits of 6 bits, as plain ASCII, then filling. */
#ifndef RELEVO_BENCH_STAMP_H
#define RELEVO_BENCH_STAMP_H

#include "proto/span.h"

enum {
    STAMP_RUN_DIGITS = 4,
    STAMP_NUMBER_DIGITS = 5, /* of each of the three numbers: up to 2^30 */
    STAMP_TIME_DIGITS = 10,
    STAMP_BYTES = STAMP_RUN_DIGITS + 3 * STAMP_NUMBER_DIGITS + STAMP_TIME_DIGITS,
    STAMP_NUMBER_MAX = (1 << 30) - 1,
};

struct stamp {
    uint32_t run;          /* which run of the bench: others' messages are not ours to judge */
    uint32_t conversation; /* from 0 */
    uint32_t number;       /* within the conversation, from 0 */
    uint32_t index;        /* within the run, from 0 */
    uint64_t sent_ns;      /* when it was meant to be sent, on the run's clock */
};

void stamp_write(char body[STAMP_BYTES], const struct stamp *stamp);

/* False when the text is not a stamp. */
bool stamp_read(struct span body, struct stamp *out);

/* `count` digits of 6 bits, most significant first. */
void stamp_digits(char *out, uint64_t value, uint32_t count);

#endif
