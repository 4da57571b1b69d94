/* The commands that change something, one change each: move, bury, pause, unpause. */
#include <stdio.h>

#include "bench/json.h"
#include "bench/session.h"

struct order {
    const char *command, *operands, *about;
    enum change_kind kind;
    const char *done; /* what is printed: the first operand, this, and the second operand */
};

static bool give(const struct order *order, const struct broker_address *broker, struct wire_change *change, const char *about, bool json)
{
    struct session session;
    struct arena arena = {0};
    struct wire_result result;
    if (!session_open(&session, order->command, broker))
        return false;
    bool done = session_change(&session, change, about, &arena, &result);
    if (done && json)
        json_print(json_of_result(&result));
    else if (done)
        printf("%s %s%.*s\n", about, order->done, (int)(change->conversation ? change->queue.size : 0),
               change->queue.size ? change->queue.data : "");
    arena_fini(&arena);
    session_close(&session);
    return done;
}

/* A conversation comes first, if the change is of one; then a queue. */
static bool operands_read(const struct order *order, const char *const *operands, struct wire_change *change)
{
    bool of_queue = order->kind == CHANGE_pause || order->kind == CHANGE_resume;
    if (!of_queue && !options_conversation(order->command, operands[0], &change->conversation))
        return false;
    change->queue = span_of(operands[of_queue ? 0 : 1]);
    return true;
}

static enum command_exit run(const struct order *order, int argc, char **argv)
{
    bool json = false;
    const char *reason = NULL;
    struct broker_address broker;
    const struct option_spec options[] = {
        {"reason", OPTION_text, &reason, 0, 0, "why; it is kept in the history"},
        {"json", OPTION_flag, &json, 0, 0, "one JSON object"},
    };
    const struct usage usage = {order->command, order->operands, order->about, options, 2, &broker};
    const char *operands[OPERANDS_MAX] = {0};
    enum command_exit exit_code;
    if (!options_parse(&usage, argc, argv, operands, &exit_code))
        return exit_code;
    struct wire_change change = {.kind = order->kind, .reason = span_of(reason)};
    if (!operands_read(order, operands, &change))
        return COMMAND_wrong;
    if (change.reason.size > WIRE_REASON_MAX || change.queue.size > WIRE_NAME_MAX) {
        command_complain(order->command, "expected at most %d bytes of reason and %d of a name", WIRE_REASON_MAX, WIRE_NAME_MAX);
        return COMMAND_wrong;
    }
    char about[128];
    snprintf(about, sizeof about, "%s %s", change.conversation ? "conversation" : "queue", operands[0]);
    return give(order, &broker, &change, about, json) ? COMMAND_done : COMMAND_failed;
}

enum command_exit command_move(int argc, char **argv)
{
    const struct order order = {
        "move", "CONVERSATION QUEUE",
        "Moves a conversation that waits to another queue. It keeps its arrival time, and so its place in the order.", CHANGE_move,
        "now waits in queue "};
    return run(&order, argc, argv);
}

enum command_exit command_bury(int argc, char **argv)
{
    const struct order order = {
        "bury", "CONVERSATION",
        "Moves a conversation that waits to the dead-letter queue. `relevo peek` shows what is there, `relevo move` brings it back.",
        CHANGE_bury, "is buried in the dead-letter queue"};
    return run(&order, argc, argv);
}

enum command_exit command_pause(int argc, char **argv)
{
    const struct order order = {"pause", "QUEUE",
                                "Pauses a queue: it takes in and offers nothing. Offers that stand and conversations with an owner stay.",
                                CHANGE_pause, "is paused: it takes in and offers nothing"};
    return run(&order, argc, argv);
}

enum command_exit command_unpause(int argc, char **argv)
{
    const struct order order = {"unpause", "QUEUE", "Ends the pause of a queue.", CHANGE_resume, "runs: it offers again"};
    return run(&order, argc, argv);
}
