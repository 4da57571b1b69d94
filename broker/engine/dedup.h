/* Client keys seen, so that a repeat changes nothing. The log is cut into generations of LIMIT_DEDUP_RECORDS records, and the keys of the
 * present one and the one before are remembered: between one and two generations back, by position in the log, so that a restart remembers
 * exactly what was remembered before. Keys are compared as (principal, key) under a 96-bit keyed hash.
 *
 * The hashes stand one behind the other as their records came. An index leads to them: lines of memory with a few bits of each hash, so
 * that a key that is new, as nearly all are, is looked for in one line of a small table. An entry says of which generation it is; those of
 * older ones are room again. A line that is full passes entries on to the next, and says when it did last. */
#ifndef RELEVO_DEDUP_H
#define RELEVO_DEDUP_H

#include "engine/engine.h"

enum {
    DEDUP_LINES = 1 << 18, /* for the most keys: then half of the entries are free. 16 MB, and 32 MB of hashes, taken as they are used */
    DEDUP_LINE_ENTRIES = 15,
    DEDUP_MARKS = 15, /* of generations; then they begin anew */
};

struct dedup_line {
    uint32_t entries[DEDUP_LINE_ENTRIES]; /* mark, tag, number in its generation; 0: never filled */
    uint16_t passed_on;                   /* the mark of the generation that did last; 0: none */
    uint16_t oldest;                      /* entry, whose place is taken next */
};

struct dedup_key {
    uint64_t low;
    uint32_t high;
    uint32_t place; /* of the record in its generation */
};

struct dedup {
    void *memory;             /* allocated; the lines begin in it where one of the processor's does */
    struct dedup_line *lines; /* a power of two of them */
    uint32_t lines_count;
    struct dedup_key *keys; /* of generations of even number, then of odd number */
    uint32_t keys_count;    /* of the present one */
    uint64_t number;        /* of the present one */
    /* The key looked for last, until it is remembered: most are, by the record that comes of the look-up, and are hashed once. */
    struct dedup_asked {
        name_id principal;
        struct span key;
        struct hash128 hash;
        bool is_new; /* it was not found, and no record with it came since */
    } asked;
};

/* `lines`: DEDUP_LINES; a table for fewer keys than one of every record shows what full lines do. */
void dedup_init(struct dedup *dedup, uint32_t lines);

struct hash128 dedup_hash(struct hash_key hash_key, name_id principal, struct span key);

/* Begins to fetch where it would be found. */
void dedup_warm(const struct dedup *dedup, struct hash128 hash);

/* lsn of the record that carried the key of this hash; 0: not seen. Borrows the key until dedup_settle. */
lsn_t dedup_find(struct dedup *dedup, struct hash128 hash, name_id principal, struct span key);

/* The key looked for last is no longer there to be compared with. */
void dedup_settle(struct dedup *dedup);

/* Remembers the record's key, if it has one. Records come in ascending lsn. */
void dedup_remember(struct dedup *dedup, struct hash_key hash_key, const struct record *record);

void dedup_fini(struct dedup *dedup);

#endif
