#include "engine/customer.h"

#include "base/check.h"
#include "engine/names.h"

struct hash_key customer_address_key(const struct engine *engine, struct span channel)
{
    struct hash128 type = hash_sip128(engine->hash_key, channel.data, channel.size);
    return (struct hash_key){type.low, type.high};
}

struct span customer_address(const struct customer *customer)
{
    return (struct span){customer->address, customer->address_size};
}

struct span customer_attributes(const struct customer *customer)
{
    return (struct span){customer->attributes, customer->attributes_size};
}

/* The address is the customer's, or what it will be a copy of: that is not read just after it was written. */
static uint64_t customer_hash(const struct engine *engine, const struct customer *customer, struct span address)
{
    const struct sought *sought = &engine->sought;
    if (sought->type == customer->type && span_equal(sought->address, address))
        return sought->hash;
    /* The account knows the key, unless it has been given another channel since. */
    const struct principal *account = names_principal(engine, customer->row.account);
    bool known = account && account->channel && account->channel->id == customer->type;
    struct hash_key key = known ? account->address_key : customer_address_key(engine, engine_name(engine, customer->type));
    return hash_sip64(key, address.data, address.size);
}

struct customer *customer_get(const struct engine *engine, customer_id id)
{
    struct customer *recent = engine->recent_customer;
    return recent && recent->row.id == id ? recent : map_get(&engine->customers, id);
}

uint64_t customer_event_hash(const struct principal *account, const struct event *event)
{
    const struct warmed *warmed = &event->warmed;
    bool known = warmed->principal && warmed->address_by == account->address_key.k0;
    return known ? warmed->address : hash_sip64(account->address_key, event->address.data, event->address.size);
}

static struct customer *find(const struct engine *engine, struct sought sought)
{
    struct customer *customer = map_get(&engine->customers_by_hash, sought.hash);
    while (customer && !(customer->type == sought.type && span_equal(customer_address(customer), sought.address)))
        customer = customer->next_same_hash;
    return customer;
}

static struct sought sought_by(const struct principal *account, const struct event *event)
{
    return (struct sought){event->address, account->channel->id, customer_event_hash(account, event)};
}

struct customer *customer_find(const struct engine *engine, const struct principal *account, const struct event *event)
{
    return find(engine, sought_by(account, event));
}

struct customer *customer_seek(struct engine *engine, const struct principal *account, const struct event *event)
{
    engine->sought = sought_by(account, event);
    struct customer *customer = find(engine, engine->sought);
    if (customer)
        engine->recent_customer = customer;
    return customer;
}

void customer_settle(struct engine *engine)
{
    engine->sought.type = 0;
}

/* --- rows --- */

struct row_customer customer_row(const struct engine *engine, const struct customer *customer)
{
    struct row_customer row = {.id = customer->row.id};
#define NUMBER(bit, field, type) row.field = customer->row.field;
#define BYTES(bit, field)
#include "engine/customer.def"
#undef NUMBER
#undef BYTES
    row.channel = engine_name(engine, customer->type);
    row.address = customer_address(customer);
    row.attributes = customer_attributes(customer);
    return row;
}

static void take_numbers(struct customer *customer, const struct row_customer *row)
{
    customer->row.id = row->id;
#define NUMBER(bit, field, type) customer->row.field = row->field;
#define BYTES(bit, field)
#include "engine/customer.def"
#undef NUMBER
#undef BYTES
}

static const char *keep(struct engine *engine, struct span text, uint16_t *size)
{
    ASSERT(text.size <= UINT16_MAX);
    *size = (uint16_t)text.size;
    return texts_keep(&engine->texts, text.data, text.size);
}

/* Of the account, most often. Declared before anybody could come by it. */
static name_id type_of(const struct engine *engine, name_id id, struct span channel)
{
    const struct principal *account = names_principal(engine, id);
    bool same = account && account->channel && span_equal(engine_name(engine, account->channel->id), channel);
    return same ? account->channel->id : engine_find_name(engine, NAME_KIND_channel, channel);
}

static struct customer *customer_make(struct engine *engine, customer_id id, name_id account, struct span channel, struct span address)
{
    struct customer *customer = pool_take(&engine->customer_pool);
    customer->entity = (struct entity){.kind = ROW_customer};
    customer->row.id = id;
    customer->row.account = account;
    customer->type = type_of(engine, account, channel);
    customer->address = keep(engine, address, &customer->address_size);
    uint64_t hash = customer_hash(engine, customer, address);
    customer->next_same_hash = map_put(&engine->customers_by_hash, hash, customer);
    map_put(&engine->customers, id, customer);
    engine->recent_customer = customer;
    return customer;
}

struct customer *customer_open(struct engine *engine, const struct record *record)
{
    struct customer *customer = customer_make(engine, record->customer, record->account, record->channel, record->address);
    customer->row.lsn = record->lsn;
    customer->attributes = "";
    return customer;
}

struct customer *customer_add(struct engine *engine, const struct row_customer *row)
{
    struct customer *customer = customer_make(engine, row->id, row->account, row->channel, row->address);
    take_numbers(customer, row);
    customer->attributes = keep(engine, row->attributes, &customer->attributes_size);
    return customer;
}

static void drop(struct engine *engine, struct span text)
{
    texts_drop(&engine->texts, text.data, text.size);
}

void customer_set_attributes(struct engine *engine, struct customer *customer, struct span attributes)
{
    drop(engine, customer_attributes(customer));
    customer->attributes = keep(engine, attributes, &customer->attributes_size);
}

static void customer_unhash(struct engine *engine, struct customer *customer)
{
    uint64_t hash = customer_hash(engine, customer, customer_address(customer));
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

void customer_forget(struct engine *engine, struct customer *customer)
{
    customer_unhash(engine, customer);
    map_remove(&engine->customers, customer->row.id);
    if (engine->recent_customer == customer)
        engine->recent_customer = NULL;
    drop(engine, customer_address(customer));
    drop(engine, customer_attributes(customer));
    pool_give(&engine->customer_pool, customer);
}

void customer_fini(struct engine *engine)
{
    struct customer *customer;
    for (size_t at = 0; (customer = map_next(&engine->customers, &at));) {
        drop(engine, customer_address(customer));
        drop(engine, customer_attributes(customer));
    }
    map_fini(&engine->customers);
    map_fini(&engine->customers_by_hash);
    pool_fini(&engine->customer_pool);
}
