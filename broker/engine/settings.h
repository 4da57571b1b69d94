/* The configuration as the engine keeps it: names as ids, plans as routes. */
#ifndef RELEVO_SETTINGS_H
#define RELEVO_SETTINGS_H

#include "engine/state.h"

/* Replaces the rules, plans and calendars. Every name they use was declared. */
void settings_configure(struct engine *engine, const struct config *config);
void settings_fini(struct settings *settings);

/* The id of the name; declared on its first sight. 0 for NULL. */
name_id settings_declare(struct engine *engine, enum name_kind kind, const char *text);

/* NULL: none of that name, or NULL was asked for. */
const struct hours *settings_calendar(const struct settings *settings, const char *name);

#endif
