#include "engine/match.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/warm.h"
#include "engine/idle.h"
#include "engine/names.h"
#include "engine/principal.h"

/* --- who can serve what --- */

/* A queue that is paused or closed gives nothing away, whether it offers or is claimed from. */
static enum offering gives_to(const struct engine *engine, const struct queue *queue)
{
    if (!queue->configured || names_get(engine, queue->id)->row.paused)
        return OFFERING_nobody;
    if (queue->closed)
        return queue->when_closed == WHEN_CLOSED_bot ? OFFERING_bots : OFFERING_nobody;
    return OFFERING_all;
}

enum offering match_offering(const struct engine *engine, const struct queue *queue)
{
    return queue->mode == QUEUE_MODE_pull ? OFFERING_nobody : gives_to(engine, queue);
}

enum offering match_claiming(const struct engine *engine, const struct queue *queue)
{
    return queue->mode == QUEUE_MODE_pull ? gives_to(engine, queue) : OFFERING_nobody;
}

static bool includes(enum offering offering, const struct group *group)
{
    return offering == OFFERING_all || (offering == OFFERING_bots && group->kind == AGENT_KIND_bot);
}

static enum verdict silent_queue_verdict(const struct engine *engine, const struct queue *queue, const struct group *group)
{
    if (names_get(engine, queue->id)->row.paused)
        return VERDICT_queue_paused;
    return includes(match_claiming(engine, queue), group) ? VERDICT_queue_pull : VERDICT_queue_closed;
}

static bool has_queue(const struct group *group, name_id queue)
{
    for (uint32_t i = 0; i < group->queues_count; i++)
        if (group->queues[i] == queue)
            return true;
    return false;
}

static enum verdict alternative_verdict(const struct engine *engine, const struct group *group, const struct alternative *alternative,
                                        bool claims, struct skill_level *lacking)
{
    const struct queue *queue = names_queue(engine, alternative->queue);
    if (!has_queue(group, alternative->queue))
        return VERDICT_other_queue;
    if (!requirement_met(&alternative->requirement, group->skills, group->skills_count, lacking))
        return VERDICT_lacks_skill;
    if (claims || includes(queue->offering, group))
        return VERDICT_can_take;
    return silent_queue_verdict(engine, queue, group);
}

enum verdict match_group_verdict(const struct engine *engine, const struct group *group, const struct route *route, bool claims,
                                 struct skill_level *lacking)
{
    enum verdict nearest = VERDICT_other_queue;
    for (uint32_t i = 0; i < route->count; i++) {
        struct skill_level lacks = {0};
        enum verdict verdict = alternative_verdict(engine, group, &route->alternatives[i], claims, &lacks);
        if (verdict == VERDICT_can_take)
            return verdict;
        if (verdict > nearest || nearest == VERDICT_other_queue)
            nearest = verdict;
        if (verdict == VERDICT_lacks_skill && lacking)
            *lacking = lacks;
    }
    return nearest;
}

enum verdict match_claim_verdict(const struct engine *engine, const struct group *group, const struct route *route)
{
    enum verdict nearest = VERDICT_queue_closed;
    for (uint32_t i = 0; i < route->count; i++) {
        const struct alternative *alternative = &route->alternatives[i];
        if (!includes(match_claiming(engine, names_queue(engine, alternative->queue)), group))
            continue;
        nearest = alternative_verdict(engine, group, alternative, true, NULL);
        if (nearest == VERDICT_can_take)
            break;
    }
    return nearest;
}

static uint32_t score_of(const struct group *group, const struct route *route)
{
    uint32_t best = 0;
    for (uint32_t i = 0; i < route->count; i++) {
        const struct alternative *alternative = &route->alternatives[i];
        if (!has_queue(group, alternative->queue) || !requirement_met(&alternative->requirement, group->skills, group->skills_count, NULL))
            continue;
        uint32_t score = requirement_score(&alternative->requirement, group->skills, group->skills_count);
        best = score > best ? score : best;
    }
    return best;
}

static void note_score(struct engine *engine, struct class *class, const struct group *group)
{
    if (class->choice != CHOICE_most_skilled)
        return;
    if (class->scores_count <= group->index) {
        class->scores_count = engine->groups_capacity;
        class->scores = must_grow(class->scores, class->scores_count * sizeof *class->scores);
    }
    class->scores[group->index] = (uint16_t)score_of(group, class->route);
}

static bool pair_up(struct engine *engine, struct group *group, struct class *class)
{
    if (match_group_verdict(engine, group, class->route, false, NULL) != VERDICT_can_take)
        return false;
    bitset_add(&class->servers, group->index);
    class->server_list = must_make_room(class->server_list, class->servers_count, &class->servers_capacity, sizeof *class->server_list);
    class->server_list[class->servers_count++] = group->index;
    bitset_add(&group->serves, class->index);
    note_score(engine, class, group);
    return true;
}

bool match_anybody(const struct engine *engine, const struct route *route, bool signed_in)
{
    for (uint32_t i = 0; i < engine->groups_count; i++) {
        const struct group *group = engine->groups[i];
        if ((signed_in ? group->signed_in : group->members) && match_group_verdict(engine, group, route, true, NULL) == VERDICT_can_take)
            return true;
    }
    return false;
}

