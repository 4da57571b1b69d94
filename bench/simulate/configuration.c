#include "bench/simulate/configuration.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/check.h"

/* Nobody signs in with a token here. */
#define TOKEN "blake2b:0000000000000000000000000000000000000000000000000000000000000000"

/* Keys that the scenario reads itself; the others of a type make its rule, those of a group its agents. */
static const char *const type_keys[] = {"name",     "arrival", "handling", "patience",   "channel", "account",
                                        "language", "topic",   "priority", "attributes", NULL};
static const char *const group_keys[] = {"name", "count", "answer_time", "decline", "back_after", NULL};

static bool is_one_of(const char *key, const char *const *keys)
{
    while (*keys && strcmp(*keys, key) != 0)
        keys++;
    return *keys;
}

static void put_text(struct document *document, struct node *map, const char *key, const char *text)
{
    node_put(map, key, node_make_text(document, map, "%s", text));
}

static void copy_other_keys(struct document *document, struct node *to, const struct node *from, const char *const *known)
{
    for (const struct node *child = from->first; child; child = child->next)
        if (!is_one_of(child->key, known))
            node_put(to, child->key, node_copy(document, child));
}

const char *configuration_account(struct scenario *scenario, uint32_t type)
{
    const struct customer_type *from = &scenario->types[type];
    return from->account ? from->account : node_make_text(&scenario->document, from->node, "customers of %s", from->name)->text;
}

/* --- queues --- */

static void add_queue(struct document *document, struct node *queues, const struct node *name)
{
    for (const struct node *queue = queues->first; queue; queue = queue->next)
        if (strcmp(node_find(queue, "name")->text, name->text) == 0)
            return;
    put_text(document, node_put(queues, NULL, node_make(document, NODE_map, name)), "name", name->text);
}

/* Whoever has room claims the first at once, which is what the broker does by itself in a queue that pushes. */
static void claim_at_once(struct document *document, const struct node *queues)
{
    for (const struct node *queue = node_entries(document, queues); queue; queue = queue->next) {
        struct node *mode = node_find(queue, "mode");
        if (mode && mode->kind == NODE_text && strcmp(mode->text, "pull") == 0)
            mode->text = "push";
    }
}

/* Where the configuration has no queues, they are those that customers name, or one. */
static void make_queues(struct scenario *scenario, struct node *root)
{
    struct document *document = &scenario->document;
    claim_at_once(document, node_find(root, "queues"));
    if (node_find(root, "queues"))
        return;
    struct node *queues = node_child(document, root, "queues", NODE_list);
    for (uint32_t i = 0; i < scenario->types_count; i++) {
        const struct node *name = node_find(scenario->types[i].node, "queue");
        if (name && name->kind == NODE_text)
            add_queue(document, queues, name);
    }
    if (!queues->first)
        add_queue(document, queues, node_make_text(document, root, "main"));
}

/* --- customers --- */

static void make_account(struct scenario *scenario, struct node *accounts, uint32_t type)
{
    struct document *document = &scenario->document;
    const struct node *node = scenario->types[type].node;
    const char *channel = node_text(document, node_find(node, "channel"));
    struct node *account = node_put(accounts, NULL, node_make(document, NODE_map, node));
    put_text(document, account, "name", configuration_account(scenario, type));
    put_text(document, account, "channel", channel ? channel : "voice");
    put_text(document, account, "token", TOKEN);
}

/* A type that says nothing about its way goes by the configuration's rules, if there are any. */
static void make_rule(struct scenario *scenario, struct node *root, struct node *rules, uint32_t type)
{
    struct document *document = &scenario->document;
    const struct customer_type *from = &scenario->types[type];
    struct node *rule = node_make(document, NODE_map, from->node);
    copy_other_keys(document, rule, from->node, type_keys);
    if (!rule->first && node_find(scenario->configuration, "rules"))
        return;
    put_text(document, rule, "account", configuration_account(scenario, type));
    if (from->account && from->language)
        put_text(document, rule, "language", from->language);
    if (from->account && from->topic)
        put_text(document, rule, "topic", from->topic);
    if (!node_find(rule, "queue") && !node_find(rule, "plan")) {
        const struct node *queues = node_find(root, "queues");
        const struct node *only =
            queues->kind == NODE_list && queues->first && !queues->first->next ? node_find(queues->first, "name") : NULL;
        if (!only)
            node_refuse(document, from->node, "expected queue: of this type of customer, because there are several");
        else
            put_text(document, rule, "queue", only->text);
    }
    node_put(rules, NULL, rule);
}

/* The types' own rules stand first. */
static void make_customers(struct scenario *scenario, struct node *root)
{
    struct document *document = &scenario->document;
    struct node *accounts = node_child(document, root, "accounts", NODE_list), *rules = node_make(document, NODE_list, root);
    for (uint32_t i = 0; i < scenario->types_count; i++) {
        if (!scenario->types[i].account)
            make_account(scenario, accounts, i);
        make_rule(scenario, root, rules, i);
    }
    for (const struct node *rule = node_entries(document, node_find(scenario->configuration, "rules")); rule; rule = rule->next)
        node_put(rules, NULL, node_copy(document, rule));
    node_put(root, "rules", rules);
}

/* --- agents --- */

