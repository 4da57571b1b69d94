#include "connectors/terminal/desk_command.h"

#include "proto/message.h"

enum desk_argument {
    ARGUMENT_none,
    ARGUMENT_text,
    ARGUMENT_text_maybe,
    ARGUMENT_number,
    ARGUMENT_number_maybe,
    ARGUMENT_seconds_maybe,
    ARGUMENT_target,
    ARGUMENT_target_warm,
    ARGUMENT_loan,
};

static const struct desk_word {
    const char *word;
    enum desk_verb verb;
    enum desk_argument argument;
    const char *problem;
} words[] = {
    {"reply", DESK_reply, ARGUMENT_text, "expected /reply TEXT"},
    {"note", DESK_note, ARGUMENT_text, "expected /note TEXT"},
    {"accept", DESK_accept, ARGUMENT_number_maybe, "expected /accept or /accept CONVERSATION"},
    {"decline", DESK_decline, ARGUMENT_number_maybe, "expected /decline or /decline CONVERSATION"},
    {"transfer", DESK_transfer, ARGUMENT_target_warm, "expected /transfer [--warm] QUEUE [NOTE] or /transfer [--warm] @AGENT [NOTE]"},
    {"escalate", DESK_escalate, ARGUMENT_text_maybe, ""},
    {"nack", DESK_nack, ARGUMENT_seconds_maybe, "expected /nack or /nack SECONDS, at most a day"},
    {"claim", DESK_claim, ARGUMENT_number, "expected /claim CONVERSATION"},
    {"consult", DESK_consult, ARGUMENT_target, "expected /consult QUEUE [NOTE] or /consult @AGENT [NOTE]"},
    {"lend", DESK_lend, ARGUMENT_loan, "expected /lend @BOT SECONDS [PURPOSE], at most a day"},
    {"recall", DESK_recall, ARGUMENT_none, "expected /recall alone"},
    {"finish", DESK_finish, ARGUMENT_none, "expected /finish alone"},
    {"away", DESK_away, ARGUMENT_text_maybe, ""},
    {"available", DESK_available, ARGUMENT_none, "expected /available alone"},
    {"open", DESK_open, ARGUMENT_number, "expected /open CONVERSATION"},
    {"list", DESK_list, ARGUMENT_none, "expected /list alone"},
    {"history", DESK_history, ARGUMENT_none, "expected /history alone"},
    {"help", DESK_help, ARGUMENT_none, "expected /help alone"},
    {"quit", DESK_quit, ARGUMENT_none, "expected /quit alone"},
};

const char *desk_command_help(void)
{
    return "  TEXT or /reply TEXT         write to the customer of the current conversation\n"
           "  /accept [N]  /decline [N]   the offer of conversation N, or the oldest offer\n"
           "  /open N                     make conversation N the current one\n"
           "  /note TEXT                  write to colleagues only\n"
           "  /transfer QUEUE [NOTE]      hand over to a queue, or with @AGENT to a colleague;\n"
           "                              with --warm before it: keep it until somebody accepts\n"
           "  /escalate [NOTE]            hand over to the next level of its queue\n"
           "  /nack [SECONDS]             give it back to its queue, not to be offered before\n"
           "  /consult QUEUE [NOTE]       ask somebody of a queue, or @AGENT, to look on\n"
           "  /lend @BOT SECONDS [WHY]    let a bot act for you for a while\n"
           "  /recall                     end what you asked for, or look away\n"
           "  /claim N                    take conversation N, which waits in a pull queue\n"
           "  /finish                     the current conversation is resolved\n"
           "  /away [REASON]  /available  take no new work, take it again\n"
           "  /list  /history             what is on the desk; the current conversation so far\n"
           "  /quit                       leave; what is on the desk goes back to its queue\n";
}

static struct span span_from(struct span text, uint32_t at)
{
    while (at < text.size && text.data[at] == ' ')
        at++;
    return (struct span){text.data + at, text.size - at};
}

/* Takes the first word off the text. */
static struct span take_word(struct span *text)
{
    uint32_t size = 0;
    while (size < text->size && text->data[size] != ' ')
        size++;
    struct span word = {text->data, size};
    *text = span_from(*text, size);
    return word;
}

static bool take_number(struct span text, uint64_t *out)
{
    uint64_t number = 0;
    for (uint32_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || i == 18)
            return false;
        number = 10 * number + (uint64_t)(text.data[i] - '0');
    }
    *out = number;
    return number > 0;
}

static bool take_seconds(struct span text, uint64_t *out)
{
    return take_number(text, out) && *out * 1000 <= WIRE_DELAY_MS_MAX;
}

static bool take_target(struct span rest, struct desk_command *out)
{
    struct span target = take_word(&rest);
    bool agent = target.size > 0 && target.data[0] == '@';
    if (agent)
        out->agent = (struct span){target.data + 1, target.size - 1};
    else
        out->queue = target;
    out->text = rest;
    return out->agent.size + out->queue.size > 0;
}

static bool take_target_warm(struct span rest, struct desk_command *out)
{
    struct span after = rest, first = take_word(&after);
    out->warm = span_equal(first, span_of("--warm"));
    return take_target(out->warm ? after : rest, out);
}

static bool take_loan(struct span rest, struct desk_command *out)
{
    struct span agent = take_word(&rest), seconds = take_word(&rest);
    if (agent.size < 2 || agent.data[0] != '@')
        return false;
    out->agent = (struct span){agent.data + 1, agent.size - 1};
    out->text = rest;
    return take_seconds(seconds, &out->seconds);
}

static bool take_argument(enum desk_argument argument, struct span rest, struct desk_command *out)
{
    out->text = rest;
    switch (argument) {
    case ARGUMENT_none:
        return rest.size == 0;
    case ARGUMENT_text:
        return rest.size > 0;
    case ARGUMENT_text_maybe:
        return true;
    case ARGUMENT_number:
        return take_number(rest, &out->conversation);
    case ARGUMENT_number_maybe:
        return rest.size == 0 || take_number(rest, &out->conversation);
    case ARGUMENT_seconds_maybe:
        return rest.size == 0 || take_seconds(rest, &out->seconds);
    case ARGUMENT_target:
        return take_target(rest, out);
    case ARGUMENT_target_warm:
        return take_target_warm(rest, out);
    case ARGUMENT_loan:
        return take_loan(rest, out);
    }
    return false;
}

struct desk_command desk_command_of(struct span line)
{
    struct desk_command command = {.verb = DESK_nothing};
    struct span rest = span_from(line, 0);
    if (rest.size == 0)
        return command;
    if (rest.data[0] != '/')
        return (struct desk_command){.verb = DESK_reply, .text = rest};
    struct span word = take_word(&rest);
    for (uint32_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!span_equal((struct span){word.data + 1, word.size - 1}, span_of(words[i].word)))
            continue;
        command.verb = words[i].verb;
        if (!take_argument(words[i].argument, rest, &command))
            command = (struct desk_command){.verb = DESK_wrong, .problem = words[i].problem};
        return command;
    }
    return (struct desk_command){.verb = DESK_wrong, .problem = "there is no such command; /help shows them"};
}
