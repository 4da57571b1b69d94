#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/pipe/pipe_internal.h"

enum {
    REST_MS_MIN = 50,
    REST_MS_MAX = 500,
};

static const struct addrinfo by_name = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
static const struct addrinfo by_number = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV | AI_NUMERICHOST};

static bool address_connect(struct pipe_source *source, const struct addrinfo *address)
{
    int fd = socket(address->ai_family, address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0 || errno == EINPROGRESS)
        return pipe_start(source, fd);
    close(fd);
    return false;
}

static void on_rested(uv_timer_t *timer);

/* To the next address that was found; after the last one a rest, and then a new look. */
static void source_dial(struct pipe_source *source)
{
    while (source->address) {
        const struct addrinfo *address = source->address;
        source->address = address->ai_next;
        if (address_connect(source, address))
            return;
    }
    uv_timer_start(&source->rest, on_rested, source->rest_ms, 0);
    source->rest_ms = source->rest_ms * 2 < REST_MS_MAX ? source->rest_ms * 2 : REST_MS_MAX;
}

static void source_found(struct pipe_source *source, struct addrinfo *addresses)
{
    uv_freeaddrinfo(source->addresses);
    source->addresses = source->address = addresses;
    source_dial(source);
}

static void on_looked_up(uv_getaddrinfo_t *lookup, int failure, struct addrinfo *addresses)
{
    struct pipe_source *source = lookup->data;
    source->looking_up = false;
    if (source->closed)
        uv_freeaddrinfo(addresses);
    else
        source_found(source, failure ? NULL : addresses);
    source_release(source);
}

/* A number needs no look-up, and so no thread. */
static void source_look_up(struct pipe_source *source)
{
    struct addrinfo *addresses = NULL;
    source->lookup.data = source;
    if (getaddrinfo(source->host, source->port, &by_number, &addresses) == 0) {
        source_found(source, addresses);
    } else if (uv_getaddrinfo(source->loop, &source->lookup, on_looked_up, source->host, source->port, &by_name) == 0) {
        source->looking_up = true;
        source->handles++;
    } else {
        source_found(source, NULL);
    }
}

static void on_rested(uv_timer_t *timer)
{
    source_look_up(timer->data);
}

/* One that never greeted may be the wrong one of several addresses. */
static void on_left(struct pipe_source *source, bool opened)
{
    if (opened) {
        source->address = NULL;
        source->rest_ms = REST_MS_MIN;
    }
    source_dial(source);
}

static void on_close(struct pipe_source *source)
{
    if (source->looking_up)
        uv_cancel((uv_req_t *)&source->lookup);
}

enum status pipe_dial(uv_loop_t *loop, const char *url, const struct pipe_owner *owner, struct pipe_source **out, char error[256])
{
    struct pipe_source *source = source_create(loop, owner);
    source->on_left = on_left;
    source->on_close = on_close;
    source->rest_ms = REST_MS_MIN;
    bool sound = source_read_url(source, url, error);
    if (sound && source->host[0] == 0) {
        snprintf(error, 256, "'%s' is not an address: the host is missing", url);
        sound = false;
    }
    if (!sound) {
        pipe_source_close(source);
        return STATUS_bad_input;
    }
    source_look_up(source);
    *out = source;
    return STATUS_ok;
}
