#include "connectors/common/lines.h"

static bool lines_hand_out(struct lines *lines, lines_reader reader, void *context)
{
    struct span line = {lines->held.size ? lines->held.data : "", (uint32_t)lines->held.size};
    if (line.size && line.data[line.size - 1] == '\r')
        line.size--;
    bool whole = !lines->skipping;
    lines->skipping = false;
    lines->number++;
    bool go_on = reader(context, lines->number, whole ? line : span_of(""), whole);
    buffer_clear(&lines->held);
    return go_on;
}

static void lines_hold(struct lines *lines, const char *bytes, size_t size)
{
    if (lines->skipping || lines->held.size + size > lines->line_max) {
        lines->skipping = true;
        buffer_clear(&lines->held);
        return;
    }
    buffer_append(&lines->held, bytes, size);
}

bool lines_feed(struct lines *lines, const char *bytes, size_t size, lines_reader reader, void *context)
{
    const char *end = bytes + size;
    while (bytes < end) {
        const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
        const char *stop = newline ? newline : end;
        lines_hold(lines, bytes, (size_t)(stop - bytes));
        if (!newline)
            return true;
        if (!lines_hand_out(lines, reader, context))
            return false;
        bytes = newline + 1;
    }
    return true;
}

bool lines_end(struct lines *lines, lines_reader reader, void *context)
{
    if (lines->held.size == 0 && !lines->skipping)
        return true;
    return lines_hand_out(lines, reader, context);
}

void lines_fini(struct lines *lines)
{
    buffer_fini(&lines->held);
}
