#include "engine/conversation.h"
#include "engine/invariants_check.h"
#include "engine/names.h"
#include "engine/outbox.h"
#include "engine/principal.h"
#include "engine/tie.h"

/* What an agent has of a channel type, recounted. */
struct load {
    uint32_t used, conversations;
};

static void add_load(const struct engine *engine, name_id type, uint32_t cost, struct load loads[LIMIT_CHANNELS])
{
    struct load *load = &loads[names_channel(engine, type)->index];
    load->used += cost;
    load->conversations += cost > 0;
}

static const char *count_loads(const struct engine *engine, const struct principal *agent, struct load loads[LIMIT_CHANNELS])
{
    for (uint32_t i = 0; i < agent->owned.count; i++) {
        const struct conversation_state *row = &agent->owned.items[i]->row;
        if (row->owner != agent->row.id)
            return "has a conversation in its list that another owns";
        add_load(engine, row->type, row->charged, loads);
    }
    for (struct list_node *node = agent->ties.first; node; node = node->next) {
        const struct tie *tie = ITEM_OF(node, struct tie, agent_node);
        if (tie->agent != agent)
            return "has a tie in its list that is another's";
        add_load(engine, tie->conversation->row.type, tie->conversation->row.cost, loads);
    }
    return NULL;
}

static const char *load_fault(const struct engine *engine, const struct principal *agent)
{
    struct load loads[LIMIT_CHANNELS] = {{0, 0}};
    uint64_t used = 0;
    const char *fault = count_loads(engine, agent, loads);
    for (uint32_t i = 0; !fault && i < engine->channels_count; i++) {
        struct desk none = {0}, *desk = i < agent->desks_count ? &agent->desks[i] : &none;
        used += loads[i].used;
        if (desk->used != loads[i].used || desk->conversations != loads[i].conversations)
            fault = "has a desk that does not add up";
    }
    if (!fault && used != agent->used)
        fault = "uses something else than what it has";
    return fault;
}

static const char *presence_fault(const struct principal *agent)
{
    bool signed_in = agent->group && agent->sessions.count && agent->row.state != AGENT_STATE_offline;
    if (signed_in != agent->signed_in)
        return "is miscounted among those signed in";
    if (!agent->configured && (agent->sessions.count || agent->owned.count || agent->ties.first || agent->group))
        return "is no longer configured, and works";
    if (!agent->sessions.count && agent->row.state != AGENT_STATE_offline && !agent->timer.position)
        return "has no session and no end of its grace";
    for (struct list_node *node = agent->ties.first; node; node = node->next)
        if (tie_is_offer(ITEM_OF(node, struct tie, agent_node)) && !agent->sessions.count)
            return "is offered something, and is not there";
    if (agent->row.state == AGENT_STATE_wrap_up && agent->sessions.count &&
        !(agent->timer.position && agent->timer.key <= agent->row.until_ms))
        return "is in wrap-up without an end";
    return NULL;
}

static const char *outbox_fault(const struct principal *principal)
{
    for (uint32_t i = 1; i < principal->outbox.count; i++)
        if (outbox_at(&principal->outbox, i - 1) >= outbox_at(&principal->outbox, i))
            return "has an outbox out of order";
    return NULL;
}

static const char *room_fault(const struct engine *engine, const struct principal *agent)
{
    for (uint32_t i = 0; i < engine->channels_count; i++) {
        bool room =
            principal_presence(agent) == VERDICT_can_take && principal_room(engine, agent, engine->channels[i], 0) == VERDICT_can_take;
        if (room != (agent->room >> i & 1))
            return "has room and is not idle, or is idle without room";
    }
    return NULL;
}

static const char *agent_fault(const struct engine *engine, const struct principal *agent)
{
    const char *fault = load_fault(engine, agent);
    if (!fault)
        fault = presence_fault(agent);
    return fault ? fault : room_fault(engine, agent);
}

const char *check_agents(const struct engine *engine, struct invariants *memory)
{
    for (name_id id = 1; id <= engine->names_count; id++) {
        const struct principal *principal = names_principal(engine, id);
        const char *fault = principal ? outbox_fault(principal) : NULL;
        if (!fault && principal && principal->kind == NAME_KIND_agent)
            fault = agent_fault(engine, principal);
        if (fault)
            return broken(engine, memory, 0, id, fault);
    }
    return NULL;
}
