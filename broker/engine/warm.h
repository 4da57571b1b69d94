/* Fetching ahead goes on while a step begins; what comes before is engine_warm. */
#ifndef RELEVO_ENGINE_WARM_H
#define RELEVO_ENGINE_WARM_H

#include "engine/state.h"

/* Begins to fetch what the last call of engine_warm led to, and what it had fetched too long ago. */
void warm_rest(const struct engine *engine, const struct event *event);

#endif
