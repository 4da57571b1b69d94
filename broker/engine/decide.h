/* The decisions: one function per event kind, and what they share. Each either refuses (outcome.status) or emits records; none changes
 * state by itself. */
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
void decide_claim(struct engine *engine, const struct event *event);
void decide_nack(struct engine *engine, const struct event *event);
void decide_finish(struct engine *engine, const struct event *event);

/* handover.c: to somebody else, wholly or for a while */
void decide_transfer(struct engine *engine, const struct event *event);
void decide_escalate(struct engine *engine, const struct event *event);
void decide_consult(struct engine *engine, const struct event *event);
void decide_lend(struct engine *engine, const struct event *event);
void decide_recall(struct engine *engine, const struct event *event);
void decide_give_back(struct engine *engine, const struct event *event);

/* operate.c: operators */
void decide_operator_move(struct engine *engine, const struct event *event);
void decide_bury(struct engine *engine, const struct event *event);
void decide_queue_state(struct engine *engine, const struct event *event);

/* asking.c: who asks, for what, and the answer */
struct principal *asking_principal(const struct engine *engine, const struct event *event);
/* NULL, with the refusal as outcome. `conversation` may be NULL. */
struct conversation *refuse(struct engine *engine, enum status status, const struct conversation *conversation);
/* The open conversation that the event names; NULL, with the refusal, when there is none. */
struct conversation *asked_open(struct engine *engine, const struct event *event);
/* And owned by the agent, who knows its epoch: this keeps a bot from talking over the human who took over. */
struct conversation *asked_owned(struct engine *engine, const struct event *event, const struct principal *agent);
/* The same for whoever acts: the owner, or the bot that it is lent to. */
struct conversation *asked_acting(struct engine *engine, const struct event *event, const struct principal *agent);
/* The change was made by the record. */
void settle(struct engine *engine, const struct conversation *conversation, lsn_t lsn);

/* presence.c: sessions, leases, lost agents, and what agents say of themselves */
void decide_hello(struct engine *engine, const struct event *event);
void decide_bye(struct engine *engine, const struct event *event);
void decide_availability(struct engine *engine, const struct event *event);
void decide_fetched(struct engine *engine, const struct event *event);
void decide_lease_end(struct engine *engine, struct session *session);
void decide_principal_due(struct engine *engine, struct principal *agent); /* a grace or a wrap_up ended */
void decide_removed(struct engine *engine, struct principal *principal);   /* the configuration no longer names it */

/* queueing.c: coming to a queue, and going on from it */
/* After it came to its queue: on to the overflow queue if it is full or closed, held until the hours begin, told so. */
void decide_settling(struct engine *engine, struct conversation *conversation);
/* To the queue, by a limit or by an operator (whose event it is; NULL: none). Ends every tie. Returns the lsn of the move. */
lsn_t decide_move(struct engine *engine, struct conversation *conversation, name_id queue, enum cause cause, const struct event *event);
/* On to the overflow queue or the dead letters, if it was offered as often as its queue allows. */
void decide_exhausted(struct engine *engine, struct conversation *conversation);
/* Held and snoozed ones wait for an agent again. */
void decide_release(struct engine *engine, struct conversation *conversation);
void decide_snooze(struct engine *engine, struct conversation *conversation, uint32_t delay_ms);
/* Back to its queue at its place, from the agent, who is passed over for a while if `pass_over`. `event` is the nack
 * (its key and reason) or NULL. Ends every tie. Returns the lsn. */
lsn_t decide_requeue(struct engine *engine, struct conversation *conversation, name_id agent, enum cause cause, bool pass_over,
                     const struct event *event);
void decide_no_reply(struct engine *engine, struct conversation *conversation);
/* The customer wrote while its queue is closed and tells so, once in every closed period. */
void decide_closed_notice(struct engine *engine, const struct conversation *conversation);
/* May one more come to the queue, or to one it overflows to? */
bool queueing_admits(const struct engine *engine, name_id queue);
/* The calendars' next change has come: queues open and close. */
void decide_hours(struct engine *engine);
/* Other calendars than before: who is held waits for the right opening. */
void decide_hours_reloaded(struct engine *engine);
/* Those of this step's arrivals that wait in a queue that is closed: they are held, told so or go on to the overflow queue. */
void decide_closings(struct engine *engine);

/* offer.c: from waiting to owned */
void decide_matches(struct engine *engine); /* everything that arrived or was freed in this step */
/* Each returns the lsn of its main record. */
/* `event` is the decline (its key and reason, and how long to pass the agent over) or NULL. */
lsn_t decide_offer_end(struct engine *engine, struct tie *tie, enum cause cause, const struct event *event);
lsn_t decide_taken(struct engine *engine, struct conversation *conversation, struct principal *agent, enum cause cause, struct span key);
void decide_offers_end(struct engine *engine, struct principal *agent, enum cause cause);         /* all that are open to the agent */
void decide_ties_end(struct engine *engine, struct conversation *conversation, enum cause cause); /* all of the conversation */
/* A loan, or a consultation under way; `event` brings key and result and may be NULL. */
lsn_t decide_recall_tie(struct engine *engine, const struct tie *tie, enum cause cause, const struct event *event);
/* What the owner asked for and nobody has accepted. */
lsn_t decide_recall_request(struct engine *engine, struct conversation *conversation, enum cause cause, struct span key);
/* What waits for this agent alone goes to whoever can. */
void decide_direct_end(struct engine *engine, struct principal *agent, enum cause cause);

/* configure.c */
void decide_configure(struct engine *engine, const struct event *event);

#endif
