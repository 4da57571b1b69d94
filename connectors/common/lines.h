/* Bytes cut into lines, with a bound on how long a line may be. Knows nothing of where the bytes come from. */
#ifndef RELEVO_LINES_H
#define RELEVO_LINES_H

#include "proto/buffer.h"

struct lines {
    size_t line_max; /* bytes, set by the owner */
    uint64_t number; /* of the last line handed out, from 1 */
    bool skipping;   /* inside the rest of a line that was too long */
    struct buffer held;
};

/* `whole` is false, and the line empty, for one that was longer than line_max. False stops. */
typedef bool (*lines_reader)(void *context, uint64_t number, struct span line, bool whole);

/* Hands out every line that `bytes` completes, without its end (LF or CR LF). False when the reader stopped. */
bool lines_feed(struct lines *lines, const char *bytes, size_t size, lines_reader reader, void *context);

/* The input is over: hands out a last line that has no end. */
bool lines_end(struct lines *lines, lines_reader reader, void *context);

void lines_fini(struct lines *lines);

#endif
