#include "engine/idle.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum { LOAD_UNIT = 1000000 };

/* Keeps the longest idle of every group side by side, so that choosing among many groups reads one array. */
static void note_first(struct engine *engine, const struct group *group, uint32_t channel)
{
    struct idle *idle = &engine->idle[channel];
    struct list_node *node = group->benches[channel].idle.first;
    const struct desk *first = node ? ITEM_OF(node, struct desk, node) : NULL;
    idle->first[group->index] = first ? (struct idle_first){first->since, first->agent} : (struct idle_first){UINT64_MAX, NULL};
    if (!first)
        bitset_remove(&idle->groups, group->index);
}

void idle_join(struct engine *engine, struct principal *agent, uint32_t channel)
{
    struct group *group = agent->group;
    struct bench *bench = &group->benches[channel];
    struct desk *desk = &agent->desks[channel];
    desk->since = agent->row.idle_lsn;
    desk->agent = agent;
    list_append(&bench->idle, &desk->node);
    if (bench->idle.count == 1) {
        engine->idle[channel].first[group->index] = (struct idle_first){desk->since, agent};
        bitset_add(&engine->idle[channel].groups, group->index);
    }
    if (engine->settings.by_load) {
        desk->load.key = (int64_t)((uint64_t)agent->used * LOAD_UNIT / agent->capacity);
        desk->load.tie = agent->row.idle_lsn;
        heap_insert(&bench->load, &desk->load);
    }
    if (engine->settings.by_turn) {
        desk->turn.key = (int64_t)agent->row.turn_lsn;
        desk->turn.tie = agent->row.id;
        heap_insert(&bench->turn, &desk->turn);
    }
}

void idle_leave(struct engine *engine, struct principal *agent, uint32_t channel)
{
    struct group *group = agent->group;
    struct bench *bench = &group->benches[channel];
    struct desk *desk = &agent->desks[channel];
    bool first = bench->idle.first == &desk->node;
    list_remove(&bench->idle, &desk->node);
    if (first)
        note_first(engine, group, channel);
    if (desk->load.position)
        heap_remove(&bench->load, &desk->load);
    if (desk->turn.position)
        heap_remove(&bench->turn, &desk->turn);
}

void idle_make_benches(struct engine *engine, struct group *group)
{
    uint32_t count = engine->channels_count;
    if (group->benches_count < count) {
        group->benches = must_grow(group->benches, count * sizeof *group->benches);
        memset(group->benches + group->benches_count, 0, (count - group->benches_count) * sizeof *group->benches);
        group->benches_count = count;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct idle *idle = &engine->idle[i];
        if (group->index < idle->first_count)
            continue;
        uint32_t wanted = engine->groups_capacity;
        idle->first = must_grow(idle->first, wanted * sizeof *idle->first);
        while (idle->first_count < wanted)
            idle->first[idle->first_count++] = (struct idle_first){UINT64_MAX, NULL};
    }
}

void idle_fini(struct engine *engine)
{
    for (uint32_t i = 0; i < LIMIT_CHANNELS; i++) {
        bitset_fini(&engine->idle[i].groups);
        free(engine->idle[i].first);
    }
}
