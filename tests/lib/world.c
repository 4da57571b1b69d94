#include "world.h"

#include <stdlib.h>

#include "base/check.h"
#include "store/field_codec.h"

static const struct hash_key WORLD_KEY = {7, 11};

static uint64_t row_key(enum row_kind kind, uint64_t id)
{
    return (uint64_t)kind << 56 | id;
}

static struct buffer *new_buffer(void)
{
    return must_zalloc(1, sizeof(struct buffer));
}

static void free_buffer(struct buffer *buffer)
{
    if (!buffer)
        return;
    buffer_fini(buffer);
    free(buffer);
}

static struct span bytes_of(const struct buffer *buffer)
{
    return (struct span){buffer->data, (uint32_t)buffer->size};
}

static void configure(struct world *world)
{
    struct event event = {.kind = EVENT_configure, .config = world->config};
    world_step(world, &event);
}

void world_open(struct world *world, const struct config *config)
{
    *world = (struct world){.config = config, .now_ms = WORLD_START_MS, .replay_from = 1};
    world->engine = engine_create(WORLD_KEY);
    world->guess = (struct likely){0};
    engine_resume(world->engine, world->now_ms);
    configure(world);
}

void world_close(struct world *world)
{
    struct buffer *buffer;
    engine_destroy(world->engine);
    plan_fini(&world->plan);
    for (lsn_t lsn = 1; lsn <= world->log_count; lsn++)
        buffer_fini(&world->log[lsn]);
    for (size_t at = 0; (buffer = map_next(&world->rows, &at));)
        free_buffer(buffer);
    map_fini(&world->rows);
    map_fini(&world->pending);
    invariants_fini(&world->invariants);
    free(world->log);
}

struct record world_record(const struct world *world, lsn_t lsn)
{
    struct record record;
    ASSERT(lsn >= 1 && lsn <= world->log_count);
    ASSERT(record_decode(bytes_of(&world->log[lsn]), lsn, &record) == STATUS_ok);
    return record;
}

static void log_record(struct world *world, const struct record *record)
{
    ASSERT(record->lsn == world->log_count + 1);
    if (record->lsn >= world->log_capacity) {
        world->log_capacity = world->log_capacity ? world->log_capacity * 2 : 1024;
        world->log = must_grow(world->log, world->log_capacity * sizeof *world->log);
    }
    world->log[record->lsn] = (struct buffer){0};
    record_encode(&world->log[record->lsn], record);
    world->log_count = record->lsn;
}

/* --- prefetch, as the node does it --- */

struct fetched {
    struct row customer, conversation;
    bool has_customer, has_conversation;
};

static bool find_row(const struct world *world, enum row_kind kind, uint64_t id, struct row *out)
{
    const struct buffer *buffer = map_get(&world->rows, row_key(kind, id));
    if (!buffer)
        return false;
    ASSERT(row_decode(bytes_of(buffer), kind, id, out) == STATUS_ok);
    return true;
}

static bool find_by_address(const struct world *world, struct span channel, struct span address, struct row *out)
{
    for (uint64_t id = 1; id <= engine_counters(world->engine).customer; id++)
        if (find_row(world, ROW_customer, id, out) && span_equal(out->customer.channel, channel) &&
            span_equal(out->customer.address, address))
            return true;
    return false;
}

static void look_up(const struct world *world, struct missing *missing, struct fetched *fetched)
{
    switch (missing->kind) {
    case MISSING_address:
        fetched->has_customer = find_by_address(world, missing->channel, missing->address, &fetched->customer);
        missing->customer_absent = !fetched->has_customer;
        break;
    case MISSING_customer:
        fetched->has_customer = find_row(world, ROW_customer, missing->id, &fetched->customer);
        missing->customer_absent = !fetched->has_customer;
        break;
    case MISSING_conversation:
        fetched->has_conversation = find_row(world, ROW_conversation, missing->id, &fetched->conversation);
        missing->conversation_absent = !fetched->has_conversation;
        break;
    }
}

/* Not at all, as far as it goes, or something between, and with a fresh guess of the agent or one of some steps ago: it must make no
 * difference. */
static void warm(struct world *world, struct event *event)
{
    event->warmed = (struct warmed){0};
    for (lsn_t times = world->log_count % (WARM_STEPS + 2); times > 0; times--)
        engine_warm(world->engine, event);
    if (event->kind == EVENT_message && world->log_count % 3) {
        struct likely older = world->guess;
        world->guess = event->warmed.likely;
        event->warmed.likely = older;
    }
}

