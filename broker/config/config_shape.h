/* The configuration file as libcyaml gives it: the right sections and keys, every value still a text. Numbers are read as texts because
 * libcyaml takes "30s" for 30 and any word for true. config_shape.c is the only user of libcyaml. */
#ifndef RELEVO_CONFIG_SHAPE_H
#define RELEVO_CONFIG_SHAPE_H

#include "config/config_source.h"

struct shape_account {
    char *name, *channel, *token;
};

struct shape_agent {
    char *name, *kind, *token, *capacity, *auto_accept;
    char **skills, **queues;
    uint32_t skills_count, queues_count;
};

struct shape_queue {
    char *name, *offer_ms, *auto_accept;
};

struct shape_rule {
    char *account, *channel, *language, *topic, *queue, *priority;
    char **all, **any;
    uint32_t all_count, any_count;
};

struct shape_operator {
    char *name, *token;
};

struct shape_cost {
    char *channel, *cost;
};

struct shape_session {
    char *heartbeat_ms, *lease_ms, *grace_ms;
};

/* A key that is not in the file is NULL. */
struct shape {
    char *listen, *reopen_within_ms, *pass_over_ms, *misses_max, *conversations_open_max, *store_bytes_max;
    struct shape_session session;
    struct shape_cost *costs;
    struct shape_account *accounts;
    struct shape_agent *agents;
    struct shape_queue *queues;
    struct shape_rule *rules;
    struct shape_operator *operators;
    uint32_t costs_count, accounts_count, agents_count, queues_count, rules_count, operators_count;
};

/* Refuses unknown, missing and repeated keys, and lists and texts where the other is expected. */
enum status config_shape_load(struct config_source *source, struct shape **out) MUST_CHECK;

void config_shape_free(struct shape *shape);

#endif