/* --- queues that begin or cease to offer --- */

static void free_the_idle(struct engine *engine, const struct group *group)
{
    for (uint32_t channel = 0; channel < group->benches_count; channel++)
        for (struct list_node *node = group->benches[channel].idle.first; node; node = node->next)
            principal_freed(engine, idle_agent(node));
}

static void pair_class_anew(struct engine *engine, struct class *class)
{
    class->servers_count = 0;
    engine->idle[class->channel->index].order++;
    for (uint32_t i = 0; i < engine->groups_count; i++) {
        struct group *group = engine->groups[i];
        bool served = bitset_has(&class->servers, i);
        bitset_remove(&class->servers, i);
        bitset_remove(&group->serves, class->index);
        if (pair_up(engine, group, class) && !served && class->waiting.count)
            free_the_idle(engine, group);
    }
}

static bool names_a_changed_queue(const struct engine *engine, const struct route *route)
{
    for (uint32_t i = 0; i < route->count; i++) {
        const struct queue *queue = names_queue(engine, route->alternatives[i].queue);
        if (queue->changed)
            return true;
    }
    return false;
}

static bool note_changes(struct engine *engine)
{
    bool any = false;
    for (name_id id = 1; id <= engine->names_count; id++) {
        struct queue *queue = names_queue(engine, id);
        if (!queue)
            continue;
        enum offering offering = match_offering(engine, queue);
        queue->changed = offering != queue->offering;
        queue->offering = offering;
        any |= queue->changed;
    }
    return any;
}

void match_repair(struct engine *engine)
{
    if (!note_changes(engine))
        return;
    for (uint32_t i = 0; i < engine->classes_count; i++)
        if (names_a_changed_queue(engine, engine->classes[i]->route))
            pair_class_anew(engine, engine->classes[i]);
}

/* --- classes --- */

static uint64_t class_hash(const struct engine *engine, const struct terms *terms)
{
    uint32_t numbers[] = {terms->type, terms->cost, terms->lane, terms->choice};
    struct hash128 places = hash_sip128(engine->hash_key, numbers, sizeof numbers);
    return hash_sip64((struct hash_key){places.low, places.high}, terms->route.data, terms->route.size);
}

static bool class_is(const struct class *class, const struct terms *terms)
{
    return class->type == terms->type && class->cost == terms->cost && class->lane == terms->lane && class->choice == terms->choice &&
           span_equal(class->bytes, terms->route);
}

static struct class *class_create(struct engine *engine, const struct terms *terms)
{
    struct class *class = must_zalloc(1, sizeof *class + terms->route.size);
    char *bytes = (char *)(class + 1); /* beside it: they are looked at together */
    if (terms->route.size)
        memcpy(bytes, terms->route.data, terms->route.size);
    *class = (struct class){.index = engine->classes_count,
                            .type = terms->type,
                            .cost = terms->cost,
                            .lane = terms->lane,
                            .choice = terms->choice,
                            .channel = names_channel(engine, terms->type),
                            .bytes = {bytes, terms->route.size},
                            .route = must_zalloc(1, sizeof *class->route)};
    if (!class->channel || !route_decode(class->bytes, class->route))
        fatal(FATAL_corrupt, "a stored route does not decode");
    class->prefers = class->route->preferred_count;
    engine->classes = must_make_room(engine->classes, engine->classes_count, &engine->classes_capacity, sizeof(struct class *));
    engine->heads = must_make_room(engine->heads, engine->classes_count, &engine->heads_capacity, sizeof *engine->heads);
    engine->heads[class->index] = (struct head){.lane = class->lane, .channel = (uint8_t) class->channel->index};
    engine->classes[engine->classes_count++] = class;
    for (uint32_t i = 0; i < engine->groups_count; i++)
        pair_up(engine, engine->groups[i], class);
    return class;
}

struct class *match_find_class(const struct engine *engine, const struct terms *terms)
{
    struct class *class = map_get(&engine->classes_by_hash, class_hash(engine, terms));
    while (class && !class_is(class, terms))
        class = class->next_same_hash;
    return class;
}

/* Rules hand in the same bytes again and again: the class last found for them is tried first. */
static uint32_t recent_place(name_id type, struct span route)
{
    uint64_t spread = ((uintptr_t)route.data ^ type) * UINT64_C(0x9e3779b97f4a7c15); /* as in base/map.c */
    return (uint32_t)(spread >> 32) % RECENT_CLASSES;
}

void match_warm_recent(const struct engine *engine, name_id type, struct span route)
{
    warm(&engine->recent_classes[recent_place(type, route)], sizeof(struct class *));
}

const struct class *match_recent(const struct engine *engine, name_id type, struct span route)
{
    return engine->recent_classes[recent_place(type, route)];
}

void match_warm(const struct class *class)
{
    warm(class->bytes.data, class->bytes.size);
    warm(class->server_list, class->servers_count * sizeof *class->server_list);
    warm(class->waiting.slots, 1);
}

