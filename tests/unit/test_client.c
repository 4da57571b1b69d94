/* The client against a broker that is played by hand: it answers only what a test tells it to, in the order the test wants. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#include <cmocka.h>

#include "link/link.h"
#include "proto/client/client.h"

enum { PATIENCE_MS = 20 * 1000, ASKED_MAX = 256, NOTES_MAX = 4096 };

/* One request that came and was not answered yet. */
struct asked {
    struct link_request *from;
    struct arena arena;
    struct frame frame;
};

struct stage {
    /* the broker: its loop turns where something is waited for, on one thread at a time */
    uv_loop_t loop;
    struct link *link;
    char url[64];
    struct asked *asked[ASKED_MAX];
    size_t asked_count;
    struct wire_welcome welcome;
    struct buffer out;
    /* the client's user */
    struct client *client;
    char notes[NOTES_MAX]; /* what the callbacks saw, in order */
    bool hold;
    uint32_t submit_next; /* tags that on_result submits another change for */
};

/* --- the broker --- */

static void on_request(void *context, struct link_request *request, struct span bytes)
{
    struct stage *stage = context;
    struct asked *asked = calloc(1, sizeof *asked);
    struct codec_error error;
    assert_non_null(asked);
    asked->from = request;
    if (codec_decode(bytes, &asked->arena, &asked->frame, &error) != STATUS_ok) {
        fprintf(stderr, "the client sent what does not decode: %s\n", error.detail);
        abort();
    }
    stage->asked[stage->asked_count++] = asked;
}

static void on_peer_gone(void *context, uint32_t peer)
{
    (void)context;
    (void)peer;
}

static void broker_start(struct stage *stage, const char *url)
{
    char error[256] = "";
    const struct link_options options = {.loop = &stage->loop,
                                         .url = url,
                                         .frame_bytes_max = WIRE_FRAME_MAX,
                                         .peers_max = 1000,
                                         .per_pipe_max = 1024,
                                         .context = stage,
                                         .on_request = on_request,
                                         .on_peer_gone = on_peer_gone};
    enum status status = link_open(&options, &stage->link, error);
    if (status != STATUS_ok)
        fail_msg("%s", error);
    snprintf(stage->url, sizeof stage->url, "%s", link_url(stage->link));
}

static void asked_free(struct asked *asked)
{
    arena_fini(&asked->arena);
    free(asked);
}

static void broker_stop(struct stage *stage)
{
    link_close(stage->link);
    uv_run(&stage->loop, UV_RUN_DEFAULT);
    for (size_t i = 0; i < stage->asked_count; i++)
        asked_free(stage->asked[i]);
    stage->asked_count = 0;
}

static struct asked *broker_take(struct stage *stage, enum verb verb)
{
    struct asked *found = NULL;
    for (size_t i = 0; i < stage->asked_count && !found; i++) {
        if (stage->asked[i]->frame.verb != verb)
            continue;
        found = stage->asked[i];
        stage->asked_count--;
        memmove(stage->asked + i, stage->asked + i + 1, (stage->asked_count - i) * sizeof *stage->asked);
    }
    return found;
}

/* One turn of the broker, once it has something to do or the client has (NULL: it does not count). */
static void broker_turn(struct stage *stage, const struct client *client)
{
    struct pollfd ready[2] = {{.fd = uv_backend_fd(&stage->loop), .events = POLLIN},
                              {.fd = client ? client_fd(client) : -1, .events = POLLIN}};
    int due_ms = uv_backend_timeout(&stage->loop);
    bool sleeps = due_ms < 0 || due_ms > PATIENCE_MS;
    int count = poll(ready, 2, sleeps ? PATIENCE_MS : due_ms);
    assert_true(count > 0 || !sleeps);
    uv_run(&stage->loop, UV_RUN_NOWAIT);
}

static void stage_step(struct stage *stage)
{
    broker_turn(stage, stage->client);
    client_dispatch(stage->client);
}

static struct asked *expect(struct stage *stage, enum verb verb)
{
    struct asked *asked;
    while (!(asked = broker_take(stage, verb)))
        stage_step(stage);
    return asked;
}

static void answer(struct stage *stage, struct asked *asked, const struct frame *frame)
{
    buffer_clear(&stage->out);
    codec_encode(&stage->out, frame);
    link_reply(asked->from, (struct span){stage->out.data, (uint32_t)stage->out.size});
    link_flush(stage->link);
    asked_free(asked);
}

