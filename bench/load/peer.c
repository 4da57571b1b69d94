#include "bench/load/peer.h"

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

bool peers_init(struct peers *peers, const char *url, const struct peers_user *user)
{
    char host[64];
    unsigned port;
    *peers = (struct peers){.user = *user, .epoll = -1, .address.sin_family = AF_INET};
    if (sscanf(url, "tcp://%63[0-9.]:%u", host, &port) != 2 || inet_pton(AF_INET, host, &peers->address.sin_addr) != 1)
        return false;
    peers->address.sin_port = htons((uint16_t)port);
    peers->bytes = must_alloc(READ_BYTES);
    peers->epoll = epoll_create1(EPOLL_CLOEXEC);
    return peers->epoll >= 0;
}

void peers_fini(struct peers *peers)
{
    if (peers->epoll >= 0)
        close(peers->epoll);
    free(peers->bytes);
    buffer_fini(&peers->request);
    arena_fini(&peers->arena);
}

/* What to be told of: room to write only while something waits for it. */
static void peer_watch(struct peer *peer, int operation)
{
    struct epoll_event event = {.events = (peer->deaf ? 0u : (uint32_t)EPOLLIN) | (peer->waiting ? (uint32_t)EPOLLOUT : 0u),
                                .data.ptr = peer};
    epoll_ctl(peer->all->epoll, operation, peer->fd, &event);
}

bool peer_dial(struct peers *peers, struct peer *peer)
{
    int on = 1;
    *peer = (struct peer){.all = peers, .owner = peer->owner, .waiting = true};
    peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (peer->fd < 0)
        return false;
    setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const struct sockaddr *address = (const struct sockaddr *)&peers->address;
    if (connect(peer->fd, address, sizeof peers->address) != 0 && errno != EINPROGRESS) {
        peer_close(peer, false);
        return false;
    }
    buffer_append(&peer->out, greeting_asked, GREETING_BYTES);
    peer_watch(peer, EPOLL_CTL_ADD);
    return true;
}

void peer_close(struct peer *peer, bool reset)
{
    struct linger linger = {.l_onoff = 1};
    if (peer->fd < 0)
        return;
    if (reset)
        setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(peer->fd);
    buffer_fini(&peer->in);
    buffer_fini(&peer->out);
    *peer = (struct peer){.all = peer->all, .owner = peer->owner, .fd = -1};
}

static void peer_lose(struct peer *peer)
{
    peer_close(peer, false);
    peer->all->user.on_gone(peer);
}

size_t peer_unwritten(const struct peer *peer)
{
    return peer->out.size - peer->out_done;
}

/* How many of the bytes the socket took; SIZE_MAX: the connection ended. */
static size_t socket_write(const struct peer *peer, const char *bytes, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t written = send(peer->fd, bytes + done, size - done, MSG_NOSIGNAL);
        if (written < 0 && errno != EAGAIN && errno != EINTR)
            return SIZE_MAX;
        if (written < 0)
            break;
        done += (size_t)written;
    }
    return done;
}

static void peer_await_room(struct peer *peer, bool waiting)
{
    if (waiting != peer->waiting) {
        peer->waiting = waiting;
        peer_watch(peer, EPOLL_CTL_MOD);
    }
}

/* Writes what waits. False: the connection ended. */
static bool peer_flush(struct peer *peer)
{
    size_t done = socket_write(peer, peer->out.data + peer->out_done, peer_unwritten(peer));
    if (done == SIZE_MAX)
        return false;
    peer->out_done += done;
    /* Few have anything waiting: ten thousand need no memory for it. */
    if (peer_unwritten(peer) == 0) {
        peer->out_done = 0;
        buffer_fini(&peer->out);
    }
    peer_await_room(peer, peer->out.size > 0);
    return true;
}

void peer_write(struct peer *peer, const void *bytes, size_t size)
{
    size_t done = peer->waiting ? 0 : socket_write(peer, bytes, size);
    /* An end is seen again, and told, by the next peers_wait. */
    if (done == SIZE_MAX)
        done = 0;
    buffer_append(&peer->out, (const char *)bytes + done, size - done);
    peer_await_room(peer, peer->out.size > 0);
}

