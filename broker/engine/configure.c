#include <stdlib.h>

#include "base/check.h"
#include "engine/conversation.h"
#include "engine/customer.h"
#include "engine/decide.h"
#include "engine/emit.h"
#include "engine/match.h"
#include "engine/names.h"
#include "engine/principal.h"
#include "engine/requirement.h"
#include "engine/rules.h"
#include "engine/timers.h"

/* The id of the name; declared on its first sight. */
static name_id declare(struct engine *engine, enum name_kind kind, const char *text)
{
    name_id id = engine_find_name(engine, kind, span_of(text));
    if (id)
        return id;
    id = engine->names_count + 1;
    emit(engine, (struct record){.kind = RECORD_declared, .value = kind, .target = id, .name = span_of(text)});
    return id;
}

static char *copy_text(const char *text)
{
    return text ? must_copy(text, strlen(text)) : NULL;
}

static void configure_queues(struct engine *engine, const struct config *config)
{
    for (uint32_t i = 0; i < config->queues_count; i++) {
        struct queue *queue = names_queue(engine, declare(engine, NAME_KIND_queue, config->queues[i].name));
        queue->offer_ms = config->queues[i].offer_ms;
        queue->auto_accept = config->queues[i].auto_accept;
    }
}

static uint32_t channel_cost(const struct config *config, const char *channel)
{
    enum { COST_DEFAULT = 20 }; /* that of messaging channels */
    for (uint32_t i = 0; i < config->costs_count; i++)
        if (strcmp(config->costs[i].channel, channel) == 0)
            return config->costs[i].cost;
    return COST_DEFAULT;
}

static void configure_accounts(struct engine *engine, const struct config *config)
{
    engine->settings.cost_min = UINT32_MAX;
    for (uint32_t i = 0; i < config->accounts_count; i++) {
        struct principal *account = names_principal(engine, declare(engine, NAME_KIND_account, config->accounts[i].name));
        account->configured = true;
        free(account->channel);
        account->channel = copy_text(config->accounts[i].channel);
        account->address_key = customer_address_key(engine, span_of(account->channel));
        account->cost = channel_cost(config, account->channel);
        if (account->cost < engine->settings.cost_min)
            engine->settings.cost_min = account->cost;
    }
}

static struct group *agent_group(struct engine *engine, const struct config_agent *from)
{
    name_id *queues = must_zalloc(from->queues_count + 1UL, sizeof *queues);
    struct skill_level *skills = must_zalloc(from->skills_count + 1UL, sizeof *skills);
    for (uint32_t i = 0; i < from->queues_count; i++) {
        name_id id = declare(engine, NAME_KIND_queue, from->queues[i]);
        uint32_t to = i;
        for (; to && queues[to - 1] > id; to--)
            queues[to] = queues[to - 1];
        queues[to] = id;
    }
    for (uint32_t i = 0; i < from->skills_count; i++)
        skills[i] = (struct skill_level){declare(engine, NAME_KIND_skill, from->skills[i].name), from->skills[i].level};
    skills_sort(skills, from->skills_count);
    struct group *group = match_group(engine, queues, from->queues_count, skills, from->skills_count);
    free(queues);
    free(skills);
    return group;
}

static void configure_agents(struct engine *engine, const struct config *config)
{
    for (uint32_t i = 0; i < config->agents_count; i++) {
        const struct config_agent *from = &config->agents[i];
        struct principal *agent = names_principal(engine, declare(engine, NAME_KIND_agent, from->name));
        agent->configured = true;
        agent->agent_kind = from->kind;
        agent->capacity = from->capacity;
        agent->auto_accept = from->auto_accept;
        agent->group = agent_group(engine, from);
    }
}

static uint8_t declare_skills(struct engine *engine, const struct config_skill *from, uint32_t count, struct skill_level *to)
{
    ASSERT(count <= REQUIREMENT_MAX);
    for (uint32_t i = 0; i < count; i++)
        to[i] = (struct skill_level){declare(engine, NAME_KIND_skill, from[i].name), from[i].level};
    return (uint8_t)count;
}

