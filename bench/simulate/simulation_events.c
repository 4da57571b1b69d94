#include <math.h>

#include "bench/simulate/simulation_state.h"

enum {
    /* After the end, arrivals go on until everybody who counts is settled, so that long waits are not cut off, but not for ever. */
    COOLING_ARRIVALS_MIN = 1000,
    COOLING_SHARE = 10, /* one in so many of the run's */
};

/* The window is over: from now on arrivals only keep up the load for those who still wait. */
static void begin_cooling(struct simulation *simulation)
{
    simulation->cooling = true;
    simulation->cooling_left = simulation->result->arrivals / COOLING_SHARE;
    if (simulation->cooling_left < COOLING_ARRIVALS_MIN)
        simulation->cooling_left = COOLING_ARRIVALS_MIN;
}

void simulation_follow_window(struct simulation *simulation)
{
    if (simulation->turn_ms != simulation->window.turn_ms)
        timeline_set(&simulation->timeline, &simulation->turn, TIMER_turn, simulation->window.turn_ms);
    simulation->turn_ms = simulation->window.turn_ms;
    if (simulation->window.over && !simulation->cooling)
        begin_cooling(simulation);
}

/* --- customers --- */

static struct span address_of(const struct customer *customer)
{
    return (struct span){customer->address, customer->address_size};
}

static struct customer *customer_of(const struct simulation *simulation, conversation_id conversation)
{
    return map_get(&simulation->waiting_or_served, conversation);
}

static void settle(struct simulation *simulation, const struct customer *customer)
{
    if (customer->seen.batch != BATCH_NONE && !customer->served)
        simulation->unsettled--;
}

static void hold(struct simulation *simulation, struct customer *customer, bool held)
{
    if (held != customer->held)
        measure_held(simulation->measures, customer->seen.type, held ? 1 : -1, simulation->now_ms);
    customer->held = held;
}

static void forget(struct simulation *simulation, struct customer *customer)
{
    hold(simulation, customer, false);
    timeline_stop(&simulation->timeline, &customer->timer);
    map_remove(&simulation->waiting_or_served, customer->conversation);
    pool_give(&simulation->customers, customer);
}

/* Numbers in base 36, because every byte of an address is hashed. */
static void make_address(struct simulation *simulation, struct customer *customer)
{
    uint64_t number = ++simulation->addresses;
    for (; number; number /= 36)
        customer->address[customer->address_size++] = "0123456789abcdefghijklmnopqrstuvwxyz"[number % 36];
}

static struct customer *customer_make(struct simulation *simulation, struct stream *stream)
{
    struct customer *customer = pool_take(&simulation->customers);
    customer->seen = (struct customer_seen){stream->type, simulation->measures->batch, simulation->now_ms};
    customer->handling_seed = prng_next(&stream->handling);
    make_address(simulation, customer);
    return customer;
}

static void take_in(struct simulation *simulation, struct stream *stream, struct customer *customer)
{
    const struct customer_type *type = &simulation->scenario->types[stream->type];
    struct message message = {stream->account, address_of(customer), stream->language,      stream->topic,
                              type->priority,  type->attributes,     type->attributes_count};
    customer->conversation = driver_message(&simulation->driver, simulation->now_ms, &message);
    measure_arrival(simulation->measures, &customer->seen);
    if (!customer->conversation) {
        measure_refused(simulation->measures, &customer->seen);
        pool_give(&simulation->customers, customer);
        return;
    }
    simulation->unsettled += customer->seen.batch != BATCH_NONE;
    map_put(&simulation->waiting_or_served, customer->conversation, customer);
    measure_waiting(simulation->measures, stream->type, 1, simulation->now_ms);
}

/* Who wraps up takes nobody else, and so is as busy as can be. */
static double busy_of(const struct agent *agent)
{
    return agent->wraps_up && agent->used < 1 ? 1 : agent->used;
}

static void change_agent(struct simulation *simulation, uint32_t number, double used, bool wraps_up)
{
    struct agent *agent = &simulation->agents[number];
    double before = busy_of(agent);
    agent->used += used;
    agent->wraps_up = wraps_up;
    measure_busy(simulation->measures, agent->group, busy_of(agent) - before, simulation->now_ms);
}

