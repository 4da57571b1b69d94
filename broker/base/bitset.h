/* A growable set of small numbers, one bit each. Absent words count as zero. Owns its words. */
#ifndef RELEVO_BITSET_H
#define RELEVO_BITSET_H

#include <stdbool.h>
#include <stdint.h>

struct bitset {
    uint64_t *words;
    uint32_t word_count;
};

void bitset_grow(struct bitset *set, uint32_t word); /* so that it has this word */

static inline void bitset_add(struct bitset *set, uint32_t bit)
{
    if (bit / 64 >= set->word_count)
        bitset_grow(set, bit / 64);
    set->words[bit / 64] |= UINT64_C(1) << bit % 64;
}

static inline void bitset_remove(struct bitset *set, uint32_t bit)
{
    if (bit / 64 < set->word_count)
        set->words[bit / 64] &= ~(UINT64_C(1) << bit % 64);
}

static inline bool bitset_has(const struct bitset *set, uint32_t bit)
{
    return bit / 64 < set->word_count && (set->words[bit / 64] >> bit % 64 & 1);
}

/* The least bit >= from that is in both sets; UINT32_MAX when there is none. */
static inline uint32_t bitset_next_common(const struct bitset *a, const struct bitset *b, uint32_t from)
{
    uint32_t count = a->word_count < b->word_count ? a->word_count : b->word_count;
    uint64_t mask = UINT64_MAX << from % 64;
    for (uint32_t word = from / 64; word < count; word++, mask = UINT64_MAX) {
        uint64_t common = a->words[word] & b->words[word] & mask;
        if (common)
            return word * 64 + (uint32_t)__builtin_ctzll(common);
    }
    return UINT32_MAX;
}

/* With `i` every number that is in both sets, ascending. */
#define BITSET_EACH_COMMON(i, a, b) for (uint32_t i = bitset_next_common(a, b, 0); i != UINT32_MAX; i = bitset_next_common(a, b, i + 1))

void bitset_fini(struct bitset *set);

#endif
