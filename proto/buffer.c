#include "proto/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/expect.h"

enum { BUFFER_MIN = 256, FORMAT_GUESS = 128 };

void buffer_grow(struct buffer *buffer, size_t size)
{
    size_t needed = buffer->size + size, capacity = buffer->capacity ? buffer->capacity : BUFFER_MIN;
    EXPECT(needed >= size);
    while (capacity < needed)
        capacity *= 2;
    void *data = realloc(buffer->data, capacity);
    if (!data)
        expect_failed(__FILE__, __LINE__, "out of memory");
    buffer->data = data;
    buffer->capacity = capacity;
}

void buffer_append(struct buffer *buffer, const void *data, size_t size)
{
    if (size == 0)
        return;
    memcpy(buffer_reserve(buffer, size), data, size);
    buffer->size += size;
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
    size_t room = FORMAT_GUESS;
    for (;;) {
        va_list arguments;
        va_start(arguments, format);
        int size = vsnprintf(buffer_reserve(buffer, room), room, format, arguments);
        va_end(arguments);
        EXPECT(size >= 0);
        if ((size_t)size < room) {
            buffer->size += (size_t)size;
            return;
        }
        room = (size_t)size + 1;
    }
}

void buffer_fini(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){0};
}