void match_warm_first(const struct class *class)
{
    const struct heap *waiting = &class->waiting;
    if (!waiting->count)
        return;
    warm(waiting->slots, (1 + HEAP_ARITY) * sizeof *waiting->slots);
    warm(&waiting->slots[waiting->count - 1], sizeof *waiting->slots);
}

struct class *match_class(struct engine *engine, const struct terms *terms)
{
    struct class **recent = &engine->recent_classes[recent_place(terms->type, terms->route)];
    if (*recent && class_is(*recent, terms))
        return *recent;
    struct class *class = match_find_class(engine, terms);
    if (!class) {
        uint64_t hash = class_hash(engine, terms);
        class = class_create(engine, terms);
        class->next_same_hash = map_put(&engine->classes_by_hash, hash, class);
    }
    return *recent = class;
}

static void note_head(struct engine *engine, const struct class *class)
{
    struct head *head = &engine->heads[class->index];
    const struct heap_slot *first = class->waiting.count ? &class->waiting.slots[0] : NULL;
    head->conversation = first ? ITEM_OF(first->node, struct conversation, waiting) : NULL;
    head->key = first ? first->key : 0;
}

void match_enter(struct engine *engine, struct class *class, struct conversation *conversation)
{
    heap_insert(&class->waiting, &conversation->waiting);
    if (class->waiting.count == 1)
        bitset_add(&engine->nonempty_classes, class->index);
    note_head(engine, class);
}

void match_exit(struct engine *engine, struct class *class, struct conversation *conversation)
{
    heap_remove(&class->waiting, &conversation->waiting);
    if (class->waiting.count == 0)
        bitset_remove(&engine->nonempty_classes, class->index);
    note_head(engine, class);
}

/* --- groups --- */

static bool group_is(const struct group *group, const struct profile *profile)
{
    if (group->kind != profile->kind || group->queues_count != profile->queues_count || group->skills_count != profile->skills_count)
        return false;
    for (uint32_t i = 0; i < profile->queues_count; i++)
        if (group->queues[i] != profile->queues[i])
            return false;
    for (uint32_t i = 0; i < profile->skills_count; i++)
        if (group->skills[i].skill != profile->skills[i].skill || group->skills[i].level != profile->skills[i].level)
            return false;
    return true;
}

static uint64_t group_hash(const struct engine *engine, const struct profile *profile)
{
    struct hash_key key = {engine->hash_key.k0 ^ (uint64_t)profile->kind, engine->hash_key.k1};
    struct hash128 hash = hash_sip128(key, profile->queues, profile->queues_count * sizeof *profile->queues);
    for (uint32_t i = 0; i < profile->skills_count; i++) {
        uint32_t numbers[] = {profile->skills[i].skill, profile->skills[i].level}; /* without the padding of the struct */
        hash = hash_sip128((struct hash_key){hash.low, hash.high}, numbers, sizeof numbers);
    }
    return hash.low;
}

static struct group *group_create(struct engine *engine, const struct profile *profile)
{
    struct group *group = must_zalloc(1, sizeof *group);
    *group = (struct group){.index = engine->groups_count,
                            .kind = profile->kind,
                            .queues = (void *)must_copy(profile->queues, profile->queues_count * sizeof *profile->queues),
                            .queues_count = profile->queues_count,
                            .skills = (void *)must_copy(profile->skills, profile->skills_count * sizeof *profile->skills),
                            .skills_count = profile->skills_count};
    engine->groups = must_make_room(engine->groups, engine->groups_count, &engine->groups_capacity, sizeof(struct group *));
    engine->groups[engine->groups_count++] = group;
    for (uint32_t i = 0; i < engine->classes_count; i++)
        pair_up(engine, group, engine->classes[i]);
    return group;
}

struct group *match_group(struct engine *engine, const struct profile *profile)
{
    uint64_t hash = group_hash(engine, profile);
    struct group *group = map_get(&engine->groups_by_hash, hash);
    while (group && !group_is(group, profile))
        group = group->next_same_hash;
    if (!group) {
        group = group_create(engine, profile);
        group->next_same_hash = map_put(&engine->groups_by_hash, hash, group);
    }
    return group;
}

/* --- end --- */

static void class_destroy(struct class *class)
{
    heap_fini(&class->waiting);
    bitset_fini(&class->servers);
    free(class->server_list);
    free(class->route);
    free(class->scores);
    free(class);
}

static void group_destroy(struct group *group)
{
    for (uint32_t i = 0; i < group->benches_count; i++) {
        heap_fini(&group->benches[i].load);
        heap_fini(&group->benches[i].turn);
    }
    bitset_fini(&group->serves);
    free(group->benches);
    free(group->queues);
    free(group->skills);
    free(group);
}

void match_fini(struct engine *engine)
{
    for (uint32_t i = 0; i < engine->classes_count; i++)
        class_destroy(engine->classes[i]);
    for (uint32_t i = 0; i < engine->groups_count; i++)
        group_destroy(engine->groups[i]);
    free(engine->classes);
    free(engine->groups);
    free(engine->heads);
    map_fini(&engine->classes_by_hash);
    map_fini(&engine->groups_by_hash);
    bitset_fini(&engine->nonempty_classes);
}
