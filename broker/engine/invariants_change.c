#include "base/check.h"
#include "engine/conversation.h"
#include "engine/invariants_check.h"
#include "engine/names.h"
#include "engine/place.h"
#include "engine/principal.h"
#include "engine/tie.h"

/* A conversation as it was at the check before. */
struct remembered {
    struct conversation_state row;
    bool finished;
    uint32_t ties_count;
    name_id ties[LIMIT_TIES];
};

static void remember(const struct conversation *conversation, struct remembered *out)
{
    out->row = conversation->row;
    out->finished = conversation_finished(conversation);
    out->ties_count = 0;
    for (const struct tie *tie = conversation->ties; tie; tie = tie->next)
        out->ties[out->ties_count++] = (name_id)tie->agent->row.id;
}

static struct remembered *before_of(const struct invariants *memory, const struct conversation *conversation)
{
    return map_get(&memory->conversations, conversation->row.id);
}

/* Was the conversation the agent's, or offered to it, at the check before? */
static bool had(const struct remembered *before, name_id agent)
{
    for (uint32_t i = 0; before && i < before->ties_count; i++)
        if (before->ties[i] == agent)
            return true;
    return before && before->row.owner == agent;
}

/* --- epochs and places --- */

/* A move to a queue, a step and a change of priority each set the key. A warm transfer within a queue sets it to what it was, unless the
 * configuration has changed meanwhile. */
static bool key_may_change(const struct engine *engine, const struct conversation_state *before, const struct conversation_state *row)
{
    const struct queue *queue = names_queue(engine, row->queue);
    return before->queue != row->queue || before->queued_ms != row->queued_ms || before->priority != row->priority ||
           before->plan != row->plan || before->step != row->step || row->key_ms == place_order(queue, row->priority, row->arrival_ms);
}

static const char *change_fault(const struct engine *engine, const struct conversation *conversation, const struct remembered *before)
{
    const struct conversation_state *row = &conversation->row;
    if (row->epoch < before->row.epoch)
        return "has an epoch that was before";
    if (row->owner != before->row.owner && row->epoch == before->row.epoch)
        return "has changed hands within an epoch";
    if (row->sequence < before->row.sequence)
        return "has lost messages";
    if (before->finished)
        return NULL;
    if (row->arrival_ms != before->row.arrival_ms)
        return "has lost its place: its arrival has changed";
    if (row->key_ms != before->row.key_ms && !key_may_change(engine, &before->row, row))
        return "has lost its place: its key has changed";
    return NULL;
}

/* --- what came to agents --- */

/* What came to the agent since the check before. A tie may have ended and begun again in one step; or it was accepted, which changes
 * nothing. */
static bool is_new_tie(const struct invariants *memory, const struct tie *tie)
{
    bool had_it = had(before_of(memory, tie->conversation), (name_id)tie->agent->row.id);
    return !had_it || (tie_is_offer(tie) && tie->lsn > memory->newest);
}

static bool is_newly_owned(const struct invariants *memory, const struct conversation *conversation)
{
    const struct remembered *before = before_of(memory, conversation);
    bool again = before && before->row.owner == conversation->row.owner && before->row.state_ms != conversation->row.state_ms;
    return again || !had(before, conversation->row.owner);
}

/* --- the first goes first --- */

/* Matching is the end of every step, so what waits after it was there to be given. */
static bool goes_before(const struct engine *engine, const struct conversation *a, const struct conversation *b)
{
    if (a->row.lane != b->row.lane)
        return a->row.lane > b->row.lane && !engine->settings.lane_guard;
    return a->row.key_ms < b->row.key_ms || (a->row.key_ms == b->row.key_ms && a->row.id < b->row.id);
}

/* Where there was room for the one there was room for the other. */
static bool needs_no_more(const struct class *class, const struct class *than)
{
    return class->channel == than->channel && class->cost <= than->cost;
}

static bool could_have_taken(const struct engine *engine, const struct conversation *conversation, const struct principal *agent)
{
    name_id id = (name_id)agent->row.id;
    return conversation_waits(conversation) && !conversation_meant_for(conversation) && agent->group &&
           bitset_has(&conversation_class(conversation)->servers, agent->group->index) && conversation->row.owner != id &&
           !tie_find(conversation, id) && !passed_over_until(conversation, id, engine->counters.now_ms);
}

/* `class` is that by which it was given to the agent. */
static const char *overtaking(const struct engine *engine, struct invariants *memory, const struct conversation *given,
                              const struct class *class, const struct principal *agent)
{
    const struct conversation *other;
    for (size_t at = 0; (other = map_next(&engine->conversations, &at));)
        if (could_have_taken(engine, other, agent) && needs_no_more(conversation_class(other), class) && goes_before(engine, other, given))
            return broken(engine, memory, other->row.id, (name_id)agent->row.id, "waits, while this agent was given a later one");
    return NULL;
}

static const char *order_fault(const struct engine *engine, struct invariants *memory, const struct conversation *conversation)
{
    const struct conversation_state *row = &conversation->row;
    const struct queue *queue = names_queue(engine, row->queue);
    const char *fault = NULL;
    for (const struct tie *tie = conversation->ties; tie && !fault; tie = tie->next)
        if (tie_is_offer(tie) && is_new_tie(memory, tie) && !conversation_meant_for(conversation))
            fault = overtaking(engine, memory, conversation, conversation_class(conversation), tie->agent);
    bool claimed = queue && queue->mode == QUEUE_MODE_pull; /* who claims, picks */
    const struct remembered *before = before_of(memory, conversation);
    bool asked_for = before && (before->row.target || before->row.side || before->row.side_target);
    if (!fault && row->owner && !row->side && !claimed && !asked_for && is_newly_owned(memory, conversation))
        fault = overtaking(engine, memory, conversation, conversation->class, names_principal(engine, row->owner));
    return fault;
}

