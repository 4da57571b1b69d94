#include <stdio.h>

#include "bench/explanation.h"
#include "bench/json.h"
#include "bench/session.h"

static void print(const struct wire_explanation *explanation, bool of_one, bool json)
{
    struct buffer text = {0};
    if (json) {
        json_print(json_of_explanation(explanation));
        return;
    }
    explanation_text(&text, explanation, of_one);
    fwrite(text.data, 1, text.size, stdout);
    buffer_fini(&text);
}

/* `agent` NULL: of everybody who could serve it. */
static enum command_exit why(const struct usage *usage, uint64_t conversation, const char *agent, bool json)
{
    struct session session;
    if (!session_open(&session, usage->command, usage->broker))
        return COMMAND_failed;
    struct arena arena = {0};
    struct frame request = {.verb = VERB_why, .why = {.conversation = conversation, .agent = span_of(agent)}}, reply;
    char about[48];
    snprintf(about, sizeof about, "conversation %lu", conversation);
    bool told = session_answered(&session, &request, about, &arena, &reply);
    if (told)
        print(&reply.explanation, agent != NULL, json);
    arena_fini(&arena);
    session_close(&session);
    return told ? COMMAND_done : COMMAND_failed;
}

static enum command_exit run(struct usage *usage, int argc, char **argv)
{
    bool json = false;
    struct broker_address broker;
    const struct option_spec options[] = {{"json", OPTION_flag, &json, 0, 0, "one JSON object"}};
    const char *operands[OPERANDS_MAX] = {0};
    enum command_exit exit_code;
    uint64_t conversation;
    usage->options = options;
    usage->options_count = 1;
    usage->broker = &broker;
    if (!options_parse(usage, argc, argv, operands, &exit_code))
        return exit_code;
    if (!options_conversation(usage->command, operands[0], &conversation))
        return COMMAND_wrong;
    return why(usage, conversation, operands[1], json);
}

enum command_exit command_why(int argc, char **argv)
{
    struct usage usage = {.command = "why",
                          .operands = "CONVERSATION",
                          .about =
                              "Tells where a conversation stands, what it waits for, what keeps every agent who could serve it from it,\n"
                              "and what happens next by itself."};
    return run(&usage, argc, argv);
}

enum command_exit command_why_not(int argc, char **argv)
{
    struct usage usage = {.command = "why-not",
                          .operands = "CONVERSATION AGENT",
                          .about = "Tells what keeps one agent from a conversation, and what happens next by itself."};
    return run(&usage, argc, argv);
}
