/* Pipes between a listener and a dialler on one loop, and against plain sockets that do as they like. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <cmocka.h>

#include "proto/buffer.h"
#include "proto/pipe/pipe.h"

enum { MESSAGE_MAX = 1 << 20, PATIENCE_MS = 20 * 1000, GREETING_MS = 50, UNFINISHED_MAX = 3 * (MESSAGE_MAX + 8) };

/* One end: what its callbacks saw. */
struct end {
    struct pipe_source *source;
    struct pipe *pipe;  /* opened last; NULL: gone */
    struct buffer came; /* all messages, one behind the other */
    uint32_t messages, opened, gone;
};

struct stage {
    uv_loop_t loop;
    uv_timer_t patience;
    struct end server, client;
    uint32_t greeting_ms; /* of the listener */
};

static void on_opened(void *context, struct pipe *pipe)
{
    struct end *end = context;
    end->opened++;
    end->pipe = pipe;
}

static bool on_message(void *context, struct pipe *pipe, struct span message)
{
    struct end *end = context;
    assert_ptr_equal(pipe, end->pipe);
    end->messages++;
    buffer_append(&end->came, message.data, message.size);
    return !span_equal(message, span_of("nonsense"));
}

static void on_gone(void *context, struct pipe *pipe)
{
    struct end *end = context;
    end->gone++;
    if (end->pipe == pipe)
        end->pipe = NULL;
}

static struct pipe_owner owner_of(struct end *end, enum pipe_protocol protocol)
{
    return (struct pipe_owner){.context = end,
                               .protocol = protocol,
                               .message_bytes_max = MESSAGE_MAX,
                               .on_opened = on_opened,
                               .on_message = on_message,
                               .on_gone = on_gone};
}

static void stage_listen(struct stage *stage, const char *url)
{
    struct pipe_owner owner = owner_of(&stage->server, PIPE_rep);
    owner.greeting_ms = stage->greeting_ms;
    owner.unfinished_bytes_max = UNFINISHED_MAX;
    char error[256] = "";
    if (pipe_listen(&stage->loop, url, &owner, &stage->server.source, error) != STATUS_ok)
        fail_msg("%s", error);
}

static void stage_dial(struct stage *stage, const char *url)
{
    struct pipe_owner owner = owner_of(&stage->client, PIPE_req);
    char error[256] = "";
    if (pipe_dial(&stage->loop, url, &owner, &stage->client.source, error) != STATUS_ok)
        fail_msg("%s", error);
}

static void on_patience(uv_timer_t *patience)
{
    (void)patience;
    fail_msg("nothing happens any more");
}

static struct stage *stage_create_for(uint32_t greeting_ms)
{
    struct stage *stage = calloc(1, sizeof *stage);
    assert_non_null(stage);
    assert_int_equal(uv_loop_init(&stage->loop), 0);
    uv_timer_init(&stage->loop, &stage->patience);
    uv_timer_start(&stage->patience, on_patience, PATIENCE_MS, 0);
    stage->greeting_ms = greeting_ms;
    stage_listen(stage, "tcp://127.0.0.1:0");
    return stage;
}

static struct stage *stage_create(void)
{
    return stage_create_for(0);
}

static void stage_destroy(struct stage *stage)
{
    if (stage->client.source)
        pipe_source_close(stage->client.source);
    pipe_source_close(stage->server.source);
    assert_null(stage->client.pipe);
    assert_null(stage->server.pipe);
    uv_close((uv_handle_t *)&stage->patience, NULL);
    uv_run(&stage->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&stage->loop), 0);
    buffer_fini(&stage->client.came);
    buffer_fini(&stage->server.came);
    free(stage);
}

static void stage_turn(struct stage *stage)
{
    pipe_source_flush(stage->server.source);
    if (stage->client.source)
        pipe_source_flush(stage->client.source);
    struct pollfd ready = {.fd = uv_backend_fd(&stage->loop), .events = POLLIN};
    poll(&ready, 1, uv_backend_timeout(&stage->loop));
    uv_run(&stage->loop, UV_RUN_NOWAIT);
}

