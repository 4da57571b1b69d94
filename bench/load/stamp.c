#include "bench/load/stamp.h"

void stamp_digits(char *out, uint64_t value, uint32_t count)
{
    while (count-- > 0) {
        out[count] = (char)('0' + (value & 63));
        value >>= 6;
    }
}

/* Moves *at on; sets *valid to false on a byte that is no digit. */
static uint64_t digits_read(const char **at, uint32_t count, bool *valid)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t digit = (uint32_t)((unsigned char)*(*at)++ - '0');
        *valid &= digit < 64;
        value = value << 6 | (digit & 63);
    }
    return value;
}

void stamp_write(char body[STAMP_BYTES], const struct stamp *stamp)
{
    stamp_digits(body, stamp->run, STAMP_RUN_DIGITS);
    body += STAMP_RUN_DIGITS;
    stamp_digits(body, stamp->conversation, STAMP_NUMBER_DIGITS);
    body += STAMP_NUMBER_DIGITS;
    stamp_digits(body, stamp->number, STAMP_NUMBER_DIGITS);
    body += STAMP_NUMBER_DIGITS;
    stamp_digits(body, stamp->index, STAMP_NUMBER_DIGITS);
    stamp_digits(body + STAMP_NUMBER_DIGITS, stamp->sent_ns, STAMP_TIME_DIGITS);
}

bool stamp_read(struct span body, struct stamp *out)
{
    if (body.size < STAMP_BYTES)
        return false;
    bool valid = true;
    const char *at = body.data;
    out->run = (uint32_t)digits_read(&at, STAMP_RUN_DIGITS, &valid);
    out->conversation = (uint32_t)digits_read(&at, STAMP_NUMBER_DIGITS, &valid);
    out->number = (uint32_t)digits_read(&at, STAMP_NUMBER_DIGITS, &valid);
    out->index = (uint32_t)digits_read(&at, STAMP_NUMBER_DIGITS, &valid);
    out->sent_ns = digits_read(&at, STAMP_TIME_DIGITS, &valid);
    return valid;
}
