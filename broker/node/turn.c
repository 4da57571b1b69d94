/* This page is the architecture of the broker.
 *
 *     bytes -> decode -> ENGINE decides and applies in memory -> batch appended to the log, one commit -> effects are released -> bytes
 *
 * The loop reads from every connection that has something, decodes the frames and puts them into the inbox (inbox.c); then comes one turn
 * for all of them, here. It makes events of each request, lets the engine step on them, and appends the records the engine made to the
 * batch that is gathering. Nothing that somebody waits for waits for company: a small batch that has the broker to itself is committed here
 * and now, and in a crowd the store's thread commits one while the next gathers. Replies gather too, and leave in one write for each
 * connection.
 *
 * One rule makes a reply trustworthy: it leaves only when the log is durable up to the newest record that existed when it was decided. That
 * covers what the request itself recorded, and equally what it merely saw: a duplicate of a message that is still in the batch, a refusal
 * because of an assignment that is. Deliveries are records of the log too, and leave only once they are durable. If a commit fails the
 * store ends the process, because memory is then ahead of the disk and must not be believed. */
#include "node/turn.h"

#include <stdlib.h>

#include "base/check.h"
#include "limits.h"
#include "node/checkpoint.h"
#include "node/explain.h"
#include "node/history.h"
#include "node/lookup.h"
#include "node/node.h"
#include "node/overview.h"
#include "node/submit.h"
#include "store/field_codec.h"

/* The rows that the step would need and memory does not hold are read before it, so that the engine itself never does. */
static void prefetch(struct node *node, struct event *event, struct lookup *rows)
{
    struct missing missing = {0};
    rows->customer_row = NULL;
    rows->conversation_row = NULL;
    while (engine_missing(node->engine, event, &missing)) {
        lookup_missing(node->reader, &missing, rows);
        event->customer_row = rows->customer_row;
        event->conversation_row = rows->conversation_row;
    }
}

/* A rule is about to be chosen: only then is a text worth searching. */
static void find_patterns(struct node *node, struct event *event)
{
    if (!node->patterns.any)
        return;
    bool by_result = event->kind == EVENT_transfer && event->result.size;
    if (by_result || (event->kind == EVENT_message && engine_begins(node->engine, event)))
        event->patterns = patterns_find(&node->patterns, event->text);
}

static void begin_batch(struct node *node)
{
    node->batch = store_batch(node->store);
    node->batch_due_ms = uv_now(&node->loop) + LIMIT_ACKNOWLEDGED_MS;
    node->awaited = false;
}

static void append(struct node *node, const struct record *record)
{
    ASSERT(record->lsn == node->newest + 1);
    node->newest = record->lsn;
    if (!node->batch)
        begin_batch(node);
    if (record->kind != RECORD_delivered)
        node->awaited = true;
    record_encode(store_records(node->batch), record);
    store_end_record(node->batch, record->lsn);
}

const struct outcome *turn_step(struct node *node, struct event *event)
{
    struct lookup rows;
    struct plan *plan = &node->plan;
    event->now_ms = node->now_ms;
    prefetch(node, event, &rows);
    find_patterns(node, event);
    engine_step(node->engine, event, plan);
    for (uint32_t i = 0; i < plan->records_count; i++)
        append(node, &plan->records[i]);
    for (uint32_t i = 0; i < plan->woken_count; i++)
        fetch_wake(node, plan->woken[i], node->newest);
    for (uint32_t i = 0; i < plan->closed_count; i++)
        session_closed(node, &plan->closed[i]);
    return &plan->outcome;
}

void turn_hold(struct node *node, struct request *request)
{
    request->after = node->newest;
    node->awaited = true;
    list_append(&node->held, &request->place);
}

/* Hands a request to its room. Every room ends in turn_hold, except that a fetch may be answered at once or parked. */
static void dispatch(struct node *node, struct request *request)
{
    switch (request->frame.verb) {
    case VERB_hello:
        session_hello(node, request);
        return;
    case VERB_submit:
        submit_take(node, request);
        return;
    case VERB_fetch:
        fetch_take(node, request);
        return;
    case VERB_heartbeat:
        session_heartbeat(node, request);
        return;
    case VERB_bye:
        session_bye(node, request);
        return;
    case VERB_history:
        history_take(node, request);
        return;
    case VERB_status:
        overview_take(node, request);
        return;
    case VERB_why:
        explain_take(node, request);
        return;
    case VERB_peek:
        peek_take(node, request);
        return;
    case VERB_welcome:
    case VERB_submitted:
    case VERB_fetched:
    case VERB_alive:
    case VERB_page:
    case VERB_overview:
    case VERB_explanation:
    case VERB_peeked:
    case VERB_error:
        break;
    }
    ASSERT(!"the inbox lets only requests through");
}

