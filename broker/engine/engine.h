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
#include "engine/row.h"
#include "proto/status.h"

enum { REQUIREMENT_MAX = 8 }; /* skills in each half of a requirement */

struct skill_level {
    name_id skill;
    uint8_t level; /* 1 to 5 */
};

/* Who can serve: every one of `all`, and at least one of `any` unless that is empty. */
struct requirement {
    struct skill_level all[REQUIREMENT_MAX], any[REQUIREMENT_MAX];
    uint8_t all_count, any_count;
};

/* The bytes of a requirement as records keep it (canonical: sorted, little-endian), and back. `out` needs REQUIREMENT_BYTES_MAX. */
enum { REQUIREMENT_BYTES_MAX = 2 + 2 * REQUIREMENT_MAX * 5 };
struct span requirement_encode(const struct requirement *requirement, char out[REQUIREMENT_BYTES_MAX]);
bool requirement_decode(struct span bytes, struct requirement *out) MUST_CHECK;

enum event_kind {
    EVENT_tick,      /* time passed: deadlines up to now_ms are due */
    EVENT_configure, /* config */
    EVENT_hello,     /* principal opens a session */
    EVENT_bye,       /* session */
    EVENT_fetched,   /* session acknowledges its outbox up to cursor */
    EVENT_message,   /* connector: key, address, name, text, topic, language, priority, source_ms, attachments, native */
    EVENT_receipt,   /* connector: key, conversation, lsn, state, reason */
    EVENT_leave,     /* connector: key, address */
    EVENT_reply,     /* agent: key, conversation, epoch, text, attachments, native */
    EVENT_note,      /* agent: key, conversation, text (no epoch: anyone may whisper) */
    EVENT_accept,    /* agent: key, conversation, offer */
    EVENT_decline,   /* agent: key, conversation, offer */
    EVENT_transfer,  /* agent: key, conversation, epoch, one of queue / requirement / agent (queue with requirement is allowed), reason */
    EVENT_finish,    /* agent: key, conversation, epoch, state (resolved or discarded; 0 means resolved), reason */
    EVENT_availability, /* agent: key, state (available or away), reason */
};

struct event {
    enum event_kind kind;
    int64_t now_ms;              /* the only clock; never goes backwards */
    session_id session;          /* who asks; 0 for tick, configure and hello */
    name_id principal;           /* hello */
    const struct config *config; /* configure; borrowed during the step */
    lsn_t cursor;
    struct span key, address, name, text, topic, language, reason, attachments, native;
    enum priority priority; /* 0: the rule decides */
    int64_t source_ms;
    conversation_id conversation;
    uint32_t epoch;
    lsn_t offer, lsn;
    name_id queue, agent;
    const struct requirement *requirement; /* NULL: none given */
    uint32_t state;
    /* What engine_missing asked for, if it exists; borrowed during the step. */
    const struct row_customer *customer_row;
    const struct row_conversation *conversation_row;
};

/* What became of the event. Released to the asker only after the step's records are durable. */
struct outcome {
    enum status status;
    conversation_id conversation;
    uint64_t sequence;
    uint32_t epoch;
    lsn_t lsn;          /* of the main record the change made; of the first one when duplicate */
    bool duplicate;     /* the key was seen before: nothing changed, and everything but lsn is to be read from that record */
    name_id owner;      /* with stale_epoch, not_owner */
    session_id session; /* hello */
};

/* What one step did. Owned by the caller, reused between steps: each step clears it first. Spans in records borrow the event or the engine
 * and hold until the next step. */
struct plan {
    struct record *records;
    uint32_t records_count, records_capacity;
    name_id *woken; /* principals whose outbox grew; may repeat */
    uint32_t woken_count, woken_capacity;
    struct closed_session {
        session_id session;
        enum cause cause;
    } * closed; /* sessions that ended in this step */
    uint32_t closed_count, closed_capacity;
    struct outcome outcome;
};
void plan_fini(struct plan *plan);

struct engine;

/* `hash_key` is drawn once when the store is made and kept there. */
struct engine *engine_create(struct hash_key hash_key);
void engine_destroy(struct engine *engine);

void engine_step(struct engine *engine, const struct event *event, struct plan *plan);

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
};
struct principal_stats { /* agent or account */
    bool configured;
    uint32_t kind, state, sessions, conversations, used, capacity;
    uint64_t pending;
    struct span channel; /* account: its channel type */
};
struct engine_stats engine_stats(const struct engine *engine);
struct queue_stats engine_queue_stats(const struct engine *engine, name_id queue);
struct principal_stats engine_principal_stats(const struct engine *engine, name_id principal);

#endif
