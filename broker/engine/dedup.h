/* Client keys seen, so that a repeat changes nothing. The log is cut into generations of LIMIT_DEDUP_RECORDS records, and the keys of the
 * present one and the one before are remembered: between one and two generations back, by position in the log, so that a restart remembers
 * exactly what was remembered before. Keys are compared as (principal, key) under a 96-bit keyed hash. Each generation has its table; a
 * slot says which generation filled it, and to every other it is free: so a table is used again without being emptied. */
#ifndef RELEVO_DEDUP_H
#define RELEVO_DEDUP_H

#include "engine/engine.h"

struct dedup_slot {
    uint64_t tag;
    uint32_t tag_high;
    uint32_t place; /* a mark of its generation, and the record's place in that; 0: never filled */
};

struct dedup {
    struct dedup_generation {
        uint64_t number;
        struct dedup_slot *slots;
        uint32_t count, capacity;
    } now, before;
    struct dedup_slot *ahead;      /* of the largest capacity, untouched: for the next table that comes to it; NULL: none is near */
    struct untouched ahead_untold; /* the same, until somebody has asked for it */
    /* The key looked for last, until it is remembered: most are, by the record that comes of the look-up, and are hashed once. */
    struct dedup_asked {
        name_id principal;
        struct span key;
        struct hash128 hash;
    } asked;
};

struct hash128 dedup_hash(struct hash_key hash_key, name_id principal, struct span key);

/* Begins to fetch where it would be found. */
void dedup_warm(const struct dedup *dedup, struct hash128 hash);

/* lsn of the record that carried the key of this hash; 0: not seen. Borrows the key until dedup_settle. */
lsn_t dedup_find(struct dedup *dedup, struct hash128 hash, name_id principal, struct span key);

/* The key looked for last is no longer there to be compared with. */
void dedup_settle(struct dedup *dedup);

/* Remembers the record's key, if it has one. Records come in ascending lsn. */
void dedup_remember(struct dedup *dedup, struct hash_key hash_key, const struct record *record);

/* See engine_untouched. */
struct untouched dedup_untouched(struct dedup *dedup);
void dedup_fini(struct dedup *dedup);

#endif
