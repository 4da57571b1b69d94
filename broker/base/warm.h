/* Fetching ahead: memory that will be needed soon is asked for now, all of its cache lines at once, so that it is waited for once and not
 * line by line. Changes nothing; an address that is not there does no harm. */
#ifndef RELEVO_WARM_H
#define RELEVO_WARM_H

#include <stddef.h>

enum { WARM_LINE = 64 };

/* Everything from `at` on; the size is best a constant. */
static inline void warm(const void *at, size_t size)
{
    const char *byte = at;
#pragma GCC unroll 8
    for (size_t offset = 0; offset < size; offset += WARM_LINE)
        __builtin_prefetch(byte + offset, 1);
    if (size > 1) /* it need not begin where a line does */
        __builtin_prefetch(byte + size - 1, 1);
    __asm__ volatile(""); /* GCC takes a function that only prefetches for one without effect, and drops the call */
}

#endif
