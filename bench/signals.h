/* ^C and its like while a measurement runs: noticed in between, so that what was made is removed. */
#ifndef RELEVO_BENCH_SIGNALS_H
#define RELEVO_BENCH_SIGNALS_H

#include <stdbool.h>

/* From now on signals that would end the process are only noticed; before the first thread, so that all inherit it. Returns a descriptor
 * that is readable when one came. */
int signals_open(void);

bool signals_came(int signals);

#endif
