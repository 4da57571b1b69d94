#include "base/map.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/warm.h"

enum {
    CAPACITY_MIN = 16,
    PROBES_LIKELY = 4, /* to find a free slot, when two thirds are taken (Knuth 6.4): often in the next line of memory */
};

/* Keys are counters, or hashes already. The upper half of a product with 2^64 divided by the golden ratio spreads counters evenly (Knuth
 * 6.4), and leaves hashes what they are; what differs only above is folded in first. That half, as a fraction, says where in the table,
 * which may so be of any size up to 2^32. */
static inline size_t home_of(const struct map *map, uint64_t key)
{
    uint64_t spread = (key ^ key >> 32) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)((spread >> 32) * map->capacity >> 32);
}

static inline size_t after(const struct map *map, size_t at)
{
    return at + 1 < map->capacity ? at + 1 : 0;
}

/* How many steps a probe takes from one place to the other. */
static inline size_t distance(const struct map *map, size_t from, size_t to)
{
    return to >= from ? to - from : to + map->capacity - from;
}

/* The slot that holds `key`, or the free slot where it would go. The table always has a free slot. */
static inline size_t find(const struct map *map, uint64_t key)
{
    size_t at = home_of(map, key);
    while (map->slots[at].value && map->slots[at].key != key)
        at = after(map, at);
    return at;
}

void map_warm(const struct map *map, uint64_t key)
{
    if (map->count)
        warm(&map->slots[home_of(map, key)], (PROBES_LIKELY + 1) * sizeof *map->slots);
}

void *map_get(const struct map *map, uint64_t key)
{
    return map->count ? map->slots[find(map, key)].value : NULL;
}

/* By half, not to twice the size: slots that wait for entries are most of what a large map costs. Entries keep their order, so that the old
 * table and the new are both walked from end to end. Apart, so that map_put saves no registers for it. */
__attribute__((noinline)) static void grow(struct map *map)
{
    struct map old = *map;
    map->capacity = old.capacity ? old.capacity + old.capacity / 2 : CAPACITY_MIN;
    ASSERT(map->capacity <= UINT32_MAX);
    map->slots = must_zalloc(map->capacity, sizeof *map->slots);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.slots[i].value)
            map->slots[find(map, old.slots[i].key)] = old.slots[i];
    free(old.slots);
}

void *map_put(struct map *map, uint64_t key, void *value)
{
    ASSERT(value);
    if (4 * (map->count + 1) > 3 * map->capacity)
        grow(map);
    struct map_slot *slot = &map->slots[find(map, key)];
    void *before = slot->value;
    map->count += before == NULL;
    *slot = (struct map_slot){.key = key, .value = value};
    return before;
}

/* Moves back every entry of the run after `hole` that a probe could no longer reach over it. */
static void close_hole(struct map *map, size_t hole)
{
    for (size_t at = after(map, hole); map->slots[at].value; at = after(map, at)) {
        size_t home = home_of(map, map->slots[at].key);
        if (distance(map, home, at) >= distance(map, hole, at)) {
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
