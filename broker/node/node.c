#include "node/node.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/check.h"
#include "base/least.h"
#include "limits.h"
#include "node/checkpoint.h"
#include "node/recovery.h"
#include "node/turn.h"

enum { CALENDARS_FRESH_MS = 24 * 60 * 60 * 1000 };

static const int node_signals[NODE_SIGNALS] = {SIGTERM, SIGINT, SIGHUP};

void node_read_clock(struct node *node)
{
    struct timespec wall;
    clock_gettime(CLOCK_REALTIME, &wall);
    int64_t wall_ms = (int64_t)wall.tv_sec * 1000 + wall.tv_nsec / 1000000;
    node->now_ms = clock_read(&node->clock, wall_ms, uv_hrtime());
}

/* --- configuration --- */

static void configure(struct node *node)
{
    struct event event = {.kind = EVENT_configure, .config = node->config};
    patterns_compile(&node->patterns, node->config);
    turn_step(node, &event);
    node->calendars_ms = node->config->calendars_count ? uv_now(&node->loop) + CALENDARS_FRESH_MS : UINT64_MAX;
}

/* Intervals are made for a time ahead: long before it is over they are made again, and by the zone rules that the system has then. */
static void refresh_calendars(struct node *node)
{
    if (node->draining || uv_now(&node->loop) < node->calendars_ms)
        return;
    node_read_clock(node);
    config_refresh_calendars(node->config, node->now_ms);
    configure(node);
}

static enum status check_room(const struct node *node, const struct config *config, char error[NODE_ERROR_MAX])
{
    const char *channel = engine_channel_beyond(node->engine, config);
    if (channel)
        snprintf(error, NODE_ERROR_MAX,
                 "%s: no room for channel type \"%s\": the store knows others; expected at most %d over all its configurations",
                 node->config_path, channel, LIMIT_CHANNELS);
    return channel ? STATUS_bad_config : STATUS_ok;
}

/* Reads the file; refused is what does not hold, or has no room beside what the store has known. */
static enum status read_config(struct node *node, struct config **out, char error[NODE_ERROR_MAX])
{
    struct config_error problem;
    enum status status = config_load(node->config_path, out, &problem);
    if (status != STATUS_ok)
        snprintf(error, NODE_ERROR_MAX, "%s", problem.text);
    else if ((status = check_room(node, *out, error)) != STATUS_ok)
        config_free(*out);
    return status;
}

/* A configuration that is refused changes nothing: the running one stays. */
static void reload(struct node *node)
{
    struct config *fresh = NULL;
    char error[NODE_ERROR_MAX];
    if (read_config(node, &fresh, error) != STATUS_ok) {
        log_line(&node->log, LOG_error, "config", "not reloaded: %s", error);
        return;
    }
    if (strcmp(fresh->listen, node->config->listen) != 0 || fresh->store_bytes_max != node->config->store_bytes_max)
        log_line(&node->log, LOG_warning, "config", "listen and store_bytes_max take effect at the next start");
    struct config *old = node->config;
    node->config = fresh;
    configure(node);
    config_free(old);
    log_line(&node->log, LOG_info, "config", "reloaded %s", node->config_path);
}

/* --- the loop --- */

static void on_timer(uv_timer_t *timer);

/* One timer for every deadline. The engine's are on its own clock, the node's on the loop's. */
static void arm_timer(struct node *node)
{
    uint64_t now = uv_now(&node->loop);
    uint64_t due = fetch_deadline(node);
    if (!node->draining)
        due = least(due, node->calendars_ms);
    if (!node->in_flight)
        due = least(due, checkpoint_deadline(node));
    if (!node->in_flight && node->batch)
        due = least(due, node->batch_due_ms);
    int64_t tick_ms = engine_deadline_ms(node->engine);
    if (tick_ms != INT64_MAX && !node->draining)
        due = least(due, now + (tick_ms > node->now_ms ? (uint64_t)(tick_ms - node->now_ms) : 0));
    if (due == UINT64_MAX)
        uv_timer_stop(&node->timer);
    else
        uv_timer_start(&node->timer, on_timer, due > now ? due - now : 0, 0);
}

