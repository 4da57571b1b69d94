#include "engine/rules.h"

#include <stdlib.h>

static bool is_any_or(const char *wanted, struct span given)
{
    return !wanted || span_equal(span_of(wanted), given);
}

const struct rule *rules_choose(const struct settings *settings, name_id account, struct span channel, struct span language,
                                struct span topic)
{
    for (uint32_t i = 0; i < settings->rules_count; i++) {
        const struct rule *rule = &settings->rules[i];
        if ((!rule->account || rule->account == account) && is_any_or(rule->channel, channel) && is_any_or(rule->language, language) &&
            is_any_or(rule->topic, topic))
            return rule;
    }
    return NULL;
}

void rules_fini(struct settings *settings)
{
    for (uint32_t i = 0; i < settings->rules_count; i++) {
        struct rule *rule = &settings->rules[i];
        free(rule->channel);
        free(rule->language);
        free(rule->topic);
        free((void *)(uintptr_t)rule->requirement.data);
    }
    free(settings->rules);
    settings->rules = NULL;
    settings->rules_count = 0;
}
