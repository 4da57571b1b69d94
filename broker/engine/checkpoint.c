/* What has changed since it was last written, in the order of its first unsaved change: the oldest is written first, so that the log needed
 * by a restart moves on. With it go those of the next numbers that have changed too: their rows share a page of the store, and a page is
 * what writing costs. */
#include "base/check.h"
#include "engine/conversation.h"
#include "engine/customer.h"
#include "engine/outbox.h"
#include "engine/principal.h"

enum {
    ROWS_OF_A_PAGE = 32, /* neighbours by number; a page of 4 KiB holds about 20 */
    DENSE_SHARE = 8,     /* one in so many waits: a page has several of them */
    PASSED_MAX = 8,      /* turns that pass for one row; then one is written again, so that finding one takes a bounded time */
};

/* Once the rows taken so far are durable it may leave memory, unless it still waits for its turn. */
static void remember_saving(struct engine *engine, const struct entity *entity, uint64_t id)
{
    if (entity->since)
        return;
    engine->saving = must_make_room(engine->saving, engine->saving_count, &engine->saving_capacity, sizeof *engine->saving);
    engine->saving[engine->saving_count++] = (struct saved_row){(enum row_kind)entity->kind, id};
}

static void take_principal(struct engine *engine, struct principal *principal, struct row *out)
{
    out->principal = principal->row;
    engine->pending_of = principal;
    engine->stale_at = 0;
    engine->pending_at = outbox_count_upto(&principal->outbox, principal->outbox.saved);
}

static void take_session(struct engine *engine, struct session *session, struct row *out)
{
    out->session = session->row;
    out->gone = session->closed;
    remember_saving(engine, &session->entity, session->row.id);
}

static struct saved_row identity(struct entity *entity)
{
    enum row_kind kind = (enum row_kind)entity->kind;
    if (kind == ROW_conversation)
        return (struct saved_row){kind, ITEM_OF(entity, struct conversation, entity)->row.id};
    if (kind == ROW_customer)
        return (struct saved_row){kind, ITEM_OF(entity, struct customer, entity)->row.id};
    return (struct saved_row){kind, 0};
}

static struct entity *take_turn(struct dirty *dirty)
{
    struct entity *entity = dirty->first;
    if (!entity)
        return NULL;
    dirty->first = entity->next;
    dirty->count--;
    entity->next = NULL;
    entity->since = 0;
    return entity;
}

/* Where few wait, looking for them costs more than the page. */
static bool has_neighbours(const struct engine *engine, const struct entity *entity)
{
    bool numbered = entity->kind == ROW_conversation || entity->kind == ROW_customer;
    return numbered && engine->dirty.count > (engine->conversations.count + engine->customers.count) / DENSE_SHARE;
}

/* Whose turn it is. One that was written ahead passes, and may leave memory now. */
static struct entity *take_first(struct engine *engine)
{
    struct entity *entity = take_turn(engine->dirty_names.first ? &engine->dirty_names : &engine->dirty);
    for (int passed = 0; entity && entity->ahead && passed < PASSED_MAX; passed++) {
        entity->ahead = false;
        remember_saving(engine, entity, identity(entity).id);
        entity = take_turn(&engine->dirty);
    }
    if (!entity)
        return NULL;
    entity->ahead = false;
    engine->beside = identity(entity);
    engine->beside.id &= ~(uint64_t)(ROWS_OF_A_PAGE - 1);
    engine->beside_end = has_neighbours(engine, entity) ? engine->beside.id + ROWS_OF_A_PAGE : 0;
    return entity;
}

static struct entity *neighbour(const struct engine *engine, const struct saved_row *who)
{
    if (who->kind == ROW_conversation) {
        struct conversation *conversation = conversation_get(engine, who->id);
        return conversation ? &conversation->entity : NULL;
    }
    struct customer *customer = customer_get(engine, who->id);
    return customer ? &customer->entity : NULL;
}

/* Ahead of its turn. */
static struct entity *take_beside(struct engine *engine)
{
    for (; engine->beside.id < engine->beside_end; engine->beside.id++) {
        struct entity *entity = neighbour(engine, &engine->beside);
        if (!entity || !entity->since || entity->ahead)
            continue;
        entity->ahead = true;
        return entity;
    }
    return NULL;
}

bool engine_next_row(struct engine *engine, struct row *out)
{
    ASSERT(!engine->pending_of);
    struct entity *entity = engine->dirty_names.first ? NULL : take_beside(engine);
    if (!entity)
        entity = take_first(engine);
    if (!entity)
        return false;
    *out = (struct row){.kind = (enum row_kind)entity->kind};
    switch ((enum row_kind)entity->kind) {
    case ROW_name:
        out->name = ITEM_OF(entity, struct name, entity)->row;
        break;
    case ROW_principal:
        take_principal(engine, ITEM_OF(entity, struct principal, entity), out);
        break;
    case ROW_session:
        take_session(engine, ITEM_OF(entity, struct session, entity), out);
        break;
    case ROW_conversation:
        out->conversation = conversation_row(engine, ITEM_OF(entity, struct conversation, entity));
        remember_saving(engine, entity, out->conversation.id);
        break;
    case ROW_customer:
        out->customer = customer_row(engine, ITEM_OF(entity, struct customer, entity));
        remember_saving(engine, entity, out->customer.id);
        break;
    case ROW_KINDS:
        break;
    }
    return true;
}

bool engine_next_pending(struct engine *engine, name_id *id, lsn_t *lsn, bool *added)
{
    struct principal *principal = engine->pending_of;
    if (!principal)
        return false;
    struct outbox *outbox = &principal->outbox;
    *id = (name_id)principal->row.id;
    if (engine->stale_at < outbox->stale_count) {
        *lsn = outbox->stale[engine->stale_at++];
        *added = false;
        return true;
    }
    if (engine->pending_at < outbox->count) {
        *lsn = outbox_at(outbox, engine->pending_at++);
        *added = true;
        return true;
    }
    outbox->stale_count = 0;
    outbox->saved = principal->row.lsn;
    engine->pending_of = NULL;
    return false;
}

uint64_t engine_dirty_count(const struct engine *engine)
{
    return engine->dirty.count + engine->dirty_names.count;
}

static lsn_t first_change(const struct engine *engine, const struct dirty *dirty)
{
    return dirty->first ? dirty->first->since : engine->counters.newest + 1;
}

lsn_t engine_replay_from(const struct engine *engine)
{
    lsn_t rows = first_change(engine, &engine->dirty), names = first_change(engine, &engine->dirty_names);
    return rows < names ? rows : names;
}

static void let_go(struct engine *engine, const struct saved_row *saved)
{
    if (saved->kind == ROW_conversation) {
        struct conversation *conversation = conversation_get(engine, saved->id);
        if (conversation && !conversation->entity.since && conversation_finished(conversation))
            conversation_forget(engine, conversation);
    } else if (saved->kind == ROW_customer) {
        struct customer *customer = customer_get(engine, saved->id);
        if (customer && !customer->entity.since && !customer->row.current)
            customer_forget(engine, customer);
    } else {
        struct session *session = map_get(&engine->sessions, saved->id);
        if (session && !session->entity.since && session->closed)
            session_forget(engine, session);
    }
}

void engine_rows_saved(struct engine *engine)
{
    for (uint32_t i = 0; i < engine->saving_count; i++)
        let_go(engine, &engine->saving[i]);
    engine->saving_count = 0;
}