/* All offers of a conversation are made at once, when it waits and nobody has one. */
static const char *offers_fault(const struct engine *engine, const struct invariants *memory, const struct conversation *conversation)
{
    uint32_t count = 0, most = conversation_queue(engine, conversation)->offers;
    bool made = false;
    for (const struct tie *tie = conversation->ties; tie; tie = tie->next) {
        count += tie_is_offer(tie);
        made |= tie_is_offer(tie) && is_new_tie(memory, tie);
    }
    return made && count > 1 && count > most ? "is offered to more agents at once than its queue says" : NULL;
}

/* --- capacity --- */

/* Something new found room for itself; or what was the agent's already costs more, because the customer is back. */
static bool may_exceed(const struct engine *engine, const struct invariants *memory, const struct principal *agent)
{
    bool fits = false, returned = false;
    for (struct list_node *node = agent->ties.first; node; node = node->next) {
        const struct tie *tie = ITEM_OF(node, struct tie, agent_node);
        const struct channel *channel = names_channel(engine, tie->conversation->row.type);
        fits |= is_new_tie(memory, tie) && principal_used_for(engine, agent, channel) <= agent->capacity;
    }
    for (uint32_t i = 0; i < agent->owned.count; i++) {
        const struct conversation *conversation = agent->owned.items[i];
        const struct remembered *before = before_of(memory, conversation);
        const struct channel *channel = names_channel(engine, conversation->row.type);
        bool was_its_own = before && before->row.owner == agent->row.id;
        bool assigned = !was_its_own || before->row.epoch != conversation->row.epoch;
        fits |= assigned && principal_used_for(engine, agent, channel) <= agent->capacity;
        returned |= was_its_own && before->row.charged < conversation->row.charged;
    }
    return fits || returned;
}

static const char *capacity_fault(const struct engine *engine, const struct invariants *memory, const struct principal *agent)
{
    uintptr_t used_before = (uintptr_t)map_get(&memory->used, agent->row.id);
    bool grown = !used_before || agent->used > used_before - 1; /* or a reload left it less capacity than it uses */
    return agent->used > agent->capacity && grown && !may_exceed(engine, memory, agent) ? "has more than its capacity" : NULL;
}

static bool has_new_of(const struct invariants *memory, const struct principal *agent, name_id type)
{
    bool any = false;
    for (struct list_node *node = agent->ties.first; node; node = node->next) {
        const struct tie *tie = ITEM_OF(node, struct tie, agent_node);
        any |= tie->conversation->row.type == type && is_new_tie(memory, tie);
    }
    for (uint32_t i = 0; i < agent->owned.count; i++) {
        const struct conversation *conversation = agent->owned.items[i];
        any |= conversation->row.type == type && is_newly_owned(memory, conversation);
    }
    return any;
}

static const char *cap_fault(const struct engine *engine, const struct invariants *memory, const struct principal *agent)
{
    for (uint32_t i = 0; i < engine->channels_count && i < agent->desks_count; i++) {
        const struct channel *channel = engine->channels[i];
        uint32_t cap = principal_cap(agent, channel);
        if (cap && agent->desks[i].conversations > cap && has_new_of(memory, agent, channel->id))
            return "has more of a channel type than its cap";
    }
    return NULL;
}

/* --- the whole --- */

static const char *conversations_change_fault(const struct engine *engine, struct invariants *memory)
{
    const struct conversation *conversation;
    for (size_t at = 0; (conversation = map_next(&engine->conversations, &at));) {
        const struct remembered *before = before_of(memory, conversation);
        const char *fault = before ? change_fault(engine, conversation, before) : NULL;
        if (!fault && conversation->ties)
            fault = offers_fault(engine, memory, conversation);
        if (fault)
            return broken(engine, memory, conversation->row.id, 0, fault);
        fault = order_fault(engine, memory, conversation);
        if (fault)
            return fault;
    }
    return NULL;
}

static const char *agents_change_fault(const struct engine *engine, struct invariants *memory)
{
    for (name_id id = 1; id <= engine->names_count; id++) {
        const struct principal *agent = names_principal(engine, id);
        if (!agent || agent->kind != NAME_KIND_agent)
            continue;
        const char *fault = capacity_fault(engine, memory, agent);
        if (!fault)
            fault = cap_fault(engine, memory, agent);
        if (fault)
            return broken(engine, memory, 0, id, fault);
    }
    return NULL;
}

static void remember_all(const struct engine *engine, struct invariants *memory)
{
    const struct conversation *conversation;
    for (size_t at = 0; (conversation = map_next(&engine->conversations, &at));) {
        struct remembered *remembered = before_of(memory, conversation);
        if (!remembered)
            map_put(&memory->conversations, conversation->row.id, remembered = must_zalloc(1, sizeof *remembered));
        remember(conversation, remembered);
    }
    for (name_id id = 1; id <= engine->names_count; id++) {
        const struct principal *agent = names_principal(engine, id);
        if (agent && agent->kind == NAME_KIND_agent)
            map_put(&memory->used, id, (void *)((uintptr_t)agent->used + 1)); // NOLINT(performance-no-int-to-ptr)
    }
    memory->newest = engine->counters.newest;
}

const char *check_change(const struct engine *engine, struct invariants *memory)
{
    const char *sentence = conversations_change_fault(engine, memory);
    if (!sentence)
        sentence = agents_change_fault(engine, memory);
    remember_all(engine, memory);
    return sentence;
}
