#include "engine/rules.h"

#include "engine/attributes.h"
#include "engine/customer.h"

static bool is_any_or(struct span wanted, struct span given)
{
    return !wanted.size || span_equal(wanted, given);
}

static bool channel_matches(const struct engine *engine, const struct rule *rule, name_id type)
{
    return !rule->channel.size || span_equal(rule->channel, engine_name(engine, type));
}

/* A rule for results is for those alone. */
static bool result_matches(const struct rule *rule, struct span result)
{
    return span_equal(rule->result, result);
}

static struct span attribute_of(const struct customer *customer, const struct event *event, struct span name)
{
    for (uint32_t i = event->attributes_count; i-- > 0;)
        if (span_equal(event->attributes[i].name, name))
            return event->attributes[i].value;
    return customer ? attributes_get(customer_attributes(customer), name) : span_of(NULL);
}

static bool attributes_match(const struct rule *rule, const struct customer *customer, const struct event *event)
{
    for (uint32_t i = 0; i < rule->attributes_count; i++)
        if (!span_equal(rule->attributes[i].value, attribute_of(customer, event, rule->attributes[i].name)))
            return false;
    return true;
}

static bool pattern_matches(const struct rule *rule, const uint64_t *patterns)
{
    return !rule->has_pattern || (patterns && patterns[rule->index / 64] >> rule->index % 64 & 1);
}

static bool hours_match(const struct rule *rule, int64_t now_ms)
{
    return (!rule->open || hours_open(rule->open, now_ms)) && (!rule->closed || !hours_open(rule->closed, now_ms));
}

static bool rule_matches(const struct engine *engine, const struct rule *rule, name_id account, name_id type,
                         const struct customer *customer, const struct event *event)
{
    return (!rule->account || rule->account == account) && channel_matches(engine, rule, type) &&
           is_any_or(rule->language, event->language) && is_any_or(rule->topic, event->topic) && result_matches(rule, event->result) &&
           attributes_match(rule, customer, event) && pattern_matches(rule, event->patterns) && hours_match(rule, engine->counters.now_ms);
}

/* --- by topic, so that many rules do not make it slow --- */

/* Without a key: only the configuration puts topics into the table. */
uint64_t rules_topic_hash(struct span topic)
{
    return hash_crc32c(0, topic.data, topic.size);
}

void rules_index(struct engine *engine)
{
    struct settings *settings = &engine->settings;
    for (uint32_t i = settings->rules_count; i-- > 0;) {
        struct rule *rule = &settings->rules[i];
        uint64_t hash = rules_topic_hash(rule->topic);
        rule->next_same_topic = rule->topic.size ? map_get(&settings->rules_by_topic, hash) : settings->rules_any_topic;
        if (rule->topic.size)
            map_put(&settings->rules_by_topic, hash, rule);
        else
            settings->rules_any_topic = rule;
    }
}

static uint64_t topic_hash(const struct event *event)
{
    return event->warmed.topic ? event->warmed.topic : rules_topic_hash(event->topic);
}

const struct rule *rules_choose(const struct engine *engine, name_id account, name_id type, const struct customer *customer,
                                const struct event *event)
{
    const struct settings *settings = &engine->settings;
    const struct rule *same = event->topic.size ? map_get(&settings->rules_by_topic, topic_hash(event)) : NULL;
    const struct rule *any = settings->rules_any_topic;
    while (same || any) {
        const struct rule **first = same && (!any || same->index < any->index) ? &same : &any;
        if (rule_matches(engine, *first, account, type, customer, event))
            return *first;
        *first = (*first)->next_same_topic;
    }
    return NULL;
}
