#include <stdio.h>
#include <stdlib.h>

#include "proto/expect.h"
#include "proto/pipe/pipe_internal.h"

enum { SPARE_BYTES = 256 << 10 }; /* a buffer that grew beyond is not kept */

/* --- its connections --- */

static void list_append(struct pipe_list *list, struct pipe *pipe)
{
    pipe->next = NULL;
    pipe->previous = list->last;
    if (list->last)
        list->last->next = pipe;
    else
        list->first = pipe;
    list->last = pipe;
}

static void list_remove(struct pipe_list *list, struct pipe *pipe)
{
    if (pipe->next)
        pipe->next->previous = pipe->previous;
    else
        list->last = pipe->previous;
    if (pipe->previous)
        pipe->previous->next = pipe->next;
    else
        list->first = pipe->next;
}

/* A loop that did not turn for long may not have read a greeting that came in time. */
static void on_greeting_due(uv_timer_t *timer)
{
    struct pipe_source *source = timer->data;
    struct pipe *next;
    for (struct pipe *pipe = source->strangers.first; pipe && pipe->due_ms <= uv_now(source->loop); pipe = next) {
        next = pipe->next;
        if (!pipe->closed)
            pipe_read(pipe);
        if (!pipe->opened)
            pipe_close(pipe);
    }
}

/* All have the same time, so the first to come is the first to be late. */
static void greeting_await(struct pipe_source *source)
{
    const struct pipe *first = source->strangers.first;
    uint64_t now_ms = uv_now(source->loop);
    if (!first)
        uv_timer_stop(&source->greeting);
    else
        uv_timer_start(&source->greeting, on_greeting_due, first->due_ms > now_ms ? first->due_ms - now_ms : 0, 0);
}

void source_take(struct pipe_source *source, struct pipe *pipe)
{
    pipe->source = source;
    list_append(&source->strangers, pipe);
    greeting_await(source);
}

void source_know(struct pipe_source *source, struct pipe *pipe)
{
    list_remove(&source->strangers, pipe);
    list_append(&source->peers, pipe);
    greeting_await(source);
}

void source_leave(struct pipe *pipe)
{
    struct pipe_source *source = pipe->source;
    list_remove(pipe->opened ? &source->peers : &source->strangers, pipe);
    if (pipe->opened)
        source->owner.on_gone(source->owner.context, pipe);
    source_forget(pipe);
    source_give_back(source, &pipe->out);
    pipe->out_done = 0;
    pipe->source = NULL;
    if (source->closed)
        return;
    greeting_await(source);
    if (source->on_left)
        source->on_left(source, pipe->opened);
}

void source_lend(struct pipe_source *source, struct buffer *buffer)
{
    if (!buffer->data && source->spares_count > 0)
        *buffer = source->spares[--source->spares_count];
}

void source_give_back(struct pipe_source *source, struct buffer *buffer)
{
    buffer_clear(buffer);
    if (!buffer->data || buffer->capacity > SPARE_BYTES || source->spares_count == PIPE_SPARES) {
        buffer_fini(buffer);
    } else {
        source->spares[source->spares_count++] = *buffer;
        *buffer = (struct buffer){0};
    }
}

void source_keep(struct pipe *pipe, struct span bytes)
{
    struct pipe_source *source = pipe->source;
    if (pipe->in.size == 0)
        pipe->began = ++source->begun;
    source_lend(source, &pipe->in);
    buffer_append(&pipe->in, bytes.data, bytes.size);
    source->unfinished_bytes += bytes.size;
}

void source_forget(struct pipe *pipe)
{
    pipe->source->unfinished_bytes -= pipe->in.size;
    source_give_back(pipe->source, &pipe->in);
}

/* An honest message is whole soon, so the oldest is the one to be given up. */
void source_make_room(struct pipe_source *source)
{
    while (source->owner.unfinished_bytes_max && source->unfinished_bytes > source->owner.unfinished_bytes_max) {
        struct pipe *oldest = NULL;
        for (struct pipe *pipe = source->peers.first; pipe; pipe = pipe->next)
            if (pipe->in.size > 0 && (!oldest || pipe->began < oldest->began))
                oldest = pipe;
        if (!oldest)
            return; /* what is unfinished are greetings */
        pipe_close(oldest);
        source_forget(oldest);
    }
}

void pipe_source_flush(struct pipe_source *source)
{
    struct pipe *pipe = source->dirty;
    source->dirty = NULL;
    for (struct pipe *next; pipe; pipe = next) {
        next = pipe->next_dirty;
        pipe->dirty = false;
        if (!pipe->closed && !pipe->blocked)
            pipe_write(pipe);
        pipe_release(pipe);
    }
}

/* --- beginning and end --- */

static char *text_of(const char *from, const char *to)
{
    char *text = strndup(from, (size_t)(to - from));
    EXPECT(text);
    return text;
}

/* An IPv6 address stands in brackets, as it has colons of its own. */
bool source_read_url(struct pipe_source *source, const char *url, char error[256])
{
    const char *host = url + strlen("tcp://"), *colon = strrchr(url, ':');
    if (strncmp(url, "tcp://", strlen("tcp://")) != 0 || colon < host) {
        snprintf(error, 256, "'%s' is not an address: expected tcp://HOST:PORT", url);
        return false;
    }
    char *end;
    unsigned long number = strtoul(colon + 1, &end, 10);
    if (colon[1] < '0' || colon[1] > '9' || *end || number > UINT16_MAX) {
        snprintf(error, 256, "'%s' is not an address: the port must be a number from 0 to 65535", url);
        return false;
    }
    bool brackets = host[0] == '[' && colon[-1] == ']';
    source->host = text_of(host + brackets, colon - brackets);
    source->port = text_of(colon + 1, end);
    return true;
}

struct pipe_source *source_create(uv_loop_t *loop, const struct pipe_owner *owner)
{
    struct pipe_source *source = calloc(1, sizeof *source);
    EXPECT(source);
    source->owner = *owner;
    source->loop = loop;
    source->fd = -1;
    source->room = malloc(PIPE_READ_BYTES);
    EXPECT(source->room);
    uv_timer_init(loop, &source->greeting);
    uv_timer_init(loop, &source->rest);
    source->greeting.data = source->rest.data = source;
    source->handles = 2;
    return source;
}

void source_release(struct pipe_source *source)
{
    if (--source->handles > 0)
        return;
    while (source->spares_count > 0)
        buffer_fini(&source->spares[--source->spares_count]);
    uv_freeaddrinfo(source->addresses);
    free(source->room);
    free(source->url);
    free(source->host);
    free(source->port);
    free(source);
}

void source_on_handle_closed(uv_handle_t *handle)
{
    source_release(handle->data);
}

static void list_end(struct pipe_list *list)
{
    while (list->first) {
        struct pipe *pipe = list->first;
        pipe_close(pipe);
        source_leave(pipe);
    }
}

void pipe_source_close(struct pipe_source *source)
{
    pipe_source_flush(source);
    source->closed = true;
    list_end(&source->strangers);
    list_end(&source->peers);
    pipe_source_flush(source); /* forgets what was sent to connections that are no more */
    uv_close((uv_handle_t *)&source->greeting, source_on_handle_closed);
    uv_close((uv_handle_t *)&source->rest, source_on_handle_closed);
    source->on_close(source);
}

const char *pipe_source_url(const struct pipe_source *source)
{
    return source->url;
}
