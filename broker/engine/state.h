/* The engine's memory: every struct of the state, and nothing that acts on it. Private to the engine.
 *
 * Durable state is the `row` member of each entity (rows.def) plus the outboxes; everything else is derived from it (places in queues,
 * loads, idle order) or volatile (leases, timers, cursors). Only apply.c and the modules it calls change durable state. */
#ifndef RELEVO_ENGINE_STATE_H
#define RELEVO_ENGINE_STATE_H

#include "base/bitset.h"
#include "base/heap.h"
#include "base/list.h"
#include "base/map.h"
#include "base/pool.h"
#include "engine/dedup.h"
#include "engine/engine.h"
#include "limits.h"

/* What a checkpoint writes. Entities wait in engine->dirty in the order of their first unsaved change; names wait apart and go first,
 * because a row must not speak of a name that a restart would not find. */
struct entity {
    struct list_node node;
    lsn_t since; /* first change that no durable row holds; 0: clean */
    enum row_kind kind;
};

struct name {
    struct entity entity;
    struct row_name row;
    struct name *next_same_hash;
    struct principal *principal; /* agents, accounts, operators */
    struct queue *queue;
};

struct customer {
    struct entity entity;
    struct row_customer row;
    struct customer *next_same_hash;
};

struct passed_over {
    name_id agent;
    int64_t until_ms;
};
enum { PASSED_OVER_BYTES = 4 + 8 }; /* of one in a row */

struct conversation {
    struct entity entity;
    struct row_conversation row; /* row.requirement borrows the class, row.passed_over is made when needed */
    struct passed_over passed_over[LIMIT_PASSED_OVER];
    struct class *class;         /* where it waits, or last waited */
    struct heap_node waiting;    /* in class->waiting while queued */
    struct list_node agent_node; /* in its owner's `owned`, or in the `offers` of the agent it is offered to */
    struct heap_node timer;      /* offer deadline, or the end of a passing over */
};

struct session {
    struct entity entity;
    struct row_session row;
    struct principal *principal;
    struct list_node node; /* in principal->sessions */
    lsn_t cursor;          /* what its client said it dealt with */
    bool fetching;         /* it has asked for deliveries: they wait for it too */
    int64_t seen_ms;       /* last sign of life */
    bool closed;
    struct heap_node timer;
};

/* Undelivered lsns, ascending: a ring. */
struct outbox {
    lsn_t *lsns;
    uint32_t capacity, first, count;
    lsn_t saved;  /* newest lsn that the pending table holds */
    lsn_t *stale; /* acknowledged, but still in the pending table */
    uint32_t stale_count, stale_capacity;
};

/* Whoever can say hello: an agent, a channel account, an operator. */
struct principal {
    struct entity entity;
    struct row_principal row;
    enum name_kind kind;
    struct list sessions;
    struct outbox outbox;
    bool configured;
    /* agents */
    enum agent_kind agent_kind;
    bool auto_accept;
    uint32_t capacity, used;
    struct list owned, offers; /* conversations */
    struct group *group;       /* NULL while not configured */
    struct class *direct;      /* conversations meant for this agent only */
    bool idle;                 /* listed in group->idle */
    struct list_node idle_node;
    struct heap_node timer; /* end of the grace */
    /* accounts */
    char *channel;
    struct hash_key address_key; /* customer_address_key of the channel */
    uint32_t cost;
};

struct queue {
    name_id id;
    uint32_t offer_ms;
    bool auto_accept;
    uint64_t waiting, offered, in_progress;
};

/* Conversations that the same agents can serve: same queue, requirement, agent meant and cost. */
struct class
{
    uint32_t index;
    name_id queue, target;
    uint32_t cost;
    struct span requirement; /* owned */
    struct requirement parsed;
    struct heap waiting;   /* by order key, then conversation id */
    struct bitset servers; /* groups that can serve it */
    struct class *next_same_hash;
};

/* Agents with the same queues and skills. */
struct group {
    uint32_t index;
    name_id *queues;
    uint32_t queues_count;
    struct skill_level *skills;
    uint32_t skills_count;
    struct list idle;     /* agents with room, longest idle first */
    struct bitset serves; /* classes it can serve */
    struct group *next_same_hash;
};

struct rule {
    name_id account, queue;
    char *channel, *language, *topic; /* NULL: any */
    struct span requirement;          /* owned */
    enum priority priority;
};

struct settings {
    uint32_t lease_ms, grace_ms, pass_over_ms, misses_max, conversations_open_max;
    uint64_t reopen_within_ms;
    struct rule *rules;
    uint32_t rules_count;
    uint32_t cost_min; /* of any account: an agent with less room is not idle */
};

/* A growable list of ids. */
struct id_list {
    uint64_t *ids;
    uint32_t count, capacity;
};

struct saved_row {
    enum row_kind kind;
    uint64_t id;
};

struct engine {
    struct counters counters;
    struct hash_key hash_key;
    bool live;         /* false while loading and replaying: nothing is decided */
    struct plan *plan; /* of the step in progress */

    struct name **names; /* by id */
    uint32_t names_capacity, names_count;
    struct map names_by_hash;
    struct map customers, customers_by_hash, conversations, sessions;
    uint64_t conversations_open;
    struct pool conversation_pool, customer_pool, session_pool;
    struct dedup dedup;

    struct settings settings;
    struct class **classes;
    struct group **groups;
    uint32_t classes_count, groups_count, classes_capacity, groups_capacity;
    struct map classes_by_hash, groups_by_hash;
    struct bitset nonempty_classes, idle_groups;

    struct heap timers;
    struct id_list arrived, freed; /* conversations and agents that the end of the step must match */

    struct list dirty, dirty_names;
    struct saved_row *saving; /* rows taken for the commit under way */
    uint32_t saving_count, saving_capacity;
    struct principal *pending_of; /* whose pending changes are being taken */
    uint32_t pending_at, stale_at;
    char passed_over_bytes[LIMIT_PASSED_OVER * PASSED_OVER_BYTES];
};

#endif
