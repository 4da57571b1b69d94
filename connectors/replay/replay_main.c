#include <stdio.h>
#include <stdlib.h>

#include "connectors/common/dialogue_file.h"
#include "connectors/common/options.h"
#include "connectors/replay/replay_io.h"
#include "proto/expect.h"

static const char *const program = "relevo-replay";

struct command {
    struct replay_options replay;
    const char *format, *file, *channel;
    uint64_t limit, skip, concurrent, timeout_s;
    bool closed, json;
};

static enum options_result command_read(struct command *command, int argc, char **argv)
{
    *command = (struct command){.limit = UINT32_MAX, .concurrent = 256, .timeout_s = 300};
    const struct option_line lines[] = {
        {OPTION_text, "url", "URL", "the broker: tcp://127.0.0.1:7400", &command->replay.url, true, 0, 0},
        {OPTION_text, "account", "NAME", "the channel account to be", &command->replay.account, true, 0, 0},
        {OPTION_text, "token", "T", "its token", &command->replay.token, true, 0, 0},
        {OPTION_text, "format", "F", "star, multidogo or jsonl", &command->format, true, 0, 0},
        {OPTION_text, "file", "FILE", "recorded dialogues, one a line", &command->file, true, 0, 0},
        {OPTION_text, "channel", "C", "only the dialogues of this channel", &command->channel, false, 0, 0},
        {OPTION_number, "skip", "N", "leave out the first N of them", &command->skip, false, 0, UINT32_MAX},
        {OPTION_number, "limit", "N", "play at most N", &command->limit, false, 1, UINT32_MAX},
        {OPTION_number, "concurrent", "N", "dialogues at once (256)", &command->concurrent, false, 1, 1 << 15},
        {OPTION_flag, "closed", NULL, "a customer waits for the recorded answers before the next turn (the default)", &command->closed,
         false, 0, 0},
        {OPTION_factor, "speed", "X", "instead, by the recorded gaps, X times as fast", &command->replay.speed, false, 0, 0},
        {OPTION_number, "timeout", "S", "give up when nothing moved for S seconds; 0: never (300)", &command->timeout_s, false, 0, 86400},
        {OPTION_flag, "json", NULL, "the summary as one line of JSON", &command->json, false, 0, 0},
    };
    const struct options options = {
        program, "Plays recorded dialogues as customers of a channel account. Exits with 0 when every dialogue is complete.", lines,
        sizeof lines / sizeof *lines};
    return options_read(&options, argc, argv);
}

static bool command_check(struct command *command, enum dialogue_format *format)
{
    if (!dialogue_format_of(command->format, format)) {
        fprintf(stderr, "%s: --format: expected star, multidogo or jsonl, not \"%s\"\n", program, command->format);
        return false;
    }
    if (command->closed && command->replay.speed > 0) {
        fprintf(stderr, "%s: expected only one of --closed and --speed\n", program);
        return false;
    }
    command->replay.closed = command->replay.speed <= 0;
    command->replay.concurrent = (uint32_t)command->concurrent;
    command->replay.stall_ms = 1000 * command->timeout_s;
    return true;
}

static uint32_t command_choose(const struct command *command, const struct dialogues *dialogues, const struct dialogue **chosen)
{
    uint64_t skip = command->skip;
    uint32_t count = 0;
    for (uint32_t i = 0; i < dialogues->count && count < command->limit; i++) {
        const struct dialogue *dialogue = dialogues->all[i];
        if (command->channel && !span_equal(dialogue->channel, span_of(command->channel)))
            continue;
        if (skip > 0)
            skip--;
        else
            chosen[count++] = dialogue;
    }
    return count;
}

static void command_print(bool json, const struct replay_counts *counts)
{
    const struct {
        const char *name;
        uint64_t value;
    } lines[] = {
        {"dialogues", counts->dialogues},   {"complete", counts->complete}, {"refused", counts->refused},
        {"messages", counts->messages},     {"replies", counts->replies},   {"mismatches", counts->mismatches},
        {"duplicates", counts->duplicates},
    };
    fputs(json ? "{" : "", stdout);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (json)
            printf("\"%s\":%llu,", lines[i].name, (unsigned long long)lines[i].value);
        else
            printf("%llu %s, ", (unsigned long long)lines[i].value, lines[i].name);
    if (json)
        printf("\"seconds\":%.3f}\n", counts->seconds);
    else
        printf("%.3f s\n", counts->seconds);
}

static int command_play(const struct command *command, const struct dialogues *dialogues)
{
    const struct dialogue **chosen = calloc(dialogues->count + 1, sizeof *chosen);
    EXPECT(chosen);
    uint32_t count = command_choose(command, dialogues, chosen);
    int code = 1;
    if (count == 0) {
        fprintf(stderr, "%s: %s: no dialogue is left to play\n", program, command->file);
    } else {
        struct replay_counts counts;
        code = replay_run(program, &command->replay, chosen, count, &counts);
        command_print(command->json, &counts);
    }
    free(chosen);
    return code;
}

int main(int argc, char **argv)
{
    struct command command;
    enum dialogue_format format;
    enum options_result result = command_read(&command, argc, argv);
    if (result != OPTIONS_run)
        return result == OPTIONS_help ? 0 : 2;
    if (!command_check(&command, &format))
        return 2;
    struct dialogues dialogues = {0};
    struct dialogue_error error;
    int code = 1;
    if (dialogues_load(&dialogues, format, command.file, &error) == STATUS_ok)
        code = command_play(&command, &dialogues);
    else
        fprintf(stderr, "%s: %s\n", program, error.text);
    dialogues_fini(&dialogues);
    return code;
}
