/* A hash table from 64-bit keys to borrowed pointers. Memory running out ends the process. */
#ifndef RELEVO_TABLE_H
#define RELEVO_TABLE_H

#include "proto/span.h"

struct table { /* all zero is an empty table */
    struct table_slot *slots;
    uint32_t count, capacity; /* capacity is 0 or a power of two */
};

/* Replaces what the key had. `value` is never NULL. */
void table_put(struct table *table, uint64_t key, void *value);

/* NULL when there is none. */
void *table_get(const struct table *table, uint64_t key);

void table_remove(struct table *table, uint64_t key);

/* Every value once, in no order, as long as nothing is put or removed: begin with *at 0; NULL at the end. */
void *table_next(const struct table *table, uint32_t *at);

void table_fini(struct table *table);

/* A key for a text. Two texts may share one: compare the texts as well where that matters. */
uint64_t table_key(struct span text);

#endif
