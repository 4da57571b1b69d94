/* The link against peers made of plain sockets, so that a peer can misbehave. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <cmocka.h>

#include "link/link.h"

enum { PARKED_MAX = 4096, FRAME_MAX = 1 << 16, PATIENCE_MS = 20 * 1000 };

/* A broker in small: "p..." is parked, "d..." dropped, anything else echoed. Its loop turns whenever a test waits for something. */
struct owner {
    uv_loop_t loop;
    struct link *link;
    struct link_request *parked[PARKED_MAX];
    size_t parked_count, asked_count, gone_count;
    uint32_t parked_peer, gone_peer;
};

static void on_request(void *context, struct link_request *request, struct span frame)
{
    struct owner *owner = context;
    owner->asked_count++;
    if (frame.size && frame.data[0] == 'p') {
        owner->parked_peer = link_peer(request);
        owner->parked[owner->parked_count++] = request;
    } else if (frame.size && frame.data[0] == 'd') {
        link_drop(request);
    } else {
        link_reply(request, frame);
    }
}

static void on_peer_gone(void *context, uint32_t peer)
{
    struct owner *owner = context;
    owner->gone_count++;
    owner->gone_peer = peer;
}

/* One turn, once there is something to do or to read from `fd` (-1: nothing). */
static void owner_turn(struct owner *owner, int fd)
{
    if (owner->link)
        link_flush(owner->link);
    struct pollfd ready[2] = {{.fd = uv_backend_fd(&owner->loop), .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    int due_ms = uv_backend_timeout(&owner->loop);
    bool sleeps = due_ms < 0 || due_ms > PATIENCE_MS;
    int count = poll(ready, 2, sleeps ? PATIENCE_MS : due_ms);
    assert_true(count > 0 || !sleeps);
    uv_run(&owner->loop, UV_RUN_NOWAIT);
}

static void owner_wait(struct owner *owner, const size_t *count, size_t wanted)
{
    while (*count < wanted)
        owner_turn(owner, -1);
    assert_int_equal(*count, wanted);
}

enum { PEERS_MAX = 250 };

static enum status owner_listen(struct owner *owner, const char *url, uint32_t per_pipe_max, struct span overloaded, char error[256])
{
    const struct link_options options = {.loop = &owner->loop,
                                         .url = url,
                                         .frame_bytes_max = FRAME_MAX,
                                         .peers_max = PEERS_MAX,
                                         .per_pipe_max = per_pipe_max,
                                         .context = owner,
                                         .on_request = on_request,
                                         .on_peer_gone = on_peer_gone,
                                         .overloaded_reply = overloaded};
    return link_open(&options, &owner->link, error);
}

static struct owner *owner_create(uint32_t per_pipe_max, struct span overloaded)
{
    struct owner *owner = calloc(1, sizeof *owner);
    assert_non_null(owner);
    assert_int_equal(uv_loop_init(&owner->loop), 0);
    char error[256];
    assert_int_equal(owner_listen(owner, "tcp://127.0.0.1:0", per_pipe_max, overloaded, error), STATUS_ok);
    return owner;
}

static void owner_reply_parked(struct owner *owner, const char *text)
{
    for (size_t i = 0; i < owner->parked_count; i++)
        link_reply(owner->parked[i], span_of(text));
    owner->parked_count = 0;
}

static void owner_destroy(struct owner *owner)
{
    link_close(owner->link);
    uv_run(&owner->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&owner->loop), 0);
    free(owner);
}

static uint16_t owner_port(const struct owner *owner)
{
    return (uint16_t)atoi(strrchr(link_url(owner->link), ':') + 1);
}

static void peer_write(int fd, const void *data, size_t size)
{
    assert_int_equal(send(fd, data, size, MSG_NOSIGNAL), size);
}

/* Whatever there is, or 0 at the end. */
static size_t peer_take(struct owner *owner, int fd, void *data, size_t size)
{
    ssize_t got;
    while ((got = recv(fd, data, size, MSG_DONTWAIT)) < 0 && errno == EAGAIN)
        owner_turn(owner, fd);
    assert_true(got >= 0 || errno == ECONNRESET);
    return got > 0 ? (size_t)got : 0;
}

static void peer_read(struct owner *owner, int fd, void *data, size_t size)
{
    for (size_t at = 0, got; at < size; at += got) {
        got = peer_take(owner, fd, (char *)data + at, size - at);
        assert_true(got > 0);
    }
}

static int peer_connect(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    const struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

/* A REQ peer: SP's eight bytes each way. */
static int peer_open(struct owner *owner)
{
    int fd = peer_connect(owner_port(owner));
    peer_write(fd, "\0SP\0\0\x30\0\0", 8);
    char theirs[8];
    peer_read(owner, fd, theirs, sizeof theirs);
    assert_memory_equal(theirs, "\0SP\0\0\x31\0\0", 8);
    return fd;
}

static void peer_ask(int fd, uint32_t number, const char *body, size_t size)
{
    char frame[12 + 16] = {0};
    assert_true(size <= 16);
    uint32_t length = htonl((uint32_t)size + 4);
    memcpy(frame + 4, &length, 4);
    number = htonl(number | 0x80000000u);
    memcpy(frame + 8, &number, 4);
    memcpy(frame + 12, body, size);
    peer_write(fd, frame, 12 + size);
}

/* The body of the next reply and the number of its request. */
static uint32_t peer_answer(struct owner *owner, int fd, char body[64])
{
    unsigned char head[12];
    peer_read(owner, fd, head, sizeof head);
    size_t size = ((size_t)head[6] << 8 | head[7]) - 4;
    assert_in_range(size, 0, 63);
    peer_read(owner, fd, body, size);
    body[size] = 0;
    uint32_t number;
    memcpy(&number, head + 8, 4);
    return ntohl(number) & 0x7fffffff;
}

static void assert_echo(struct owner *owner, int fd, uint32_t number)
{
    char body[64];
    peer_ask(fd, number, "hello", 5);
    assert_int_equal(peer_answer(owner, fd, body), number);
    assert_string_equal(body, "hello");
}

static void assert_ended(struct owner *owner, int fd)
{
    char byte[4096];
    while (peer_take(owner, fd, byte, sizeof byte) > 0) {
    }
}

static const struct span BUSY = {"busy", 4};
static const unsigned char OVERSIZED[12] = {0, 0, 0, 0, 0, 1, 0, 5, 0x80, 0, 0, 1}; /* promises FRAME_MAX + 1 bytes */

static void a_request_gets_its_reply(void **state)
{
    (void)state;
    struct owner *owner = owner_create(8, BUSY);
    int peer = peer_open(owner);
    for (uint32_t number = 1; number <= 100; number++)
        assert_echo(owner, peer, number);
    close(peer);
    owner_destroy(owner);
}

static void parked_requests_do_not_stop_others(void **state)
{
    (void)state;
    struct owner *owner = owner_create(2001, BUSY);
    int parking = peer_open(owner), other = peer_open(owner);
    for (uint32_t number = 0; number < 2000; number++)
        peer_ask(parking, number, "p", 1);
    owner_wait(owner, &owner->parked_count, 2000);
    assert_echo(owner, other, 1);
    assert_echo(owner, parking, 3000);
    owner_reply_parked(owner, "at last");
    bool answered[2000] = {false};
    for (int i = 0; i < 2000; i++) {
        char body[64];
        uint32_t number = peer_answer(owner, parking, body);
        assert_true(number < 2000 && !answered[number]);
        assert_string_equal(body, "at last");
        answered[number] = true;
    }
    close(parking);
    close(other);
    owner_destroy(owner);
}

static void a_peer_that_leaves_is_reported_once(void **state)
{
    (void)state;
    struct owner *owner = owner_create(8, BUSY);
    int peer = peer_open(owner), other = peer_open(owner);
    for (uint32_t number = 0; number < 3; number++)
        peer_ask(peer, number, "p", 1);
    owner_wait(owner, &owner->parked_count, 3);
    close(peer);
    owner_wait(owner, &owner->gone_count, 1);
    assert_int_equal(owner->gone_peer, owner->parked_peer);
    link_drop(owner->parked[0]);
    link_reply(owner->parked[1], span_of("to nobody"));
    link_drop(owner->parked[2]);
    assert_echo(owner, other, 1);
    close(other);
    owner_wait(owner, &owner->gone_count, 2);
    owner_destroy(owner);
}

static void beyond_its_quota_a_peer_is_told_at_once(void **state)
{
    (void)state;
    struct owner *owner = owner_create(2, BUSY);
    int peer = peer_open(owner), other = peer_open(owner);
    char body[64];
    peer_ask(peer, 1, "p", 1);
    peer_ask(peer, 2, "p", 1);
    owner_wait(owner, &owner->parked_count, 2);
    peer_ask(peer, 3, "hello", 5);
    assert_int_equal(peer_answer(owner, peer, body), 3);
    assert_string_equal(body, "busy");
    assert_int_equal(owner->asked_count, 2);
    assert_echo(owner, other, 1);
    owner_reply_parked(owner, "done");
    peer_answer(owner, peer, body);
    peer_answer(owner, peer, body);
    assert_echo(owner, peer, 4);
    close(peer);
    close(other);
    owner_destroy(owner);
}

/* Refusals of 64 KiB each are far more than the sockets' buffers and the link itself hold back, so the link has to stop reading, and to go
 * on. */
static void a_peer_that_reads_late_gets_everything(void **state)
{
    (void)state;
    enum { ASKED = 500 };
    static char large[64 << 10], reply[12 + sizeof large];
    struct owner *owner = owner_create(2, (struct span){large, sizeof large});
    int peer = peer_open(owner), other = peer_open(owner);
    for (uint32_t number = 0; number < ASKED; number++)
        peer_ask(peer, number, "p", 1);
    owner_wait(owner, &owner->parked_count, 2);
    assert_echo(owner, other, 1);
    for (uint32_t number = 2; number < ASKED; number++) {
        peer_read(owner, peer, reply, sizeof reply);
        assert_int_equal((unsigned char)reply[10] << 8 | (unsigned char)reply[11], number);
    }
    assert_int_equal(owner->asked_count, 3);
    owner_reply_parked(owner, "done");
    char body[64];
    assert_int_equal(peer_answer(owner, peer, body), 0);
    assert_int_equal(peer_answer(owner, peer, body), 1);
    assert_echo(owner, peer, ASKED);
    close(peer);
    close(other);
    owner_destroy(owner);
}

/* What a killed process leaves: its connection is reset in the middle of anything. */
static void peers_that_die_half_way_are_all_reported(void **state)
{
    (void)state;
    struct owner *owner = owner_create(8, BUSY);
    for (size_t i = 0; i < 200; i++) {
        int peer = peer_open(owner);
        assert_echo(owner, peer, 0);
        for (uint32_t number = 1; number < 20; number++)
            peer_ask(peer, number, "hello", 5);
        peer_write(peer, "\0\0\0\0\0\0\0\x20\x80", 9);
        const struct linger reset = {.l_onoff = 1};
        setsockopt(peer, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(peer);
    }
    owner_wait(owner, &owner->gone_count, 200);
    owner_destroy(owner);
}

static void one_connection_too_many_is_ended_and_leaves_room_again(void **state)
{
    (void)state;
    struct owner *owner = owner_create(8, BUSY);
    int peers[PEERS_MAX];
    for (int i = 0; i < PEERS_MAX; i++) {
        peers[i] = peer_open(owner);
        assert_echo(owner, peers[i], 1);
    }
    int extra = peer_open(owner);
    assert_ended(owner, extra);
    close(extra);
    owner_wait(owner, &owner->gone_count, 1);
    close(peers[0]);
    owner_wait(owner, &owner->gone_count, 2);
    peers[0] = peer_open(owner);
    assert_echo(owner, peers[0], 2);
    for (int i = 0; i < PEERS_MAX; i++)
        close(peers[i]);
    owner_destroy(owner);
}

static void an_oversized_frame_ends_only_its_connection(void **state)
{
    (void)state;
    struct owner *owner = owner_create(8, BUSY);
    int peer = peer_open(owner), other = peer_open(owner);
    peer_write(peer, OVERSIZED, sizeof OVERSIZED);
    assert_ended(owner, peer);
    assert_echo(owner, other, 1);

    static char largest[12 + FRAME_MAX] = {0, 0, 0, 0, 0, 1, 0, 4, (char)0x80, 0, 0, 1, 'p'};
    peer_write(other, largest, sizeof largest);
    owner_wait(owner, &owner->parked_count, 1);
    close(peer);
    close(other);
    owner_destroy(owner);
}

static void garbage_harms_nobody_else(void **state)
{
    (void)state;
    struct owner *owner = owner_create(8, BUSY);
    int web = peer_connect(owner_port(owner)), rep = peer_connect(owner_port(owner)), headless = peer_open(owner), other = peer_open(owner);
    peer_write(web, "GET / HTTP/1.1\r\n\r\n", 18);
    peer_write(rep, "\0SP\0\0\x31\0\0", 8); /* a REP cannot talk to a REP */
    peer_write(headless, "\0\0\0\0\0\0\0\2hi", 10);
    assert_ended(owner, web);
    assert_ended(owner, rep);
    assert_ended(owner, headless);
    assert_echo(owner, other, 1);
    close(web);
    close(rep);
    close(headless);
    close(other);
    owner_destroy(owner);
}

static void dropped_requests_leave_room(void **state)
{
    (void)state;
    struct owner *owner = owner_create(1, BUSY);
    int peer = peer_open(owner);
    for (uint32_t number = 1; number <= 50; number++) {
        peer_ask(peer, number, "d", 1);
        owner_wait(owner, &owner->asked_count, number);
    }
    assert_echo(owner, peer, 51);
    close(peer);
    owner_destroy(owner);
}

static void closing_sends_what_was_replied_and_tells_of_nobody(void **state)
{
    (void)state;
    struct owner *owner = owner_create(8, BUSY);
    int peer = peer_open(owner), other = peer_open(owner);
    peer_ask(peer, 1, "p", 1);
    owner_wait(owner, &owner->parked_count, 1);
    peer_ask(peer, 2, "hello", 5);
    owner_reply_parked(owner, "done");
    close(other);
    link_close(owner->link);
    owner->link = NULL;
    char body[64];
    assert_int_equal(peer_answer(owner, peer, body), 1);
    assert_string_equal(body, "done");
    assert_ended(owner, peer);
    assert_int_equal(owner->asked_count, 1);
    assert_int_equal(owner->gone_count, 0);
    char error[256];
    assert_int_equal(owner_listen(owner, "tcp://127.0.0.1:0", 8, BUSY, error), STATUS_ok);
    close(peer);
    owner_destroy(owner);
}

static void closing_frees_what_is_parked(void **state)
{
    (void)state;
    struct owner *owner = owner_create(100, BUSY);
    int peer = peer_open(owner);
    for (uint32_t number = 0; number < 100; number++)
        peer_ask(peer, number, "p", 1);
    owner_wait(owner, &owner->parked_count, 100);
    owner_destroy(owner);
    char byte;
    assert_int_equal(recv(peer, &byte, 1, 0), 0);
    close(peer);
}

/* Far more waits in the sockets than one turn may read, and the other one asks last. */
static void a_flood_does_not_keep_others_waiting(void **state)
{
    (void)state;
    enum { FLOOD_BYTES = 1 << 20, ASK_BYTES = 28 };
    struct owner *owner = owner_create(8, BUSY);
    int flood = peer_open(owner), other = peer_open(owner);
    assert_echo(owner, other, 1);
    const int room = FLOOD_BYTES;
    setsockopt(flood, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    for (size_t sent = 0; sent < FLOOD_BYTES; sent += ASK_BYTES)
        peer_ask(flood, 1, "drop it, drop it", 16);
    size_t before = owner->asked_count;
    assert_echo(owner, other, 2);
    assert_true(owner->asked_count - before < FLOOD_BYTES / ASK_BYTES / 2);
    owner_wait(owner, &owner->asked_count, before + 2 + FLOOD_BYTES / ASK_BYTES);
    close(flood);
    close(other);
    owner_destroy(owner);
}

static void a_bad_address_is_refused_by_name(void **state)
{
    (void)state;
    struct owner *owner = owner_create(8, BUSY);
    struct owner second = {0};
    assert_int_equal(uv_loop_init(&second.loop), 0);
    char error[256];
    assert_int_equal(owner_listen(&second, link_url(owner->link), 8, BUSY, error), STATUS_in_use);
    assert_non_null(strstr(error, link_url(owner->link)));
    static const char *const bad[] = {"ipc:///tmp/x",     "ws://127.0.0.1:80",    "tcp://127.0.0.1",
                                      "tcp://127.0.0.1:", "tcp://127.0.0.1:http", "tcp://127.0.0.1:65536",
                                      "127.0.0.1:7400",   "tcp://192.0.2.1:0",    ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        error[0] = 0;
        assert_int_equal(owner_listen(&second, bad[i], 8, BUSY, error), STATUS_bad_input);
        assert_non_null(strstr(error, bad[i]));
    }
    uv_run(&second.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&second.loop), 0);
    owner_destroy(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_gets_its_reply),
        cmocka_unit_test(parked_requests_do_not_stop_others),
        cmocka_unit_test(a_peer_that_leaves_is_reported_once),
        cmocka_unit_test(beyond_its_quota_a_peer_is_told_at_once),
        cmocka_unit_test(a_peer_that_reads_late_gets_everything),
        cmocka_unit_test(peers_that_die_half_way_are_all_reported),
        cmocka_unit_test(one_connection_too_many_is_ended_and_leaves_room_again),
        cmocka_unit_test(an_oversized_frame_ends_only_its_connection),
        cmocka_unit_test(garbage_harms_nobody_else),
        cmocka_unit_test(dropped_requests_leave_room),
        cmocka_unit_test(closing_sends_what_was_replied_and_tells_of_nobody),
        cmocka_unit_test(closing_frees_what_is_parked),
        cmocka_unit_test(a_flood_does_not_keep_others_waiting),
        cmocka_unit_test(a_bad_address_is_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
