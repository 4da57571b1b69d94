/* A person at a terminal as an agent: shows what is delivered, sends what is typed. */
#ifndef RELEVO_DESK_H
#define RELEVO_DESK_H

struct desk_options {
    const char *url, *agent, *token;
};

/* Until /quit, the end of the input or a signal. Returns the exit code. */
int desk_run(const char *program, const struct desk_options *options);

#endif
