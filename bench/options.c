#include "bench/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/span.h"

#define OPTION_DEFAULT_URL "tcp://127.0.0.1:7400"

static void broker_options(struct broker_address *broker, struct option_spec out[3])
{
    out[0] = (struct option_spec){"url", OPTION_text, &broker->url, 0, 0, "the broker's address (RELEVO_URL)"};
    out[1] = (struct option_spec){"name", OPTION_text, &broker->name, 0, 0, "the operator's name (RELEVO_NAME)"};
    out[2] = (struct option_spec){"token", OPTION_text, &broker->token, 0, 0, "the operator's token (RELEVO_TOKEN)"};
}

static void broker_defaults(struct broker_address *broker)
{
    const char *url = getenv("RELEVO_URL");
    *broker = (struct broker_address){url && *url ? url : OPTION_DEFAULT_URL, getenv("RELEVO_NAME"), getenv("RELEVO_TOKEN")};
}

static void print_option(const struct option_spec *spec)
{
    char name[40];
    switch (spec->kind) {
    case OPTION_flag:
        printf("  --%-24s %s\n", spec->name, spec->help);
        break;
    case OPTION_number:
        snprintf(name, sizeof name, "%s N", spec->name);
        printf("  --%-24s %s (%lu)\n", name, spec->help, *(const uint64_t *)spec->value);
        break;
    case OPTION_text:
        snprintf(name, sizeof name, "%s TEXT", spec->name);
        printf("  --%-24s %s\n", name, spec->help);
        break;
    }
}

static void print_usage(const struct usage *usage)
{
    printf("relevo %s%s%s [options]\n\n%s\n\n", usage->command, usage->operands ? " " : "", usage->operands ? usage->operands : "",
           usage->about);
    for (size_t i = 0; i < usage->options_count; i++)
        print_option(&usage->options[i]);
    if (usage->broker) {
        struct option_spec specs[3];
        broker_options(usage->broker, specs);
        for (size_t i = 0; i < 3; i++)
            print_option(&specs[i]);
    }
}

bool options_number(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)*text) || *end || errno || number < min || number > max)
        return false;
    *out = number;
    return true;
}

static bool option_set(const struct usage *usage, const struct option_spec *spec, const char *text)
{
    switch (spec->kind) {
    case OPTION_flag:
        *(bool *)spec->value = true;
        return true;
    case OPTION_text:
        *(const char **)spec->value = text;
        return true;
    case OPTION_number:
        if (options_number(text, spec->min, spec->max, spec->value))
            return true;
        command_complain(usage->command, "--%s: expected a number from %lu to %lu, got \"%s\"", spec->name, spec->min, spec->max, text);
        return false;
    }
    return false;
}

static const struct option_spec *spec_find(const struct option_spec *specs, size_t count, const char *name, size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(specs[i].name) == length && memcmp(specs[i].name, name, length) == 0)
            return &specs[i];
    return NULL;
}

/* Reads `--name VALUE`, `--name=VALUE` or `--name` at argv[*at], and moves *at to the last argument it used. */
static bool option_parse(const struct usage *usage, const struct option_spec broker[3], int argc, char **argv, int *at)
{
    const char *name = argv[*at] + 2, *equals = strchr(name, '=');
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    const struct option_spec *spec = spec_find(usage->options, usage->options_count, name, length);
    if (!spec && usage->broker)
        spec = spec_find(broker, 3, name, length);
    if (!spec || (spec->kind == OPTION_flag && equals)) {
        command_complain(usage->command, "there is no option %s; `relevo help %s` lists them", argv[*at], usage->command);
        return false;
    }
    const char *text = equals ? equals + 1 : NULL;
    if (!text && spec->kind != OPTION_flag) {
        if (*at + 1 >= argc) {
            command_complain(usage->command, "--%s: a value must follow", spec->name);
            return false;
        }
        text = argv[++*at];
    }
    return option_set(usage, spec, text);
}

static bool broker_given(const struct usage *usage)
{
    if (!usage->broker || (usage->broker->name && usage->broker->token))
        return true;
    const char *what = usage->broker->name ? "token" : "name", *variable = usage->broker->name ? "RELEVO_TOKEN" : "RELEVO_NAME";
    command_complain(usage->command, "no operator %s: give --%s, or set %s", what, what, variable);
    return false;
}

/* The name of the operand at that place; empty: there is none. */
static struct span operand_name(const struct usage *usage, uint32_t at)
{
    const char *name = usage->operands ? usage->operands : "";
    for (; at && *name; at--) {
        name += strcspn(name, " ");
        name += strspn(name, " ");
    }
    return (struct span){name, (uint32_t)strcspn(name, " ")};
}

/* One argument; `*at` is moved to the last one used, `*given` counts operands. */
static bool argument_parse(const struct usage *usage, const struct option_spec broker[3], int argc, char **argv, int *at,
                           const char **operands, uint32_t *given)
{
    if (strncmp(argv[*at], "--", 2) == 0)
        return option_parse(usage, broker, argc, argv, at);
    if (operand_name(usage, *given).size == 0) {
        command_complain(usage->command, "\"%s\" is one argument too many; `relevo help %s` shows what is expected", argv[*at],
                         usage->command);
        return false;
    }
    operands[(*given)++] = argv[*at];
    return true;
}

static bool operands_given(const struct usage *usage, uint32_t given)
{
    struct span missing = operand_name(usage, given);
    if (missing.size == 0)
        return true;
    command_complain(usage->command, "%.*s is missing; `relevo help %s` shows what is expected", (int)missing.size, missing.data,
                     usage->command);
    return false;
}

bool options_parse(const struct usage *usage, int argc, char **argv, const char **operands, enum command_exit *out)
{
    struct option_spec broker[3];
    uint32_t given = 0;
    if (usage->broker) {
        broker_defaults(usage->broker);
        broker_options(usage->broker, broker);
    }
    *out = COMMAND_wrong;
    for (int at = 0; at < argc; at++) {
        if (strcmp(argv[at], "--help") == 0) {
            print_usage(usage);
            *out = COMMAND_done;
            return false;
        }
        if (!argument_parse(usage, broker, argc, argv, &at, operands, &given))
            return false;
    }
    return operands_given(usage, given) && broker_given(usage);
}

bool options_conversation(const char *command, const char *text, uint64_t *out)
{
    if (options_number(text, 1, INT64_MAX, out))
        return true;
    command_complain(command, "\"%s\" is no conversation: expected its number, from 1 up", text);
    return false;
}
