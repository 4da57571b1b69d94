#include "bench/simulate/driver.h"

#include <math.h>
#include <stdlib.h>

#include "base/check.h"

enum {
    DIRTY_MAX = 512,       /* rows until they are taken as saved: what is finished stays in the processor's cache until then */
    UNDELIVERED_MAX = 256, /* deliveries of one outbox until they are acknowledged */
    WOKEN_MAX = 16,        /* of one step; who is left out is acknowledged a step later */
};

static int64_t engine_ms(const struct driver *driver, double now_ms)
{
    return driver->epoch_ms + (int64_t)floor(now_ms);
}

static void note_happening(struct driver *driver, const struct record *record)
{
    driver->happenings =
        must_make_room(driver->happenings, driver->happenings_count, &driver->happenings_capacity, sizeof *driver->happenings);
    driver->happenings[driver->happenings_count++] =
        (struct happening){.kind = record->kind,
                           .conversation = record->conversation,
                           .agent = record->agent <= driver->names_count ? driver->agents_by_name[record->agent] : UINT32_MAX,
                           .epoch = record->epoch,
                           .cost = record->cost,
                           .state = record->value,
                           .offer = record->lsn};
}

static void read_records(struct driver *driver)
{
    for (uint32_t i = 0; i < driver->plan.records_count; i++) {
        const struct record *record = &driver->plan.records[i];
        bool matters = record->kind == RECORD_assigned || record->kind == RECORD_offered || record->kind == RECORD_withdrawn ||
                       record->kind == RECORD_requeued || record->kind == RECORD_transferred || record->kind == RECORD_finished ||
                       record->kind == RECORD_agent_state || record->kind == RECORD_held;
        if (matters)
            note_happening(driver, record);
    }
}

/* What the rows say is nobody's business, only that they were taken. */
static void save_rows(struct driver *driver)
{
    struct row row;
    name_id principal;
    lsn_t lsn;
    bool added;
    while (engine_next_row(driver->engine, &row))
        while (engine_next_pending(driver->engine, &principal, &lsn, &added)) {
        }
    engine_rows_saved(driver->engine);
}

static void step(struct driver *driver, const struct event *event)
{
    engine_step(driver->engine, event, &driver->plan);
    driver->events++;
    read_records(driver);
    if (driver->check && !driver->fault) {
        driver->fault = engine_invariants(driver->engine, &driver->invariants);
        driver->fault_event = driver->events;
    }
}

/* Deliveries are acknowledged now and then: nobody reads them. */
static void acknowledge(struct driver *driver, name_id principal)
{
    if (principal > driver->names_count || !driver->sessions_by_name[principal] || ++driver->undelivered[principal] < UNDELIVERED_MAX)
        return;
    struct counters counters = engine_counters(driver->engine);
    struct event event = {
        .kind = EVENT_fetched, .now_ms = counters.now_ms, .session = driver->sessions_by_name[principal], .cursor = counters.newest};
    driver->undelivered[principal] = 0;
    step(driver, &event);
}

static void act(struct driver *driver, double now_ms, struct event *event)
{
    name_id woken[WOKEN_MAX]; /* kept, because acknowledging is a step of its own */
    event->now_ms = engine_ms(driver, now_ms);
    driver->happenings_count = 0;
    step(driver, event);
    uint32_t count = driver->plan.woken_count < WOKEN_MAX ? driver->plan.woken_count : WOKEN_MAX;
    if (count)
        memcpy(woken, driver->plan.woken, count * sizeof *woken);
    struct outcome outcome = driver->plan.outcome;
    for (uint32_t i = 0; i < count; i++)
        acknowledge(driver, woken[i]);
    driver->plan.outcome = outcome;
    if (engine_dirty_count(driver->engine) >= DIRTY_MAX)
        save_rows(driver);
}

/* --- opening --- */

static session_id sign_in(struct driver *driver, double now_ms, name_id principal)
{
    struct event hello = {.kind = EVENT_hello, .principal = principal};
    act(driver, now_ms, &hello);
    ASSERT(driver->plan.outcome.session);
    driver->sessions_by_name[principal] = driver->plan.outcome.session;
    return driver->plan.outcome.session;
}

static void sign_everybody_in(struct driver *driver, double now_ms)
{
    const struct config *config = driver->config;
    for (uint32_t i = 0; i < config->accounts_count; i++)
        driver->accounts[i] =
            sign_in(driver, now_ms, engine_find_name(driver->engine, NAME_KIND_account, span_of(config->accounts[i].name)));
    for (uint32_t i = 0; i < config->agents_count; i++) {
        name_id name = engine_find_name(driver->engine, NAME_KIND_agent, span_of(config->agents[i].name));
        driver->agents[i] = sign_in(driver, now_ms, name);
        driver->agents_by_name[name] = i;
        driver_available(driver, now_ms, i);
    }
}

