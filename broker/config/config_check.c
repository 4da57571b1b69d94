#include "config/config_check.h"

#include <stdio.h>

#include "proto/message.h"

struct check {
    struct config_source *source;
    const struct config *config;
    const struct config_loaded *loaded;
    struct config_index skills;  /* who has which skill */
    struct config_index members; /* who serves which queue */
};

enum { NAME_LIST_BYTES = 200 };

/* "sales, support", or as many as fit and "..." */
static void list_names(const struct config_index *index, char out[NAME_LIST_BYTES])
{
    size_t size = 0;
    snprintf(out, NAME_LIST_BYTES, "there is none");
    for (uint32_t i = 0; i < index->count; i++) {
        struct span name = index->entries[i].name;
        if (i && span_equal(name, index->entries[i - 1].name))
            continue;
        const char *lead = size ? ", " : "expected one of: ";
        if (size + strlen(lead) + name.size + strlen(", ...") >= NAME_LIST_BYTES) {
            snprintf(out + size, NAME_LIST_BYTES - size, ", ...");
            return;
        }
        size += (size_t)snprintf(out + size, NAME_LIST_BYTES - size, "%s%s", lead, name.data);
    }
}

static void check_account_exists(const struct check *check, struct config_place place, const char *name)
{
    char known[NAME_LIST_BYTES];
    if (!name || config_index_range(&check->loaded->accounts, span_of(name)).count)
        return;
    list_names(&check->loaded->accounts, known);
    config_refuse(check->source, place, "no account is named \"%s\"; %s", name, known);
}

static void check_queue_exists(const struct check *check, struct config_place place, const char *name)
{
    char known[NAME_LIST_BYTES];
    if (config_index_range(&check->loaded->queues, span_of(name)).count)
        return;
    list_names(&check->loaded->queues, known);
    config_refuse(check->source, place, "no queue is named \"%s\"; %s", name, known);
}

static void check_skill_exists(const struct check *check, struct config_place place, const char *name)
{
    char known[NAME_LIST_BYTES];
    if (config_index_range(&check->skills, span_of(name)).count)
        return;
    list_names(&check->skills, known);
    config_refuse(check->source, place, "no agent has the skill \"%s\"; %s", name, known);
}

/* In a sorted index of one section, equal names are neighbours. */
static void check_unique(struct config_source *source, const char *section, const char *key, const struct config_index *index)
{
    for (uint32_t i = 1; i < index->count; i++) {
        const struct config_entry *first = &index->entries[i - 1], *again = &index->entries[i];
        char path[256];
        if (!span_equal(first->name, again->name))
            continue;
        config_place_text(config_place(section, first->holder, key), path);
        config_refuse(source, config_place(section, again->holder, key), "\"%s\" is already used by %s in line %lu", again->name.data, path,
                      config_source_line(source, path));
        return;
    }
}

/* In a sorted index over all agents, what one agent has twice are neighbours. */
static void check_held_once(const struct check *check, const char *field, const struct config_index *index)
{
    for (uint32_t i = 1; i < index->count; i++) {
        const struct config_entry *first = &index->entries[i - 1], *again = &index->entries[i];
        struct config_place place = {"agents", again->holder, field, again->place};
        if (first->holder == again->holder && span_equal(first->name, again->name))
            config_refuse(check->source, place, "\"%s\" is given twice", again->name.data);
    }
}

static void check_agent_queues(const struct check *check)
{
    for (uint32_t i = 0; i < check->config->agents_count; i++) {
        const struct config_agent *agent = &check->config->agents[i];
        for (uint32_t j = 0; j < agent->queues_count; j++)
            check_queue_exists(check, (struct config_place){"agents", i, "queues", j}, agent->queues[j]);
    }
}

static void check_needs(const struct check *check, struct config_place place, const struct config_skill *skills, uint32_t count)
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

static bool holds(const struct check *check, uint32_t agent, const struct config_skill *need)
{
    const struct config_entry *entry = config_index_find(&check->skills, span_of(need->name), agent);
    return entry && entry->level >= need->level;
}

static bool can_serve(const struct check *check, uint32_t agent, const struct config_rule *rule)
{
    bool has_any = rule->any_count == 0;
    for (uint32_t i = 0; i < rule->all_count; i++)
        if (!holds(check, agent, &rule->all[i]))
            return false;
    for (uint32_t i = 0; i < rule->any_count && !has_any; i++)
        has_any = holds(check, agent, &rule->any[i]);
    return has_any && config_index_find(&check->members, span_of(rule->queue), agent);
}

static bool somebody_can_serve(const struct check *check, const struct config_index *candidates, const struct config_rule *rule)
{
    for (uint32_t i = 0; i < candidates->count; i++)
        if (can_serve(check, candidates->entries[i].holder, rule))
            return true;
    return false;
}

/* Asks only those who have the rarest thing needed, so that ten thousand rules over ten thousand agents stay quick. */
static bool is_servable(const struct check *check, const struct config_rule *rule)
{
    struct config_index rarest = config_index_range(&check->members, span_of(rule->queue));
    for (uint32_t i = 0; i < rule->all_count; i++) {
        struct config_index range = config_index_range(&check->skills, span_of(rule->all[i].name));
        if (range.count < rarest.count)
            rarest = range;
    }
    struct config_index any[WIRE_SKILLS_MAX];
    uint64_t any_count = 0;
    for (uint32_t i = 0; i < rule->any_count; i++) {
        any[i] = config_index_range(&check->skills, span_of(rule->any[i].name));
        any_count += any[i].count;
    }
    if (rule->any_count == 0 || rarest.count <= any_count)
        return somebody_can_serve(check, &rarest, rule);
    for (uint32_t i = 0; i < rule->any_count; i++)
        if (somebody_can_serve(check, &any[i], rule))
            return true;
    return false;
}

