#include "engine/principal.h"

#include <stdlib.h>

#include "base/check.h"
#include "engine/emit.h"
#include "engine/outbox.h"
#include "engine/timers.h"

struct principal *principal_create(name_id id, enum name_kind kind)
{
    struct principal *principal = must_zalloc(1, sizeof *principal);
    principal->entity.kind = ROW_principal;
    principal->kind = kind;
    principal->row.id = id;
    principal->row.state = AGENT_STATE_offline;
    return principal;
}

void principal_destroy(struct principal *principal)
{
    if (!principal)
        return;
    outbox_fini(&principal->outbox);
    free(principal->channel);
    free(principal);
}

bool principal_has_room(const struct principal *agent, uint32_t cost)
{
    return agent->configured && agent->row.state == AGENT_STATE_available && agent->sessions.count > 0 &&
           (uint64_t)agent->used + cost <= agent->capacity && !outbox_full(&agent->outbox);
}

void principal_relist(struct engine *engine, struct principal *agent)
{
    if (agent->idle) {
        list_remove(&agent->group->idle, &agent->idle_node);
        agent->idle = false;
        if (!agent->group->idle.count)
            bitset_remove(&engine->idle_groups, agent->group->index);
    }
    if (!engine->live || !agent->group || !principal_has_room(agent, engine->settings.cost_min))
        return;
    list_append(&agent->group->idle, &agent->idle_node);
    agent->idle = true;
    bitset_add(&engine->idle_groups, agent->group->index);
    id_list_add(&engine->freed, agent->row.id);
}

void principal_worked(struct engine *engine, struct principal *agent, lsn_t lsn)
{
    if (!agent || agent->kind != NAME_KIND_agent || lsn <= agent->row.idle_lsn)
        return;
    agent->row.idle_lsn = lsn;
    mark_dirty(engine, &agent->entity, lsn);
    principal_relist(engine, agent);
}

struct session *session_get(const struct engine *engine, session_id id)
{
    struct session *session = map_get(&engine->sessions, id);
    return session && !session->closed ? session : NULL;
}

name_id engine_session_principal(const struct engine *engine, session_id id)
{
    const struct session *session = session_get(engine, id);
    return session ? session->row.principal : 0;
}

struct session *session_add(struct engine *engine, const struct row_session *row)
{
    struct session *session = pool_take(&engine->session_pool);
    session->entity.kind = ROW_session;
    session->row = *row;
    session->principal = engine->names[row->principal]->principal;
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
    pool_give(&engine->session_pool, session);
}
