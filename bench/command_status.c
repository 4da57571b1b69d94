#include <stdio.h>

#include "bench/json.h"
#include "bench/overview.h"
#include "bench/session.h"

enum command_exit command_status(int argc, char **argv)
{
    bool json = false, digest = false;
    struct broker_address broker;
    const struct option_spec options[] = {
        {"digest", OPTION_flag, &digest, 0, 0, "also a hash of the whole state, the same before and after a restart; all wait for it"},
        {"json", OPTION_flag, &json, 0, 0, "one JSON object"},
    };
    const struct usage usage = {"status", NULL, "Prints queues, agents, accounts and totals, as of now.", options, 2, &broker};
    enum command_exit exit_code;
    if (!options_parse(&usage, argc, argv, NULL, &exit_code))
        return exit_code;
    struct session session;
    if (!session_open(&session, "status", &broker))
        return COMMAND_failed;
    struct arena arena = {0};
    struct wire_overview overview;
    bool told = session_overview(&session, digest, &arena, &overview);
    if (told && json)
        json_print(json_of_overview(&overview));
    else if (told)
        overview_print(&overview, stdout);
    arena_fini(&arena);
    session_close(&session);
    return told ? COMMAND_done : COMMAND_failed;
}
