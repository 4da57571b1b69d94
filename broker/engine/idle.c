#include "engine/idle.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "engine/principal.h"

enum { LOAD_UNIT = 1000000 };

/* After everybody who is idle longer. Whoever comes has worked last of all; who has with another, in one record, comes by id. True: it is
 * the last. */
static bool take_seat(const struct engine *engine, struct idle *idle, const struct principal *agent)
{
    name_id id = (name_id)agent->row.id, prev = idle->seats[0].prev;
    while (prev && principal_by_idle(&agent, &engine->principals[prev]) < 0)
        prev = idle->seats[prev].prev;
    name_id next = idle->seats[prev].next;
    idle->seats[id] = (struct seat){next, prev, agent->group->index};
    idle->seats[prev].next = idle->seats[next].prev = id;
    return !next;
}

static void leave_seat(struct idle *idle, const struct principal *agent)
{
    const struct seat *seat = &idle->seats[agent->row.id];
    idle->seats[seat->prev].next = seat->next;
    idle->seats[seat->next].prev = seat->prev;
}

/* The bench has another first. */
static void note_first(struct idle *idle, const struct bench *bench, uint32_t group)
{
    struct list_node *node = bench->idle.first;
    const struct principal *agent = node ? idle_agent(node) : NULL;
    idle->first[group] = agent ? (struct idle_first){agent->row.idle_lsn, (name_id)agent->row.id} : (struct idle_first){UINT64_MAX, 0};
    if (agent)
        bitset_add(&idle->groups, group);
    else
        bitset_remove(&idle->groups, group);
}

/* On the bench as in the ring: who is last there is last here too, and nobody has to be looked at. */
static void take_place(struct bench *bench, struct desk *desk, bool last)
{
    struct list_node *next = NULL;
    for (struct list_node *node = bench->idle.last; !last && node; node = node->prev) {
        const struct principal *other = idle_agent(node);
        if (principal_by_idle(&desk->agent, &other) > 0)
            break;
        next = node;
    }
    if (next)
        list_insert_before(&bench->idle, &desk->node, next);
    else
        list_append(&bench->idle, &desk->node);
}

void idle_join(struct engine *engine, struct principal *agent, uint32_t channel)
{
    struct bench *bench = &agent->benches[channel];
    struct desk *desk = &agent->desks[channel];
    desk->agent = agent;
    take_place(bench, desk, take_seat(engine, &engine->idle[channel], agent));
    if (bench->idle.first == &desk->node)
        note_first(&engine->idle[channel], bench, agent->group->index);
    if (engine->settings.by_load) {
        desk->load.key = (int64_t)((uint64_t)agent->used * LOAD_UNIT / agent->capacity);
        desk->load.tie = agent->row.idle_lsn << 16 | (agent->row.id & UINT16_MAX); /* those of one record by id */
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
    struct bench *bench = &agent->benches[channel];
    struct desk *desk = &agent->desks[channel];
    bool first = bench->idle.first == &desk->node;
    list_remove(&bench->idle, &desk->node);
    leave_seat(&engine->idle[channel], agent);
    if (first)
        note_first(&engine->idle[channel], bench, engine->idle[channel].seats[agent->row.id].group);
    if (desk->load.position)
        heap_remove(&bench->load, &desk->load);
    if (desk->turn.position)
        heap_remove(&bench->turn, &desk->turn);
}

void idle_make_benches(struct engine *engine, struct group *group)
{
    uint32_t count = engine->channels_count;
    if (group->benches_count >= count)
        return;
    group->benches = must_grow(group->benches, count * sizeof *group->benches);
    memset(group->benches + group->benches_count, 0, (count - group->benches_count) * sizeof *group->benches);
    group->benches_count = count;
}

void idle_make_room(struct engine *engine)
{
    for (uint32_t i = 0; i < engine->channels_count; i++) {
        struct idle *idle = &engine->idle[i];
        ASSERT(!idle_first(idle));
        if (idle->seats_count <= engine->names_count) {
            free(idle->seats);
            idle->seats_count = engine->names_capacity;
            idle->seats = must_zalloc(idle->seats_count, sizeof *idle->seats);
        }
        if (idle->first_count < engine->groups_count) {
            free(idle->first);
            idle->first_count = engine->groups_capacity;
            idle->first = must_zalloc(idle->first_count, sizeof *idle->first);
            for (uint32_t group = 0; group < idle->first_count; group++)
                idle->first[group].since = UINT64_MAX;
        }
    }
}

void idle_fini(struct engine *engine)
{
    for (uint32_t i = 0; i < LIMIT_CHANNELS; i++) {
        bitset_fini(&engine->idle[i].groups);
        free(engine->idle[i].seats);
        free(engine->idle[i].first);
    }
}
