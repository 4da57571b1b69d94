/* uint64_t -> pointer, open addressing with linear probing and backward-shift deletion. Iteration order is arbitrary: never let it show in
 * stored bytes, effects or hashes. Owns only its table. */
#ifndef RELEVO_MAP_H
#define RELEVO_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map {
    struct map_slot *slots;
    size_t count, capacity;
};

struct map_slot {
    uint64_t key;
    void *value; /* NULL: free slot */
};

/* Begins to fetch where the key would be found. */
void map_warm(const struct map *map, uint64_t key);

/* NULL when absent. */
void *map_get(const struct map *map, uint64_t key);

/* Adds or replaces; value is not NULL. Returns what was there before; NULL: nothing. */
void *map_put(struct map *map, uint64_t key, void *value);

/* Removes and returns; NULL when absent. */
void *map_remove(struct map *map, uint64_t key);

/* Walks all values: for (size_t at = 0; (value = map_next(map, &at));). The map must not change meanwhile. */
void *map_next(const struct map *map, size_t *at);

void map_fini(struct map *map);

#endif
