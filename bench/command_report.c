#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "bench/chronicle.h"
#include "bench/json.h"
#include "bench/readable.h"
#include "bench/table.h"
#include "bench/tally.h"

static bool is_bot(const void *context, struct span agent)
{
    const struct wire_overview *overview = context;
    for (uint32_t i = 0; i < overview->agents_count; i++)
        if (span_equal(overview->agents[i].name, agent))
            return overview->agents[i].kind == AGENT_KIND_bot;
    return false;
}

/* Walks every conversation. False: complained. */
static bool count_all(struct session *session, struct chronicle *chronicle, const struct wire_overview *overview, struct tally *tally)
{
    for (uint64_t id = 1; id <= overview->conversations; id++) {
        if (!chronicle_show(chronicle, session, id))
            return false;
        tally_conversation(tally, &chronicle->head, is_bot, overview);
    }
    return true;
}

static void print_times(struct table *table, const char *what, const struct histogram *times)
{
    char text[READABLE_MAX];
    if (!times->count)
        return;
    table_cell(table, "%s", what);
    table_cell(table, "%s", readable_count(text, times->count));
    table_cell(table, "%s", readable_duration(text, (uint64_t)histogram_mean(times)));
    table_cell(table, "%s", readable_duration(text, histogram_at(times, 0.5)));
    table_cell(table, "%s", readable_duration(text, histogram_at(times, 0.9)));
    table_cell(table, "%s", readable_duration(text, times->max));
}

static void print_all_times(const struct tally *tally)
{
    struct table table = {0};
    table_left(&table, "TIME");
    table_right(&table, "COUNT");
    table_right(&table, "MEAN");
    table_right(&table, "P50");
    table_right(&table, "P90");
    table_right(&table, "MAX");
    print_times(&table, "wait for an agent", &tally->wait_ms);
    print_times(&table, "first response by a bot", &tally->bot_response_ms);
    print_times(&table, "first response by a human", &tally->human_response_ms);
    fputs(table.cells_count ? "\n" : "", stdout);
    table_print(&table, stdout);
    table_fini(&table);
}

static void add_served(void *context, const struct tally_line *line)
{
    struct table *table = context;
    table_cell(table, "%s", line->first);
    table_cell(table, "%s", line->second[0] ? line->second : "-");
    table_cell(table, "%lu", line->conversations);
    table_cell(table, "%lu", line->messages_out);
}

static void add_account(void *context, const struct tally_line *line)
{
    struct table *table = context;
    table_cell(table, "%s", line->first);
    table_cell(table, "%lu", line->conversations);
    table_cell(table, "%lu", line->messages_in);
    table_cell(table, "%lu", line->messages_out);
}

static void add_transfer(void *context, const struct tally_line *line)
{
    struct table *table = context;
    table_cell(table, "%s", line->first);
    table_cell(table, "%s", line->second);
    table_cell(table, "%lu", line->conversations);
}

static void print_lines(struct table *table, const struct tally_lines *lines, void (*add)(void *context, const struct tally_line *line))
{
    tally_each(lines, add, table);
    fputs(table->cells_count ? "\n" : "", stdout);
    table_print(table, stdout);
    table_fini(table);
}

static void print_tables(const struct tally *tally)
{
    struct table table = {0};
    table_left(&table, "ACCOUNT");
    table_right(&table, "CONVERSATIONS");
    table_right(&table, "MESSAGES IN");
    table_right(&table, "OUT");
    print_lines(&table, &tally->accounts, add_account);
    table_left(&table, "AGENT");
    table_left(&table, "QUEUE");
    table_right(&table, "CONVERSATIONS");
    table_right(&table, "REPLIES");
    print_lines(&table, &tally->served, add_served);
    table_left(&table, "HANDED OVER BY");
    table_left(&table, "TO");
    table_right(&table, "TIMES");
    print_lines(&table, &tally->transfers, add_transfer);
}

static void print_totals(const struct tally *tally)
{
    char conversations[READABLE_MAX], finished[READABLE_MAX], in[READABLE_MAX], out[READABLE_MAX];
    printf("conversations %s, finished %s; messages in %s, out %s, notes %lu; hand-overs %lu, taken back %lu, reopened %lu\n",
           readable_count(conversations, tally->conversations), readable_count(finished, tally->finished),
           readable_count(in, tally->messages_in), readable_count(out, tally->messages_out), tally->notes, tally->hand_overs,
           tally->requeues, tally->reopened);
}

