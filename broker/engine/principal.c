#include "engine/principal.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/warm.h"
#include "engine/emit.h"
#include "engine/idle.h"
#include "engine/names.h"
#include "engine/outbox.h"
#include "engine/timers.h"

struct principal *principal_create(name_id id, enum name_kind kind)
{
    struct principal *principal = must_zalloc(1, sizeof *principal);
    principal->entity = (struct entity){.kind = ROW_principal};
    principal->kind = kind;
    principal->row.id = id;
    principal->row.state = AGENT_STATE_offline;
    return principal;
}

void principal_set_reason(struct principal *agent, struct span reason)
{
    struct span before = agent->row.reason;
    agent->row.reason = reason.size ? (struct span){must_copy(reason.data, reason.size), reason.size} : (struct span){0};
    free((void *)(uintptr_t)before.data);
}

void principal_destroy(struct principal *principal)
{
    if (!principal)
        return;
    outbox_fini(&principal->outbox);
    heap_fini(&principal->direct);
    free(principal->owned.items);
    free(principal->desks);
    free((void *)(uintptr_t)principal->row.reason.data);
    free(principal);
}

void principal_warm(const struct principal *principal)
{
    const struct group *group = principal->group;
    outbox_warm(&principal->outbox);
    warm(principal->desks, principal->desks_count * sizeof *principal->desks);
    if (principal->owned.count)
        warm(&principal->owned.items[principal->owned.count - 1], sizeof *principal->owned.items);
    warm(principal->ties.last, sizeof *principal->ties.last);
    if (group) {
        warm(group, offsetof(struct group, kind));
        warm(principal->benches, principal->desks_count * sizeof *principal->benches);
    }
}

bool principal_full(const struct engine *engine, name_id id)
{
    const struct principal *principal = names_principal(engine, id);
    return principal && outbox_full(&principal->outbox);
}

enum verdict principal_presence(const struct principal *agent)
{
    if (!agent->configured || !agent->group)
        return VERDICT_not_configured;
    if (!agent->sessions.count)
        return VERDICT_offline;
    switch ((enum agent_state)agent->row.state) {
    case AGENT_STATE_available:
        return outbox_full(&agent->outbox) ? VERDICT_outbox_full : VERDICT_can_take;
    case AGENT_STATE_away:
        return VERDICT_away;
    case AGENT_STATE_wrap_up:
        return VERDICT_wrap_up;
    case AGENT_STATE_not_responding:
        return VERDICT_not_responding;
    case AGENT_STATE_offline:
        break;
    }
    return VERDICT_offline;
}

uint32_t principal_used_for(const struct engine *engine, const struct principal *agent, const struct channel *channel)
{
    uint32_t used = agent->used;
    for (uint64_t left = channel->interrupts; left && used; left &= left - 1) {
        uint32_t index = (uint32_t)__builtin_ctzll(left);
        used -= index < agent->desks_count && index < engine->channels_count ? agent->desks[index].used : 0;
    }
    return used;
}

uint32_t principal_cap(const struct principal *agent, const struct channel *channel)
{
    return agent->desks[channel->index].cap ? agent->desks[channel->index].cap : channel->cap;
}

enum verdict principal_room(const struct engine *engine, const struct principal *agent, const struct channel *channel, uint32_t cost)
{
    uint32_t cap = principal_cap(agent, channel), counts = cost > channel->cost ? cost : channel->cost;
    if ((uint64_t)principal_used_for(engine, agent, channel) + counts > agent->capacity)
        return VERDICT_no_room;
    return cap && agent->desks[channel->index].conversations >= cap ? VERDICT_channel_cap : VERDICT_can_take;
}

void principal_make_desks(struct principal *agent, uint32_t count)
{
    if (count <= agent->desks_count)
        return;
    ASSERT(!agent->room);
    agent->desks = must_grow(agent->desks, count * sizeof *agent->desks);
    memset(agent->desks + agent->desks_count, 0, (count - agent->desks_count) * sizeof *agent->desks);
    agent->desks_count = count;
}

static struct desk *desk_of(struct engine *engine, struct principal *agent, name_id type)
{
    const struct channel *channel = names_channel(engine, type);
    ASSERT(channel);
    if (channel->index >= agent->desks_count)
        principal_make_desks(agent, engine->channels_count);
    return &agent->desks[channel->index];
}

void principal_charge(struct engine *engine, struct principal *agent, name_id type, uint32_t cost)
{
    struct desk *desk = desk_of(engine, agent, type);
    agent->used += cost;
    desk->used += cost;
    desk->conversations += cost > 0;
}

