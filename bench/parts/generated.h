/* A configuration made up to a size: one account, so many agents, skills and queues, and so many classes (different pairs of queue and
 * requirement), one rule each, chosen by topic. Every class can be served, and agents differ: each has a few queues and a few skills.
 * Points into itself and owns the rest. */
#ifndef RELEVO_BENCH_GENERATED_H
#define RELEVO_BENCH_GENERATED_H

#include "config/config.h"

enum {
    GENERATED_NAME_MAX = 32,
    GENERATED_COST = 20, /* of one conversation */
    GENERATED_CAPACITY = 100,
    GENERATED_SLOTS = GENERATED_CAPACITY / GENERATED_COST, /* conversations that one agent serves at once */
    GENERATED_LEVELS = 5,
};

struct generated_size {
    uint64_t agents, skills, classes, queues;
    uint64_t profiles; /* different sets of queues and skills among the agents */
};

struct generated {
    struct config config;
    struct config_account account;
    struct config_channel channel;
    char (*names)[GENERATED_NAME_MAX];
    char **profile_queues;
    struct config_skill *profile_skills, *required;
    struct config_step *steps; /* the one of each rule */
};

/* At most queues * skills * GENERATED_LEVELS classes, at least one of everything, no more profiles than agents. */
void generated_init(struct generated *generated, const struct generated_size *size);
void generated_fini(struct generated *generated);

/* The topic that leads to a class, numbered from 0. */
struct span generated_topic(const struct generated *generated, uint64_t class);

#endif
