#include "bench/load/requester.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/check.h"

/* SP over TCP, as PROTOCOL.md "Framing" has it. */
enum { GREETING_BYTES = 8, LENGTH_BYTES = 8, ID_BYTES = 4, READ_BYTES = 256 << 10, EVENTS = 256 };

static const char greeting_asked[GREETING_BYTES] = {0, 'S', 'P', 0, 0, 0x30, 0, 0};
static const char greeting_answered[GREETING_BYTES] = {0, 'S', 'P', 0, 0, 0x31, 0, 0};

bool requesters_init(struct requesters *requesters, const char *url, const struct requesters_user *user)
{
    char host[64];
    unsigned port;
    *requesters = (struct requesters){.user = *user, .epoll = -1, .address.sin_family = AF_INET};
    if (sscanf(url, "tcp://%63[0-9.]:%u", host, &port) != 2 || inet_pton(AF_INET, host, &requesters->address.sin_addr) != 1)
        return false;
    requesters->address.sin_port = htons((uint16_t)port);
    requesters->bytes = must_alloc(READ_BYTES);
    requesters->epoll = epoll_create1(EPOLL_CLOEXEC);
    return requesters->epoll >= 0;
}

void requesters_fini(struct requesters *requesters)
{
    if (requesters->epoll >= 0)
        close(requesters->epoll);
    free(requesters->bytes);
    buffer_fini(&requesters->request);
    arena_fini(&requesters->arena);
}

/* What to be told of: room to write only while something waits for it. */
static void requester_watch(struct requester *requester, int operation)
{
    struct epoll_event event = {.events = (requester->deaf ? 0u : (uint32_t)EPOLLIN) | (requester->waiting ? (uint32_t)EPOLLOUT : 0u),
                                .data.ptr = requester};
    epoll_ctl(requester->all->epoll, operation, requester->fd, &event);
}

