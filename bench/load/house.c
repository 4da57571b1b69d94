#include "bench/load/house.h"

enum { ROOM = 1000000 }; /* of conversations that cost 1 each: the agents are never full */

void house_name(char out[WIRE_NAME_MAX], const char *kind, uint64_t index)
{
    snprintf(out, WIRE_NAME_MAX, "bench-%s-%lu", kind, index + 1);
}

static void write_account(FILE *out, const struct house *house, const char *kind, uint64_t index)
{
    char name[WIRE_NAME_MAX];
    house_name(name, kind, index);
    fprintf(out, "  - {name: %s, channel: bench, token: \"%s\"}\n", name, house->token_hash);
}

/* As far as its queues. */
static void write_agent(FILE *out, const struct house *house, const char *kind, uint64_t index)
{
    char name[WIRE_NAME_MAX];
    house_name(name, kind, index);
    fprintf(out, "  - {name: %s, kind: bot, token: \"%s\", capacity: %lu, auto_accept: %s, queues: [", name, house->token_hash,
            house->room ? house->room : ROOM, house->offers ? "false" : "true");
}

static void write_principals(FILE *out, const struct house *house)
{
    char name[WIRE_NAME_MAX];
    fputs("accounts:\n", out);
    for (uint64_t i = 0; i < house->connectors; i++)
        write_account(out, house, "connector", i);
    for (uint64_t i = 0; i < house->strangers; i++)
        write_account(out, house, "stranger", i);
    fprintf(out, "operators:\n  - {name: %s, token: \"%s\"}\nagents:\n", HOUSE_OPERATOR, house->token_hash);
    for (uint64_t i = 0; i < house->agents; i++) {
        write_agent(out, house, "agent", i);
        for (uint64_t queue = 0; queue < house->queues; queue++) {
            house_name(name, "queue", queue);
            fprintf(out, "%s%s", queue ? ", " : "", name);
        }
        fputs("]}\n", out);
    }
    for (uint64_t i = 0; i < house->strangers; i++) {
        house_name(name, "stranger", i);
        write_agent(out, house, "stranger", i);
        fprintf(out, "%s]}\n", name);
    }
}

static void write_queues(FILE *out, const struct house *house)
{
    char topic[WIRE_NAME_MAX], queue[WIRE_NAME_MAX];
    fputs("queues:\n", out);
    for (uint64_t i = 0; i < house->queues; i++) {
        house_name(queue, "queue", i);
        fprintf(out, "  - {name: %s}\n", queue);
    }
    for (uint64_t i = 0; i < house->strangers; i++) {
        house_name(queue, "stranger", i);
        fprintf(out, "  - {name: %s}\n", queue);
    }
    fputs("rules:\n", out);
    for (uint64_t i = 0; i < house->queues; i++) {
        house_name(topic, "topic", i);
        house_name(queue, "queue", i);
        fprintf(out, "  - {topic: %s, queue: %s}\n", topic, queue);
    }
    for (uint64_t i = 0; i < house->strangers; i++) {
        house_name(queue, "stranger", i);
        fprintf(out, "  - {topic: %s, queue: %s}\n", queue, queue);
    }
}

void house_write(FILE *out, const struct house *house)
{
    /* Ten million cost nothing as a bound; the default is meant for people. */
    fputs("listen: tcp://127.0.0.1:7400\nconversations_open_max: 10000000\nchannels:\n  - {channel: bench, cost: 1}\n", out);
    if (house->heartbeat_ms)
        fprintf(out, "session: {heartbeat_ms: %lu, lease_ms: %lu}\n", house->heartbeat_ms, 4 * house->heartbeat_ms);
    write_principals(out, house);
    write_queues(out, house);
}
