#include "node/request.h"

enum {
    REPLY_KEPT_BYTES = 64 << 10, /* a larger buffer is not worth keeping: only overviews are larger */
};

void request_reply(struct request *request, const struct frame *frame)
{
    buffer_clear(&request->reply);
    codec_encode(&request->reply, frame);
}

void request_error(struct request *request, enum status status, const char *detail)
{
    struct frame frame = {.verb = VERB_error};
    frame.error.status = status;
    frame.error.detail = span_of(detail ? detail : status_text(status));
    frame.error.verb = request->frame.verb;
    request_reply(request, &frame);
}

void request_clear(struct request *request)
{
    struct arena arena = request->arena;
    struct buffer reply = request->reply;
    arena_clear(&arena);
    buffer_clear(&reply);
    if (reply.capacity > REPLY_KEPT_BYTES)
        buffer_fini(&reply);
    *request = (struct request){.arena = arena, .reply = reply};
}

void request_fini(struct request *request)
{
    arena_fini(&request->arena);
    buffer_fini(&request->reply);
}
