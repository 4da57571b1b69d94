#include "connectors/terminal/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "connectors/common/input.h"
#include "connectors/common/run.h"
#include "connectors/terminal/desk_command.h"
#include "connectors/terminal/desk_view.h"
#include "proto/expect.h"
#include "proto/utf8.h"

enum {
    DESK_LINE_MAX = WIRE_BODY_MAX,
    DESK_HISTORY_WAIT_MS = 3000,
};

/* A conversation on the desk: offered, or owned. */
struct folder {
    uint64_t conversation, epoch; /* epoch 0: only offered */
    uint64_t offer;
    uint64_t leaving; /* the kind of change on its way by which it leaves the desk; 0: none */
    char title[160];
    struct folder *next;
};

struct desk {
    struct run run;
    struct client *client;
    const struct desk_options *options;
    struct input input;
    struct folder *folders; /* oldest first */
    struct folder *current;
    struct buffer out;
    struct arena pages;
    uint64_t begun_ms, sent; /* together they make keys that no other run of the program makes */
    bool away;
    struct buffer reason; /* of being away */
};

static void desk_flush(struct desk *desk)
{
    if (desk->current && !desk->run.draining)
        buffer_format(&desk->out, "[#%llu] ", (unsigned long long)desk->current->conversation);
    else if (!desk->run.draining)
        buffer_format(&desk->out, "[/help] ");
    fwrite(desk->out.data, 1, desk->out.size, stdout);
    fflush(stdout);
    buffer_clear(&desk->out);
}

/* --- folders --- */

static struct folder *desk_find(const struct desk *desk, uint64_t conversation)
{
    struct folder *folder = desk->folders;
    while (folder && folder->conversation != conversation)
        folder = folder->next;
    return folder;
}

static struct folder *desk_add(struct desk *desk, uint64_t conversation)
{
    struct folder **end = &desk->folders;
    while (*end && (*end)->conversation != conversation)
        end = &(*end)->next;
    if (!*end) {
        *end = calloc(1, sizeof **end);
        EXPECT(*end);
        (*end)->conversation = conversation;
    }
    return *end;
}

static void desk_remove(struct desk *desk, const struct folder *folder)
{
    struct folder **at = &desk->folders;
    while (*at && *at != folder)
        at = &(*at)->next;
    if (!*at)
        return;
    struct folder *gone = *at;
    *at = gone->next;
    if (desk->current == gone)
        desk->current = NULL;
    free(gone);
}

static void folder_name(struct folder *folder, struct span address, struct span account)
{
    struct buffer title = {0};
    desk_view_text(&title, address);
    buffer_format(&title, " (%.*s)", (int)account.size, account.size ? account.data : "");
    snprintf(folder->title, sizeof folder->title, "%.*s", (int)title.size, title.data);
    buffer_fini(&title);
}

static struct folder *desk_oldest_offer(const struct desk *desk)
{
    struct folder *folder = desk->folders;
    while (folder && folder->epoch > 0)
        folder = folder->next;
    return folder;
}

/* --- what is typed --- */

static void desk_submit(struct desk *desk, struct wire_change *change)
{
    char key[96];
    int size = snprintf(key, sizeof key, "%s-%llx-%llu", desk->options->agent, (unsigned long long)desk->begun_ms,
                        (unsigned long long)desk->sent++);
    change->key = (struct span){key, (uint32_t)size};
    uint64_t tag = change->conversation << 8 | change->kind;
    if (client_submit(desk->client, (uint32_t)change->conversation, change, tag) != STATUS_ok)
        buffer_format(&desk->out, "! too much waits for the broker: not sent\n");
}

static void desk_availability(struct desk *desk)
{
    struct wire_change change = {
        .kind = CHANGE_availability, .state = desk->away ? AGENT_STATE_away : AGENT_STATE_available, .reason = buffer_span(&desk->reason)};
    desk_submit(desk, &change);
}

/* As the broker has it: away again without a reason leaves the one said before. */
static void desk_be(struct desk *desk, bool away, struct span reason)
{
    if (!away || !desk->away || reason.size) {
        buffer_clear(&desk->reason);
        buffer_append(&desk->reason, reason.data, utf8_cut(reason, WIRE_REASON_MAX).size);
    }
    desk->away = away;
    desk_availability(desk);
}