static void serve(struct simulation *simulation, const struct happening *happening)
{
    struct customer *customer = customer_of(simulation, happening->conversation);
    if (!customer || customer->in_service || happening->agent == UINT32_MAX)
        return;
    const struct agent *agent = &simulation->agents[happening->agent];
    uint32_t group = agent->group, type = customer->seen.type;
    struct prng prng;
    prng_init(&prng, customer->handling_seed);
    if (!customer->served)
        measure_served(simulation->measures, &customer->seen, simulation->now_ms - customer->seen.arrived_ms);
    settle(simulation, customer);
    customer->in_service = customer->served = true;
    customer->agent = happening->agent;
    customer->epoch = happening->epoch;
    customer->busy = (double)happening->cost / simulation->config->agents[happening->agent].capacity;
    measure_waiting(simulation->measures, type, -1, simulation->now_ms);
    change_agent(simulation, happening->agent, customer->busy, agent->wraps_up);
    measure_match(simulation->measures, type, group);
    double handling_ms = distribution_draw(&simulation->scenario->types[type].handling[group], &prng);
    timeline_set(&simulation->timeline, &customer->timer, TIMER_service, simulation->now_ms + handling_ms);
}

static void release_agent(struct simulation *simulation, struct customer *customer)
{
    customer->in_service = false;
    change_agent(simulation, customer->agent, -customer->busy, simulation->agents[customer->agent].wraps_up);
}

/* Held no longer; or taken from its agent: it waits again, and its handling begins anew. */
static void return_to_queue(struct simulation *simulation, const struct happening *happening)
{
    struct customer *customer = customer_of(simulation, happening->conversation);
    if (customer)
        hold(simulation, customer, false);
    if (!customer || !customer->in_service)
        return;
    release_agent(simulation, customer);
    timeline_stop(&simulation->timeline, &customer->timer);
    measure_waiting(simulation->measures, customer->seen.type, 1, simulation->now_ms);
}

static void hold_back(struct simulation *simulation, const struct happening *happening)
{
    struct customer *customer = customer_of(simulation, happening->conversation);
    if (customer)
        hold(simulation, customer, happening->state == SUBSTATE_held);
}

/* By the broker itself: by the customer's leaving or the agent's finishing, the customer was forgotten before. */
static void end_by_broker(struct simulation *simulation, const struct happening *happening)
{
    struct customer *customer = customer_of(simulation, happening->conversation);
    if (!customer)
        return;
    if (customer->in_service)
        release_agent(simulation, customer);
    else
        measure_waiting(simulation->measures, customer->seen.type, -1, simulation->now_ms);
    if (!customer->served)
        measure_ended(simulation->measures, &customer->seen);
    settle(simulation, customer);
    forget(simulation, customer);
}

/* --- agents --- */

static void think_about_offer(struct simulation *simulation, const struct happening *happening)
{
    const struct agent_group *group = &simulation->scenario->groups[simulation->agents[happening->agent].group];
    struct answer *answer = pool_take(&simulation->answers);
    answer->offer = *happening;
    answer->declines = group->decline > 0 && draw_uniform(&simulation->answering) < group->decline;
    timeline_set(&simulation->timeline, &answer->timer, TIMER_answer,
                 simulation->now_ms + distribution_draw(&group->answer, &simulation->answering));
}

static void on_agent_state(struct simulation *simulation, const struct happening *happening)
{
    change_agent(simulation, happening->agent, 0, happening->state == AGENT_STATE_wrap_up);
    if (happening->state != AGENT_STATE_not_responding)
        return;
    struct back *back = pool_take(&simulation->backs);
    back->agent = happening->agent;
    double after_ms = simulation->scenario->groups[simulation->agents[back->agent].group].back_after_ms;
    timeline_set(&simulation->timeline, &back->timer, TIMER_back, simulation->now_ms + after_ms);
}

/* --- what the engine did --- */

void simulation_hear(struct simulation *simulation)
{
    for (uint32_t i = 0; i < simulation->driver.happenings_count; i++) {
        const struct happening *happening = &simulation->driver.happenings[i];
        if (happening->kind == RECORD_assigned)
            serve(simulation, happening);
        else if (happening->kind == RECORD_offered)
            think_about_offer(simulation, happening);
        else if (happening->kind == RECORD_requeued || happening->kind == RECORD_transferred)
            return_to_queue(simulation, happening);
        else if (happening->kind == RECORD_held)
            hold_back(simulation, happening);
        else if (happening->kind == RECORD_finished)
            end_by_broker(simulation, happening);
        else if (happening->kind == RECORD_agent_state)
            on_agent_state(simulation, happening);
    }
}

