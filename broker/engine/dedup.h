/* Client keys seen, so that a repeat changes nothing. The log is cut into generations of LIMIT_DEDUP_RECORDS records, and the keys of the
 * present one and the one before are remembered: between one and two generations back, by position in the log, so that a restart remembers
 * exactly what was remembered before. Forgetting is dropping a whole table. Keys are compared as (principal, key) under a 96-bit keyed
 * hash. */
#ifndef RELEVO_DEDUP_H
#define RELEVO_DEDUP_H

#include "engine/engine.h"

struct dedup_slot {
    uint64_t tag;
    uint32_t tag_high;
    uint32_t place; /* of the record in its generation, from 1; 0: free slot */
};

struct dedup {
    struct dedup_generation {
        uint64_t number;
        struct dedup_slot *slots;
        uint32_t count, capacity;
    } now, before;
};

/* lsn of the record that carried the key; 0: not seen. */
lsn_t dedup_find(const struct dedup *dedup, struct hash_key hash_key, name_id principal, struct span key);

/* Remembers the record's key, if it has one. Records come in ascending lsn. */
void dedup_remember(struct dedup *dedup, struct hash_key hash_key, const struct record *record);
void dedup_fini(struct dedup *dedup);

#endif
