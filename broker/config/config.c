#include "config/config.h"

#include <stdlib.h>

#include "base/check.h"
#include "config/config_check.h"
#include "config/config_shape.h"
#include "config/config_value.h"

enum {
    DAY_MS = 24 * 60 * 60 * 1000,
    OFFER_MS_MIN = 100,
    SKILL_LEVEL_HELD = 3,   /* of an agent's skill written without a level */
    SKILL_LEVEL_NEEDED = 1, /* of a rule's */
    CAPACITY_MAX = 1000000,
    COST_MAX = 100000,
};

static const uint64_t reopen_ms_max = UINT64_C(3650) * DAY_MS;
static const uint64_t store_bytes_min = UINT64_C(1) << 20, store_bytes_max = UINT64_C(1) << 46;

static const struct {
    const char *channel;
    uint32_t cost;
} costs_default[] = {{"voice", 100},    {"webchat", 25},  {"whatsapp", 20}, {"messenger", 20},
                     {"instagram", 20}, {"telegram", 20}, {"email", 10}};
enum { COSTS_DEFAULT_COUNT = sizeof costs_default / sizeof costs_default[0] };

static void *items(const struct config_reader *reader, uint32_t count, size_t size)
{
    return arena_take(reader->arena, count * size);
}

static struct config_skill *read_skills(const struct config_reader *reader, struct config_place place, char **texts, uint32_t count,
                                        uint8_t level_absent)
{
    struct config_skill *skills = items(reader, count, sizeof *skills);
    for (place.entry = 0; place.entry < count; place.entry++)
        skills[place.entry] = config_skill(reader, place, texts[place.entry], level_absent);
    return skills;
}

static char **read_names(const struct config_reader *reader, struct config_place place, char **texts, uint32_t count)
{
    char **names = items(reader, count, sizeof *names);
    for (place.entry = 0; place.entry < count; place.entry++)
        names[place.entry] = config_name(reader, place, texts[place.entry]);
    return names;
}

static void read_accounts(const struct config_reader *reader, const struct shape *shape, struct config *config)
{
    config->accounts_count = shape->accounts_count;
    config->accounts = items(reader, shape->accounts_count, sizeof *config->accounts);
    for (uint32_t i = 0; i < shape->accounts_count; i++) {
        const struct shape_account *from = &shape->accounts[i];
        config->accounts[i] = (struct config_account){
            .name = config_name(reader, config_place("accounts", i, "name"), from->name),
            .channel = config_name(reader, config_place("accounts", i, "channel"), from->channel),
            .token = config_token(reader, config_place("accounts", i, "token"), from->token),
        };
    }
}

static void read_queues(const struct config_reader *reader, const struct shape *shape, struct config *config)
{
    config->queues_count = shape->queues_count;
    config->queues = items(reader, shape->queues_count, sizeof *config->queues);
    for (uint32_t i = 0; i < shape->queues_count; i++) {
        const struct shape_queue *from = &shape->queues[i];
        config->queues[i] = (struct config_queue){
            .name = config_name(reader, config_place("queues", i, "name"), from->name),
            .offer_ms = (uint32_t)config_number(reader, config_place("queues", i, "offer_ms"), from->offer_ms, OFFER_MS_MIN, DAY_MS, 30000),
            .auto_accept = config_truth(reader, config_place("queues", i, "auto_accept"), from->auto_accept),
        };
    }
}

static void read_agents(const struct config_reader *reader, const struct shape *shape, struct config *config)
{
    config->agents_count = shape->agents_count;
    config->agents = items(reader, shape->agents_count, sizeof *config->agents);
    for (uint32_t i = 0; i < shape->agents_count; i++) {
        const struct shape_agent *from = &shape->agents[i];
        enum agent_kind kind = config_agent_kind(reader, config_place("agents", i, "kind"), from->kind);
        uint32_t capacity = kind == AGENT_KIND_bot ? 100000 : 100;
        config->agents[i] = (struct config_agent){
            .name = config_name(reader, config_place("agents", i, "name"), from->name),
            .kind = kind,
            .token = config_token(reader, config_place("agents", i, "token"), from->token),
            .skills = read_skills(reader, config_place("agents", i, "skills"), from->skills, from->skills_count, SKILL_LEVEL_HELD),
            .skills_count = from->skills_count,
            .queues = read_names(reader, config_place("agents", i, "queues"), from->queues, from->queues_count),
            .queues_count = from->queues_count,
            .capacity = (uint32_t)config_number(reader, config_place("agents", i, "capacity"), from->capacity, 1, CAPACITY_MAX, capacity),
            .auto_accept = config_truth(reader, config_place("agents", i, "auto_accept"), from->auto_accept),
        };
    }
}

static void read_rules(const struct config_reader *reader, const struct shape *shape, struct config *config)
{
    config->rules_count = shape->rules_count;
    config->rules = items(reader, shape->rules_count, sizeof *config->rules);
    for (uint32_t i = 0; i < shape->rules_count; i++) {
        const struct shape_rule *from = &shape->rules[i];
        config->rules[i] = (struct config_rule){
            .account = config_name(reader, config_place("rules", i, "account"), from->account),
            .channel = config_name(reader, config_place("rules", i, "channel"), from->channel),
            .language = config_name(reader, config_place("rules", i, "language"), from->language),
            .topic = config_name(reader, config_place("rules", i, "topic"), from->topic),
            .queue = config_name(reader, config_place("rules", i, "queue"), from->queue),
            .all = read_skills(reader, config_place("rules", i, "all"), from->all, from->all_count, SKILL_LEVEL_NEEDED),
            .all_count = from->all_count,
            .any = read_skills(reader, config_place("rules", i, "any"), from->any, from->any_count, SKILL_LEVEL_NEEDED),
            .any_count = from->any_count,
            .priority = config_priority(reader, config_place("rules", i, "priority"), from->priority),
        };
    }
}

