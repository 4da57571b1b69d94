#include "connectors/common/input.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void input_read(struct input *input)
{
    char bytes[1 << 16];
    ssize_t size = read(input->fd, bytes, sizeof bytes);
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (size > 0) {
        lines_feed(&input->lines, bytes, (size_t)size, input->on_line, input->context);
        return;
    }
    input_stop(input);
    input->fd = -1;
    lines_end(&input->lines, input->on_line, input->context);
    lines_fini(&input->lines);
    input->on_end(input->context);
}

static void input_on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    input_read(poll->data);
}

static void input_on_idle(uv_idle_t *idle)
{
    input_read(idle->data);
}

void input_open(struct input *input, uv_loop_t *loop, int fd)
{
    input->fd = fd;
    input->plain = uv_poll_init(loop, &input->poll, fd) != 0;
    /* libuv makes the descriptor non-blocking, and a terminal shares that with our output and with the shell. One read for each event never
     * blocks anyway. */
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    uv_idle_init(loop, &input->idle);
    input->poll.data = input->idle.data = input;
    input->stopped = true;
    input_resume(input);
}

void input_stop(struct input *input)
{
    input->stopped = true;
    if (input->plain)
        uv_idle_stop(&input->idle);
    else
        uv_poll_stop(&input->poll);
}

void input_resume(struct input *input)
{
    if (!input->stopped || input->fd < 0)
        return;
    input->stopped = false;
    if (input->plain)
        uv_idle_start(&input->idle, input_on_idle);
    else
        uv_poll_start(&input->poll, UV_READABLE, input_on_readable);
}
