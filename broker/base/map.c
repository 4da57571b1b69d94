#include "base/map.h"

#include <stdlib.h>

#include "base/check.h"

enum { CAPACITY_MIN = 16 };

/* The finalizer of MurmurHash3: keys are counters, so they must be spread before they index. */
static size_t home_of(const struct map *map, uint64_t key)
{
    key ^= key >> 33;
    key *= UINT64_C(0xff51afd7ed558ccd);
    key ^= key >> 33;
    key *= UINT64_C(0xc4ceb9fe1a85ec53);
    key ^= key >> 33;
    return (size_t)key & (map->capacity - 1);
}

/* The slot that holds `key`, or the free slot where it would go. The table always has a free slot. */
static size_t find(const struct map *map, uint64_t key)
{
    size_t at = home_of(map, key);
    while (map->slots[at].value && map->slots[at].key != key)
        at = (at + 1) & (map->capacity - 1);
    return at;
}

void *map_get(const struct map *map, uint64_t key)
{
    return map->count ? map->slots[find(map, key)].value : NULL;
}

static void grow(struct map *map)
{
    struct map old = *map;
    map->capacity = old.capacity ? 2 * old.capacity : CAPACITY_MIN;
    map->slots = must_zalloc(map->capacity, sizeof *map->slots);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i].value)
            map->slots[find(map, old.slots[i].key)] = old.slots[i];
    free(old.slots);
}

void map_put(struct map *map, uint64_t key, void *value)
{
    ASSERT(value);
    if (4 * (map->count + 1) > 3 * map->capacity)
        grow(map);
    struct map_slot *slot = &map->slots[find(map, key)];
    map->count += slot->value == NULL;
    *slot = (struct map_slot){.key = key, .value = value};
}

/* Moves back every entry of the run after `hole` that a probe could no longer reach over it. */
static void close_hole(struct map *map, size_t hole)
{
    size_t mask = map->capacity - 1;
    for (size_t at = (hole + 1) & mask; map->slots[at].value; at = (at + 1) & mask) {
        size_t home = home_of(map, map->slots[at].key);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            map->slots[hole] = map->slots[at];
            hole = at;
        }
    }
    map->slots[hole] = (struct map_slot){0};
}

void *map_remove(struct map *map, uint64_t key)
{
    if (map->count == 0)
        return NULL;
    size_t at = find(map, key);
    void *value = map->slots[at].value;
    if (value) {
        map->count--;
        close_hole(map, at);
    }
    return value;
}

void *map_next(const struct map *map, size_t *at)
{
    while (*at < map->capacity) {
        void *value = map->slots[(*at)++].value;
        if (value)
            return value;
    }
    return NULL;
}

void map_fini(struct map *map)
{
    free(map->slots);
    *map = (struct map){0};
}
