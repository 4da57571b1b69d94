#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// The order matters: cmocka.h needs those above.
#include <cmocka.h>

#include "bench/load/plot.h"

enum { TEXT_BYTES = 64 << 10 };

static char *plotted(const char *title, const struct latency *latencies, size_t count)
{
    char *text = calloc(1, TEXT_BYTES);
    FILE *out = fmemopen(text, TEXT_BYTES, "w");
    plot_print(out, title, latencies, count);
    fclose(out);
    return text;
}

static int times(const char *text, const char *word)
{
    int count = 0;
    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
        count++;
    return count;
}

/* What plot.c writes is simple: every element is closed in its own tag, or by the end tag that was opened last. */
static void assert_well_formed(const char *text)
{
    char open[8][16];
    int depth = 0;
    for (const char *at = strchr(text, '<'); at; at = strchr(at + 1, '<')) {
        const char *end = strchr(at, '>');
        assert_non_null(end);
        if (at[1] == '/') {
            assert_true(depth > 0);
            size_t length = strlen(open[--depth]);
            assert_int_equal((size_t)(end - at - 2), length);
            assert_memory_equal(at + 2, open[depth], length);
        } else if (end[-1] != '/') {
            assert_true(depth < 8);
            snprintf(open[depth++], sizeof *open, "%.*s", (int)strcspn(at + 1, " >"), at + 1);
        }
    }
    assert_int_equal(depth, 0);
}

static struct histogram values_up_to(uint64_t us, uint64_t count)
{
    struct histogram histogram = {0};
    for (uint64_t i = 1; i <= count; i++)
        histogram_record(&histogram, us * 1000 * i / count);
    return histogram;
}

static void every_histogram_has_a_curve_and_its_name(void **state)
{
    (void)state;
    struct histogram fast = values_up_to(900, 100000), slow = values_up_to(45000, 1000);
    const struct latency latencies[] = {{"fast_us", "a fast one", &fast}, {"slow_us", "a slow one", &slow}};
    char *text = plotted("two curves", latencies, 2);
    assert_well_formed(text);
    assert_int_equal(times(text, "<polyline "), 2);
    assert_int_equal(times(text, ">a fast one<"), 1);
    assert_int_equal(times(text, ">a slow one<"), 1);
    assert_int_equal(times(text, ">two curves<"), 2);
    free(text);
}

static void axes_reach_as_far_as_the_values(void **state)
{
    (void)state;
    struct histogram histogram = values_up_to(45000, 1000);
    const struct latency latency = {"us", "latency", &histogram};
    char *text = plotted("axes", &latency, 1);
    assert_int_equal(times(text, ">p99.9<"), 1);
    assert_int_equal(times(text, ">p99.99<"), 0);
    assert_int_equal(times(text, ">10 ms<"), 1);
    assert_int_equal(times(text, ">100 ms<"), 1);
    assert_int_equal(times(text, ">1 s<"), 0);
    free(text);
}

/* A logarithm of nothing would put "inf" or "nan" where a reader expects a number. */
static void empty_and_single_valued_histograms_are_drawable(void **state)
{
    (void)state;
    struct histogram empty = {0}, single = {0};
    histogram_record(&single, 1000);
    const struct latency latencies[] = {{"empty_us", "empty", &empty}, {"single_us", "single", &single}};
    for (size_t i = 0; i < 2; i++) {
        char *text = plotted("odd", &latencies[i], 1);
        assert_well_formed(text);
        assert_int_equal(times(text, "<polyline "), 1);
        assert_int_equal(times(text, "nan") + times(text, "inf"), 0);
        free(text);
    }
}

static void names_cannot_break_the_picture(void **state)
{
    (void)state;
    struct histogram histogram = values_up_to(10, 10);
    const struct latency latency = {"us", "a < b && c > d", &histogram};
    char *text = plotted("<title>", &latency, 1);
    assert_well_formed(text);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_histogram_has_a_curve_and_its_name),
        cmocka_unit_test(axes_reach_as_far_as_the_values),
        cmocka_unit_test(empty_and_single_valued_histograms_are_drawable),
        cmocka_unit_test(names_cannot_break_the_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
