/* From the shape of the file to the configuration, section by section. Each reads its section of `shape` into `loaded` and refuses what one
 * value alone shows to be wrong; config_check looks at how they fit together. */
#ifndef RELEVO_CONFIG_READ_H
#define RELEVO_CONFIG_READ_H

#include "config/config_loaded.h"
#include "config/config_shape.h"
#include "config/config_value.h"

enum {
    CONFIG_DAY_MS = 24 * 60 * 60 * 1000,
    CONFIG_OFFER_MS_MIN = 100,
    CONFIG_COST_MAX = 100000,
    CONFIG_CHANNELS_MAX = 32,  /* types in one file: the broker's memory has room for twice as many, for reloads */
    CONFIG_PREFERRED_MAX = 16, /* agents of one step */
    CONFIG_LIST_MAX = 64,      /* names in one list of a channel or a step: people write them */
};

/* Of every account's channel type too: after the accounts. */
void config_read_channels(const struct config_reader *reader, const struct shape *shape, struct config_loaded *loaded);

void config_read_queues(const struct config_reader *reader, const struct shape *shape, struct config_loaded *loaded);
void config_read_calendars(const struct config_reader *reader, const struct shape *shape, struct config_loaded *loaded);

/* The plans with a name first, since rules get copies of them. */
void config_read_plans(const struct config_reader *reader, const struct shape *shape, struct config_loaded *loaded);
void config_read_rules(const struct config_reader *reader, const struct shape *shape, struct config_loaded *loaded);

#endif
