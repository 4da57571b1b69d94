/* Ties: open offers, consultations and loans, and who let an offer pass. All of a conversation's that is not its state. */
#ifndef RELEVO_TIE_H
#define RELEVO_TIE_H

#include "engine/state.h"

/* Charges the agent what the conversation costs. */
void tie_add(struct engine *engine, struct conversation *conversation, const struct tie *tie);
void tie_end(struct engine *engine, struct tie *tie);

/* The agent's tie to the conversation; NULL: none. */
struct tie *tie_find(const struct conversation *conversation, name_id agent);

/* Any of the kind; NULL: none. */
struct tie *tie_of_kind(const struct conversation *conversation, enum tie_kind kind);

/* An offer that may be accepted: not a loan, not a consultation under way. */
bool tie_is_offer(const struct tie *tie);

/* The bytes of all, in the order they were made, and back. Both return the end, or take a row's. */
char *ties_write(const struct conversation *conversation, char *at);
void ties_read(struct engine *engine, struct conversation *conversation, struct span bytes);

/* The agent missed it: not offered to it again before until_ms. The entry that ends first makes room. */
void passed_over_add(struct conversation *conversation, name_id agent, int64_t until_ms);
/* Until when it is passed over; 0: it is not. */
int64_t passed_over_until(const struct conversation *conversation, name_id agent, int64_t now_ms);
/* When the next one ends; 0: none is running. */
int64_t passed_over_next_end(const struct conversation *conversation, int64_t now_ms);
void passed_over_forget(struct conversation *conversation);
char *passed_over_write(const struct conversation *conversation, char *at);
void passed_over_read(struct conversation *conversation, struct span bytes);

#endif