static void answer_error(struct stage *stage, struct asked *asked, enum status status)
{
    answer(stage, asked, &(struct frame){.verb = VERB_error, .error = {.status = status, .detail = span_of("because")}});
}

static void welcome(struct stage *stage, uint64_t session)
{
    struct asked *hello = expect(stage, VERB_hello);
    stage->welcome.session = session;
    answer(stage, hello, &(struct frame){.verb = VERB_welcome, .welcome = stage->welcome});
}

/* The keys of a submit, for one look: "a,b,c". */
static const char *keys_of(const struct asked *asked)
{
    static char keys[NOTES_MAX];
    size_t size = 0;
    keys[0] = 0;
    for (uint32_t i = 0; i < asked->frame.submit.changes_count; i++) {
        struct span key = asked->frame.submit.changes[i].key;
        size += (size_t)snprintf(keys + size, sizeof keys - size, "%s%.*s", i ? "," : "", (int)key.size, key.data);
    }
    return keys;
}

static void answer_submit(struct stage *stage, struct asked *asked, enum status status)
{
    struct wire_result results[64] = {0};
    uint32_t count = asked->frame.submit.changes_count;
    for (uint32_t i = 0; i < count; i++)
        results[i].status = status;
    answer(stage, asked, &(struct frame){.verb = VERB_submitted, .submitted = {.results = results, .results_count = count}});
}

static void answer_fetch(struct stage *stage, struct asked *asked, uint64_t first, uint64_t last)
{
    struct wire_record records[64] = {0};
    uint32_t count = 0;
    for (uint64_t lsn = first; lsn <= last; lsn++)
        records[count++] = (struct wire_record){.kind = RECORD_reply, .lsn = lsn, .at_ms = 1};
    answer(stage, asked,
           &(struct frame){.verb = VERB_fetched, .fetched = {.cursor = last, .deliveries = records, .deliveries_count = count}});
}

/* --- the client's user --- */

static void note(struct stage *stage, const char *what, uint64_t number)
{
    size_t size = strlen(stage->notes);
    snprintf(stage->notes + size, sizeof stage->notes - size, "%s%s%lu", size ? " " : "", what, (unsigned long)number);
}

static enum status submit(struct stage *stage, uint32_t lane, const char *key, uint64_t tag)
{
    const struct wire_change change = {
        .kind = CHANGE_message, .key = span_of(key), .address = span_of("visitor"), .text = span_of("hello")};
    return client_submit(stage->client, lane, &change, tag);
}

static void on_ready(void *context, const struct wire_welcome *welcomed)
{
    note(context, "ready", welcomed->session);
}

static void on_result(void *context, uint64_t tag, const struct wire_result *result)
{
    struct stage *stage = context;
    note(stage, result->status ? status_name((enum status)result->status) : "ok", tag);
    if (stage->submit_next && stage->submit_next == tag)
        assert_int_equal(submit(stage, 0, "next", tag + 100), STATUS_ok);
}

static void on_delivery(void *context, const struct wire_record *record)
{
    struct stage *stage = context;
    note(stage, "delivery", record->lsn);
    if (stage->hold)
        client_hold(stage->client, record->lsn);
}

static void on_refused(void *context, enum status status, struct span detail)
{
    assert_true(span_equal(detail, span_of("because")));
    note(context, status_name(status), 0);
}

/* Works on until the callbacks saw all this, and forgets it. */
static void expect_notes(struct stage *stage, const char *notes)
{
    while (strlen(stage->notes) < strlen(notes))
        stage_step(stage);
    assert_string_equal(stage->notes, notes);
    stage->notes[0] = 0;
}

static void stage_open(struct stage *stage, const char *url, bool fetch)
{
    const struct client_options options = {.url = url,
                                           .role = ROLE_connector,
                                           .name = "web",
                                           .token = "secret",
                                           .lanes = 4,
                                           .pending_max = 100,
                                           .fetch_credit = 8,
                                           .fetch = fetch,
                                           .context = stage,
                                           .on_ready = on_ready,
                                           .on_result = on_result,
                                           .on_delivery = on_delivery,
                                           .on_refused = on_refused};
    assert_int_equal(client_open(&options, &stage->client), STATUS_ok);
}

