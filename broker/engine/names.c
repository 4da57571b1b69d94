#include "engine/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "engine/principal.h"

static uint64_t name_hash(const struct engine *engine, enum name_kind kind, struct span text)
{
    struct hash_key key = engine->hash_key;
    key.k0 ^= (uint64_t)kind;
    return hash_sip64(key, text.data, text.size);
}

const struct routing *names_routing(const struct engine *engine, name_id id)
{
    struct name *name = names_get(engine, id);
    return name ? name->routing : NULL;
}

name_id engine_find_name(const struct engine *engine, enum name_kind kind, struct span text)
{
    struct name *name = map_get(&engine->names_by_hash, name_hash(engine, kind, text));
    while (name && !(name->row.kind == kind && span_equal(name->row.name, text)))
        name = name->next_same_hash;
    return name ? (name_id)name->row.id : 0;
}

struct span engine_name(const struct engine *engine, name_id id)
{
    struct name *name = names_get(engine, id);
    return name ? name->row.name : span_of(NULL);
}

name_id engine_name_max(const struct engine *engine)
{
    return engine->names_count;
}

enum name_kind engine_name_kind(const struct engine *engine, name_id id)
{
    struct name *name = names_get(engine, id);
    return name ? (enum name_kind)name->row.kind : 0;
}

static void *grow_by_id(void *by_id, uint32_t from, uint32_t to)
{
    char *grown = must_grow(by_id, to * sizeof(void *));
    memset(grown + from * sizeof(void *), 0, (to - from) * sizeof(void *));
    return grown;
}

static void names_make_room(struct engine *engine, name_id id)
{
    if (id < engine->names_capacity)
        return;
    uint32_t capacity = engine->names_capacity ? engine->names_capacity : 64;
    while (capacity <= id)
        capacity *= 2;
    engine->names = grow_by_id(engine->names, engine->names_capacity, capacity);
    engine->principals = grow_by_id(engine->principals, engine->names_capacity, capacity);
    engine->queues = grow_by_id(engine->queues, engine->names_capacity, capacity);
    engine->channels_by_name = grow_by_id(engine->channels_by_name, engine->names_capacity, capacity);
    engine->names_capacity = capacity;
}

static struct channel *add_channel(struct engine *engine, name_id id)
{
    ASSERT(engine->channels_count < LIMIT_CHANNELS);
    struct channel *channel = must_zalloc(1, sizeof *channel);
    *channel = (struct channel){.id = id, .index = engine->channels_count};
    return engine->channels[engine->channels_count++] = channel;
}

static void name_make_entity(struct engine *engine, const struct name *name)
{
    name_id id = (name_id)name->row.id;
    switch ((enum name_kind)name->row.kind) {
    case NAME_KIND_queue:
        engine->queues[id] = must_zalloc(1, sizeof *engine->queues[id]);
        engine->queues[id]->id = id;
        break;
    case NAME_KIND_agent:
    case NAME_KIND_account:
    case NAME_KIND_operator:
        engine->principals[id] = principal_create(id, (enum name_kind)name->row.kind);
        break;
    case NAME_KIND_channel:
        engine->channels_by_name[id] = add_channel(engine, id);
        break;
    case NAME_KIND_skill:
    case NAME_KIND_plan:
        break;
    }
}

void names_add(struct engine *engine, name_id id, enum name_kind kind, struct span text, lsn_t lsn)
{
    if (names_get(engine, id))
        return;
    names_make_room(engine, id);
    struct name *name = must_zalloc(1, sizeof *name);
    char *copy = must_copy(text.data, text.size);
    name->entity = (struct entity){.kind = ROW_name};
    name->row = (struct row_name){.id = id, .lsn = lsn, .kind = kind, .name = {copy, text.size}};
    uint64_t hash = name_hash(engine, kind, text);
    name->next_same_hash = map_put(&engine->names_by_hash, hash, name);
    engine->names[id] = name;
    if (id > engine->names_count)
        engine->names_count = id;
    name_make_entity(engine, name);
}

void names_fini(struct engine *engine)
{
    for (name_id id = 1; id <= engine->names_count; id++) {
        struct name *name = engine->names[id];
        if (!name)
            continue;
        principal_destroy(engine->principals[id]);
        if (engine->queues[id])
            free((void *)(uintptr_t)engine->queues[id]->closed_text.data);
        free(engine->queues[id]);
        free(engine->channels_by_name[id]);
        free((void *)(uintptr_t)name->row.name.data);
        free(name);
    }
    free(engine->names);
    free(engine->principals);
    free(engine->queues);
    free(engine->channels_by_name);
    map_fini(&engine->names_by_hash);
}
