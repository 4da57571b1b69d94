#include "engine/match.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "engine/conversation.h"
#include "engine/names.h"
#include "engine/principal.h"
#include "engine/requirement.h"

int64_t match_order_key(int64_t arrival_ms, uint32_t priority)
{
    static const int64_t head_start_minutes[] = {
        [0] = 5, [PRIORITY_low] = 0, [PRIORITY_normal] = 5, [PRIORITY_high] = 30, [PRIORITY_urgent] = 1440};
    return arrival_ms - 60000 * head_start_minutes[priority <= PRIORITY_MAX ? priority : 0];
}

static bool group_serves(const struct group *group, const struct class *class)
{
    for (uint32_t i = 0; i < group->queues_count; i++)
        if (group->queues[i] == class->queue)
            return requirement_met(&class->parsed, group->skills, group->skills_count);
    return false;
}

bool match_serves(const struct engine *engine, name_id queue, struct span requirement)
{
    struct class class = {.queue = queue};
    bool decoded = requirement_decode(requirement, &class.parsed);
    ASSERT(decoded);
    for (uint32_t i = 0; i < engine->groups_count; i++)
        if (group_serves(engine->groups[i], &class))
            return true;
    return false;
}

static void pair_up(struct group *group, struct class *class)
{
    if (class->target || !group_serves(group, class))
        return;
    bitset_add(&class->servers, group->index);
    bitset_add(&group->serves, class->index);
}

/* --- classes --- */

static uint64_t class_hash(const struct engine *engine, name_id queue, name_id target, uint32_t cost, struct span requirement)
{
    struct hash128 places = hash_sip128(engine->hash_key, (uint32_t[]){queue, target, cost}, 12);
    return hash_sip128((struct hash_key){places.low, places.high}, requirement.data, requirement.size).low;
}

static struct class *class_create(struct engine *engine, name_id queue, name_id target, uint32_t cost, struct span requirement)
{
    struct class *class = must_zalloc(1, sizeof *class);
    char *copy = must_copy(requirement.data, requirement.size);
    *class = (struct class){.index = engine->classes_count, .queue = queue, .target = target, .cost = cost};
    class->requirement = (struct span){copy, requirement.size};
    if (!requirement_decode(class->requirement, &class->parsed))
        fatal(FATAL_corrupt, "a stored requirement does not decode");
    engine->classes = must_make_room(engine->classes, engine->classes_count, &engine->classes_capacity, sizeof *engine->classes);
    engine->classes[engine->classes_count++] = class;
    for (uint32_t i = 0; i < engine->groups_count; i++)
        pair_up(engine->groups[i], class);
    return class;
}

struct class *match_find_class(const struct engine *engine, name_id queue, name_id target, uint32_t cost, struct span requirement)
{
    struct class *class = map_get(&engine->classes_by_hash, class_hash(engine, queue, target, cost, requirement));
    while (class &&
           !(class->queue == queue && class->target == target && class->cost == cost && span_equal(class->requirement, requirement)))
        class = class->next_same_hash;
    return class;
}

struct class *match_class(struct engine *engine, name_id queue, name_id target, uint32_t cost, struct span requirement)
{
    struct class *class = match_find_class(engine, queue, target, cost, requirement);
    if (class)
        return class;
    uint64_t hash = class_hash(engine, queue, target, cost, requirement);
    class = class_create(engine, queue, target, cost, requirement);
    class->next_same_hash = map_get(&engine->classes_by_hash, hash);
    map_put(&engine->classes_by_hash, hash, class);
    return class;
}

void match_enter(struct engine *engine, struct class *class, struct conversation *conversation)
{
    heap_insert(&class->waiting, &conversation->waiting);
    if (class->waiting.count == 1)
        bitset_add(&engine->nonempty_classes, class->index);
}

void match_exit(struct engine *engine, struct class *class, struct conversation *conversation)
{
    heap_remove(&class->waiting, &conversation->waiting);
    if (class->waiting.count == 0)
        bitset_remove(&engine->nonempty_classes, class->index);
}

/* --- groups --- */

static bool group_is(const struct group *group, const name_id *queues, uint32_t queues_count, const struct skill_level *skills,
                     uint32_t skills_count)
{
    if (group->queues_count != queues_count || group->skills_count != skills_count)
        return false;
    for (uint32_t i = 0; i < queues_count; i++)
        if (group->queues[i] != queues[i])
            return false;
    for (uint32_t i = 0; i < skills_count; i++)
        if (group->skills[i].skill != skills[i].skill || group->skills[i].level != skills[i].level)
            return false;
    return true;
}

static uint64_t group_hash(const struct engine *engine, const name_id *queues, uint32_t queues_count, const struct skill_level *skills,
                           uint32_t skills_count)
{
    struct hash128 hash = hash_sip128(engine->hash_key, queues, queues_count * sizeof *queues);
    for (uint32_t i = 0; i < skills_count; i++)
        hash = hash_sip128((struct hash_key){hash.low, hash.high}, (uint32_t[]){skills[i].skill, skills[i].level}, 8);
    return hash.low;
}

