/* The memory of routing: channel types, queues, classes of conversations, groups of agents, plans, rules and settings. None of it is
 * durable: it is made from the configuration and from what the entities say. */
#ifndef RELEVO_STATE_ROUTING_H
#define RELEVO_STATE_ROUTING_H

#include "base/bitset.h"
#include "base/heap.h"
#include "base/list.h"
#include "base/map.h"
#include "engine/engine.h"
#include "engine/hours.h"
#include "engine/route.h"
#include "proto/message.h"

enum { LANES = 8 };

/* A channel type. */
struct channel {
    name_id id;
    uint32_t index;
    uint32_t cost, cap, offer_ms, wrap_up_ms, inactive_after_ms, inactive_cost;
    uint64_t interrupts; /* a bit for every channel index whose conversations make way for one of this */
};

/* Whom a queue offers to now. */
enum offering { OFFERING_nobody, OFFERING_bots, OFFERING_all };

struct queue {
    name_id id, overflow, escalates_to;
    bool configured, auto_accept, edf, business_time, bots_may_finish, stays;
    bool timed; /* has deadlines or limits that messages set or lift */
    enum queue_mode mode;
    enum choice choice;
    enum when_closed when_closed;
    uint8_t lane;
    uint32_t offer_ms, offers, offers_max, last_agent_ms;
    uint32_t first_response_ms, next_response_ms, resolution_ms, first_reply_ms, next_reply_ms;
    uint32_t depth_max, wait_max_ms;
    struct span closed_text;      /* owned */
    const struct hours *calendar; /* NULL: always open */
    bool closed;                  /* now */
    enum offering offering;       /* that the classes were paired by */
    bool changed;                 /* since the pairing before */
    uint64_t waiting, offered, in_progress;
};

/* Conversations that the same agents can serve on the same terms. */
struct class
{
    /* what every arrival looks at */
    uint32_t index;
    name_id type;
    uint32_t cost;
    uint8_t lane, choice;
    bool prefers; /* its route has agents who are offered it before others */
    struct channel *channel;
    struct span bytes;     /* of the route, behind the class */
    struct bitset servers; /* groups that can serve it */
    uint32_t *server_list; /* the same */
    uint32_t servers_count, servers_capacity;
    struct heap waiting; /* by order key, then conversation id */
    /* the rest */
    struct route *route;
    uint16_t *scores; /* choice most_skilled: of every group */
    uint32_t scores_count;
    struct class *next_same_hash;
};

/* The first of every class, side by side: what a freed agent looks at. */
struct head {
    int64_t key;
    struct conversation *conversation; /* NULL: nothing waits */
    uint8_t lane, channel;             /* index */
};

/* The agents of a group that have room for a channel type. */
struct bench {
    struct list idle;
    struct heap load, turn;
};

/* Agents with the same kind, queues and skills. */
struct group {
    /* what a decision looks at */
    uint32_t index;
    uint32_t benches_count;
    struct bench *benches;   /* by channel index */
    struct bitset serves;    /* classes it can serve */
    uint32_t skipped[LANES]; /* how often in a row a higher lane went before one that waited here */
    /* the rest */
    enum agent_kind kind;
    name_id *queues;
    uint32_t queues_count;
    struct skill_level *skills;
    uint32_t skills_count;
    uint32_t members, signed_in;
    struct group *next_same_hash;
};

enum { IDLE_NOBODY = UINT32_MAX };

/* Who is idle for a channel type: all in one row, longest idle first, and the groups that they are of. The tables are small and by
 * themselves, so that an arrival finds who is next without a look at any agent. */
struct idle {
    struct seat {
        uint32_t group; /* its index; IDLE_NOBODY: whoever sat here is idle no more */
        union {
            name_id agent;
            uint32_t empty; /* how many seats are, side by side; the first and the last of them tell */
        };
        struct principal *sitting; /* who is named; beside it, because a table of everybody is seldom in the cache */
    } * seats;
    uint32_t begin, end, capacity; /* of the seats: before the begin nobody sits, and at it somebody does */
    uint32_t count;                /* of those who sit */
    uint32_t order;                /* another one whenever the longest idle of a class may be found before where it was found last: somebody
                                      sits down elsewhere than at the end, all move up, or a class is served by others */
    lsn_t newest;                  /* idle_lsn of whoever ever came: who has a newer one comes last */
    uint32_t *seat_of;             /* by the agent's name_id */
    uint32_t *first;               /* by group index: the seat of its longest idle; IDLE_NOBODY: nobody is */
    struct bitset groups;          /* with somebody idle */
    uint32_t seat_of_count, first_count;
};

struct routing_step {
    struct span route; /* owned; with the alternatives of the steps before where it adds to them */
    name_id queue;
    uint64_t after_ms;
    enum priority priority; /* 0: unchanged */
    enum choice choice;     /* 0: the queue's */
    bool skip_if_nobody;
};

/* A routing plan. */
struct routing {
    name_id id;     /* 0: one step, without a name */
    uint32_t count; /* of the steps, the first of which is beside it: most plans have no other */
    struct routing_step steps[WIRE_STEPS_MAX];
};

struct rule {
    name_id account;                              /* 0: any */
    struct span channel, language, topic, result; /* owned; empty: any */
    struct rule *next_same_topic;                 /* in the order of the rules; those for any topic are together too */
    struct rule_attribute {
        struct span name, value; /* owned */
    } * attributes;
    uint32_t attributes_count, index;
    bool has_pattern;
    const struct hours *open, *closed;
    enum priority priority;
    struct routing routing;
};

struct settings {
    uint32_t lease_ms, grace_ms, pass_over_ms, misses_max, conversations_open_max, lane_guard;
    uint64_t reopen_within_ms;
    name_id dead_letter;
    struct rule *rules;
    uint32_t rules_count;
    struct map rules_by_topic; /* hash -> the first of every topic; rules_any_topic: the first for any */
    struct rule *rules_any_topic;
    struct hours *calendars;
    uint32_t calendars_count;
    bool by_load, by_turn; /* some queue or plan chooses so: the heaps are kept */
};

#endif
