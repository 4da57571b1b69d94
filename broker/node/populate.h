/* Memory that the engine is about to use for the first time is asked of the system on another thread, so that the loop does not wait. */
#ifndef RELEVO_NODE_POPULATE_H
#define RELEVO_NODE_POPULATE_H

#include <uv.h>

#include "engine/engine.h"

struct node;

struct populate {
    uv_work_t work;
    struct untouched memory; /* at work on it; size 0: idle */
};

/* After each turn. */
void populate_ahead(struct node *node);

#endif
