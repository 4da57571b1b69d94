#include "pattern/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static struct pattern *compiled(const char *text)
{
    struct pattern_error error = {{0}, 0};
    struct pattern *pattern = pattern_compile(text, &error);
    assert_string_equal(error.text, "");
    assert_non_null(pattern);
    return pattern;
}

static bool matches(const char *pattern_text, const char *text)
{
    struct pattern *pattern = compiled(pattern_text);
    bool is_match = pattern_matches(pattern, span_of(text));
    pattern_free(pattern);
    return is_match;
}

static void a_pattern_is_found_anywhere_in_any_case(void **state)
{
    (void)state;
    assert_true(matches("refund|money back", "I want my MONEY back!"));
    assert_true(matches("^hola", "Hola, buenas"));
    assert_false(matches("^hola", "¡Hola!"));
    assert_false(matches("refund", "found"));
    assert_false(matches("refund", ""));
    assert_true(matches("", ""));
}

static void letters_are_those_of_unicode(void **state)
{
    (void)state;
    assert_true(matches("devolución", "DEVOLUCIÓN"));
    assert_true(matches("^\\w+$", "çañón"));
    assert_true(matches("^.$", "🙂"));
}

static void one_pattern_is_used_again_and_again(void **state)
{
    (void)state;
    struct pattern *pattern = compiled("(a)(b)(\\d+)");
    assert_true(pattern_matches(pattern, span_of("ab1")));
    assert_false(pattern_matches(pattern, span_of("ab")));
    assert_true(pattern_matches(pattern, span_of("xAB22")));
    assert_false(pattern_matches(pattern, (struct span){0}));
    pattern_free(pattern);
    pattern_free(NULL);
}

static void text_that_is_not_utf8_does_no_harm(void **state)
{
    (void)state;
    assert_true(matches("found", "\xff\xfe found \xc3"));
    assert_false(matches("^.$", "\xc3"));
    assert_false(matches("lost", "\xf0\x9f"));
}

static void a_mistake_is_named_with_its_place(void **state)
{
    (void)state;
    struct pattern_error error;
    assert_null(pattern_compile("refund(", &error));
    assert_string_equal(error.text, "missing closing parenthesis");
    assert_int_equal(error.offset, 7);
    assert_false(pattern_check("a\\Cb", &error));
    assert_string_equal(error.text, "using \\C is disabled by the application");
    assert_false(pattern_check("(((a{1,500}){1,500}){1,500}){1,500}", &error));
    assert_string_equal(error.text, "regular expression is too large");
    assert_true(pattern_check("refund", &error));
}

static void a_step_too_far_is_no_match(void **state)
{
    (void)state;
    assert_true(matches("^(a+)+$", "aaaaaaaaaaaa"));
    assert_true(matches("foo.*bar", "foo and then, after a while, bar"));
    assert_false(matches("^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"));
}

static void only_the_beginning_of_a_text_is_looked_at(void **state)
{
    (void)state;
    char text[PATTERN_TEXT_MAX + 8];
    memset(text, 'a', sizeof text);
    memcpy(text + PATTERN_TEXT_MAX - 3, "end", 3);
    struct pattern *pattern = compiled("end"), *beyond = compiled("enda");
    assert_true(pattern_matches(pattern, (struct span){text, sizeof text}));
    assert_false(pattern_matches(beyond, (struct span){text, sizeof text}));
    pattern_free(pattern);
    pattern_free(beyond);
}

static uint64_t cpu_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Each search may take as many steps as the one before. */
static void every_search_has_all_its_steps(void **state)
{
    (void)state;
    char text[202];
    struct pattern *pattern = compiled("[^y]+?z");
    memset(text, 'x', sizeof text);
    memcpy(text + 200, "yz", 2);
    for (int i = 0; i < 100; i++)
        assert_false(pattern_matches(pattern, (struct span){text, sizeof text}));
    text[200] = 'x';
    assert_true(pattern_matches(pattern, (struct span){text, sizeof text}));
    pattern_free(pattern);
}

/* Without limits each of these takes seconds to years; with them some milliseconds. */
static void hostile_patterns_and_texts_burn_no_time(void **state)
{
    (void)state;
    static const char *const hostile[] = {
        "(a+)+$",           "(a|aa)+$",  "(a*)*b",         "(.*)*(.*)*(.*)*x", "(a+a+)+y",      "^(([a-z])+.)+[A-Z]([a-z])+$",
        "(?:a?){64}a{64}z", "(.+)\\1+z", "(?=(a+))a*b\\1", "((a+)?(a+)?)*c",   "(?R)?a+(?R)?b", "(?s).*.*.*.*.*z"};
    static const size_t runs[] = {8, 17, 18, 19, 23, 5000}; /* the shorter ones stay below what the search from one place may take */
    static char text[64 << 10];
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        struct pattern *pattern = compiled(hostile[i]);
        for (size_t j = 0; j < sizeof runs / sizeof runs[0]; j++) {
            for (size_t k = 0; k < sizeof text; k++)
                text[k] = (k + 1) % runs[j] ? 'a' : '-';
            /* A pattern that needs a letter which is nowhere would be done at once. */
            memcpy(text + PATTERN_TEXT_MAX - 8, "-- ybxz-", 8);
            uint64_t before_ms = cpu_ms();
            pattern_matches(pattern, (struct span){text, sizeof text});
            assert_in_range(cpu_ms() - before_ms, 0, 300);
        }
        pattern_free(pattern);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_is_found_anywhere_in_any_case),   cmocka_unit_test(letters_are_those_of_unicode),
        cmocka_unit_test(one_pattern_is_used_again_and_again),       cmocka_unit_test(text_that_is_not_utf8_does_no_harm),
        cmocka_unit_test(a_mistake_is_named_with_its_place),         cmocka_unit_test(a_step_too_far_is_no_match),
        cmocka_unit_test(only_the_beginning_of_a_text_is_looked_at), cmocka_unit_test(every_search_has_all_its_steps),
        cmocka_unit_test(hostile_patterns_and_texts_burn_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