static void run(struct node *node)
{
    uv_update_time(&node->loop);
    refresh_calendars(node);
    turn_run(node);
    arm_timer(node);
    if (node->draining && turn_clean(node))
        uv_stop(&node->loop);
}

/* Between two sleeps of the loop everything that happened, on any connection, is one turn; and nothing that was answered is kept back. */
static void on_turn(uv_prepare_t *turn)
{
    struct node *node = turn->data;
    if (node->due) {
        node->due = false;
        run(node);
    }
    link_flush(node->link);
}

static void on_wake(uv_async_t *wake)
{
    struct node *node = wake->data;
    node->due = true;
}

static void on_timer(uv_timer_t *timer)
{
    struct node *node = timer->data;
    node->due = true;
}

static void on_request(void *context, struct link_request *from, struct span frame)
{
    struct node *node = context;
    inbox_add(&node->inbox, from, frame);
    node->due = true;
}

static void on_peer_gone(void *context, uint32_t peer)
{
    fetch_peer_gone(context, peer);
}

static void drain(struct node *node)
{
    log_line(&node->log, LOG_info, "node", "draining");
    node->draining = true;
    fetch_end_all(node, STATUS_draining);
    store_settle_soon(node->store);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct node *node = handle->data;
    node_read_clock(node);
    if (number == SIGHUP)
        reload(node);
    else if (!node->draining)
        drain(node);
    node->due = true;
}

/* On the store thread. */
static void on_committed(void *context, uint64_t newest_lsn)
{
    struct node *node = context;
    atomic_store(&node->store_newest, newest_lsn);
    atomic_fetch_add(&node->store_commits, 1);
    uv_async_send(&node->wake);
}

/* On a thread of the store. Rows wait for nobody: only a checkpoint goes on. */
static void on_settled(void *context)
{
    struct node *node = context;
    uv_async_send(&node->wake);
}

/* --- opening --- */

/* Blocked before the first thread starts, so that those of the store keep them blocked, and no write of theirs is interrupted. */
static void block_signals(int how)
{
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < NODE_SIGNALS; i++)
        sigaddset(&set, node_signals[i]);
    pthread_sigmask(how, &set, NULL);
}

static void open_loop(struct node *node)
{
    bool ok = uv_loop_init(&node->loop) == 0 && uv_async_init(&node->loop, &node->wake, on_wake) == 0 &&
              uv_timer_init(&node->loop, &node->timer) == 0 && uv_prepare_init(&node->loop, &node->turn) == 0;
    for (int i = 0; i < NODE_SIGNALS && ok; i++) {
        ok = uv_signal_init(&node->loop, &node->signals[i]) == 0 && uv_signal_start(&node->signals[i], on_signal, node_signals[i]) == 0;
        node->signals[i].data = node;
    }
    if (!ok)
        fatal(FATAL_system, "node: cannot set up the event loop");
    node->wake.data = node->timer.data = node->turn.data = node;
    node->started_ms = uv_now(&node->loop);
}

static enum status open_store(struct node *node, const char *directory, char error[NODE_ERROR_MAX])
{
    struct store_error problem = {0};
    struct store_options options = {
        .directory = directory,
        .map_bytes = node->config->store_bytes_max,
        .on_committed = on_committed,
        .on_settled = on_settled,
        .context = node,
    };
    enum status status = store_open(&options, &node->store, &problem);
    if (status == STATUS_ok)
        log_line(&node->log, LOG_info, "store", "opened %s", directory);
    else
        snprintf(error, NODE_ERROR_MAX, "%s", problem.text);
    return status;
}

