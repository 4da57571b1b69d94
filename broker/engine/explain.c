#include "engine/explain.h"

#include <stdlib.h>

#include "base/check.h"
#include "engine/choose.h"
#include "engine/conversation.h"
#include "engine/due.h"
#include "engine/match.h"
#include "engine/names.h"
#include "engine/principal.h"
#include "engine/tie.h"

/* --- one agent --- */

static void explain_skill(const struct principal *agent, struct skill_level lacking, struct finding *out)
{
    out->skill = lacking.skill;
    out->needs = lacking.level;
    out->has = skill_held(lacking.skill, agent->group->skills, agent->group->skills_count);
}

static void explain_room(const struct engine *engine, const struct conversation *conversation, const struct principal *agent,
                         struct finding *out)
{
    const struct channel *channel = conversation_class(conversation)->channel;
    bool capped = out->verdict == VERDICT_channel_cap;
    out->used = capped ? agent->desks[channel->index].conversations : principal_used_for(engine, agent, channel);
    out->capacity = capped ? principal_cap(agent, channel) : agent->capacity;
    out->cost = conversation->row.cost > channel->cost ? conversation->row.cost : channel->cost;
}

/* When the first of the queues that are closed for this agent opens; 0: none is known to. */
static int64_t opening_for(const struct engine *engine, const struct route *route, const struct principal *agent)
{
    int64_t first_ms = 0;
    for (uint32_t i = 0; i < route->count; i++) {
        const struct alternative *alternative = &route->alternatives[i];
        const struct hours *calendar = names_queue(engine, alternative->queue)->calendar;
        struct route alone = route_to(alternative->queue, &alternative->requirement);
        bool closed = match_group_verdict(engine, agent->group, &alone, false, NULL) == VERDICT_queue_closed;
        int64_t at_ms = closed && calendar ? hours_next_opening(calendar, engine->counters.now_ms) : 0;
        if (at_ms && (!first_ms || at_ms < first_ms))
            first_ms = at_ms;
    }
    return first_ms;
}

static struct finding find_out(const struct engine *engine, const struct conversation *conversation, const struct principal *agent)
{
    struct skill_level lacking = {0};
    struct finding out = {.agent = (name_id)agent->row.id};
    out.verdict = choose_verdict(engine, conversation, agent, &lacking);
    if (out.verdict == VERDICT_lacks_skill)
        explain_skill(agent, lacking, &out);
    else if (out.verdict == VERDICT_no_room || out.verdict == VERDICT_channel_cap)
        explain_room(engine, conversation, agent, &out);
    else if (out.verdict == VERDICT_passed_over)
        out.until_ms = passed_over_until(conversation, out.agent, engine->counters.now_ms);
    else if (out.verdict == VERDICT_wrap_up)
        out.until_ms = agent->row.until_ms;
    else if (out.verdict == VERDICT_away)
        out.reason = agent->row.reason;
    else if (out.verdict == VERDICT_queue_closed)
        out.until_ms = opening_for(engine, conversation_class(conversation)->route, agent);
    return out;
}

/* --- the agents who could serve it --- */

static bool could_serve(const struct engine *engine, const struct conversation *conversation, const struct principal *agent)
{
    const struct class *class = conversation_class(conversation);
    return agent && agent->configured && agent->group &&
           match_group_verdict(engine, agent->group, class->route, true, NULL) == VERDICT_can_take;
}

/* Who may have a say: whoever could serve it while it waits, and whom it is offered to. */
static uint32_t collect(const struct engine *engine, const struct conversation *conversation, struct principal **out)
{
    uint32_t count = 0;
    bool looked_for = conversation_waits(conversation) || (conversation->ties && tie_is_offer(conversation->ties));
    for (name_id id = 1; looked_for && id <= engine->names_count; id++) {
        struct principal *agent = names_principal(engine, id);
        if (could_serve(engine, conversation, agent) || (agent && tie_find(conversation, id)))
            out[count++] = agent;
    }
    qsort(out, count, sizeof *out, principal_by_idle);
    return count;
}

static void note_next(struct explanation *out, enum next next, int64_t at_ms)
{
    if (!at_ms || (out->next && out->next_ms <= at_ms))
        return;
    out->next = next;
    out->next_ms = at_ms;
}

static void explain_agents(const struct engine *engine, const struct conversation *conversation, struct explanation *out,
                           struct finding *findings, uint32_t findings_max)
{
    struct principal **agents = must_alloc((engine->names_count + 1UL) * sizeof(struct principal *));
    uint32_t count = collect(engine, conversation, agents);
    for (uint32_t i = 0; i < count; i++) {
        struct finding finding = find_out(engine, conversation, agents[i]);
        if (finding.verdict == VERDICT_wrap_up)
            note_next(out, NEXT_wrap_up_ends, finding.until_ms);
        if (finding.verdict == VERDICT_queue_closed)
            note_next(out, NEXT_opening, finding.until_ms);
        if (i < findings_max)
            findings[out->findings_count++] = finding;
    }
    out->findings_left_out = count - out->findings_count;
    free(agents);
}

/* --- the conversation --- */

/* How many go before it, below heap position `at`: nothing below one that does not comes before it either. */
static uint64_t count_ahead(const struct heap *heap, const struct heap_node *node, uint32_t at)
{
    if (at >= heap->count || !heap_before(heap->slots[at].node, node))
        return 0;
    uint64_t count = 1;
    for (uint32_t child = heap_children(at), end = child + HEAP_ARITY; child < end; child++)
        count += count_ahead(heap, node, child);
    return count;
}

