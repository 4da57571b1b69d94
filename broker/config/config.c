#include "config/config.h"

#include <stdlib.h>
#include <time.h>

#include "base/check.h"
#include "config/config_check.h"
#include "config/config_read.h"

enum {
    SKILL_LEVEL_HELD = 3, /* of an agent's skill written without a level */
    CAPACITY_MAX = 1000000,
    LANE_GUARD_MAX = 1000000,
};

static const uint64_t reopen_ms_max = UINT64_C(3650) * CONFIG_DAY_MS;
static const uint64_t store_bytes_min = UINT64_C(1) << 20, store_bytes_max = UINT64_C(1) << 46;

static void read_accounts(const struct config_reader *reader, const struct shape *shape, struct config *config)
{
    config->accounts_count = shape->accounts_count;
    config->accounts = config_items(reader, shape->accounts_count, sizeof *config->accounts);
    for (uint32_t i = 0; i < shape->accounts_count; i++) {
        const struct shape_account *from = &shape->accounts[i];
        config->accounts[i] = (struct config_account){
            .name = config_name(reader, config_place("accounts", i, "name"), from->name),
            .channel = config_name(reader, config_place("accounts", i, "channel"), from->channel),
            .token = config_token(reader, config_place("accounts", i, "token"), from->token),
        };
    }
}

static struct config_cap *read_caps(const struct config_reader *reader, struct config_place place, const struct shape_agent *from)
{
    struct config_cap *caps = config_items(reader, from->caps_count, sizeof *caps);
    for (place.entry = 0; place.entry < from->caps_count; place.entry++)
        caps[place.entry] = config_cap(reader, place, from->caps[place.entry]);
    return caps;
}

static struct config_agent read_agent(const struct config_reader *reader, struct config_place at, const struct shape_agent *from)
{
    enum agent_kind kind =
        (enum agent_kind)config_word(reader, config_place_at(at, "kind"), from->kind, agent_kind_of, "human or bot", AGENT_KIND_human);
    uint32_t capacity = kind == AGENT_KIND_bot ? 100000 : 100;
    return (struct config_agent){
        .name = config_name(reader, config_place_at(at, "name"), from->name),
        .kind = kind,
        .token = config_token(reader, config_place_at(at, "token"), from->token),
        .skills = config_skills(reader, config_place_at(at, "skills"), from->skills, from->skills_count, SKILL_LEVEL_HELD),
        .skills_count = from->skills_count,
        .queues = config_names(reader, config_place_at(at, "queues"), from->queues, from->queues_count),
        .queues_count = from->queues_count,
        .caps = read_caps(reader, config_place_at(at, "caps"), from),
        .caps_count = from->caps_count,
        .capacity = (uint32_t)config_number(reader, config_place_at(at, "capacity"), from->capacity, 1, CAPACITY_MAX, capacity),
        .auto_accept = config_truth(reader, config_place_at(at, "auto_accept"), from->auto_accept, false),
    };
}

static void read_agents(const struct config_reader *reader, const struct shape *shape, struct config *config)
{
    config->agents_count = shape->agents_count;
    config->agents = config_items(reader, shape->agents_count, sizeof *config->agents);
    for (uint32_t i = 0; i < shape->agents_count; i++)
        config->agents[i] = read_agent(reader, config_place("agents", i, NULL), &shape->agents[i]);
}

static void read_operators(const struct config_reader *reader, const struct shape *shape, struct config *config)
{
    config->operators_count = shape->operators_count;
    config->operators = config_items(reader, shape->operators_count, sizeof *config->operators);
    for (uint32_t i = 0; i < shape->operators_count; i++) {
        const struct shape_operator *from = &shape->operators[i];
        config->operators[i] = (struct config_operator){
            .name = config_name(reader, config_place("operators", i, "name"), from->name),
            .token = config_token(reader, config_place("operators", i, "token"), from->token),
        };
    }
}

static uint64_t top_number(const struct config_reader *reader, const char *key, const char *text, uint64_t min, uint64_t max,
                           uint64_t absent)
{
    return config_number(reader, config_place(key, CONFIG_NONE, NULL), text, min, max, absent);
}