static struct stage *stage_create(bool fetch)
{
    struct stage *stage = calloc(1, sizeof *stage);
    assert_non_null(stage);
    assert_int_equal(uv_loop_init(&stage->loop), 0);
    stage->welcome = (struct wire_welcome){.heartbeat_ms = 60000,
                                           .lease_ms = 90000,
                                           .frame_bytes_max = WIRE_FRAME_MAX,
                                           .batch_max = 64,
                                           .credit_max = 64,
                                           .wait_ms_max = 20000,
                                           .broker = span_of("0.1")};
    broker_start(stage, "tcp://127.0.0.1:0");
    stage_open(stage, stage->url, fetch);
    return stage;
}

static void stage_destroy(struct stage *stage)
{
    client_close(stage->client, false);
    broker_stop(stage);
    buffer_fini(&stage->out);
    assert_int_equal(uv_loop_close(&stage->loop), 0);
    free(stage);
}

/* A reply is lost with its connection: the broker goes away and comes back at the same address. */
static void broker_restart(struct stage *stage)
{
    char url[64];
    memcpy(url, stage->url, sizeof url);
    broker_stop(stage);
    broker_start(stage, url);
}

/* --- what holds --- */

static void hello_comes_first_and_changes_keep_their_order(void **state)
{
    (void)state;
    struct stage *stage = stage_create(false);
    assert_int_equal(submit(stage, 0, "a", 1), STATUS_ok);
    struct asked *hello = expect(stage, VERB_hello);
    assert_int_equal(hello->frame.hello.version, WIRE_VERSION);
    assert_int_equal(hello->frame.hello.role, ROLE_connector);
    assert_true(span_equal(hello->frame.hello.name, span_of("web")));
    assert_true(span_equal(hello->frame.hello.token, span_of("secret")));
    assert_int_equal(submit(stage, 0, "b", 2), STATUS_ok);
    stage->welcome.session = 7;
    answer(stage, hello, &(struct frame){.verb = VERB_welcome, .welcome = stage->welcome});
    struct asked *first = expect(stage, VERB_submit);
    assert_int_equal(client_session(stage->client), 7);
    assert_int_equal(first->frame.submit.session, 7);
    assert_true(span_equal(first->frame.submit.token, span_of("secret")));
    assert_string_equal(keys_of(first), "a,b");
    assert_int_equal(submit(stage, 0, "c", 3), STATUS_ok);
    assert_int_equal(submit(stage, 4, "d", 4), STATUS_ok); /* the same lane */
    assert_int_equal(submit(stage, 1, "e", 5), STATUS_ok);
    struct asked *other = expect(stage, VERB_submit);
    assert_string_equal(keys_of(other), "e"); /* lane 0 waits for its reply */
    answer_submit(stage, first, STATUS_ok);
    struct asked *second = expect(stage, VERB_submit);
    assert_string_equal(keys_of(second), "c,d");
    answer_submit(stage, second, STATUS_no_route);
    expect_notes(stage, "ready7 ok1 ok2 no_route3 no_route4");
    assert_int_equal(client_pending(stage->client), 1);
    answer_submit(stage, other, STATUS_ok);
    expect_notes(stage, "ok5");
    assert_int_equal(client_pending(stage->client), 0);
    stage_destroy(stage);
}

static void a_lost_reply_is_asked_for_again(void **state)
{
    (void)state;
    struct stage *stage = stage_create(false);
    submit(stage, 0, "a", 1);
    submit(stage, 0, "b", 2);
    welcome(stage, 7);
    struct asked *lost = expect(stage, VERB_submit);
    assert_string_equal(keys_of(lost), "a,b");
    asked_free(lost);
    broker_restart(stage);
    submit(stage, 0, "c", 3);
    struct asked *again = expect(stage, VERB_submit);
    assert_int_equal(again->frame.submit.session, 7);
    assert_string_equal(keys_of(again), "a,b,c");
    answer_submit(stage, again, STATUS_ok);
    expect_notes(stage, "ready7 ok1 ok2 ok3");
    stage_destroy(stage);
}

