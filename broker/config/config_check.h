/* What one value alone cannot show: names are unique, references lead somewhere, and every rule and queue has somebody to serve it. */
#ifndef RELEVO_CONFIG_CHECK_H
#define RELEVO_CONFIG_CHECK_H

#include "config/config_loaded.h"
#include "config/config_shape.h"

/* Fills the indexes of `loaded`; refuses at most once. */
void config_check(struct config_source *source, const struct shape *shape, struct config_loaded *loaded);

#endif
