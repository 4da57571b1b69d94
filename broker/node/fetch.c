#include "node/fetch.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/least.h"
#include "limits.h"
#include "node/history.h"
#include "node/lookup.h"
#include "node/node.h"
#include "node/translate.h"
#include "node/turn.h"

/* Where the deliveries of one principal are waited for. Made when a fetch of it is parked for the first time. */
struct outbox {
    struct list parked;
    struct list_node woken;
    bool is_woken;
    lsn_t woken_lsn; /* the newest entry is at most this */
};

static uint64_t loop_ms(const struct node *node)
{
    return uv_now(&node->loop);
}

/* A peer that leaves, of ten thousands, must not be looked for among the requests of all others. */
static void peer_join(struct map *peers, struct request *request)
{
    uint32_t peer = link_peer(request->from);
    request->peer_previous = NULL;
    request->peer_next = map_get(peers, peer);
    if (request->peer_next)
        request->peer_next->peer_previous = request;
    map_put(peers, peer, request);
}

static void peer_leave(struct map *peers, struct request *request)
{
    struct request *next = request->peer_next, *previous = request->peer_previous;
    if (next)
        next->peer_previous = previous;
    if (previous)
        previous->peer_next = next;
    else if (next)
        map_put(peers, link_peer(request->from), next);
    else
        map_remove(peers, link_peer(request->from));
}

static void unpark(struct node *node, struct request *request)
{
    struct outbox *outbox = map_get(&node->fetches.outboxes, request->principal);
    list_remove(&outbox->parked, &request->place);
    heap_remove(&node->fetches.waits, &request->wait);
    map_remove(&node->fetches.parked, request->frame.fetch.session);
    peer_leave(&node->fetches.peers, request);
}

struct request *fetch_unpark_session(struct node *node, session_id session)
{
    struct request *request = map_get(&node->fetches.parked, session);
    if (request)
        unpark(node, request);
    return request;
}

enum {
    FRONT_BYTES_MAX = 32, /* of a fetched, before its deliveries */
    WARM_AHEAD = 4,       /* deliveries, so that a record has come from memory when it is decoded */
};

/* The cursor stands before the deliveries in the frame, and how many of them fit is known only when they are encoded: so its front comes
 * last, into room that is left for it. */
static struct codec_list begin_fetched(struct node *node)
{
    buffer_clear(&node->out);
    buffer_reserve(&node->out, FRONT_BYTES_MAX);
    node->out.size = FRONT_BYTES_MAX;
    return (struct codec_list){.buffer = &node->out};
}

/* Sends the deliveries, and ends the request. */
static void send_fetched(struct node *node, struct request *request, lsn_t cursor, const struct codec_list *deliveries)
{
    struct frame head = {.verb = VERB_fetched, .fetched = {.cursor = cursor}};
    buffer_clear(&node->front);
    struct codec_list list = codec_begin(&node->front, &head);
    list.count = deliveries->count;
    codec_end(&list);
    struct span front = buffer_span(&node->front), frame = buffer_span(&node->out);
    ASSERT(front.size <= FRONT_BYTES_MAX);
    frame.data += FRONT_BYTES_MAX - front.size;
    frame.size -= FRONT_BYTES_MAX - front.size;
    memcpy(node->out.data + FRONT_BYTES_MAX - front.size, front.data, front.size);
    node->awaited = true; /* it tells what was acknowledged */
    inbox_answer(&node->inbox, request, frame);
}

static void send_nothing(struct node *node, struct request *request)
{
    const struct wire_fetch *fetch = &request->frame.fetch;
    lsn_t acknowledged = engine_acknowledged(node->engine, fetch->session);
    struct codec_list none = begin_fetched(node);
    send_fetched(node, request, most(fetch->cursor, acknowledged), &none);
}

/* Who the customer is, where the record itself does not say. */
static void add_customer(struct node *node, const struct record *record, struct wire_record *wire)
{
    struct row_conversation row;
    if (!history_conversation(node, record->conversation, &row))
        return;
    wire->address = row.address;
    wire->account = engine_name(node->engine, row.account);
}

