#include <poll.h>
#include <stdlib.h>

#include "base/check.h"
#include "bench/route.h"

struct agent {
    struct agents *all;
    struct client *client;
    uint32_t sessions; /* opened so far: a new one says again that the agent is available */
};

struct agents {
    struct route *route;
    struct agent *items;
    struct pollfd *fds;
};

static void on_ready(void *context, const struct wire_welcome *welcome)
{
    struct agent *agent = context;
    char key[WIRE_NAME_MAX];
    (void)welcome;
    snprintf(key, sizeof key, "bench-%u-available-%u", agent->all->route->run, ++agent->sessions);
    struct wire_change change = {.kind = CHANGE_availability, .key = span_of(key), .state = AGENT_STATE_available};
    if (client_submit(agent->client, 0, &change, 0) != STATUS_ok)
        route_fail(agent->all->route, "an agent could not say that it is available");
}

static void on_result(void *context, uint64_t tag, const struct wire_result *result)
{
    struct agent *agent = context;
    (void)tag;
    if (result->status != STATUS_ok) {
        route_fail(agent->all->route, "an agent may not be available: %s %.*s", status_text((enum status)result->status),
                   (int)result->detail.size, result->detail.data);
    } else if (agent->sessions == 1) {
        atomic_fetch_add(&agent->all->route->agents_available, 1);
    }
}

static void on_refused(void *context, enum status status, struct span detail)
{
    struct agent *agent = context;
    route_fail(agent->all->route, "an agent was refused: %s %.*s", status_text(status), (int)detail.size, detail.data);
}

static void take_message(struct route *route, const struct wire_record *record)
{
    struct stamp stamp;
    if (record->kind != RECORD_message || !stamp_read(record->text, &stamp) || stamp.run != route->run)
        return;
    if (proof_arrival(&route->proof, &stamp)) {
        route->last_delivery_ns = route_now_ns(route);
        histogram_record(&route->deliver_ns, route->last_delivery_ns - stamp.sent_ns);
    }
}

static void on_delivery(void *context, const struct wire_record *record)
{
    struct agent *agent = context;
    take_message(agent->all->route, record);
    for (uint32_t i = 0; i < record->history_count; i++)
        take_message(agent->all->route, &record->history[i]);
}

static bool agent_open(struct agents *all, uint64_t index)
{
    char name[WIRE_NAME_MAX];
    route_name(name, "agent", index);
    struct client_options options = {.url = all->route->url,
                                     .role = ROLE_agent,
                                     .name = name,
                                     .token = all->route->token.text,
                                     .lanes = 1,
                                     .fetch_credit = ROUTE_FETCH_CREDIT,
                                     .fetch = true,
                                     .context = &all->items[index],
                                     .on_ready = on_ready,
                                     .on_result = on_result,
                                     .on_delivery = on_delivery,
                                     .on_refused = on_refused};
    all->items[index].all = all;
    enum status status = client_open(&options, &all->items[index].client);
    if (status != STATUS_ok) {
        route_fail(all->route, "%s: %s", name, status_text(status));
        return false;
    }
    all->fds[index] = (struct pollfd){client_fd(all->items[index].client), POLLIN, 0};
    return true;
}

/* Until the main thread says stop: it knows when everything was acknowledged, this thread only when everything has come. */
static void receive(struct agents *all)
{
    struct route *route = all->route;
    uint64_t count = route->options->agents;
    while (!atomic_load_explicit(&route->stop, memory_order_relaxed)) {
        bool any = poll(all->fds, count, ROUTE_SLICE_MS) > 0;
        for (uint64_t i = 0; any && i < count; i++)
            if (all->fds[i].revents)
                client_dispatch(all->items[i].client);
        atomic_store_explicit(&route->conversations_opened, route->proof.opened, memory_order_relaxed);
        atomic_store_explicit(&route->delivered, route->proof.delivered, memory_order_release);
    }
}

void *route_agents_run(void *context)
{
    struct agents all = {.route = context};
    uint64_t count = all.route->options->agents, opened = 0;
    all.items = must_zalloc(count, sizeof *all.items);
    all.fds = must_zalloc(count, sizeof *all.fds);
    while (opened < count && agent_open(&all, opened))
        opened++;
    if (opened == count)
        receive(&all);
    for (uint64_t i = 0; i < opened; i++)
        client_close(all.items[i].client, !atomic_load(&all.route->failed));
    free(all.items);
    free(all.fds);
    return NULL;
}
