#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>
// The order matters: cmocka.h needs those above.
#include <cmocka.h>

#include "bench/peers/load.h"

/* Ten thousand messages of a few conversations through a peer in memory. */
static void run(const struct peer *peer, uint64_t rate, struct load_result *out)
{
    const struct load_options options = {
        .settings = {.queues = 8, .consumers = 4, .window = 1024, .paced = rate > 0},
        .conversations = 16,
        .body_bytes = 100,
        .rate = rate,
        .run_ms = 60000,
        .messages_max = 10000,
        .patience_ms = 300,
    };
    load_run(peer, &options, out);
    assert_int_equal(out->messages, 10000);
}

static void everything_arrives_once_and_in_order(void **state)
{
    (void)state;
    struct load_result result;
    run(&peer_memory, 0, &result);
    assert_int_equal(result.lost, 0);
    assert_int_equal(result.duplicated, 0);
    assert_int_equal(result.reordered, 0);
    assert_int_equal(result.deliver_ns.count, 10000);
    assert_true(result.messages_per_second > 0);
}

static void a_pace_is_kept(void **state)
{
    (void)state;
    struct load_result result;
    run(&peer_memory, 100000, &result);
    assert_int_equal(result.lost, 0);
    assert_int_equal(result.deliver_ns.count, 10000);
    /* The last message is due after 99.99 ms, and nothing is sent before it is due. */
    assert_true(result.seconds >= 0.0999);
}

static void a_peer_that_loses_is_found_out(void **state)
{
    (void)state;
    struct load_result result;
    run(&peer_memory_lossy, 0, &result);
    assert_int_equal(result.lost, 10);
    assert_int_equal(result.duplicated, 0);
}

static void a_peer_that_doubles_is_found_out(void **state)
{
    (void)state;
    struct load_result result;
    run(&peer_memory_doubling, 0, &result);
    assert_int_equal(result.lost, 0);
    assert_int_equal(result.duplicated, 10);
}

static void a_peer_that_disturbs_the_order_is_found_out(void **state)
{
    (void)state;
    struct load_result result;
    run(&peer_memory_delaying, 0, &result);
    assert_int_equal(result.lost, 0);
    assert_int_equal(result.duplicated, 0);
    /* Each of ten late messages, and the one that went before it in its place. */
    assert_int_equal(result.reordered, 20);
}

static void why_a_measurement_ended_is_one_line(void **state)
{
    (void)state;
    int pipes[2], status;
    char told[128] = "";
    assert_int_equal(pipe(pipes), 0);
    pid_t process = fork();
    if (process == 0) {
        dup2(pipes[1], STDERR_FILENO);
        peer_fail("%s", "connection refused\n\tIs the server running?\n");
    }
    close(pipes[1]);
    assert_int_equal(waitpid(process, &status, 0), process);
    assert_true(read(pipes[0], told, sizeof told - 1) > 0);
    close(pipes[0]);
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_string_equal(told, "relevo-peers: connection refused  Is the server running?\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_arrives_once_and_in_order),
        cmocka_unit_test(a_pace_is_kept),
        cmocka_unit_test(a_peer_that_loses_is_found_out),
        cmocka_unit_test(a_peer_that_doubles_is_found_out),
        cmocka_unit_test(a_peer_that_disturbs_the_order_is_found_out),
        cmocka_unit_test(why_a_measurement_ended_is_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
