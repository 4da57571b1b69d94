#include "proto/utf8.h"

/* Bytes of the well-formed character at `at`, which is not ASCII; 0 when there is none. The bounds of the second byte are those of
 * Unicode's table 3-7. */
static uint32_t utf8_character(const unsigned char *at, const unsigned char *end)
{
    unsigned char first = at[0], low = 0x80, high = 0xbf;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    uint32_t size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (end - at < (long)size)
        return 0;
    if (first == 0xe0)
        low = 0xa0;
    else if (first == 0xed)
        high = 0x9f;
    else if (first == 0xf0)
        low = 0x90;
    else if (first == 0xf4)
        high = 0x8f;
    if (at[1] < low || at[1] > high)
        return 0;
    for (uint32_t i = 2; i < size; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return size;
}

static inline uint64_t eight(const unsigned char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* The first byte from `at` that is not ASCII: most text is, so many are looked at together. */
static const unsigned char *ascii_end(const unsigned char *begin, const unsigned char *at, const unsigned char *end)
{
    const uint64_t top_bits = UINT64_C(0x8080808080808080);
    while (end - at >= 32 && !((eight(at) | eight(at + 8) | eight(at + 16) | eight(at + 24)) & top_bits))
        at += 32;
    while (end - at >= 8 && !(eight(at) & top_bits))
        at += 8;
    if (end - at < 8 && end - begin >= 8 && !(eight(end - 8) & top_bits)) /* the last ones, with some of those before */
        return end;
    while (at < end && *at < 0x80)
        at++;
    return at;
}

bool utf8_valid(struct span text)
{
    const unsigned char *begin = (const unsigned char *)text.data, *at = begin, *end = begin + text.size;
    while ((at = ascii_end(begin, at, end)) < end) {
        while (at < end && *at >= 0x80) {
            uint32_t size = utf8_character(at, end);
            if (size == 0)
                return false;
            at += size;
        }
    }
    return true;
}

struct span utf8_cut(struct span text, uint32_t size)
{
    if (text.size <= size)
        return text;
    while (size > 0 && (text.data[size] & 0xc0) == 0x80)
        size--;
    return (struct span){text.data, size};
}
