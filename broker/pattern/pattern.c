#include "pattern/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/check.h"

enum {
    MATCH_LIMIT = 1000000, /* of the search from one place; the callouts below bound all of them together */
    DEPTH_LIMIT = 10000,
    HEAP_LIMIT_KIB = 4096,
    JIT_STACK_MIN = 32 << 10,
    JIT_STACK_MAX = 512 << 10,
};

struct pattern {
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *context;
    pcre2_jit_stack *stack; /* NULL: there is no JIT */
    uint32_t steps;         /* of the present search */
};

/* Callouts before each item count the steps of a search: the limits of PCRE2 begin anew at every place of the text. Text that is not UTF-8
 * matches nothing but does no harm. */
static pcre2_code *compile(const char *text, struct pattern_error *error)
{
    int number;
    PCRE2_SIZE offset;
    uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_CASELESS | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)text, strlen(text), options, &number, &offset, NULL);
    if (!code) {
        pcre2_get_error_message(number, (PCRE2_UCHAR *)error->text, sizeof error->text);
        error->offset = offset;
    }
    return code;
}

static int count_step(pcre2_callout_block *block, void *steps)
{
    (void)block;
    return ++*(uint32_t *)steps > PATTERN_STEPS_MAX ? PCRE2_ERROR_MATCHLIMIT : 0;
}

/* Without a JIT (or memory that may be executed) the interpreter does the same, slower. */
static void use_jit(struct pattern *pattern)
{
    if (pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE) != 0)
        return;
    pattern->stack = pcre2_jit_stack_create(JIT_STACK_MIN, JIT_STACK_MAX, NULL);
    if (!pattern->stack)
        fatal(FATAL_memory, "out of memory for a pattern");
    pcre2_jit_stack_assign(pattern->context, NULL, pattern->stack);
}

struct pattern *pattern_compile(const char *text, struct pattern_error *error)
{
    pcre2_code *code = compile(text, error);
    if (!code)
        return NULL;
    struct pattern *pattern = must_zalloc(1, sizeof *pattern);
    pattern->code = code;
    pattern->match = pcre2_match_data_create(1, NULL);
    pattern->context = pcre2_match_context_create(NULL);
    if (!pattern->match || !pattern->context)
        fatal(FATAL_memory, "out of memory for a pattern");
    pcre2_set_match_limit(pattern->context, MATCH_LIMIT);
    pcre2_set_depth_limit(pattern->context, DEPTH_LIMIT);
    pcre2_set_heap_limit(pattern->context, HEAP_LIMIT_KIB);
    pcre2_set_callout(pattern->context, count_step, &pattern->steps);
    use_jit(pattern);
    return pattern;
}

bool pattern_check(const char *text, struct pattern_error *error)
{
    pcre2_code *code = compile(text, error);
    pcre2_code_free(code);
    return code;
}

bool pattern_matches(struct pattern *pattern, struct span text)
{
    uint32_t size = text.size < PATTERN_TEXT_MAX ? text.size : PATTERN_TEXT_MAX;
    pattern->steps = 0;
    return pcre2_match(pattern->code, (PCRE2_SPTR)(size ? text.data : ""), size, 0, 0, pattern->match, pattern->context) >= 0;
}

void pattern_free(struct pattern *pattern)
{
    if (!pattern)
        return;
    pcre2_jit_stack_free(pattern->stack);
    pcre2_match_context_free(pattern->context);
    pcre2_match_data_free(pattern->match);
    pcre2_code_free(pattern->code);
    free(pattern);
}
