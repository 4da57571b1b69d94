#include "node/history.h"

#include "limits.h"
#include "node/lookup.h"
#include "node/node.h"
#include "node/translate.h"
#include "node/turn.h"

/* A request's page: the conversation as it was when asked, and where its walk begins. */
struct history_view {
    struct row_conversation row; /* its address is the request's own copy */
    lsn_t from;
};

struct line {
    struct line *newer;
    struct wire_record record;
};

struct history_slice history_walk(struct node *node, lsn_t from, uint32_t records_max, uint64_t bytes_max, struct arena *arena)
{
    struct history_slice slice = {0};
    struct line *oldest = NULL;
    uint64_t bytes = 0;
    while (from && slice.count < records_max && bytes < bytes_max) {
        struct record record;
        lookup_record(node->reader, from, &record);
        struct line *line = arena_take(arena, sizeof *line);
        translate_record(node->engine, &record, NAME_KIND_agent, arena, &line->record);
        line->newer = oldest;
        oldest = line;
        bytes += sizeof record + record.text.size + record.attachments.size + record.native.size;
        slice.count++;
        from = record.prev;
    }
    slice.before = from && oldest ? oldest->record.lsn : 0;
    slice.records = arena_take(arena, (slice.count + 1) * sizeof *slice.records);
    for (uint32_t i = 0; i < slice.count; i++, oldest = oldest->newer)
        slice.records[i] = oldest->record;
    return slice;
}

bool history_conversation(struct node *node, conversation_id id, struct row_conversation *out)
{
    struct row row;
    if (engine_conversation(node->engine, id, out))
        return true;
    if (!lookup_row(node->reader, TABLE_finished, ROW_conversation, id, &row))
        return false;
    *out = row.conversation;
    return true;
}

/* Where the page begins: the newest record, or the one before `before`, which must be one of this conversation's. */
static enum status find_start(struct node *node, const struct wire_history *history, lsn_t newest, lsn_t *from)
{
    *from = newest;
    if (history->before == 0)
        return STATUS_ok;
    if (history->before > node->committed)
        return STATUS_unknown_record;
    struct record record;
    lookup_record(node->reader, history->before, &record);
    if (record.conversation != history->conversation)
        return STATUS_unknown_record;
    *from = record.prev;
    return STATUS_ok;
}

void history_take(struct node *node, struct request *request)
{
    const struct wire_history *history = &request->frame.history;
    struct history_view *view = arena_take(&request->arena, sizeof *view);
    enum status status = STATUS_unknown_conversation;
    if (history_conversation(node, history->conversation, &view->row))
        status = find_start(node, history, view->row.lsn, &view->from);
    if (status == STATUS_ok) {
        struct span *address = &view->row.address;
        char *copy = arena_take(&request->arena, address->size + 1);
        memcpy(copy, address->data, address->size);
        address->data = copy;
        request->view = view;
    } else {
        request_error(request, status, NULL);
    }
    turn_hold(node, request);
}

struct span history_answer(struct node *node, struct request *request)
{
    const struct row_conversation *row = &request->view->row;
    uint32_t limit = request->frame.history.limit ? (uint32_t)request->frame.history.limit : WIRE_HISTORY_MAX;
    struct history_slice slice = history_walk(node, request->view->from, limit, LIMIT_HISTORY_BYTES, &request->arena);
    struct frame frame = {.verb = VERB_page};
    frame.page = (struct wire_page){
        .conversation = row->id,
        .records = slice.records,
        .records_count = slice.count,
        .before = slice.before,
        .state = row->substate,
        .epoch = row->epoch,
        .owner = engine_name(node->engine, row->owner),
        .queue = engine_name(node->engine, row->queue),
        .account = engine_name(node->engine, row->account),
        .address = row->address,
        .customer = row->customer,
    };
    buffer_clear(&node->out);
    codec_encode(&node->out, &frame);
    return buffer_span(&node->out);
}
