/* Customers: found by id or by (channel type, address). In memory while a conversation of theirs is open or their row is not saved. */
#ifndef RELEVO_CUSTOMER_H
#define RELEVO_CUSTOMER_H

#include "engine/state.h"

/* NULL: not in memory. */
struct customer *customer_get(const struct engine *engine, customer_id id);

/* Whoever has this address on the account's channel type. */
struct customer *customer_find(const struct engine *engine, const struct principal *account, struct span address);

/* Under which addresses of a channel type are hashed: an account keeps its own. */
struct hash_key customer_address_key(const struct engine *engine, struct span channel);

/* Brings it into memory from a row (or a new one). Copies. */
struct customer *customer_add(struct engine *engine, const struct row_customer *row);
void customer_forget(struct engine *engine, struct customer *customer);
void customer_fini(struct engine *engine);

#endif
