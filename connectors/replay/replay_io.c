#include "connectors/replay/replay_io.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "connectors/replay/replay_map.h"
#include "proto/expect.h"

enum {
    RETRY_MS = 200, /* before a message that the broker could not take now is sent again */
    PROGRESS_MS = 200,
    COMPLAINTS_MAX = 20, /* dialogues named on stderr at the end */
};

struct replay {
    struct run run;
    struct client *client;
    const struct replay_options *options;
    const struct dialogue *const *dialogues;
    struct replay_counts *counts;
    struct player *players;
    uint32_t players_count, next; /* next dialogue to begin */
    struct table by_address;      /* address -> player */
    struct table keys;            /* address and key of every reply heard */
    uv_timer_t progress;
    uint64_t begun_ns, moved_ms;
    bool show;
};

struct player { /* a place for one dialogue at a time */
    struct replay *replay;
    struct part part;
    uv_timer_t timer; /* until the next turn is due, or is tried again */
    uint64_t begun_ms;
    bool busy, waiting;
};

static void player_begin(struct player *player);

static void replay_moved(struct replay *replay)
{
    replay->moved_ms = uv_now(&replay->run.loop);
}

static void player_submit(struct player *player)
{
    struct wire_change change = replay_message(player->part.dialogue, player->part.say);
    player->part.saying = true;
    uint32_t lane = (uint32_t)(player - player->replay->players);
    enum status status = client_submit(player->replay->client, lane, &change, (uint64_t)(uintptr_t)player);
    EXPECT(status == STATUS_ok); /* one change for each player stays within what the client was told to hold */
}

static void player_on_timer(uv_timer_t *timer)
{
    struct player *player = timer->data;
    player->waiting = false;
    if (!player->replay->run.draining)
        player_submit(player);
}

static void player_wait(struct player *player, uint64_t wait_ms)
{
    player->waiting = true;
    uv_timer_start(&player->timer, player_on_timer, wait_ms, 0);
}

static uint64_t player_due_ms(const struct player *player)
{
    const struct part *part = &player->part;
    double offset_ms = (double)part->dialogue->turns[part->say].offset_ms / player->replay->options->speed;
    uint64_t due_ms = player->begun_ms + (uint64_t)offset_ms, now_ms = uv_now(&player->replay->run.loop);
    return due_ms > now_ms ? due_ms - now_ms : 0;
}

static void player_end(struct player *player)
{
    struct replay *replay = player->replay;
    struct replay_counts *counts = replay->counts;
    table_remove(&replay->by_address, table_key(player->part.dialogue->address));
    player->busy = false;
    if (counts->complete + counts->refused == counts->dialogues)
        run_drain(&replay->run, counts->mismatches + counts->refused > 0);
    else
        player_begin(player);
}

static void player_fail(struct player *player, const struct wire_result *result)
{
    struct replay *replay = player->replay;
    struct span id = player->part.dialogue->id, detail = result->detail;
    fprintf(stderr, "%s: dialogue %.*s, turn %u: the broker refused it: %s%s%.*s\n", replay->run.program, (int)id.size, id.data,
            player->part.say, status_text((enum status)result->status), detail.size ? ": " : "", (int)detail.size, detail.data);
    replay->counts->refused++;
    player_end(player);
}

static void player_go_on(struct player *player)
{
    const struct replay_options *options = player->replay->options;
    if (player->replay->run.draining || player->waiting)
        return;
    if (part_is_complete(&player->part)) {
        player->replay->counts->complete++;
        player_end(player);
    } else if (part_may_say(&player->part, options->closed)) {
        if (options->closed)
            player_submit(player);
        else
            player_wait(player, player_due_ms(player));
    }
}

static void player_begin(struct player *player)
{
    struct replay *replay = player->replay;
    if (replay->next == replay->counts->dialogues)
        return;
    part_begin(&player->part, replay->dialogues[replay->next++]);
    player->busy = true;
    player->begun_ms = uv_now(&replay->run.loop);
    table_put(&replay->by_address, table_key(player->part.dialogue->address), player);
    player_go_on(player);
}

