#include "base/bitset.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

static uint64_t mask_of(uint32_t bit)
{
    return UINT64_C(1) << (bit % 64);
}

void bitset_add(struct bitset *set, uint32_t bit)
{
    uint32_t word = bit / 64;
    if (word >= set->word_count) {
        uint32_t count = word + 1 > 2 * set->word_count ? word + 1 : 2 * set->word_count;
        set->words = must_grow(set->words, count * sizeof(uint64_t));
        memset(set->words + set->word_count, 0, (count - set->word_count) * sizeof(uint64_t));
        set->word_count = count;
    }
    set->words[word] |= mask_of(bit);
}

void bitset_remove(struct bitset *set, uint32_t bit)
{
    if (bit / 64 < set->word_count)
        set->words[bit / 64] &= ~mask_of(bit);
}

void bitset_fini(struct bitset *set)
{
    free(set->words);
    *set = (struct bitset){0};
}
