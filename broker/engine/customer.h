/* Customers: found by id or by (channel type, address). In memory while a conversation of theirs is open or their row is not saved. */
#ifndef RELEVO_CUSTOMER_H
#define RELEVO_CUSTOMER_H

#include "engine/state.h"

/* NULL: not in memory. */
struct customer *customer_get(const struct engine *engine, customer_id id);
struct customer *customer_find(const struct engine *engine, struct span channel, struct span address);

/* Brings it into memory from a row (or a new one). Copies. */
struct customer *customer_add(struct engine *engine, const struct row_customer *row);
void customer_forget(struct engine *engine, struct customer *customer);
void customer_fini(struct engine *engine);

#endif
