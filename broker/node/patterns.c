#include "node/patterns.h"

#include <stdlib.h>

#include "base/check.h"
#include "pattern/pattern.h"

enum { WORD_BITS = 64 };

void patterns_compile(struct patterns *patterns, const struct config *config)
{
    patterns_fini(patterns);
    patterns->rules_count = config->rules_count;
    patterns->of_rule = must_zalloc(config->rules_count + 1, sizeof(struct pattern *));
    patterns->found = must_zalloc(config->rules_count / WORD_BITS + 1, sizeof *patterns->found);
    for (uint32_t i = 0; i < config->rules_count; i++) {
        struct pattern_error error;
        if (!config->rules[i].pattern)
            continue;
        patterns->of_rule[i] = pattern_compile(config->rules[i].pattern, &error);
        ASSERT(patterns->of_rule[i]); /* the load has refused what does not compile */
        patterns->any = true;
    }
}

const uint64_t *patterns_find(struct patterns *patterns, struct span text)
{
    if (!patterns->any || text.size == 0)
        return NULL;
    memset(patterns->found, 0, (patterns->rules_count / WORD_BITS + 1) * sizeof *patterns->found);
    for (uint32_t i = 0; i < patterns->rules_count; i++)
        if (patterns->of_rule[i] && pattern_matches(patterns->of_rule[i], text))
            patterns->found[i / WORD_BITS] |= UINT64_C(1) << (i % WORD_BITS);
    return patterns->found;
}

void patterns_fini(struct patterns *patterns)
{
    for (uint32_t i = 0; i < patterns->rules_count; i++)
        pattern_free(patterns->of_rule[i]);
    free(patterns->of_rule);
    free(patterns->found);
    *patterns = (struct patterns){0};
}