bool requester_dial(struct requesters *requesters, struct requester *requester)
{
    int on = 1;
    *requester = (struct requester){.all = requesters, .owner = requester->owner, .waiting = true};
    requester->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (requester->fd < 0)
        return false;
    setsockopt(requester->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const struct sockaddr *address = (const struct sockaddr *)&requesters->address;
    if (connect(requester->fd, address, sizeof requesters->address) != 0 && errno != EINPROGRESS) {
        requester_close(requester, false);
        return false;
    }
    buffer_append(&requester->out, greeting_asked, GREETING_BYTES);
    requester_watch(requester, EPOLL_CTL_ADD);
    return true;
}

void requester_close(struct requester *requester, bool reset)
{
    struct linger linger = {.l_onoff = 1};
    if (requester->fd < 0)
        return;
    if (reset)
        setsockopt(requester->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(requester->fd);
    buffer_fini(&requester->in);
    buffer_fini(&requester->out);
    *requester = (struct requester){.all = requester->all, .owner = requester->owner, .fd = -1};
}

static void requester_lose(struct requester *requester)
{
    requester_close(requester, false);
    requester->all->user.on_gone(requester);
}

size_t requester_unwritten(const struct requester *requester)
{
    return requester->out.size - requester->out_done;
}

/* How many of the bytes the socket took; SIZE_MAX: the connection ended. */
static size_t socket_write(const struct requester *requester, const char *bytes, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t written = send(requester->fd, bytes + done, size - done, MSG_NOSIGNAL);
        if (written < 0 && errno != EAGAIN && errno != EINTR)
            return SIZE_MAX;
        if (written < 0)
            break;
        done += (size_t)written;
    }
    return done;
}

static void requester_await_room(struct requester *requester, bool waiting)
{
    if (waiting != requester->waiting) {
        requester->waiting = waiting;
        requester_watch(requester, EPOLL_CTL_MOD);
    }
}

/* Writes what waits. False: the connection ended. */
static bool requester_flush(struct requester *requester)
{
    size_t done = socket_write(requester, requester->out.data + requester->out_done, requester_unwritten(requester));
    if (done == SIZE_MAX)
        return false;
    requester->out_done += done;
    /* Few have anything waiting: ten thousand need no memory for it. */
    if (requester_unwritten(requester) == 0) {
        requester->out_done = 0;
        buffer_fini(&requester->out);
    }
    requester_await_room(requester, requester->out.size > 0);
    return true;
}

void requester_write(struct requester *requester, const void *bytes, size_t size)
{
    size_t done = requester->waiting ? 0 : socket_write(requester, bytes, size);
    /* An end is seen again, and told, by the next requesters_wait. */
    if (done == SIZE_MAX)
        done = 0;
    buffer_append(&requester->out, (const char *)bytes + done, size - done);
    requester_await_room(requester, requester->out.size > 0);
}

void requester_ask(struct requester *requester, uint32_t tag, const struct frame *request)
{
    struct buffer *message = &requester->all->request;
    uint32_t id = htobe32(tag | 1u << 31);
    buffer_clear(message);
    buffer_append(message, &(uint64_t){0}, LENGTH_BYTES);
    buffer_append(message, &id, ID_BYTES);
    codec_encode(message, request);
    uint64_t length = htobe64(message->size - LENGTH_BYTES);
    memcpy(message->data, &length, LENGTH_BYTES);
    requester_write(requester, message->data, message->size);
}

void requester_stop_reading(struct requester *requester)
{
    int least = 1;
    setsockopt(requester->fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof least);
    requester->deaf = true;
    requester_watch(requester, EPOLL_CTL_MOD);
}

/* One whole message. False: it is no reply. */
static bool take_message(struct requester *requester, const char *data, size_t size)
{
    struct requesters *all = requester->all;
    struct frame frame;
    struct codec_error error;
    uint32_t id;
    if (size < ID_BYTES)
        return false;
    memcpy(&id, data, ID_BYTES);
    struct span body = {data + ID_BYTES, (uint32_t)(size - ID_BYTES)};
    bool decoded = codec_decode(body, &all->arena, &frame, &error) == STATUS_ok;
    if (decoded)
        all->user.on_reply(requester, be32toh(id) & ~(1u << 31), &frame);
    arena_clear(&all->arena);
    return decoded;
}

/* Takes the whole messages at the front of the bytes. How many bytes they were; SIZE_MAX: they are none. Stops when its user hung up. */
static size_t take_messages(struct requester *requester, const char *data, size_t size)
{
    size_t done = 0;
    uint64_t length;
    if (!requester->greeted) {
        if (size < GREETING_BYTES)
            return 0;
        if (memcmp(data, greeting_answered, GREETING_BYTES) != 0)
            return SIZE_MAX;
        requester->greeted = true;
        done = GREETING_BYTES;
        requester->all->user.on_open(requester);
    }
    while (requester->fd >= 0 && size - done >= LENGTH_BYTES) {
        memcpy(&length, data + done, LENGTH_BYTES);
        length = be64toh(length);
        if (length > WIRE_FRAME_MAX + ID_BYTES)
            return SIZE_MAX;
        if (size - done - LENGTH_BYTES < length)
            break;
        if (!take_message(requester, data + done + LENGTH_BYTES, length))
            return SIZE_MAX;
        done += LENGTH_BYTES + length;
    }
    return done;
}

/* False: the connection ended. */
static bool requester_read(struct requester *requester)
{
    char *bytes = requester->all->bytes;
    ssize_t got = recv(requester->fd, bytes, READ_BYTES, 0);
    if (got <= 0)
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    /* What was left over comes first; mostly nothing was, and nothing is copied. */
    bool kept = requester->in.size > 0;
    if (kept)
        buffer_append(&requester->in, bytes, (size_t)got);
    const char *data = kept ? requester->in.data : bytes;
    size_t size = kept ? requester->in.size : (size_t)got, done = take_messages(requester, data, size);
    if (requester->fd < 0)
        return true;
    if (done == SIZE_MAX)
        return false;
    if (kept && done) {
        memmove(requester->in.data, requester->in.data + done, size - done);
        requester->in.size = size - done;
    } else if (!kept) {
        buffer_append(&requester->in, data + done, size - done);
    }
    if (!requester->in.size)
        buffer_fini(&requester->in);
    return true;
}

void requesters_wait(struct requesters *requesters, uint64_t timeout_ns)
{
    struct epoll_event events[EVENTS];
    struct timespec timeout = {(time_t)(timeout_ns / 1000000000), (long)(timeout_ns % 1000000000)};
    int count = epoll_pwait2(requesters->epoll, events, EVENTS, &timeout, NULL);
    for (int i = 0; i < count; i++) {
        struct requester *requester = events[i].data.ptr;
        /* A callback for one may have hung up another. */
        if (requester->fd < 0)
            continue;
        bool alive = !(events[i].events & (EPOLLERR | (requester->deaf ? EPOLLHUP : 0)));
        if (alive && events[i].events & EPOLLOUT)
            alive = requester_flush(requester);
        if (alive && requester->fd >= 0 && events[i].events & (EPOLLIN | EPOLLHUP))
            alive = requester_read(requester);
        if (!alive)
            requester_lose(requester);
    }
}
