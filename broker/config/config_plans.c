/* Reads the sections `plans` and `rules`: who is asked for, and when for somebody else. */
#include "config/config_read.h"
#include "pattern/pattern.h"
#include "proto/message.h"

enum {
    SKILL_LEVEL_NEEDED = 1, /* of a skill written without a level */
    AFTER_S_MAX = 30 * 24 * 60 * 60,
    PATTERN_BYTES_MAX = 1024,
};

static uint32_t skip_of(struct span word)
{
    return span_equal(word, span_of("nobody_signed_in"));
}

static struct config_step read_step(const struct config_reader *reader, struct config_place at, const struct shape_step *from)
{
    config_too_many(reader, config_place_at(at, "preferred"), from->preferred_count, CONFIG_PREFERRED_MAX);
    return (struct config_step){
        .all = config_skills(reader, config_place_at(at, "all"), from->all, from->all_count, SKILL_LEVEL_NEEDED),
        .all_count = from->all_count,
        .any = config_skills(reader, config_place_at(at, "any"), from->any, from->any_count, SKILL_LEVEL_NEEDED),
        .any_count = from->any_count,
        .queue = config_name(reader, config_place_at(at, "queue"), from->queue),
        .after_ms = UINT64_C(1000) * config_number(reader, config_place_at(at, "after_s"), from->after_s, 0, AFTER_S_MAX, 0),
        .preferred = config_names(reader, config_place_at(at, "preferred"), from->preferred, from->preferred_count),
        .preferred_count = from->preferred_count,
        .priority = config_priority(reader, config_place_at(at, "priority"), from->priority, 0),
        .choice = config_choice(reader, config_place_at(at, "choice"), from->choice, 0),
        .add = config_truth(reader, config_place_at(at, "add"), from->add, false),
        .skip_if_nobody = config_word(reader, config_place_at(at, "skip_if"), from->skip_if, skip_of, "nobody_signed_in", 0),
    };
}

static void check_first_step(const struct config_reader *reader, struct config_place at, const struct config_step *step)
{
    if (!step->queue)
        config_refuse(reader->source, at, "queue is missing; expected it in the first step");
    if (step->after_ms)
        config_refuse(reader->source, config_place_at(at, "after_s"), "the first step comes at once; expected none, or 0");
    if (step->add)
        config_refuse(reader->source, config_place_at(at, "add"), "nothing comes before the first step; expected false");
}

static void check_later_step(const struct config_reader *reader, struct config_place at, const struct config_step *before,
                             const struct config_step *step)
{
    if (step->after_ms <= before->after_ms)
        config_refuse(reader->source, at, "expected after_s above that of the step before (%llu), not %llu",
                      (unsigned long long)before->after_ms / 1000, (unsigned long long)step->after_ms / 1000);
}

static void read_steps(const struct config_reader *reader, uint32_t item, const struct shape_plan *from, struct config_plan *plan)
{
    struct config_place at = config_place("plans", item, NULL);
    if (from->steps_count < 1 || from->steps_count > WIRE_STEPS_MAX) {
        config_refuse(reader->source, at, "%u steps; expected 1 to %d", from->steps_count, WIRE_STEPS_MAX);
        return;
    }
    plan->steps = config_items(reader, from->steps_count, sizeof *plan->steps);
    plan->steps_count = from->steps_count;
    at.list = "steps";
    for (uint32_t i = 0; i < plan->steps_count; i++) {
        struct config_step *step = &plan->steps[i];
        at.list_item = i;
        *step = read_step(reader, at, &from->steps[i]);
        if (i == 0) {
            check_first_step(reader, at, step);
            continue;
        }
        check_later_step(reader, at, step - 1, step);
        if (!step->queue)
            step->queue = step[-1].queue;
    }
}

void config_read_plans(const struct config_reader *reader, const struct shape *shape, struct config_loaded *loaded)
{
    loaded->plans_count = shape->plans_count;
    loaded->plans = config_items(reader, shape->plans_count, sizeof *loaded->plans);
    loaded->named_plans = config_index_take(reader->arena, shape->plans_count);
    for (uint32_t i = 0; i < shape->plans_count; i++) {
        struct config_plan *plan = &loaded->plans[i];
        plan->name = config_name(reader, config_place("plans", i, "name"), shape->plans[i].name);
        read_steps(reader, i, &shape->plans[i], plan);
        config_index_add(&loaded->named_plans, plan->name, i, 0, 0);
    }
    config_index_sort(&loaded->named_plans);
}

