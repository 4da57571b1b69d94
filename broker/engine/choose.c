#include "engine/choose.h"

#include "base/warm.h"
#include "engine/conversation.h"
#include "engine/idle.h"
#include "engine/match.h"
#include "engine/names.h"
#include "engine/principal.h"
#include "engine/tie.h"

/* Between this agent and this conversation alone. */
static enum verdict pair_verdict(const struct engine *engine, const struct conversation *conversation, const struct principal *agent)
{
    /* Most often there is nothing between them, and the agent, who need not be in the cache yet, is not looked at. */
    if (conversation->row.owner && conversation->row.owner == agent->row.id)
        return VERDICT_owns_it;
    if (conversation->ties && tie_find(conversation, (name_id)agent->row.id))
        return VERDICT_owns_it;
    if (conversation->passed_over_count && passed_over_until(conversation, (name_id)agent->row.id, engine->counters.now_ms))
        return VERDICT_passed_over;
    const struct class *class = conversation_class(conversation);
    if (class && class->cost > class->channel->cost) /* the room that is kept is for one at the present cost */
        return principal_room(engine, agent, class->channel, class->cost);
    return VERDICT_can_take;
}

static bool has_room(const struct principal *agent, uint32_t channel)
{
    return agent->room >> channel & 1;
}

static bool allowed(const struct engine *engine, const struct conversation *conversation, const struct principal *agent)
{
    return pair_verdict(engine, conversation, agent) == VERDICT_can_take;
}

enum verdict choose_verdict(const struct engine *engine, const struct conversation *conversation, const struct principal *agent,
                            struct skill_level *lacking)
{
    const struct class *class = conversation_class(conversation);
    name_id meant_for = conversation_meant_for(conversation);
    if (!conversation_waits(conversation) && !(conversation->ties && tie_is_offer(conversation->ties)))
        return pair_verdict(engine, conversation, agent) == VERDICT_owns_it ? VERDICT_owns_it : VERDICT_not_waiting;
    if (meant_for && meant_for != agent->row.id)
        return VERDICT_meant_for_another;
    if (!agent->group)
        return VERDICT_not_configured;
    enum verdict verdict = meant_for ? VERDICT_can_take : match_group_verdict(engine, agent->group, class->route, false, lacking);
    if (verdict == VERDICT_can_take)
        verdict = principal_presence(agent);
    if (verdict == VERDICT_can_take)
        verdict = pair_verdict(engine, conversation, agent);
    return verdict == VERDICT_can_take ? principal_room(engine, agent, class->channel, class->cost) : verdict;
}

/* --- agents --- */

static struct principal *first_allowed_idle(const struct engine *engine, const struct conversation *conversation, const struct bench *bench)
{
    for (struct list_node *node = bench->idle.first; node; node = node->next)
        if (allowed(engine, conversation, idle_agent(node)))
            return idle_agent(node);
    return NULL;
}

/* Where the longest idle of the groups that serve the class sits; IDLE_NOBODY: nobody is idle. No branch: many looks go on at once. */
static uint32_t longest_of_groups(const struct idle *idle, const struct class *class)
{
    uint32_t first = IDLE_NOBODY;
    for (uint32_t i = 0; i < class->servers_count; i++) {
        uint32_t seat = idle->first[class->server_list[i]];
        first = seat < first ? seat : first;
    }
    return first;
}

/* How far to go along the row; 0: not at all. Where all are idle as often, it leads to somebody who serves the class after as many looks
 * as there are groups for one that does, and as many at empty seats. Asking those groups is a look for each, but at a smaller table than
 * the bits that say who serves. */
static uint32_t looks_along(const struct engine *engine, const struct class *class)
{
    enum { LOOK_COST = 4 }; /* of one along the row, in looks at groups */
    uint32_t looks = class->servers_count / 2;
    return (uint64_t)looks * class->servers_count > LOOK_COST * (uint64_t)engine->groups_count ? looks : 0;
}

/* The first seat of the row taken by somebody who serves the class; IDLE_NOBODY: so many looks did not find one. */
static uint32_t longest_in_row(const struct idle *idle, const struct class *class, uint32_t looks)
{
    for (uint32_t at = idle->begin; at < idle->end && looks; looks--) {
        struct seat seat = idle->seats[at];
        if (bitset_has(&class->servers, seat.group))
            return at;
        at += seat.group == IDLE_NOBODY ? seat.empty : 1;
    }
    return IDLE_NOBODY;
}