static void take_request(struct node *node, struct request *request)
{
    if (node->draining) {
        request_error(request, STATUS_draining, NULL);
        turn_hold(node, request);
    } else if (request->frame.verb != VERB_hello && !session_admit(node, request)) {
        turn_hold(node, request);
    } else {
        dispatch(node, request);
    }
}

static bool batch_full(const struct node *node)
{
    return node->batch && store_batch_bytes(node->batch) >= LIMIT_BATCH_BYTES;
}

/* A full batch ends the gathering: what is left waits in the inbox, which fills until it refuses. */
static void take_requests(struct node *node)
{
    struct request *request;
    while (!batch_full(node) && (request = inbox_take(&node->inbox)))
        take_request(node, request);
}

/* Deadlines are events like any other. While draining no new ones are raised, so that the end is reached. */
static void tick(struct node *node)
{
    if (node->draining || engine_deadline_ms(node->engine) > node->now_ms)
        return;
    struct event event = {.kind = EVENT_tick};
    turn_step(node, &event);
}

static void durable(struct node *node, lsn_t newest)
{
    node->committed = newest;
    node->checkpoint.replay_from = node->checkpoint.replay_from_next;
    node->in_flight = false;
}

/* A small batch that has the broker to itself is committed here and now: two wake-ups of threads would take as long as the flush. In a
 * crowd the store's thread waits for the disk, and this one goes on. */
static uint64_t write_batch(struct node *node, bool alone)
{
    if (alone && store_batch_bytes(node->batch) <= LIMIT_BATCH_ALONE_BYTES) {
        uint64_t number = store_commit(node->store, node->batch);
        store_release(node->reader); /* what it sees is from before */
        durable(node, node->newest);
        return number;
    }
    node->in_flight = true;
    return store_submit(node->store, node->batch);
}

/* That a peer dealt with its deliveries is all there is, and it parked its fetch: it hears of that with its next deliveries, which are
 * later in the log. Until then the worst is that they are delivered again, and a flush of its own would only make the next message wait. */
static bool can_wait(const struct node *node)
{
    return !node->awaited && !node->draining && uv_now(&node->loop) < node->batch_due_ms &&
           store_batch_bytes(node->batch) <= LIMIT_BATCH_ALONE_BYTES;
}

/* Writes the batch, with its share of checkpoint rows, if no other is in flight and there is something to write now. */
static void commit(struct node *node, bool alone)
{
    if (node->in_flight)
        return;
    uint64_t rows = checkpoint_rows_due(node);
    if (rows == 0 && (!node->batch || can_wait(node)))
        return;
    if (!node->batch)
        begin_batch(node);
    checkpoint_write(node, rows);
    uint64_t number = write_batch(node, alone);
    node->batch = NULL;
    if (rows)
        node->checkpoint.rows_batch = number;
    if (rows && node->draining)
        store_settle_soon(node->store);
}

/* A peer that asks and does not read gets short answers: what was submitted stays done, and its keys tell so when it asks again. */
static struct span reply_of(struct node *node, struct request *request)
{
    if (link_unread(request->from) > LIMIT_UNREAD_BYTES)
        request_error(request, STATUS_overloaded, "replies are not being read");
    else if (request->results)
        return submit_answer(node, request);
    else if (request->view)
        return history_answer(node, request);
    return buffer_span(&request->reply);
}

/* Sends the replies whose `after` is durable. They are held in that order, so only the first ones can be. Then the deliveries. */
static void release(struct node *node)
{
    while (node->held.first) {
        struct request *request = ITEM_OF(node->held.first, struct request, place);
        if (request->after > node->committed)
            break;
        list_remove(&node->held, &request->place);
        inbox_answer(&node->inbox, request, reply_of(node, request));
    }
    fetch_committed(node);
}

/* If the batch in flight is durable: the next one goes at once, so that the disk is busy while the effects of the last one leave. */
static void take_commit(struct node *node)
{
    uint64_t commits = atomic_load(&node->store_commits);
    if (commits == node->commits)
        return;
    node->commits = commits;
    durable(node, atomic_load(&node->store_newest));
    commit(node, false);
    release(node);
    link_flush(node->link);
}

void turn_run(struct node *node)
{
    node_read_clock(node);
    node->store_full = store_nearly_full(node->store);
    checkpoint_take_settled(node);
    take_commit(node);
    do {
        take_requests(node);
        tick(node);
        commit(node, true);
    } while (node->inbox.waiting.count && !batch_full(node));
    release(node);
    fetch_expire(node);
    /* A snapshot that outlived the turn would keep the store from using freed pages again. */
    store_release(node->reader);
}

bool turn_clean(const struct node *node)
{
    return !node->in_flight && !node->batch && !node->checkpoint.rows_batch && node->inbox.waiting.count == 0 && node->held.count == 0 &&
           engine_dirty_count(node->engine) == 0;
}
