#include "node/inbox.h"

#include <stdlib.h>

#include "base/check.h"
#include "limits.h"

enum {
    SPARE_REQUESTS = 64, /* kept to use again; each keeps the arena of its largest frame */
};

static struct request *inbox_spare(struct inbox *inbox)
{
    if (!inbox->spare.first)
        return must_zalloc(1, sizeof(struct request));
    /* The last one that was used: its memory is still in the cache. */
    struct request *request = ITEM_OF(inbox->spare.last, struct request, place);
    list_remove(&inbox->spare, &request->place);
    return request;
}

static void inbox_give_back(struct inbox *inbox, struct request *request)
{
    inbox->bytes -= request->bytes;
    request_clear(request);
    if (inbox->spare.count < SPARE_REQUESTS) {
        list_append(&inbox->spare, &request->place);
        return;
    }
    request_fini(request);
    free(request);
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
    if (inbox->waiting.count >= LIMIT_INBOX_REQUESTS || inbox->bytes + bytes > LIMIT_INBOX_BYTES)
        return false;
    request->bytes = bytes;
    inbox->bytes += bytes;
    list_append(&inbox->waiting, &request->place);
    return true;
}

void inbox_add(struct inbox *inbox, struct link_request *from, struct span frame)
{
    struct request *request = inbox_spare(inbox);
    request->from = from;
    if (inbox_decode(request, frame) == STATUS_ok) {
        if (inbox_push(inbox, request, frame.size + arena_bytes(&request->arena)))
            return;
        request_error(request, STATUS_overloaded, NULL);
    }
    inbox_answer(inbox, request, buffer_span(&request->reply));
}

struct request *inbox_take(struct inbox *inbox)
{
    if (!inbox->waiting.first)
        return NULL;
    struct request *request = ITEM_OF(inbox->waiting.first, struct request, place);
    list_remove(&inbox->waiting, &request->place);
    return request;
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
    ASSERT(inbox->waiting.count == 0);
    while (inbox->spare.first) {
        struct request *request = ITEM_OF(inbox->spare.first, struct request, place);
        list_remove(&inbox->spare, &request->place);
        request_fini(request);
        free(request);
    }
}
