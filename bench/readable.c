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
    add(out, "[handed over to ");
    readable_target(out, record);
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

static void add_what(struct buffer *out, const struct wire_record *record)
{
    uint32_t state = (uint32_t)record->state;
    switch ((enum record_kind)record->kind) {
    case RECORD_conversation_opened:
        add_opening(out, record);
        return;
    case RECORD_message:
    case RECORD_reply:
        add_body(out, record);
        return;
    case RECORD_note:
        add(out, "(note) ");
        add_body(out, record);
        return;
    case RECORD_receipt:
        add_state(out, record, "receipt", receipt_word(state));
        return;
    case RECORD_queued:
        add_queued(out, record);
        return;
    case RECORD_offered:
        add_move(out, record, "offered to", " from queue ");
        return;
    case RECORD_withdrawn:
        add_move(out, record, "offer withdrawn from", " of queue ");
        return;
    case RECORD_assigned:
        add_move(out, record, "assigned to", " from queue ");
        return;
    case RECORD_resumed:
        add_move(out, record, "another session of", " in queue ");
        return;
    case RECORD_transferred:
        add_transfer(out, record);
        return;
    case RECORD_requeued:
        add_move(out, record, "taken back from", " to queue ");
        return;
    case RECORD_finished:
        add_state(out, record, "finished,", substate_word(state));
        return;
    case RECORD_reopened:
        add(out, "[reopened]");
        return;
    case RECORD_declared:
    case RECORD_session_opened:
    case RECORD_session_closed:
    case RECORD_customer_opened:
    case RECORD_agent_state:
    case RECORD_delivered:
        break;
    }
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
