#include "bench/load/route.h"

const char *route_disagreement(const struct route_options *options, uint64_t conversations)
{
    if (options->inflight < options->connectors || options->inflight / options->connectors >= ROUTE_LANES_PER_CONNECTOR_MAX)
        return "--inflight: expected at least one lane and fewer than 1024 for each of the --connectors";
    if (conversations < options->inflight)
        return "--conversations: expected at least as many as --inflight, because a conversation stays on one lane";
    return NULL;
}

void route_write_configuration(FILE *out, const void *context)
{
    const struct route *route = context;
    house_write(out, &(struct house){.connectors = route->options->connectors,
                                     .agents = route->options->agents,
                                     .queues = route->options->queues,
                                     .token_hash = route->run.token.hash});
}

static bool agents_are_ready(const void *context)
{
    const struct route *route = context;
    return atomic_load(&route->agents_ready) == route->options->agents;
}

bool route_open(struct route *route, uint64_t conversations, uint64_t messages)
{
    proof_init(&route->proof, conversations, messages);
    bool crowd = route->options->agents > ROUTE_AGENT_CLIENTS_MAX;
    route->agents_run = pthread_create(&route->agents_thread, NULL, crowd ? route_crowd_run : route_agents_run, route) == 0;
    if (route->agents_run && run_await(&route->run, agents_are_ready, route))
        route->connectors_run = pthread_create(&route->connectors_thread, NULL, route_connectors_run, route) == 0;
    if (!route->connectors_run)
        run_fail(&route->run, "no thread could be started");
    return route->connectors_run;
}

static bool phase_is_done(const void *context)
{
    const struct route *route = context;
    return atomic_load(&route->phase_answered) == atomic_load(&route->phase) &&
           atomic_load_explicit(&route->delivered, memory_order_acquire) == route->messages_before + route->wanted.messages;
}

/* While nothing has ended yet: the broker still runs, and the threads still hold their clients. */
static void measure(const struct route *route, struct route_outcome *out)
{
    struct run_use use = run_use(&route->run);
    const struct run_use *before = &route->use_before;
    uint64_t end_ns = route->last_delivery_ns > route->last_answer_ns ? route->last_delivery_ns : route->last_answer_ns;
    out->seconds = (double)(end_ns - route->begin_ns) / 1e9;
    out->messages_per_second = out->seconds > 0 ? (uint64_t)((double)route->wanted.messages / out->seconds) : 0;
    out->load_cpu_s = use.load_cpu_s - before->load_cpu_s;
    out->broker_cpu_s = use.broker.cpu_s - before->broker.cpu_s;
    out->rss_bytes = use.broker.rss_bytes;
    out->anonymous_bytes = use.broker.anonymous_bytes;
    out->disk_bytes_per_message = (double)(use.disk_bytes - before->disk_bytes) / (double)route->wanted.messages;
}

bool route_run_phase(struct route *route, const struct route_phase *phase, struct route_outcome *out)
{
    route->messages_before += route->wanted.messages;
    route->wanted = *phase;
    route->ack_ns = route->deliver_ns = (struct histogram){0};
    atomic_fetch_add(&route->phase, 1);
    bool done = run_await(&route->run, phase_is_done, route);
    if (done)
        measure(route, out);
    return done;
}

void route_close(struct route *route)
{
    if (run_goes_on(&route->run))
        run_await_acknowledged(&route->run);
    atomic_store(&route->run.stop, true);
    if (route->connectors_run)
        pthread_join(route->connectors_thread, NULL);
    if (route->agents_run)
        pthread_join(route->agents_thread, NULL);
}

void route_fini(void *context)
{
    struct route *route = context;
    proof_fini(&route->proof);
}

void route_progress(const void *context, char out[RUN_PROGRESS_MAX])
{
    const struct route *route = context;
    snprintf(out, RUN_PROGRESS_MAX, ": of %lu messages until now %lu were delivered", route->messages_before + route->wanted.messages,
             atomic_load(&route->delivered));
}

bool route_verified(const struct route *route)
{
    return run_verified(&route->run, proof_lost(&route->proof), route->proof.duplicated, route->proof.reordered);
}
