#include "base/texts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SIZE_MAX_TESTED = TEXTS_POOLED + 40 };

static void texts_of_every_length_are_kept_as_they_were(void **state)
{
    (void)state;
    struct texts texts = {0};
    const char *kept[SIZE_MAX_TESTED];
    char text[SIZE_MAX_TESTED];
    for (int round = 0; round < 3; round++) {
        for (size_t size = 0; size < SIZE_MAX_TESTED; size++) {
            memset(text, (int)size + round, size);
            kept[size] = texts_keep(&texts, text, size);
        }
        for (size_t size = 0; size < SIZE_MAX_TESTED; size++) {
            memset(text, (int)size + round, size);
            assert_memory_equal(kept[size], text, size);
            texts_drop(&texts, kept[size], size);
        }
    }
    texts_fini(&texts);
}

static void a_dropped_place_is_used_again(void **state)
{
    (void)state;
    struct texts texts = {0};
    const char *first = texts_keep(&texts, "+34600111222", 12);
    texts_drop(&texts, first, 12);
    assert_ptr_equal(texts_keep(&texts, "+34600333444555", 15), first);
    texts_fini(&texts);
}

static void short_texts_lie_side_by_side(void **state)
{
    (void)state;
    struct texts texts = {0};
    const char *first = texts_keep(&texts, "+34600111222", 12), *second = texts_keep(&texts, "+34600333444", 12);
    assert_ptr_equal(second, first + 16);
    texts_fini(&texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_of_every_length_are_kept_as_they_were),
        cmocka_unit_test(a_dropped_place_is_used_again),
        cmocka_unit_test(short_texts_lie_side_by_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
