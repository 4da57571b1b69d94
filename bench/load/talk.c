#include "bench/load/talk.h"

bool talk_expect(struct talk_count *count, uint64_t got, uint64_t due)
{
    count->received += got == due;
    count->duplicated += got < due;
    count->reordered += got > due;
    return got == due;
}

struct span talk_key(char out[TALK_KEY_BYTES], char kind, const struct stamp *stamp)
{
    out[0] = kind;
    stamp_digits(out + 1, stamp->run, STAMP_RUN_DIGITS);
    stamp_digits(out + 1 + STAMP_RUN_DIGITS, stamp->conversation, STAMP_NUMBER_DIGITS);
    stamp_digits(out + 1 + STAMP_RUN_DIGITS + STAMP_NUMBER_DIGITS, stamp->number, STAMP_NUMBER_DIGITS);
    return (struct span){out, TALK_KEY_BYTES};
}
