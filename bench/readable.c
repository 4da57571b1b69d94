#include "bench/readable.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

enum { WHO_WIDTH = 16 };

const char *readable_duration(char out[READABLE_MAX], uint64_t ms)
{
    uint64_t seconds = ms / 1000, minutes = seconds / 60, hours = minutes / 60;
    if (ms < 1000)
        snprintf(out, READABLE_MAX, "%lu ms", ms);
    else if (seconds < 60)
        snprintf(out, READABLE_MAX, "%.1f s", (double)(ms / 100) / 10);
    else if (minutes < 60)
        snprintf(out, READABLE_MAX, "%lu min %02lu s", minutes, seconds % 60);
    else if (hours < 24)
        snprintf(out, READABLE_MAX, "%lu h %02lu min", hours, minutes % 60);
    else
        snprintf(out, READABLE_MAX, "%lu d %02lu h", hours / 24, hours % 24);
    return out;
}

const char *readable_count(char out[READABLE_MAX], uint64_t count)
{
    char digits[READABLE_MAX];
    size_t length = (size_t)snprintf(digits, sizeof digits, "%lu", count), size = 0;
    for (size_t i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            out[size++] = ',';
        out[size++] = digits[i];
    }
    out[size] = 0;
    return out;
}

const char *readable_time(char out[READABLE_MAX], uint64_t at_ms)
{
    time_t seconds = (time_t)(at_ms / 1000);
    struct tm parts;
    size_t size = localtime_r(&seconds, &parts) ? strftime(out, READABLE_MAX, "%Y-%m-%d %H:%M:%S", &parts) : 0;
    snprintf(out + size, READABLE_MAX - size, ".%03lu", at_ms % 1000);
    return out;
}

const char *readable_clock(char out[READABLE_MAX], uint64_t at_ms, uint64_t now_ms)
{
    time_t at = (time_t)(at_ms / 1000), now = (time_t)(now_ms / 1000);
    struct tm parts, today;
    if (!localtime_r(&at, &parts) || !localtime_r(&now, &today))
        return readable_time(out, at_ms);
    bool same_day = parts.tm_year == today.tm_year && parts.tm_yday == today.tm_yday;
    strftime(out, READABLE_MAX, same_day ? "%H:%M:%S" : "%Y-%m-%d %H:%M", &parts);
    return out;
}

void readable_text(struct buffer *out, struct span text)
{
    for (uint32_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        /* U+0080 to U+009F are controls too: C2 and a byte below A0. */
        bool high_control = byte == 0xC2 && i + 1 < text.size && (unsigned char)text.data[i + 1] < 0xA0;
        if (byte == '\n') {
            buffer_append(out, " / ", 3);
        } else if (byte < 0x20 || byte == 0x7F || high_control) {
            buffer_append(out, "?", 1);
            i += high_control;
        } else {
            buffer_append(out, &text.data[i], 1);
        }
    }
}