/* "available", or "away: lunch" */
static void desk_tell_availability(struct desk *desk)
{
    buffer_format(&desk->out, "%s%s", desk->away ? "away" : "available", desk->reason.size ? ": " : "");
    desk_view_text(&desk->out, buffer_span(&desk->reason));
    buffer_format(&desk->out, "\n");
}

/* Whether the conversation leaves the desk by it. */
static bool is_leaving(const struct wire_change *change)
{
    return change->kind == CHANGE_finish || change->kind == CHANGE_nack || change->kind == CHANGE_escalate ||
           (change->kind == CHANGE_transfer && !change->warm);
}

/* What is done with the current conversation. */
static void desk_act(struct desk *desk, enum change_kind kind, const struct desk_command *command)
{
    struct folder *folder = desk->current;
    if (!folder) {
        buffer_format(&desk->out, "! no conversation is open: /accept an offer, or /open one of /list\n");
        return;
    }
    struct wire_change change = {.kind = kind, .conversation = folder->conversation, .epoch = folder->epoch};
    change.queue = command->queue;
    change.agent = command->agent;
    change.warm = command->warm;
    change.delay_ms = 1000 * command->seconds;
    if (kind == CHANGE_lend)
        change.reason = command->text;
    else
        change.text = command->text;
    if (kind == CHANGE_finish)
        change.state = SUBSTATE_resolved;
    folder->leaving = is_leaving(&change) ? kind : folder->leaving;
    desk_submit(desk, &change);
}

static void desk_claim(struct desk *desk, uint64_t conversation)
{
    struct wire_change change = {.kind = CHANGE_claim, .conversation = conversation};
    desk_submit(desk, &change);
}

static void desk_answer_offer(struct desk *desk, enum change_kind kind, uint64_t conversation)
{
    struct folder *folder = conversation ? desk_find(desk, conversation) : desk_oldest_offer(desk);
    if (!folder || folder->epoch > 0) {
        buffer_format(&desk->out, "! there is no such offer\n");
        return;
    }
    struct wire_change change = {.kind = kind, .conversation = folder->conversation, .offer = folder->offer};
    desk_submit(desk, &change);
    if (kind == CHANGE_decline)
        desk_remove(desk, folder);
}

static void desk_open(struct desk *desk, uint64_t conversation)
{
    struct folder *folder = desk_find(desk, conversation);
    if (folder && folder->epoch > 0)
        desk->current = folder;
    else
        buffer_format(&desk->out, "! that conversation is not yours\n");
}

static void desk_list(struct desk *desk)
{
    if (!desk->folders) {
        buffer_format(&desk->out, "  the desk is empty, and you are ");
        desk_tell_availability(desk);
    }
    for (const struct folder *folder = desk->folders; folder; folder = folder->next)
        buffer_format(&desk->out, "%s #%llu %s%s\n", folder == desk->current ? "*" : " ", (unsigned long long)folder->conversation,
                      folder->title, folder->epoch ? "" : ", offered");
}

static bool desk_page(struct desk *desk, uint64_t conversation, struct wire_page *out)
{
    struct frame request = {.verb = VERB_history, .history = {.conversation = conversation}}, reply;
    struct codec_error error;
    arena_clear(&desk->pages);
    enum status status = client_call(desk->client, &request, DESK_HISTORY_WAIT_MS, &desk->pages, &reply, &error);
    if (status == STATUS_ok)
        *out = reply.page;
    else
        buffer_format(&desk->out, "! no history: %s\n", status_text(status));
    return status == STATUS_ok;
}

static void desk_show(struct desk *desk, const struct wire_record *records, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        desk_view_record(&desk->out, &records[i]);
}

static void desk_history(struct desk *desk)
{
    struct wire_page page;
    if (!desk->current)
        buffer_format(&desk->out, "! no conversation is open\n");
    else if (desk_page(desk, desk->current->conversation, &page))
        desk_show(desk, page.records, page.records_count);
}