static void on_arrival(struct simulation *simulation, struct stream *stream)
{
    const struct customer_type *type = &simulation->scenario->types[stream->type];
    window_arrival(&simulation->window, simulation->now_ms, simulation->result->arrivals);
    simulation_follow_window(simulation);
    if (simulation->cooling && !--simulation->cooling_left)
        return;
    simulation->result->arrivals++;
    double patience_ms = distribution_draw(&type->patience, &stream->patience);
    struct customer *customer = customer_make(simulation, stream);
    conversation_id conversation;
    take_in(simulation, stream, customer);
    conversation = customer->conversation;
    simulation_hear(simulation);
    timeline_set(&simulation->timeline, &stream->timer, TIMER_arrival, arrival_stream_next(&stream->arrivals));
    if (conversation && customer_of(simulation, conversation) == customer && !customer->served)
        timeline_set(&simulation->timeline, &customer->timer, TIMER_patience, simulation->now_ms + patience_ms);
}

static void on_patience(struct simulation *simulation, struct customer *customer)
{
    const struct stream *stream = &simulation->streams[customer->seen.type];
    struct customer gone = *customer;
    measure_waiting(simulation->measures, gone.seen.type, -1, simulation->now_ms);
    measure_left(simulation->measures, &gone.seen, simulation->now_ms - gone.seen.arrived_ms);
    settle(simulation, customer);
    forget(simulation, customer);
    driver_leave(&simulation->driver, simulation->now_ms, stream->account, address_of(&gone));
    simulation_hear(simulation);
}

static void on_service_end(struct simulation *simulation, struct customer *customer)
{
    conversation_id conversation = customer->conversation;
    uint32_t agent = customer->agent, epoch = customer->epoch;
    release_agent(simulation, customer);
    forget(simulation, customer);
    driver_finish(&simulation->driver, simulation->now_ms, conversation, agent, epoch);
    simulation_hear(simulation);
}

/* An offer that is no longer open is refused by the engine, and nothing happens. */
static void on_answer(struct simulation *simulation, struct answer *answer)
{
    if (answer->declines)
        driver_decline(&simulation->driver, simulation->now_ms, &answer->offer);
    else
        driver_accept(&simulation->driver, simulation->now_ms, &answer->offer);
    pool_give(&simulation->answers, answer);
    simulation_hear(simulation);
}

static void on_back(struct simulation *simulation, struct back *back)
{
    driver_available(&simulation->driver, simulation->now_ms, back->agent);
    pool_give(&simulation->backs, back);
    simulation_hear(simulation);
}

void simulation_heartbeat(struct simulation *simulation)
{
    driver_touch(&simulation->driver, simulation->now_ms);
    simulation->idle_heartbeats = isfinite(timeline_next_ms(&simulation->timeline)) ? 0 : simulation->idle_heartbeats + 1;
    timeline_set(&simulation->timeline, &simulation->heartbeat, TIMER_heartbeat,
                 simulation->now_ms + driver_heartbeat_ms(&simulation->driver));
}

#define OF_TIMER(timer, type) ((struct type *)(void *)(timer))

void simulation_on_timer(struct simulation *simulation, struct timer *timer)
{
    switch ((enum timer_kind)timer->kind) {
    case TIMER_arrival:
        on_arrival(simulation, OF_TIMER(timer, stream));
        break;
    case TIMER_patience:
        on_patience(simulation, OF_TIMER(timer, customer));
        break;
    case TIMER_service:
        on_service_end(simulation, OF_TIMER(timer, customer));
        break;
    case TIMER_answer:
        on_answer(simulation, OF_TIMER(timer, answer));
        break;
    case TIMER_back:
        on_back(simulation, OF_TIMER(timer, back));
        break;
    case TIMER_heartbeat:
        simulation_heartbeat(simulation);
        break;
    case TIMER_turn:
        window_turn(&simulation->window, simulation->now_ms, simulation->result->arrivals);
        simulation_follow_window(simulation);
        break;
    }
}
