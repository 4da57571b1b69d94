#include "proto/pipe/pipe.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "proto/expect.h"
#include "proto/pipe/pipe_internal.h"

enum {
    GREETING_BYTES = 8,
    LENGTH_BYTES = 8,
    GREETING_MS = 10 * 1000, /* a connection that stays silent at first is no peer */
    PIECES = 3,              /* of a message: its length, head and body */
    LARGE_BYTES = 64 << 10,  /* a body that is not gathered when nothing else is: to copy it takes longer than to write it by itself */
    UNREAD_BYTES = 4 << 20,  /* waiting for the peer to take: beyond it the peer is not read from */
};

/* --- writing --- */

static void on_ready(uv_poll_t *poll, int status, int events);

static void pipe_watch(struct pipe *pipe)
{
    int events = (pipe_unread(pipe) < UNREAD_BYTES ? UV_READABLE : 0) | (pipe->blocked ? UV_WRITABLE : 0);
    if (events == pipe->events)
        return;
    pipe->events = events;
    uv_poll_start(&pipe->poll, events, on_ready);
}

void pipe_write(struct pipe *pipe)
{
    pipe->blocked = false;
    while (pipe->out_done < pipe->out.size && !pipe->blocked) {
        ssize_t size = send(pipe->fd, pipe->out.data + pipe->out_done, pipe->out.size - pipe->out_done, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (size >= 0) {
            pipe->out_done += (size_t)size;
        } else if (errno == EAGAIN) {
            pipe->blocked = true;
        } else if (errno != EINTR) {
            pipe_close(pipe);
            return;
        }
    }
    if (!pipe->blocked) {
        pipe->out_done = 0;
        source_give_back(pipe->source, &pipe->out);
    }
    pipe_watch(pipe);
}

/* What is written already makes room, once that is half of it: each byte moves once on average. */
static void out_settle(struct pipe *pipe)
{
    if (pipe->out_done == 0 || pipe->out_done * 2 < pipe->out.size)
        return;
    memmove(pipe->out.data, pipe->out.data + pipe->out_done, pipe->out.size - pipe->out_done);
    pipe->out.size -= pipe->out_done;
    pipe->out_done = 0;
}

/* Writes pieces of a message from where they are, and takes off what went. */
static void pipe_write_through(struct pipe *pipe, struct span pieces[PIECES])
{
    struct iovec parts[PIECES];
    for (unsigned i = 0; i < PIECES; i++)
        parts[i] = (struct iovec){(char *)(uintptr_t)pieces[i].data, pieces[i].size};
    const struct msghdr message = {.msg_iov = parts, .msg_iovlen = PIECES};
    ssize_t size = sendmsg(pipe->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    for (unsigned i = 0; i < PIECES && size > 0; i++) {
        uint32_t gone = (uint32_t)(size < pieces[i].size ? size : pieces[i].size);
        pieces[i] = (struct span){pieces[i].data + gone, pieces[i].size - gone};
        size -= gone;
    }
}

void pipe_send(struct pipe *pipe, struct span head, struct span body)
{
    if (pipe->closed)
        return;
    uint64_t size = (uint64_t)head.size + body.size;
    char length[LENGTH_BYTES];
    for (int i = 0; i < LENGTH_BYTES; i++)
        length[i] = (char)(size >> (56 - 8 * i));
    struct span pieces[PIECES] = {{length, sizeof length}, head, body};
    if (body.size >= LARGE_BYTES && pipe_unread(pipe) == 0 && !pipe->blocked)
        pipe_write_through(pipe, pieces);
    source_lend(pipe->source, &pipe->out);
    out_settle(pipe);
    for (unsigned i = 0; i < PIECES; i++)
        buffer_append(&pipe->out, pieces[i].data, pieces[i].size);
    if (pipe->blocked)
        pipe_watch(pipe); /* it may be too much now */
    if (pipe->dirty || pipe->blocked)
        return;
    pipe->dirty = true;
    pipe_hold(pipe);
    pipe->next_dirty = pipe->source->dirty;
    pipe->source->dirty = pipe;
}

size_t pipe_unread(const struct pipe *pipe)
{
    return pipe->out.size - pipe->out_done;
}

/* --- reading --- */

static bool pipe_greeted(struct pipe *pipe, struct span greeting)
{
    const struct pipe_owner *owner = &pipe->source->owner;
    const char expected[GREETING_BYTES] = {0, 'S', 'P', 0, 0, (char)(owner->protocol ^ 1), 0, 0};
    if (memcmp(greeting.data, expected, sizeof expected) != 0)
        return false;
    pipe->opened = true;
    source_know(pipe->source, pipe);
    owner->on_opened(owner->context, pipe);
    return true;
}

static uint64_t length_of(const char *bytes)
{
    uint64_t length = 0;
    for (int i = 0; i < LENGTH_BYTES; i++)
        length = length << 8 | (unsigned char)bytes[i];
    return length;
}

/* Of the greeting or message that `bytes` are the front of; a message that is too large ends with its length, as it must not be waited for.
 */
static size_t piece_size(const struct pipe *pipe, struct span bytes)
{
    if (!pipe->opened)
        return GREETING_BYTES;
    uint64_t length = bytes.size >= LENGTH_BYTES ? length_of(bytes.data) : 0;
    return length <= pipe->source->owner.message_bytes_max ? LENGTH_BYTES + (size_t)length : LENGTH_BYTES;
}

/* False when the peer does not keep to the framing. */
static bool piece_take(struct pipe *pipe, struct span piece)
{
    const struct pipe_owner *owner = &pipe->source->owner;
    if (!pipe->opened)
        return pipe_greeted(pipe, piece);
    if (length_of(piece.data) != piece.size - LENGTH_BYTES)
        return false;
    return owner->on_message(owner->context, pipe, (struct span){piece.data + LENGTH_BYTES, piece.size - LENGTH_BYTES});
}

/* Completes the piece that began in an earlier read, as far as the bytes go; how many it took. */
static uint32_t pipe_complete(struct pipe *pipe, struct span bytes, bool *sound)
{
    uint32_t taken = 0;
    size_t size;
    /* Twice when the length comes first: it says how much more there is. */
    while ((size = piece_size(pipe, buffer_span(&pipe->in))) > pipe->in.size && taken < bytes.size) {
        size_t missing = size - pipe->in.size, left = bytes.size - taken;
        source_keep(pipe, (struct span){bytes.data + taken, (uint32_t)(missing < left ? missing : left)});
        taken += (uint32_t)(missing < left ? missing : left);
    }
    if (size == pipe->in.size) {
        *sound = piece_take(pipe, buffer_span(&pipe->in));
        source_forget(pipe);
    }
    return taken;
}

/* Hands on every message that is whole, and keeps what is not. False when the peer does not keep to the framing. */
static bool pipe_take(struct pipe *pipe, struct span bytes)
{
    bool sound = true;
    while (bytes.size > 0 && sound && !pipe->closed) {
        size_t size = piece_size(pipe, bytes);
        if (pipe->in.size > 0) {
            size = pipe_complete(pipe, bytes, &sound);
        } else if (size <= bytes.size && bytes.size >= LENGTH_BYTES) {
            sound = piece_take(pipe, (struct span){bytes.data, (uint32_t)size});
        } else {
            size = bytes.size;
            source_keep(pipe, bytes);
        }
        bytes = (struct span){bytes.data + size, bytes.size - (uint32_t)size};
    }
    return sound;
}

void pipe_read(struct pipe *pipe)
{
    char *room = pipe->source->room;
    ssize_t size = recv(pipe->fd, room, PIPE_READ_BYTES, MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size <= 0 || !pipe_take(pipe, (struct span){room, (uint32_t)size}))
        pipe_close(pipe);
    source_make_room(pipe->source);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct pipe *pipe = poll->data;
    if (status < 0)
        pipe_close(pipe);
    if (events & UV_READABLE && !pipe->closed)
        pipe_read(pipe);
    if (events & UV_WRITABLE && !pipe->closed)
        pipe_write(pipe);
}

/* --- beginning and end --- */

bool pipe_start(struct pipe_source *source, int fd)
{
    struct pipe *pipe = calloc(1, sizeof *pipe);
    EXPECT(pipe);
    if (uv_poll_init(source->loop, &pipe->poll, fd) != 0) {
        close(fd);
        free(pipe);
        return false;
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    pipe->fd = fd;
    pipe->holders = 1;
    pipe->poll.data = pipe;
    uint32_t ms = source->owner.greeting_ms ? source->owner.greeting_ms : GREETING_MS;
    pipe->due_ms = uv_now(source->loop) + ms;
    source_take(source, pipe);
    const char greeting[GREETING_BYTES] = {0, 'S', 'P', 0, 0, (char)source->owner.protocol, 0, 0};
    source_lend(source, &pipe->out);
    buffer_append(&pipe->out, greeting, sizeof greeting);
    pipe_write(pipe);
    return true;
}

static void on_closed(uv_handle_t *handle)
{
    struct pipe *pipe = handle->data;
    if (pipe->source)
        source_leave(pipe);
    pipe_release(pipe);
}

void pipe_close(struct pipe *pipe)
{
    if (pipe->closed)
        return;
    pipe->closed = true;
    uv_close((uv_handle_t *)&pipe->poll, on_closed);
    close(pipe->fd);
}

void pipe_hold(struct pipe *pipe)
{
    pipe->holders++;
}

void pipe_release(struct pipe *pipe)
{
    if (--pipe->holders > 0)
        return;
    buffer_fini(&pipe->in);
    buffer_fini(&pipe->out);
    free(pipe);
}

void **pipe_data(struct pipe *pipe)
{
    return &pipe->data;
}