static void many_restarts_lose_and_swap_nothing(void **state)
{
    (void)state;
    struct stage *stage = stage_create(true);
    welcome(stage, 7);
    expect_notes(stage, "ready7");
    for (uint64_t round = 0; round < 20; round++) {
        char key[16], notes[64];
        snprintf(key, sizeof key, "k%lu", (unsigned long)round);
        submit(stage, 0, key, round);
        asked_free(expect(stage, VERB_submit));
        broker_restart(stage);
        struct asked *again = expect(stage, VERB_submit);
        assert_string_equal(keys_of(again), key);
        answer_submit(stage, again, STATUS_ok);
        snprintf(notes, sizeof notes, "ok%lu", (unsigned long)round);
        expect_notes(stage, notes);
    }
    stage_destroy(stage);
}

static void an_unknown_session_is_opened_anew(void **state)
{
    (void)state;
    struct stage *stage = stage_create(false);
    submit(stage, 0, "a", 1);
    submit(stage, 1, "b", 2);
    welcome(stage, 7);
    answer_error(stage, expect(stage, VERB_submit), STATUS_unknown_session);
    welcome(stage, 8);
    struct asked *stale = expect(stage, VERB_submit), *fresh = expect(stage, VERB_submit);
    assert_int_equal(stale->frame.submit.session, 7);
    assert_int_equal(fresh->frame.submit.session, 8);
    assert_string_equal(keys_of(fresh), "a");
    answer_error(stage, stale, STATUS_unknown_session); /* about the old session: no third hello */
    struct asked *other = expect(stage, VERB_submit);
    assert_int_equal(other->frame.submit.session, 8);
    assert_string_equal(keys_of(other), "b");
    answer_submit(stage, fresh, STATUS_ok);
    expect_notes(stage, "ready7 ready8 ok1");
    answer_submit(stage, other, STATUS_ok);
    expect_notes(stage, "ok2");
    stage_destroy(stage);
}

static void a_heartbeat_notices_a_lost_session(void **state)
{
    (void)state;
    struct stage *stage = stage_create(false);
    stage->welcome.heartbeat_ms = 20;
    welcome(stage, 7);
    for (int i = 0; i < 3; i++) {
        struct asked *beat = expect(stage, VERB_heartbeat);
        assert_int_equal(beat->frame.heartbeat.session, 7);
        answer(stage, beat, &(struct frame){.verb = VERB_alive, .alive = {.now_ms = 1}});
    }
    answer_error(stage, expect(stage, VERB_heartbeat), STATUS_unknown_session);
    welcome(stage, 8);
    expect_notes(stage, "ready7 ready8");
    stage_destroy(stage);
}

static void what_passes_is_tried_again(void **state)
{
    (void)state;
    struct stage *stage = stage_create(false);
    answer_error(stage, expect(stage, VERB_hello), STATUS_draining);
    welcome(stage, 7);
    submit(stage, 0, "a", 1);
    answer_error(stage, expect(stage, VERB_submit), STATUS_overloaded);
    answer_error(stage, expect(stage, VERB_submit), STATUS_draining);
    struct asked *nonsense = expect(stage, VERB_submit);
    link_reply(nonsense->from, span_of("not msgpack"));
    link_flush(stage->link);
    asked_free(nonsense);
    answer(stage, expect(stage, VERB_submit), &(struct frame){.verb = VERB_alive, .alive = {.now_ms = 1}});
    struct wire_result two[2] = {0};
    answer(stage, expect(stage, VERB_submit), &(struct frame){.verb = VERB_submitted, .submitted = {.results = two, .results_count = 2}});
    struct asked *again = expect(stage, VERB_submit);
    assert_string_equal(keys_of(again), "a");
    answer_submit(stage, again, STATUS_ok);
    expect_notes(stage, "ready7 ok1");
    stage_destroy(stage);
}

static void a_welcome_without_room_is_no_welcome(void **state)
{
    (void)state;
    struct stage *stage = stage_create(false);
    stage->welcome.batch_max = 0;
    welcome(stage, 7);
    stage->welcome.batch_max = 1;
    submit(stage, 0, "a", 1);
    submit(stage, 0, "b", 2);
    welcome(stage, 8);
    struct asked *one = expect(stage, VERB_submit);
    assert_string_equal(keys_of(one), "a");
    answer_submit(stage, one, STATUS_ok);
    expect_notes(stage, "ready8 ok1");
    stage_destroy(stage);
}

