#include "link/link.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/list.h"
#include "proto/pipe/pipe.h"

enum {
    /* A request begins with words up to one that has its top bit set: the asker's number and, before it, the hops it took. */
    WORD_BYTES = 4,
    HEAD_BYTES_MAX = 8 * WORD_BYTES,
};

/* One connection. Lives until it is gone and its last request has ended. */
struct peer {
    uint32_t number;
    uint32_t held; /* requests not ended */
    bool gone;
};

struct link_request {
    struct link *link;
    struct pipe *pipe; /* held */
    struct peer *peer;
    struct list_node node;     /* of the link: all not ended */
    char head[HEAD_BYTES_MAX]; /* goes back in front of the reply */
    uint32_t head_size, frame_size;
    char frame[];
};

struct link {
    struct link_options options;
    struct pipe_source *source;
    char *overloaded;
    struct list requests;
    uint32_t peers; /* ever */
    uint32_t peers_now;
    bool closing;
};

static void peer_settle(struct peer *peer)
{
    if (peer->gone && peer->held == 0)
        free(peer);
}

static void on_opened(void *context, struct pipe *pipe)
{
    struct link *link = context;
    struct peer *peer = must_zalloc(1, sizeof *peer);
    peer->number = ++link->peers;
    *pipe_data(pipe) = peer;
    if (++link->peers_now > link->options.peers_max)
        pipe_close(pipe);
}

static struct link_request *request_create(struct link *link, struct pipe *pipe, struct span head, struct span frame)
{
    struct link_request *request = must_alloc(sizeof *request + frame.size);
    *request =
        (struct link_request){.link = link, .pipe = pipe, .peer = *pipe_data(pipe), .head_size = head.size, .frame_size = frame.size};
    memcpy(request->head, head.data, head.size);
    memcpy(request->frame, frame.data, frame.size);
    list_append(&link->requests, &request->node);
    request->peer->held++;
    pipe_hold(pipe);
    return request;
}

/* Empty when the words never end. */
static struct span head_of(struct span message)
{
    for (uint32_t at = 0; at < HEAD_BYTES_MAX && at + WORD_BYTES <= message.size; at += WORD_BYTES)
        if (message.data[at] & 0x80)
            return (struct span){message.data, at + WORD_BYTES};
    return (struct span){message.data, 0};
}

static bool on_message(void *context, struct pipe *pipe, struct span message)
{
    struct link *link = context;
    const struct peer *peer = *pipe_data(pipe);
    struct span head = head_of(message), frame = {message.data + head.size, message.size - head.size};
    if (head.size == 0)
        return false;
    if (peer->held >= link->options.per_pipe_max) {
        pipe_send(pipe, head, link->options.overloaded_reply);
        return true;
    }
    struct link_request *request = request_create(link, pipe, head, frame);
    link->options.on_request(link->options.context, request, (struct span){request->frame, request->frame_size});
    return true;
}

static void on_gone(void *context, struct pipe *pipe)
{
    struct link *link = context;
    struct peer *peer = *pipe_data(pipe);
    uint32_t number = peer->number;
    peer->gone = true;
    link->peers_now--;
    peer_settle(peer);
    if (!link->closing)
        link->options.on_peer_gone(link->options.context, number);
}

enum status link_open(const struct link_options *options, struct link **out, char error[256])
{
    struct link *link = must_zalloc(1, sizeof *link);
    link->options = *options;
    link->overloaded = must_copy(options->overloaded_reply.data, options->overloaded_reply.size);
    link->options.overloaded_reply.data = link->overloaded;
    const struct pipe_owner owner = {.context = link,
                                     .protocol = PIPE_rep,
                                     .message_bytes_max = options->frame_bytes_max + WORD_BYTES,
                                     .unfinished_bytes_max = options->unfinished_bytes_max,
                                     .on_opened = on_opened,
                                     .on_message = on_message,
                                     .on_gone = on_gone};
    enum status status = pipe_listen(options->loop, options->url, &owner, &link->source, error);
    if (status != STATUS_ok) {
        link_close(link);
        return status;
    }
    *out = link;
    return STATUS_ok;
}

const char *link_url(const struct link *link)
{
    return pipe_source_url(link->source);
}

uint32_t link_peer(const struct link_request *request)
{
    return request->peer->number;
}

size_t link_unread(const struct link_request *request)
{
    return pipe_unread(request->pipe);
}

void link_reply(struct link_request *request, struct span frame)
{
    pipe_send(request->pipe, (struct span){request->head, request->head_size}, frame);
    link_drop(request);
}

void link_drop(struct link_request *request)
{
    list_remove(&request->link->requests, &request->node);
    request->peer->held--;
    peer_settle(request->peer);
    pipe_release(request->pipe);
    free(request);
}

void link_flush(struct link *link)
{
    pipe_source_flush(link->source);
}

void link_close(struct link *link)
{
    link->closing = true;
    if (link->source)
        pipe_source_close(link->source);
    while (link->requests.first)
        link_drop(ITEM_OF(link->requests.first, struct link_request, node));
    free(link->overloaded);
    free(link);
}
