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
    char **skills, **queues, **caps;
    uint32_t skills_count, queues_count, caps_count;
};

struct shape_channel {
    char *channel, *cost, *cap, *offer_ms, *wrap_up_ms, *inactive_after_ms, *inactive_cost;
    char **interrupts;
    uint32_t interrupts_count;
};

struct shape_queue {
    char *name, *mode, *offer_ms, *offers, *offers_max, *choice, *last_agent_ms, *auto_accept, *lane, *edf;
    char *first_response_ms, *next_response_ms, *resolution_ms, *business_time, *first_reply_ms, *next_reply_ms;
    char *depth_max, *wait_max_ms, *overflow, *escalates_to, *calendar, *when_closed, *closed_text, *agent_lost, *bots_may_finish;
};

struct shape_calendar {
    char *name, *zone;
    char **weekly, **holidays, **exceptions;
    uint32_t weekly_count, holidays_count, exceptions_count;
};

struct shape_step {
    char *queue, *after_s, *add, *priority, *choice, *skip_if;
    char **all, **any, **preferred;
    uint32_t all_count, any_count, preferred_count;
};

struct shape_plan {
    char *name;
    struct shape_step *steps;
    uint32_t steps_count;
};

struct shape_rule {
    char *account, *channel, *language, *topic, *result, *pattern, *open, *closed, *plan, *queue, *priority;
    char **attributes, **all, **any;
    uint32_t attributes_count, all_count, any_count;
};

struct shape_operator {
    char *name, *token;
};

struct shape_session {
    char *heartbeat_ms, *lease_ms, *grace_ms;
};

/* A key that is not in the file is NULL. */
struct shape {
    char *listen, *reopen_within_ms, *pass_over_ms, *misses_max, *conversations_open_max, *store_bytes_max, *lane_guard, *dead_letter;
    struct shape_session session;
    struct shape_channel *channels;
    struct shape_calendar *calendars;
    struct shape_account *accounts;
    struct shape_agent *agents;
    struct shape_queue *queues;
    struct shape_plan *plans;
    struct shape_rule *rules;
    struct shape_operator *operators;
    uint32_t channels_count, calendars_count, accounts_count, agents_count, queues_count, plans_count, rules_count, operators_count;
};

/* Refuses unknown, missing and repeated keys, and lists and texts where the other is expected. */
enum status config_shape_load(struct config_source *source, struct shape **out) MUST_CHECK;

void config_shape_free(struct shape *shape);

#endif
