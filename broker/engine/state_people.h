/* The memory of people: customers, and the agents, accounts and operators with their sessions and outboxes. */
#ifndef RELEVO_STATE_PEOPLE_H
#define RELEVO_STATE_PEOPLE_H

#include "base/heap.h"
#include "base/list.h"
#include "engine/engine.h"
#include "engine/state_entity.h"

struct bench;
struct channel;
struct conversation;
struct group;

/* The numbers of row_customer. */
struct customer_state {
    uint64_t id;
#define NUMBER(bit, field, type) type field;
#define BYTES(bit, field)
#include "engine/customer.def"
#undef NUMBER
#undef BYTES
};

struct customer {
    struct entity entity;
    struct customer_state row;
    name_id type; /* channel type: the name's text is the row's `channel` */
    uint16_t address_size, attributes_size;
    const char *address, *attributes; /* among the engine's texts */
    struct customer *next_same_hash;
};

struct session {
    struct entity entity;
    struct row_session row;
    struct principal *principal;
    bool closed;
    bool fetching; /* it has asked for deliveries: they wait for it too */
    /* the rest */
    struct list_node node; /* in principal->sessions */
    lsn_t cursor;          /* what its client said it dealt with */
    int64_t seen_ms;       /* last sign of life */
    struct heap_node timer;
};

enum { SESSION_HOT_BYTES = offsetof(struct session, node) };

/* Undelivered lsns, ascending: a ring. */
struct outbox {
    lsn_t *lsns;
    uint32_t capacity, first, count;
    /* the rest */
    lsn_t saved;  /* newest lsn that the pending table holds */
    lsn_t *stale; /* acknowledged, but still in the pending table */
    uint32_t stale_count, stale_capacity;
};

/* What an agent has of one channel type, and its place among those who have room for one more of it. */
struct desk {
    struct principal *agent;
    uint32_t used, conversations, cap; /* cap 0: the channel's */
    struct list_node node;             /* in the group's bench, longest idle first */
    struct heap_node load, turn;       /* in its heaps, when some queue chooses by them */
};

/* What an agent has, in no order: each knows its place, and the last takes the place of one that leaves. */
struct owned {
    struct conversation **items;
    uint32_t count, capacity;
};

/* Whoever can say hello: an agent, a channel account, an operator. What a decision looks at comes first. */
struct principal {
    struct entity entity;
    struct row_principal row; /* its `reason` is owned */
    enum name_kind kind;
    bool configured;
    /* agents */
    bool auto_accept;
    bool signed_in; /* counted in its group */
    bool freed;     /* among engine->freed */
    enum agent_kind agent_kind;
    uint32_t capacity, used;
    uint32_t desks_count;
    struct desk *desks;    /* by channel index */
    uint64_t room;         /* a bit for every channel index it has room for; 0 while it is not live */
    struct group *group;   /* NULL while not configured */
    struct bench *benches; /* the group's */
    struct owned owned;
    struct list ties;
    struct heap direct; /* conversations meant for this agent first */
    struct list sessions;
    struct outbox outbox;
    /* the rest */
    struct heap_node timer; /* of an agent: end of the grace, or of wrap_up */
    /* accounts */
    struct channel *channel;
    struct hash_key address_key; /* customer_address_key of the channel */
};

enum { PRINCIPAL_HOT_BYTES = offsetof(struct principal, outbox.saved) };

#endif
