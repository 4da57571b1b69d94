#include "bench/tally.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "bench/readable.h"

/* Where one conversation stands while its records are walked. */
struct walk {
    struct tally *tally;
    struct tally_line *account, *service; /* service: of the agent who has it; NULL: nobody */
    uint64_t waiting_since_ms, first_message_ms;
    bool human_answered, bot_answered, handed_over;
};

static int compare_lines(const void *a, const void *b)
{
    const struct tally_line *left = a, *right = b;
    int order = strcmp(left->first, right->first);
    return order ? order : strcmp(left->second, right->second);
}

static struct tally_line *line_of(struct tally_lines *lines, struct span first, struct span second)
{
    struct tally_line wanted = {0};
    snprintf(wanted.first, sizeof wanted.first, "%.*s", (int)first.size, first.data);
    snprintf(wanted.second, sizeof wanted.second, "%.*s", (int)second.size, second.data);
    struct tally_line **found = tfind(&wanted, &lines->root, compare_lines);
    if (found)
        return *found;
    struct tally_line *line = must_alloc(sizeof *line);
    *line = wanted;
    struct tally_line **node = tsearch(line, &lines->root, compare_lines);
    ASSERT(node);
    return line;
}

static void wait_begin(struct walk *walk, uint64_t at_ms)
{
    if (!walk->waiting_since_ms)
        walk->waiting_since_ms = at_ms;
}

static void count_message(struct walk *walk, const struct wire_record *record)
{
    walk->tally->messages_in++;
    walk->account->messages_in++;
    if (!walk->first_message_ms)
        walk->first_message_ms = record->at_ms;
}

static void count_reply(struct walk *walk, const struct wire_record *record, bool by_bot)
{
    walk->tally->messages_out++;
    walk->account->messages_out++;
    if (walk->service)
        walk->service->messages_out++;
    bool *answered = by_bot ? &walk->bot_answered : &walk->human_answered;
    if (!*answered && walk->first_message_ms)
        histogram_record(by_bot ? &walk->tally->bot_response_ms : &walk->tally->human_response_ms, record->at_ms - walk->first_message_ms);
    *answered = true;
}

static void count_assignment(struct walk *walk, const struct wire_record *record)
{
    walk->service = line_of(&walk->tally->served, record->agent, record->queue);
    walk->service->conversations++;
    if (walk->waiting_since_ms) {
        histogram_record(&walk->tally->wait_ms, record->at_ms - walk->waiting_since_ms);
        walk->waiting_since_ms = 0;
    }
    if (walk->handed_over && !walk->tally->handed_over)
        walk->tally->handed_over = record->conversation;
}

static void count_transfer(struct walk *walk, const struct wire_record *record)
{
    struct buffer target = {0};
    readable_target(&target, record);
    line_of(&walk->tally->transfers, record->author, (struct span){target.data ? target.data : "", (uint32_t)target.size})->conversations++;
    buffer_fini(&target);
    walk->tally->hand_overs++;
    walk->handed_over = true;
    walk->service = NULL;
    wait_begin(walk, record->at_ms);
}

static void count_record(struct walk *walk, const struct wire_record *record, bool by_bot)
{
    switch ((enum record_kind)record->kind) {
    case RECORD_message:
        count_message(walk, record);
        return;
    case RECORD_reply:
        count_reply(walk, record, by_bot);
        return;
    case RECORD_note:
        walk->tally->notes++;
        return;
    case RECORD_queued:
        wait_begin(walk, record->at_ms);
        return;
    case RECORD_assigned:
        count_assignment(walk, record);
        return;
    case RECORD_transferred:
        count_transfer(walk, record);
        return;
    case RECORD_requeued:
        walk->tally->requeues++;
        walk->service = NULL;
        wait_begin(walk, record->at_ms);
        return;
    case RECORD_finished:
        walk->service = NULL;
        walk->waiting_since_ms = 0;
        return;
    case RECORD_reopened:
        walk->tally->reopened++;
        return;
    case RECORD_declared:
    case RECORD_session_opened:
    case RECORD_session_closed:
    case RECORD_customer_opened:
    case RECORD_conversation_opened:
    case RECORD_receipt:
    case RECORD_resumed:
    case RECORD_offered:
    case RECORD_withdrawn:
    case RECORD_agent_state:
    case RECORD_delivered:
    case RECORD_relaxed:
    case RECORD_moved:
    case RECORD_held:
    case RECORD_inactive:
    case RECORD_overdue:
    case RECORD_asked:
    case RECORD_joined:
    case RECORD_lent:
    case RECORD_recalled:
    case RECORD_queue_state:
        return;
    }
}

void tally_conversation(struct tally *tally, const struct wire_page *page, tally_is_bot *is_bot, const void *context)
{
    struct walk walk = {.tally = tally, .account = line_of(&tally->accounts, page->account, span_of(""))};
    tally->conversations++;
    walk.account->conversations++;
    tally->finished += page->state >= SUBSTATE_resolved;
    for (uint32_t i = 0; i < page->records_count; i++) {
        const struct wire_record *record = &page->records[i];
        count_record(&walk, record, record->kind == RECORD_reply && is_bot(context, record->author));
    }
}

struct visit {
    void (*visit)(void *context, const struct tally_line *line);
    void *context;
};

static void visit_node(const void *node, VISIT which, void *closure)
{
    const struct visit *visit = closure;
    const struct tally_line *const *line = node;
    if (which == postorder || which == leaf)
        visit->visit(visit->context, *line);
}

void tally_each(const struct tally_lines *lines, void (*visit)(void *context, const struct tally_line *line), void *context)
{
    struct visit closure = {visit, context};
    twalk_r(lines->root, visit_node, &closure);
}

void tally_fini(struct tally *tally)
{
    tdestroy(tally->served.root, free);
    tdestroy(tally->accounts.root, free);
    tdestroy(tally->transfers.root, free);
}