/* Where the longest idle who serves the class sits; IDLE_NOBODY: nobody is idle. */
static uint32_t longest_of_all(const struct engine *engine, const struct class *class, const struct idle *idle)
{
    uint32_t seat = longest_in_row(idle, class, looks_along(engine, class));
    return seat == IDLE_NOBODY && idle->count ? longest_of_groups(idle, class) : seat;
}

/* Nobody who serves the class sat before the likely one, nobody sat down there since, and the likely one has not left. */
static bool is_still(const struct likely *likely, const struct class *class, const struct idle *idle)
{
    return likely->class == class && likely->order == idle->order && idle->seats[likely->seat].group != IDLE_NOBODY;
}

struct likely choose_likely(const struct engine *engine, const struct class *class)
{
    const struct idle *idle = &engine->idle[class->channel->index];
    uint32_t seat = longest_of_all(engine, class, idle);
    return seat == IDLE_NOBODY ? (struct likely){0} : (struct likely){.class = class, .seat = seat, .order = idle->order};
}

void choose_warm(const struct engine *engine, const struct likely *likely)
{
    warm(&engine->idle[likely->class->channel->index].seats[likely->seat], sizeof(struct seat));
}

struct likely choose_whom(const struct engine *engine, struct likely likely)
{
    const struct idle *idle = &engine->idle[likely.class->channel->index];
    if (!is_still(&likely, likely.class, idle))
        likely = choose_likely(engine, likely.class);
    if (likely.class) {
        likely.agent = idle_sitting(idle, likely.seat);
        likely.id = idle->seats[likely.seat].agent;
        likely.group = idle->seats[likely.seat].group;
    }
    return likely;
}

/* The one who would be first is passed over or tied already: look further into every group. */
static struct principal *longest_idle_allowed(const struct engine *engine, const struct conversation *conversation,
                                              const struct class *class)
{
    uint32_t channel = class->channel->index;
    const struct idle *idle = &engine->idle[channel];
    struct principal *best = NULL;
    BITSET_EACH_COMMON (i, &idle->groups, &class->servers) {
        if (best && idle->first[i] > idle->seat_of[best->row.id])
            continue;
        struct principal *agent = first_allowed_idle(engine, conversation, &engine->groups[i]->benches[channel]);
        if (agent && (!best || idle_longer(idle, agent, best)))
            best = agent;
    }
    return best;
}

static struct principal *longest_idle(const struct engine *engine, const struct conversation *conversation, const struct class *class)
{
    const struct idle *idle = &engine->idle[class->channel->index];
    uint32_t seat = is_still(&engine->likely, class, idle) ? engine->likely.seat : longest_of_all(engine, class, idle);
    if (seat == IDLE_NOBODY)
        return NULL;
    struct principal *agent = idle_sitting(idle, seat);
    warm(agent, PRINCIPAL_HOT_BYTES);
    return allowed(engine, conversation, agent) ? agent : longest_idle_allowed(engine, conversation, class);
}

static struct principal *most_skilled(const struct engine *engine, const struct conversation *conversation, const struct class *class)
{
    uint32_t channel = class->channel->index;
    const struct idle *idle = &engine->idle[channel];
    struct principal *best = NULL;
    BITSET_EACH_COMMON (i, &idle->groups, &class->servers) {
        uint16_t score = class->scores[i], best_score = best ? class->scores[best->group->index] : 0;
        if (best && (score < best_score || (score == best_score && idle->first[i] > idle->seat_of[best->row.id])))
            continue;
        struct principal *agent = first_allowed_idle(engine, conversation, &engine->groups[i]->benches[channel]);
        if (agent && (!best || score > best_score || idle_longer(idle, agent, best)))
            best = agent;
    }
    return best;
}

/* The orders kept as heaps: by load, and by turn. */
enum ranking { RANKING_load, RANKING_turn };

static struct desk *desk_at(struct heap_node *node, enum ranking ranking)
{
    return ranking == RANKING_load ? ITEM_OF(node, struct desk, load) : ITEM_OF(node, struct desk, turn);
}

