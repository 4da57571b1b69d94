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
    name_id principal_id = warmed->session->row.principal;
    warm(principal, PRINCIPAL_HOT_BYTES);
    warm(&engine->principals[principal_id], sizeof *engine->principals);
    if (event->key.size) {
        struct hash128 key = dedup_hash(engine->hash_key, principal_id, event->key);
        warmed->key = (struct hash128){key.low, key.high}; /* by member: see place_write */
        dedup_warm(&engine->dedup, key);
    }
    if (event->address.size && principal->channel) { /* an account, of which there are few */
        warmed->address = customer_event_hash(principal, event);
        warmed->address_by = principal->address_key.k0;
        map_warm(&engine->customers_by_hash, warmed->address);
    }
    const struct rule *rule = rule_of(engine, event);
    if (rule && principal->channel)
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
    if (rule && warmed->principal->channel) {
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

/* --- then: what it would choose --- */

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
        if (warmed->likely.class)
            choose_warm(engine, &warmed->likely);
    }
}

/* --- and whom --- */

static void warm_chosen(const struct engine *engine, struct event *event)
{
    struct likely *likely = &event->warmed.likely;
    if (likely->class)
        *likely = choose_whom(engine, *likely);
    if (likely->agent) {
        warm(likely->agent, PRINCIPAL_HOT_BYTES);
        warm(&engine->principals[likely->id], sizeof *engine->principals);
    }
}

/* --- and as the step begins --- */

/* What the step after the next makes its customer and conversation of, all at once: a page that the processor does not know is waited for
 * once by all who ask at the same time. Ids are counters. */
static void warm_making(const struct engine *engine, size_t address_size)
{
    enum { AFTER_THE_NEXT = 3 };
    pool_warm(&engine->customer_pool, 1);
    pool_warm(&engine->conversation_pool, 1);
    texts_warm(&engine->texts, address_size, 2); /* the address, in both */
    map_warm(&engine->customers, engine->counters.customer + AFTER_THE_NEXT);
    map_warm(&engine->conversations, engine->counters.conversation + AFTER_THE_NEXT);
}

void warm_rest(const struct engine *engine, const struct event *event)
{
    const struct warmed *warmed = &event->warmed;
    if (warmed->likely.agent) {
        principal_warm(warmed->likely.agent);
        idle_warm(engine, warmed->likely.id, warmed->likely.group);
    }
    if (warmed->next)
        match_warm_first(warmed->next);
    if (warmed->class)
        warm_making(engine, event->address.size);
}

/* --- the calls --- */

enum { WARM_ASKING = 2 }; /* the first that cannot do without a session */

static void (*const warmers[WARM_STEPS])(const struct engine *, struct event *) = {warm_tables,     warm_named,  warm_asking, warm_entities,
                                                                                   warm_neighbours, warm_choice, warm_chosen};

void engine_warm(const struct engine *engine, struct event *event)
{
    struct warmed *warmed = &event->warmed;
    if (warmed->steps == WARM_STEPS || (warmed->steps == WARM_ASKING && (!warmed->session || warmed->session->closed)))
        return;
    warmers[warmed->steps](engine, event);
    warmed->steps++;
}
