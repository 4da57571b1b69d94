/* The state of one run: simulation.c begins, drives and ends it, in simulation_events.c customers and agents live. */
#ifndef RELEVO_SIMULATE_SIMULATION_STATE_H
#define RELEVO_SIMULATE_SIMULATION_STATE_H

#include "base/map.h"
#include "base/pool.h"
#include "bench/simulate/driver.h"
#include "bench/simulate/simulation.h"
#include "bench/simulate/timeline.h"
#include "bench/simulate/window.h"

enum { ADDRESS_BYTES = 16 };

enum timer_kind { TIMER_arrival, TIMER_patience, TIMER_service, TIMER_answer, TIMER_back, TIMER_heartbeat, TIMER_turn };

struct customer {
    struct timer timer; /* its patience, or the end of its service */
    struct customer_seen seen;
    conversation_id conversation;
    uint64_t handling_seed;
    uint32_t agent, epoch;
    bool in_service, served; /* served: it was in service at least once */
    bool held;               /* for opening hours; it waits too */
    double busy;             /* what it takes of its agent, as a share */
    uint32_t address_size;
    char address[ADDRESS_BYTES];
};

struct agent {
    uint32_t group;
    double used; /* by those it serves, as a share */
    bool wraps_up;
};

struct stream { /* of one type */
    struct timer timer;
    struct arrival_stream arrivals;
    struct prng patience, handling;
    uint32_t type, account;
    struct span language, topic;
};

struct answer {
    struct timer timer;
    struct happening offer;
    bool declines;
};

struct back {
    struct timer timer;
    uint32_t agent;
};

struct simulation {
    struct scenario *scenario;
    const struct config *config;
    struct simulation_result *result;
    struct measures *measures;
    struct driver driver;
    struct timeline timeline;
    struct window window;
    struct pool customers, answers, backs;
    struct map waiting_or_served; /* conversation -> customer */
    struct stream *streams;
    struct agent *agents; /* as numbered in the configuration */
    struct prng answering;
    struct timer heartbeat, turn;
    double now_ms, turn_ms;
    uint64_t addresses;
    uint64_t unsettled;       /* measured customers who wait */
    uint64_t cooling_left;    /* arrivals until the cooling down is cut off */
    uint32_t idle_heartbeats; /* in a row, with nothing else ahead */
    bool cooling;             /* nobody who arrives counts any more */
};

/* What the timer was set for happens now. */
void simulation_on_timer(struct simulation *simulation, struct timer *timer);

/* Customers and agents react to what the engine did in the driver's last call. */
void simulation_hear(struct simulation *simulation);

/* The timer of the window's next turn, and what follows from its end. */
void simulation_follow_window(struct simulation *simulation);

/* Every session gives a sign of life now, and again in time. */
void simulation_heartbeat(struct simulation *simulation);

#endif
