/* A loaded configuration with what is not for its readers: its memory, what intervals are made from, and who has which name. */
#ifndef RELEVO_CONFIG_LOADED_H
#define RELEVO_CONFIG_LOADED_H

#include "calendar/calendar.h"
#include "config/config_index.h"

struct config_loaded {
    struct config config;      /* first: config_free gets its address */
    struct arena arena;        /* holds all of it */
    struct calendar *hours;    /* of config.calendars, in their order */
    struct config_plan *plans; /* those with a name, which rules have copies of */
    uint32_t plans_count;
    struct config_index accounts, queues, agents, operators, channels, calendars, named_plans;
};

#endif
