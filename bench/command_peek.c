#include <stdio.h>

#include "bench/json.h"
#include "bench/readable.h"
#include "bench/session.h"
#include "bench/table.h"

static void print(const struct wire_peeked *peeked)
{
    struct table table = {0};
    char text[READABLE_MAX];
    printf("%.*s: %s waiting%s\n", (int)peeked->queue.size, peeked->queue.data, readable_count(text, peeked->waiting),
           peeked->paused ? ", paused" : "");
    table_right(&table, "CONVERSATION");
    table_left(&table, "ARRIVED");
    table_left(&table, "PRIORITY");
    table_right(&table, "LANE");
    table_right(&table, "STEP");
    table_right(&table, "OFFERS");
    table_left(&table, "ACCOUNT");
    table_left(&table, "CUSTOMER");
    table_left(&table, "CAME HERE BECAUSE");
    table_right(&table, "AFTER OFFERS");
    for (uint32_t i = 0; i < peeked->lines_count; i++) {
        const struct wire_peek_line *line = &peeked->lines[i];
        table_cell(&table, "%lu", line->conversation);
        table_cell(&table, "%s", readable_time(text, line->arrival_ms));
        table_cell(&table, "%s", priority_word((uint32_t)line->priority));
        table_cell(&table, "%lu", line->lane);
        table_cell(&table, "%lu", line->step);
        table_cell(&table, "%lu", line->offers);
        table_span(&table, line->account);
        table_span(&table, line->address);
        table_span(&table, line->reason);
        table_cell(&table, "%lu", line->moved_after);
    }
    table_print(&table, stdout);
    table_fini(&table);
}

static enum command_exit peek(const struct broker_address *broker, const char *queue, uint64_t limit, bool json)
{
    struct session session;
    if (!session_open(&session, "peek", broker))
        return COMMAND_failed;
    struct arena arena = {0};
    struct frame request = {.verb = VERB_peek, .peek = {.queue = span_of(queue), .limit = limit}}, reply;
    bool told = session_answered(&session, &request, queue, &arena, &reply);
    if (told && json)
        json_print(json_of_peeked(&reply.peeked));
    else if (told)
        print(&reply.peeked);
    arena_fini(&arena);
    session_close(&session);
    return told ? COMMAND_done : COMMAND_failed;
}

enum command_exit command_peek(int argc, char **argv)
{
    bool json = false;
    uint64_t limit = 20;
    struct broker_address broker;
    const struct option_spec options[] = {
        {"limit", OPTION_number, &limit, 1, WIRE_PEEK_MAX, "at most so many"},
        {"json", OPTION_flag, &json, 0, 0, "one JSON object"},
    };
    const struct usage usage = {"peek",  "QUEUE", "Prints who waits in a queue, in the order in which they go. Nothing changes by it.",
                                options, 2,       &broker};
    const char *queue;
    enum command_exit exit_code;
    if (!options_parse(&usage, argc, argv, &queue, &exit_code))
        return exit_code;
    return peek(&broker, queue, limit, json);
}
