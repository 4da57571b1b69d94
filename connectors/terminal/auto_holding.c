#include "connectors/terminal/auto_holding.h"

#include <stdio.h>
#include <stdlib.h>

enum { HISTORY_WAIT_MS = 2000 }; /* for one page */

static void holding_go_on(struct holding *holding);
static void holding_ask(struct holding *holding);

struct holding *holding_find(const struct agent *agent, uint64_t conversation)
{
    return table_get(&agent->holdings, conversation);
}

static struct holding *holding_take(struct agent *agent)
{
    struct holding *holding = agent->unused_holdings;
    if (holding) {
        agent->unused_holdings = holding->next;
        return holding;
    }
    holding = arena_take(&agent->arena, sizeof *holding);
    uv_timer_init(&agent->run->loop, &holding->timer);
    holding->timer.data = holding;
    holding->agent = agent;
    return holding;
}

static struct holding *holding_make(struct agent *agent, uint64_t conversation)
{
    struct holding *holding = holding_take(agent);
    holding->conversation = conversation;
    holding->epoch = holding->before = holding->answered = 0;
    holding->dialogue = NULL;
    holding->place = (struct place){0};
    holding->busy = false;
    table_put(&agent->holdings, conversation, holding);
    return holding;
}

void holding_end(struct holding *holding)
{
    struct agent *agent = holding->agent;
    uv_timer_stop(&holding->timer);
    buffer_fini(&holding->unanswered);
    table_remove(&agent->holdings, holding->conversation);
    holding->next = agent->unused_holdings;
    agent->unused_holdings = holding;
}

/* --- what it has seen --- */

/* The keys of ready-made answers say which message they answer. */
static struct span holding_answer_key(const struct holding *holding, uint64_t lsn, char out[WIRE_KEY_MAX])
{
    int size = snprintf(out, WIRE_KEY_MAX, "answer-%llu-%llu", (unsigned long long)holding->conversation, (unsigned long long)lsn);
    return (struct span){out, (uint32_t)size};
}

static void holding_see_answer(struct holding *holding, struct span key)
{
    char text[WIRE_KEY_MAX + 1], own[WIRE_KEY_MAX];
    memcpy(text, key.data, key.size);
    text[key.size] = 0;
    const char *dash = strrchr(text, '-');
    uint64_t lsn = dash ? strtoull(dash + 1, NULL, 10) : 0;
    if (lsn > holding->answered && span_equal(holding_answer_key(holding, lsn, own), key))
        holding->answered = lsn;
}

static void holding_see(struct holding *holding, const struct wire_record *record)
{
    if (holding->dialogue)
        autoplay_see(&holding->place, holding->dialogue, record);
    else if (record->kind == RECORD_message)
        buffer_append(&holding->unanswered, &record->lsn, sizeof record->lsn);
    else if (record->kind == RECORD_reply && record->key.size <= WIRE_KEY_MAX)
        holding_see_answer(holding, record->key);
}

/* Older records can only matter while one side has not been seen at all: the newest turn of each side is the place. */
static bool holding_is_placed(const struct holding *holding)
{
    return !holding->dialogue || (holding->place.heard > 0 && holding->place.played > 0);
}

static void holding_look_at(struct holding *holding, const struct wire_record *records, uint32_t count, uint64_t before)
{
    for (uint32_t i = 0; i < count; i++)
        holding_see(holding, &records[i]);
    holding->before = holding_is_placed(holding) ? 0 : before;
}

/* False when the broker did not answer: to be asked again later. */
static bool holding_page(struct holding *holding, uint64_t before, struct wire_page *out)
{
    struct agent *agent = holding->agent;
    struct frame request = {.verb = VERB_history, .history = {.conversation = holding->conversation, .before = before}}, reply;
    struct codec_error error;
    arena_clear(&agent->pages);
    if (client_call(agent->client, &request, HISTORY_WAIT_MS, &agent->pages, &reply, &error) != STATUS_ok)
        return false;
    *out = reply.page;
    return true;
}

