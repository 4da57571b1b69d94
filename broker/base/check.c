#include "base/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { HUGE_BYTES = 2 << 20 };

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "bug: %s:%d: does not hold: %s\n", file, line, what);
    abort();
}

_Noreturn void fatal(enum fatal code, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fprintf(stderr, "fatal: %s\n", text);
    /* Exit handlers would run beside threads that still work on state nobody may believe any more. */
    _Exit((int)code);
}

void *must_alloc(unsigned long size)
{
    return must_grow(NULL, size);
}

/* A large table is looked into at random, and each of its small pages would need an entry of the processor's table of pages, which has
 * few. Advice only: without it the table is as good, and slower. */
static void advise_huge(void *memory, uintptr_t size)
{
    uintptr_t from = ((uintptr_t)memory + HUGE_BYTES - 1) & ~(uintptr_t)(HUGE_BYTES - 1);
    uintptr_t to = ((uintptr_t)memory + size) & ~(uintptr_t)(HUGE_BYTES - 1);
    if (from < to)
        madvise((char *)memory + (from - (uintptr_t)memory), to - from, MADV_HUGEPAGE);
}

void *must_zalloc(unsigned long count, unsigned long size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);
    if (!memory)
        fatal(FATAL_memory, "out of memory: %lu items of %lu bytes", count, size);
    advise_huge(memory, count * size);
    return memory;
}

void *must_grow(void *memory, unsigned long size)
{
    void *grown = realloc(memory, size ? size : 1);
    if (!grown)
        fatal(FATAL_memory, "out of memory: %lu bytes", size);
    return grown;
}

void *must_double(void *items, uint32_t *capacity, unsigned long item_size)
{
    enum { CAPACITY_FIRST = 16 };
    ASSERT(*capacity <= UINT32_MAX / 4);
    *capacity = *capacity ? 2 * *capacity : CAPACITY_FIRST;
    return must_grow(items, *capacity * item_size);
}

char *must_copy(const void *data, unsigned long size)
{
    char *copy = must_alloc(size + 1);
    if (size)
        memcpy(copy, data, size);
    copy[size] = 0;
    return copy;
}