static void replay_on_result(void *context, uint64_t tag, const struct wire_result *result)
{
    struct replay *replay = context;
    struct player *player = (struct player *)(uintptr_t)tag;
    if (result->status == STATUS_ok) {
        replay_moved(replay);
        replay->counts->messages++;
        part_said(&player->part);
        player_go_on(player);
    } else if (result->status == STATUS_overloaded || result->status == STATUS_draining) {
        player_wait(player, RETRY_MS);
    } else {
        player_fail(player, result);
    }
}

/* Over a restart of the broker a reply may come again, also after its dialogue has ended. */
static bool replay_is_new(struct replay *replay, const struct wire_record *reply)
{
    uint64_t key = table_key(reply->address) ^ (table_key(reply->key) * 31 + 1);
    if (reply->key.size == 0)
        return true;
    if (table_get(&replay->keys, key)) {
        replay->counts->duplicates++;
        return false;
    }
    table_put(&replay->keys, key, replay);
    return true;
}

static void player_hear(struct player *player, const struct wire_record *reply)
{
    uint32_t turn;
    struct replay *replay = player->replay;
    struct span id = player->part.dialogue->id;
    replay->counts->replies++;
    enum part_heard heard = part_hear(&player->part, reply->text, &turn);
    if (heard != PART_expected) {
        replay->counts->mismatches++;
        const char *why = heard == PART_different ? "the reply is not what was recorded" : "a reply more than recorded";
        fprintf(stderr, "%s: dialogue %.*s, turn %u: %s: \"%.*s\"\n", replay->run.program, (int)id.size, id.data, turn, why,
                (int)reply->text.size, reply->text.data);
    }
    player_go_on(player);
}

static void replay_on_delivery(void *context, const struct wire_record *record)
{
    struct replay *replay = context;
    replay_moved(replay);
    if (record->kind != RECORD_reply || !replay_is_new(replay, record))
        return;
    struct player *player = table_get(&replay->by_address, table_key(record->address));
    /* The reply's lsn grows within a conversation: one that does not is a repeat. */
    if (!player || !span_equal(player->part.dialogue->address, record->address))
        return;
    if (record->lsn <= player->part.heard_lsn) {
        replay->counts->duplicates++;
        return;
    }
    player->part.heard_lsn = record->lsn;
    player_hear(player, record);
}

static void replay_on_refused(void *context, enum status status, struct span detail)
{
    struct replay *replay = context;
    run_refused(&replay->run, replay->options->account, status, detail);
}

/* A signal ends the replay before its work is done. */
static void replay_on_drain(void *context)
{
    struct replay *replay = context;
    if (replay->counts->complete < replay->counts->dialogues)
        replay->run.exit_code = 1;
}

static double replay_seconds(const struct replay *replay)
{
    return (double)(uv_hrtime() - replay->begun_ns) / 1e9;
}

static void replay_show(const struct replay *replay)
{
    const struct replay_counts *counts = replay->counts;
    bool lost = replay->client && client_session(replay->client) == 0;
    fprintf(stderr, "\r%s: %llu of %llu dialogues, %llu messages, %llu replies, %.1f s%s ", replay->options->account,
            (unsigned long long)counts->complete, (unsigned long long)counts->dialogues, (unsigned long long)counts->messages,
            (unsigned long long)counts->replies, replay_seconds(replay), lost ? ", no broker" : "");
}

/* For the time of a recorded turn, which is no fault of anybody's. */
static bool replay_is_waiting(const struct replay *replay)
{
    for (uint32_t i = 0; i < replay->players_count; i++) {
        const struct player *player = &replay->players[i];
        if (player->busy && player->waiting && !player->part.saying)
            return true;
    }
    return false;
}

