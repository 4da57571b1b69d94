#include "base/bitset.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

void bitset_grow(struct bitset *set, uint32_t word)
{
    uint32_t count = word + 1 > 2 * set->word_count ? word + 1 : 2 * set->word_count;
    set->words = must_grow(set->words, count * sizeof(uint64_t));
    memset(set->words + set->word_count, 0, (count - set->word_count) * sizeof(uint64_t));
    set->word_count = count;
}

void bitset_fini(struct bitset *set)
{
    free(set->words);
    *set = (struct bitset){0};
}
