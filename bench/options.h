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

enum { OPERANDS_MAX = 2 };

struct usage {
    const char *command;  /* "history" */
    const char *operands; /* the names of its operands ("CONVERSATION QUEUE"), at most OPERANDS_MAX; NULL: it has none */
    const char *about;    /* what it does, for --help */
    const struct option_spec *options;
    size_t options_count;
    struct broker_address *broker; /* NULL: the command talks to none; otherwise --url --name --token, or the environment */
};

/* Reads the arguments into the options' values. True: go on, and `operands` has as many as there are names (NULL will do for none). False:
 * the command ends with `*out`, and help or a complaint was printed. */
bool options_parse(const struct usage *usage, int argc, char **argv, const char **operands, enum command_exit *out);

/* The number of a conversation. False: complained. */
bool options_conversation(const char *command, const char *text, uint64_t *out);

/* A whole decimal number within the bounds. */
bool options_number(const char *text, uint64_t min, uint64_t max, uint64_t *out);

#endif
