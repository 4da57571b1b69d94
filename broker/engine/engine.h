/* The engine: what the broker decides, and the state that deciding needs. Pure: no I/O, no clock, no randomness from outside; the same
 * events give the same records on every machine.
 *
 * It refuses to know: frames, sockets, files, YAML. Names arrive as ids (engine_find_name), texts as borrowed spans.
 * A step decides, emits records and applies them to memory at once; its caller makes the records durable and releases the outcome only
 * then. A step never fails: a refusal is an outcome.
 *
 * Restart: engine_load_counters, engine_load every row (names, principals and their pending deliveries, sessions, open conversations, in
 * this order), engine_replay every record after the checkpoint, engine_resume, then a configure event. */
#ifndef RELEVO_ENGINE_H
#define RELEVO_ENGINE_H

#include "base/hash.h"
#include "config/config.h"
#include "engine/event.h"
#include "engine/plan.h"
#include "engine/row.h"

struct engine;

/* `hash_key` is drawn once when the store is made and kept there. */
struct engine *engine_create(struct hash_key hash_key);
void engine_destroy(struct engine *engine);

void engine_step(struct engine *engine, const struct event *event, struct plan *plan);

/* Begins to fetch what the step of the event will look at into the processor's cache. For whoever knows events some steps ahead: a large
 * broker does not fit the cache. Each call follows the pointers that the one before has fetched, so that none of them waits: first tables,
 * by what the event names, then who is found there, and so on, WARM_STEPS in all. Changes nothing but event->warmed. */
enum { WARM_STEPS = 7 };
void engine_warm(const struct engine *engine, struct event *event);

/* Channel types are never forgotten: the first of the configuration for which there is no room beside those known; NULL: all have room.
 * A configure event must not bring one. */
const char *engine_channel_beyond(const struct engine *engine, const struct config *config);

/* When the next tick is due; INT64_MAX: none. */
int64_t engine_deadline_ms(const struct engine *engine);

/* The session gave a sign of life. Not durable, makes no record. */
void engine_touch(struct engine *engine, session_id session, int64_t now_ms);

/* The session asks for deliveries: from now on they wait until it has dealt with them too. Not durable, makes no record. */
void engine_listens(struct engine *engine, session_id session);

/* Prefetch: which stored row the step of this event (or the replay of this record) would need that memory does not hold. Ask again after
 * filling it in, until false. A row that does not exist is given as NULL by setting its `absent` flag. */
struct missing {
    bool customer_absent, conversation_absent; /* in: looked for and not there */
    enum { MISSING_address, MISSING_customer, MISSING_conversation } kind;
    struct span channel, address; /* MISSING_address: the customer of this channel type and address */
    uint64_t id;
};
bool engine_missing(const struct engine *engine, const struct event *event, struct missing *missing);

/* --- restart --- */
/* The last id given out of each kind, and the engine's time. */
struct counters {
    lsn_t newest; /* last record made, durable or not */
    int64_t now_ms;
    conversation_id conversation;
    customer_id customer;
    session_id session;
};

void engine_load(struct engine *engine, const struct row *row);
void engine_load_pending(struct engine *engine, name_id principal, lsn_t lsn); /* in ascending lsn, after its principal row */
void engine_load_counters(struct engine *engine, struct counters counters);    /* as the checkpoint kept them */
bool engine_replay_missing(const struct engine *engine, const struct record *record, const struct row_customer *customer,
                           const struct row_conversation *conversation, struct missing *missing);
void engine_replay(struct engine *engine, const struct record *record, const struct row_customer *customer,
                   const struct row_conversation *conversation);
/* Its client key only: for the records from engine_remember_from(newest) up to the checkpoint. */
void engine_remember(struct engine *engine, const struct record *record);
lsn_t engine_remember_from(lsn_t newest);
void engine_resume(struct engine *engine, int64_t now_ms); /* leases start anew; waiting and idle order are rebuilt */

/* --- checkpoint --- */
/* The next row to write with the coming commit; false when nothing is dirty. Spans hold until the next call or step. After each row, drain
 * engine_next_pending (empty but for principals) before asking for the next. */
bool engine_next_row(struct engine *engine, struct row *out);
/* Changes of the pending table that go with the principal row just returned. */
bool engine_next_pending(struct engine *engine, name_id *principal, lsn_t *lsn, bool *added);
uint64_t engine_dirty_count(const struct engine *engine);
/* After the rows taken so far are durable, a restart has to replay from this lsn. */
lsn_t engine_replay_from(const struct engine *engine);
/* All rows taken so far are durable: what is finished and clean leaves memory. */
void engine_rows_saved(struct engine *engine);

struct counters engine_counters(const struct engine *engine);

/* A hash of the durable state, independent of memory order: open conversations, presence, outboxes, sessions, names and counters. Equal
 * before and after a restart. */
uint64_t engine_digest(struct engine *engine);

/* --- reading --- */
/* Would this message begin or reopen a conversation, so that a rule must choose? */
bool engine_begins(const struct engine *engine, const struct event *event);

name_id engine_find_name(const struct engine *engine, enum name_kind kind, struct span name); /* 0: none */
struct span engine_name(const struct engine *engine, name_id id);                             /* empty: none */
name_id engine_name_max(const struct engine *engine);                                         /* ids run from 1 to this */
enum name_kind engine_name_kind(const struct engine *engine, name_id id);
name_id engine_session_principal(const struct engine *engine, session_id session);                       /* 0: no such session */
bool engine_conversation(const struct engine *engine, conversation_id id, struct row_conversation *out); /* false: not in memory */

/* The next undelivered lsns of the session's outbox after `cursor`, ascending; how many were written to `out`. */
uint32_t engine_outbox(const struct engine *engine, session_id session, lsn_t cursor, lsn_t *out, uint32_t max);
lsn_t engine_acknowledged(const struct engine *engine, session_id session);

struct engine_stats {
    uint64_t open, waiting, sessions;
};
struct queue_stats {
    uint64_t waiting, offered, in_progress;
    int64_t oldest_ms; /* arrival of the oldest; 0: none waits */
    bool paused;
};
struct principal_stats { /* agent or account */
    bool configured;
    uint32_t kind, state; /* agent: enum agent_kind, enum agent_state */
    struct span reason;   /* agent: why it is away; holds until the next step */
    uint32_t sessions, conversations, used, capacity;
    uint64_t pending;
    struct span channel; /* account: its channel type */
};
struct engine_stats engine_stats(const struct engine *engine);
struct queue_stats engine_queue_stats(const struct engine *engine, name_id queue);
struct principal_stats engine_principal_stats(const struct engine *engine, name_id principal);

#endif