static void check_rules(const struct check *check)
{
    for (uint32_t i = 0; i < check->config->rules_count && !check->source->refused; i++) {
        const struct config_rule *rule = &check->config->rules[i];
        check_account_exists(check, config_place("rules", i, "account"), rule->account);
        check_queue_exists(check, config_place("rules", i, "queue"), rule->queue);
        check_needs(check, config_place("rules", i, "all"), rule->all, rule->all_count);
        check_needs(check, config_place("rules", i, "any"), rule->any, rule->any_count);
    }
}

static void check_served(const struct check *check)
{
    for (uint32_t i = 0; i < check->config->queues_count; i++) {
        const char *name = check->config->queues[i].name;
        if (!config_index_range(&check->members, span_of(name)).count)
            config_refuse(check->source, config_place("queues", i, "name"),
                          "no agent serves the queue \"%s\"; expected it in the queues of one", name);
    }
    for (uint32_t i = 0; i < check->config->rules_count; i++) {
        const struct config_rule *rule = &check->config->rules[i];
        if (!is_servable(check, rule))
            config_refuse(check->source, config_place("rules", i, NULL),
                          "no single agent of the queue \"%s\" has the skills this rule requires", rule->queue);
    }
}

static void check_session(const struct check *check)
{
    const struct config_session *session = &check->config->session;
    if (session->lease_ms <= session->heartbeat_ms)
        config_refuse(check->source, config_place("session", CONFIG_NONE, NULL), "expected lease_ms (%u) above heartbeat_ms (%u)",
                      session->lease_ms, session->heartbeat_ms);
}

static void add(struct config_index *index, const char *name, uint32_t holder, uint32_t place, uint8_t level)
{
    index->entries[index->count++] = (struct config_entry){span_of(name), holder, place, level};
}

static void index_names(struct config_loaded *loaded)
{
    const struct config *config = &loaded->config;
    loaded->accounts = config_index_take(&loaded->arena, config->accounts_count);
    loaded->queues = config_index_take(&loaded->arena, config->queues_count);
    loaded->agents = config_index_take(&loaded->arena, config->agents_count);
    loaded->operators = config_index_take(&loaded->arena, config->operators_count);
    for (uint32_t i = 0; i < config->accounts_count; i++)
        add(&loaded->accounts, config->accounts[i].name, i, 0, 0);
    for (uint32_t i = 0; i < config->queues_count; i++)
        add(&loaded->queues, config->queues[i].name, i, 0, 0);
    for (uint32_t i = 0; i < config->agents_count; i++)
        add(&loaded->agents, config->agents[i].name, i, 0, 0);
    for (uint32_t i = 0; i < config->operators_count; i++)
        add(&loaded->operators, config->operators[i].name, i, 0, 0);
    config_index_sort(&loaded->accounts);
    config_index_sort(&loaded->queues);
    config_index_sort(&loaded->agents);
    config_index_sort(&loaded->operators);
}

static void index_agents(struct check *check, struct arena *arena)
{
    const struct config *config = check->config;
    size_t skills = 0, queues = 0;
    for (uint32_t i = 0; i < config->agents_count; i++) {
        skills += config->agents[i].skills_count;
        queues += config->agents[i].queues_count;
    }
    check->skills = config_index_take(arena, skills);
    check->members = config_index_take(arena, queues);
    for (uint32_t i = 0; i < config->agents_count; i++) {
        const struct config_agent *agent = &config->agents[i];
        for (uint32_t j = 0; j < agent->skills_count; j++)
            add(&check->skills, agent->skills[j].name, i, j, agent->skills[j].level);
        for (uint32_t j = 0; j < agent->queues_count; j++)
            add(&check->members, agent->queues[j], i, j, 0);
    }
    config_index_sort(&check->skills);
    config_index_sort(&check->members);
}

static void check_names(struct config_source *source, const struct shape *shape, const struct config_loaded *loaded, struct arena *arena)
{
    struct config_index costs = config_index_take(arena, shape->costs_count);
    for (uint32_t i = 0; i < shape->costs_count; i++)
        add(&costs, shape->costs[i].channel, i, 0, 0);
    config_index_sort(&costs);
    check_unique(source, "accounts", "name", &loaded->accounts);
    check_unique(source, "queues", "name", &loaded->queues);
    check_unique(source, "agents", "name", &loaded->agents);
    check_unique(source, "operators", "name", &loaded->operators);
    check_unique(source, "costs", "channel", &costs);
}

void config_check(struct config_source *source, const struct shape *shape, struct config_loaded *loaded)
{
    struct arena scratch = {0};
    struct check check = {.source = source, .config = &loaded->config, .loaded = loaded};
    index_names(loaded);
    index_agents(&check, &scratch);
    check_session(&check);
    check_names(source, shape, loaded, &scratch);
    check_held_once(&check, "skills", &check.skills);
    check_held_once(&check, "queues", &check.members);
    check_agent_queues(&check);
    check_rules(&check);
    if (!source->refused)
        check_served(&check);
    arena_fini(&scratch);
}
