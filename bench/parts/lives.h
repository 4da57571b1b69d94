/* Conversations lived through in the pure engine: arrival, offer, accept, messages, finish, as connectors and agents would ask for it, with
 * every call into the engine timed. What the caller of an engine has to do besides (acknowledge deliveries, take rows) is done and timed
 * too, but apart. No sockets, no store, and time is made up: a step of the engine is all there is. */
#ifndef RELEVO_BENCH_LIVES_H
#define RELEVO_BENCH_LIVES_H

#include "base/prng.h"
#include "bench/histogram.h"
#include "bench/parts/generated.h"
#include "engine/engine.h"

struct lives_result {
    struct histogram step_ns;         /* of deciding steps: their time divided by the offers they made */
    uint64_t deciding_ns, engine_ns;  /* in deciding steps, with their warming; in all calls into the engine */
    uint64_t warming_ns;              /* of the deciding: what warming their events took */
    uint64_t wall_ns, processor_ns;   /* of the whole run: what the thread was given of it */
    uint64_t offers, offers_arriving; /* all; those made to a conversation in the step it arrived in */
    uint64_t lives;                   /* conversations finished */
    uint64_t waiting_sum, turns;      /* sampled once per turn */
};

/* A conversation and the agent that has it, or has the offer of it. */
struct life {
    conversation_id id;
    session_id session;
    uint32_t epoch;
    lsn_t offer;
};

enum { LIVES_ADDRESS_MAX = 24 };

enum { TURNS_AHEAD = WARM_STEPS + 1 }; /* prepared, so that the first has been warmed a turn ago */

/* An arrival or an end that is about to happen. */
struct turn {
    struct event event; /* its key, address and topic are those below, as those of a request are in its frame */
    uint64_t key[2];
    char address[LIVES_ADDRESS_MAX], topic[GENERATED_NAME_MAX];
    uint64_t warming_ns; /* what engine_warm took of it */
};

struct lives {
    const struct generated *generated;
    uint64_t waiting_wanted, load_percent, rounds; /* rounds: of one message and one reply each */
    struct engine *engine;
    struct plan plan;
    struct prng prng;
    session_id account;        /* its session */
    session_id *agent_by_name; /* the session of the agent with this name_id */
    struct life *offered, *serving;
    uint32_t offered_count, offered_capacity, serving_count, serving_capacity;
    struct turn prepared[TURNS_AHEAD]; /* a ring */
    uint32_t prepared_first, prepared_count;
    uint64_t arrivals, arriving, ending, finished, steps, keys; /* arriving, ending: prepared to */
    uint64_t drain_step;                                        /* at which the rows are taken next */
    uint64_t clock_cost_ns;                                     /* of asking the clock once: not the engine's */
    bool keyed;                                                 /* changes carry client keys */
    struct lives_result result;
};

/* An engine with the configuration in it but no agents yet. Takes no ownership of `generated`. */
void lives_init(struct lives *lives, const struct generated *generated);
void lives_fini(struct lives *lives);

/* Configures the agents; each opens a session and becomes available. */
void lives_begin_agents(struct lives *lives);

/* One conversation of every class, from arrival to end, so that the engine knows every class; nothing is left open. */
void lives_visit_classes(struct lives *lives);

/* `waiting_wanted` conversations wait and every agent is busy; or, with 0, `load_percent` of all there is room for are in progress. */
void lives_fill(struct lives *lives);

/* Arrivals and ends until so many offers were made, or (when not 0) so much time was spent in the engine. The result is made anew. */
void lives_run(struct lives *lives, uint64_t offers, uint64_t engine_ns);

/* Everything is acknowledged and every row taken and saved: only what is open is left in memory. */
void lives_drain(struct lives *lives);

/* Conversations that have arrived and not ended. */
uint64_t lives_open(const struct lives *lives);

/* Bytes the process has allocated, without what belongs to `lives`: the difference between two moments is the engine's. */
uint64_t lives_heap_bytes(struct lives *lives);

#endif
