/* Command lines: each command describes its options in a table, and reading, checking and `--help` all follow from it. */
#ifndef RELEVO_BENCH_OPTIONS_H
#define RELEVO_BENCH_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/command.h"

enum option_kind {
    OPTION_flag,   /* value is a bool */
    OPTION_number, /* value is a uint64_t, within min and max */
    OPTION_text,   /* value is a const char * */
};

struct option_spec {
    const char *name; /* without the dashes */
    enum option_kind kind;
    void *value; /* holds the default when parsing begins */
    uint64_t min, max;
    const char *help;
};

/* The broker a command talks to. */
struct broker_address {
    const char *url, *name, *token;
};

struct usage {
    const char *command; /* "history" */
    const char *operand; /* the name of its one operand ("CONVERSATION"); NULL: it has none */
    const char *about;   /* what it does, for --help */
    const struct option_spec *options;
    size_t options_count;
    struct broker_address *broker; /* NULL: the command talks to none; otherwise --url --name --token, or the environment */
};

/* Reads the arguments into the options' values. True: go on, `*operand` is set when there is one. False: the command ends with `*out`, and
 * help or a complaint was printed. */
bool options_parse(const struct usage *usage, int argc, char **argv, const char **operand, enum command_exit *out);

/* A whole decimal number within the bounds. */
bool options_number(const char *text, uint64_t min, uint64_t max, uint64_t *out);

#endif