/* The first in order below heap position `at` that is allowed, if it comes before `best`. Descends only below those that are not. */
static struct heap_node *first_allowed_ranked(const struct engine *engine, const struct conversation *conversation, enum ranking ranking,
                                              const struct heap *heap, uint32_t at, struct heap_node *best)
{
    if (at >= heap->count || (best && heap_before(best, heap->slots[at].node)))
        return best;
    if (allowed(engine, conversation, desk_at(heap->slots[at].node, ranking)->agent))
        return heap->slots[at].node;
    for (uint32_t child = heap_children(at), end = child + HEAP_ARITY; child < end; child++)
        best = first_allowed_ranked(engine, conversation, ranking, heap, child, best);
    return best;
}

static struct principal *first_ranked(const struct engine *engine, const struct conversation *conversation, const struct class *class,
                                      enum ranking ranking)
{
    uint32_t channel = class->channel->index;
    const struct bitset *idle = &engine->idle[channel].groups;
    struct heap_node *best = NULL;
    BITSET_EACH_COMMON (i, idle, &class->servers) {
        const struct bench *bench = &engine->groups[i]->benches[channel];
        const struct heap *heap = ranking == RANKING_load ? &bench->load : &bench->turn;
        best = first_allowed_ranked(engine, conversation, ranking, heap, 0, best);
    }
    return best ? desk_at(best, ranking)->agent : NULL;
}

/* The agent itself, if it could be chosen now. */
static struct principal *this_one(const struct engine *engine, const struct conversation *conversation, const struct class *class,
                                  name_id id)
{
    struct principal *agent = names_principal(engine, id);
    bool can = agent && agent->group && bitset_has(&class->servers, agent->group->index) && has_room(agent, class->channel->index) &&
               allowed(engine, conversation, agent);
    return can ? agent : NULL;
}

static struct principal *preferred(const struct engine *engine, const struct conversation *conversation, const struct class *class)
{
    struct principal *agent = NULL;
    for (uint32_t i = 0; !agent && class->prefers && i < class->route->preferred_count; i++)
        agent = this_one(engine, conversation, class, class->route->preferred[i]);
    return agent;
}

/* Nothing is ranked by an order that no queue or plan has any more: what came when one had it goes by the longest idle. */
static enum choice choice_kept(const struct engine *engine, const struct class *class)
{
    bool kept = (class->choice != CHOICE_least_loaded || engine->settings.by_load) &&
                (class->choice != CHOICE_round_robin || engine->settings.by_turn);
    return kept ? (enum choice) class->choice : CHOICE_longest_idle;
}

static struct principal *by_choice(const struct engine *engine, const struct conversation *conversation, const struct class *class)
{
    struct principal *last;
    switch (choice_kept(engine, class)) {
    case CHOICE_least_loaded:
        return first_ranked(engine, conversation, class, RANKING_load);
    case CHOICE_round_robin:
        return first_ranked(engine, conversation, class, RANKING_turn);
    case CHOICE_most_skilled:
        return most_skilled(engine, conversation, class);
    case CHOICE_last_agent:
        last = this_one(engine, conversation, class, conversation->row.last_agent);
        return last ? last : longest_idle(engine, conversation, class);
    case CHOICE_longest_idle:
        break;
    }
    return longest_idle(engine, conversation, class);
}

struct principal *choose_agent(const struct engine *engine, const struct conversation *conversation)
{
    const struct class *class = conversation_class(conversation);
    struct principal *target = names_principal(engine, conversation_meant_for(conversation));
    if (target)
        return has_room(target, class->channel->index) && allowed(engine, conversation, target) ? target : NULL;
    struct principal *agent = preferred(engine, conversation, class);
    return agent ? agent : by_choice(engine, conversation, class);
}

/* --- conversations --- */

/* As first_allowed_ranked, for an agent among those of a class who wait. */
static struct conversation *first_allowed(const struct engine *engine, const struct principal *agent, const struct heap *heap, uint32_t at,
                                          struct conversation *best)
{
    if (at >= heap->count || (best && heap_before(&best->waiting, heap->slots[at].node)))
        return best;
    struct conversation *here = ITEM_OF(heap->slots[at].node, struct conversation, waiting);
    if (allowed(engine, here, agent))
        return here;
    for (uint32_t child = heap_children(at), end = child + HEAP_ARITY; child < end; child++)
        best = first_allowed(engine, agent, heap, child, best);
    return best;
}

