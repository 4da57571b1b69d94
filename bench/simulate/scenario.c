#include "bench/simulate/scenario.h"

#include <math.h>
#include <stdlib.h>

#include "base/check.h"
#include "bench/simulate/measures.h"
#include "bench/simulate/quantity.h"

enum { BATCHES = 25 };
static const int64_t a_monday_ms = INT64_C(1704067200000); /* 2024-01-01: for opening hours where no trace names a day */

/* What a customer or a group says about itself; every other key belongs to the configuration. */
static const char *const distribution_keys[] = {DISTRIBUTION_KEYS, NULL};

static const char *read_name(struct document *document, const struct node *node, const char *what)
{
    const char *name = node_text(document, node_find(node, "name"));
    if (!name || !*name)
        node_refuse(document, node, "expected a name for this %s", what);
    return name ? name : "";
}

static void check_map(struct document *document, const struct node *node)
{
    if (node->kind != NODE_map)
        node_refuse(document, node, "expected key: value pairs");
}

/* A distribution is one key of a map; `also` may stand beside it. */
static struct distribution read_distribution(struct document *document, const struct node *node, const char *also)
{
    const struct node *found = NULL;
    if (node->kind == NODE_map)
        for (const struct node *child = node->first; child; child = child->next) {
            const char *const *key = distribution_keys;
            if (also && strcmp(child->key, also) == 0)
                continue;
            while (*key && strcmp(*key, child->key) != 0)
                key++;
            if (!*key || found)
                node_refuse(document, child, "expected one of exponential, fixed, lognormal, uniform, gamma, erlang, hyperexponential%s%s",
                            also ? ", and " : "", also ? also : "");
            found = child;
        }
    if (!found) {
        node_refuse(document, node,
                    "expected a distribution such as {exponential: 3min}, {fixed: 3min} or {lognormal: {mean: 3min, cv: 0.8}}");
        return (struct distribution){0};
    }
    return distribution_read(document, found);
}

/* --- agents --- */

static void read_group(struct document *document, const struct node *node, bool configured, struct agent_group *group)
{
    check_map(document, node);
    *group = (struct agent_group){.node = node, .count = 1, .configured = configured, .answer = {.kind = DISTRIBUTION_fixed}};
    group->name = read_name(document, node, "group of agents");
    group->back_after_ms = 60000;
    if (configured)
        return;
    const struct node *answer = node_find(node, "answer_time"), *decline = node_find(node, "decline");
    group->count = quantity_count(document, node_find(node, "count"), 1, SCENARIO_AGENTS_MAX, 1);
    group->offers = answer || decline;
    if (answer)
        group->answer = read_distribution(document, answer, NULL);
    group->decline = quantity_number(document, decline, 0, 1, 0);
    group->back_after_ms = quantity_time_ms(document, node_find(node, "back_after"), group->back_after_ms);
}

static uint32_t count_entries(const struct node *list)
{
    uint32_t count = 0;
    for (const struct node *node = list; node; node = node->next)
        count++;
    return count;
}

static void read_groups(struct scenario *scenario, const struct node *root)
{
    struct document *document = &scenario->document;
    const struct node *own = node_find(root, "agents"), *list = own ? own : node_find(scenario->configuration, "agents");
    const struct node *first = node_entries(document, list);
    if (!first) {
        node_refuse(document, list ? list : root, "expected agents: a list of groups such as {name: staff, count: 10}");
        return;
    }
    uint32_t count = count_entries(first);
    if (count > SCENARIO_GROUPS_MAX && own)
        node_refuse(document, list, "more than %d groups", SCENARIO_GROUPS_MAX);
    scenario->groups = must_zalloc(count, sizeof *scenario->groups);
    uint64_t agents = 0;
    for (const struct node *node = first; node && !document->refused; node = node->next) {
        struct agent_group *group = &scenario->groups[scenario->groups_count];
        read_group(document, node, !own, group);
        if (scenario_group(scenario, group->name) < scenario->groups_count)
            node_refuse(document, node, "a group named \"%.80s\" came before", group->name);
        scenario->groups_count++;
        agents += group->count;
    }
    if (agents > SCENARIO_AGENTS_MAX)
        node_refuse(document, list, "more than %d agents", SCENARIO_AGENTS_MAX);
}

uint32_t scenario_group(const struct scenario *scenario, const char *name)
{
    uint32_t at = 0;
    while (at < scenario->groups_count && strcmp(scenario->groups[at].name, name) != 0)
        at++;
    return at;
}

/* --- customers --- */