size_t readable_width(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

__attribute__((format(printf, 2, 3))) static void add(struct buffer *out, const char *format, ...)
{
    char text[WIRE_REASON_MAX];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    buffer_append(out, text, size < (int)sizeof text ? (size_t)size : sizeof text - 1);
}

/* `label` and the value, when there is one. */
static void add_field(struct buffer *out, const char *label, struct span value)
{
    if (value.size) {
        add(out, "%s", label);
        readable_text(out, value);
    }
}

static void add_body(struct buffer *out, const struct wire_record *record)
{
    readable_text(out, record->text);
    if (record->attachments.size)
        add(out, "%s[attachments]", record->text.size ? " " : "");
    if (record->native.size && !record->text.size)
        add(out, "[native fields]");
}

static void add_skills(struct buffer *out, const struct wire_record *record)
{
    for (uint32_t i = 0; i < record->skills_count; i++) {
        const struct wire_skill *skill = &record->skills[i];
        add_field(out, i ? ", " : "", skill->name);
        add(out, ":%lu", skill->level ? skill->level : 1);
    }
}

void readable_target(struct buffer *out, const struct wire_record *record)
{
    const char *comma = "";
    if (record->agent.size) {
        add_field(out, "agent ", record->agent);
        comma = ", ";
    }
    if (record->queue.size) {
        add(out, "%s", comma);
        add_field(out, "queue ", record->queue);
        comma = ", ";
    }
    if (record->skills_count) {
        add(out, "%sskills ", comma);
        add_skills(out, record);
    }
}

static void add_opening(struct buffer *out, const struct wire_record *record)
{
    add(out, "[conversation opened");
    add_field(out, " on ", record->account);
    add_field(out, " by ", record->name);
    add_field(out, " from ", record->address);
    add_field(out, ", topic ", record->topic);
    add_field(out, ", language ", record->language);
    add(out, "]");
}

static void add_queued(struct buffer *out, const struct wire_record *record)
{
    add(out, "[waiting in ");
    readable_target(out, record);
    if (record->priority)
        add(out, ", priority %s", priority_word((uint32_t)record->priority));
    add(out, "]");
}

static void add_transfer(struct buffer *out, const struct wire_record *record)
{
    add(out, record->state ? "[escalated to " : "[handed over to ");
    readable_target(out, record);
    add_field(out, ", result ", record->result);
    add_field(out, ": ", record->text);
    add_field(out, ": ", record->reason);
    add(out, "]");
}

/* "[WHAT agent, PLACE queue: reason]" */
static void add_move(struct buffer *out, const struct wire_record *record, const char *what, const char *place)
{
    add(out, "[%s", what);
    add_field(out, " ", record->agent);
    add_field(out, place, record->queue);
    add_field(out, ": ", record->reason);
    add(out, "]");
}

static void add_state(struct buffer *out, const struct wire_record *record, const char *what, const char *word)
{
    add(out, "[%s %s", what, word);
    add_field(out, ": ", record->reason);
    add(out, "]");
}

/* " until 2024-05-01 10:00:00.000" */
static void add_until(struct buffer *out, const struct wire_record *record)
{
    char at[READABLE_MAX];
    if (record->deadline_ms)
        add(out, " until %s", readable_time(at, record->deadline_ms));
}

/* "[WHAT agent ben, queue sales, skills x:2: note]" */
static void add_asking(struct buffer *out, const struct wire_record *record, const char *what)
{
    add(out, "[%s ", what);
    readable_target(out, record);
    add_field(out, ": ", record->text);
    add(out, "]");
}

static void add_loan(struct buffer *out, const struct wire_record *record)
{
    add(out, "[lent to");
    add_field(out, " ", record->agent);
    add_until(out, record);
    add_field(out, ": ", record->reason);
    add(out, "]");
}

static void add_hold(struct buffer *out, const struct wire_record *record)
{
    add(out, "[%s", substate_word((uint32_t)record->state));
    add_until(out, record);
    add_field(out, ": ", record->reason);
    add(out, "]");
}

static void add_relaxation(struct buffer *out, const struct wire_record *record)
{
    add(out, "[step %lu", record->step);
    add_field(out, " of plan ", record->plan);
    add(out, ": now ");
    readable_target(out, record);
    if (record->priority)
        add(out, ", priority %s", priority_word((uint32_t)record->priority));
    add(out, "]");
}

/* What an agent had of another's conversation has ended. */
static void add_recall(struct buffer *out, const struct wire_record *record)
{
    add(out, "[%s ended", tie_kind_word((uint32_t)record->tie));
    add_field(out, ", ", record->agent);
    add_field(out, ": ", record->reason);
    add_field(out, ", result ", record->result);
    add(out, "]");
}

/* Records that read as "[what WHO link QUEUE]". */
static const struct plain_move {
    const char *what, *link;
} plain_moves[RECORD_MAX + 1] = {
    [RECORD_offered] = {"offered to", " from queue "},
    [RECORD_withdrawn] = {"offer withdrawn from", " of queue "},
    [RECORD_assigned] = {"assigned to", " from queue "},
    [RECORD_resumed] = {"another session of", " in queue "},
    [RECORD_requeued] = {"taken back from", " to queue "},
    [RECORD_moved] = {"moved", " to queue "},
    [RECORD_inactive] = {"the customer has been silent for long; it costs less:", ""},
    [RECORD_joined] = {"looking on:", " in queue "},
};

static void add_asked(struct buffer *out, const struct wire_record *record)
{
    add_asking(out, record, record->tie == TIE_warm ? "warm transfer asked of" : "consultation asked of");
}

static void add_note(struct buffer *out, const struct wire_record *record)
{
    add(out, "(note) ");
    add_body(out, record);
}

static void add_receipt(struct buffer *out, const struct wire_record *record)
{
    add_state(out, record, "receipt", receipt_word((uint32_t)record->state));
}

static void add_finish(struct buffer *out, const struct wire_record *record)
{
    add_state(out, record, "finished,", substate_word((uint32_t)record->state));
}

static void add_overdue(struct buffer *out, const struct wire_record *record)
{
    add_state(out, record, "deadline passed:", deadline_word((uint32_t)record->deadline));
}

static void (*const special[RECORD_MAX + 1])(struct buffer *, const struct wire_record *) = {
    [RECORD_conversation_opened] = add_opening,
    [RECORD_message] = add_body,
    [RECORD_reply] = add_body,
    [RECORD_note] = add_note,
    [RECORD_receipt] = add_receipt,
    [RECORD_queued] = add_queued,
    [RECORD_transferred] = add_transfer,
    [RECORD_finished] = add_finish,
    [RECORD_relaxed] = add_relaxation,
    [RECORD_held] = add_hold,
    [RECORD_overdue] = add_overdue,
    [RECORD_asked] = add_asked,
    [RECORD_lent] = add_loan,
    [RECORD_recalled] = add_recall,
};

static void add_what(struct buffer *out, const struct wire_record *record)
{
    uint64_t kind = record->kind <= RECORD_MAX ? record->kind : 0;
    if (special[kind])
        special[kind](out, record);
    else if (plain_moves[kind].what)
        add_move(out, record, plain_moves[kind].what, plain_moves[kind].link);
    else
        add(out, "[%s]", record_kind_word((uint32_t)record->kind));
}

static struct span record_who(const struct wire_record *record)
{
    if (record->author.size)
        return record->author;
    bool customer = record->kind == RECORD_message || record->kind == RECORD_conversation_opened;
    return span_of(customer ? "customer" : "-");
}

void readable_record(struct buffer *out, const struct wire_record *record)
{
    size_t start = out->size;
    readable_text(out, record_who(record));
    size_t used = 0;
    for (size_t at = start; at < out->size; at++)
        used += ((unsigned char)out->data[at] & 0xC0) != 0x80;
    add(out, "%*s", used < WHO_WIDTH ? (int)(WHO_WIDTH - used) : 1, "");
    add_what(out, record);
}