static bool holding_look_back(struct holding *holding)
{
    struct wire_page page;
    while (holding->before > 0) {
        if (!holding_page(holding, holding->before, &page))
            return false;
        holding_look_at(holding, page.records, page.records_count, page.before);
    }
    return true;
}

/* --- what it does next --- */

static void holding_on_timer(uv_timer_t *timer)
{
    struct holding *holding = timer->data;
    holding->busy = false;
    holding_go_on(holding);
}

static void holding_wait(struct holding *holding, uint64_t wait_ms, uv_timer_cb then)
{
    holding->busy = true;
    uv_timer_start(&holding->timer, then, wait_ms, 0);
}

static void holding_submit(struct holding *holding, enum errand_kind kind, uint64_t what, const struct wire_change *change)
{
    struct errand errand = {.kind = kind, .conversation = holding->conversation, .epoch = holding->epoch, .what = what};
    holding->busy = true;
    agent_submit(holding->agent, &errand, change);
}

static void holding_finish(struct holding *holding)
{
    char key[64];
    int size = snprintf(key, sizeof key, "finish-%llu-%llu", (unsigned long long)holding->conversation, (unsigned long long)holding->epoch);
    struct wire_change change = {.kind = CHANGE_finish,
                                 .key = {key, (uint32_t)size},
                                 .conversation = holding->conversation,
                                 .epoch = holding->epoch,
                                 .state = SUBSTATE_resolved};
    holding_submit(holding, ERRAND_finish, 0, &change);
}

static void holding_answer(struct holding *holding, uint64_t lsn)
{
    char key[WIRE_KEY_MAX];
    struct wire_change change = {.kind = CHANGE_reply,
                                 .key = holding_answer_key(holding, lsn, key),
                                 .conversation = holding->conversation,
                                 .epoch = holding->epoch,
                                 .text = autoplay_ready_made()};
    holding_submit(holding, ERRAND_answer, lsn, &change);
}

/* The oldest message without an answer; 0 when there is none. */
static uint64_t holding_unanswered(const struct holding *holding)
{
    for (size_t at = 0; at < holding->unanswered.size; at += sizeof(uint64_t)) {
        uint64_t lsn;
        memcpy(&lsn, holding->unanswered.data + at, sizeof lsn);
        if (lsn > holding->answered)
            return lsn;
    }
    return 0;
}

static void holding_forget_answered(struct holding *holding)
{
    if (holding_unanswered(holding) == 0)
        buffer_clear(&holding->unanswered);
}

/* Says what is next to be said, now. */
static void holding_speak(uv_timer_t *timer)
{
    struct holding *holding = timer->data;
    uint32_t turn;
    holding->busy = false;
    if (holding->agent->run->draining)
        return;
    if (!holding->dialogue) {
        holding_answer(holding, holding_unanswered(holding));
    } else if (autoplay_next(holding->place, holding->dialogue, &turn) == AUTOPLAY_play) {
        struct wire_change change = autoplay_change(holding->dialogue, turn, holding->conversation, holding->epoch);
        holding_submit(holding, ERRAND_turn, turn, &change);
    }
}

static void holding_think(struct holding *holding)
{
    if (holding->agent->pace_ms > 0)
        holding_wait(holding, holding->agent->pace_ms, holding_speak);
    else
        holding_speak(&holding->timer);
}

/* The dialogue hands the conversation over to the agent that has it. */
static bool holding_is_target(const struct holding *holding, uint32_t turn)
{
    const struct handover *handover = holding->dialogue->turns[turn].handover;
    return handover && span_equal(handover->agent, span_of(holding->agent->name));
}

static void holding_play(struct holding *holding)
{
    uint32_t turn;
    enum autoplay_step step;
    while ((step = autoplay_next(holding->place, holding->dialogue, &turn)) == AUTOPLAY_play && holding_is_target(holding, turn))
        holding->place.played = turn + 1;
    switch (step) {
    case AUTOPLAY_listen:
        return;
    case AUTOPLAY_play:
        holding_think(holding);
        return;
    case AUTOPLAY_finish:
        holding_finish(holding);
        return;
    }
}