void world_step(struct world *world, struct event *event)
{
    struct missing missing = {0};
    struct fetched fetched = {0};
    event->now_ms = world->now_ms;
    warm(world, event);
    while (engine_missing(world->engine, event, &missing)) {
        look_up(world, &missing, &fetched);
        event->customer_row = fetched.has_customer ? &fetched.customer.customer : NULL;
        event->conversation_row = fetched.has_conversation ? &fetched.conversation.conversation : NULL;
    }
    engine_step(world->engine, event, &world->plan);
    for (uint32_t i = 0; i < world->plan.records_count; i++)
        log_record(world, &world->plan.records[i]);
    if (!world->broken)
        world->broken = engine_invariants(world->engine, &world->invariants);
}

/* --- checkpoint and crash --- */

static uint64_t row_id(const struct row *row)
{
    return row->kind == ROW_conversation ? row->conversation.id
           : row->kind == ROW_customer   ? row->customer.id
           : row->kind == ROW_principal  ? row->principal.id
           : row->kind == ROW_session    ? row->session.id
                                         : row->name.id;
}

static void write_row(struct world *world, const struct row *row)
{
    uint64_t key = row_key(row->kind, row_id(row));
    free_buffer(map_remove(&world->rows, key));
    if (row->gone)
        return;
    struct buffer *buffer = new_buffer();
    row_encode(buffer, row);
    map_put(&world->rows, key, buffer);
}

static uint64_t pending_key(name_id principal, lsn_t lsn)
{
    return (uint64_t)principal << 40 | lsn;
}

void world_checkpoint(struct world *world, uint32_t rows_max)
{
    struct row row;
    name_id principal;
    lsn_t lsn;
    bool added;
    for (uint32_t i = 0; i < rows_max && engine_next_row(world->engine, &row); i++) {
        write_row(world, &row);
        while (engine_next_pending(world->engine, &principal, &lsn, &added))
            if (added)
                map_put(&world->pending, pending_key(principal, lsn), world);
            else
                ASSERT(map_remove(&world->pending, pending_key(principal, lsn)));
    }
    world->counters = engine_counters(world->engine);
    world->replay_from = engine_replay_from(world->engine);
    engine_rows_saved(world->engine);
}

static void load_rows(struct world *world, enum row_kind kind, uint64_t id_max)
{
    struct row row;
    for (uint64_t id = 1; id <= id_max; id++)
        if (find_row(world, kind, id, &row) && !(kind == ROW_conversation && row.conversation.substate >= SUBSTATE_resolved))
            engine_load(world->engine, &row);
}

static void load_pending(struct world *world, name_id names)
{
    for (name_id id = 1; id <= names; id++)
        for (lsn_t lsn = 1; lsn <= world->log_count; lsn++)
            if (map_get(&world->pending, pending_key(id, lsn)))
                engine_load_pending(world->engine, id, lsn);
}

static void replay(struct world *world)
{
    for (lsn_t lsn = 1; lsn < world->replay_from; lsn++) {
        struct record record = world_record(world, lsn);
        engine_remember(world->engine, &record);
    }
    for (lsn_t lsn = world->replay_from; lsn <= world->log_count; lsn++) {
        struct record record = world_record(world, lsn);
        struct missing missing = {0};
        struct fetched fetched = {0};
        while (engine_replay_missing(world->engine, &record, fetched.has_customer ? &fetched.customer.customer : NULL,
                                     fetched.has_conversation ? &fetched.conversation.conversation : NULL, &missing))
            look_up(world, &missing, &fetched);
        engine_replay(world->engine, &record, fetched.has_customer ? &fetched.customer.customer : NULL,
                      fetched.has_conversation ? &fetched.conversation.conversation : NULL);
    }
}

void world_crash(struct world *world)
{
    uint64_t digest = engine_digest(world->engine);
    name_id names = engine_name_max(world->engine);
    engine_destroy(world->engine);
    world->engine = engine_create(WORLD_KEY);
    world->guess = (struct likely){0};
    engine_load_counters(world->engine, world->counters);
    load_rows(world, ROW_name, names);
    load_rows(world, ROW_principal, names);
    load_pending(world, names);
    load_rows(world, ROW_session, world->counters.session);
    load_rows(world, ROW_conversation, world->counters.conversation);
    replay(world);
    engine_resume(world->engine, world->now_ms);
    if (engine_digest(world->engine) != digest)
        fatal(FATAL_corrupt, "the digest after the restart differs (replayed from %llu of %llu)", (unsigned long long)world->replay_from,
              (unsigned long long)world->log_count);
    configure(world);
}
