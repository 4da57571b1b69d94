/* Numbers as little-endian bytes, in what is stored and what is hashed: the same on every machine. */
#ifndef RELEVO_LITTLE_H
#define RELEVO_LITTLE_H

#include <stdint.h>

/* Writes the low `size` bytes of the value, at most 8, and returns where they end. */
static inline char *little_put(char *to, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        to[i] = (char)(value >> (8 * i));
    return to + size;
}

static inline uint64_t little_get(const char *from, unsigned size)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < size; i++)
        value |= (uint64_t)(unsigned char)from[i] << (8 * i);
    return value;
}

#endif
