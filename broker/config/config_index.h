/* Who has which name, sorted: the names of one section, or the skills (or queues) of all agents. Borrows the names; its entries live in the
 * arena it was made from. */
#ifndef RELEVO_CONFIG_INDEX_H
#define RELEVO_CONFIG_INDEX_H

#include "config/config.h"
#include "proto/arena.h"

struct config_entry {
    struct span name;
    uint32_t holder; /* index of the item that has it */
    uint32_t place;  /* index in the holder's list; 0 for a section's own names */
    uint8_t level;   /* of a skill, else 0 */
};

struct config_index {
    struct config_entry *entries;
    uint32_t count;
};

/* An index with room for `count` entries, to be filled by the caller and then sorted. */
struct config_index config_index_take(struct arena *arena, size_t count);

/* Orders by name, then holder, then place. */
void config_index_sort(struct config_index *index);

/* The entries of that name; count 0 when there are none. */
struct config_index config_index_range(const struct config_index *index, struct span name);

/* The holder's entry of that name; NULL when there is none. */
const struct config_entry *config_index_find(const struct config_index *index, struct span name, uint32_t holder);

#endif
