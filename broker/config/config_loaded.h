/* A loaded configuration with what is not for its readers: its memory, and who has which name. */
#ifndef RELEVO_CONFIG_LOADED_H
#define RELEVO_CONFIG_LOADED_H

#include "config/config_index.h"

struct config_loaded {
    struct config config; /* first: config_free gets its address */
    struct arena arena;   /* holds all of it */
    struct config_index accounts, queues, agents, operators;
};

#endif
