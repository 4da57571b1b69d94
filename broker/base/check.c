#include "base/check.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
    HUGE_BYTES = 2 << 20,
    HEAP_STEP_BYTES = 8 << 20, /* the heap grows by at least so many: address space, until they are touched */
};

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

/* Large tables and many small things are looked into at random, and each small page would need an entry of the processor's table of pages,
 * which has few. Advice only: without it memory is as good, and slower. */
static void advise_huge(void *memory, uintptr_t size)
{
    uintptr_t from = ((uintptr_t)memory + HUGE_BYTES - 1) & ~(uintptr_t)(HUGE_BYTES - 1);
    uintptr_t to = ((uintptr_t)memory + size) & ~(uintptr_t)(HUGE_BYTES - 1);
    if (from < to)
        madvise((char *)memory + (from - (uintptr_t)memory), to - from, MADV_HUGEPAGE);
}

/* Up to where the heap is advised; 0: nobody asked for huge pages. Two threads may move it at once: it is advice. */
static _Atomic(uintptr_t) heap_advised;

static void advise_heap(void)
{
    uintptr_t from = heap_advised, end = from ? (uintptr_t)sbrk(0) : 0;
    if (end == from)
        return;
    heap_advised = end;
    if (from < end) {
        uintptr_t page = from & ~(uintptr_t)(HUGE_BYTES - 1); /* which ended in the middle */
        advise_huge((void *)page, end - page);
    }
}

/* What is freed at the end of the heap is kept for two steps, so that a rush that comes again does not ask for the same pages anew. */
void heap_in_huge_pages(void)
{
    mallopt(M_TOP_PAD, HEAP_STEP_BYTES);
    mallopt(M_MMAP_THRESHOLD, HUGE_BYTES);
    mallopt(M_TRIM_THRESHOLD, 2 * HEAP_STEP_BYTES);
    heap_advised = (uintptr_t)sbrk(0);
}

void *must_alloc(unsigned long size)
{
    return must_grow(NULL, size);
}

void *must_zalloc(unsigned long count, unsigned long size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);
    if (!memory)
        fatal(FATAL_memory, "out of memory: %lu items of %lu bytes", count, size);
    advise_heap();
    advise_huge(memory, count * size);
    return memory;
}

void *must_grow(void *memory, unsigned long size)
{
    void *grown = realloc(memory, size ? size : 1);
    if (!grown)
        fatal(FATAL_memory, "out of memory: %lu bytes", size);
    advise_heap();
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
