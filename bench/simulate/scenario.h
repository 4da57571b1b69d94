/* What is to be simulated, as its file says it: customers, agents, how long. What concerns routing is kept as the nodes it was read from
 * and goes to the configuration's own loader (configuration.h). */
#ifndef RELEVO_SIMULATE_SCENARIO_H
#define RELEVO_SIMULATE_SCENARIO_H

#include "bench/simulate/arrivals.h"
#include "engine/engine.h"
#include "proto/message.h"

enum { SCENARIO_TYPES_MAX = 4096, SCENARIO_GROUPS_MAX = 4096, SCENARIO_AGENTS_MAX = 60000 };

struct customer_type {
    const char *name;
    const struct node *node;
    const char *account;          /* of the configuration; NULL: one is made for this type */
    const char *language, *topic; /* NULL: none */
    enum priority priority;       /* 0: the rule decides */
    struct attribute attributes[WIRE_ATTRIBUTES_MAX];
    uint32_t attributes_count;
    struct arrivals arrivals;
    struct distribution patience;
    struct distribution *handling; /* by agent group */
};

struct agent_group {
    const char *name;
    const struct node *node;
    uint64_t count;
    bool configured;            /* an agent of the configuration itself */
    struct distribution answer; /* from an offer to its accept */
    double decline;             /* probability */
    double back_after_ms;       /* from not responding to available */
    bool offers;                /* it is to be offered work, not given it */
};

struct staff_question {
    const char *group;
    double level, within_ms;
    bool level_2; /* service_level_2 is meant */
    uint64_t agents_max;
};

struct scenario {
    struct document document; /* owns all texts */
    const char *path;
    const struct node *configuration; /* the map that the configuration is made from; empty when none is given */
    struct customer_type *types;
    uint32_t types_count;
    struct agent_group *groups;
    uint32_t groups_count;
    uint64_t seed;
    double run_ms;     /* INFINITY: by arrivals, or to the end of the traces */
    uint64_t arrivals; /* UINT64_MAX: by time */
    double warm_up_ms;
    uint64_t warm_up_arrivals;
    uint32_t batches;
    double within_ms; /* of the service level */
    double start_ms;  /* virtual time at which the run begins; 0 is midnight */
    int64_t day_ms;   /* UTC time of that midnight */
    bool has_trace;
    struct staff_question staff;
    bool check; /* the invariants, after every event */
};

/* False: refused, and scenario->document.error says why. */
bool scenario_read(struct scenario *scenario, const char *path);
void scenario_fini(struct scenario *scenario);

/* The group of that name; groups_count: there is none. */
uint32_t scenario_group(const struct scenario *scenario, const char *name);

#endif
