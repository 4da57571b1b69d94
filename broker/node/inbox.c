#include "node/inbox.h"

#include <stdlib.h>

#include "base/check.h"
#include "limits.h"

enum {
    SPARE_REQUESTS = 64, /* kept to use again; each keeps the arena of its largest frame */
};

void inbox_init(struct inbox *inbox, uv_async_t *wake)
{
    *inbox = (struct inbox){.wake = wake};
    if (uv_mutex_init(&inbox->mutex) != 0)
        fatal(FATAL_system, "inbox: cannot make a mutex");
}

static struct request *inbox_spare(struct inbox *inbox)
{
    struct request *request = NULL;
    uv_mutex_lock(&inbox->mutex);
    if (inbox->spare.first) {
        request = ITEM_OF(inbox->spare.first, struct request, place);
        list_remove(&inbox->spare, &request->place);
    }
    uv_mutex_unlock(&inbox->mutex);
    return request ? request : must_zalloc(1, sizeof *request);
}

static void inbox_give_back(struct inbox *inbox, struct request *request)
{
    uint64_t bytes = request->bytes;
    request_clear(request);
    uv_mutex_lock(&inbox->mutex);
    inbox->bytes -= bytes;
    bool keep = inbox->spare.count < SPARE_REQUESTS;
    if (keep)
        list_append(&inbox->spare, &request->place);
    uv_mutex_unlock(&inbox->mutex);
    if (!keep) {
        request_fini(request);
        free(request);
    }
}

/* Decodes; on failure the request carries its error reply. */
static enum status inbox_decode(struct request *request, struct span bytes)
{
    struct codec_error error = {0};
    enum status status = codec_decode(bytes, &request->arena, &request->frame, &error);
    if (status != STATUS_ok) {
        request->frame.verb = error.verb <= UINT8_MAX ? (enum verb)error.verb : 0;
        request_error(request, status, error.detail);
        return status;
    }
    if (codec_reply_of(request->frame.verb) == VERB_error || codec_reply_of(request->frame.verb) == request->frame.verb) {
        request_error(request, STATUS_unknown_verb, "this verb is an answer, not a request");
        return STATUS_unknown_verb;
    }
    return STATUS_ok;
}

/* Takes the request, unless too many wait already, or all that have not ended take too much memory. */
static bool inbox_push(struct inbox *inbox, struct request *request, uint64_t bytes)
{
    uv_mutex_lock(&inbox->mutex);
    bool was_empty = inbox->arrived.count == 0;
    bool full = inbox->arrived.count >= LIMIT_INBOX_REQUESTS || inbox->bytes + bytes > LIMIT_INBOX_BYTES;
    if (!full) {
        request->bytes = bytes;
        inbox->bytes += bytes;
        list_append(&inbox->arrived, &request->place);
    }
    uv_mutex_unlock(&inbox->mutex);
    if (was_empty)
        uv_async_send(inbox->wake);
    return !full;
}

void inbox_on_request(void *context, struct link_request *from, struct span frame)
{
    struct inbox *inbox = context;
    struct request *request = inbox_spare(inbox);
    request->from = from;
    if (inbox_decode(request, frame) == STATUS_ok) {
        if (inbox_push(inbox, request, frame.size + arena_bytes(&request->arena)))
            return;
        request_error(request, STATUS_overloaded, NULL);
    }
    inbox_answer(inbox, request, buffer_span(&request->reply));
}

void inbox_on_peer_gone(void *context, uint32_t peer)
{
    struct inbox *inbox = context;
    uv_mutex_lock(&inbox->mutex);
    inbox->gone = must_make_room(inbox->gone, inbox->gone_count, &inbox->gone_capacity, sizeof *inbox->gone);
    inbox->gone[inbox->gone_count++] = peer;
    bool first = inbox->gone_count == 1;
    uv_mutex_unlock(&inbox->mutex);
    if (first)
        uv_async_send(inbox->wake);
}

void inbox_take(struct inbox *inbox, struct list *out)
{
    ASSERT(out->count == 0);
    uv_mutex_lock(&inbox->mutex);
    *out = inbox->arrived;
    inbox->arrived = (struct list){0};
    uv_mutex_unlock(&inbox->mutex);
}

uint32_t inbox_take_gone(struct inbox *inbox, uint32_t **peers)
{
    uv_mutex_lock(&inbox->mutex);
    uint32_t count = inbox->gone_count;
    *peers = inbox->gone;
    inbox->gone = NULL;
    inbox->gone_count = inbox->gone_capacity = 0;
    uv_mutex_unlock(&inbox->mutex);
    return count;
}

void inbox_answer(struct inbox *inbox, struct request *request, struct span reply)
{
    link_reply(request->from, reply);
    inbox_give_back(inbox, request);
}

void inbox_drop(struct inbox *inbox, struct request *request)
{
    link_drop(request->from);
    inbox_give_back(inbox, request);
}

void inbox_fini(struct inbox *inbox)
{
    ASSERT(inbox->arrived.count == 0);
    while (inbox->spare.first) {
        struct request *request = ITEM_OF(inbox->spare.first, struct request, place);
        list_remove(&inbox->spare, &request->place);
        request_fini(request);
        free(request);
    }
    free(inbox->gone);
    uv_mutex_destroy(&inbox->mutex);
}