static struct config_plan named_plan(const struct config_reader *reader, struct config_place at, const struct shape_rule *from,
                                     const struct config_loaded *loaded)
{
    char known[CONFIG_NAME_LIST_BYTES];
    uint32_t holder = config_index_holder(&loaded->named_plans, span_of(from->plan));
    if (holder != UINT32_MAX)
        return loaded->plans[holder];
    config_index_list(&loaded->named_plans, known);
    config_refuse(reader->source, config_place_at(at, "plan"), "no plan is named \"%.80s\"; %s", from->plan, known);
    return (struct config_plan){0};
}

/* What the rule itself asks for is a plan of one step; its priority is the rule's. */
static struct config_plan own_plan(const struct config_reader *reader, struct config_place at, const struct shape_rule *from)
{
    struct shape_step step = {
        .queue = from->queue, .all = from->all, .all_count = from->all_count, .any = from->any, .any_count = from->any_count};
    struct config_plan plan = {.steps = config_items(reader, 1, sizeof *plan.steps), .steps_count = 1};
    plan.steps[0] = read_step(reader, at, &step);
    return plan;
}

static struct config_plan read_rule_plan(const struct config_reader *reader, struct config_place at, const struct shape_rule *from,
                                         const struct config_loaded *loaded)
{
    if (!from->plan && !from->queue)
        config_refuse(reader->source, at, "neither queue nor plan is given; expected one of them");
    if (from->plan && from->queue)
        config_refuse(reader->source, config_place_at(at, "plan"), "given beside queue; expected one of them");
    if (from->plan && from->all_count)
        config_refuse(reader->source, config_place_at(at, "all"), "given beside plan; expected it in the plan's steps");
    if (from->plan && from->any_count)
        config_refuse(reader->source, config_place_at(at, "any"), "given beside plan; expected it in the plan's steps");
    return from->plan ? named_plan(reader, at, from, loaded) : own_plan(reader, at, from);
}

static struct config_attribute *read_attributes(const struct config_reader *reader, struct config_place place,
                                                const struct shape_rule *from)
{
    struct config_attribute *attributes = config_items(reader, from->attributes_count, sizeof *attributes);
    if (config_too_many(reader, place, from->attributes_count, WIRE_ATTRIBUTES_MAX))
        return attributes;
    for (uint32_t i = 0; i < from->attributes_count; i++) {
        attributes[i] = config_attribute(reader, config_place_entry(place, i), from->attributes[i]);
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(attributes[i].name, attributes[j].name) == 0)
                config_refuse(reader->source, config_place_entry(place, i), "\"%s\" is given twice", attributes[i].name);
    }
    return attributes;
}

static char *read_pattern(const struct config_reader *reader, struct config_place place, const char *text)
{
    struct pattern_error error;
    char *pattern = config_text(reader, place, text, PATTERN_BYTES_MAX);
    if (pattern && !pattern_check(pattern, &error))
        config_refuse(reader->source, place, "%s at byte %zu; expected a regular expression of PCRE2", error.text, error.offset);
    return pattern;
}

static struct config_rule read_rule(const struct config_reader *reader, struct config_place at, const struct shape_rule *from,
                                    const struct config_loaded *loaded)
{
    return (struct config_rule){
        .account = config_name(reader, config_place_at(at, "account"), from->account),
        .channel = config_name(reader, config_place_at(at, "channel"), from->channel),
        .language = config_name(reader, config_place_at(at, "language"), from->language),
        .topic = config_name(reader, config_place_at(at, "topic"), from->topic),
        .result = config_name(reader, config_place_at(at, "result"), from->result),
        .attributes = read_attributes(reader, config_place_at(at, "attributes"), from),
        .attributes_count = from->attributes_count,
        .pattern = read_pattern(reader, config_place_at(at, "pattern"), from->pattern),
        .open = config_name(reader, config_place_at(at, "open"), from->open),
        .closed = config_name(reader, config_place_at(at, "closed"), from->closed),
        .plan = read_rule_plan(reader, at, from, loaded),
        .priority = config_priority(reader, config_place_at(at, "priority"), from->priority, from->result ? 0 : PRIORITY_normal),
    };
}

void config_read_rules(const struct config_reader *reader, const struct shape *shape, struct config_loaded *loaded)
{
    struct config *config = &loaded->config;
    config->rules_count = shape->rules_count;
    config->rules = config_items(reader, shape->rules_count, sizeof *config->rules);
    for (uint32_t i = 0; i < shape->rules_count; i++)
        config->rules[i] = read_rule(reader, config_place("rules", i, NULL), &shape->rules[i], loaded);
}