static void a_frame_stays_within_the_limit(void **state)
{
    (void)state;
    static char text[WIRE_BODY_MAX];
    memset(text, 'x', sizeof text);
    struct stage *stage = stage_create(false);
    stage->welcome.frame_bytes_max = 128 << 10;
    const struct wire_change change = {.kind = CHANGE_message, .key = span_of("k"), .address = span_of("v"), .text = {text, sizeof text}};
    for (uint64_t tag = 0; tag < 3; tag++)
        assert_int_equal(client_submit(stage->client, 0, &change, tag), STATUS_ok);
    welcome(stage, 7);
    for (int i = 0; i < 3; i++) {
        struct asked *asked = expect(stage, VERB_submit);
        assert_int_equal(asked->frame.submit.changes_count, 1);
        answer_submit(stage, asked, STATUS_ok);
    }
    expect_notes(stage, "ready7 ok0 ok1 ok2");
    stage_destroy(stage);
}

static void one_bad_change_does_not_spoil_its_batch(void **state)
{
    (void)state;
    struct stage *stage = stage_create(false);
    submit(stage, 0, "a", 1);
    submit(stage, 0, "bad", 2);
    submit(stage, 0, "c", 3);
    welcome(stage, 7);
    answer_error(stage, expect(stage, VERB_submit), STATUS_bad_field);
    submit(stage, 0, "d", 4);
    submit(stage, 0, "e", 5);
    for (const char *const *key = (const char *const[]){"a", "bad", "c", "d,e", NULL}; *key; key++) {
        struct asked *asked = expect(stage, VERB_submit);
        assert_string_equal(keys_of(asked), *key);
        if (strcmp(*key, "bad") == 0)
            answer_error(stage, asked, STATUS_bad_field);
        else
            answer_submit(stage, asked, STATUS_ok);
    }
    expect_notes(stage, "ready7 ok1 bad_field2 ok3 ok4 ok5");
    stage_destroy(stage);
}

static void a_result_may_lead_to_the_next_change(void **state)
{
    (void)state;
    struct stage *stage = stage_create(false);
    stage->submit_next = 1;
    submit(stage, 0, "a", 1);
    submit(stage, 0, "b", 2);
    welcome(stage, 7);
    answer_submit(stage, expect(stage, VERB_submit), STATUS_ok);
    struct asked *next = expect(stage, VERB_submit);
    assert_string_equal(keys_of(next), "next");
    answer_submit(stage, next, STATUS_ok);
    expect_notes(stage, "ready7 ok1 ok2 ok101");
    stage_destroy(stage);
}

static void pending_changes_are_limited(void **state)
{
    (void)state;
    struct stage *stage = stage_create(false);
    for (uint64_t tag = 0; tag < 100; tag++)
        assert_int_equal(submit(stage, (uint32_t)tag, "k", tag), STATUS_ok);
    assert_int_equal(submit(stage, 0, "k", 100), STATUS_overloaded);
    assert_int_equal(client_pending(stage->client), 100);
    stage_destroy(stage);
}

static void deliveries_come_once_and_move_the_cursor(void **state)
{
    (void)state;
    struct stage *stage = stage_create(true);
    stage->welcome.cursor = 10;
    welcome(stage, 7);
    struct asked *fetch = expect(stage, VERB_fetch);
    assert_int_equal(fetch->frame.fetch.cursor, 10);
    assert_int_equal(fetch->frame.fetch.credit, 8);
    assert_int_equal(fetch->frame.fetch.wait_ms, 20000);
    answer_fetch(stage, fetch, 11, 13);
    fetch = expect(stage, VERB_fetch);
    assert_int_equal(fetch->frame.fetch.cursor, 13);
    expect_notes(stage, "ready7 delivery11 delivery12 delivery13");
    answer_error(stage, fetch, STATUS_unknown_session);
    welcome(stage, 8); /* the broker knows nothing after 10 */
    fetch = expect(stage, VERB_fetch);
    answer_fetch(stage, fetch, 11, 14);
    fetch = expect(stage, VERB_fetch);
    assert_int_equal(fetch->frame.fetch.cursor, 14);
    expect_notes(stage, "ready8 delivery14");
    asked_free(fetch);
    broker_restart(stage);
    fetch = expect(stage, VERB_fetch);
    assert_int_equal(fetch->frame.fetch.cursor, 14);
    assert_int_equal(fetch->frame.fetch.session, 8);
    answer(stage, fetch, &(struct frame){.verb = VERB_fetched, .fetched = {.cursor = 20}});
    fetch = expect(stage, VERB_fetch);
    assert_int_equal(fetch->frame.fetch.cursor, 20);
    link_drop(fetch->from);
    asked_free(fetch);
    stage_destroy(stage);
}

