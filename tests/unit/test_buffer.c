#include "proto/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void formatted_texts_follow_one_another(void **state)
{
    (void)state;
    struct buffer buffer = {0};
    buffer_format(&buffer, "%s %d", "conversation", 7);
    buffer_format(&buffer, ", %s", "queued");
    assert_true(span_equal(buffer_span(&buffer), span_of("conversation 7, queued")));
    buffer_fini(&buffer);
}

static void a_formatted_text_is_whole_however_long(void **state)
{
    (void)state;
    for (int length = 0; length < 2000; length++) {
        struct buffer buffer = {0};
        buffer_format(&buffer, "%*s", length, "");
        assert_int_equal(buffer.size, length);
        for (int i = 0; i < length; i++)
            assert_int_equal(buffer.data[i], ' ');
        buffer_fini(&buffer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formatted_texts_follow_one_another),
        cmocka_unit_test(a_formatted_text_is_whole_however_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
