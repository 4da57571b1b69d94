#include <stdlib.h>

#include "proto/client/client_internal.h"
#include "proto/expect.h"

enum {
    FRAME_HEAD_MAX = 256, /* bytes of a submit around its changes */
};

static void lane_make_room(struct lane *lane)
{
    if (lane->first + lane->count < lane->capacity)
        return;
    if (lane->first > 0 && lane->first >= lane->count) {
        memmove(lane->entries, lane->entries + lane->first, lane->count * sizeof *lane->entries);
        lane->first = 0;
    }
    if (lane->first + lane->count < lane->capacity)
        return;
    lane->capacity = lane->capacity ? lane->capacity * 2 : 64;
    lane->entries = realloc(lane->entries, lane->capacity * sizeof *lane->entries);
    EXPECT(lane->entries);
}

/* Bytes already answered are dropped once they are the larger part. */
static void lane_compact(struct lane *lane)
{
    struct buffer *changes = &lane->changes;
    if (lane->changes_first * 2 < changes->size)
        return;
    memmove(changes->data, changes->data + lane->changes_first, changes->size - lane->changes_first);
    changes->size -= lane->changes_first;
    lane->changes_first = 0;
}

void lane_add(struct lane *lane, const struct wire_change *change, uint64_t tag)
{
    size_t before = lane->changes.size;
    lane_make_room(lane);
    codec_encode_change(&lane->changes, change);
    lane->entries[lane->first + lane->count++] = (struct lane_entry){tag, (uint32_t)(lane->changes.size - before)};
}

/* How many of the waiting changes go together, and their bytes. */
static uint32_t lane_batch(const struct lane *lane, size_t *bytes)
{
    const struct client *client = lane->call.client;
    uint64_t most = client->options.batch_max < client->welcome.batch_max ? client->options.batch_max : client->welcome.batch_max;
    uint32_t count = 0;
    *bytes = 0;
    while (count < lane->count && count < most) {
        uint32_t size = lane->entries[lane->first + count].size;
        if (count && *bytes + size + FRAME_HEAD_MAX > client->welcome.frame_bytes_max)
            break;
        *bytes += size;
        count++;
    }
    return count;
}

void lane_start(struct lane *lane)
{
    struct client *client = lane->call.client;
    size_t bytes;
    if (lane->call.phase != PHASE_idle || !client->session || client->refused || !lane->count)
        return;
    lane->in_flight = lane_batch(lane, &bytes);
    struct frame head = {.verb = VERB_submit, .submit = {.session = client->session, .token = span_of(client->options.token)}};
    buffer_clear(&client->out);
    struct codec_list list = codec_begin(&client->out, &head);
    buffer_append(&client->out, lane->changes.data + lane->changes_first, bytes);
    list.count = lane->in_flight;
    codec_end(&list);
    call_send(&lane->call, CLIENT_REPLY_TIMEOUT_MS);
}

/* Every change in flight was answered: by its own result, or all by the same. */
static void lane_settle(struct lane *lane, const struct wire_result *results, bool same)
{
    struct client *client = lane->call.client;
    uint32_t count = lane->in_flight;
    lane->in_flight = 0;
    lane->call.backoff_ms = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct lane_entry entry = lane->entries[lane->first];
        lane->first++;
        lane->count--;
        lane->changes_first += entry.size;
        client->pending--;
        if (client->options.on_result)
            client->options.on_result(client->options.context, entry.tag, &results[same ? 0 : i]);
    }
    lane_compact(lane);
}

static void lane_take_reply(struct lane *lane)
{
    struct frame frame;
    if (!call_decode(&lane->call, &frame)) {
        call_back_off(&lane->call);
    } else if (frame.verb == VERB_submitted && frame.submitted.results_count == lane->in_flight) {
        lane_settle(lane, frame.submitted.results, false);
    } else if (frame.verb == VERB_error && !session_refused_call(&lane->call, &frame.error)) {
        struct wire_result refused = {.status = frame.error.status, .detail = frame.error.detail};
        lane_settle(lane, &refused, true);
    } else if (frame.verb != VERB_error) {
        call_back_off(&lane->call);
    }
}

void lane_ended(struct lane *lane)
{
    if (lane->call.failure)
        call_back_off(&lane->call);
    else if (!lane->call.slept)
        lane_take_reply(lane);
    lane_start(lane);
}

void lane_mark_unsent(struct lane *lane)
{
    struct client *client = lane->call.client;
    if (lane->unsent || lane->call.phase != PHASE_idle)
        return;
    if (!client->unsent)
        call_wake(client);
    lane->unsent = true;
    lane->next_unsent = client->unsent;
    client->unsent = lane;
}

void lanes_start_unsent(struct client *client)
{
    while (client->unsent) {
        struct lane *lane = client->unsent;
        client->unsent = lane->next_unsent;
        lane->unsent = false;
        lane_start(lane);
    }
}

void lane_fini(struct lane *lane)
{
    call_close(&lane->call);
    buffer_fini(&lane->changes);
    free(lane->entries);
}
