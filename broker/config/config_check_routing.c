#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "config/config_check.h"
#include "proto/message.h"

static void check_known_queue(const struct config_check *check, struct config_place place, const char *name)
{
    config_check_known(check, place, &check->loaded->queues, "queue", name);
}

static void check_given_once(const struct config_check *check, struct config_place place, char **names, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(names[i], names[j]) == 0)
                config_refuse(check->source, config_place_entry(place, i), "\"%s\" is given twice", names[i]);
}

static void check_channels(const struct config_check *check)
{
    for (uint32_t i = 0; i < check->config->channels_count && !check->source->refused; i++) {
        const struct config_channel *channel = &check->config->channels[i];
        struct config_place interrupts = config_place("channels", i, "interrupts");
        check_given_once(check, interrupts, channel->interrupts, channel->interrupts_count);
        for (interrupts.entry = 0; interrupts.entry < channel->interrupts_count; interrupts.entry++) {
            const char *name = channel->interrupts[interrupts.entry];
            config_check_known(check, interrupts, &check->loaded->channels, "channel type", name);
            if (strcmp(name, channel->channel) == 0)
                config_refuse(check->source, interrupts, "a channel type cannot interrupt itself; expected others");
        }
    }
}

static void check_queue(const struct config_check *check, struct config_place at, const struct config_queue *queue)
{
    check_known_queue(check, config_place_at(at, "overflow"), queue->overflow);
    check_known_queue(check, config_place_at(at, "escalates_to"), queue->escalates_to);
    config_check_known(check, config_place_at(at, "calendar"), &check->loaded->calendars, "calendar", queue->calendar);
    if (queue->when_closed == WHEN_CLOSED_message && !queue->closed_text)
        config_refuse(check->source, config_place_at(at, "when_closed"), "closed_text is missing; expected it with message");
    if (queue->when_closed == WHEN_CLOSED_overflow && !queue->overflow)
        config_refuse(check->source, config_place_at(at, "when_closed"), "overflow is missing; expected it with when_closed: overflow");
    if (queue->wait_max_ms && !queue->overflow)
        config_refuse(check->source, config_place_at(at, "wait_max_ms"), "overflow is missing; expected it with wait_max_ms");
    if (queue->edf && !queue->first_response_ms)
        config_refuse(check->source, config_place_at(at, "edf"), "first_response_ms is missing; expected it with edf");
}

static const struct config_queue *queue_of(const struct config_check *check, const char *name)
{
    return &check->config->queues[config_index_holder(&check->loaded->queues, span_of(name))];
}

static const char *overflow_of(const struct config_queue *queue)
{
    return queue->overflow;
}

static const char *escalation_of(const struct config_queue *queue)
{
    return queue->escalates_to;
}

/* "support -> general -> support"; a long one is cut. */
static void name_cycle(const struct config_check *check, const struct config_queue *from,
                       const char *(*following)(const struct config_queue *), char out[256])
{
    const char *name = from->name;
    size_t size = (size_t)snprintf(out, 256, "%s", name);
    do {
        name = following(queue_of(check, name));
        if (size + strlen(name) + sizeof " -> ... -> " > 256) {
            snprintf(out + size, 256 - size, " -> ...");
            return;
        }
        size += (size_t)snprintf(out + size, 256 - size, " -> %s", name);
    } while (strcmp(name, from->name) != 0);
}

/* Goes from each queue until where an earlier walk has been; a walk that meets itself is a cycle. */
static void check_no_cycle(const struct config_check *check, const char *field, const char *(*following)(const struct config_queue *))
{
    const struct config_queue *queues = check->config->queues;
    uint32_t count = check->config->queues_count;
    uint32_t *walks = must_zalloc(count + 1, sizeof *walks); /* by queue: the walk that came by, from 1 */
    for (uint32_t i = 0; i < count && !check->source->refused; i++) {
        const struct config_queue *at = &queues[i];
        for (; !walks[at - queues] && following(at); at = queue_of(check, following(at)))
            walks[at - queues] = i + 1;
        if (walks[at - queues] == i + 1) {
            char cycle[256];
            name_cycle(check, at, following, cycle);
            config_refuse(check->source, config_place("queues", (uint32_t)(at - queues), field), "a cycle: %s; expected it to end", cycle);
        }
    }
    free(walks);
}

static void check_dead_letter(const struct config_check *check)
{
    const char *name = check->config->dead_letter;
    struct config_place place = config_place("dead_letter", CONFIG_NONE, NULL);
    check_known_queue(check, place, name);
    if (name && !check->source->refused && queue_of(check, name)->overflow)
        config_refuse(check->source, place, "the queue \"%s\" has an overflow queue; expected one that keeps what it gets", name);
}

static void check_queues(const struct config_check *check)
{
    for (uint32_t i = 0; i < check->config->queues_count && !check->source->refused; i++)
        check_queue(check, config_place("queues", i, NULL), &check->config->queues[i]);
    if (check->source->refused)
        return;
    check_no_cycle(check, "overflow", overflow_of);
    check_no_cycle(check, "escalates_to", escalation_of);
    check_dead_letter(check);
}

static void check_served(const struct config_check *check)
{
    for (uint32_t i = 0; i < check->config->queues_count && !check->source->refused; i++) {
        const char *name = check->config->queues[i].name;
        if (!config_index_range(&check->members, span_of(name)).count)
            config_refuse(check->source, config_place("queues", i, "name"),
                          "no agent serves the queue \"%s\"; expected it in the queues of one", name);
    }
}