static void holding_go_on(struct holding *holding)
{
    if (holding->busy || holding->agent->run->draining)
        return;
    if (holding->epoch == 0) {
        holding_ask(holding);
        return;
    }
    if (!holding_look_back(holding))
        holding_wait(holding, AUTO_RETRY_MS, holding_on_timer);
    else if (holding->dialogue)
        holding_play(holding);
    else if (holding_unanswered(holding) > 0)
        holding_think(holding);
}

/* --- what happens to it --- */

static void holding_open(struct holding *holding, uint64_t epoch, struct span address)
{
    holding->epoch = epoch;
    holding->dialogue = dialogues_find(holding->agent->dialogues, address);
}

void holding_begin(struct agent *agent, const struct wire_record *assigned)
{
    struct holding *holding = holding_find(agent, assigned->conversation);
    if (holding && holding->epoch == assigned->epoch)
        return; /* delivered again over a restart of the broker */
    if (holding)
        holding_end(holding);
    holding = holding_make(agent, assigned->conversation);
    holding_open(holding, assigned->epoch, assigned->address);
    holding_look_at(holding, assigned->history, assigned->history_count, assigned->before);
    holding_go_on(holding);
}

static void holding_ask(struct holding *holding)
{
    struct wire_page page;
    if (!holding_page(holding, 0, &page)) {
        holding_wait(holding, AUTO_RETRY_MS, holding_on_timer);
        return;
    }
    if (!span_equal(page.owner, span_of(holding->agent->name))) {
        holding_end(holding);
        return;
    }
    holding_open(holding, page.epoch, page.address);
    holding_look_at(holding, page.records, page.records_count, page.before);
    holding_go_on(holding);
}

void holding_adopt(struct agent *agent, uint64_t conversation)
{
    holding_go_on(holding_make(agent, conversation));
}

void holding_hear(struct holding *holding, const struct wire_record *message)
{
    holding_see(holding, message);
    holding_go_on(holding);
}

static void holding_done(struct holding *holding, const struct errand *errand)
{
    holding->busy = false;
    if (errand->kind == ERRAND_answer) {
        holding->answered = errand->what;
        holding_forget_answered(holding);
        holding_go_on(holding);
    } else if (errand->kind == ERRAND_finish || holding->dialogue->turns[errand->what].handover) {
        holding_end(holding);
    } else {
        holding->place.played = (uint32_t)errand->what + 1;
        holding_go_on(holding);
    }
}

/* Whether the same change may be taken later. A hand-over to an agent who is not signed in is an illegal move until that agent comes. */
static bool holding_may_retry(const struct holding *holding, const struct errand *errand, enum status status)
{
    bool handover = errand->kind == ERRAND_turn && holding->dialogue->turns[errand->what].handover;
    return status == STATUS_overloaded || status == STATUS_draining || (status == STATUS_illegal_move && handover);
}

/* Whether it is no fault of anybody's: somebody else has the conversation, or it is over. */
static bool is_gone(enum status status)
{
    return status == STATUS_stale_epoch || status == STATUS_not_owner || status == STATUS_illegal_move ||
           status == STATUS_unknown_conversation;
}

void holding_settle(struct holding *holding, const struct errand *errand, const struct wire_result *result)
{
    enum status status = (enum status)result->status;
    const struct agent *agent = holding->agent;
    if (status == STATUS_ok) {
        holding_done(holding, errand);
        return;
    }
    if (holding_may_retry(holding, errand, status)) {
        holding_wait(holding, AUTO_RETRY_MS, holding_on_timer);
        return;
    }
    if (!is_gone(status))
        fprintf(stderr, "%s: %s: conversation %llu, turn %llu: %s %.*s\n", agent->run->program, agent->name,
                (unsigned long long)errand->conversation, (unsigned long long)errand->what, status_text(status), (int)result->detail.size,
                result->detail.size ? result->detail.data : "");
    holding_end(holding);
}
