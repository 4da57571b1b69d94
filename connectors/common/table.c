#include "connectors/common/table.h"

#include <stdlib.h>

#include "proto/expect.h"

struct table_slot {
    uint64_t key;
    void *value; /* NULL: free */
};

static uint32_t table_home(const struct table *table, uint64_t key)
{
    key ^= key >> 33;
    key *= 0xff51afd7ed558ccdULL;
    key ^= key >> 33;
    return (uint32_t)key & (table->capacity - 1);
}

/* Where the key is, or the free slot where it would go. There is always a free slot. */
static struct table_slot *table_seek(const struct table *table, uint64_t key)
{
    uint32_t at = table_home(table, key);
    while (table->slots[at].value && table->slots[at].key != key)
        at = (at + 1) & (table->capacity - 1);
    return &table->slots[at];
}

static void table_grow(struct table *table)
{
    struct table old = *table;
    table->capacity = old.capacity ? 2 * old.capacity : 64;
    table->slots = calloc(table->capacity, sizeof *table->slots);
    EXPECT(table->slots);
    for (uint32_t i = 0; i < old.capacity; i++)
        if (old.slots[i].value)
            *table_seek(table, old.slots[i].key) = old.slots[i];
    free(old.slots);
}

void table_put(struct table *table, uint64_t key, void *value)
{
    if (2 * (table->count + 1) > table->capacity)
        table_grow(table);
    struct table_slot *slot = table_seek(table, key);
    table->count += slot->value ? 0 : 1;
    *slot = (struct table_slot){key, value};
}

void *table_get(const struct table *table, uint64_t key)
{
    return table->capacity ? table_seek(table, key)->value : NULL;
}

void table_remove(struct table *table, uint64_t key)
{
    if (!table_get(table, key))
        return;
    uint32_t mask = table->capacity - 1;
    uint32_t hole = (uint32_t)(table_seek(table, key) - table->slots);
    table->count--;
    /* Later members of the run move back over the hole, unless that would put them before their home. */
    for (uint32_t at = (hole + 1) & mask; table->slots[at].value; at = (at + 1) & mask) {
        uint32_t home = table_home(table, table->slots[at].key);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            table->slots[hole] = table->slots[at];
            hole = at;
        }
    }
    table->slots[hole].value = NULL;
}

void *table_next(const struct table *table, uint32_t *at)
{
    while (*at < table->capacity) {
        void *value = table->slots[(*at)++].value;
        if (value)
            return value;
    }
    return NULL;
}

void table_fini(struct table *table)
{
    free(table->slots);
    *table = (struct table){0};
}

uint64_t table_key(struct span text)
{
    uint64_t hash = 0xcbf29ce484222325ULL;
    for (uint32_t i = 0; i < text.size; i++)
        hash = (hash ^ (unsigned char)text.data[i]) * 0x100000001b3ULL;
    return hash;
}
