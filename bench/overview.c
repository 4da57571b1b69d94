#include "bench/overview.h"

#include "bench/readable.h"
#include "bench/table.h"

static void print_queues(const struct wire_overview *overview, FILE *out)
{
    struct table table = {0};
    char text[READABLE_MAX];
    table_left(&table, "QUEUE");
    table_right(&table, "WAITING");
    table_right(&table, "OLDEST");
    table_right(&table, "OFFERED");
    table_right(&table, "IN PROGRESS");
    for (uint32_t i = 0; i < overview->queues_count; i++) {
        const struct wire_queue_line *queue = &overview->queues[i];
        table_span(&table, queue->name);
        table_cell(&table, "%s", readable_count(text, queue->waiting));
        table_cell(&table, "%s", queue->waiting ? readable_duration(text, queue->oldest_ms) : "-");
        table_cell(&table, "%s", readable_count(text, queue->offered));
        table_cell(&table, "%s", readable_count(text, queue->in_progress));
    }
    table_print(&table, out);
    table_fini(&table);
}

static void print_agents(const struct wire_overview *overview, FILE *out)
{
    struct table table = {0};
    char text[READABLE_MAX];
    table_left(&table, "AGENT");
    table_left(&table, "KIND");
    table_left(&table, "STATE");
    table_right(&table, "SESSIONS");
    table_right(&table, "CONVERSATIONS");
    table_right(&table, "CAPACITY USED");
    table_right(&table, "UNDELIVERED");
    table_left(&table, "REASON");
    for (uint32_t i = 0; i < overview->agents_count; i++) {
        const struct wire_agent_line *agent = &overview->agents[i];
        table_span(&table, agent->name);
        table_cell(&table, "%s", agent_kind_word((uint32_t)agent->kind));
        table_cell(&table, "%s", agent_state_word((uint32_t)agent->state));
        table_cell(&table, "%lu", agent->sessions);
        table_cell(&table, "%s", readable_count(text, agent->conversations));
        table_cell(&table, "%lu of %lu", agent->used, agent->capacity);
        table_cell(&table, "%s", readable_count(text, agent->pending));
        table_span(&table, agent->reason);
    }
    fputs(table.cells_count ? "\n" : "", out);
    table_print(&table, out);
    table_fini(&table);
}

static void print_accounts(const struct wire_overview *overview, FILE *out)
{
    struct table table = {0};
    char text[READABLE_MAX];
    table_left(&table, "ACCOUNT");
    table_left(&table, "CHANNEL");
    table_left(&table, "CONNECTOR");
    table_right(&table, "UNDELIVERED");
    for (uint32_t i = 0; i < overview->accounts_count; i++) {
        const struct wire_account_line *account = &overview->accounts[i];
        table_span(&table, account->name);
        table_span(&table, account->channel);
        table_cell(&table, "%s", account->sessions ? "connected" : "absent");
        table_cell(&table, "%s", readable_count(text, account->pending));
    }
    fputs(table.cells_count ? "\n" : "", out);
    table_print(&table, out);
    table_fini(&table);
}

void overview_print_line(const struct wire_overview *overview, FILE *out)
{
    char conversations[READABLE_MAX], open[READABLE_MAX], waiting[READABLE_MAX], records[READABLE_MAX];
    fprintf(out, "conversations %s  open %s  waiting %s  sessions %lu  records %s", readable_count(conversations, overview->conversations),
            readable_count(open, overview->open), readable_count(waiting, overview->waiting), overview->sessions,
            readable_count(records, overview->lsn));
}

void overview_print(const struct wire_overview *overview, FILE *out)
{
    char now[READABLE_MAX], uptime[READABLE_MAX];
    fprintf(out, "%.*s  %s  up %s\n", (int)overview->broker.size, overview->broker.data, readable_time(now, overview->now_ms),
            readable_duration(uptime, overview->uptime_ms));
    overview_print_line(overview, out);
    fputs("\n\n", out);
    print_queues(overview, out);
    print_agents(overview, out);
    print_accounts(overview, out);
}