static void a_hold_keeps_the_cursor_back(void **state)
{
    (void)state;
    struct stage *stage = stage_create(true);
    stage->hold = true;
    welcome(stage, 7);
    answer_fetch(stage, expect(stage, VERB_fetch), 5, 8);
    struct asked *fetch = expect(stage, VERB_fetch);
    assert_int_equal(fetch->frame.fetch.cursor, 4);
    expect_notes(stage, "ready7 delivery5 delivery6 delivery7 delivery8");
    client_release(stage->client, 6);
    client_release(stage->client, 5);
    answer_fetch(stage, fetch, 5, 8); /* nothing new */
    fetch = expect(stage, VERB_fetch);
    assert_int_equal(fetch->frame.fetch.cursor, 6);
    client_release(stage->client, 8);
    client_release(stage->client, 7);
    answer_fetch(stage, fetch, 7, 8);
    fetch = expect(stage, VERB_fetch);
    assert_int_equal(fetch->frame.fetch.cursor, 8);
    link_drop(fetch->from);
    asked_free(fetch);
    stage_destroy(stage);
}

static void a_refusal_is_for_good(void **state)
{
    (void)state;
    struct stage *stage = stage_create(true);
    answer_error(stage, expect(stage, VERB_hello), STATUS_bad_token);
    expect_notes(stage, "bad_token0");
    assert_int_equal(submit(stage, 0, "a", 1), STATUS_closed);
    struct arena arena = {0};
    struct frame request = {.verb = VERB_status}, reply;
    struct codec_error error;
    assert_int_equal(client_call(stage->client, &request, PATIENCE_MS, &arena, &reply, &error), STATUS_bad_token);
    assert_string_equal(error.detail, "because");
    stage_destroy(stage);
}

static void a_replaced_session_stops(void **state)
{
    (void)state;
    struct stage *stage = stage_create(true);
    welcome(stage, 7);
    answer_error(stage, expect(stage, VERB_fetch), STATUS_replaced);
    expect_notes(stage, "ready7 replaced0");
    assert_int_equal(client_session(stage->client), 0);
    stage_destroy(stage);
}

/* client_call blocks, so here the broker answers from a thread of its own. */
struct script {
    struct stage *stage;
    uint32_t count;
    struct line {
        enum verb verb;
        struct frame answer;
    } lines[8];
};

static void *play(void *context)
{
    const struct script *script = context;
    for (uint32_t i = 0; i < script->count; i++) {
        struct asked *asked;
        while (!(asked = broker_take(script->stage, script->lines[i].verb)))
            broker_turn(script->stage, NULL);
        answer(script->stage, asked, &script->lines[i].answer);
    }
    return NULL;
}

static void a_call_waits_for_its_answer_and_runs_no_callback(void **state)
{
    (void)state;
    struct stage *stage = stage_create(true);
    stage->welcome.session = 7;
    const struct frame welcomed = {.verb = VERB_welcome, .welcome = stage->welcome};
    const struct frame unknown = {.verb = VERB_error, .error = {.status = STATUS_unknown_session}};
    const struct frame page = {.verb = VERB_page, .page = {.conversation = 3, .owner = span_of("ana")}};
    const struct frame refused = {.verb = VERB_error, .error = {.status = STATUS_unknown_conversation, .detail = span_of("number 4")}};
    struct script script = {
        .stage = stage,
        .count = 5,
        .lines = {{VERB_hello, welcomed}, {VERB_history, unknown}, {VERB_hello, welcomed}, {VERB_history, page}, {VERB_history, refused}}};
    pthread_t broker;
    assert_int_equal(pthread_create(&broker, NULL, play, &script), 0);
    struct arena arena = {0};
    struct frame request = {.verb = VERB_history, .history = {.conversation = 3}}, reply;
    struct codec_error error;
    assert_int_equal(client_call(stage->client, &request, PATIENCE_MS, &arena, &reply, &error), STATUS_ok);
    assert_int_equal(reply.page.conversation, 3);
    assert_true(span_equal(reply.page.owner, span_of("ana")));
    assert_string_equal(stage->notes, "");
    assert_int_equal(client_call(stage->client, &request, PATIENCE_MS, &arena, &reply, &error), STATUS_unknown_conversation);
    assert_string_equal(error.detail, "number 4");
    pthread_join(broker, NULL);
    assert_true(client_wait(stage->client, PATIENCE_MS));
    assert_string_equal(stage->notes, "ready7");
    assert_false(client_wait(stage->client, 1));
    arena_fini(&arena);
    stage_destroy(stage);
}

