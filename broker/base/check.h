/* The two ways the broker stops on purpose. ASSERT: our own bug, on in release too. fatal: the world is unusable (a commit failed),
 * stopping loses less than going on. Both print one line and end the process: fatal with its own exit code, ASSERT by abort(). */
#ifndef RELEVO_CHECK_H
#define RELEVO_CHECK_H

#include <stdint.h>

enum fatal {
    FATAL_memory = 70,
    FATAL_commit = 71,  /* the store could not make a batch durable */
    FATAL_corrupt = 72, /* stored bytes do not hold */
    FATAL_system = 74,
};

/* Cold: what leads to them is kept out of the way of what runs, and so is must_double. */
__attribute__((cold)) _Noreturn void check_failed(const char *file, int line, const char *what);
__attribute__((cold)) _Noreturn void fatal(enum fatal code, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define ASSERT(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))

/* malloc, calloc and realloc that never return NULL: running out is fatal(FATAL_memory). */
void *must_alloc(unsigned long size);
void *must_zalloc(unsigned long count, unsigned long size);
void *must_grow(void *memory, unsigned long size);

/* Room for twice as many, or for the first ones. */
__attribute__((cold)) void *must_double(void *items, uint32_t *capacity, unsigned long item_size);

/* Room for one more item behind `count` of them: `items`, or where they are after the capacity was doubled. */
static inline void *must_make_room(void *items, uint32_t count, uint32_t *capacity, unsigned long item_size)
{
    return count < *capacity ? items : must_double(items, capacity, item_size);
}

/* For a program that will hold much, before it allocates anything: malloc's heap grows by whole huge pages, which are asked for as it does;
 * what is as large as one has a mapping of its own. */
void heap_in_huge_pages(void);

/* A copy of `size` bytes (none when 0) with a NUL after them. */
char *must_copy(const void *data, unsigned long size);

#endif
