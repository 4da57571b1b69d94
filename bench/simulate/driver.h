/* The production engine in virtual time: the one place of the simulator where events are made and records are read. No store, no sockets:
 * records are looked at and dropped, rows count as saved at once, so that what is finished leaves memory.
 *
 * Time is virtual milliseconds as a double; the engine is told the whole milliseconds. Agents are numbered as in the configuration. */
#ifndef RELEVO_SIMULATE_DRIVER_H
#define RELEVO_SIMULATE_DRIVER_H

#include "config/config.h"
#include "engine/engine.h"
#include "engine/invariants.h"

/* What a step did, of what matters here. */
struct happening {
    enum record_kind kind; /* assigned, offered, withdrawn, requeued, transferred, finished, agent_state, held */
    conversation_id conversation;
    uint32_t agent; /* UINT32_MAX: none */
    uint32_t epoch, cost, state;
    lsn_t offer;
};

struct driver {
    struct engine *engine;
    struct plan plan;
    const struct config *config;
    int64_t epoch_ms;              /* UTC time of virtual time 0 */
    session_id *accounts, *agents; /* their sessions, as numbered in the configuration */
    uint32_t *agents_by_name;      /* name_id -> agent */
    session_id *sessions_by_name;
    uint32_t *undelivered; /* by name_id, since the outbox was last acknowledged */
    name_id names_count;
    struct happening *happenings; /* of the last call */
    uint32_t happenings_count, happenings_capacity;
    uint64_t events; /* the engine's steps so far */
    bool check;
    const char *fault; /* of the first event that broke an invariant; NULL: none did, or nobody checks */
    uint64_t fault_event;
    struct invariants invariants;
};

/* Every account and every agent of the configuration signs in, in this order; agents are available. Borrows the configuration.
 * `check`: the invariants are looked at after every event until one is broken. */
void driver_open(struct driver *driver, const struct config *config, int64_t epoch_ms, double now_ms, bool check);
void driver_close(struct driver *driver);

/* Runs the engine's own deadlines that come before `now_ms`. True: one was due at *at_ms, look at the happenings and call again. */
bool driver_due(struct driver *driver, double now_ms, double *at_ms);

struct message {
    uint32_t account; /* as numbered in the configuration */
    struct span address, language, topic;
    enum priority priority;
    const struct attribute *attributes;
    uint32_t attributes_count;
};

/* The conversation that the message came to; 0: it was refused. */
conversation_id driver_message(struct driver *driver, double now_ms, const struct message *message);
void driver_leave(struct driver *driver, double now_ms, uint32_t account, struct span address);
void driver_accept(struct driver *driver, double now_ms, const struct happening *offer);
void driver_decline(struct driver *driver, double now_ms, const struct happening *offer);
void driver_finish(struct driver *driver, double now_ms, conversation_id conversation, uint32_t agent, uint32_t epoch);
void driver_available(struct driver *driver, double now_ms, uint32_t agent);

/* Every session gives a sign of life: to be called at least every driver_heartbeat_ms. */
void driver_touch(struct driver *driver, double now_ms);
double driver_heartbeat_ms(const struct driver *driver);

/* The account of that name; accounts_count: there is none. */
uint32_t driver_account(const struct driver *driver, const char *name);

#endif
