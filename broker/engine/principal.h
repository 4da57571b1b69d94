/* Principals: presence, load, room and idle order of agents; sessions of everyone. */
#ifndef RELEVO_PRINCIPAL_H
#define RELEVO_PRINCIPAL_H

#include "engine/state.h"

struct principal *principal_create(name_id id, enum name_kind kind);
void principal_destroy(struct principal *principal);

/* Why it is away; empty: it is not, or did not say. Copies. */
void principal_set_reason(struct principal *agent, struct span reason);

/* Begins to fetch what it leads to: what charging it, delivering to it and asking its group look at. */
void principal_warm(const struct principal *principal);

/* Does its outbox take no more? 0 is nobody, who has none. */
bool principal_full(const struct engine *engine, name_id id);

/* May it be offered anything, as far as its presence goes? can_take: yes. */
enum verdict principal_presence(const struct principal *agent);

/* And one more of this channel type? can_take, no_room or channel_cap. The budget leaves out what makes way for the type. `cost` is that of
 * the conversation, which counts where it came at a higher one than its type has now. */
enum verdict principal_room(const struct engine *engine, const struct principal *agent, const struct channel *channel, uint32_t cost);
/* What of its budget one of this channel type would find used. */
uint32_t principal_used_for(const struct engine *engine, const struct principal *agent, const struct channel *channel);
uint32_t principal_cap(const struct principal *agent, const struct channel *channel); /* 0: none */

/* A conversation of the type begins, or ceases, to count. */
void principal_charge(struct engine *engine, struct principal *agent, name_id type, uint32_t cost);
void principal_discharge(struct engine *engine, struct principal *agent, name_id type, uint32_t cost);

/* A desk for every channel type. Only while it is in no idle order. */
void principal_make_desks(struct principal *agent, uint32_t channels_count);

/* The end of the step looks, once, for what it can take. */
void principal_freed(struct engine *engine, struct principal *agent);

/* Brings its places in the idle orders up to date. The order is by row.idle_lsn, which only grows, so a place is always the end. */
void principal_relist(struct engine *engine, struct principal *agent);

/* For qsort of struct principal *: longest idle first. */
int principal_by_idle(const void *a, const void *b);

/* The record changed what it works on: it goes to the end of the idle order. */
void principal_worked(struct engine *engine, struct principal *agent, lsn_t lsn);
/* The record gave or offered it something: its turn in round robin is over. */
void principal_had_turn(struct engine *engine, struct principal *agent, lsn_t lsn);

/* Its timer: the end of the grace without a session, or of wrap_up. */
void principal_arm(struct engine *engine, struct principal *agent);

/* NULL: no such session, or it is closed. */
struct session *session_get(const struct engine *engine, session_id id);
/* Who opened it; NULL likewise. */
struct principal *session_principal(const struct engine *engine, session_id id);
struct session *session_add(struct engine *engine, const struct row_session *row);
void session_forget(struct engine *engine, struct session *session);

#endif
