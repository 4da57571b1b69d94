#include "bench/load/route.h"

static void take_message(struct route *route, const struct wire_record *record)
{
    struct stamp stamp;
    if (record->kind != RECORD_message || !stamp_read(record->text, &stamp) || stamp.run != route->run.number)
        return;
    /* What the main thread emptied for this phase is seen empty here. */
    (void)atomic_load_explicit(&route->phase, memory_order_acquire);
    if (proof_arrival(&route->proof, &stamp)) {
        route->last_delivery_ns = run_now_ns(&route->run);
        histogram_record(&route->deliver_ns, route->last_delivery_ns - stamp.sent_ns);
    }
}

void route_take(struct route *route, const struct wire_record *record)
{
    take_message(route, record);
    for (uint32_t i = 0; i < record->history_count; i++)
        take_message(route, &record->history[i]);
}

void route_agents_report(struct route *route)
{
    atomic_store_explicit(&route->conversations_opened, route->proof.opened, memory_order_relaxed);
    atomic_store_explicit(&route->delivered, route->proof.delivered, memory_order_release);
}

static void on_delivery(struct member *member, const struct wire_record *record)
{
    route_take(member->all->options.owner, record);
}

void *route_agents_run(void *context)
{
    struct route *route = context;
    const struct clients_options options = {.kind = "agent",
                                            .role = ROLE_agent,
                                            .count = route->options->agents,
                                            .lanes = 1,
                                            .fetch_credit = ROUTE_FETCH_CREDIT,
                                            .owner = route,
                                            .on_delivery = on_delivery};
    struct clients agents = {0};
    bool opened = clients_open(&agents, &route->run, &options);
    /* Until the main thread says stop: it knows when everything was acknowledged, this thread only when everything has come. */
    while (opened && run_goes_on(&route->run)) {
        clients_wait(&agents, RUN_SLICE_MS * 1000000ull);
        atomic_store(&route->agents_ready, atomic_load_explicit(&agents.ready, memory_order_relaxed));
        route_agents_report(route);
    }
    clients_close(&agents);
    return NULL;
}