static uint32_t session_ms(const struct config_reader *reader, const char *key, const char *text, uint32_t min, uint32_t absent)
{
    return (uint32_t)config_number(reader, config_place("session", CONFIG_NONE, key), text, min, CONFIG_DAY_MS, absent);
}

static void read_settings(const struct config_reader *reader, const struct shape *shape, struct config *config)
{
    config->listen = config_url(reader, config_place("listen", CONFIG_NONE, NULL), shape->listen, "tcp://127.0.0.1:7400");
    config->session = (struct config_session){
        .heartbeat_ms = session_ms(reader, "heartbeat_ms", shape->session.heartbeat_ms, 10, 15000),
        .lease_ms = session_ms(reader, "lease_ms", shape->session.lease_ms, 10, 45000),
        .grace_ms = session_ms(reader, "grace_ms", shape->session.grace_ms, 0, 60000),
    };
    config->reopen_within_ms =
        top_number(reader, "reopen_within_ms", shape->reopen_within_ms, 0, reopen_ms_max, UINT64_C(3) * CONFIG_DAY_MS);
    config->pass_over_ms = (uint32_t)top_number(reader, "pass_over_ms", shape->pass_over_ms, 0, CONFIG_DAY_MS, 10000);
    config->misses_max = (uint32_t)top_number(reader, "misses_max", shape->misses_max, 1, 1000, 3);
    config->conversations_open_max =
        (uint32_t)top_number(reader, "conversations_open_max", shape->conversations_open_max, 1, 100000000, 1000000);
    config->store_bytes_max =
        top_number(reader, "store_bytes_max", shape->store_bytes_max, store_bytes_min, store_bytes_max, UINT64_C(64) << 30);
    config->lane_guard = (uint32_t)top_number(reader, "lane_guard", shape->lane_guard, 0, LANE_GUARD_MAX, 10);
    config->dead_letter = config_name(reader, config_place("dead_letter", CONFIG_NONE, NULL), shape->dead_letter);
}

static void read_shape(const struct config_reader *reader, const struct shape *shape, struct config_loaded *loaded)
{
    read_settings(reader, shape, &loaded->config);
    read_accounts(reader, shape, &loaded->config);
    config_read_channels(reader, shape, loaded);
    config_read_calendars(reader, shape, loaded);
    config_read_queues(reader, shape, loaded);
    read_agents(reader, shape, &loaded->config);
    config_read_plans(reader, shape, loaded);
    config_read_rules(reader, shape, loaded);
    read_operators(reader, shape, &loaded->config);
}

static int64_t wall_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static enum status load(struct config_source *source, struct config_loaded *loaded)
{
    struct config_reader reader = {source, &loaded->arena};
    struct shape *shape;
    enum status status = config_source_read(source);
    if (status == STATUS_ok)
        status = config_source_check(source);
    if (status == STATUS_ok)
        status = config_shape_load(source, &shape);
    if (status != STATUS_ok)
        return status;
    read_shape(&reader, shape, loaded);
    if (!source->refused)
        config_check(source, loaded);
    config_shape_free(shape);
    return source->refused ? STATUS_bad_config : STATUS_ok;
}

enum status config_load(const char *path, struct config **out, struct config_error *error)
{
    struct config_source source = {.path = path, .error = error};
    struct config_loaded *loaded = must_zalloc(1, sizeof *loaded);
    enum status status = load(&source, loaded);
    config_source_fini(&source);
    if (status == STATUS_ok) {
        config_refresh_calendars(&loaded->config, wall_clock_ms());
        *out = &loaded->config;
    } else {
        config_free(&loaded->config);
    }
    return status;
}

void config_free(struct config *config)
{
    if (!config)
        return;
    struct config_loaded *loaded = (struct config_loaded *)config;
    for (uint32_t i = 0; i < config->calendars_count; i++)
        free(config->calendars[i].intervals);
    arena_fini(&loaded->arena);
    free(loaded);
}