void peer_ask(struct peer *peer, uint32_t tag, const struct frame *request)
{
    struct buffer *message = &peer->all->request;
    uint32_t id = htobe32(tag | 1u << 31);
    buffer_clear(message);
    buffer_append(message, &(uint64_t){0}, LENGTH_BYTES);
    buffer_append(message, &id, ID_BYTES);
    codec_encode(message, request);
    uint64_t length = htobe64(message->size - LENGTH_BYTES);
    memcpy(message->data, &length, LENGTH_BYTES);
    peer_write(peer, message->data, message->size);
}

void peer_stop_reading(struct peer *peer)
{
    int least = 1;
    setsockopt(peer->fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof least);
    peer->deaf = true;
    peer_watch(peer, EPOLL_CTL_MOD);
}

/* One whole message. False: it is no reply. */
static bool take_message(struct peer *peer, const char *data, size_t size)
{
    struct peers *all = peer->all;
    struct frame frame;
    struct codec_error error;
    uint32_t id;
    if (size < ID_BYTES)
        return false;
    memcpy(&id, data, ID_BYTES);
    struct span body = {data + ID_BYTES, (uint32_t)(size - ID_BYTES)};
    bool decoded = codec_decode(body, &all->arena, &frame, &error) == STATUS_ok;
    if (decoded)
        all->user.on_reply(peer, be32toh(id) & ~(1u << 31), &frame);
    arena_clear(&all->arena);
    return decoded;
}

/* Takes the whole messages at the front of the bytes. How many bytes they were; SIZE_MAX: they are none. Stops when its user hung up. */
static size_t take_messages(struct peer *peer, const char *data, size_t size)
{
    size_t done = 0;
    uint64_t length;
    if (!peer->greeted) {
        if (size < GREETING_BYTES)
            return 0;
        if (memcmp(data, greeting_answered, GREETING_BYTES) != 0)
            return SIZE_MAX;
        peer->greeted = true;
        done = GREETING_BYTES;
        peer->all->user.on_open(peer);
    }
    while (peer->fd >= 0 && size - done >= LENGTH_BYTES) {
        memcpy(&length, data + done, LENGTH_BYTES);
        length = be64toh(length);
        if (length > WIRE_FRAME_MAX + ID_BYTES)
            return SIZE_MAX;
        if (size - done - LENGTH_BYTES < length)
            break;
        if (!take_message(peer, data + done + LENGTH_BYTES, length))
            return SIZE_MAX;
        done += LENGTH_BYTES + length;
    }
    return done;
}

/* False: the connection ended. */
static bool peer_read(struct peer *peer)
{
    char *bytes = peer->all->bytes;
    ssize_t got = recv(peer->fd, bytes, READ_BYTES, 0);
    if (got <= 0)
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    /* What was left over comes first; mostly nothing was, and nothing is copied. */
    bool kept = peer->in.size > 0;
    if (kept)
        buffer_append(&peer->in, bytes, (size_t)got);
    const char *data = kept ? peer->in.data : bytes;
    size_t size = kept ? peer->in.size : (size_t)got, done = take_messages(peer, data, size);
    if (peer->fd < 0)
        return true;
    if (done == SIZE_MAX)
        return false;
    if (kept && done) {
        memmove(peer->in.data, peer->in.data + done, size - done);
        peer->in.size = size - done;
    } else if (!kept) {
        buffer_append(&peer->in, data + done, size - done);
    }
    if (!peer->in.size)
        buffer_fini(&peer->in);
    return true;
}

void peers_wait(struct peers *peers, uint64_t timeout_ns)
{
    struct epoll_event events[EVENTS];
    struct timespec timeout = {(time_t)(timeout_ns / 1000000000), (long)(timeout_ns % 1000000000)};
    int count = epoll_pwait2(peers->epoll, events, EVENTS, &timeout, NULL);
    for (int i = 0; i < count; i++) {
        struct peer *peer = events[i].data.ptr;
        /* A callback for one may have hung up another. */
        if (peer->fd < 0)
            continue;
        bool alive = !(events[i].events & (EPOLLERR | (peer->deaf ? EPOLLHUP : 0)));
        if (alive && events[i].events & EPOLLOUT)
            alive = peer_flush(peer);
        if (alive && peer->fd >= 0 && events[i].events & (EPOLLIN | EPOLLHUP))
            alive = peer_read(peer);
        if (!alive)
            peer_lose(peer);
    }
}
