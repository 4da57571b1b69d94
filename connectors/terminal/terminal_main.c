#include <stdio.h>

#include "connectors/common/dialogue_file.h"
#include "connectors/terminal/auto.h"
#include "connectors/terminal/desk.h"

static const char *const program = "relevo-terminal";

struct command {
    const char *url, *automatic, *format;
    struct option_texts agents, tokens;
    uint64_t pace_ms, idle_s;
};

static enum options_result command_read(struct command *command, int argc, char **argv)
{
    *command = (struct command){.format = "jsonl"};
    const struct option_line lines[] = {
        {OPTION_text, "url", "URL", "the broker: tcp://127.0.0.1:7400", &command->url, true, 0, 0},
        {OPTION_texts, "agent", "NAME", "the agent to be; with --auto there may be several, each followed by its --token", &command->agents,
         true, 0, 0},
        {OPTION_texts, "token", "T", "the agent's token", &command->tokens, true, 0, 0},
        {OPTION_text, "auto", "FILE", "answer from the recorded dialogues of this file", &command->automatic, false, 0, 0},
        {OPTION_text, "format", "F", "of that file: star, multidogo or jsonl (the default)", &command->format, false, 0, 0},
        {OPTION_number, "pace", "MS", "with --auto: think so long before each reply", &command->pace_ms, false, 0, 3600000},
        {OPTION_number, "until-idle", "S", "with --auto: stop when nothing happened for S seconds", &command->idle_s, false, 1, 86400},
    };
    const struct options options = {
        program, "An agent at a terminal: a person typing (/help says what), or --auto, answering from recorded dialogues.", lines,
        sizeof lines / sizeof *lines};
    return options_read(&options, argc, argv);
}

static bool command_check(const struct command *command, enum dialogue_format *format)
{
    if (command->agents.count != command->tokens.count) {
        fprintf(stderr, "%s: expected one --token for each --agent\n", program);
        return false;
    }
    if (!command->automatic && (command->agents.count > 1 || command->pace_ms > 0 || command->idle_s > 0)) {
        fprintf(stderr, "%s: several agents, --pace and --until-idle go only with --auto\n", program);
        return false;
    }
    if (dialogue_format_of(command->format, format))
        return true;
    fprintf(stderr, "%s: --format: expected star, multidogo or jsonl, not \"%s\"\n", program, command->format);
    return false;
}

static int command_auto(const struct command *command, enum dialogue_format format)
{
    struct dialogues dialogues = {0};
    struct dialogue_error error;
    int code = 1;
    const struct auto_options options = {command->url, &command->agents, &command->tokens, command->pace_ms, 1000 * command->idle_s};
    if (dialogues_load(&dialogues, format, command->automatic, &error) == STATUS_ok)
        code = auto_run(program, &options, &dialogues);
    else
        fprintf(stderr, "%s: %s\n", program, error.text);
    dialogues_fini(&dialogues);
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
    if (command.automatic)
        return command_auto(&command, format);
    const struct desk_options options = {command.url, command.agents.at[0], command.tokens.at[0]};
    return desk_run(program, &options);
}
