/* How many agents a group needs: the same customers are simulated with other counts of it, by doubling and then by halving the gap. */
#ifndef RELEVO_SIMULATE_STAFF_H
#define RELEVO_SIMULATE_STAFF_H

#include "bench/simulate/simulation.h"

struct staff_try {
    uint64_t agents;
    double level, utilisation, abandonment, mean_wait_ms;
    double hours[HOURS]; /* the level of those who arrived in that hour of the day; NAN: nobody did */
    bool unstable, holds;
    bool for_hour; /* made for the question of one hour only */
};

struct staff_answer {
    uint64_t agents;       /* 0: not even agents_max are enough */
    uint64_t hours[HOURS]; /* the fewest that hold in that hour if they are there all day; 0: nobody arrives then, or none do */
    struct staff_try tries[64 + 16 * HOURS]; /* ascending */
    uint32_t tries_count;
};

/* False: a count was refused by the configuration, and scenario->document.error says why. */
bool staff_search(struct scenario *scenario, struct staff_answer *out);

#endif
