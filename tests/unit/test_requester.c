/* Requesters against a broker that is one socket, played by hand. */
#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
// The order matters: cmocka.h needs those above.
#include <cmocka.h>

#include "bench/load/requester.h"

enum { PATIENCE = 2000, WAIT_NS = 10000000 };

struct stage {
    int listener, broker; /* the broker's ends */
    struct requesters requesters;
    struct requester requester;
    char notes[400]; /* what the callbacks saw, in order */
};

static void note(struct requester *requester, const char *what)
{
    struct stage *stage = requester->owner;
    size_t size = strlen(stage->notes);
    snprintf(stage->notes + size, sizeof stage->notes - size, "%s ", what);
}

static void on_open(struct requester *requester)
{
    note(requester, "open");
}

static void on_reply(struct requester *requester, uint32_t tag, const struct frame *reply)
{
    char what[40];
    snprintf(what, sizeof what, "%u:%lu", tag, reply->verb == VERB_alive ? reply->alive.now_ms : 0);
    note(requester, what);
}

static void on_gone(struct requester *requester)
{
    note(requester, "gone");
}

static int dialled(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htobe32(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    char url[64];
    stage->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(stage->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(stage->listener, 8), 0);
    getsockname(stage->listener, (struct sockaddr *)&address, &size);
    snprintf(url, sizeof url, "tcp://127.0.0.1:%u", be16toh(address.sin_port));
    const struct requesters_user user = {stage, on_open, on_reply, on_gone};
    assert_true(requesters_init(&stage->requesters, url, &user));
    stage->requester.owner = stage;
    assert_true(requester_dial(&stage->requesters, &stage->requester));
    stage->broker = accept(stage->listener, NULL, NULL);
    *state = stage;
    return 0;
}

static int finished(void **state)
{
    struct stage *stage = *state;
    requester_close(&stage->requester, false);
    requesters_fini(&stage->requesters);
    close(stage->broker);
    close(stage->listener);
    free(stage);
    return 0;
}

static void says(struct stage *stage, const void *bytes, size_t size)
{
    assert_int_equal(send(stage->broker, bytes, size, MSG_NOSIGNAL), size);
}

static void greets(struct stage *stage)
{
    says(stage, "\0SP\0\0\x31\0\0", 8);
}

static void awaits(struct stage *stage, const char *notes)
{
    for (int i = 0; i < PATIENCE && strcmp(stage->notes, notes) != 0; i++)
        requesters_wait(&stage->requesters, WAIT_NS);
    assert_string_equal(stage->notes, notes);
}

/* A reply as it is on the wire, in `out`. */
static size_t alive(char out[64], uint32_t tag, uint64_t now_ms)
{
    struct buffer frame = {0};
    codec_encode(&frame, &(struct frame){.verb = VERB_alive, .alive = {.now_ms = now_ms}});
    uint64_t length = htobe64(frame.size + 4);
    uint32_t id = htobe32(tag | 1u << 31);
    memcpy(out, &length, 8);
    memcpy(out + 8, &id, 4);
    memcpy(out + 12, frame.data, frame.size);
    size_t size = frame.size + 12;
    buffer_fini(&frame);
    return size;
}

static void a_request_is_framed_with_its_tag(void **state)
{
    struct stage *stage = *state;
    char got[64], expected[] = "\0SP\0\0\x30\0\0";
    greets(stage);
    awaits(stage, "open ");
    requester_ask(&stage->requester, 7, &(struct frame){.verb = VERB_heartbeat, .heartbeat = {.session = 3}});
    assert_int_equal(recv(stage->broker, got, 8, MSG_WAITALL), 8);
    assert_memory_equal(got, expected, 8);
    assert_int_equal(recv(stage->broker, got, 17, MSG_WAITALL), 17);
    assert_memory_equal(got, "\0\0\0\0\0\0\0\x9\x80\0\0\x7\x82\0\x7\x1\x3", 17);
}

static void replies_come_whole_however_they_are_cut(void **state)
{
    struct stage *stage = *state;
    char bytes[128];
    size_t size = alive(bytes, 1, 1000);
    size += alive(bytes + size, 2, 2000);
    greets(stage);
    awaits(stage, "open ");
    for (size_t i = 0; i + 1 < size; i++) {
        says(stage, bytes + i, 1);
        requesters_wait(&stage->requesters, WAIT_NS);
    }
    assert_string_equal(stage->notes, "open 1:1000 ");
    says(stage, bytes + size - 1, 1);
    awaits(stage, "open 1:1000 2:2000 ");
    assert_int_equal(stage->requester.in.size, 0);
}

static void replies_come_all_when_they_come_together(void **state)
{
    struct stage *stage = *state;
    char bytes[128];
    size_t size = alive(bytes, 1, 1000);
    size += alive(bytes + size, 2, 2000);
    greets(stage);
    says(stage, bytes, size);
    awaits(stage, "open 1:1000 2:2000 ");
}

static void a_wrong_greeting_ends_it(void **state)
{
    struct stage *stage = *state;
    says(stage, "HTTP/1.1 400", 12);
    awaits(stage, "gone ");
    assert_int_equal(stage->requester.fd, -1);
}

static void what_is_no_reply_ends_it(void **state)
{
    struct stage *stage = *state;
    greets(stage);
    says(stage, "\0\0\0\0\0\0\0\x5\x80\0\0\x1\xc1", 13);
    awaits(stage, "open gone ");
}

static void a_reply_beyond_all_bounds_ends_it(void **state)
{
    struct stage *stage = *state;
    greets(stage);
    says(stage, "\xff\0\0\0\0\0\0\x5", 8);
    awaits(stage, "open gone ");
}

static void what_the_socket_does_not_take_is_written_later(void **state)
{
    struct stage *stage = *state;
    static char bytes[32 << 20], got[1 << 20];
    greets(stage);
    awaits(stage, "open ");
    memset(bytes, 'x', sizeof bytes);
    requester_write(&stage->requester, bytes, sizeof bytes);
    assert_true(requester_unwritten(&stage->requester) > 0);
    for (size_t read = 0; read < sizeof bytes + 8;) {
        ssize_t size = recv(stage->broker, got, sizeof got, 0);
        assert_true(size > 0);
        read += (size_t)size;
        requesters_wait(&stage->requesters, 0);
    }
    assert_int_equal(requester_unwritten(&stage->requester), 0);
}

static void who_stops_reading_is_told_nothing(void **state)
{
    struct stage *stage = *state;
    char bytes[64];
    greets(stage);
    awaits(stage, "open ");
    requester_stop_reading(&stage->requester);
    says(stage, bytes, alive(bytes, 1, 1000));
    for (int i = 0; i < 3; i++)
        requesters_wait(&stage->requesters, WAIT_NS);
    assert_string_equal(stage->notes, "open ");
}

static void a_reset_is_seen_as_one(void **state)
{
    struct stage *stage = *state;
    char byte;
    greets(stage);
    awaits(stage, "open ");
    assert_int_equal(recv(stage->broker, &(char[8]){0}, 8, MSG_WAITALL), 8);
    requester_close(&stage->requester, true);
    assert_int_equal(recv(stage->broker, &byte, 1, 0), -1);
}

static void an_address_is_a_number_and_a_port(void **state)
{
    (void)state;
    static const char *const wrong[] = {"tcp://localhost:7400", "tcp://127.0.0.1", "ipc:///x", "", "tcp://1.2.3:1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct requesters requesters;
        const struct requesters_user user = {0};
        assert_false(requesters_init(&requesters, wrong[i], &user));
        requesters_fini(&requesters);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_request_is_framed_with_its_tag, dialled, finished),
        cmocka_unit_test_setup_teardown(replies_come_whole_however_they_are_cut, dialled, finished),
        cmocka_unit_test_setup_teardown(replies_come_all_when_they_come_together, dialled, finished),
        cmocka_unit_test_setup_teardown(a_wrong_greeting_ends_it, dialled, finished),
        cmocka_unit_test_setup_teardown(what_is_no_reply_ends_it, dialled, finished),
        cmocka_unit_test_setup_teardown(a_reply_beyond_all_bounds_ends_it, dialled, finished),
        cmocka_unit_test_setup_teardown(what_the_socket_does_not_take_is_written_later, dialled, finished),
        cmocka_unit_test_setup_teardown(who_stops_reading_is_told_nothing, dialled, finished),
        cmocka_unit_test_setup_teardown(a_reset_is_seen_as_one, dialled, finished),
        cmocka_unit_test(an_address_is_a_number_and_a_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
