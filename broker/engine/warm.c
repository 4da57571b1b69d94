/* Fetching into the cache what a step will look at. What it reads itself the call before asked for, so that nothing is waited for. What it
 * finds it keeps in event->warmed, and reads again only to know what to fetch next: by the time of the step it may be something else. */
#include "engine/warm.h"

#include "base/warm.h"
#include "engine/choose.h"
#include "engine/conversation.h"
#include "engine/customer.h"
#include "engine/idle.h"
#include "engine/match.h"
#include "engine/names.h"
#include "engine/principal.h"
#include "engine/rules.h"

/* --- first: the tables that numbers lead to --- */

static void warm_tables(const struct engine *engine, struct event *event)
{
    struct warmed *warmed = &event->warmed;
    map_warm(&engine->sessions, event->session);
    if (event->conversation)
        map_warm(&engine->conversations, event->conversation);
    if (event->kind == EVENT_message && event->topic.size) {
        warmed->topic = rules_topic_hash(event->topic);
        map_warm(&engine->settings.rules_by_topic, warmed->topic);
    }
}

/* --- then: who is in them --- */

/* The first that could be chosen: seldom is it another. */
static const struct rule *rule_of(const struct engine *engine, const struct event *event)
{
    bool begins = event->warmed.topic && !event->warmed.customer;
    return begins ? map_get(&engine->settings.rules_by_topic, event->warmed.topic) : NULL;
}

static void warm_named(const struct engine *engine, struct event *event)
{
    struct warmed *warmed = &event->warmed;
    if ((warmed->session = map_get(&engine->sessions, event->session)))
        warm(warmed->session, SESSION_HOT_BYTES);
    if (event->conversation && (warmed->conversation = conversation_get(engine, event->conversation)))
        warm(warmed->conversation, sizeof *warmed->conversation);
    const struct rule *rule = rule_of(engine, event);
    if (rule)
        warm(rule, offsetof(struct rule, routing.steps[1]));
}

/* --- then: who asks, and the tables that what they say leads to --- */

static void warm_asking(const struct engine *engine, struct event *event)
{
    struct warmed *warmed = &event->warmed;
    const struct principal *principal = warmed->session->principal;
    warm(principal, PRINCIPAL_HOT_BYTES);
    if (event->key.size) {
        warmed->key = dedup_hash(engine->hash_key, warmed->session->row.principal, event->key);
        dedup_warm(&engine->dedup, warmed->key);
    }
    if (event->address.size && principal->channel) { /* an account, of which there are few */
        warmed->address = customer_event_hash(principal, event);
        map_warm(&engine->customers_by_hash, warmed->address);
    }
    const struct rule *rule = rule_of(engine, event);
    if (rule)
        match_warm_recent(engine, principal->channel->id, rule->routing.steps[0].route);
    warmed->principal = principal;
}

/* --- then: what those lead to --- */

static void warm_queue(const struct engine *engine, name_id id)
{
    const struct queue *queue = names_queue(engine, id);
    if (queue)
        warm(queue, sizeof *queue);
}

static void warm_entities(const struct engine *engine, struct event *event)
{
    struct warmed *warmed = &event->warmed;
    principal_warm(warmed->principal);
    if (warmed->conversation) {
        map_warm(&engine->customers, warmed->conversation->row.customer);
        warm_queue(engine, warmed->conversation->row.queue);
    }
    if (warmed->address && (warmed->customer = map_get(&engine->customers_by_hash, warmed->address)))
        warm(warmed->customer, sizeof *warmed->customer);
    const struct rule *rule = rule_of(engine, event);
    if (rule) {
        struct span route = rule->routing.steps[0].route;
        warm(rule->topic.data, rule->topic.size);
        warm(route.data, route.size);
        warm_queue(engine, rule->routing.steps[0].queue);
        if ((warmed->class = match_recent(engine, warmed->principal->channel->id, route)))
            warm(warmed->class, sizeof *warmed->class);
    }
}

/* --- then: what choosing looks at --- */

static void warm_neighbours(const struct engine *engine, struct event *event)
{
    struct warmed *warmed = &event->warmed;
    const struct group *group = warmed->principal->group;
    if (group) {
        idle_warm(engine, (name_id)warmed->principal->row.id, group->index);
        warm(group->serves.words, group->serves.word_count * sizeof *group->serves.words);
    }
    if (warmed->conversation) {
        const struct owned *owned = &warmed->principal->owned;
        if (owned->count) /* the last takes its place */
            warm(&owned->items[owned->count - 1]->owned_at, sizeof owned->items[0]->owned_at);
        const struct customer *customer = customer_get(engine, warmed->conversation->row.customer);
        if (customer)
            warm(customer, sizeof *customer);
    }
    if (warmed->customer) {
        warm(warmed->customer->address, warmed->customer->address_size);
        if (warmed->customer->row.current)
            map_warm(&engine->conversations, warmed->customer->row.current);
    }
    if (warmed->class)
        match_warm(warmed->class);
}

/* --- and last: what it would choose --- */

static void warm_choice(const struct engine *engine, struct event *event)
{
    struct warmed *warmed = &event->warmed;
    const struct group *group = warmed->principal->group;
    if (warmed->customer && warmed->customer->row.current) {
        const struct conversation *conversation = conversation_get(engine, warmed->customer->row.current);
        if (conversation)
            warm(conversation, sizeof *conversation);
    }
    if (group) {
        const struct head *next = choose_next(engine, group);
        if (next) {
            warm(next->conversation, sizeof *next->conversation);
            warmed->next = engine->classes[next - engine->heads];
            warm(warmed->next, offsetof(struct class, route));
        }
        idle_warm_seats(engine, warmed->principal);
    }
    if (warmed->class) {
        warmed->likely = choose_likely(engine, warmed->class);
        if (warmed->likely.agent)
            warm(warmed->likely.agent, PRINCIPAL_HOT_BYTES);
    }
}

/* --- and as the step begins --- */

void warm_rest(const struct engine *engine, const struct warmed *warmed)
{
    if (warmed->likely.agent) {
        principal_warm(warmed->likely.agent);
        idle_warm(engine, (name_id)warmed->likely.agent->row.id, warmed->likely.group);
    }
    if (warmed->next)
        match_warm_first(warmed->next);
    if (warmed->class) {
        pool_warm(&engine->customer_pool);
        pool_warm(&engine->conversation_pool);
    }
}

/* --- the calls --- */

enum { WARM_ASKING = 2 }; /* the first that cannot do without a session */

static void (*const warmers[WARM_STEPS])(const struct engine *, struct event *) = {warm_tables,   warm_named,      warm_asking,
                                                                                   warm_entities, warm_neighbours, warm_choice};

void engine_warm(const struct engine *engine, struct event *event)
{
    struct warmed *warmed = &event->warmed;
    if (warmed->steps == WARM_STEPS || (warmed->steps == WARM_ASKING && (!warmed->session || warmed->session->closed)))
        return;
    warmers[warmed->steps](engine, event);
    warmed->steps++;
}
