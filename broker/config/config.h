/* The configuration as plain data: what one YAML file says, checked. Loading is the only user of libcyaml.
 * Names are given as text; every reference between sections has been resolved to exist when config_load succeeds. */
#ifndef RELEVO_CONFIG_H
#define RELEVO_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/status.h"
#include "proto/words.h"

struct config_skill {
    char *name;
    uint8_t level; /* 1 to 5 */
};

struct config_account {   /* a channel account: one connector session at a time */
    char *name, *channel; /* channel type: whatsapp, webchat, email, ... */
    char *token;          /* blake2b:HEX of the token, 32 bytes */
};

struct config_cap { /* written "whatsapp:3" */
    char *channel;
    uint32_t conversations;
};

struct config_agent {
    char *name;
    enum agent_kind kind; /* default human */
    char *token;
    struct config_skill *skills; /* written "spanish:4"; no level means 3 */
    uint32_t skills_count;
    char **queues;
    uint32_t queues_count;
    struct config_cap *caps; /* instead of the channel's own cap */
    uint32_t caps_count;
    uint32_t capacity; /* budget, default 100; bots 100000 */
    bool auto_accept;
};

/* What a conversation of a channel type means to an agent. A type that no account has may be left out. */
struct config_channel {
    char *channel;
    uint32_t cost;     /* of the capacity, default 20; voice 100, webchat 25, email 10 */
    uint32_t cap;      /* of one agent at once, 0 (default): none */
    char **interrupts; /* channel types whose conversations do not count when one of this type is offered */
    uint32_t interrupts_count;
    uint32_t offer_ms;          /* how long an offer stands, default 30000; voice 8000, email 300000; 100 to 86400000 */
    uint32_t wrap_up_ms;        /* after finishing, default 0: none */
    uint32_t inactive_after_ms; /* waiting on the customer for longer it costs inactive_cost; default 600000, 0: never */
    uint32_t inactive_cost;     /* default 0 */
};

struct config_queue {
    char *name;
    enum queue_mode mode;   /* default push */
    uint32_t offer_ms;      /* 0 (default): that of the channel; 100 to 86400000 */
    uint32_t offers;        /* at once, default 1, at most 50 */
    uint32_t offers_max;    /* until it goes to the overflow queue, default 20 */
    enum choice choice;     /* default longest_idle */
    uint32_t last_agent_ms; /* choice last_agent: how long the offer to that agent stands, default 10000 */
    bool auto_accept;
    uint32_t lane;              /* 0 (default) to 7: a higher one goes first whatever the keys */
    bool edf;                   /* the order key is the deadline of the first response */
    uint32_t first_response_ms; /* deadlines: 0 (default) none. From the customer's message to a reply, ... */
    uint32_t next_response_ms;
    uint32_t resolution_ms;  /* ... from the arrival to the end */
    bool business_time;      /* deadlines run only while the calendar is open */
    uint32_t first_reply_ms; /* an owner that owes its first, or a further, reply for so long loses it; 0 (default): never */
    uint32_t next_reply_ms;
    uint32_t depth_max;           /* waiting at once, 0 (default): no limit */
    uint32_t wait_max_ms;         /* in this queue, 0 (default): no limit; needs an overflow queue */
    char *overflow;               /* NULL: none */
    char *escalates_to;           /* the next level; NULL: none */
    char *calendar;               /* NULL: always open */
    enum when_closed when_closed; /* default hold */
    char *closed_text;            /* when_closed message: what customers are told */
    enum agent_lost agent_lost;   /* default back */
    bool bots_may_finish;         /* default true; false makes a hybrid queue: a human always ends */
};

/* A step of a plan replaces what was asked for before, or adds an alternative to it. */
struct config_step {
    struct config_skill *all, *any; /* written "all: [spanish:4]"; no level means 1 */
    uint32_t all_count, any_count;
    char *queue;       /* where the file gives none, that of the step before */
    uint64_t after_ms; /* since the arrival in the queue; the first step has 0, and they rise */
    char **preferred;  /* agents that are offered it before others */
    uint32_t preferred_count;
    enum priority priority; /* 0: unchanged */
    enum choice choice;     /* 0: that of the queue */
    bool add;               /* who could serve it before still can */
    bool skip_if_nobody;    /* passed over when no agent that could serve it is signed in */
};