static json_t *json_of_times(const struct histogram *times)
{
    return json_pack("{s:I, s:f, s:I, s:I, s:I}", "count", (json_int_t)times->count, "mean", histogram_mean(times), "p50",
                     (json_int_t)histogram_at(times, 0.5), "p90", (json_int_t)histogram_at(times, 0.9), "max", (json_int_t)times->max);
}

static void append_account(void *context, const struct tally_line *line)
{
    json_array_append_new(context,
                          json_pack("{s:s, s:I, s:I, s:I}", "account", line->first, "conversations", (json_int_t)line->conversations,
                                    "messages_in", (json_int_t)line->messages_in, "messages_out", (json_int_t)line->messages_out));
}

static void append_served(void *context, const struct tally_line *line)
{
    json_array_append_new(context, json_pack("{s:s, s:s, s:I, s:I}", "agent", line->first, "queue", line->second, "conversations",
                                             (json_int_t)line->conversations, "replies", (json_int_t)line->messages_out));
}

static void append_transfer(void *context, const struct tally_line *line)
{
    json_array_append_new(context,
                          json_pack("{s:s, s:s, s:I}", "from", line->first, "to", line->second, "times", (json_int_t)line->conversations));
}

static void set_lines(json_t *object, const char *name, const struct tally_lines *lines, void (*append)(void *, const struct tally_line *))
{
    json_t *list = json_array();
    tally_each(lines, append, list);
    json_object_set_new(object, name, list);
}

static json_t *json_of_tally(const struct tally *tally)
{
    json_t *object =
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "conversations", (json_int_t)tally->conversations, "finished",
                  (json_int_t)tally->finished, "messages_in", (json_int_t)tally->messages_in, "messages_out",
                  (json_int_t)tally->messages_out, "notes", (json_int_t)tally->notes, "hand_overs", (json_int_t)tally->hand_overs,
                  "requeues", (json_int_t)tally->requeues, "reopened", (json_int_t)tally->reopened);
    json_object_set_new(object, "wait_ms", json_of_times(&tally->wait_ms));
    json_object_set_new(object, "first_response_bot_ms", json_of_times(&tally->bot_response_ms));
    json_object_set_new(object, "first_response_human_ms", json_of_times(&tally->human_response_ms));
    set_lines(object, "accounts", &tally->accounts, append_account);
    set_lines(object, "served", &tally->served, append_served);
    set_lines(object, "transfers", &tally->transfers, append_transfer);
    return object;
}

/* Prints the report and, when some conversation was handed over, that conversation. False: complained. */
static bool print_report(struct session *session, struct chronicle *chronicle, const struct tally *tally, bool json)
{
    uint64_t example = tally->handed_over;
    if (example && !chronicle_show(chronicle, session, example))
        return false;
    if (json) {
        json_t *object = json_of_tally(tally);
        if (example)
            json_object_set_new(object, "example", json_of_page(&chronicle->head));
        json_print(object);
        return true;
    }
    print_totals(tally);
    print_all_times(tally);
    print_tables(tally);
    if (example) {
        fputs("\none conversation that was handed over:\n", stdout);
        chronicle_print(chronicle);
    }
    return true;
}

enum command_exit command_report(int argc, char **argv)
{
    bool json = false;
    struct broker_address broker;
    const struct option_spec options[] = {{"json", OPTION_flag, &json, 0, 0, "one JSON object"}};
    const struct usage usage = {
        "report", NULL, "Reads the history of every conversation and prints volumes, waits, who served whom, and hand-overs.",
        options,  1,    &broker};
    enum command_exit exit_code;
    if (!options_parse(&usage, argc, argv, NULL, &exit_code))
        return exit_code;
    struct session session;
    if (!session_open(&session, "report", &broker))
        return COMMAND_failed;
    /* The overview must outlive the walk: it tells bots from humans. */
    struct arena arena = {0};
    struct wire_overview overview;
    struct chronicle chronicle = {0};
    struct tally *tally = must_zalloc(1, sizeof *tally);
    bool told = session_overview(&session, false, &arena, &overview) && count_all(&session, &chronicle, &overview, tally) &&
                print_report(&session, &chronicle, tally, json);
    tally_fini(tally);
    free(tally);
    chronicle_fini(&chronicle);
    arena_fini(&arena);
    session_close(&session);
    return told ? COMMAND_done : COMMAND_failed;
}
