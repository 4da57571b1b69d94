#include "connectors/terminal/desk_view.h"

#include <time.h>

void desk_view_text(struct buffer *out, struct span text)
{
    for (uint32_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        unsigned char next = i + 1 < text.size ? (unsigned char)text.data[i + 1] : 0;
        /* U+0080 to U+009F are control characters too. */
        bool control = byte < 0x20 || byte == 0x7f || (byte == 0xc2 && next >= 0x80 && next < 0xa0);
        if (byte == '\n')
            buffer_append(out, "\n    ", 5);
        else
            buffer_append(out, control ? " " : &text.data[i], 1);
        i += control && byte == 0xc2 ? 1 : 0;
    }
}

static void view_named(struct buffer *out, const char *before, struct span text)
{
    if (text.size == 0)
        return;
    buffer_format(out, "%s", before);
    desk_view_text(out, text);
}

static void view_target(struct buffer *out, const struct wire_record *record)
{
    view_named(out, record->kind == RECORD_requeued ? " from agent " : " to agent ", record->agent);
    /* An assignment names the queue it came from, which the agent knows by the offer. */
    if (record->kind != RECORD_assigned && record->kind != RECORD_resumed)
        view_named(out, " to queue ", record->queue);
    for (uint32_t i = 0; i < record->skills_count; i++) {
        view_named(out, i > 0 ? ", " : " to skill ", record->skills[i].name);
        buffer_format(out, ":%llu", (unsigned long long)record->skills[i].level);
    }
}

static void view_head(struct buffer *out, const struct wire_record *record)
{
    time_t seconds = (time_t)(record->at_ms / 1000);
    struct tm local = {0};
    localtime_r(&seconds, &local);
    buffer_format(out, "#%llu %02d:%02d ", (unsigned long long)record->conversation, local.tm_hour, local.tm_min);
}

static void view_body(struct buffer *out, const struct wire_record *record)
{
    desk_view_text(out, record->text);
    if (record->attachments.size > 0)
        buffer_format(out, " (with attachments)");
    if (record->text.size == 0 && record->attachments.size == 0)
        buffer_format(out, "(something that only its channel can show)");
}

static void view_said(struct buffer *out, const struct wire_record *record, const char *who, const char *what)
{
    view_head(out, record);
    buffer_format(out, "%s", who);
    desk_view_text(out, record->author);
    buffer_format(out, "%s: ", what);
    view_body(out, record);
    buffer_format(out, "\n");
}

static void view_moved(struct buffer *out, const struct wire_record *record, const char *what)
{
    view_head(out, record);
    buffer_format(out, "-- %s", what);
    view_target(out, record);
    view_named(out, " by ", record->author);
    view_named(out, ": ", record->reason);
    view_named(out, ", result ", record->result);
    view_named(out, ": ", record->text);
    buffer_format(out, "\n");
}

static void view_overdue(struct buffer *out, const struct wire_record *record)
{
    view_head(out, record);
    buffer_format(out, "-- overdue: %s\n", deadline_word((uint32_t)record->deadline));
}

/* "-- consult of ben ended: recalled" */
static void view_ended(struct buffer *out, const struct wire_record *record)
{
    view_head(out, record);
    buffer_format(out, "-- %s", tie_kind_word((uint32_t)record->tie));
    view_named(out, " of ", record->agent);
    buffer_format(out, " ended");
    view_named(out, ": ", record->reason);
    view_named(out, ", result ", record->result);
    buffer_format(out, "\n");
}

void desk_view_record(struct buffer *out, const struct wire_record *record)
{
    switch ((enum record_kind)record->kind) {
    case RECORD_message:
        view_said(out, record, "customer", "");
        return;
    case RECORD_reply:
        view_said(out, record, "", "");
        return;
    case RECORD_note:
        view_said(out, record, "", " (note)");
        return;
    case RECORD_withdrawn:
    case RECORD_assigned:
    case RECORD_resumed:
    case RECORD_transferred:
    case RECORD_requeued:
    case RECORD_finished:
    case RECORD_reopened:
    case RECORD_moved:
    case RECORD_held:
    case RECORD_joined:
    case RECORD_lent:
        view_moved(out, record, record_kind_word((uint32_t)record->kind));
        return;
    case RECORD_asked:
        view_moved(out, record, record->tie == TIE_warm ? "warm transfer asked" : "consultation asked");
        return;
    case RECORD_recalled:
        view_ended(out, record);
        return;
    case RECORD_overdue:
        view_overdue(out, record);
        return;
    case RECORD_declared:
    case RECORD_session_opened:
    case RECORD_session_closed:
    case RECORD_customer_opened:
    case RECORD_conversation_opened:
    case RECORD_receipt:
    case RECORD_queued:
    case RECORD_offered:
    case RECORD_agent_state:
    case RECORD_relaxed:
    case RECORD_inactive:
    case RECORD_queue_state:
    case RECORD_delivered:
        return;
    }
}