static enum status open_engine(struct node *node, char error[NODE_ERROR_MAX])
{
    struct hash_key key = store_hash_key(node->store);
    node->reader = store_reader(node->store);
    node->engine = engine_create(key);
    recovery_run(node);
    clock_init(&node->clock, node->now_ms, uv_hrtime());
    node_read_clock(node);
    engine_resume(node->engine, node->now_ms);
    enum status status = check_room(node, node->config, error);
    if (status == STATUS_ok)
        configure(node);
    return status;
}

static enum status open_link(struct node *node, const char *url, char error[NODE_ERROR_MAX])
{
    struct buffer reply = {0};
    struct frame overloaded = {.verb = VERB_error,
                               .error = {.status = STATUS_overloaded, .detail = span_of("too many requests on one connection")}};
    codec_encode(&reply, &overloaded);
    struct link_options options = {
        .loop = &node->loop,
        .url = url,
        .frame_bytes_max = WIRE_FRAME_MAX,
        .unfinished_bytes_max = LIMIT_UNFINISHED_BYTES,
        .peers_max = LIMIT_CONNECTIONS,
        .per_pipe_max = LIMIT_REQUESTS_PER_PIPE,
        .context = node,
        .on_request = on_request,
        .on_peer_gone = on_peer_gone,
        .overloaded_reply = buffer_span(&reply),
    };
    enum status status = link_open(&options, &node->link, error);
    buffer_fini(&reply);
    return status;
}

enum status node_open(const struct node_options *options, struct node **out, char error[NODE_ERROR_MAX])
{
    struct node *node = must_zalloc(1, sizeof *node);
    node->log.verbose = options->verbose;
    node->config = options->config;
    node->config_path = options->config_path;
    block_signals(SIG_BLOCK);
    open_loop(node);
    enum status status = open_store(node, options->data, error);
    if (status == STATUS_ok)
        status = open_engine(node, error);
    if (status == STATUS_ok)
        status = open_link(node, options->listen ? options->listen : node->config->listen, error);
    block_signals(SIG_UNBLOCK);
    if (status == STATUS_ok)
        *out = node;
    else
        node_close(node);
    return status;
}

const char *node_url(const struct node *node)
{
    return link_url(node->link);
}

/* --- running and closing --- */

void node_run(struct node *node)
{
    log_line(&node->log, LOG_info, "node", "serving at %s", node_url(node));
    node->due = true;
    uv_prepare_start(&node->turn, on_turn);
    uv_run(&node->loop, UV_RUN_DEFAULT);
    log_line(&node->log, LOG_info, "node", "everything is durable up to record %llu", (unsigned long long)node->committed);
}

/* What came while draining is told so. */
static void close_link(struct node *node)
{
    struct request *request;
    while ((request = inbox_take(&node->inbox))) {
        request_error(request, STATUS_draining, NULL);
        inbox_answer(&node->inbox, request, buffer_span(&request->reply));
    }
    link_close(node->link);
}

static void close_loop(struct node *node)
{
    uv_close((uv_handle_t *)&node->wake, NULL);
    uv_close((uv_handle_t *)&node->timer, NULL);
    uv_close((uv_handle_t *)&node->turn, NULL);
    for (int i = 0; i < NODE_SIGNALS; i++)
        uv_close((uv_handle_t *)&node->signals[i], NULL);
    uv_run(&node->loop, UV_RUN_DEFAULT);
    int busy = uv_loop_close(&node->loop);
    ASSERT(busy == 0);
}

void node_close(struct node *node)
{
    if (node->link)
        close_link(node);
    if (node->reader)
        store_reader_free(node->reader);
    if (node->store)
        store_close(node->store);
    close_loop(node); /* waits for whoever is at work on memory of the engine's */
    if (node->engine)
        engine_destroy(node->engine);
    inbox_fini(&node->inbox);
    fetch_fini(&node->fetches);
    map_fini(&node->connections);
    plan_fini(&node->plan);
    buffer_fini(&node->scratch);
    buffer_fini(&node->out);
    buffer_fini(&node->front);
    arena_fini(&node->arena);
    patterns_fini(&node->patterns);
    config_free(node->config);
    free(node);
}
