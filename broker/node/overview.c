#include "node/overview.h"

#include <assert.h>

#include "node/node.h"
#include "node/turn.h"
#include "proto/utf8.h"

enum {
    OVERVIEW_LINES_MAX =
        8192, /* of each kind: a name and eight numbers a line keep three such lists within a frame, and a short reason too */
    OVERVIEW_LINE_BYTES = WIRE_NAME_MAX + 8 * 10,
    OVERVIEW_REASON_BYTES = WIRE_NAME_MAX + 3,
};
static_assert(OVERVIEW_LINES_MAX * (3 * OVERVIEW_LINE_BYTES + OVERVIEW_REASON_BYTES) < WIRE_FRAME_MAX, "an overview always fits a frame");

static void add_queue(struct node *node, name_id id, struct wire_overview *out)
{
    if (out->queues_count == OVERVIEW_LINES_MAX)
        return;
    struct queue_stats stats = engine_queue_stats(node->engine, id);
    out->queues[out->queues_count++] = (struct wire_queue_line){
        .name = engine_name(node->engine, id),
        .waiting = stats.waiting,
        .oldest_ms = stats.oldest_ms && stats.oldest_ms < node->now_ms ? (uint64_t)(node->now_ms - stats.oldest_ms) : 0,
        .offered = stats.offered,
        .in_progress = stats.in_progress,
    };
}

static void add_agent(struct node *node, name_id id, struct wire_overview *out)
{
    struct principal_stats stats = engine_principal_stats(node->engine, id);
    if (!stats.configured || out->agents_count == OVERVIEW_LINES_MAX)
        return;
    out->agents[out->agents_count++] = (struct wire_agent_line){
        .name = engine_name(node->engine, id),
        .kind = stats.kind,
        .state = stats.state,
        .sessions = stats.sessions,
        .conversations = stats.conversations,
        .used = stats.used,
        .capacity = stats.capacity,
        .pending = stats.pending,
        .reason = utf8_cut(stats.reason, WIRE_NAME_MAX),
    };
}

static void add_account(struct node *node, name_id id, struct wire_overview *out)
{
    struct principal_stats stats = engine_principal_stats(node->engine, id);
    if (!stats.configured || out->accounts_count == OVERVIEW_LINES_MAX)
        return;
    out->accounts[out->accounts_count++] = (struct wire_account_line){
        .name = engine_name(node->engine, id),
        .channel = stats.channel,
        .sessions = stats.sessions,
        .pending = stats.pending,
    };
}

static void add_name(struct node *node, name_id id, struct wire_overview *out)
{
    switch (engine_name_kind(node->engine, id)) {
    case NAME_KIND_queue:
        add_queue(node, id, out);
        return;
    case NAME_KIND_agent:
        add_agent(node, id, out);
        return;
    case NAME_KIND_account:
        add_account(node, id, out);
        return;
    case NAME_KIND_skill:
    case NAME_KIND_operator:
    case NAME_KIND_channel:
    case NAME_KIND_plan:
        return;
    }
}

static void add_lines(struct node *node, struct request *request, struct wire_overview *out)
{
    name_id names = engine_name_max(node->engine);
    uint32_t lines = names < OVERVIEW_LINES_MAX ? names : OVERVIEW_LINES_MAX;
    out->queues = arena_take(&request->arena, (lines + 1) * sizeof *out->queues);
    out->agents = arena_take(&request->arena, (lines + 1) * sizeof *out->agents);
    out->accounts = arena_take(&request->arena, (lines + 1) * sizeof *out->accounts);
    for (name_id id = 1; id <= names; id++)
        add_name(node, id, out);
}

void overview_take(struct node *node, struct request *request)
{
    struct engine_stats stats = engine_stats(node->engine);
    bool with_digest = request->frame.status.digest && request->kind == NAME_KIND_operator;
    struct frame frame = {.verb = VERB_overview};
    frame.overview = (struct wire_overview){
        .broker = span_of("relevod " RELEVO_VERSION),
        .now_ms = (uint64_t)node->now_ms,
        .uptime_ms = uv_now(&node->loop) - node->started_ms,
        .lsn = node->newest, /* durable by the time this leaves */
        .conversations = engine_counters(node->engine).conversation,
        .open = stats.open,
        .waiting = stats.waiting,
        .sessions = stats.sessions,
        .digest = with_digest ? engine_digest(node->engine) : 0,
        .replay_from = node->checkpoint.replay_from,
    };
    add_lines(node, request, &frame.overview);
    request_reply(request, &frame);
    turn_hold(node, request);
}