/* One whose cost keeps the agent from it keeps it from the whole class: they need not be tried one by one. */
static bool fits_class(const struct engine *engine, const struct principal *agent, const struct class *class)
{
    return class->cost <= class->channel->cost || principal_room(engine, agent, class->channel, class->cost) == VERDICT_can_take;
}

const struct head *choose_next(const struct engine *engine, const struct group *group)
{
    const struct head *best = NULL;
    BITSET_EACH_COMMON (i, &engine->nonempty_classes, &group->serves) {
        const struct head *head = &engine->heads[i];
        if (!best || head->lane > best->lane || (head->lane == best->lane && head->key < best->key))
            best = head;
    }
    return best;
}

static bool head_before(const struct head *a, const struct head *b)
{
    return a->key < b->key || (a->key == b->key && a->conversation->waiting.tie < b->conversation->waiting.tie);
}

/* The first in order of each lane that has a class for the agent, by the heads alone; the lanes, a bit each. */
static uint32_t first_heads(const struct engine *engine, const struct principal *agent, const struct head *first[LANES])
{
    const struct bitset *serves = &agent->group->serves;
    uint32_t lanes = 0;
    BITSET_EACH_COMMON (i, &engine->nonempty_classes, serves) {
        const struct head *head = &engine->heads[i];
        if (!has_room(agent, head->channel) || (lanes >> head->lane & 1 && !head_before(head, first[head->lane])))
            continue;
        first[head->lane] = head;
        lanes |= 1U << head->lane;
    }
    return lanes;
}

/* The first of a lane is not for the agent: look further into every class. */
static struct conversation *first_allowed_in_lane(const struct engine *engine, const struct principal *agent, uint32_t lane)
{
    const struct bitset *serves = &agent->group->serves;
    struct conversation *best = NULL;
    BITSET_EACH_COMMON (i, &engine->nonempty_classes, serves) {
        const struct head *head = &engine->heads[i];
        if (head->lane == lane && has_room(agent, head->channel) && fits_class(engine, agent, engine->classes[i]))
            best = first_allowed(engine, agent, &engine->classes[i]->waiting, 0, best);
    }
    return best;
}

/* Those meant for this agent alone, of every lane in one heap: they are few. */
static void look_at_direct(const struct engine *engine, const struct principal *agent, struct conversation *best[LANES])
{
    for (uint32_t i = 0; i < agent->direct.count; i++) {
        struct conversation *here = ITEM_OF(agent->direct.slots[i].node, struct conversation, waiting);
        struct conversation **first = &best[here->row.lane];
        if ((!*first || heap_before(&here->waiting, &(*first)->waiting)) && has_room(agent, conversation_class(here)->channel->index) &&
            allowed(engine, here, agent))
            *first = here;
    }
}

static uint32_t lane_to_serve(const struct group *group, uint32_t lanes, uint32_t guard)
{
    uint32_t highest = 31 - (uint32_t)__builtin_clz(lanes);
    for (uint32_t lane = highest; guard && lane-- > 0;)
        if (lanes >> lane & 1 && group->skipped[lane] >= guard)
            return lane;
    return highest;
}

struct conversation *choose_conversation(const struct engine *engine, const struct principal *agent, uint32_t *lanes)
{
    const struct head *heads[LANES];
    struct conversation *best[LANES] = {NULL};
    *lanes = 0;
    if (!engine->waiting)
        return NULL;
    for (uint32_t left = first_heads(engine, agent, heads); left; left &= left - 1) {
        uint32_t lane = (uint32_t)__builtin_ctz(left);
        struct conversation *first = heads[lane]->conversation;
        best[lane] = allowed(engine, first, agent) ? first : first_allowed_in_lane(engine, agent, lane);
    }
    look_at_direct(engine, agent, best);
    for (uint32_t lane = 0; lane < LANES; lane++)
        *lanes |= best[lane] ? 1U << lane : 0;
    return *lanes ? best[lane_to_serve(agent->group, *lanes, engine->settings.lane_guard)] : NULL;
}

void choose_served(struct group *group, uint32_t lanes, uint32_t lane)
{
    group->skipped[lane] = 0;
    for (uint32_t lower = 0; lower < lane; lower++)
        group->skipped[lower] += lanes >> lower & 1;
}
