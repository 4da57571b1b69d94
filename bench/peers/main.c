#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/json.h"
#include "bench/latency.h"
#include "bench/options.h"
#include "bench/peers/load.h"

static const struct peer *const peers[] = {&peer_redis_groups,    &peer_redis_xread,     &peer_nats,           &peer_rabbitmq_classic,
                                           &peer_rabbitmq_quorum, &peer_postgresql,      &peer_beanstalkd,     &peer_memory,
                                           &peer_memory_lossy,    &peer_memory_doubling, &peer_memory_delaying};

static const struct peer *peer_find(const char *name)
{
    for (size_t i = 0; i < sizeof peers / sizeof *peers; i++)
        if (strcmp(peers[i]->name, name) == 0)
            return peers[i];
    return NULL;
}

static void result_print(const struct peer *peer, const struct load_result *result)
{
    json_print(json_pack("{s:s, s:I, s:f, s:I, s:o, s:f, s:I, s:I, s:I}", "peer", peer->name, "messages", (json_int_t)result->messages,
                         "seconds", result->seconds, "messages_per_second", (json_int_t)result->messages_per_second, "deliver_us",
                         latency_json(&result->deliver_ns), "load_cpu_s", result->load_cpu_s, "lost", (json_int_t)result->lost,
                         "duplicated", (json_int_t)result->duplicated, "reordered", (json_int_t)result->reordered));
}

int main(int argc, char **argv)
{
    struct load_options options = {.settings = {.queues = 64, .consumers = 4, .window = 4096},
                                   .conversations = 10000,
                                   .body_bytes = 250,
                                   .warm_up_ms = 500,
                                   .run_ms = 5000,
                                   .messages_max = 50000000,
                                   .patience_ms = 10000};
    const struct option_spec specs[] = {
        {"port", OPTION_number, &options.settings.port, 0, 65535, "of the server, on 127.0.0.1"},
        {"rate", OPTION_number, &options.rate, 0, 1000000, "messages a second, on the clock; 0: closed loop"},
        {"queues", OPTION_number, &options.settings.queues, 1, PEER_QUEUES_MAX, "of the workload"},
        {"consumers", OPTION_number, &options.settings.consumers, 1, PEER_CONSUMERS_MAX, "each owns the queues of its number"},
        {"window", OPTION_number, &options.settings.window, PEER_RECEIVE_MAX, 1000000, "messages that may be unconfirmed"},
        {"conversations", OPTION_number, &options.conversations, 1, 1000000, "whose order is kept"},
        {"body-bytes", OPTION_number, &options.body_bytes, 64, 1024, "of one message"},
        {"warm-up", OPTION_number, &options.warm_up_ms, 0, 60000, "milliseconds that are verified but not counted"},
        {"run", OPTION_number, &options.run_ms, 1, 600000, "milliseconds that are"},
        {"patience", OPTION_number, &options.patience_ms, 1, 600000, "milliseconds without progress, then what is missing is lost"},
    };
    const struct usage usage = {
        .command = "peers",
        .operands = "PEER",
        .about = "Puts the load of scripts/bench-peers on a server that runs, verifies every message, and prints one JSON object.\n"
                 "PEER: redis-groups, redis-xread, nats, rabbitmq-classic, rabbitmq-quorum, postgresql, beanstalkd, or memory (none).",
        .options = specs,
        .options_count = sizeof specs / sizeof *specs,
    };
    enum command_exit status;
    const char *name;
    if (!options_parse(&usage, argc - 1, argv + 1, &name, &status))
        return status;
    const struct peer *peer = peer_find(name);
    if (!peer) {
        command_complain("peers", "there is no peer \"%s\"; --help lists them", name);
        return COMMAND_wrong;
    }
    options.settings.paced = options.rate > 0;
    struct load_result *result = malloc(sizeof *result);
    if (!result)
        peer_fail("no memory");
    load_run(peer, &options, result);
    result_print(peer, result);
    bool flawless = !result->lost && !result->duplicated && !result->reordered;
    free(result);
    return flawless ? COMMAND_done : COMMAND_failed;
}