static void configure_rule(struct engine *engine, const struct config_rule *from, struct rule *rule)
{
    struct requirement requirement = {0};
    requirement.all_count = declare_skills(engine, from->all, from->all_count, requirement.all);
    requirement.any_count = declare_skills(engine, from->any, from->any_count, requirement.any);
    char *bytes = must_alloc(REQUIREMENT_BYTES_MAX);
    *rule = (struct rule){.queue = declare(engine, NAME_KIND_queue, from->queue),
                          .channel = copy_text(from->channel),
                          .language = copy_text(from->language),
                          .topic = copy_text(from->topic),
                          .requirement = requirement_encode(&requirement, bytes),
                          .priority = from->priority};
    if (from->account)
        rule->account = declare(engine, NAME_KIND_account, from->account);
}

static void configure_rules(struct engine *engine, const struct config *config)
{
    rules_fini(&engine->settings);
    engine->settings.rules = must_zalloc(config->rules_count + 1UL, sizeof *engine->settings.rules);
    for (uint32_t i = 0; i < config->rules_count; i++)
        configure_rule(engine, &config->rules[i], &engine->settings.rules[engine->settings.rules_count++]);
}

static void configure_settings(struct engine *engine, const struct config *config)
{
    struct settings *settings = &engine->settings;
    settings->lease_ms = config->session.lease_ms;
    settings->grace_ms = config->session.grace_ms;
    settings->pass_over_ms = config->pass_over_ms;
    settings->misses_max = config->misses_max;
    settings->conversations_open_max = config->conversations_open_max;
    settings->reopen_within_ms = config->reopen_within_ms;
}

/* Nothing is configured until the new configuration says so again. */
static void unconfigure(struct engine *engine)
{
    for (name_id id = 1; id <= engine->names_count; id++) {
        struct principal *principal = names_principal(engine, id);
        if (!principal)
            continue;
        principal->configured = false;
        principal_relist(engine, principal); /* leaves the idle order of its old group */
        principal->group = NULL;
    }
}

static int by_idle_lsn(const void *a, const void *b)
{
    const struct row_principal *x = &(*(const struct principal *const *)a)->row, *y = &(*(const struct principal *const *)b)->row;
    if (x->idle_lsn != y->idle_lsn)
        return x->idle_lsn < y->idle_lsn ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* Every group's idle order is by idle_lsn: made anew from the durable rows, after a restart as after a reload. */
static void relist_agents(struct engine *engine)
{
    struct principal **agents = must_zalloc(engine->names_count + 1UL, sizeof(struct principal *));
    size_t count = 0;
    for (name_id id = 1; id <= engine->names_count; id++) {
        struct principal *principal = names_principal(engine, id);
        if (principal && principal->group)
            agents[count++] = principal;
    }
    qsort(agents, count, sizeof(struct principal *), by_idle_lsn);
    for (size_t i = 0; i < count; i++)
        principal_relist(engine, agents[i]);
    free(agents);
}

/* Leases, graces and offers run by the new settings; after a restart nothing ran yet. */
static void arm_everything(struct engine *engine)
{
    struct session *session;
    struct conversation *conversation;
    for (size_t at = 0; (session = map_next(&engine->sessions, &at));)
        if (!session->closed)
            timers_set(engine, &session->timer, TIMER_session, session->row.id, session->seen_ms + engine->settings.lease_ms);
    for (size_t at = 0; (conversation = map_next(&engine->conversations, &at));)
        conversation_arm(engine, conversation);
    for (name_id id = 1; id <= engine->names_count; id++) {
        struct principal *principal = names_principal(engine, id);
        if (principal && principal->kind == NAME_KIND_agent && !principal->sessions.count && principal->row.lost_ms &&
            principal->row.state != AGENT_STATE_offline)
            timers_set(engine, &principal->timer, TIMER_principal, id, engine->counters.now_ms + engine->settings.grace_ms);
    }
}

/* Whom the new configuration does not name stays in the log and in memory, but is signed off, and its work goes to others. */
static void remove_unnamed(struct engine *engine)
{
    for (name_id id = 1; id <= engine->names_count; id++) {
        struct principal *principal = names_principal(engine, id);
        if (principal && !principal->configured)
            decide_removed(engine, principal);
    }
}

void decide_configure(struct engine *engine, const struct event *event)
{
    const struct config *config = event->config;
    unconfigure(engine);
    configure_settings(engine, config);
    configure_queues(engine, config);
    configure_accounts(engine, config);
    configure_agents(engine, config);
    configure_rules(engine, config);
    for (uint32_t i = 0; i < config->operators_count; i++)
        names_principal(engine, declare(engine, NAME_KIND_operator, config->operators[i].name))->configured = true;
    relist_agents(engine);
    arm_everything(engine);
    remove_unnamed(engine);
}
