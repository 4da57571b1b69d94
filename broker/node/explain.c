#include "node/explain.h"

#include <assert.h>
#include <stdio.h>

#include "engine/explain.h"
#include "engine/route.h"
#include "node/history.h"
#include "node/node.h"
#include "node/turn.h"
#include "proto/utf8.h"

enum { PEEK_LINE_BYTES = WIRE_ADDRESS_MAX + WIRE_NAME_MAX + 10 * 10 };
static_assert(WIRE_PEEK_MAX * PEEK_LINE_BYTES < WIRE_FRAME_MAX, "a peeked always fits a frame");
static_assert(WIRE_FINDINGS_MAX * (2 * WIRE_NAME_MAX + WIRE_REASON_MAX + 10 * 10) < WIRE_FRAME_MAX, "an explanation always fits a frame");

/* --- the requirement, for people --- */

static void put_skills(struct buffer *out, const struct engine *engine, const struct skill_level *skills, uint32_t count,
                       const char *between)
{
    for (uint32_t i = 0; i < count; i++) {
        struct span name = engine_name(engine, skills[i].skill);
        buffer_format(out, "%s%.*s %u", i ? between : "", (int)name.size, name.data, skills[i].level);
    }
}

/* "spanish 4 and one of billing 2, sales 3 in second_line"; the queue only where it is not `home`, the conversation's own. */
static void put_alternative(struct buffer *out, const struct engine *engine, const struct alternative *alternative, name_id home)
{
    const struct requirement *requirement = &alternative->requirement;
    put_skills(out, engine, requirement->all, requirement->all_count, " and ");
    if (requirement->any_count)
        buffer_format(out, "%sone of ", requirement->all_count ? " and " : "");
    put_skills(out, engine, requirement->any, requirement->any_count, ", ");
    if (requirement->all_count + requirement->any_count == 0)
        buffer_format(out, "anyone");
    struct span queue = engine_name(engine, alternative->queue);
    if (alternative->queue != home)
        buffer_format(out, " in %.*s", (int)queue.size, queue.data);
}

/* "spanish 4, or english 3" */
static struct span requirement_text(struct node *node, struct span bytes, name_id home)
{
    struct route route;
    buffer_clear(&node->scratch);
    if (bytes.size == 0 || !route_decode(bytes, &route))
        return (struct span){0};
    for (uint32_t i = 0; i < route.count; i++) {
        buffer_format(&node->scratch, "%s", i ? ", or " : "");
        put_alternative(&node->scratch, node->engine, &route.alternatives[i], home);
    }
    return utf8_cut(buffer_span(&node->scratch), WIRE_REASON_MAX);
}

/* --- why --- */

static struct wire_finding wire_finding_of(const struct engine *engine, const struct finding *finding)
{
    return (struct wire_finding){
        .agent = engine_name(engine, finding->agent),
        .verdict = finding->verdict,
        .until_ms = (uint64_t)finding->until_ms,
        .skill = engine_name(engine, finding->skill),
        .has = finding->has,
        .needs = finding->needs,
        .used = finding->used,
        .capacity = finding->capacity,
        .cost = finding->cost,
        .reason = finding->reason,
    };
}

static struct wire_explanation wire_explanation_of(struct node *node, const struct explanation *from)
{
    return (struct wire_explanation){
        .conversation = from->conversation,
        .state = from->state,
        .queue = engine_name(node->engine, from->queue),
        .owner = engine_name(node->engine, from->owner),
        .arrival_ms = (uint64_t)from->arrival_ms,
        .priority = from->priority,
        .key_ms = (uint64_t)from->key_ms,
        .lane = from->lane,
        .plan = engine_name(node->engine, from->plan),
        .step = from->step,
        .steps = from->steps,
        .ahead = from->ahead,
        .eligible = from->eligible,
        .signed_in = from->signed_in,
        .offers = from->offers,
        .next_ms = (uint64_t)from->next_ms,
        .next = from->next,
        .requirement = requirement_text(node, from->route, from->queue),
        .now_ms = (uint64_t)node->now_ms,
        .findings_left_out = from->findings_left_out,
    };
}