static void check_skill_exists(const struct config_check *check, struct config_place place, const char *name)
{
    char known[CONFIG_NAME_LIST_BYTES];
    if (config_index_range(&check->skills, span_of(name)).count)
        return;
    config_index_list(&check->skills, known);
    config_refuse(check->source, place, "no agent has the skill \"%s\"; %s", name, known);
}

static void check_needs(const struct config_check *check, struct config_place place, const struct config_skill *skills, uint32_t count)
{
    if (count > WIRE_SKILLS_MAX) {
        config_refuse(check->source, place, "%u skills; expected at most %d", count, WIRE_SKILLS_MAX);
        return;
    }
    for (place.entry = 0; place.entry < count; place.entry++) {
        check_skill_exists(check, place, skills[place.entry].name);
        for (uint32_t i = 0; i < place.entry; i++)
            if (strcmp(skills[i].name, skills[place.entry].name) == 0)
                config_refuse(check->source, place, "\"%s\" is given twice", skills[i].name);
    }
}

static bool holds(const struct config_check *check, uint32_t agent, const struct config_skill *need)
{
    const struct config_entry *entry = config_index_find(&check->skills, span_of(need->name), agent);
    return entry && entry->level >= need->level;
}

static bool can_serve(const struct config_check *check, uint32_t agent, const struct config_step *step)
{
    bool has_any = step->any_count == 0;
    for (uint32_t i = 0; i < step->all_count; i++)
        if (!holds(check, agent, &step->all[i]))
            return false;
    for (uint32_t i = 0; i < step->any_count && !has_any; i++)
        has_any = holds(check, agent, &step->any[i]);
    return has_any && config_index_find(&check->members, span_of(step->queue), agent);
}

static bool somebody_can_serve(const struct config_check *check, const struct config_index *candidates, const struct config_step *step)
{
    for (uint32_t i = 0; i < candidates->count; i++)
        if (can_serve(check, candidates->entries[i].holder, step))
            return true;
    return false;
}

/* Asks only those who have the rarest thing needed, so that ten thousand rules over ten thousand agents stay quick. */
static bool is_servable(const struct config_check *check, const struct config_step *step)
{
    struct config_index rarest = config_index_range(&check->members, span_of(step->queue));
    for (uint32_t i = 0; i < step->all_count; i++) {
        struct config_index range = config_index_range(&check->skills, span_of(step->all[i].name));
        if (range.count < rarest.count)
            rarest = range;
    }
    struct config_index any[WIRE_SKILLS_MAX];
    uint64_t any_count = 0;
    for (uint32_t i = 0; i < step->any_count; i++) {
        any[i] = config_index_range(&check->skills, span_of(step->any[i].name));
        any_count += any[i].count;
    }
    if (step->any_count == 0 || rarest.count <= any_count)
        return somebody_can_serve(check, &rarest, step);
    for (uint32_t i = 0; i < step->any_count; i++)
        if (somebody_can_serve(check, &any[i], step))
            return true;
    return false;
}

static void check_step(const struct config_check *check, struct config_place at, const struct config_step *step)
{
    struct config_place preferred = config_place_at(at, "preferred");
    check_known_queue(check, config_place_at(at, "queue"), step->queue);
    check_needs(check, config_place_at(at, "all"), step->all, step->all_count);
    check_needs(check, config_place_at(at, "any"), step->any, step->any_count);
    check_given_once(check, preferred, step->preferred, step->preferred_count);
    for (preferred.entry = 0; preferred.entry < step->preferred_count; preferred.entry++)
        config_check_known(check, preferred, &check->loaded->agents, "agent", step->preferred[preferred.entry]);
}

/* One that is added is looked at alone: what was asked for before has had its own look. */
static void check_servable(const struct config_check *check, struct config_place at, const struct config_step *step)
{
    if (!is_servable(check, step))
        config_refuse(check->source, at, "no single agent of the queue \"%s\" has the skills this %s requires", step->queue,
                      at.list ? "step" : "rule");
}

/* The steps of every plan with a name, and of the rules that have their own. */
static void for_each_step(const struct config_check *check,
                          void (*look)(const struct config_check *check, struct config_place at, const struct config_step *step))
{
    for (uint32_t i = 0; i < check->loaded->plans_count && !check->source->refused; i++) {
        const struct config_plan *plan = &check->loaded->plans[i];
        struct config_place at = config_place("plans", i, NULL);
        at.list = "steps";
        for (at.list_item = 0; at.list_item < plan->steps_count; at.list_item++)
            look(check, at, &plan->steps[at.list_item]);
    }
    for (uint32_t i = 0; i < check->config->rules_count && !check->source->refused; i++)
        if (!check->config->rules[i].plan.name)
            look(check, config_place("rules", i, NULL), &check->config->rules[i].plan.steps[0]);
}

static void check_rules(const struct config_check *check)
{
    const struct config_loaded *loaded = check->loaded;
    for (uint32_t i = 0; i < check->config->rules_count && !check->source->refused; i++) {
        const struct config_rule *rule = &check->config->rules[i];
        config_check_known(check, config_place("rules", i, "account"), &loaded->accounts, "account", rule->account);
        config_check_known(check, config_place("rules", i, "channel"), &loaded->channels, "channel type", rule->channel);
        config_check_known(check, config_place("rules", i, "open"), &loaded->calendars, "calendar", rule->open);
        config_check_known(check, config_place("rules", i, "closed"), &loaded->calendars, "calendar", rule->closed);
    }
}

void config_check_routing(const struct config_check *check)
{
    check_channels(check);
    check_queues(check);
    check_rules(check);
    for_each_step(check, check_step);
    check_served(check);
    for_each_step(check, check_servable);
}