static struct group *group_create(struct engine *engine, const name_id *queues, uint32_t queues_count, const struct skill_level *skills,
                                  uint32_t skills_count)
{
    struct group *group = must_zalloc(1, sizeof *group);
    *group = (struct group){.index = engine->groups_count, .queues_count = queues_count, .skills_count = skills_count};
    group->queues = (void *)must_copy(queues, queues_count * sizeof *queues);
    group->skills = (void *)must_copy(skills, skills_count * sizeof *skills);
    engine->groups = must_make_room(engine->groups, engine->groups_count, &engine->groups_capacity, sizeof *engine->groups);
    engine->groups[engine->groups_count++] = group;
    for (uint32_t i = 0; i < engine->classes_count; i++)
        pair_up(group, engine->classes[i]);
    return group;
}

struct group *match_group(struct engine *engine, const name_id *queues, uint32_t queues_count, const struct skill_level *skills,
                          uint32_t skills_count)
{
    uint64_t hash = group_hash(engine, queues, queues_count, skills, skills_count);
    struct group *first = map_get(&engine->groups_by_hash, hash);
    for (struct group *group = first; group; group = group->next_same_hash)
        if (group_is(group, queues, queues_count, skills, skills_count))
            return group;
    struct group *group = group_create(engine, queues, queues_count, skills, skills_count);
    group->next_same_hash = first;
    map_put(&engine->groups_by_hash, hash, group);
    return group;
}

/* --- choosing --- */

static bool may_take(const struct engine *engine, const struct principal *agent, const struct conversation *conversation)
{
    return principal_has_room(agent, conversation->row.cost) &&
           !conversation_passes_over(conversation, (name_id)agent->row.id, engine->counters.now_ms);
}

static struct principal *first_idle(const struct engine *engine, const struct group *group, const struct conversation *conversation)
{
    for (struct list_node *node = group->idle.first; node; node = node->next) {
        struct principal *agent = ITEM_OF(node, struct principal, idle_node);
        if (may_take(engine, agent, conversation))
            return agent;
    }
    return NULL;
}

struct principal *match_agent_for(const struct engine *engine, const struct conversation *conversation)
{
    if (conversation->row.target) {
        struct principal *target = names_principal(engine, conversation->row.target);
        return may_take(engine, target, conversation) ? target : NULL;
    }
    const struct bitset *servers = &conversation->class->servers;
    struct principal *best = NULL;
    for (uint32_t i = bitset_next_common(&engine->idle_groups, servers, 0); i != UINT32_MAX;
         i = bitset_next_common(&engine->idle_groups, servers, i + 1)) {
        struct principal *agent = first_idle(engine, engine->groups[i], conversation);
        if (agent && (!best || agent->row.idle_lsn < best->row.idle_lsn))
            best = agent;
    }
    return best;
}

static bool before(const struct conversation *a, const struct conversation *b)
{
    return a->waiting.key < b->waiting.key || (a->waiting.key == b->waiting.key && a->waiting.tie < b->waiting.tie);
}

/* The first in order below heap position `at` that the agent may take, if it comes before `best`. Descends only below those the agent may
 * not take, so it usually looks at one. */
static struct conversation *first_allowed(const struct engine *engine, const struct principal *agent, const struct heap *heap, uint32_t at,
                                          struct conversation *best)
{
    if (at >= heap->count)
        return best;
    struct conversation *here = ITEM_OF(heap->nodes[at], struct conversation, waiting);
    if (best && before(best, here))
        return best;
    if (may_take(engine, agent, here))
        return here;
    best = first_allowed(engine, agent, heap, 2 * at + 1, best);
    return first_allowed(engine, agent, heap, 2 * at + 2, best);
}

struct conversation *match_conversation_for(const struct engine *engine, const struct principal *agent)
{
    struct conversation *best = NULL;
    if (!agent->group || !principal_has_room(agent, engine->settings.cost_min))
        return NULL;
    const struct bitset *serves = &agent->group->serves;
    for (uint32_t i = bitset_next_common(&engine->nonempty_classes, serves, 0); i != UINT32_MAX;
         i = bitset_next_common(&engine->nonempty_classes, serves, i + 1))
        if (principal_has_room(agent, engine->classes[i]->cost)) /* or everyone who waits there would be looked at in vain */
            best = first_allowed(engine, agent, &engine->classes[i]->waiting, 0, best);
    if (agent->direct)
        best = first_allowed(engine, agent, &agent->direct->waiting, 0, best);
    return best;
}

void match_fini(struct engine *engine)
{
    for (uint32_t i = 0; i < engine->classes_count; i++) {
        struct class *class = engine->classes[i];
        heap_fini(&class->waiting);
        bitset_fini(&class->servers);
        free((void *)(uintptr_t) class->requirement.data);
        free(class);
    }
    for (uint32_t i = 0; i < engine->groups_count; i++) {
        struct group *group = engine->groups[i];
        bitset_fini(&group->serves);
        free(group->queues);
        free(group->skills);
        free(group);
    }
    free(engine->classes);
    free(engine->groups);
    map_fini(&engine->classes_by_hash);
    map_fini(&engine->groups_by_hash);
    bitset_fini(&engine->nonempty_classes);
    bitset_fini(&engine->idle_groups);
}