/* One that has left memory is finished, and there is no more to say of it. */
static bool explain_finished(struct node *node, conversation_id id, struct explanation *out)
{
    struct row_conversation row;
    if (!history_conversation(node, id, &row))
        return false;
    *out = (struct explanation){.conversation = id, .state = row.substate, .queue = row.queue, .arrival_ms = row.arrival_ms};
    return true;
}

static void explain(struct node *node, struct request *request, name_id agent)
{
    struct finding *findings = arena_take(&request->arena, WIRE_FINDINGS_MAX * sizeof *findings);
    struct explanation explanation = {0};
    conversation_id id = request->frame.why.conversation;
    if (!engine_explain(node->engine, id, agent, &explanation, findings, WIRE_FINDINGS_MAX) && !explain_finished(node, id, &explanation)) {
        request_error(request, STATUS_unknown_conversation, NULL);
        return;
    }
    struct frame frame = {.verb = VERB_explanation, .explanation = wire_explanation_of(node, &explanation)};
    struct wire_explanation *out = &frame.explanation;
    out->findings = arena_take(&request->arena, (explanation.findings_count + 1) * sizeof *out->findings);
    out->findings_count = explanation.findings_count;
    for (uint32_t i = 0; i < explanation.findings_count; i++)
        out->findings[i] = wire_finding_of(node->engine, &findings[i]);
    request_reply(request, &frame);
}

static void unknown_name(struct request *request, enum status status, const char *what, struct span name)
{
    char detail[WIRE_REASON_MAX];
    snprintf(detail, sizeof detail, "%s: %.*s", what, (int)name.size, name.data);
    request_error(request, status, detail);
}

void explain_take(struct node *node, struct request *request)
{
    struct span name = request->frame.why.agent;
    name_id agent = name.size ? engine_find_name(node->engine, NAME_KIND_agent, name) : 0;
    if (name.size && !agent)
        unknown_name(request, STATUS_unknown_agent, "why.agent", name);
    else
        explain(node, request, agent);
    turn_hold(node, request);
}

/* --- peek --- */

static struct wire_peek_line wire_peek_line_of(const struct engine *engine, const struct peeked *from)
{
    return (struct wire_peek_line){
        .conversation = from->conversation,
        .arrival_ms = (uint64_t)from->arrival_ms,
        .key_ms = (uint64_t)from->key_ms,
        .priority = from->priority,
        .lane = from->lane,
        .step = from->step,
        .offers = from->offers,
        .account = engine_name(engine, from->account),
        .address = from->address,
        .reason = from->cause ? span_of(cause_word(from->cause)) : (struct span){0},
        .moved_after = from->moved_after,
    };
}

static void peek(struct node *node, struct request *request, name_id queue)
{
    const struct wire_peek *asked = &request->frame.peek;
    uint32_t limit = asked->limit ? (uint32_t)asked->limit : WIRE_PEEK_MAX;
    struct peeked *waiting = arena_take(&request->arena, limit * sizeof *waiting);
    uint32_t count = engine_peek(node->engine, queue, waiting, limit);
    struct queue_stats stats = engine_queue_stats(node->engine, queue);
    struct frame frame = {.verb = VERB_peeked};
    frame.peeked = (struct wire_peeked){
        .queue = asked->queue,
        .waiting = stats.waiting,
        .paused = stats.paused,
        .lines = arena_take(&request->arena, (count + 1) * sizeof *frame.peeked.lines),
        .lines_count = count,
    };
    for (uint32_t i = 0; i < count; i++)
        frame.peeked.lines[i] = wire_peek_line_of(node->engine, &waiting[i]);
    request_reply(request, &frame);
}

void peek_take(struct node *node, struct request *request)
{
    struct span name = request->frame.peek.queue;
    name_id queue = engine_find_name(node->engine, NAME_KIND_queue, name);
    if (queue)
        peek(node, request, queue);
    else
        unknown_name(request, STATUS_unknown_queue, "peek.queue", name);
    turn_hold(node, request);
}
