/* Lines from a descriptor (a pipe, a terminal or a file), read by the loop without ever blocking it. */
#ifndef RELEVO_INPUT_H
#define RELEVO_INPUT_H

#include <uv.h>

#include "connectors/common/lines.h"

struct input {
    uv_poll_t poll;
    uv_idle_t idle; /* a plain file cannot be polled and is always readable */
    int fd;
    bool plain, stopped;
    struct lines lines;
    lines_reader on_line; /* as in lines.h, but always true: the rest would be lost */
    void (*on_end)(void *context);
    void *context;
};

/* Starts reading. lines.line_max, on_line, on_end and context have been set. */
void input_open(struct input *input, uv_loop_t *loop, int fd);

/* Reading stops, for good after the end of the input, or goes on. */
void input_stop(struct input *input);
void input_resume(struct input *input);

#endif
