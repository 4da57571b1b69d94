#include "connectors/common/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

enum { OPTIONS_MAX = 32 };

static void options_print_help(const struct options *options)
{
    printf("Usage: %s", options->program);
    for (uint32_t i = 0; i < options->count; i++) {
        const struct option_line *line = &options->lines[i];
        if (line->required)
            printf(" --%s %s", line->name, line->value);
    }
    printf(" [OPTION]...\n%s\n\n", options->purpose);
    for (uint32_t i = 0; i < options->count; i++) {
        const struct option_line *line = &options->lines[i];
        char left[64];
        snprintf(left, sizeof left, "--%s %s", line->name, line->value ? line->value : "");
        printf("  %-20s %s%s\n", left, line->help, line->required ? " (required)" : "");
    }
    printf("  %-20s %s\n", "--help", "this page");
}

static bool options_wrong(const struct options *options, const char *name, const char *expected, const char *value)
{
    fprintf(stderr, "%s: --%s: expected %s, not \"%s\"; see --help\n", options->program, name, expected, value);
    return false;
}

static bool options_number(const struct options *options, const struct option_line *line, const char *value)
{
    char *end, expected[80];
    errno = 0;
    unsigned long long number = strtoull(value, &end, 10);
    if (value[0] >= '0' && value[0] <= '9' && *end == 0 && errno == 0 && number >= line->min && number <= line->max) {
        *(uint64_t *)line->out = number;
        return true;
    }
    snprintf(expected, sizeof expected, "a whole number from %llu to %llu", (unsigned long long)line->min, (unsigned long long)line->max);
    return options_wrong(options, line->name, expected, value);
}

static bool options_factor(const struct options *options, const struct option_line *line, const char *value)
{
    char *end;
    double number = strtod(value, &end);
    if (end == value || *end != 0 || !(number > 0 && number <= 1e9))
        return options_wrong(options, line->name, "a number above 0", value);
    *(double *)line->out = number;
    return true;
}

static bool options_texts(const struct options *options, const struct option_line *line, const char *value)
{
    struct option_texts *texts = line->out;
    if (texts->count == OPTION_TEXTS_MAX)
        return options_wrong(options, line->name, "at most 256 of these", value);
    texts->at[texts->count++] = value;
    return true;
}

static bool options_take(const struct options *options, const struct option_line *line, const char *value)
{
    switch (line->kind) {
    case OPTION_text:
        *(const char **)line->out = value;
        return true;
    case OPTION_texts:
        return options_texts(options, line, value);
    case OPTION_number:
        return options_number(options, line, value);
    case OPTION_factor:
        return options_factor(options, line, value);
    case OPTION_flag:
        *(bool *)line->out = true;
        return true;
    }
    return false;
}

static bool options_complete(const struct options *options, uint32_t seen)
{
    for (uint32_t i = 0; i < options->count; i++) {
        if (options->lines[i].required && !(seen >> i & 1)) {
            fprintf(stderr, "%s: --%s %s is required; see --help\n", options->program, options->lines[i].name, options->lines[i].value);
            return false;
        }
    }
    return true;
}

static const char *options_said(char **argv)
{
    return argv[optind > 1 ? optind - 1 : 1];
}

enum options_result options_read(const struct options *options, int argc, char **argv)
{
    enum { HELP = OPTIONS_MAX };
    struct option table[OPTIONS_MAX + 2] = {0};
    for (uint32_t i = 0; i < options->count; i++)
        table[i] = (struct option){options->lines[i].name, options->lines[i].value ? required_argument : no_argument, NULL, (int)i};
    table[options->count] = (struct option){"help", no_argument, NULL, HELP};
    uint32_t seen = 0;
    int at;
    while ((at = getopt_long(argc, argv, ":", table, NULL)) != -1) {
        if (at == HELP) {
            options_print_help(options);
            return OPTIONS_help;
        }
        if (at == '?' || at == ':') {
            const char *what = at == '?' ? "there is no such option" : "expected a value after it";
            fprintf(stderr, "%s: %s: %s; see --help\n", options->program, options_said(argv), what);
            return OPTIONS_wrong;
        }
        if (!options_take(options, &options->lines[at], optarg))
            return OPTIONS_wrong;
        seen |= 1u << at;
    }
    if (optind < argc) {
        fprintf(stderr, "%s: expected only options, not \"%s\"; see --help\n", options->program, argv[optind]);
        return OPTIONS_wrong;
    }
    return options_complete(options, seen) ? OPTIONS_run : OPTIONS_wrong;
}