struct config_plan {
    char *name;                /* a rule that asks for a queue and skills itself is a plan of one step, without a name */
    struct config_step *steps; /* 1 to 16 */
    uint32_t steps_count;
};

struct config_attribute { /* written "tier=gold" */
    char *name, *value;
};

struct config_rule {                            /* every given condition must hold; first rule that matches wins */
    char *account, *channel, *language, *topic; /* NULL: any */
    char *result;                               /* what a bot found out; a rule with one is for transfers with a result only */
    struct config_attribute *attributes;        /* of the customer: all of these */
    uint32_t attributes_count;
    char *pattern;       /* PCRE2, caseless, found anywhere in the text; it compiles (pattern/pattern.h); NULL: any */
    char *open, *closed; /* calendars that must be open, or closed */
    struct config_plan plan;
    enum priority priority; /* default normal; with a result 0: that of the conversation */
};

/* When it is open, as UTC milliseconds: made from the system's zone database by config_refresh_calendars. Sorted, apart, none empty. */
struct config_interval {
    int64_t open_ms, close_ms;
};

struct config_calendar {
    char *name, *zone;
    struct config_interval *intervals;
    uint32_t intervals_count;
};

struct config_operator {
    char *name, *token;
};

struct config_session {
    uint32_t heartbeat_ms; /* 15000 */
    uint32_t lease_ms;     /* 45000: three heartbeats */
    uint32_t grace_ms;     /* 60000: from the loss of an agent's last session to the return of its conversations */
};

struct config {
    char *listen; /* tcp://127.0.0.1:7400 */
    struct config_session session;
    uint64_t reopen_within_ms;       /* 72 h */
    uint32_t pass_over_ms;           /* 10000: an agent who missed an offer is passed over for that conversation */
    uint32_t misses_max;             /* 3: in a row make not_responding */
    uint32_t conversations_open_max; /* beyond it new conversations are refused as overloaded, default 1000000 */
    uint64_t store_bytes_max;        /* size of the LMDB map, default 64 GiB, sparse */
    uint32_t lane_guard;             /* 10: after so many of higher lanes one of a lower lane goes; 0: never */
    char *dead_letter;               /* the queue of those offered too often or buried; NULL: there is none */
    struct config_channel *channels; /* of every account's channel type, and those given */
    uint32_t channels_count;
    struct config_calendar *calendars;
    uint32_t calendars_count;
    struct config_account *accounts;
    uint32_t accounts_count;
    struct config_agent *agents;
    uint32_t agents_count;
    struct config_queue *queues;
    uint32_t queues_count;
    struct config_rule *rules;
    uint32_t rules_count;
    struct config_operator *operators;
    uint32_t operators_count;
};

struct config_error {
    char text[1024]; /* "FILE:LINE: rules[3].queue: no queue is named "sals"; expected one of: sales, support" */
};

/* Reads and checks the whole file. On bad_config (or not_found) `error` names file, line and what was expected, and *out is untouched. */
enum status config_load(const char *path, struct config **out, struct config_error *error) MUST_CHECK;

void config_free(struct config *config);

/* Makes the intervals of every calendar anew: from two days before `now_ms` to 400 days after it, as config_load did. Frees the old ones. A
 * calendar whose zone the system has lost meanwhile keeps what it has. Asked once a day, a calendar never comes to its end. */
void config_refresh_calendars(struct config *config, int64_t now_ms);

/* The account, agent or operator of that name whose hash is that of `token`: constant time in the token. False when there is none. */
bool config_authenticate(const struct config *config, enum role role, struct span name, struct span token);

/* "blake2b:" and 64 hex digits of the token's BLAKE2b-256 hash, as the file wants it. */
void config_token_hash(struct span token, char out[80]);

#endif
