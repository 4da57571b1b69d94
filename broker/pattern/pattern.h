/* Patterns of rules: PCRE2 over UTF-8, without regard to case, found anywhere in the first PATTERN_TEXT_MAX bytes of a text. Neither the
 * pattern nor the text can burn time: what would take too many steps is no match.
 *
 * The configuration checks its patterns and keeps their text. The node compiles each once after a load and asks, for a message that rules
 * may decide on, which of them match; the engine is told their numbers. A compiled pattern has room for one match: it is used by one
 * thread. */
#ifndef RELEVO_PATTERN_H
#define RELEVO_PATTERN_H

#include <stdbool.h>

#include "proto/span.h"

enum {
    PATTERN_TEXT_MAX = 4096,   /* bytes looked at: searching can take the square of it */
    PATTERN_STEPS_MAX = 100000 /* items of the pattern tried in one search: some milliseconds */
};

struct pattern_error {
    char text[128]; /* "missing closing parenthesis" */
    size_t offset;  /* bytes into the pattern */
};

struct pattern;

/* NULL and *error when the text is no pattern. */
struct pattern *pattern_compile(const char *text, struct pattern_error *error);

/* Would it compile? The cheaper question, where nothing is to be matched. */
bool pattern_check(const char *text, struct pattern_error *error);

bool pattern_matches(struct pattern *pattern, struct span text);

/* NULL is allowed. */
void pattern_free(struct pattern *pattern);

#endif
