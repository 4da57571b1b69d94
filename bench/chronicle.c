#include "bench/chronicle.h"

#include <stdio.h>

#include "bench/readable.h"

/* Pages arrive newest first, and each is oldest first. */
static void assemble(struct chronicle *chronicle)
{
    const struct wire_page *pages = (const struct wire_page *)(const void *)chronicle->pages.data;
    size_t pages_count = chronicle->pages.size / sizeof *pages, count = 0;
    for (size_t i = 0; i < pages_count; i++)
        count += pages[i].records_count;
    struct wire_record *records = arena_take(&chronicle->arena, (count + 1) * sizeof *records);
    chronicle->head = pages[0];
    chronicle->head.records = records;
    chronicle->head.records_count = (uint32_t)count;
    for (size_t i = pages_count; i-- > 0;) {
        if (pages[i].records_count) {
            memcpy(records, pages[i].records, pages[i].records_count * sizeof *records);
            records += pages[i].records_count;
        }
    }
}

enum status chronicle_read(struct chronicle *chronicle, struct session *session, uint64_t id, struct codec_error *error)
{
    arena_clear(&chronicle->arena);
    buffer_clear(&chronicle->pages);
    uint64_t before = 0;
    do {
        struct frame request = {.verb = VERB_history, .history = {.conversation = id, .before = before, .limit = WIRE_HISTORY_MAX}}, reply;
        enum status status = session_ask(session, &request, &chronicle->arena, &reply, error);
        if (status != STATUS_ok)
            return status;
        buffer_append(&chronicle->pages, &reply.page, sizeof reply.page);
        before = reply.page.before;
    } while (before);
    assemble(chronicle);
    return STATUS_ok;
}

bool chronicle_show(struct chronicle *chronicle, struct session *session, uint64_t id)
{
    struct codec_error error = {0};
    enum status status = chronicle_read(chronicle, session, id, &error);
    if (status != STATUS_ok)
        command_complain(session->command, "conversation %lu: %s%s%s", id, status_text(status), error.detail[0] ? ": " : "", error.detail);
    return status == STATUS_ok;
}

static void add_field(struct buffer *line, const char *label, struct span value)
{
    if (value.size) {
        buffer_append(line, label, strlen(label));
        readable_text(line, value);
    }
}

static void print_head(const struct wire_page *page)
{
    struct buffer line = {0};
    add_field(&line, ", account ", page->account);
    add_field(&line, ", customer ", page->address);
    add_field(&line, ", queue ", page->queue);
    add_field(&line, ", owner ", page->owner);
    printf("conversation %lu: %s%.*s\n", page->conversation, substate_word((uint32_t)page->state), (int)line.size,
           line.size ? line.data : "");
    buffer_fini(&line);
}

void chronicle_print(const struct chronicle *chronicle)
{
    struct buffer line = {0};
    char at[READABLE_MAX];
    print_head(&chronicle->head);
    for (uint32_t i = 0; i < chronicle->head.records_count; i++) {
        const struct wire_record *record = &chronicle->head.records[i];
        buffer_clear(&line);
        readable_record(&line, record);
        printf("%s  %.*s\n", readable_time(at, record->at_ms), (int)line.size, line.data);
    }
    buffer_fini(&line);
}

void chronicle_fini(struct chronicle *chronicle)
{
    arena_fini(&chronicle->arena);
    buffer_fini(&chronicle->pages);
}
