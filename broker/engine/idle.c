#include "engine/idle.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/warm.h"
#include "engine/principal.h"

enum { LOAD_UNIT = 1000000, ROW_MIN = 32 };

/* --- the row --- */

/* Puts what was at one seat, which may be nobody, on another. */
static void reseat(struct idle *idle, struct seat seat, uint32_t from, uint32_t to)
{
    idle->seats[to] = seat;
    if (seat.group == IDLE_NOBODY)
        return;
    idle->seat_of[seat.agent] = to;
    if (idle->first[seat.group] == from)
        idle->first[seat.group] = to;
}

/* Moves up over the seats that are empty, into a row with at least as many more. */
static void close_ranks(struct idle *idle)
{
    struct seat *seats = idle->seats;
    uint32_t begin = idle->begin, end = idle->end;
    while (idle->capacity < 2 * (idle->count + ROW_MIN))
        idle->capacity = 2 * idle->capacity + ROW_MIN;
    idle->seats = must_alloc(idle->capacity * sizeof *idle->seats);
    idle->begin = idle->end = 0;
    idle->order++;
    for (uint32_t at = begin; at < end; at++)
        if (seats[at].group != IDLE_NOBODY)
            reseat(idle, seats[at], at, idle->end++);
    free(seats);
}

/* Whoever comes has worked last of all; who has with another, in one record, comes by id, and who is listed anew comes as before: the
 * others move on by a seat. True: it is the last. */
static bool take_seat(struct idle *idle, struct principal *agent)
{
    name_id id = (name_id)agent->row.id;
    bool last = agent->row.idle_lsn > idle->newest;
    if (last)
        idle->newest = agent->row.idle_lsn;
    else
        idle->order++;
    if (idle->end == idle->capacity)
        close_ranks(idle);
    uint32_t at = idle->end++;
    for (; !last && at > idle->begin; at--) {
        struct seat before = idle->seats[at - 1];
        if (before.group != IDLE_NOBODY && principal_by_idle(&agent, &before.sitting) > 0)
            break;
        reseat(idle, before, at - 1, at);
    }
    idle->seats[at] = (struct seat){agent->group->index, {id}, agent};
    idle->seat_of[id] = at;
    idle->count++;
    return at + 1 == idle->end;
}

/* How many seats side by side are empty, of which this is the first or the last. */
static uint32_t empty_at(const struct idle *idle, uint32_t at)
{
    bool empty = at >= idle->begin && at < idle->end && idle->seats[at].group == IDLE_NOBODY;
    return empty ? idle->seats[at].empty : 0;
}

/* Member by member: copied whole, it would be read whole just after its halves were written, and wait for them. */
static void set_empty(struct seat *seat, uint32_t side_by_side)
{
    seat->group = IDLE_NOBODY;
    seat->empty = side_by_side;
}

/* The group it sat there for. */
static uint32_t leave_seat(struct idle *idle, const struct principal *agent)
{
    uint32_t at = idle->seat_of[agent->row.id], group = idle->seats[at].group;
    uint32_t before = empty_at(idle, at - 1), after = empty_at(idle, at + 1);
    idle->seats[at].group = IDLE_NOBODY;
    set_empty(&idle->seats[at - before], before + 1 + after);
    set_empty(&idle->seats[at + after], before + 1 + after);
    idle->begin += at == idle->begin ? 1 + after : 0;
    idle->count--;
    return group;
}

/* --- benches --- */

/* The bench has another first. */
static void note_first(struct idle *idle, const struct bench *bench, uint32_t group)
{
    struct list_node *node = bench->idle.first;
    idle->first[group] = node ? idle->seat_of[idle_agent(node)->row.id] : IDLE_NOBODY;
    if (node)
        bitset_add(&idle->groups, group);
    else
        bitset_remove(&idle->groups, group);
}

/* On the bench as in the row: who is last there is last here too, and nobody has to be looked at. */
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

void idle_warm(const struct engine *engine, name_id agent, uint32_t group)
{
    for (uint32_t channel = 0; channel < engine->channels_count; channel++) {
        const struct idle *idle = &engine->idle[channel];
        warm(&idle->seat_of[agent], sizeof *idle->seat_of);
        warm(&idle->first[group], sizeof *idle->first);
    }
}

void idle_warm_seats(const struct engine *engine, const struct principal *agent)
{
    for (uint64_t left = agent->room; left; left &= left - 1) {
        const struct idle *idle = &engine->idle[__builtin_ctzll(left)];
        warm(&idle->seats[idle->seat_of[agent->row.id]], sizeof *idle->seats);
    }
}

void idle_join(struct engine *engine, struct principal *agent, uint32_t channel)
{
    struct bench *bench = &agent->benches[channel];
    struct desk *desk = &agent->desks[channel];
    desk->agent = agent;
    take_place(bench, desk, take_seat(&engine->idle[channel], agent));
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
    uint32_t group = leave_seat(&engine->idle[channel], agent);
    if (first)
        note_first(&engine->idle[channel], bench, group);
    if (bench->load.count && desk->load.position)
        heap_remove(&bench->load, &desk->load);
    if (bench->turn.count && desk->turn.position)
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
        ASSERT(!idle->count);
        if (idle->seat_of_count <= engine->names_count) {
            free(idle->seat_of);
            idle->seat_of_count = engine->names_capacity;
            idle->seat_of = must_zalloc(idle->seat_of_count, sizeof *idle->seat_of);
        }
        if (idle->first_count < engine->groups_count) {
            free(idle->first);
            idle->first_count = engine->groups_capacity;
            idle->first = must_alloc(idle->first_count * sizeof *idle->first);
            for (uint32_t group = 0; group < idle->first_count; group++)
                idle->first[group] = IDLE_NOBODY;
        }
    }
}

void idle_fini(struct engine *engine)
{
    for (uint32_t i = 0; i < LIMIT_CHANNELS; i++) {
        bitset_fini(&engine->idle[i].groups);
        free(engine->idle[i].seats);
        free(engine->idle[i].seat_of);
        free(engine->idle[i].first);
    }
}
