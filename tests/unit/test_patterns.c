#include "node/patterns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { RULES = 70 };

static char refund[] = "refund|money back", address[] = "^change.*address$";

/* Rule 1 and rule 69 have a pattern: the second stands in the second word. */
static struct config configuration(struct config_rule rules[RULES])
{
    memset(rules, 0, RULES * sizeof *rules);
    rules[1].pattern = refund;
    rules[69].pattern = address;
    return (struct config){.rules = rules, .rules_count = RULES};
}

static void the_pattern_of_each_rule_is_looked_for(void **state)
{
    struct config_rule rules[RULES];
    struct config config = configuration(rules);
    struct patterns patterns = {0};
    (void)state;
    patterns_compile(&patterns, &config);
    const uint64_t *found = patterns_find(&patterns, span_of("I want my MONEY BACK"));
    assert_non_null(found);
    assert_int_equal(found[0], 2);
    assert_int_equal(found[1], 0);
    found = patterns_find(&patterns, span_of("change my address"));
    assert_int_equal(found[0], 0);
    assert_int_equal(found[1], 1 << (69 - 64));
    patterns_fini(&patterns);
}

static void a_text_without_a_match_finds_nothing_of_the_text_before(void **state)
{
    struct config_rule rules[RULES];
    struct config config = configuration(rules);
    struct patterns patterns = {0};
    (void)state;
    patterns_compile(&patterns, &config);
    assert_non_null(patterns_find(&patterns, span_of("refund")));
    const uint64_t *found = patterns_find(&patterns, span_of("hello"));
    assert_true(!found || (found[0] == 0 && found[1] == 0));
    assert_null(patterns_find(&patterns, span_of("")));
    patterns_fini(&patterns);
}

static void a_configuration_loaded_again_brings_its_own_patterns(void **state)
{
    struct config_rule rules[RULES];
    struct config config = configuration(rules), fewer = {.rules = &rules[2], .rules_count = 1};
    struct patterns patterns = {0};
    (void)state;
    patterns_compile(&patterns, &config);
    patterns_compile(&patterns, &fewer);
    assert_false(patterns.any);
    assert_null(patterns_find(&patterns, span_of("refund")));
    patterns_fini(&patterns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pattern_of_each_rule_is_looked_for),
        cmocka_unit_test(a_text_without_a_match_finds_nothing_of_the_text_before),
        cmocka_unit_test(a_configuration_loaded_again_brings_its_own_patterns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