static void add_history(struct node *node, const struct record *record, struct wire_record *wire)
{
    struct history_slice slice = history_walk(node, record->prev, LIMIT_OPENING_RECORDS, LIMIT_OPENING_BYTES, &node->arena);
    wire->history = slice.records;
    wire->history_count = slice.count;
    wire->before = slice.before;
}

/* Whom the record hands the conversation to, to be gone on with where it stands; 0: nobody. */
static name_id handed_to(const struct record *record)
{
    switch (record->kind) {
    case RECORD_offered:
    case RECORD_assigned:
    case RECORD_resumed:
    case RECORD_joined:
        return record->agent;
    case RECORD_lent:
        return record->target;
    case RECORD_recalled:
        return record->tie == TIE_loan ? record->target : 0;
    case RECORD_declared:
    case RECORD_session_opened:
    case RECORD_session_closed:
    case RECORD_customer_opened:
    case RECORD_conversation_opened:
    case RECORD_message:
    case RECORD_reply:
    case RECORD_note:
    case RECORD_receipt:
    case RECORD_queued:
    case RECORD_withdrawn:
    case RECORD_transferred:
    case RECORD_requeued:
    case RECORD_finished:
    case RECORD_reopened:
    case RECORD_agent_state:
    case RECORD_delivered:
    case RECORD_relaxed:
    case RECORD_moved:
    case RECORD_held:
    case RECORD_inactive:
    case RECORD_overdue:
    case RECORD_asked:
    case RECORD_queue_state:
        break;
    }
    return 0;
}

static void deliver(struct node *node, const struct request *request, lsn_t lsn, struct codec_list *deliveries)
{
    struct record record;
    struct wire_record wire;
    lookup_record(node->reader, lsn, &record);
    arena_clear(&node->arena);
    translate_record(node->engine, &record, request->kind, &node->arena, &wire);
    /* It is handed over whole, and a connector has to know whom it is about. */
    bool handed = handed_to(&record) == request->principal;
    if (handed || (request->kind == NAME_KIND_account && !wire.address.size))
        add_customer(node, &record, &wire);
    if (handed)
        add_history(node, &record, &wire);
    codec_record(deliveries, &wire);
}

/* Answers with the entries after the cursor that are durable; false: there are none. */
static bool answer(struct node *node, struct request *request)
{
    const struct wire_fetch *fetch = &request->frame.fetch;
    lsn_t *lsns = node->fetches.lsns;
    uint32_t credit = fetch->credit ? (uint32_t)fetch->credit : WIRE_CREDIT_MAX;
    uint32_t count = engine_outbox(node->engine, fetch->session, fetch->cursor, lsns, credit);
    while (count && lsns[count - 1] > node->committed)
        count--;
    if (count == 0)
        return false;
    struct codec_list deliveries = begin_fetched(node);
    while (deliveries.count < count && node->out.size < LIMIT_FETCH_BYTES) {
        if (deliveries.count + WARM_AHEAD < count)
            store_warm(node->reader, lsns[deliveries.count + WARM_AHEAD]);
        deliver(node, request, lsns[deliveries.count], &deliveries);
    }
    send_fetched(node, request, lsns[deliveries.count - 1], &deliveries);
    return true;
}

static struct outbox *outbox_of(struct fetches *fetches, name_id principal)
{
    struct outbox *outbox = map_get(&fetches->outboxes, principal);
    if (!outbox) {
        outbox = must_zalloc(1, sizeof *outbox);
        map_put(&fetches->outboxes, principal, outbox);
    }
    return outbox;
}

static void park(struct node *node, struct request *request)
{
    struct fetches *fetches = &node->fetches;
    const struct wire_fetch *fetch = &request->frame.fetch;
    uint64_t wait_ms = least(fetch->wait_ms, node->config->session.heartbeat_ms);
    struct outbox *outbox = outbox_of(fetches, request->principal);
    list_append(&outbox->parked, &request->place);
    map_put(&fetches->parked, fetch->session, request);
    peer_join(&fetches->peers, request);
    request->wait = (struct heap_node){.key = (int64_t)(loop_ms(node) + wait_ms), .tie = fetch->session};
    heap_insert(&fetches->waits, &request->wait);
    if (wait_ms < LIMIT_ACKNOWLEDGED_MS)
        node->awaited = true; /* it is answered soon, and tells then */
    /* An entry that exists but is not durable yet made its wake-up before this fetch came. */
    lsn_t next;
    if (engine_outbox(node->engine, fetch->session, fetch->cursor, &next, 1))
        fetch_wake(node, request->principal, node->newest);
}

