/* Numbers as little-endian bytes, in what is stored and what is hashed: the same on every machine. */
#ifndef RELEVO_LITTLE_H
#define RELEVO_LITTLE_H

#include <stdint.h>
#include <string.h>

/* The value whose bytes in memory are those of `value`, least significant first, or the other way round. */
static inline uint64_t little_turned(uint64_t value)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_bswap64(value);
#else
    return value;
#endif
}

/* Writes the low `size` bytes of the value, at most 8, and returns where they end. Of a constant size it is one or two moves. */
static inline char *little_put(char *to, uint64_t value, unsigned size)
{
    value = little_turned(value);
    memcpy(to, &value, size);
    return to + size;
}

static inline uint64_t little_get(const char *from, unsigned size)
{
    uint64_t value = 0;
    memcpy(&value, from, size);
    return little_turned(value);
}

#endif
