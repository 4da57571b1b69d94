#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"

/* Bytes of the heap's mappings, and of those that ask for huge pages. */
struct heap_bytes {
    unsigned long all, huge;
};

static struct heap_bytes heap_bytes(void)
{
    struct heap_bytes bytes = {0};
    char line[512];
    unsigned long from, to, size = 0;
    FILE *maps = fopen("/proc/self/smaps", "r");
    assert_non_null(maps);
    while (fgets(line, sizeof line, maps)) {
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2) {
            size = strstr(line, "[heap]") ? to - from : 0;
            bytes.all += size;
        } else if (strncmp(line, "VmFlags:", 8) == 0 && strstr(line, " hg")) {
            bytes.huge += size;
        }
    }
    fclose(maps);
    return bytes;
}

static const char *why_not(void)
{
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    return "memory is the sanitizer's";
#else
    FILE *enabled = fopen("/sys/kernel/mm/transparent_hugepage/enabled", "r");
    if (!enabled)
        return "this system has no huge pages to ask for";
    fclose(enabled);
    return NULL;
#endif
}

static void the_heap_asks_for_huge_pages_as_it_grows(void **state)
{
    enum { PIECES = 10000, PIECE_BYTES = 4000 };
    static void *pieces[PIECES];
    (void)state;
    if (why_not()) {
        print_message("skipped the_heap_asks_for_huge_pages_as_it_grows: %s\n", why_not());
        skip();
    }
    heap_in_huge_pages();
    for (int i = 0; i < PIECES; i++)
        pieces[i] = must_alloc(PIECE_BYTES);
    struct heap_bytes bytes = heap_bytes();
    assert_true(bytes.all >= (unsigned long)PIECES * PIECE_BYTES);
    assert_true(bytes.huge >= bytes.all / 10 * 8); /* all but the ends */
    for (int i = 0; i < PIECES; i++)
        free(pieces[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_heap_asks_for_huge_pages_as_it_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