static void acknowledge(struct node *node, struct request *request)
{
    struct wire_fetch *fetch = &request->frame.fetch;
    /* Nothing newer was ever delivered, so nothing newer can have been dealt with. */
    if (fetch->cursor > node->committed)
        fetch->cursor = node->committed;
    if (fetch->cursor <= engine_acknowledged(node->engine, fetch->session))
        return;
    struct event event = {.kind = EVENT_fetched, .session = fetch->session, .cursor = fetch->cursor};
    turn_step(node, &event);
}

void fetch_take(struct node *node, struct request *request)
{
    engine_listens(node->engine, request->frame.fetch.session);
    acknowledge(node, request);
    struct request *older = fetch_unpark_session(node, request->frame.fetch.session);
    if (older)
        send_nothing(node, older);
    if (link_unread(request->from) > LIMIT_UNREAD_BYTES)
        turn_hold(node, request); /* and is refused */
    else if (answer(node, request))
        return;
    else if (request->frame.fetch.wait_ms == 0)
        send_nothing(node, request);
    else
        park(node, request);
}

void fetch_wake(struct node *node, name_id principal, lsn_t lsn)
{
    struct outbox *outbox = map_get(&node->fetches.outboxes, principal);
    if (!outbox || !outbox->parked.first)
        return;
    outbox->woken_lsn = lsn;
    if (!outbox->is_woken)
        list_append(&node->fetches.woken, &outbox->woken);
    outbox->is_woken = true;
}

static void answer_parked(struct node *node, struct outbox *outbox)
{
    struct list_node *next;
    for (struct list_node *place = outbox->parked.first; place; place = next) {
        struct request *request = ITEM_OF(place, struct request, place);
        next = place->next;
        lsn_t first;
        if (!engine_outbox(node->engine, request->frame.fetch.session, request->frame.fetch.cursor, &first, 1) || first > node->committed)
            continue;
        unpark(node, request);
        bool answered = answer(node, request);
        ASSERT(answered);
    }
}

void fetch_committed(struct node *node)
{
    struct list_node *next;
    for (struct list_node *woken = node->fetches.woken.first; woken; woken = next) {
        struct outbox *outbox = ITEM_OF(woken, struct outbox, woken);
        next = woken->next;
        answer_parked(node, outbox);
        if (outbox->woken_lsn > node->committed)
            continue;
        list_remove(&node->fetches.woken, woken);
        outbox->is_woken = false;
    }
}

void fetch_expire(struct node *node)
{
    struct heap_node *first;
    while ((first = heap_first(&node->fetches.waits)) && (uint64_t)first->key <= loop_ms(node))
        send_nothing(node, fetch_unpark_session(node, first->tie));
}

uint64_t fetch_deadline(const struct node *node)
{
    const struct heap_node *first = heap_first(&node->fetches.waits);
    return first ? (uint64_t)first->key : UINT64_MAX;
}

void fetch_peer_gone(struct node *node, uint32_t peer)
{
    struct request *request;
    while ((request = map_get(&node->fetches.peers, peer)))
        inbox_drop(&node->inbox, fetch_unpark_session(node, request->frame.fetch.session));
}

void fetch_end_all(struct node *node, enum status status)
{
    struct heap_node *first;
    while ((first = heap_first(&node->fetches.waits))) {
        struct request *request = fetch_unpark_session(node, first->tie);
        request_error(request, status, NULL);
        turn_hold(node, request);
    }
}

void fetch_fini(struct fetches *fetches)
{
    ASSERT(fetches->waits.count == 0);
    struct outbox *outbox;
    for (size_t at = 0; (outbox = map_next(&fetches->outboxes, &at));)
        free(outbox);
    map_fini(&fetches->outboxes);
    map_fini(&fetches->parked);
    map_fini(&fetches->peers);
    heap_fini(&fetches->waits);
}