static void desk_do(struct desk *desk, const struct desk_command *command)
{
    switch (command->verb) {
    case DESK_nothing:
        return;
    case DESK_wrong:
        buffer_format(&desk->out, "! %s\n", command->problem);
        return;
    case DESK_reply:
        desk_act(desk, CHANGE_reply, command);
        return;
    case DESK_note:
        desk_act(desk, CHANGE_note, command);
        return;
    case DESK_accept:
        desk_answer_offer(desk, CHANGE_accept, command->conversation);
        return;
    case DESK_decline:
        desk_answer_offer(desk, CHANGE_decline, command->conversation);
        return;
    case DESK_transfer:
        desk_act(desk, CHANGE_transfer, command);
        return;
    case DESK_escalate:
        desk_act(desk, CHANGE_escalate, command);
        return;
    case DESK_nack:
        desk_act(desk, CHANGE_nack, command);
        return;
    case DESK_claim:
        desk_claim(desk, command->conversation);
        return;
    case DESK_consult:
        desk_act(desk, CHANGE_consult, command);
        return;
    case DESK_lend:
        desk_act(desk, CHANGE_lend, command);
        return;
    case DESK_recall:
        desk_act(desk, CHANGE_recall, command);
        return;
    case DESK_finish:
        desk_act(desk, CHANGE_finish, command);
        return;
    case DESK_away:
    case DESK_available:
        desk_be(desk, command->verb == DESK_away, command->text);
        return;
    case DESK_open:
        desk_open(desk, command->conversation);
        return;
    case DESK_list:
        desk_list(desk);
        return;
    case DESK_history:
        desk_history(desk);
        return;
    case DESK_help:
        buffer_append(&desk->out, desk_command_help(), strlen(desk_command_help()));
        return;
    case DESK_quit:
        run_drain(&desk->run, 0);
        return;
    }
}

static bool desk_on_line(void *context, uint64_t number, struct span line, bool whole)
{
    (void)number;
    struct desk *desk = context;
    struct desk_command command = desk_command_of(line);
    if (!whole)
        buffer_format(&desk->out, "! a line has at most %d bytes\n", DESK_LINE_MAX);
    else
        desk_do(desk, &command);
    desk_flush(desk);
    return true;
}

static void desk_on_end(void *context)
{
    struct desk *desk = context;
    run_drain(&desk->run, 0);
}

/* --- what the broker says --- */

static void desk_on_offered(struct desk *desk, const struct wire_record *record)
{
    struct folder *folder = desk_add(desk, record->conversation);
    folder->epoch = 0;
    folder->offer = record->lsn;
    folder_name(folder, record->address, record->account);
    buffer_format(&desk->out, "\a#%llu %s is offered%s: /accept or /decline\n", (unsigned long long)record->conversation, folder->title,
                  record->tie == TIE_consult ? ", to look on" : "");
    desk_show(desk, record->history, record->history_count);
}

/* It is this agent's now: to answer, or to look on. */
static void desk_on_taken(struct desk *desk, const struct wire_record *record)
{
    struct folder *folder = desk_add(desk, record->conversation);
    bool shown = folder->offer > 0;
    folder->epoch = record->epoch;
    folder->leaving = 0;
    folder_name(folder, record->address, record->account);
    if (!desk->current)
        desk->current = folder;
    buffer_format(&desk->out, "#%llu %s is yours%s\n", (unsigned long long)record->conversation, folder->title,
                  record->kind == RECORD_joined ? " to look on: /note whispers" : "");
    if (!shown)
        desk_show(desk, record->history, record->history_count);
}

/* Whether it takes the conversation off this desk; `mine`: the record's agent is this one. */
static bool takes_away(const struct wire_record *record, bool mine)
{
    if (record->kind == RECORD_withdrawn || record->kind == RECORD_recalled)
        return mine;
    return record->kind == RECORD_assigned || record->kind == RECORD_requeued || record->kind == RECORD_transferred ||
           record->kind == RECORD_finished;
}

/* A loan and its end are changes of owner to the broker, and what is done next has to name the present epoch. */
static void desk_on_news(struct desk *desk, const struct wire_record *record, bool mine)
{
    struct folder *folder = desk_find(desk, record->conversation);
    desk_view_record(&desk->out, record);
    if (folder && takes_away(record, mine))
        desk_remove(desk, folder);
    else if (folder && (record->kind == RECORD_lent || record->kind == RECORD_recalled) && record->epoch > 0)
        folder->epoch = record->epoch;
}

