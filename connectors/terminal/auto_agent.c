#include "connectors/terminal/auto_agent.h"

#include <stdio.h>

#include "connectors/terminal/auto_holding.h"
#include "proto/expect.h"

void agent_submit(struct agent *agent, const struct errand *errand, const struct wire_change *change)
{
    struct errand *kept = agent->unused_errands;
    if (kept)
        agent->unused_errands = kept->next;
    else
        kept = arena_take(&agent->arena, sizeof *kept);
    *kept = *errand;
    enum status status = client_submit(agent->client, (uint32_t)errand->conversation, change, (uint64_t)(uintptr_t)kept);
    /* One change for each conversation held and each offer: far from what the client keeps. */
    EXPECT(status == STATUS_ok);
}

static void agent_announce(struct agent *agent)
{
    char key[64];
    int size = snprintf(key, sizeof key, "available-%llu-%llu", (unsigned long long)client_session(agent->client),
                        (unsigned long long)agent->announced++);
    struct wire_change change = {.kind = CHANGE_availability, .key = {key, (uint32_t)size}, .state = AGENT_STATE_available};
    agent_submit(agent, &(struct errand){.kind = ERRAND_available}, &change);
}

static void agent_on_announce(uv_timer_t *timer)
{
    struct agent *agent = timer->data;
    if (!agent->run->draining)
        agent_announce(agent);
}

static void agent_accept(struct agent *agent, const struct wire_record *offer)
{
    char key[64];
    int size = snprintf(key, sizeof key, "accept-%llu", (unsigned long long)offer->lsn);
    struct wire_change change = {
        .kind = CHANGE_accept, .key = {key, (uint32_t)size}, .conversation = offer->conversation, .offer = offer->lsn};
    agent_submit(agent, &(struct errand){.kind = ERRAND_accept, .conversation = offer->conversation}, &change);
}

static void agent_on_result(void *context, uint64_t tag, const struct wire_result *result)
{
    struct agent *agent = context;
    struct errand *kept = (struct errand *)(uintptr_t)tag, errand = *kept;
    struct holding *holding = holding_find(agent, errand.conversation);
    kept->next = agent->unused_errands;
    agent->unused_errands = kept;
    *agent->active_ms = uv_now(&agent->run->loop);
    switch (errand.kind) {
    case ERRAND_available:
        if (result->status == STATUS_overloaded || result->status == STATUS_draining)
            uv_timer_start(&agent->announce, agent_on_announce, AUTO_RETRY_MS, 0);
        return;
    case ERRAND_accept:
        /* Offers that were missed, while the broker was away say, may have made this agent one who does not respond. */
        if (result->status == STATUS_no_offer)
            agent_announce(agent);
        return;
    case ERRAND_turn:
    case ERRAND_answer:
    case ERRAND_finish:
        /* It may have left and come back meanwhile: then this answer is about the time before. */
        if (holding && holding->epoch == errand.epoch)
            holding_settle(holding, &errand, result);
        return;
    }
}

static void agent_on_message(struct agent *agent, struct holding *holding, const struct wire_record *message)
{
    if (holding)
        holding_hear(holding, message);
    else
        holding_adopt(agent, message->conversation);
}

static void agent_on_delivery(void *context, const struct wire_record *record)
{
    struct agent *agent = context;
    struct holding *holding = holding_find(agent, record->conversation);
    *agent->active_ms = uv_now(&agent->run->loop);
    if (agent->run->draining)
        return;
    if (record->kind == RECORD_offered)
        agent_accept(agent, record);
    else if (record->kind == RECORD_assigned || record->kind == RECORD_resumed)
        holding_begin(agent, record);
    else if (record->kind == RECORD_message)
        agent_on_message(agent, holding, record);
    else if (holding && (record->kind == RECORD_transferred || record->kind == RECORD_requeued || record->kind == RECORD_finished))
        holding_end(holding);
}

static void agent_on_ready(void *context, const struct wire_welcome *welcome)
{
    (void)welcome;
    agent_announce(context);
}

static void agent_on_refused(void *context, enum status status, struct span detail)
{
    struct agent *agent = context;
    run_refused(agent->run, agent->name, status, detail);
}

bool agent_open(struct agent *agent, const char *url, const char *token)
{
    const struct client_options options = {
        .url = url,
        .role = ROLE_agent,
        .name = agent->name,
        .token = token,
        .lanes = 64,
        .fetch = true,
        .context = agent,
        .on_ready = agent_on_ready,
        .on_result = agent_on_result,
        .on_delivery = agent_on_delivery,
        .on_refused = agent_on_refused,
    };
    uv_timer_init(&agent->run->loop, &agent->announce);
    agent->announce.data = agent;
    return run_client(agent->run, &options, &agent->client);
}

void agent_fini(struct agent *agent)
{
    uint32_t held = 0;
    for (struct holding *holding; (holding = table_next(&agent->holdings, &held));)
        buffer_fini(&holding->unanswered);
    table_fini(&agent->holdings);
    arena_fini(&agent->pages);
    arena_fini(&agent->arena);
}