static void read_operators(const struct config_reader *reader, const struct shape *shape, struct config *config)
{
    config->operators_count = shape->operators_count;
    config->operators = items(reader, shape->operators_count, sizeof *config->operators);
    for (uint32_t i = 0; i < shape->operators_count; i++) {
        const struct shape_operator *from = &shape->operators[i];
        config->operators[i] = (struct config_operator){
            .name = config_name(reader, config_place("operators", i, "name"), from->name),
            .token = config_token(reader, config_place("operators", i, "token"), from->token),
        };
    }
}

/* The defaults come first, so that one the file gives replaces it in place. */
static void put_cost(struct config *config, struct config_cost cost)
{
    uint32_t at = 0;
    while (at < COSTS_DEFAULT_COUNT && at < config->costs_count && strcmp(config->costs[at].channel, cost.channel) != 0)
        at++;
    if (at == COSTS_DEFAULT_COUNT || at == config->costs_count)
        at = config->costs_count++;
    config->costs[at] = cost;
}

static void read_costs(const struct config_reader *reader, const struct shape *shape, struct config *config)
{
    config->costs = items(reader, COSTS_DEFAULT_COUNT + shape->costs_count, sizeof *config->costs);
    for (uint32_t i = 0; i < COSTS_DEFAULT_COUNT; i++)
        put_cost(config, (struct config_cost){config_name(reader, config_place("costs", i, "channel"), costs_default[i].channel),
                                              costs_default[i].cost});
    for (uint32_t i = 0; i < shape->costs_count; i++) {
        const struct shape_cost *from = &shape->costs[i];
        char *channel = config_name(reader, config_place("costs", i, "channel"), from->channel);
        uint64_t cost = config_number(reader, config_place("costs", i, "cost"), from->cost, 1, COST_MAX, 1);
        put_cost(config, (struct config_cost){channel, (uint32_t)cost});
    }
}

static uint64_t top_number(const struct config_reader *reader, const char *key, const char *text, uint64_t min, uint64_t max,
                           uint64_t absent)
{
    return config_number(reader, config_place(key, CONFIG_NONE, NULL), text, min, max, absent);
}

static uint32_t session_ms(const struct config_reader *reader, const char *key, const char *text, uint32_t min, uint32_t absent)
{
    return (uint32_t)config_number(reader, config_place("session", CONFIG_NONE, key), text, min, DAY_MS, absent);
}

static void read_settings(const struct config_reader *reader, const struct shape *shape, struct config *config)
{
    config->listen = config_url(reader, config_place("listen", CONFIG_NONE, NULL), shape->listen, "tcp://127.0.0.1:7400");
    config->session = (struct config_session){
        .heartbeat_ms = session_ms(reader, "heartbeat_ms", shape->session.heartbeat_ms, 10, 15000),
        .lease_ms = session_ms(reader, "lease_ms", shape->session.lease_ms, 10, 45000),
        .grace_ms = session_ms(reader, "grace_ms", shape->session.grace_ms, 0, 60000),
    };
    config->reopen_within_ms = top_number(reader, "reopen_within_ms", shape->reopen_within_ms, 0, reopen_ms_max, UINT64_C(3) * DAY_MS);
    config->pass_over_ms = (uint32_t)top_number(reader, "pass_over_ms", shape->pass_over_ms, 0, DAY_MS, 10000);
    config->misses_max = (uint32_t)top_number(reader, "misses_max", shape->misses_max, 1, 1000, 3);
    config->conversations_open_max =
        (uint32_t)top_number(reader, "conversations_open_max", shape->conversations_open_max, 1, 100000000, 1000000);
    config->store_bytes_max =
        top_number(reader, "store_bytes_max", shape->store_bytes_max, store_bytes_min, store_bytes_max, UINT64_C(64) << 30);
}

static void read_shape(const struct config_reader *reader, const struct shape *shape, struct config *config)
{
    read_settings(reader, shape, config);
    read_costs(reader, shape, config);
    read_accounts(reader, shape, config);
    read_queues(reader, shape, config);
    read_agents(reader, shape, config);
    read_rules(reader, shape, config);
    read_operators(reader, shape, config);
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
    read_shape(&reader, shape, &loaded->config);
    if (!source->refused)
        config_check(source, shape, loaded);
    config_shape_free(shape);
    return source->refused ? STATUS_bad_config : STATUS_ok;
}

enum status config_load(const char *path, struct config **out, struct config_error *error)
{
    struct config_source source = {.path = path, .error = error};
    struct config_loaded *loaded = must_zalloc(1, sizeof *loaded);
    enum status status = load(&source, loaded);
    config_source_fini(&source);
    if (status == STATUS_ok)
        *out = &loaded->config;
    else
        config_free(&loaded->config);
    return status;
}

void config_free(struct config *config)
{
    if (!config)
        return;
    struct config_loaded *loaded = (struct config_loaded *)config;
    arena_fini(&loaded->arena);
    free(loaded);
}