static void desk_on_delivery(void *context, const struct wire_record *record)
{
    struct desk *desk = context;
    bool mine = span_equal(record->agent, span_of(desk->options->agent));
    buffer_format(&desk->out, "\r");
    if (record->kind == RECORD_offered)
        desk_on_offered(desk, record);
    else if (mine && (record->kind == RECORD_assigned || record->kind == RECORD_resumed || record->kind == RECORD_joined))
        desk_on_taken(desk, record);
    else
        desk_on_news(desk, record, mine);
    desk_flush(desk);
}

/* What is done to a conversation shows no other way at once; what is said does not need to be told. */
static bool is_worth_telling(uint64_t kind)
{
    return kind == CHANGE_transfer || kind == CHANGE_escalate || kind == CHANGE_nack || kind == CHANGE_consult || kind == CHANGE_lend ||
           kind == CHANGE_recall || kind == CHANGE_finish;
}

static void desk_done(struct desk *desk, struct folder *folder, uint64_t kind, uint64_t epoch)
{
    /* A loan and its end make a new epoch, of which its owner is told by the answer. */
    if (folder->epoch > 0 && epoch > folder->epoch)
        folder->epoch = epoch;
    if (is_worth_telling(kind))
        buffer_format(&desk->out, "\r#%llu %s: done\n", (unsigned long long)folder->conversation, change_kind_word((uint32_t)kind));
    if (folder->leaving == kind)
        desk_remove(desk, folder);
}

static void desk_not_done(struct desk *desk, struct folder *folder, uint64_t kind, const struct wire_result *result)
{
    buffer_format(&desk->out, "\r! %s not done: %s ", change_kind_word((uint32_t)kind), status_text((enum status)result->status));
    desk_view_text(&desk->out, result->detail);
    buffer_format(&desk->out, "\n");
    if (folder)
        folder->leaving = 0;
}

static void desk_on_result(void *context, uint64_t tag, const struct wire_result *result)
{
    struct desk *desk = context;
    struct folder *folder = desk_find(desk, tag >> 8);
    if (result->status != STATUS_ok)
        desk_not_done(desk, folder, tag & 0xff, result);
    else if (folder)
        desk_done(desk, folder, tag & 0xff, result->epoch);
    if (desk->out.size > 0)
        desk_flush(desk);
}

static void desk_on_ready(void *context, const struct wire_welcome *welcome)
{
    (void)welcome;
    struct desk *desk = context;
    desk_availability(desk);
    buffer_format(&desk->out, "\r%s is signed in and ", desk->options->agent);
    desk_tell_availability(desk);
    desk_flush(desk);
}

static void desk_on_refused(void *context, enum status status, struct span detail)
{
    struct desk *desk = context;
    run_refused(&desk->run, desk->options->agent, status, detail);
}

static void desk_on_drain(void *context)
{
    struct desk *desk = context;
    input_stop(&desk->input);
}

static bool desk_open_session(struct desk *desk)
{
    const struct client_options options = {
        .url = desk->options->url,
        .role = ROLE_agent,
        .name = desk->options->agent,
        .token = desk->options->token,
        .fetch = true,
        .context = desk,
        .on_ready = desk_on_ready,
        .on_result = desk_on_result,
        .on_delivery = desk_on_delivery,
        .on_refused = desk_on_refused,
    };
    return run_client(&desk->run, &options, &desk->client);
}

int desk_run(const char *program, const struct desk_options *options)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct desk desk = {.options = options, .begun_ms = 1000 * (uint64_t)now.tv_sec + (uint64_t)now.tv_nsec / 1000000};
    run_open(&desk.run, program, options->url);
    desk.run.on_drain = desk_on_drain;
    desk.run.context = &desk;
    desk.input = (struct input){.lines.line_max = DESK_LINE_MAX, .on_line = desk_on_line, .on_end = desk_on_end, .context = &desk};
    if (desk_open_session(&desk))
        input_open(&desk.input, &desk.run.loop, STDIN_FILENO);
    int code = run_loop(&desk.run);
    while (desk.folders)
        desk_remove(&desk, desk.folders);
    lines_fini(&desk.input.lines);
    buffer_fini(&desk.out);
    buffer_fini(&desk.reason);
    arena_fini(&desk.pages);
    return code;
}
