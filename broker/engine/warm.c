/* Fetching into the cache what a step will look at. What it reads itself the call before asked for, so that nothing is waited for. */
#include "base/warm.h"

#include "engine/conversation.h"
#include "engine/customer.h"
#include "engine/match.h"
#include "engine/names.h"
#include "engine/principal.h"
#include "engine/rules.h"

static bool is_message(const struct event *event)
{
    return event->kind == EVENT_message;
}

/* --- first: tables --- */

static void warm_tables(const struct engine *engine, const struct principal *principal, struct event *event)
{
    if (event->key.size) {
        event->warmed.key = dedup_hash(engine->hash_key, (name_id)principal->row.id, event->key);
        dedup_warm(&engine->dedup, event->warmed.key);
    }
    if (event->address.size && principal->channel) {
        event->warmed.address = customer_event_hash(principal, event);
        map_warm(&engine->customers_by_hash, event->warmed.address);
    }
    if (is_message(event) && event->topic.size) {
        event->warmed.topic = rules_topic_hash(engine, event->topic);
        map_warm(&engine->settings.rules_by_topic, event->warmed.topic);
    }
    if (event->conversation)
        map_warm(&engine->conversations, event->conversation);
}

/* --- then: who is in them --- */

static const struct customer *customer_of(const struct engine *engine, const struct event *event)
{
    return event->address.size ? map_get(&engine->customers_by_hash, event->warmed.address) : NULL;
}

/* The first that could be chosen: seldom is it another. NULL: the message goes to an open conversation, or has no topic. */
static const struct rule *rule_of(const struct engine *engine, const struct event *event)
{
    bool begins = is_message(event) && event->topic.size && !customer_of(engine, event);
    return begins ? map_get(&engine->settings.rules_by_topic, event->warmed.topic) : NULL;
}

static void warm_entities(const struct engine *engine, const struct principal *principal, const struct event *event)
{
    const struct conversation *conversation = event->conversation ? conversation_get(engine, event->conversation) : NULL;
    const struct customer *customer = customer_of(engine, event);
    const struct rule *rule = rule_of(engine, event);
    if (principal->kind == NAME_KIND_agent)
        warm(principal, sizeof *principal);
    if (conversation)
        warm(conversation, sizeof *conversation);
    if (customer)
        warm(customer, sizeof *customer);
    if (rule) {
        warm(rule, offsetof(struct rule, routing));
        warm(&rule->routing.steps[0], sizeof rule->routing.steps[0]);
    }
}

/* --- then: what those lead to --- */

static const struct class *class_of(const struct engine *engine, const struct principal *principal, const struct rule *rule)
{
    return match_recent(engine, principal->channel->id, rule->routing.steps[0].route);
}

static void warm_node(const struct list_node *node)
{
    if (node)
        warm(node, sizeof *node);
}

static void warm_neighbours(const struct engine *engine, const struct principal *principal, const struct event *event)
{
    const struct conversation *conversation = event->conversation ? conversation_get(engine, event->conversation) : NULL;
    const struct customer *customer = customer_of(engine, event);
    const struct rule *rule = rule_of(engine, event);
    const struct class *class = rule ? class_of(engine, principal, rule) : NULL;
    principal_warm(principal);
    if (conversation) {
        map_warm(&engine->customers, conversation->row.customer);
        warm_node(conversation->agent_node.prev);
        warm_node(conversation->agent_node.next);
    }
    if (customer && customer->row.current)
        map_warm(&engine->conversations, customer->row.current);
    if (rule) {
        warm(rule->topic.data, rule->topic.size);
        warm(rule->routing.steps[0].route.data, rule->routing.steps[0].route.size);
    }
    if (class)
        warm(class, sizeof *class);
}

/* --- and last: what a decision weighs --- */

static void warm_choice(const struct engine *engine, const struct principal *principal, const struct event *event)
{
    const struct conversation *conversation = event->conversation ? conversation_get(engine, event->conversation) : NULL;
    const struct customer *customer = conversation ? customer_get(engine, conversation->row.customer) : customer_of(engine, event);
    const struct rule *rule = rule_of(engine, event);
    const struct class *class = rule ? class_of(engine, principal, rule) : NULL;
    if (conversation && customer)
        warm(customer, sizeof *customer);
    else if (customer && customer->row.current && (conversation = conversation_get(engine, customer->row.current)))
        warm(conversation, sizeof *conversation);
    if (principal->group)
        warm(principal->group->serves.words, principal->group->serves.word_count * sizeof *principal->group->serves.words);
    if (class)
        match_warm(class);
}

void engine_warm(const struct engine *engine, struct event *event)
{
    const struct principal *principal = names_principal(engine, engine_session_principal(engine, event->session));
    if (!principal)
        return;
    switch (event->warmed.steps) {
    case 0:
        warm_tables(engine, principal, event);
        break;
    case 1:
        warm_entities(engine, principal, event);
        break;
    case 2:
        warm_neighbours(engine, principal, event);
        break;
    case 3:
        warm_choice(engine, principal, event);
        break;
    }
    event->warmed.steps += event->warmed.steps < WARM_STEPS;
}
