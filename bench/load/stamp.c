#include "bench/load/stamp.h"

#include <string.h>

void stamp_digits(char *out, uint64_t value, uint32_t count)
{
    while (count-- > 0) {
        out[count] = (char)('0' + (value & 63));
        value >>= 6;
    }
}

/* Where the fields end. */
enum {
    RUN_END = STAMP_RUN_DIGITS,
    CONVERSATION_END = RUN_END + STAMP_NUMBER_DIGITS,
    NUMBER_END = CONVERSATION_END + STAMP_NUMBER_DIGITS,
    INDEX_END = NUMBER_END + STAMP_NUMBER_DIGITS,
};

/* Eight digits at a time: as bytes of a word, the last digit lowest, and as the 48 bits that they mean. */
enum { WORD_DIGITS = 8, WORD_BITS = 6 * WORD_DIGITS };
static const uint64_t word_zeros = 0x3030303030303030;

static inline uint64_t word_of(uint64_t value)
{
    value = (value & 0x0000ffffff000000) << 8 | (value & 0x0000000000ffffff);
    value = (value & 0x00fff00000fff000) << 4 | (value & 0x00000fff00000fff);
    value = (value & 0x0fc00fc00fc00fc0) << 2 | (value & 0x003f003f003f003f);
    return value + word_zeros;
}

static inline uint64_t value_of(uint64_t word)
{
    word -= word_zeros;
    word = (word & 0x3f003f003f003f00) >> 2 | (word & 0x003f003f003f003f);
    word = (word & 0x0fff00000fff0000) >> 4 | (word & 0x00000fff00000fff);
    return (word & 0x00ffffff00000000) >> 8 | (word & 0x0000000000ffffff);
}

/* The eight digits before `end`. */
static inline void word_write(char *end, uint64_t value)
{
    uint64_t word = __builtin_bswap64(word_of(value));
    memcpy(end - WORD_DIGITS, &word, WORD_DIGITS);
}

/* The last `count` digits before `end`. All eight there are digits, of this field or of the one before: *valid becomes false if one is not.
 */
static inline uint64_t digits_read(const char *end, uint32_t count, bool *valid)
{
    uint64_t word;
    memcpy(&word, end - WORD_DIGITS, WORD_DIGITS);
    word = __builtin_bswap64(word);
    *valid &= ((word - word_zeros) & 0xc0c0c0c0c0c0c0c0) == 0;
    return value_of(word) & ((UINT64_C(1) << 6 * count) - 1);
}

/* From the last field to the first: what a word has too much is written over by the field before. */
void stamp_write(char body[STAMP_BYTES], const struct stamp *stamp)
{
    word_write(body + STAMP_BYTES, stamp->sent_ns);
    word_write(body + STAMP_BYTES - WORD_DIGITS, stamp->sent_ns >> WORD_BITS);
    word_write(body + INDEX_END, stamp->index);
    word_write(body + NUMBER_END, stamp->number);
    word_write(body + CONVERSATION_END, stamp->conversation);
    stamp_digits(body, stamp->run, STAMP_RUN_DIGITS);
}

bool stamp_read(struct span body, struct stamp *out)
{
    if (body.size < STAMP_BYTES)
        return false;
    bool valid = true;
    out->run = (uint32_t)(digits_read(body.data + WORD_DIGITS, WORD_DIGITS, &valid) >> 6 * (WORD_DIGITS - STAMP_RUN_DIGITS));
    out->conversation = (uint32_t)digits_read(body.data + CONVERSATION_END, STAMP_NUMBER_DIGITS, &valid);
    out->number = (uint32_t)digits_read(body.data + NUMBER_END, STAMP_NUMBER_DIGITS, &valid);
    out->index = (uint32_t)digits_read(body.data + INDEX_END, STAMP_NUMBER_DIGITS, &valid);
    out->sent_ns = digits_read(body.data + STAMP_BYTES - WORD_DIGITS, STAMP_TIME_DIGITS - WORD_DIGITS, &valid) << WORD_BITS |
                   digits_read(body.data + STAMP_BYTES, WORD_DIGITS, &valid);
    return valid;
}
