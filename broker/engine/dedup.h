/* Client keys seen, so that a repeat changes nothing. The log is cut into generations of LIMIT_DEDUP_RECORDS records, and the keys of the
 * present one and the one before are remembered: between one and two generations back, by position in the log, so that a restart remembers
 * exactly what was remembered before. Keys are compared as (principal, key) under an 80-bit keyed hash.
 *
 * The table is lines of memory, of a few keys each, so that a key that is new, as nearly all are, is looked for in one place. A key says of
 * which generation it is; those of older ones are room again. A line that is full passes keys on to the next, and says when it did last. */
#ifndef RELEVO_DEDUP_H
#define RELEVO_DEDUP_H

#include "engine/engine.h"

enum { DEDUP_LINE_KEYS = 4 };

struct dedup_line {
    uint64_t hashes[DEDUP_LINE_KEYS];
    uint32_t places[DEDUP_LINE_KEYS]; /* a mark of the generation, and the record's place in it; 0: never filled */
    uint16_t hashes_high[DEDUP_LINE_KEYS];
    uint32_t passed_on; /* the mark of the generation that did last; 0: none */
};

struct dedup_table {
    void *memory;             /* allocated; the lines begin in it where one of the processor's does */
    struct dedup_line *lines; /* NULL: none */
    uint32_t count;           /* a power of two */
};

struct dedup {
    struct dedup_table table;
    struct dedup_table ahead;   /* the largest, untouched: for when the table comes to that; no lines: it is not near */
    bool ahead_told;            /* by dedup_untouched */
    uint64_t number;            /* of the present generation */
    uint32_t keys, keys_before; /* of it, of the one before */
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
