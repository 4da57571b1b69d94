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

/* An index with room for `count` entries, to be filled by config_index_add and then sorted. */
struct config_index config_index_take(struct arena *arena, size_t count);
void config_index_add(struct config_index *index, const char *name, uint32_t holder, uint32_t place, uint8_t level);

/* Orders by name, then holder, then place. */
void config_index_sort(struct config_index *index);

/* The holder of that name in an index of a section's own names; UINT32_MAX when there is none. */
uint32_t config_index_holder(const struct config_index *index, struct span name);

/* The entries of that name; count 0 when there are none. */
struct config_index config_index_range(const struct config_index *index, struct span name);

enum { CONFIG_NAME_LIST_BYTES = 200 };

/* "expected one of: sales, support", or as many as fit and "..."; "there is none". */
void config_index_list(const struct config_index *index, char out[CONFIG_NAME_LIST_BYTES]);

/* The holder's entry of that name; NULL when there is none. */
const struct config_entry *config_index_find(const struct config_index *index, struct span name, uint32_t holder);

#endif
