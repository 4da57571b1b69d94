/* The engine's memory: every struct of the state (state_*.h), and nothing that acts on it. Private to the engine.
 *
 * Durable state is the `row` member of each entity (rows.def), the ties and passings-over of a conversation, and the outboxes; everything
 * else is derived from it (places in queues, loads, idle order) or volatile (leases, timers, cursors, the lane guard). Only apply.c and the
 * modules it calls change durable state. */
#ifndef RELEVO_STATE_H
#define RELEVO_STATE_H

#include "base/map.h"
#include "base/pool.h"
#include "base/texts.h"
#include "engine/attributes.h"
#include "engine/dedup.h"
#include "engine/state_people.h"
#include "engine/state_routing.h"
#include "engine/state_work.h"
#include "limits.h"

enum { RECENT_CLASSES = 16384 }; /* places: with a thousand routes few share one, and 128 KB */

struct name {
    struct entity entity;
    struct row_name row;
    struct name *next_same_hash;
    const struct routing *routing; /* of a named plan; NULL: not configured */
};

/* A customer whom an event is from, by type and address; the address is the event's. */
struct sought {
    struct span address;
    name_id type; /* 0: nobody is sought */
    uint64_t hash;
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

    struct name **names;           /* by id, as are the next three: what the name stands for, without a look at the name itself */
    struct principal **principals; /* agents, accounts, operators */
    struct queue **queues;
    struct channel **channels_by_name;
    uint32_t names_capacity, names_count;
    struct map names_by_hash;
    struct map customers, customers_by_hash, conversations, sessions;
    struct texts texts;                       /* addresses */
    struct conversation *recent_conversation; /* looked up last: one step asks for it again and again, */
    struct customer *recent_customer;         /* and for these; NULL: none */
    struct session *recent_session;
    struct sought sought;                 /* in the step in progress */
    struct likely likely;                 /* to be chosen in it, and warm for that */
    uint64_t conversations_open, waiting; /* waiting: in some heap, for an agent */
    struct pool conversation_pool, customer_pool, session_pool, tie_pool;
    struct dedup dedup;

    struct settings settings;
    struct channel *channels[LIMIT_CHANNELS]; /* by index */
    uint32_t channels_count;
    struct class **classes;
    struct group **groups;
    struct head *heads; /* by class index */
    uint32_t classes_count, groups_count, classes_capacity, groups_capacity, heads_capacity;
    struct map classes_by_hash, groups_by_hash;
    struct bitset nonempty_classes;
    struct class *recent_classes[RECENT_CLASSES]; /* a small cache in front of classes_by_hash */
    struct idle idle[LIMIT_CHANNELS];

    struct heap timers;
    struct heap_node calendars_timer;
    struct id_list arrived, freed; /* conversations and agents that the end of the step must match */

    struct dirty dirty, dirty_names;
    struct saved_row *saving; /* rows taken and not known to be durable */
    uint32_t saving_count, saving_capacity;
    struct saved_row beside;      /* the next to be looked at of those that share a page with the row taken last, */
    uint64_t beside_end;          /* up to this id */
    struct principal *pending_of; /* whose pending changes are being taken */
    uint32_t pending_at, stale_at;
    char attribute_bytes[ATTRIBUTES_BYTES_MAX];                                     /* of the last message that changed some */
    char row_bytes[LIMIT_TIES * TIE_BYTES + LIMIT_PASSED_OVER * PASSED_OVER_BYTES]; /* of the last conversation_row */
};

#endif