static struct node *make_agent(struct scenario *scenario, const struct node *root, const struct agent_group *group)
{
    struct document *document = &scenario->document;
    struct node *agent = node_make(document, NODE_map, group->node);
    copy_other_keys(document, agent, group->node, group_keys);
    put_text(document, agent, "token", TOKEN);
    if (!node_find(agent, "auto_accept"))
        put_text(document, agent, "auto_accept", group->offers ? "false" : "true");
    if (!node_find(agent, "queues")) {
        struct node *all = node_child(document, agent, "queues", NODE_list);
        for (const struct node *queue = node_entries(document, node_find(root, "queues")); queue; queue = queue->next)
            if (node_find(queue, "name"))
                node_put(all, NULL, node_copy(document, node_find(queue, "name")));
    }
    return agent;
}

static void make_agents(struct scenario *scenario, struct node *root)
{
    struct document *document = &scenario->document;
    struct node *agents = node_make(document, NODE_list, root);
    for (uint32_t i = 0; i < scenario->groups_count; i++) {
        const struct agent_group *group = &scenario->groups[i];
        if (group->configured)
            node_put(agents, NULL, node_copy(document, group->node));
        for (uint64_t number = 1; !group->configured && number <= group->count && !document->refused; number++) {
            struct node *agent = make_agent(scenario, root, group);
            node_put(agent, "name", node_make_text(document, agent, "%s %lu", group->name, number));
            node_put(agents, NULL, agent);
        }
    }
    node_put(root, "agents", agents);
}

/* --- the whole --- */

/* Sessions never end by themselves: a simulated agent does not lose its connection. */
static void make_settings(struct document *document, struct node *root)
{
    struct node *session = node_put(root, "session", node_make(document, NODE_map, root));
    put_text(document, session, "heartbeat_ms", "43200000");
    put_text(document, session, "lease_ms", "86400000");
    if (!node_find(root, "conversations_open_max"))
        put_text(document, root, "conversations_open_max", "100000000");
}

static struct node *make_root(struct scenario *scenario)
{
    static const char *const replaced[] = {"agents", "rules", "session", NULL};
    struct document *document = &scenario->document;
    struct node *root = node_make(document, NODE_map, scenario->configuration);
    copy_other_keys(document, root, scenario->configuration, replaced);
    make_settings(document, root);
    make_queues(scenario, root);
    make_customers(scenario, root);
    make_agents(scenario, root);
    return root;
}

/* What may stand there besides the configuration's keys, because the scenario reads it itself. */
static const char *own_keys(const char *path)
{
    if (strncmp(path, "rules[", strlen("rules[")) == 0)
        return "; or, of a type of customer: arrival, handling, patience";
    return strncmp(path, "agents[", strlen("agents[")) == 0 ? "; or, of a group: count, answer_time, decline, back_after" : "";
}

/* config_load says "FILE:LINE: PATH: what" about a file that nobody ever sees: the same is said about the node of that path. */
static void refuse_as_loaded(struct document *document, const struct node *root, const char *text)
{
    char path[256] = "";
    const char *rest = strstr(text, ": ");
    rest = rest ? rest + 2 : text;
    const char *what = strstr(rest, ": ");
    if (what)
        snprintf(path, sizeof path, "%.*s", (int)(what - rest), rest);
    const struct node *place = node_at(root, path);
    struct node unnamed = {.path = place->path, .line = place->line};
    node_refuse(document, &unnamed, "%s%s", rest, strstr(rest, "unknown key") ? own_keys(path) : "");
}

/* Through a file in memory, so that there is one way to read a configuration. */
static struct config *load(struct document *document, const struct node *root)
{
    struct buffer text = {0};
    struct config *config = NULL;
    struct config_error error;
    char path[64];
    node_write(root, &text);
    int file = memfd_create("simulated configuration", MFD_CLOEXEC);
    if (file < 0 || write(file, text.data, text.size) != (ssize_t)text.size)
        fatal(FATAL_system, "cannot write a file in memory");
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (config_load(path, &config, &error) != STATUS_ok)
        refuse_as_loaded(document, root, error.text);
    close(file);
    buffer_fini(&text);
    return config;
}

static bool serves(const struct config_agent *agent, const char *queue)
{
    for (uint32_t i = 0; i < agent->queues_count; i++)
        if (strcmp(agent->queues[i], queue) == 0)
            return true;
    return false;
}

static bool has_bots(const struct config *config, const char *queue)
{
    for (uint32_t i = 0; i < config->agents_count; i++)
        if (config->agents[i].kind == AGENT_KIND_bot && serves(&config->agents[i], queue))
            return true;
    return false;
}

/* A bot that may not finish has to know where to hand over. */
static void check_hybrid_queues(struct document *document, const struct node *root, const struct config *config)
{
    for (uint32_t i = 0; i < config->queues_count; i++) {
        const struct config_queue *queue = &config->queues[i];
        if (!queue->bots_may_finish && !queue->escalates_to && has_bots(config, queue->name))
            node_refuse(document, root, "queue \"%.80s\" lets no bot finish: to simulate it, it needs escalates_to", queue->name);
    }
}

struct config *configuration_make(struct scenario *scenario)
{
    struct document *document = &scenario->document;
    const struct node *root = make_root(scenario);
    struct config *config = document->refused ? NULL : load(document, root);
    if (!config)
        return NULL;
    check_hybrid_queues(document, root, config);
    config_refresh_calendars(config, scenario->day_ms); /* hours are those of the simulated days */
    return config;
}