static void replay_on_progress(uv_timer_t *timer)
{
    struct replay *replay = timer->data;
    if (replay->show)
        replay_show(replay);
    uint64_t still_ms = uv_now(&replay->run.loop) - replay->moved_ms;
    if (replay->options->stall_ms > 0 && still_ms > replay->options->stall_ms && !replay_is_waiting(replay))
        run_fail(&replay->run, "giving up: nothing moved for %llu s", (unsigned long long)(replay->options->stall_ms / 1000));
}

static bool replay_open(struct replay *replay)
{
    const struct replay_options *options = replay->options;
    struct client_options client = {
        .url = options->url,
        .role = ROLE_connector,
        .name = options->account,
        .token = options->token,
        .fetch = true,
        .context = replay,
        .on_result = replay_on_result,
        .on_delivery = replay_on_delivery,
        .on_refused = replay_on_refused,
    };
    return run_client(&replay->run, &client, &replay->client);
}

static void replay_begin(struct replay *replay)
{
    uint32_t count =
        replay->options->concurrent < replay->counts->dialogues ? replay->options->concurrent : (uint32_t)replay->counts->dialogues;
    replay->players = calloc(count, sizeof *replay->players);
    EXPECT(replay->players);
    replay->players_count = count;
    replay->begun_ns = uv_hrtime();
    replay_moved(replay);
    for (uint32_t i = 0; i < count; i++) {
        struct player *player = &replay->players[i];
        player->replay = replay;
        uv_timer_init(&replay->run.loop, &player->timer);
        player->timer.data = player;
        player_begin(player);
    }
    uv_timer_init(&replay->run.loop, &replay->progress);
    replay->progress.data = replay;
    uv_timer_start(&replay->progress, replay_on_progress, PROGRESS_MS, PROGRESS_MS);
}

static void player_complain(const struct player *player)
{
    const struct part *part = &player->part;
    struct span id = part->dialogue->id;
    const char *what = "was not said yet";
    uint32_t turn = part->say;
    if (part->saying) {
        what = "has no answer from the broker";
    } else if (part->hear < part->say) {
        what = "was not heard: no reply came";
        turn = part->hear;
    }
    fprintf(stderr, "%s: dialogue %.*s is not complete: turn %u of %u %s\n", player->replay->run.program, (int)id.size, id.data, turn,
            part->dialogue->turns_count, what);
}

/* Which dialogues are not complete; a run that never got as far as one message has said why already. */
static void replay_complain(const struct replay *replay)
{
    const struct replay_counts *counts = replay->counts;
    uint64_t open = counts->messages > 0 ? counts->dialogues - counts->complete - counts->refused : 0;
    uint32_t complaints = 0;
    for (uint32_t i = 0; i < replay->players_count && complaints < COMPLAINTS_MAX && complaints < open; i++) {
        if (replay->players[i].busy) {
            player_complain(&replay->players[i]);
            complaints++;
        }
    }
    if (open > complaints)
        fprintf(stderr, "%s: and %llu more\n", replay->run.program, (unsigned long long)(open - complaints));
}

int replay_run(const char *program, const struct replay_options *options, const struct dialogue *const *dialogues, uint32_t count,
               struct replay_counts *counts)
{
    struct replay replay = {.options = options, .dialogues = dialogues, .counts = counts, .show = isatty(STDERR_FILENO)};
    *counts = (struct replay_counts){.dialogues = count};
    run_open(&replay.run, program, options->url);
    replay.run.on_drain = replay_on_drain;
    replay.run.context = &replay;
    if (!replay_open(&replay))
        return run_loop(&replay.run);
    replay_begin(&replay);
    int code = run_loop(&replay.run);
    replay.client = NULL;
    if (replay.show)
        replay_show(&replay);
    if (replay.show)
        fputc('\n', stderr);
    counts->seconds = replay_seconds(&replay);
    replay_complain(&replay);
    table_fini(&replay.by_address);
    table_fini(&replay.keys);
    free(replay.players);
    return code;
}
