#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/expect.h"
#include "proto/pipe/pipe_internal.h"

enum {
    BACKLOG = 1024,
    ACCEPTS = 64,  /* in one turn of the loop */
    REST_MS = 100, /* when the system has no room for another connection */
};

static void on_connection(uv_poll_t *poll, int status, int events);

static void on_rested(uv_timer_t *timer)
{
    struct pipe_source *source = timer->data;
    uv_poll_start(&source->listening, UV_READABLE, on_connection);
}

/* No descriptor or memory is left: what waits to be accepted would wake the loop all the time. */
static void source_rest(struct pipe_source *source)
{
    uv_poll_stop(&source->listening);
    uv_timer_start(&source->rest, on_rested, REST_MS, 0);
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
    (void)events;
    struct pipe_source *source = poll->data;
    const int on = 1;
    if (status < 0)
        source_rest(source);
    for (int i = 0; i < ACCEPTS && status == 0; i++) {
        int fd = accept4(source->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
            pipe_start(source, fd);
        } else if (errno == EAGAIN) {
            return;
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            source_rest(source);
            return;
        }
    }
}

static bool address_listen(struct pipe_source *source, const struct addrinfo *address)
{
    const int on = 1;
    source->fd = socket(address->ai_family, address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (source->fd < 0)
        return false;
    setsockopt(source->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(source->fd, address->ai_addr, address->ai_addrlen) == 0 && listen(source->fd, BACKLOG) == 0)
        return true;
    int failure = errno;
    close(source->fd);
    source->fd = -1;
    errno = failure;
    return false;
}

/* The given address with the port that is really bound. */
static char *url_with_port(const char *url, int fd)
{
    struct sockaddr_storage bound = {0};
    socklen_t size = sizeof bound;
    char port[NI_MAXSERV];
    int failure = getsockname(fd, (struct sockaddr *)&bound, &size);
    if (!failure)
        failure = getnameinfo((struct sockaddr *)&bound, size, NULL, 0, port, sizeof port, NI_NUMERICSERV);
    EXPECT(failure == 0);
    char *text;
    int length = asprintf(&text, "%.*s:%s", (int)(strrchr(url, ':') - url), url, port);
    EXPECT(length > 0);
    return text;
}

static void on_close(struct pipe_source *source)
{
    if (source->fd < 0)
        return;
    uv_close((uv_handle_t *)&source->listening, source_on_handle_closed);
    close(source->fd);
}

static enum status source_refuse(struct pipe_source *source, enum status status)
{
    pipe_source_close(source);
    return status;
}

/* The first of the host's addresses that can be listened on. */
static enum status source_bind(struct pipe_source *source, const char *url, char error[256])
{
    bool everywhere = source->host[0] == 0 || strcmp(source->host, "*") == 0;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    int failure = getaddrinfo(everywhere ? NULL : source->host, source->port, &hints, &source->addresses);
    if (failure) {
        snprintf(error, 256, "cannot listen on '%s': %s", url, gai_strerror(failure));
        return STATUS_bad_input;
    }
    const struct addrinfo *address = source->addresses;
    while (address && !address_listen(source, address))
        address = address->ai_next;
    if (address)
        return STATUS_ok;
    failure = errno;
    snprintf(error, 256, "cannot listen on '%s': %s", url, strerror(failure));
    return failure == EADDRINUSE ? STATUS_in_use : failure == ENOMEM ? STATUS_no_memory : STATUS_bad_input;
}

enum status pipe_listen(uv_loop_t *loop, const char *url, const struct pipe_owner *owner, struct pipe_source **out, char error[256])
{
    struct pipe_source *source = source_create(loop, owner);
    source->on_close = on_close;
    if (!source_read_url(source, url, error))
        return source_refuse(source, STATUS_bad_input);
    enum status status = source_bind(source, url, error);
    if (status != STATUS_ok)
        return source_refuse(source, status);
    source->url = url_with_port(url, source->fd);
    source->listening.data = source;
    source->handles++;
    int failure = uv_poll_init(loop, &source->listening, source->fd);
    EXPECT(failure == 0);
    uv_poll_start(&source->listening, UV_READABLE, on_connection);
    *out = source;
    return STATUS_ok;
}
