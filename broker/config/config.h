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

struct config_agent {
    char *name;
    enum agent_kind kind; /* default human */
    char *token;
    struct config_skill *skills; /* written "spanish:4"; no level means 3 */
    uint32_t skills_count;
    char **queues;
    uint32_t queues_count;
    uint32_t capacity; /* budget, default 100; bots 100000 */
    bool auto_accept;
};

struct config_queue {
    char *name;
    uint32_t offer_ms; /* how long an offer stands, default 30000; 100 to 86400000 */
    bool auto_accept;
};

struct config_rule {                            /* every given condition must hold; first rule that matches wins */
    char *account, *channel, *language, *topic; /* NULL: any */
    char *queue;
    struct config_skill *all, *any; /* written "all: [spanish:4]"; no level means 1 */
    uint32_t all_count, any_count;
    enum priority priority; /* default normal */
};

struct config_operator {
    char *name, *token;
};

struct config_cost { /* capacity one conversation of a channel type takes */
    char *channel;
    uint32_t cost;
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
    struct config_cost *costs;       /* default: voice 100, webchat 25, whatsapp messenger instagram telegram 20, email 10; others 20 */
    uint32_t costs_count;
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
    char text[512]; /* "FILE:LINE: rules[3].queue: no queue is named "sals"; expected one of: sales, support" */
};

/* Reads and checks the whole file. On bad_config (or not_found) `error` names file, line and what was expected, and *out is untouched. */
enum status config_load(const char *path, struct config **out, struct config_error *error) MUST_CHECK;

void config_free(struct config *config);

/* The account, agent or operator of that name whose hash is that of `token`: constant time in the token. False when there is none. */
bool config_authenticate(const struct config *config, enum role role, struct span name, struct span token);

/* "blake2b:" and 64 hex digits of the token's BLAKE2b-256 hash, as the file wants it. */
void config_token_hash(struct span token, char out[80]);

#endif
