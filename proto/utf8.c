#include "proto/utf8.h"

/* Bytes of the well-formed character at `at`; 0 when there is none. The bounds of the second byte are those of Unicode's table 3-7. */
static uint32_t utf8_character(const unsigned char *at, const unsigned char *end)
{
    unsigned char first = at[0], low = 0x80, high = 0xbf;
    if (first < 0x80)
        return 1;
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

bool utf8_valid(struct span text)
{
    const unsigned char *at = (const unsigned char *)text.data, *end = at + text.size;
    while (at < end) {
        uint64_t eight;
        while (end - at >= (long)sizeof eight) { /* most text is ASCII: eight bytes at once */
            memcpy(&eight, at, sizeof eight);
            if (eight & UINT64_C(0x8080808080808080))
                break;
            at += sizeof eight;
        }
        if (at == end)
            break;
        uint32_t size = utf8_character(at, end);
        if (size == 0)
            return false;
        at += size;
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
