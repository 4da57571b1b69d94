#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "bench/json.h"
#include "bench/limits/limits_against.h"
#include "bench/scratch.h"
#include "bench/signals.h"

struct limits_options {
    uint64_t seconds;
    const char *against;
    bool json;
};

static bool disk_measure(const struct limits_place *place, enum limit_kind kind, struct limit *out)
{
    switch (kind) {
    case LIMIT_page_first:
        return limits_blocks(place, &(struct blocks_options){0}, out);
    case LIMIT_page_again:
        return limits_blocks(place, &(struct blocks_options){.overwrites = true}, out);
    case LIMIT_flush_append:
        return limits_blocks(place, &(struct blocks_options){.flushes = true}, out);
    case LIMIT_flush_overwrite:
        return limits_blocks(place, &(struct blocks_options){.overwrites = true, .flushes = true}, out);
    case LIMIT_lmdb_64:
        return limits_lmdb(place, 64, out);
    case LIMIT_lmdb_512:
        return limits_lmdb(place, 512, out);
    case LIMIT_lmdb_4096:
        return limits_lmdb(place, 4096, out);
    case LIMIT_relay_stored:
        return limits_relay(place, &(struct relay_options){.stores = true}, out);
    case LIMIT_relay_stored_paced:
        return limits_relay(place, &(struct relay_options){.stores = true, .rate = LIMITS_RATE}, out);
    case LIMIT_relay:
        return limits_relay(place, &(struct relay_options){0}, out);
    case LIMIT_relay_paced:
        return limits_relay(place, &(struct relay_options){.rate = LIMITS_RATE}, out);
    case LIMIT_echo_one:
    case LIMIT_echo_small:
    case LIMIT_echo_large:
    case LIMIT_KINDS:
        break;
    }
    return false;
}

static bool went_on(int signals, bool done)
{
    if (done && signals_came(signals)) {
        command_complain(LIMITS_COMMAND, "interrupted");
        return false;
    }
    return done;
}

static bool echo_measure(const struct limits_place *place, int signals, struct limit limits[LIMIT_KINDS])
{
    struct echo *echo = limits_echo_open();
    if (!echo)
        return false;
    bool done = went_on(signals, limits_echo(echo, place, 1, 1, &limits[LIMIT_echo_one])) &&
                went_on(signals, limits_echo(echo, place, 1, LIMITS_ECHO_SMALL_INFLIGHT, &limits[LIMIT_echo_small])) &&
                limits_echo(echo, place, LIMITS_ECHO_BATCH, LIMITS_ECHO_LARGE_INFLIGHT, &limits[LIMIT_echo_large]);
    limits_echo_close(echo);
    return done;
}

static bool measure(const struct limits_options *options, int signals, struct limit limits[LIMIT_KINDS])
{
    char directory[SCRATCH_PATH];
    if (!scratch_made(LIMITS_COMMAND, directory))
        return false;
    struct limits_place place = {directory, options->seconds * 1000000000 / LIMIT_KINDS};
    bool done = true;
    for (int kind = 0; kind < LIMIT_echo_one && done; kind++)
        done = went_on(signals, disk_measure(&place, (enum limit_kind)kind, &limits[kind]));
    done = done && echo_measure(&place, signals, limits);
    scratch_remove(directory);
    return done;
}

static void print_json(const struct limits_options *options, const struct limits_against *against, const struct limit limits[LIMIT_KINDS])
{
    json_t *object = json_pack("{s:s, s:{s:I, s:i}, s:o}", "bench", "limits", "parameters", "seconds", (json_int_t)options->seconds,
                               "body_bytes", LIMITS_BODY_BYTES, "limits", limits_json(limits));
    if (against->runs)
        json_object_set_new(object, "against", limits_against_json(against, limits));
    json_print(object);
}

static void print_text(const struct limits_against *against, const struct limit limits[LIMIT_KINDS])
{
    limits_print(limits);
    if (against->runs) {
        putchar('\n');
        limits_against_print(against, limits);
    }
}

static enum command_exit judge(const struct limit limits[LIMIT_KINDS])
{
    uint64_t wrong = 0;
    for (int kind = 0; kind < LIMIT_KINDS; kind++)
        wrong += limits[kind].wrong;
    if (wrong)
        command_complain(LIMITS_COMMAND, "%lu messages or requests were lost, doubled, reordered or answered wrongly", wrong);
    return wrong ? COMMAND_failed : COMMAND_done;
}

static bool options_read(struct limits_options *options, int argc, char **argv, enum command_exit *exit_code)
{
    *options = (struct limits_options){.seconds = 14};
    const struct option_spec specs[] = {
        {"seconds", OPTION_number, &options->seconds, 1, 86400, "for all fourteen measurements together"},
        {"against", OPTION_text, &options->against, 0, 0,
         "also tell what share of the limits a run reached: a file that `relevo bench route --json` wrote, once or more"},
        {"json", OPTION_flag, &options->json, 0, 0, "one JSON object"}};
    const struct usage usage = {
        LIMITS_COMMAND,
        NULL,
        "Measures what this machine could do at best with messages of 250 bytes: memory for a file, flushing its disk\n"
        "(TMPDIR, or /var/tmp), appending to LMDB, relaying over TCP with and without storing, and an echo of a\n"
        "connector's requests over NNG.",
        specs,
        sizeof specs / sizeof *specs,
        NULL};
    return options_parse(&usage, argc, argv, NULL, exit_code);
}

enum command_exit command_bench_limits(int argc, char **argv)
{
    struct limits_options options;
    struct limits_against against = {0};
    enum command_exit exit_code;
    if (!options_read(&options, argc, argv, &exit_code))
        return exit_code;
    if (options.against && !limits_against_read(options.against, &against))
        return COMMAND_wrong;
    struct limit *limits = must_zalloc(LIMIT_KINDS, sizeof *limits);
    int signals = signals_open();
    exit_code = COMMAND_failed;
    if (measure(&options, signals, limits)) {
        if (options.json)
            print_json(&options, &against, limits);
        else
            print_text(&against, limits);
        exit_code = judge(limits);
    }
    close(signals);
    json_decref(against.runs);
    free(limits);
    return exit_code;
}
