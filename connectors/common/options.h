/* The command line of a connector, described once in a table: reading, checking and --help all come from it. */
#ifndef RELEVO_OPTIONS_H
#define RELEVO_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum option_kind {
    OPTION_text,   /* const char * */
    OPTION_texts,  /* struct option_texts: may be given several times */
    OPTION_number, /* uint64_t, from min to max */
    OPTION_factor, /* double, above 0 */
    OPTION_flag,   /* bool */
};

enum { OPTION_TEXTS_MAX = 256 };

struct option_texts {
    const char *at[OPTION_TEXTS_MAX];
    uint32_t count;
};

struct option_line {
    enum option_kind kind;
    const char *name;  /* without the dashes */
    const char *value; /* what --help calls the value: "URL" */
    const char *help;
    void *out; /* where it goes; what is there before is the default */
    bool required;
    uint64_t min, max;
};

struct options {
    const char *program, *purpose; /* "relevo-stdio", one or more lines */
    const struct option_line *lines;
    uint32_t count;
};

enum options_result { OPTIONS_run, OPTIONS_help, OPTIONS_wrong };

/* Reads the command line into the lines' places. --help prints the page on stdout; what is wrong is said on stderr. */
enum options_result options_read(const struct options *options, int argc, char **argv);

#endif
