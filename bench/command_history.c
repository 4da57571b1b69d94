#include "bench/chronicle.h"
#include "bench/json.h"

static enum command_exit history(const struct broker_address *broker, uint64_t id, bool json)
{
    struct session session;
    if (!session_open(&session, "history", broker))
        return COMMAND_failed;
    struct chronicle chronicle = {0};
    bool found = chronicle_show(&chronicle, &session, id);
    if (found && json)
        json_print(json_of_page(&chronicle.head));
    else if (found)
        chronicle_print(&chronicle);
    chronicle_fini(&chronicle);
    session_close(&session);
    return found ? COMMAND_done : COMMAND_failed;
}

enum command_exit command_history(int argc, char **argv)
{
    bool json = false;
    struct broker_address broker;
    const struct option_spec options[] = {{"json", OPTION_flag, &json, 0, 0, "one JSON object"}};
    const struct usage usage = {
        "history", "CONVERSATION", "Prints everything that happened in one conversation, oldest first: when, who, what.", options,
        1,         &broker};
    const char *operand;
    enum command_exit exit_code;
    if (!options_parse(&usage, argc, argv, &operand, &exit_code))
        return exit_code;
    uint64_t id;
    if (!options_conversation("history", operand, &id))
        return COMMAND_wrong;
    return history(&broker, id, json);
}