static void read_handling(struct scenario *scenario, const struct node *node, struct customer_type *type)
{
    struct document *document = &scenario->document;
    type->handling = must_zalloc(scenario->groups_count + 1, sizeof *type->handling);
    if (!node)
        node_refuse(document, type->node, "expected handling: how long an agent is busy with one, such as {exponential: 3min}");
    if (document->refused)
        return;
    const struct node *by_group = node_find(node, "by_group");
    struct distribution usual = read_distribution(document, node, "by_group");
    for (uint32_t i = 0; i < scenario->groups_count; i++)
        type->handling[i] = usual;
    if (by_group && by_group->kind != NODE_map)
        node_refuse(document, by_group, "expected GROUP: DISTRIBUTION pairs");
    for (const struct node *own = by_group ? by_group->first : NULL; own && !document->refused; own = own->next) {
        uint32_t group = scenario_group(scenario, own->key);
        if (group == scenario->groups_count)
            node_refuse(document, own, "no group of agents has that name");
        else
            type->handling[group] = read_distribution(document, own, NULL);
    }
}

static struct distribution read_patience(struct document *document, const struct node *node)
{
    if (!node || (node->kind == NODE_text && strcmp(node->text, "none") == 0))
        return (struct distribution){.kind = DISTRIBUTION_never, .mean_ms = INFINITY};
    return read_distribution(document, node, NULL);
}

static enum priority read_priority(struct document *document, const struct node *node)
{
    const char *word = node_text(document, node);
    uint32_t priority = word ? priority_of(span_of(word)) : 0;
    if (word && !priority)
        node_refuse(document, node, "expected low, normal, high or urgent, not \"%.40s\"", word);
    return (enum priority)priority;
}

/* What is known of each of them, as NAME=VALUE. */
static void read_attributes(struct document *document, const struct node *list, struct customer_type *type)
{
    for (const struct node *node = list ? node_entries(document, list) : NULL; node && !document->refused; node = node->next) {
        const char *text = node_text(document, node), *equals = text ? strchr(text, '=') : NULL;
        size_t name = equals ? (size_t)(equals - text) : 0, value = equals ? strlen(equals + 1) : 0;
        if (!name || !value || name > WIRE_NAME_MAX || value > WIRE_NAME_MAX || type->attributes_count == WIRE_ATTRIBUTES_MAX)
            node_refuse(document, node, "expected at most %d attributes as NAME=VALUE, of at most %d bytes each", WIRE_ATTRIBUTES_MAX,
                        WIRE_NAME_MAX);
        else
            type->attributes[type->attributes_count++] = (struct attribute){{text, (uint32_t)name}, {equals + 1, (uint32_t)value}};
    }
}

/* A rule of the type's own that it could never match. */
static void check_unsaid(struct document *document, const struct node *node)
{
    static const char *const unsaid[] = {"pattern", "result"};
    for (size_t i = 0; i < sizeof unsaid / sizeof *unsaid; i++)
        if (node_find(node, unsaid[i]))
            node_refuse(document, node_find(node, unsaid[i]),
                        "simulated customers write no text and come from no bot; expected other keys");
}

static void read_type(struct scenario *scenario, const struct node *node, struct customer_type *type)
{
    struct document *document = &scenario->document;
    check_map(document, node);
    *type = (struct customer_type){.node = node, .name = read_name(document, node, "type of customer")};
    type->account = node_text(document, node_find(node, "account"));
    type->language = node_text(document, node_find(node, "language"));
    type->topic = node_text(document, node_find(node, "topic"));
    type->priority = read_priority(document, node_find(node, "priority"));
    read_attributes(document, node_find(node, "attributes"), type);
    check_unsaid(document, node);
    type->patience = read_patience(document, node_find(node, "patience"));
    const struct node *arrival = node_find(node, "arrival");
    if (!arrival)
        node_refuse(document, node, "expected arrival: when they come, such as {per_hour: 120}");
    else
        arrivals_read(document, arrival, &type->arrivals);
    read_handling(scenario, node_find(node, "handling"), type);
}

static void read_types(struct scenario *scenario, const struct node *root)
{
    struct document *document = &scenario->document;
    const struct node *first = node_entries(document, node_find(root, "customers"));
    uint32_t count = count_entries(first);
    if (!first || count > SCENARIO_TYPES_MAX)
        node_refuse(document, root, "expected customers: a list of 1 to %d types", SCENARIO_TYPES_MAX);
    scenario->types = must_zalloc(count + 1UL, sizeof *scenario->types);
    for (const struct node *node = first; node && !document->refused; node = node->next) {
        struct customer_type *type = &scenario->types[scenario->types_count++];
        read_type(scenario, node, type);
        for (uint32_t i = 0; i + 1 < scenario->types_count; i++)
            if (strcmp(scenario->types[i].name, type->name) == 0)
                node_refuse(document, node, "a type named \"%.80s\" came before", type->name);
    }
}

/* --- how long --- */

/* A trace ends by itself; everything else goes on for ever. */
static void check_length(struct scenario *scenario, const struct node *root)
{
    bool endless = false;
    for (uint32_t i = 0; i < scenario->types_count; i++)
        endless |= !scenario->types[i].arrivals.is_trace;
    if (endless && isinf(scenario->run_ms) && scenario->arrivals == UINT64_MAX)
        node_refuse(&scenario->document, root, "expected run: TIME or arrivals: COUNT, for how long to simulate");
    if (scenario->warm_up_ms >= scenario->run_ms)
        node_refuse(&scenario->document, node_find(root, "warm_up"), "expected less than run");
    if (scenario->warm_up_arrivals >= scenario->arrivals)
        node_refuse(&scenario->document, node_find(root, "warm_up_arrivals"), "expected less than arrivals");
}

