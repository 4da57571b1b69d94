/* The decisions: one function per event kind. Each either refuses (outcome.status) or emits records; none changes state by itself. */
#ifndef RELEVO_DECIDE_H
#define RELEVO_DECIDE_H

#include "engine/state.h"

/* intake.c: customers and their messages */
void decide_message(struct engine *engine, const struct event *event);
void decide_receipt(struct engine *engine, const struct event *event);
void decide_leave(struct engine *engine, const struct event *event);

/* work.c: agents and their conversations */
void decide_reply(struct engine *engine, const struct event *event);
void decide_note(struct engine *engine, const struct event *event);
void decide_accept(struct engine *engine, const struct event *event);
void decide_decline(struct engine *engine, const struct event *event);
void decide_transfer(struct engine *engine, const struct event *event);
void decide_finish(struct engine *engine, const struct event *event);
void decide_availability(struct engine *engine, const struct event *event);

/* presence.c: sessions, leases, lost agents */
void decide_hello(struct engine *engine, const struct event *event);
void decide_bye(struct engine *engine, const struct event *event);
void decide_fetched(struct engine *engine, const struct event *event);
void decide_lease_end(struct engine *engine, struct session *session);
void decide_lost(struct engine *engine, struct principal *agent);
void decide_removed(struct engine *engine, struct principal *principal); /* the configuration no longer names it */

/* offer.c: from waiting to owned */
void decide_matches(struct engine *engine); /* everything that arrived or was freed in this step */
/* Returns the lsn of the withdrawal. */
lsn_t decide_offer_end(struct engine *engine, struct conversation *conversation, enum cause cause, struct span key);
void decide_offers_end(struct engine *engine, struct principal *agent, enum cause cause); /* all that are open to the agent */
void decide_assignment(struct engine *engine, struct conversation *conversation, struct principal *agent, struct span key);

/* configure.c */
void decide_configure(struct engine *engine, const struct event *event);

#endif
