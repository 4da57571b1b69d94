#include "connectors/stdio/stdio_io.h"

#include <stdio.h>
#include <unistd.h>

#include "connectors/common/input.h"
#include "connectors/common/run.h"
#include "connectors/common/table.h"
#include "connectors/stdio/stdio_map.h"

enum {
    STDIO_LINE_MAX = 1 << 20, /* bytes: a change at its limits, with its texts escaped */
    STDIO_PENDING_MAX = 4096, /* changes without answer, beyond which no more input is read */
    STDIO_LANES = 64,
};

struct stdio {
    struct run run;
    struct client *client;
    const struct stdio_options *options;
    struct input input;
    struct arena arena; /* one line's change */
};

/* Takes the value. What cannot be written ends the program: a delivery that nobody saw must not count as dealt with. */
static void stdio_write(struct stdio *stdio, const char *name, json_t *value)
{
    json_t *line = json_pack("{s:o}", name, value);
    int failed = json_dumpf(line, stdout, JSON_COMPACT);
    json_decref(line);
    if (failed || putchar('\n') == EOF || fflush(stdout) == EOF) {
        perror(stdio->run.program);
        _exit(1);
    }
}

static void stdio_complain(struct stdio *stdio, uint64_t number, const char *problem)
{
    stdio_write(stdio, "error", json_pack("{s:I,s:s}", "line", (json_int_t)number, "detail", problem));
}

/* The order of one customer's changes, or of one conversation's, is the order of their lines. */
static uint32_t stdio_lane(const struct wire_change *change)
{
    return (uint32_t)(change->address.size > 0 ? table_key(change->address) : change->conversation);
}

static bool stdio_take(struct stdio *stdio, struct span line, uint64_t number, struct json_place *place)
{
    struct wire_change change;
    json_t *object = json_line(line, place);
    bool good = object && stdio_read_change(object, &stdio->arena, &change, place);
    if (good && client_submit(stdio->client, stdio_lane(&change), &change, number) != STATUS_ok)
        good = json_problem(place, "line", "too many changes wait for the broker's answer");
    arena_clear(&stdio->arena);
    json_decref(object);
    if (client_pending(stdio->client) >= STDIO_PENDING_MAX)
        input_stop(&stdio->input);
    return good;
}

static bool stdio_on_line(void *context, uint64_t number, struct span line, bool whole)
{
    struct stdio *stdio = context;
    struct json_place place = {0};
    if (!whole)
        json_problem(&place, "line", "expected at most %d bytes", STDIO_LINE_MAX);
    else if (line.size == 0 || stdio_take(stdio, line, number, &place))
        return true;
    stdio_complain(stdio, number, place.problem);
    return true;
}

static void stdio_on_end(void *context)
{
    struct stdio *stdio = context;
    run_drain(&stdio->run, 0);
}

static void stdio_on_result(void *context, uint64_t tag, const struct wire_result *result)
{
    struct stdio *stdio = context;
    json_t *value = stdio_result(result);
    json_object_set_new(value, "line", json_integer((json_int_t)tag));
    stdio_write(stdio, "result", value);
    if (!stdio->run.draining && client_pending(stdio->client) < STDIO_PENDING_MAX)
        input_resume(&stdio->input);
}

static void stdio_on_delivery(void *context, const struct wire_record *record)
{
    stdio_write(context, "delivery", stdio_record(record));
}

static void stdio_on_refused(void *context, enum status status, struct span detail)
{
    struct stdio *stdio = context;
    run_refused(&stdio->run, stdio->options->account, status, detail);
}

static void stdio_on_drain(void *context)
{
    struct stdio *stdio = context;
    input_stop(&stdio->input);
}

static bool stdio_open(struct stdio *stdio)
{
    const struct client_options options = {
        .url = stdio->options->url,
        .role = ROLE_connector,
        .name = stdio->options->account,
        .token = stdio->options->token,
        .lanes = STDIO_LANES,
        .fetch = true,
        .context = stdio,
        .on_result = stdio_on_result,
        .on_delivery = stdio_on_delivery,
        .on_refused = stdio_on_refused,
    };
    return run_client(&stdio->run, &options, &stdio->client);
}

int stdio_run(const char *program, const struct stdio_options *options)
{
    struct stdio stdio = {.options = options};
    run_open(&stdio.run, program, options->url);
    stdio.run.on_drain = stdio_on_drain;
    stdio.run.context = &stdio;
    stdio.input = (struct input){.lines.line_max = STDIO_LINE_MAX, .on_line = stdio_on_line, .on_end = stdio_on_end, .context = &stdio};
    if (stdio_open(&stdio))
        input_open(&stdio.input, &stdio.run.loop, STDIN_FILENO);
    int code = run_loop(&stdio.run);
    lines_fini(&stdio.input.lines);
    arena_fini(&stdio.arena);
    return code;
}