void principal_discharge(struct engine *engine, struct principal *agent, name_id type, uint32_t cost)
{
    struct desk *desk = desk_of(engine, agent, type);
    ASSERT(agent->used >= cost && desk->used >= cost);
    agent->used -= cost;
    desk->used -= cost;
    desk->conversations -= cost > 0;
}

static uint64_t room_of(const struct engine *engine, const struct principal *agent)
{
    uint64_t room = 0;
    if (!engine->live || principal_presence(agent) != VERDICT_can_take)
        return 0;
    for (uint32_t i = 0; i < engine->channels_count; i++)
        if (principal_room(engine, agent, engine->channels[i], 0) == VERDICT_can_take)
            room |= UINT64_C(1) << i;
    return room;
}

static void count_signed_in(struct principal *agent)
{
    bool signed_in = agent->group && agent->sessions.count && agent->row.state != AGENT_STATE_offline;
    if (signed_in == agent->signed_in)
        return;
    if (signed_in)
        agent->group->signed_in++;
    else
        agent->group->signed_in--;
    agent->signed_in = signed_in;
}

void principal_freed(struct engine *engine, struct principal *agent)
{
    if (!agent->freed)
        id_list_add(&engine->freed, agent->row.id);
    agent->freed = true;
}

void principal_relist(struct engine *engine, struct principal *agent)
{
    if (!agent->group)
        return;
    count_signed_in(agent);
    for (uint64_t left = agent->room; left; left &= left - 1)
        idle_leave(engine, agent, (uint32_t)__builtin_ctzll(left));
    agent->room = room_of(engine, agent);
    for (uint64_t left = agent->room; left; left &= left - 1)
        idle_join(engine, agent, (uint32_t)__builtin_ctzll(left));
    if (agent->room)
        principal_freed(engine, agent);
}

int principal_by_idle(const void *a, const void *b)
{
    const struct row_principal *x = &(*(const struct principal *const *)a)->row, *y = &(*(const struct principal *const *)b)->row;
    if (x->idle_lsn != y->idle_lsn)
        return x->idle_lsn < y->idle_lsn ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

void principal_worked(struct engine *engine, struct principal *agent, lsn_t lsn)
{
    if (!agent || agent->kind != NAME_KIND_agent || lsn <= agent->row.idle_lsn)
        return;
    agent->row.idle_lsn = lsn;
    mark_dirty(engine, &agent->entity, lsn);
    principal_relist(engine, agent);
}

void principal_had_turn(struct engine *engine, struct principal *agent, lsn_t lsn)
{
    if (lsn <= agent->row.turn_lsn)
        return;
    agent->row.turn_lsn = lsn;
    mark_dirty(engine, &agent->entity, lsn);
}

void principal_arm(struct engine *engine, struct principal *agent)
{
    int64_t at_ms = 0;
    if (agent->kind == NAME_KIND_agent && agent->row.state != AGENT_STATE_offline) {
        if (!agent->sessions.count)
            at_ms = agent->row.lost_ms + engine->settings.grace_ms;
        else if (agent->row.state == AGENT_STATE_wrap_up)
            at_ms = agent->row.until_ms;
    }
    timers_set(engine, &agent->timer, TIMER_principal, agent->row.id, at_ms);
}

struct session *session_get(const struct engine *engine, session_id id)
{
    struct session *recent = engine->recent_session;
    struct session *session = recent && recent->row.id == id ? recent : map_get(&engine->sessions, id);
    return session && !session->closed ? session : NULL;
}

struct principal *session_principal(const struct engine *engine, session_id id)
{
    const struct session *session = session_get(engine, id);
    return session ? session->principal : NULL;
}

name_id engine_session_principal(const struct engine *engine, session_id id)
{
    const struct session *session = session_get(engine, id);
    return session ? session->row.principal : 0;
}

struct session *session_add(struct engine *engine, const struct row_session *row)
{
    struct session *session = pool_take(&engine->session_pool);
    session->entity = (struct entity){.kind = ROW_session};
    session->row = *row;
    session->principal = engine->principals[row->principal];
    session->cursor = session->principal->row.acknowledged;
    session->seen_ms = engine->counters.now_ms;
    session->fetching = !engine->live; /* after a restart, whoever it was that fetched */
    list_append(&session->principal->sessions, &session->node);
    map_put(&engine->sessions, row->id, session);
    return session;
}

void session_forget(struct engine *engine, struct session *session)
{
    timers_set(engine, &session->timer, TIMER_session, session->row.id, 0);
    map_remove(&engine->sessions, session->row.id);
    if (engine->recent_session == session)
        engine->recent_session = NULL;
    pool_give(&engine->session_pool, session);
}
