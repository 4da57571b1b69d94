/* The complete configuration of a simulated broker: the scenario's own, with an account for every type of customer, a rule where the type
 * says how it is routed, and the agents of every group. Written out and read by config_load like any other, so that it may say whatever a
 * configuration may; what config_load refuses is told at its place in the scenario. */
#ifndef RELEVO_SIMULATE_CONFIGURATION_H
#define RELEVO_SIMULATE_CONFIGURATION_H

#include "bench/simulate/scenario.h"
#include "config/config.h"

/* NULL: refused, scenario->document.error says why. The agents are those of group 0, then of group 1, ... */
struct config *configuration_make(struct scenario *scenario);

/* The account through which customers of this type write. */
const char *configuration_account(struct scenario *scenario, uint32_t type);

#endif
