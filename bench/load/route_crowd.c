#include "bench/load/crowd.h"
#include "bench/load/route.h"

static void on_delivery(void *context, uint64_t agent, const struct wire_record *record)
{
    (void)agent;
    route_take(context, record);
}

/* What route_agents_run does, with agents too many for a client each. */
void *route_crowd_run(void *context)
{
    struct route *route = context;
    struct crowd crowd;
    bool opened = crowd_init(&crowd, &route->run, route->options->agents, route, on_delivery);
    while (opened && run_goes_on(&route->run)) {
        crowd_work(&crowd, RUN_SLICE_MS * 1000000ull);
        atomic_store(&route->agents_ready, crowd.parked);
        route_agents_report(route);
    }
    crowd_fini(&crowd);
    return NULL;
}
