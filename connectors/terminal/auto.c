#include "connectors/terminal/auto.h"

#include <stdlib.h>

#include "connectors/terminal/auto_agent.h"
#include "proto/expect.h"

enum { IDLE_CHECK_MS = 100 };

struct automatic {
    struct run run;
    const struct auto_options *options;
    struct agent *agents;
    uint64_t active_ms; /* when something happened last */
    uv_timer_t idle;
};

static void auto_on_idle(uv_timer_t *timer)
{
    struct automatic *automatic = timer->data;
    if (uv_now(&automatic->run.loop) - automatic->active_ms >= automatic->options->idle_ms)
        run_drain(&automatic->run, 0);
}

static void auto_begin(struct automatic *automatic, const struct dialogues *dialogues)
{
    const struct auto_options *options = automatic->options;
    automatic->active_ms = uv_now(&automatic->run.loop);
    for (uint32_t i = 0; i < options->agents->count; i++) {
        automatic->agents[i] = (struct agent){
            .run = &automatic->run,
            .dialogues = dialogues,
            .name = options->agents->at[i],
            .pace_ms = options->pace_ms,
            .active_ms = &automatic->active_ms,
        };
        if (!agent_open(&automatic->agents[i], options->url, options->tokens->at[i]))
            return;
    }
    uv_timer_init(&automatic->run.loop, &automatic->idle);
    automatic->idle.data = automatic;
    if (options->idle_ms > 0)
        uv_timer_start(&automatic->idle, auto_on_idle, IDLE_CHECK_MS, IDLE_CHECK_MS);
}

int auto_run(const char *program, const struct auto_options *options, const struct dialogues *dialogues)
{
    struct automatic automatic = {.options = options};
    automatic.agents = calloc(options->agents->count, sizeof *automatic.agents);
    EXPECT(automatic.agents);
    run_open(&automatic.run, program, options->url);
    auto_begin(&automatic, dialogues);
    int code = run_loop(&automatic.run);
    for (uint32_t i = 0; i < options->agents->count; i++)
        agent_fini(&automatic.agents[i]);
    free(automatic.agents);
    return code;
}
