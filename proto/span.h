/* A borrowed run of bytes: where it is and how long it is. Never owns, never ends in NUL, never NULL with a size. */
#ifndef RELEVO_SPAN_H
#define RELEVO_SPAN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct span {
    const char *data;
    uint32_t size; /* bytes */
};

/* Borrows a NUL-terminated string; NULL gives the empty span. */
static inline struct span span_of(const char *text)
{
    return text ? (struct span){text, (uint32_t)strlen(text)} : (struct span){"", 0};
}

static inline bool span_equal(struct span a, struct span b)
{
    return a.size == b.size && (a.size == 0 || a.data == b.data || memcmp(a.data, b.data, a.size) == 0);
}

#endif
