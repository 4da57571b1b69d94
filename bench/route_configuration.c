#include "bench/route.h"

enum { AGENT_CAPACITY = 1000000 }; /* of conversations that cost 1 each: the agents are never full */

void route_name(char out[WIRE_NAME_MAX], const char *kind, uint64_t index)
{
    snprintf(out, WIRE_NAME_MAX, "bench-%s-%lu", kind, index + 1);
}

static void write_principals(FILE *out, const struct route_configuration *configuration)
{
    const struct route_options *options = configuration->options;
    char name[WIRE_NAME_MAX];
    fputs("accounts:\n", out);
    for (uint64_t i = 0; i < options->connectors; i++) {
        route_name(name, "connector", i);
        fprintf(out, "  - {name: %s, channel: bench, token: \"%s\"}\n", name, configuration->token_hash);
    }
    fprintf(out, "operators:\n  - {name: %s, token: \"%s\"}\nagents:\n", ROUTE_OPERATOR, configuration->token_hash);
    for (uint64_t i = 0; i < options->agents; i++) {
        route_name(name, "agent", i);
        fprintf(out, "  - {name: %s, kind: bot, token: \"%s\", capacity: %u, auto_accept: true, queues: [", name, configuration->token_hash,
                AGENT_CAPACITY);
        for (uint64_t queue = 0; queue < options->queues; queue++) {
            route_name(name, "queue", queue);
            fprintf(out, "%s%s", queue ? ", " : "", name);
        }
        fputs("]}\n", out);
    }
}

void route_configuration_write(FILE *out, const void *route_configuration)
{
    const struct route_configuration *configuration = route_configuration;
    char topic[WIRE_NAME_MAX], queue[WIRE_NAME_MAX];
    /* Ten million cost nothing as a bound; the default is meant for people. */
    fputs("listen: tcp://127.0.0.1:7400\nconversations_open_max: 10000000\nchannels:\n  - {channel: bench, cost: 1}\n", out);
    write_principals(out, configuration);
    fputs("queues:\n", out);
    for (uint64_t i = 0; i < configuration->options->queues; i++) {
        route_name(queue, "queue", i);
        fprintf(out, "  - {name: %s}\n", queue);
    }
    fputs("rules:\n", out);
    for (uint64_t i = 0; i < configuration->options->queues; i++) {
        route_name(topic, "topic", i);
        route_name(queue, "queue", i);
        fprintf(out, "  - {topic: %s, queue: %s}\n", topic, queue);
    }
}
