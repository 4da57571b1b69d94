/* Principals: presence, load and idle order of agents; sessions of everyone. */
#ifndef RELEVO_PRINCIPAL_H
#define RELEVO_PRINCIPAL_H

#include "engine/state.h"

struct principal *principal_create(name_id id, enum name_kind kind);
void principal_destroy(struct principal *principal);

/* May it be offered work that costs this much, as far as its own state goes? */
bool principal_has_room(const struct principal *agent, uint32_t cost);

/* Brings its place in the idle order up to date. The order is by row.idle_lsn, which only grows, so a place is always the end. */
void principal_relist(struct engine *engine, struct principal *agent);

/* The record changed what it works on: it goes to the end of the idle order. */
void principal_worked(struct engine *engine, struct principal *agent, lsn_t lsn);

/* NULL: no such session, or it is closed. */
struct session *session_get(const struct engine *engine, session_id id);
struct session *session_add(struct engine *engine, const struct row_session *row);
void session_forget(struct engine *engine, struct session *session);

#endif
