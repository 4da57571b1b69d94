/* Bytes being written: a growable run that its holder owns. Growth doubles; running out of memory ends the process. */
#ifndef RELEVO_BUFFER_H
#define RELEVO_BUFFER_H

#include <stddef.h>

#include "proto/span.h"

struct buffer {
    char *data;
    size_t size, capacity; /* bytes */
};

void buffer_append(struct buffer *buffer, const void *data, size_t size);

/* Appends what printf would print, however long. */
void buffer_format(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The slow half of buffer_reserve. */
void buffer_grow(struct buffer *buffer, size_t size);

/* Makes room for `size` more bytes and returns where they go; the caller adds what it wrote to buffer->size. */
static inline char *buffer_reserve(struct buffer *buffer, size_t size)
{
    if (size > buffer->capacity - buffer->size || !buffer->data)
        buffer_grow(buffer, size);
    return buffer->data + buffer->size;
}

/* What has been written. Borrows the buffer until it grows or is freed. */
static inline struct span buffer_span(const struct buffer *buffer)
{
    return (struct span){buffer->data, (uint32_t)buffer->size};
}

/* Empties it and keeps its memory. */
static inline void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
}

/* Frees its memory; the buffer is empty and usable again. */
void buffer_fini(struct buffer *buffer);

#endif
