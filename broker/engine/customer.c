#include "engine/customer.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

struct hash_key customer_address_key(const struct engine *engine, struct span channel)
{
    struct hash128 type = hash_sip128(engine->hash_key, channel.data, channel.size);
    return (struct hash_key){type.low, type.high};
}

static uint64_t customer_hash(const struct engine *engine, const struct row_customer *row)
{
    return hash_sip128(customer_address_key(engine, row->channel), row->address.data, row->address.size).low;
}

struct customer *customer_get(const struct engine *engine, customer_id id)
{
    return map_get(&engine->customers, id);
}

struct customer *customer_find(const struct engine *engine, const struct principal *account, struct span address)
{
    struct span channel = span_of(account->channel);
    uint64_t hash = hash_sip128(account->address_key, address.data, address.size).low;
    struct customer *customer = map_get(&engine->customers_by_hash, hash);
    while (customer && !(span_equal(customer->row.address, address) && span_equal(customer->row.channel, channel)))
        customer = customer->next_same_hash;
    return customer;
}

struct customer *customer_add(struct engine *engine, const struct row_customer *row)
{
    struct customer *customer = pool_take(&engine->customer_pool);
    customer->entity.kind = ROW_customer;
    customer->row = *row;
    customer->row.address = (struct span){must_copy(row->address.data, row->address.size), row->address.size};
    customer->row.channel = (struct span){must_copy(row->channel.data, row->channel.size), row->channel.size};
    uint64_t hash = customer_hash(engine, row);
    customer->next_same_hash = map_get(&engine->customers_by_hash, hash);
    map_put(&engine->customers_by_hash, hash, customer);
    map_put(&engine->customers, row->id, customer);
    return customer;
}

static void customer_unhash(struct engine *engine, struct customer *customer)
{
    uint64_t hash = customer_hash(engine, &customer->row);
    struct customer *first = map_get(&engine->customers_by_hash, hash);
    if (first == customer) {
        if (customer->next_same_hash)
            map_put(&engine->customers_by_hash, hash, customer->next_same_hash);
        else
            map_remove(&engine->customers_by_hash, hash);
        return;
    }
    while (first->next_same_hash != customer)
        first = first->next_same_hash;
    first->next_same_hash = customer->next_same_hash;
}

static void customer_free_texts(struct customer *customer)
{
    free((void *)(uintptr_t)customer->row.address.data);
    free((void *)(uintptr_t)customer->row.channel.data);
}

void customer_forget(struct engine *engine, struct customer *customer)
{
    customer_unhash(engine, customer);
    map_remove(&engine->customers, customer->row.id);
    customer_free_texts(customer);
    pool_give(&engine->customer_pool, customer);
}

void customer_fini(struct engine *engine)
{
    struct customer *customer;
    for (size_t at = 0; (customer = map_next(&engine->customers, &at));)
        customer_free_texts(customer);
    map_fini(&engine->customers);
    map_fini(&engine->customers_by_hash);
    pool_fini(&engine->customer_pool);
}
