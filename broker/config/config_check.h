/* What one value alone cannot show: names are unique, references lead somewhere, every rule, step and queue has somebody to serve it. */
#ifndef RELEVO_CONFIG_CHECK_H
#define RELEVO_CONFIG_CHECK_H

#include "config/config_loaded.h"
#include "config/config_source.h"

struct config_check {
    struct config_source *source;
    const struct config_loaded *loaded;
    const struct config *config;
    struct config_index skills;  /* who has which skill */
    struct config_index members; /* who serves which queue */
    struct config_index caps;    /* who has a cap for which channel type */
};

/* Fills the indexes of `loaded`; refuses at most once. */
void config_check(struct config_source *source, struct config_loaded *loaded);

/* Its half that looks at queues, channels, plans and rules. */
void config_check_routing(const struct config_check *check);

/* Refuses a name that the index of its section does not have: "no queue is named ...". NULL is no name and allowed. */
void config_check_known(const struct config_check *check, struct config_place place, const struct config_index *index, const char *kind,
                        const char *name);

#endif