static uint64_t ahead_of(const struct engine *engine, const struct conversation *conversation)
{
    const struct principal *target = names_principal(engine, conversation_meant_for(conversation));
    if (!conversation_waits(conversation))
        return 0;
    return count_ahead(target ? &target->direct : &conversation_class(conversation)->waiting, &conversation->waiting, 0);
}

static void explain_next(const struct engine *engine, const struct conversation *conversation, struct explanation *out)
{
    const struct principal *owner = names_principal(engine, conversation->row.owner);
    struct due due = due_next(engine, conversation);
    if (due.next)
        note_next(out, due.next, due.at_ms);
    if (owner && !owner->sessions.count && owner->timer.position)
        note_next(out, NEXT_grace_ends, owner->timer.key);
}

static void count_eligible(const struct engine *engine, const struct class *class, struct explanation *out)
{
    for (uint32_t i = 0; i < engine->groups_count; i++) {
        const struct group *group = engine->groups[i];
        if (!group->members || match_group_verdict(engine, group, class->route, true, NULL) != VERDICT_can_take)
            continue;
        out->eligible += group->members;
        out->signed_in += group->signed_in;
    }
}

static struct explanation describe(const struct engine *engine, const struct conversation *conversation)
{
    const struct conversation_state *row = &conversation->row;
    const struct routing *routing = names_routing(engine, row->plan);
    const struct class *class = conversation_class(conversation) ? conversation_class(conversation) : conversation->class;
    struct explanation out = {.conversation = row->id,
                              .state = (enum substate)row->substate,
                              .queue = row->queue,
                              .owner = row->owner,
                              .arrival_ms = row->arrival_ms,
                              .key_ms = row->key_ms,
                              .priority = (enum priority)row->priority,
                              .lane = row->lane,
                              .plan = row->plan,
                              .step = routing ? (uint8_t)(row->step + 1) : 0,
                              .steps = routing ? (uint8_t)routing->count : 0,
                              .ahead = ahead_of(engine, conversation),
                              .offers = row->offers};
    if (!class)
        return out;
    out.route = class->bytes;
    count_eligible(engine, class, &out);
    return out;
}

bool engine_explain(const struct engine *engine, conversation_id id, name_id asked, struct explanation *out, struct finding *findings,
                    uint32_t findings_max)
{
    const struct conversation *conversation = conversation_get(engine, id);
    const struct principal *agent = names_principal(engine, asked);
    if (!conversation)
        return false;
    *out = describe(engine, conversation);
    explain_next(engine, conversation, out);
    if (conversation_finished(conversation) || !conversation->class)
        return true;
    if (agent && findings_max)
        findings[out->findings_count++] = find_out(engine, conversation, agent);
    else
        explain_agents(engine, conversation, out, findings, findings_max);
    return true;
}

/* --- who waits --- */

struct peek {
    const struct conversation **first; /* sorted */
    uint32_t count, max;
};

static bool goes_before(const struct conversation *a, const struct conversation *b)
{
    return a->row.lane != b->row.lane ? a->row.lane > b->row.lane : heap_before(&a->waiting, &b->waiting);
}

static void put(struct peek *peek, const struct conversation *conversation)
{
    uint32_t at = peek->count < peek->max ? peek->count++ : peek->max - 1;
    for (; at && goes_before(conversation, peek->first[at - 1]); at--)
        peek->first[at] = peek->first[at - 1];
    peek->first[at] = conversation;
}

/* Descends only as long as there is something that belongs among the first. */
static void look_below(struct peek *peek, const struct heap *heap, uint32_t at)
{
    if (at >= heap->count)
        return;
    const struct conversation *here = ITEM_OF(heap->slots[at].node, struct conversation, waiting);
    if (peek->count == peek->max && !goes_before(here, peek->first[peek->max - 1]))
        return;
    if (conversation_unowned(here))
        put(peek, here);
    for (uint32_t child = heap_children(at), end = child + HEAP_ARITY; child < end; child++)
        look_below(peek, heap, child);
}

static struct peeked peeked_of(const struct conversation *conversation)
{
    const struct conversation_state *row = &conversation->row;
    return (struct peeked){.conversation = row->id,
                           .arrival_ms = row->arrival_ms,
                           .key_ms = row->key_ms,
                           .priority = (enum priority)row->priority,
                           .lane = row->lane,
                           .step = row->plan ? (uint8_t)(row->step + 1) : 0,
                           .offers = row->offers,
                           .account = row->account,
                           .address = {conversation->address, conversation->address_size},
                           .cause = (enum cause)row->moved_by,
                           .moved_after = row->moved_by ? row->moved_after : 0};
}

/* Those whose plan has added to a queue that is claimed from are still shown there: its agents may claim them. */
static bool shows(const struct engine *engine, const struct route *route, name_id queue)
{
    const struct queue *asked = names_queue(engine, queue);
    if (route_queue(route) == queue)
        return true;
    for (uint32_t i = 0; asked && asked->mode == QUEUE_MODE_pull && i < route->count; i++)
        if (route->alternatives[i].queue == queue)
            return true;
    return false;
}

uint32_t engine_peek(const struct engine *engine, name_id queue, struct peeked *out, uint32_t max)
{
    struct peek peek = {.first = must_alloc(max * sizeof(struct conversation *)), .max = max};
    for (uint32_t i = 0; max && i < engine->classes_count; i++)
        if (shows(engine, engine->classes[i]->route, queue))
            look_below(&peek, &engine->classes[i]->waiting, 0);
    for (uint32_t i = 0; i < peek.count; i++)
        out[i] = peeked_of(peek.first[i]);
    free(peek.first);
    return peek.count;
}
