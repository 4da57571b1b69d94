/* What a run showed, for a person and as JSON. Times are seconds, rates per hour. */
#ifndef RELEVO_SIMULATE_OUTCOME_H
#define RELEVO_SIMULATE_OUTCOME_H

#include <jansson.h>

#include "bench/simulate/simulation.h"

json_t *outcome_json(const struct scenario *scenario, const struct simulation_result *result);
void outcome_print(const struct scenario *scenario, const struct simulation_result *result);

/* What is true of the run as a whole and casts doubt on its figures; NULL: nothing. */
const char *outcome_warning(const struct simulation_result *result, char out[200]);

/* The share of customers answered in time, by the definition that the question asks for. */
double outcome_level(const struct measures *measures, bool level_2);
double outcome_hour_level(const struct measures *measures, uint32_t hour, bool level_2); /* NAN: nobody arrived in that hour */

#endif
