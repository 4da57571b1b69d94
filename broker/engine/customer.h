/* Customers: found by id or by (channel type, address). In memory while a conversation of theirs is open or their row is not saved. */
#ifndef RELEVO_CUSTOMER_H
#define RELEVO_CUSTOMER_H

#include "engine/state.h"

/* NULL: not in memory. */
struct customer *customer_get(const struct engine *engine, customer_id id);

/* Whoever has the event's address on the account's channel type. */
struct customer *customer_find(const struct engine *engine, const struct principal *account, const struct event *event);
/* The same for the step in progress, which may go on to make that customer: its hash is known then, until customer_settle. */
struct customer *customer_seek(struct engine *engine, const struct principal *account, const struct event *event);
void customer_settle(struct engine *engine);
/* Of the event's address on the account's channel type. */
uint64_t customer_event_hash(const struct principal *account, const struct event *event);

/* Under which addresses of a channel type are hashed: an account keeps its own. */
struct hash_key customer_address_key(const struct engine *engine, struct span channel);

/* Begins with this record. Copies. */
struct customer *customer_open(struct engine *engine, const struct record *record);
/* Brings it into memory from a row. Copies. */
struct customer *customer_add(struct engine *engine, const struct row_customer *row);
void customer_forget(struct engine *engine, struct customer *customer);
struct span customer_address(const struct customer *customer);
struct span customer_attributes(const struct customer *customer);
/* The row; borrows the customer. */
struct row_customer customer_row(const struct engine *engine, const struct customer *customer);

/* Copies. */
void customer_set_attributes(struct engine *engine, struct customer *customer, struct span attributes);

void customer_fini(struct engine *engine);

#endif
