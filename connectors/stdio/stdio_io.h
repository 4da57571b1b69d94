/* A channel that is a script: JSON lines in become changes, results and deliveries become JSON lines out. */
#ifndef RELEVO_STDIO_IO_H
#define RELEVO_STDIO_IO_H

struct stdio_options {
    const char *url, *account, *token;
};

/* Until the input ends or a signal comes. Returns the exit code. */
int stdio_run(const char *program, const struct stdio_options *options);

#endif
