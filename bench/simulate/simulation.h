/* One run of a scenario: customers arrive, wait, lose patience, are served; agents answer offers and finish. Owns virtual time. What is
 * random is drawn here, from a stream of its own for every purpose and type, and for handling times from one of every customer's own: runs
 * with other agents or another order see the same customers. */
#ifndef RELEVO_SIMULATE_SIMULATION_H
#define RELEVO_SIMULATE_SIMULATION_H

#include "bench/simulate/measures.h"
#include "bench/simulate/scenario.h"
#include "config/config.h"

enum { SIMULATION_FAULT_MAX = 400 };

struct simulation_result {
    struct measures measures;
    uint64_t arrivals;                /* all, measured or not */
    double warm_up_ms;                /* when measuring began, since the start */
    double unsettled;                 /* measured customers who still waited when the run was cut off */
    char fault[SIMULATION_FAULT_MAX]; /* which event broke an invariant, and which; empty: none was, or nobody checked */
};

/* `config` is the scenario's (configuration_make): its agents are in the order of the groups. A fault ends the run; the other results then
 * mean nothing. Progress is shown on stderr when it is a terminal. */
void simulation_run(struct scenario *scenario, const struct config *config, struct simulation_result *out);
void simulation_result_fini(struct simulation_result *result);

#endif