static void await_count(struct stage *stage, const uint32_t *count, uint32_t wanted)
{
    while (*count < wanted)
        stage_turn(stage);
    assert_int_equal(*count, wanted);
}

/* Both ends know of each other. */
static struct stage *stage_connected(void)
{
    struct stage *stage = stage_create();
    stage_dial(stage, pipe_source_url(stage->server.source));
    await_count(stage, &stage->server.opened, 1);
    await_count(stage, &stage->client.opened, 1);
    return stage;
}

static void assert_came(struct end *end, const char *text)
{
    assert_true(span_equal(buffer_span(&end->came), span_of(text)));
    buffer_clear(&end->came);
}

static void send_text(struct end *end, const char *text)
{
    pipe_send(end->pipe, span_of("<"), span_of(text));
}

static int port_of(const struct stage *stage)
{
    return atoi(strrchr(pipe_source_url(stage->server.source), ':') + 1);
}

static int plain_connect(const struct stage *stage)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    const struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port_of(stage)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static void plain_greet(int fd)
{
    assert_int_equal(send(fd, "\0SP\0\0\x30\0\0", 8, MSG_NOSIGNAL), 8);
}

/* Turns until the other side has ended the connection. */
static void plain_await_end(struct stage *stage, int fd)
{
    char bytes[4096];
    ssize_t size;
    while ((size = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0 || (size < 0 && errno == EAGAIN))
        if (size < 0)
            stage_turn(stage);
}

static void messages_go_both_ways_with_the_flush(void **state)
{
    (void)state;
    struct stage *stage = stage_connected();
    send_text(&stage->client, "one>");
    send_text(&stage->client, "two>");
    assert_int_equal(pipe_unread(stage->client.pipe), 2 * (8 + 5));
    pipe_source_flush(stage->client.source);
    assert_int_equal(pipe_unread(stage->client.pipe), 0);
    await_count(stage, &stage->server.messages, 2);
    assert_came(&stage->server, "<one><two>");
    send_text(&stage->server, "three>");
    await_count(stage, &stage->client.messages, 1);
    assert_came(&stage->client, "<three>");
    stage_destroy(stage);
}

/* Every cut through a greeting, a length and a message. */
static void bytes_may_come_one_by_one(void **state)
{
    (void)state;
    static const char stream[] = "\0SP\0\0\x30\0\0"
                                 "\0\0\0\0\0\0\0\5"
                                 "hello"
                                 "\0\0\0\0\0\0\0\0"
                                 "\0\0\0\0\0\0\0\5"
                                 "world";
    for (size_t cut = 1; cut < sizeof stream; cut++) {
        struct stage *stage = stage_create();
        int fd = plain_connect(stage);
        for (size_t at = 0; at < sizeof stream - 1; at += cut) {
            size_t size = sizeof stream - 1 - at < cut ? sizeof stream - 1 - at : cut;
            assert_int_equal(send(fd, stream + at, size, MSG_NOSIGNAL), size);
            stage_turn(stage);
        }
        await_count(stage, &stage->server.messages, 3);
        assert_came(&stage->server, "helloworld");
        close(fd);
        stage_destroy(stage);
    }
}

static void the_largest_message_is_taken_and_one_more_byte_is_not(void **state)
{
    (void)state;
    static char body[MESSAGE_MAX];
    memset(body, 'x', sizeof body);
    struct stage *stage = stage_connected();
    pipe_send(stage->client.pipe, (struct span){0}, (struct span){body, sizeof body});
    send_text(&stage->client, "after");
    await_count(stage, &stage->server.messages, 2);
    assert_int_equal(stage->server.came.size, MESSAGE_MAX + 6);
    pipe_send(stage->client.pipe, span_of("<"), (struct span){body, sizeof body});
    await_count(stage, &stage->server.gone, 1);
    await_count(stage, &stage->client.gone, 1);
    assert_int_equal(stage->server.messages, 2);
    stage_destroy(stage);
}

/* It is written from where it is as far as the socket takes it, and gathered from there. */
static void a_large_message_goes_at_once_and_arrives_whole(void **state)
{
    (void)state;
    static char body[MESSAGE_MAX - 1];
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = (char)(i % 251);
    struct stage *stage = stage_connected();
    pipe_send(stage->client.pipe, span_of("<"), (struct span){body, sizeof body});
    assert_true(pipe_unread(stage->client.pipe) < sizeof body);
    send_text(&stage->client, "after>");
    await_count(stage, &stage->server.messages, 2);
    assert_int_equal(stage->server.came.size, 1 + sizeof body + 7);
    assert_memory_equal(stage->server.came.data, "<", 1);
    assert_memory_equal(stage->server.came.data + 1, body, sizeof body);
    assert_memory_equal(stage->server.came.data + 1 + sizeof body, "<after>", 7);
    stage_destroy(stage);
}

/* What is not read fills the sockets, and then waits; the end that waits stops reading too, until it is read from. */
static void a_peer_that_does_not_read_is_not_read_from(void **state)
{
    (void)state;
    static char body[MESSAGE_MAX], bytes[MESSAGE_MAX];
    struct stage *stage = stage_create();
    int fd = plain_connect(stage);
    plain_greet(fd);
    await_count(stage, &stage->server.opened, 1);
    uint32_t sent = 0;
    while (pipe_unread(stage->server.pipe) < 8 << 20) {
        pipe_send(stage->server.pipe, (struct span){0}, (struct span){body, sizeof body});
        pipe_source_flush(stage->server.source);
        sent++;
    }
    assert_int_equal(send(fd, "\0\0\0\0\0\0\0\3ask", 11, MSG_NOSIGNAL), 11);
    for (int i = 0; i < 10; i++)
        uv_run(&stage->loop, UV_RUN_NOWAIT);
    assert_int_equal(stage->server.messages, 0);
    size_t wanted = 8 + (size_t)sent * (8 + MESSAGE_MAX), got = 0;
    while (got < wanted) {
        ssize_t size = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
        assert_true(size > 0 || (size < 0 && errno == EAGAIN));
        if (size > 0)
            got += (size_t)size;
        else
            stage_turn(stage);
    }
    await_count(stage, &stage->server.messages, 1);
    assert_came(&stage->server, "ask");
    close(fd);
    stage_destroy(stage);
}

/* The largest message but its last byte. */
static void plain_begin(struct stage *stage, int fd)
{
    static const char length[8] = {0, 0, 0, 0, 0, MESSAGE_MAX >> 16, 0, 0};
    static const char body[MESSAGE_MAX - 1];
    uint32_t opened = stage->server.opened;
    plain_greet(fd);
    await_count(stage, &stage->server.opened, opened + 1);
    assert_int_equal(send(fd, length, sizeof length, MSG_NOSIGNAL), sizeof length);
    for (size_t at = 0; at < sizeof body; stage_turn(stage)) {
        ssize_t size = send(fd, body + at, sizeof body - at, MSG_NOSIGNAL | MSG_DONTWAIT);
        assert_true(size > 0 || (size < 0 && errno == EAGAIN));
        at += size > 0 ? (size_t)size : 0;
    }
}

/* So many that never end would fill the memory. */
static void the_longest_unfinished_message_makes_room_for_others(void **state)
{
    (void)state;
    struct stage *stage = stage_create();
    int fds[4];
    for (int i = 0; i < 4; i++)
        plain_begin(stage, fds[i] = plain_connect(stage));
    await_count(stage, &stage->server.gone, 1);
    plain_await_end(stage, fds[0]);
    assert_int_equal(send(fds[3], "", 1, MSG_NOSIGNAL), 1);
    await_count(stage, &stage->server.messages, 1);
    for (int i = 0; i < 4; i++)
        close(fds[i]);
    await_count(stage, &stage->server.gone, 4);
    stage_destroy(stage);
}

static void what_an_ended_pipe_had_left_is_not_unread(void **state)
{
    (void)state;
    static char body[MESSAGE_MAX];
    struct stage *stage = stage_create();
    int fd = plain_connect(stage);
    plain_greet(fd);
    await_count(stage, &stage->server.opened, 1);
    struct pipe *held = stage->server.pipe;
    pipe_hold(held);
    while (pipe_unread(held) == 0) {
        pipe_send(held, (struct span){0}, (struct span){body, sizeof body});
        pipe_source_flush(stage->server.source);
    }
    pipe_close(held);
    await_count(stage, &stage->server.gone, 1);
    assert_int_equal(pipe_unread(held), 0);
    pipe_release(held);
    close(fd);
    stage_destroy(stage);
}

static void who_does_not_greet_in_time_is_no_peer(void **state)
{
    (void)state;
    struct stage *stage = stage_create_for(GREETING_MS);
    int silent = plain_connect(stage), slow = plain_connect(stage), polite = plain_connect(stage);
    assert_int_equal(send(slow, "\0SP", 3, MSG_NOSIGNAL), 3);
    plain_greet(polite);
    plain_await_end(stage, silent);
    plain_await_end(stage, slow);
    assert_int_equal(send(polite, "\0\0\0\0\0\0\0\2hi", 10, MSG_NOSIGNAL), 10);
    await_count(stage, &stage->server.messages, 1);
    assert_int_equal(stage->server.opened, 1);
    assert_int_equal(stage->server.gone, 0);
    close(silent);
    close(slow);
    close(polite);
    stage_destroy(stage);
}

/* The greeting is there, and only the loop was late. */
static void a_busy_loop_is_not_held_against_the_peer(void **state)
{
    (void)state;
    struct stage *stage = stage_create_for(GREETING_MS);
    int fd = plain_connect(stage);
    stage_turn(stage);
    plain_greet(fd);
    poll(NULL, 0, GREETING_MS + 10);
    await_count(stage, &stage->server.opened, 1);
    close(fd);
    await_count(stage, &stage->server.gone, 1);
    stage_destroy(stage);
}

static void a_dialler_comes_back_again_and_again(void **state)
{
    (void)state;
    struct stage *stage = stage_connected();
    char url[64];
    snprintf(url, sizeof url, "%s", pipe_source_url(stage->server.source));
    for (uint32_t round = 1; round <= 3; round++) {
        pipe_source_close(stage->server.source);
        assert_int_equal(stage->server.gone, round);
        await_count(stage, &stage->client.gone, round);
        stage_listen(stage, url);
        await_count(stage, &stage->client.opened, round + 1);
        await_count(stage, &stage->server.opened, round + 1);
    }
    pipe_close(stage->server.pipe); /* this end may also be the one to hang up */
    await_count(stage, &stage->client.opened, 5);
    stage_destroy(stage);
}

/* "localhost" is looked up; on many machines ::1 is the first answer, where nobody listens. */
static void a_host_has_a_name(void **state)
{
    (void)state;
    struct addrinfo *found = NULL;
    if (getaddrinfo("localhost", NULL, NULL, &found) != 0) {
        print_message("a_host_has_a_name: skipped: this machine does not know the name localhost (no /etc/hosts)\n");
        skip();
    }
    freeaddrinfo(found);
    struct stage *stage = stage_create();
    char url[64];
    snprintf(url, sizeof url, "tcp://localhost:%d", port_of(stage));
    stage_dial(stage, url);
    await_count(stage, &stage->client.opened, 1);
    stage_destroy(stage);
}

static void an_unknown_host_is_asked_for_until_the_end(void **state)
{
    (void)state;
    struct stage *stage = stage_create();
    stage_dial(stage, "tcp://nobody.invalid:1");
    uv_run(&stage->loop, UV_RUN_NOWAIT);
    stage_destroy(stage);
}

static void an_address_has_a_host(void **state)
{
    (void)state;
    struct stage *stage = stage_create();
    struct pipe_owner owner = owner_of(&stage->client, PIPE_req);
    struct pipe_source *source;
    char error[256] = "";
    assert_int_equal(pipe_dial(&stage->loop, "tcp://:7400", &owner, &source, error), STATUS_bad_input);
    assert_string_equal(error, "'tcp://:7400' is not an address: the host is missing");
    pipe_source_close(stage->server.source);
    stage_listen(stage, "tcp://:0"); /* every address of this machine */
    assert_true(port_of(stage) > 0);
    stage_destroy(stage);
}

static void an_ended_pipe_may_be_held(void **state)
{
    (void)state;
    struct stage *stage = stage_connected();
    struct pipe *held = stage->server.pipe;
    pipe_hold(held);
    pipe_send(held, span_of("still in the buffer"), (struct span){0});
    pipe_close(held);
    await_count(stage, &stage->server.gone, 1);
    pipe_send(held, span_of("to nobody"), (struct span){0});
    pipe_close(held);
    pipe_source_flush(stage->server.source);
    assert_int_equal(pipe_unread(held), 0);
    pipe_release(held);
    stage_destroy(stage);
}

static void a_malformed_message_ends_its_connection(void **state)
{
    (void)state;
    struct stage *stage = stage_connected();
    pipe_send(stage->client.pipe, (struct span){0}, span_of("nonsense"));
    send_text(&stage->client, "not looked at");
    await_count(stage, &stage->server.gone, 1);
    assert_int_equal(stage->server.messages, 1);
    stage_destroy(stage);
}

/* Without descriptors nothing can be accepted, and what waits must not keep the loop turning. */
static void without_descriptors_the_listener_rests(void **state)
{
    (void)state;
    enum { TURNS_MAX = 20 };
    struct stage *stage = stage_create();
    int fd = plain_connect(stage), turns = 0;
    struct rlimit old, none;
    getrlimit(RLIMIT_NOFILE, &old);
    none = (struct rlimit){.rlim_cur = (rlim_t)fd, .rlim_max = old.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    uint64_t until_ms = uv_now(&stage->loop) + 250;
    for (; uv_now(&stage->loop) < until_ms; turns++)
        stage_turn(stage);
    setrlimit(RLIMIT_NOFILE, &old);
    assert_in_range(turns, 1, TURNS_MAX);
    plain_greet(fd);
    await_count(stage, &stage->server.opened, 1);
    close(fd);
    stage_destroy(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_go_both_ways_with_the_flush),
        cmocka_unit_test(bytes_may_come_one_by_one),
        cmocka_unit_test(the_largest_message_is_taken_and_one_more_byte_is_not),
        cmocka_unit_test(a_large_message_goes_at_once_and_arrives_whole),
        cmocka_unit_test(a_peer_that_does_not_read_is_not_read_from),
        cmocka_unit_test(the_longest_unfinished_message_makes_room_for_others),
        cmocka_unit_test(what_an_ended_pipe_had_left_is_not_unread),
        cmocka_unit_test(who_does_not_greet_in_time_is_no_peer),
        cmocka_unit_test(a_busy_loop_is_not_held_against_the_peer),
        cmocka_unit_test(a_dialler_comes_back_again_and_again),
        cmocka_unit_test(a_host_has_a_name),
        cmocka_unit_test(an_unknown_host_is_asked_for_until_the_end),
        cmocka_unit_test(an_address_has_a_host),
        cmocka_unit_test(an_ended_pipe_may_be_held),
        cmocka_unit_test(a_malformed_message_ends_its_connection),
        cmocka_unit_test(without_descriptors_the_listener_rests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