static void a_call_gives_up_in_time_and_says_why(void **state)
{
    (void)state;
    struct stage *stage = stage_create(false);
    struct frame request = {.verb = VERB_status}, reply;
    struct arena arena = {0};
    struct codec_error error;
    asked_free(expect(stage, VERB_hello));
    assert_int_equal(client_call(stage->client, &request, 20, &arena, &reply, &error), STATUS_timed_out);
    client_close(stage->client, true);
    broker_stop(stage);
    stage_open(stage, stage->url, false);
    assert_int_equal(client_call(stage->client, &request, 20, &arena, &reply, &error), STATUS_unreachable);
    broker_start(stage, "tcp://127.0.0.1:0");
    stage_destroy(stage);
}

static void closing_acknowledges_and_says_bye(void **state)
{
    (void)state;
    struct stage *stage = stage_create(true);
    stage->hold = true;
    welcome(stage, 7);
    answer_fetch(stage, expect(stage, VERB_fetch), 5, 6);
    asked_free(expect(stage, VERB_fetch));
    client_release(stage->client, 5);
    client_release(stage->client, 6);
    struct script script = {.stage = stage,
                            .count = 2,
                            .lines = {{VERB_fetch, {.verb = VERB_fetched, .fetched = {.cursor = 6}}},
                                      {VERB_bye, {.verb = VERB_alive, .alive = {.now_ms = 1}}}}};
    pthread_t broker;
    assert_int_equal(pthread_create(&broker, NULL, play, &script), 0);
    client_close(stage->client, true);
    pthread_join(broker, NULL);
    stage_open(stage, stage->url, false);
    stage_destroy(stage);
}

static void nonsense_is_refused_at_once(void **state)
{
    (void)state;
    struct client *client;
    char long_name[WIRE_NAME_MAX + 2] = {0};
    memset(long_name, 'n', sizeof long_name - 1);
    const struct client_options good = {.url = "tcp://127.0.0.1:1", .role = ROLE_agent, .name = "ana", .token = "t"};
    struct client_options options = good;
    options.url = "ipc:///tmp/x";
    assert_int_equal(client_open(&options, &client), STATUS_bad_input);
    options = good;
    options.name = long_name;
    assert_int_equal(client_open(&options, &client), STATUS_bad_input);
    options = good;
    options.lanes = 1025;
    assert_int_equal(client_open(&options, &client), STATUS_bad_input);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello_comes_first_and_changes_keep_their_order),
        cmocka_unit_test(a_lost_reply_is_asked_for_again),
        cmocka_unit_test(many_restarts_lose_and_swap_nothing),
        cmocka_unit_test(an_unknown_session_is_opened_anew),
        cmocka_unit_test(a_heartbeat_notices_a_lost_session),
        cmocka_unit_test(what_passes_is_tried_again),
        cmocka_unit_test(a_welcome_without_room_is_no_welcome),
        cmocka_unit_test(a_frame_stays_within_the_limit),
        cmocka_unit_test(one_bad_change_does_not_spoil_its_batch),
        cmocka_unit_test(a_result_may_lead_to_the_next_change),
        cmocka_unit_test(pending_changes_are_limited),
        cmocka_unit_test(deliveries_come_once_and_move_the_cursor),
        cmocka_unit_test(a_hold_keeps_the_cursor_back),
        cmocka_unit_test(a_refusal_is_for_good),
        cmocka_unit_test(a_replaced_session_stops),
        cmocka_unit_test(a_call_waits_for_its_answer_and_runs_no_callback),
        cmocka_unit_test(a_call_gives_up_in_time_and_says_why),
        cmocka_unit_test(closing_acknowledges_and_says_bye),
        cmocka_unit_test(nonsense_is_refused_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