void driver_open(struct driver *driver, const struct config *config, int64_t epoch_ms, double now_ms, bool check)
{
    *driver = (struct driver){.config = config, .epoch_ms = epoch_ms, .check = check};
    driver->engine = engine_create((struct hash_key){1, 2});
    engine_resume(driver->engine, engine_ms(driver, now_ms));
    struct event configure = {.kind = EVENT_configure, .now_ms = engine_ms(driver, now_ms), .config = config};
    step(driver, &configure);
    driver->names_count = engine_name_max(driver->engine);
    driver->accounts = must_zalloc(config->accounts_count + 1UL, sizeof(session_id));
    driver->agents = must_zalloc(config->agents_count + 1UL, sizeof(session_id));
    driver->agents_by_name = must_alloc((driver->names_count + 1UL) * sizeof(uint32_t));
    memset(driver->agents_by_name, 0xff, (driver->names_count + 1UL) * sizeof(uint32_t));
    driver->sessions_by_name = must_zalloc(driver->names_count + 1UL, sizeof(session_id));
    driver->undelivered = must_zalloc(driver->names_count + 1UL, sizeof(uint32_t));
    sign_everybody_in(driver, now_ms);
}

void driver_close(struct driver *driver)
{
    engine_destroy(driver->engine);
    invariants_fini(&driver->invariants);
    plan_fini(&driver->plan);
    free(driver->accounts);
    free(driver->agents);
    free(driver->agents_by_name);
    free(driver->sessions_by_name);
    free(driver->undelivered);
    free(driver->happenings);
}

uint32_t driver_account(const struct driver *driver, const char *name)
{
    uint32_t at = 0;
    while (at < driver->config->accounts_count && strcmp(driver->config->accounts[at].name, name) != 0)
        at++;
    return at;
}

/* --- time --- */

static double next_deadline(const struct driver *driver)
{
    int64_t deadline_ms = engine_deadline_ms(driver->engine);
    return deadline_ms == INT64_MAX ? INFINITY : (double)(deadline_ms - driver->epoch_ms);
}

bool driver_due(struct driver *driver, double now_ms, double *at_ms)
{
    *at_ms = next_deadline(driver);
    if (*at_ms > now_ms)
        return false;
    act(driver, *at_ms, &(struct event){.kind = EVENT_tick});
    return true;
}

double driver_heartbeat_ms(const struct driver *driver)
{
    return driver->config->session.lease_ms / 2.0;
}

void driver_touch(struct driver *driver, double now_ms)
{
    for (uint32_t i = 0; i < driver->config->accounts_count; i++)
        engine_touch(driver->engine, driver->accounts[i], engine_ms(driver, now_ms));
    for (uint32_t i = 0; i < driver->config->agents_count; i++)
        engine_touch(driver->engine, driver->agents[i], engine_ms(driver, now_ms));
}

/* --- what customers and agents do --- */

conversation_id driver_message(struct driver *driver, double now_ms, const struct message *message)
{
    struct event event = {.kind = EVENT_message,
                          .session = driver->accounts[message->account],
                          .address = message->address,
                          .text = {"?", 1},
                          .topic = message->topic,
                          .language = message->language,
                          .priority = message->priority,
                          .attributes = message->attributes,
                          .attributes_count = message->attributes_count};
    act(driver, now_ms, &event);
    return driver->plan.outcome.status == STATUS_ok ? driver->plan.outcome.conversation : 0;
}

void driver_leave(struct driver *driver, double now_ms, uint32_t account, struct span address)
{
    act(driver, now_ms, &(struct event){.kind = EVENT_leave, .session = driver->accounts[account], .address = address});
}

static void answer(struct driver *driver, double now_ms, enum event_kind kind, const struct happening *offer)
{
    act(driver, now_ms,
        &(struct event){.kind = kind, .session = driver->agents[offer->agent], .conversation = offer->conversation, .offer = offer->offer});
}

void driver_accept(struct driver *driver, double now_ms, const struct happening *offer)
{
    answer(driver, now_ms, EVENT_accept, offer);
}

void driver_decline(struct driver *driver, double now_ms, const struct happening *offer)
{
    answer(driver, now_ms, EVENT_decline, offer);
}

void driver_finish(struct driver *driver, double now_ms, conversation_id conversation, uint32_t agent, uint32_t epoch)
{
    act(driver, now_ms,
        &(struct event){.kind = EVENT_finish, .session = driver->agents[agent], .conversation = conversation, .epoch = epoch});
    if (driver->plan.outcome.status == STATUS_bot_may_not) /* in a hybrid queue it hands over, and somebody else goes on */
        act(driver, now_ms,
            &(struct event){.kind = EVENT_escalate, .session = driver->agents[agent], .conversation = conversation, .epoch = epoch});
    ASSERT(driver->plan.outcome.status == STATUS_ok);
}

void driver_available(struct driver *driver, double now_ms, uint32_t agent)
{
    act(driver, now_ms, &(struct event){.kind = EVENT_availability, .session = driver->agents[agent], .state = AGENT_STATE_available});
}