static void find_start(struct scenario *scenario)
{
    scenario->day_ms = a_monday_ms;
    scenario->start_ms = INFINITY;
    for (uint32_t i = 0; i < scenario->types_count; i++) {
        const struct arrivals *arrivals = &scenario->types[i].arrivals;
        if (!arrivals->is_trace || !arrivals->trace.slots_count)
            continue;
        const struct trace_slot *first = &arrivals->trace.slots[0];
        double from_ms = first->to_ms > first->from_ms ? first->from_ms : 0;
        scenario->has_trace = true;
        scenario->start_ms = from_ms < scenario->start_ms ? from_ms : scenario->start_ms;
        if (arrivals->trace.day_ms)
            scenario->day_ms = arrivals->trace.day_ms;
    }
    if (!scenario->has_trace)
        scenario->start_ms = 0;
}

static void read_length(struct scenario *scenario, const struct node *root)
{
    struct document *document = &scenario->document;
    scenario->seed = quantity_count(document, node_find(root, "seed"), 0, UINT64_C(1) << 53, 1);
    scenario->run_ms = quantity_time_ms(document, node_find(root, "run"), INFINITY);
    scenario->arrivals =
        node_find(root, "arrivals") ? quantity_count(document, node_find(root, "arrivals"), 1, 10000000000, 1) : UINT64_MAX;
    scenario->warm_up_ms = quantity_time_ms(document, node_find(root, "warm_up"), 0);
    scenario->warm_up_arrivals = quantity_count(document, node_find(root, "warm_up_arrivals"), 0, 10000000000, 0);
    scenario->batches = (uint32_t)quantity_count(document, node_find(root, "batches"), 2, BATCHES_MAX, BATCHES);
    scenario->within_ms = quantity_time_ms(document, node_find(root, "service_level_within"), 20000);
    check_length(scenario, root);
    find_start(scenario);
}

static void read_staff(struct scenario *scenario, const struct node *node)
{
    static const char *const known[] = {"group", "service_level", "service_level_2", "within", "max_agents", NULL};
    struct document *document = &scenario->document;
    struct staff_question *staff = &scenario->staff;
    *staff = (struct staff_question){.level = 0.8, .within_ms = scenario->within_ms, .agents_max = 10000};
    if (!node || !node_keys(document, node, known))
        return;
    staff->group = node_text(document, node_find(node, "group"));
    const struct node *level_2 = node_find(node, "service_level_2");
    staff->level_2 = level_2 != NULL;
    staff->level = quantity_number(document, level_2 ? level_2 : node_find(node, "service_level"), 0, 1, staff->level);
    staff->within_ms = quantity_time_ms(document, node_find(node, "within"), staff->within_ms);
    staff->agents_max = quantity_count(document, node_find(node, "max_agents"), 1, SCENARIO_AGENTS_MAX, staff->agents_max);
    if (staff->group && scenario_group(scenario, staff->group) == scenario->groups_count)
        node_refuse(document, node, "no group of agents is named \"%.80s\"", staff->group);
}

static void read_configuration(struct scenario *scenario, const struct node *root)
{
    struct document *document = &scenario->document;
    const struct node *node = node_find(root, "configuration");
    if (!node)
        scenario->configuration = node_make(document, NODE_map, root);
    else if (node->kind == NODE_text)
        scenario->configuration = document_read(document, path_beside(document, node));
    else
        scenario->configuration = node;
    if (scenario->configuration)
        check_map(document, scenario->configuration);
}

static void read_root(struct scenario *scenario, const struct node *root)
{
    static const char *const known[] = {
        "description",   "seed",      "run",    "arrivals", "warm_up", "warm_up_arrivals", "batches", "service_level_within",
        "configuration", "customers", "agents", "staff",    NULL};
    node_keys(&scenario->document, root, known);
    read_configuration(scenario, root);
    if (!scenario->document.refused)
        read_groups(scenario, root);
    if (!scenario->document.refused)
        read_types(scenario, root);
    if (!scenario->document.refused)
        read_length(scenario, root);
    if (!scenario->document.refused)
        read_staff(scenario, node_find(root, "staff"));
}

bool scenario_read(struct scenario *scenario, const char *path)
{
    *scenario = (struct scenario){.path = path};
    const struct node *root = document_read(&scenario->document, path);
    if (root)
        read_root(scenario, root);
    return !scenario->document.refused;
}

void scenario_fini(struct scenario *scenario)
{
    for (uint32_t i = 0; i < scenario->types_count; i++) {
        arrivals_fini(&scenario->types[i].arrivals);
        free(scenario->types[i].handling);
    }
    free(scenario->types);
    free(scenario->groups);
    document_fini(&scenario->document);
}
