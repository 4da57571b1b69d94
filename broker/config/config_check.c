#include "config/config_check.h"

#include <assert.h>
#include <stddef.h>

#include "limits.h"

void config_check_known(const struct config_check *check, struct config_place place, const struct config_index *index, const char *kind,
                        const char *name)
{
    char known[CONFIG_NAME_LIST_BYTES];
    if (!name || config_index_range(index, span_of(name)).count)
        return;
    config_index_list(index, known);
    config_refuse(check->source, place, "no %s is named \"%s\"; %s", kind, name, known);
}

/* In a sorted index of one section, equal names are neighbours. */
static void check_unique(const struct config_check *check, const char *section, const char *key, const struct config_index *index)
{
    for (uint32_t i = 1; i < index->count; i++) {
        const struct config_entry *first = &index->entries[i - 1], *again = &index->entries[i];
        char path[256];
        if (!span_equal(first->name, again->name))
            continue;
        config_place_text(config_place(section, first->holder, key), path);
        config_refuse(check->source, config_place(section, again->holder, key), "\"%s\" is already used by %s in line %lu",
                      again->name.data, path, config_source_line(check->source, path));
        return;
    }
}

static void check_names(const struct config_check *check)
{
    const struct config_loaded *loaded = check->loaded;
    check_unique(check, "channels", "channel", &loaded->channels);
    check_unique(check, "calendars", "name", &loaded->calendars);
    check_unique(check, "accounts", "name", &loaded->accounts);
    check_unique(check, "queues", "name", &loaded->queues);
    check_unique(check, "agents", "name", &loaded->agents);
    check_unique(check, "plans", "name", &loaded->named_plans);
    check_unique(check, "operators", "name", &loaded->operators);
}

/* In a sorted index over all agents, what one agent has twice are neighbours. */
static void check_held_once(const struct config_check *check, const char *field, const struct config_index *index)
{
    for (uint32_t i = 1; i < index->count; i++) {
        const struct config_entry *first = &index->entries[i - 1], *again = &index->entries[i];
        struct config_place place = config_place_entry(config_place("agents", again->holder, field), again->place);
        if (first->holder == again->holder && span_equal(first->name, again->name))
            config_refuse(check->source, place, "\"%s\" is given twice", again->name.data);
    }
}

static void check_agents(const struct config_check *check)
{
    for (uint32_t i = 0; i < check->config->agents_count && !check->source->refused; i++) {
        const struct config_agent *agent = &check->config->agents[i];
        struct config_place queues = config_place("agents", i, "queues"), caps = config_place("agents", i, "caps");
        for (uint32_t j = 0; j < agent->queues_count; j++)
            config_check_known(check, config_place_entry(queues, j), &check->loaded->queues, "queue", agent->queues[j]);
        for (uint32_t j = 0; j < agent->caps_count; j++)
            config_check_known(check, config_place_entry(caps, j), &check->loaded->channels, "channel type", agent->caps[j].channel);
    }
}

static void check_session(const struct config_check *check)
{
    const struct config_session *session = &check->config->session;
    if (session->lease_ms <= session->heartbeat_ms)
        config_refuse(check->source, config_place("session", CONFIG_NONE, NULL), "expected lease_ms (%u) above heartbeat_ms (%u)",
                      session->lease_ms, session->heartbeat_ms);
}

/* Those that only accounts name count too. */
static void check_channel_types(const struct config_check *check)
{
    uint32_t count = check->config->channels_count;
    if (count > LIMIT_CHANNELS)
        config_refuse(check->source, config_place("accounts", CONFIG_NONE, NULL), "%u channel types; expected at most %d", count,
                      LIMIT_CHANNELS);
}

/* An index of the names in an array of `count` structs of `size` bytes, each of which begins with its name. */
static struct config_index index_names(struct arena *arena, const void *items, uint32_t count, size_t size)
{
    struct config_index index = config_index_take(arena, count);
    for (uint32_t i = 0; i < count; i++) {
        char *name;
        memcpy(&name, (const char *)items + i * size, sizeof name);
        config_index_add(&index, name, i, 0, 0);
    }
    config_index_sort(&index);
    return index;
}

#define BEGINS_WITH_NAME(type, name) static_assert(offsetof(struct type, name) == 0, #type)
BEGINS_WITH_NAME(config_account, name);
BEGINS_WITH_NAME(config_queue, name);
BEGINS_WITH_NAME(config_agent, name);
BEGINS_WITH_NAME(config_operator, name);
BEGINS_WITH_NAME(config_calendar, name);
BEGINS_WITH_NAME(config_channel, channel);
#define INDEX(section) index_names(&loaded->arena, config->section, config->section##_count, sizeof *config->section)

static void index_sections(struct config_loaded *loaded)
{
    const struct config *config = &loaded->config;
    loaded->accounts = INDEX(accounts);
    loaded->queues = INDEX(queues);
    loaded->agents = INDEX(agents);
    loaded->operators = INDEX(operators);
    loaded->calendars = INDEX(calendars);
    loaded->channels = INDEX(channels);
}

static void index_agents(struct config_check *check, struct arena *arena)
{
    const struct config *config = check->config;
    size_t skills = 0, queues = 0, caps = 0;
    for (uint32_t i = 0; i < config->agents_count; i++) {
        skills += config->agents[i].skills_count;
        queues += config->agents[i].queues_count;
        caps += config->agents[i].caps_count;
    }
    check->skills = config_index_take(arena, skills);
    check->members = config_index_take(arena, queues);
    check->caps = config_index_take(arena, caps);
    for (uint32_t i = 0; i < config->agents_count; i++) {
        const struct config_agent *agent = &config->agents[i];
        for (uint32_t j = 0; j < agent->skills_count; j++)
            config_index_add(&check->skills, agent->skills[j].name, i, j, agent->skills[j].level);
        for (uint32_t j = 0; j < agent->queues_count; j++)
            config_index_add(&check->members, agent->queues[j], i, j, 0);
        for (uint32_t j = 0; j < agent->caps_count; j++)
            config_index_add(&check->caps, agent->caps[j].channel, i, j, 0);
    }
    config_index_sort(&check->skills);
    config_index_sort(&check->members);
    config_index_sort(&check->caps);
}

void config_check(struct config_source *source, struct config_loaded *loaded)
{
    struct arena scratch = {0};
    struct config_check check = {.source = source, .loaded = loaded, .config = &loaded->config};
    index_sections(loaded);
    index_agents(&check, &scratch);
    check_session(&check);
    check_channel_types(&check);
    check_names(&check);
    check_held_once(&check, "skills", &check.skills);
    check_held_once(&check, "queues", &check.members);
    check_held_once(&check, "caps", &check.caps);
    check_agents(&check);
    config_check_routing(&check);
    arena_fini(&scratch);
}
