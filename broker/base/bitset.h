/* A growable set of small numbers, one bit each. Absent words count as zero. Owns its words. */
#ifndef RELEVO_BITSET_H
#define RELEVO_BITSET_H

#include <stdbool.h>
#include <stdint.h>

struct bitset {
    uint64_t *words;
    uint32_t word_count;
};

void bitset_add(struct bitset *set, uint32_t bit);
void bitset_remove(struct bitset *set, uint32_t bit);
bool bitset_has(const struct bitset *set, uint32_t bit);

/* The least bit >= from that is in both sets; UINT32_MAX when there is none. */
uint32_t bitset_next_common(const struct bitset *a, const struct bitset *b, uint32_t from);

/* The least bit >= from; UINT32_MAX when there is none. */
uint32_t bitset_next(const struct bitset *set, uint32_t from);

void bitset_fini(struct bitset *set);

#endif
