#include "story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/conversation.h"
#include "engine/explain.h"
#include "engine/tie.h"
#include "world.h"

enum { WORDS_MAX = 12, LINES_MAX = 64, NAMES_MAX = 64 };

struct teller {
    struct world world;
    session_id sessions[NAMES_MAX]; /* by name_id */
    bool stays[NAMES_MAX];          /* gives a sign of life whenever time passes */
    char *words[WORDS_MAX];
    int words_count;
    char lines[LINES_MAX][256]; /* what the last command showed */
    int lines_count, lines_checked;
    int line_number;
    uint32_t keys;
    char key[32];
    struct requirement requirement;
    uint64_t patterns;
    const struct config *after_reload; /* NULL: the same again */
    bool brief;                        /* only what follows from a beginning is shown */
};

static void show(struct teller *teller, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void show(struct teller *teller, const char *format, ...)
{
    va_list arguments;
    assert_true(teller->lines_count < LINES_MAX);
    va_start(arguments, format);
    vsnprintf(teller->lines[teller->lines_count++], sizeof teller->lines[0], format, arguments);
    va_end(arguments);
}

static const char *name_of(struct teller *teller, name_id id)
{
    static char text[4][65];
    static int next;
    struct span name = engine_name(teller->world.engine, id);
    char *out = text[next++ & 3];
    snprintf(out, sizeof text[0], "%.*s", (int)name.size, name.data);
    return out;
}

/* What somebody said, if anything. */
static void append(char out[256], struct span said)
{
    size_t size = strlen(out);
    if (said.size)
        snprintf(out + size, 256 - size, " %.*s", (int)said.size, said.data);
}

static void tell_agent_state(const struct record *record, const char *agent, char out[256])
{
    int size = snprintf(out, 256, "agent_state %s %s", agent, agent_state_word(record->value));
    if (record->until_ms)
        snprintf(out + size, 256 - (size_t)size, " until %lld", (long long)record->until_ms - STORY_START_MS);
    append(out, record->reason);
}

static void tell_moved(const struct record *record, const char *queue, char out[256])
{
    int size = snprintf(out, 256, "moved c%llu %s %s", (unsigned long long)record->conversation, queue, cause_word(record->cause));
    if (record->count)
        snprintf(out + size, 256 - (size_t)size, " after %u", record->count);
}

static void tell_routing(struct teller *teller, const struct record *record, char out[256])
{
    const char *agent = name_of(teller, record->agent), *queue = name_of(teller, record->queue);
    unsigned long long c = record->conversation;
    const char *word = record_kind_word(record->kind);
    switch (record->kind) {
    case RECORD_relaxed:
        snprintf(out, 256, "%s c%llu %s %s step %u", word, c, queue, priority_word(record->priority), record->step + 1);
        break;
    case RECORD_moved:
        tell_moved(record, queue, out);
        break;
    case RECORD_requeued:
        snprintf(out, 256, "%s c%llu %s e%u %s", word, c, agent, record->epoch, cause_word(record->cause));
        append(out, record->reason);
        break;
    case RECORD_held:
        snprintf(out, 256, "%s c%llu %s until %lld", word, c, substate_word(record->value), (long long)record->until_ms - STORY_START_MS);
        break;
    case RECORD_inactive:
        snprintf(out, 256, "%s c%llu %s", word, c, agent);
        break;
    case RECORD_overdue:
        snprintf(out, 256, "%s c%llu %s", word, c, deadline_word(record->value));
        break;
    case RECORD_asked:
        snprintf(out, 256, "%s c%llu %s %s %s", word, c, agent, tie_kind_word(record->tie),
                 record->target ? name_of(teller, record->target) : queue);
        append(out, record->text);
        break;
    case RECORD_joined:
        snprintf(out, 256, "%s c%llu %s", word, c, agent);
        break;
    case RECORD_lent:
        snprintf(out, 256, "%s c%llu %s e%u until %lld", word, c, name_of(teller, record->target), record->epoch,
                 (long long)record->until_ms - STORY_START_MS);
        append(out, record->reason);
        break;
    case RECORD_recalled:
        snprintf(out, 256, "%s c%llu %s%s%s e%u %s", word, c, agent, *agent ? " " : "", tie_kind_word(record->tie), record->epoch,
                 cause_word(record->cause));
        append(out, record->result);
        break;
    case RECORD_queue_state:
        snprintf(out, 256, "%s %s %s", word, queue, record->value ? "paused" : "running");
        break;
    default:
        break;
    }
}

/* A record as the story tells it; empty for bookkeeping that no story speaks of. */
static void tell(struct teller *teller, const struct record *record, char out[256])
{
    const char *agent = name_of(teller, record->agent), *queue = name_of(teller, record->queue);
    unsigned long long c = record->conversation;
    const char *word = record_kind_word(record->kind);
    out[0] = 0;
    switch (record->kind) {
    case RECORD_declared:
    case RECORD_session_opened:
    case RECORD_customer_opened:
        break;
    case RECORD_session_closed:
        snprintf(out, 256, "%s %s %s", word, agent, cause_word(record->cause));
        break;
    case RECORD_conversation_opened:
        snprintf(out, 256, "%s c%llu%s", word, c, record->ref ? " again" : "");
        break;
    case RECORD_message:
    case RECORD_reply:
    case RECORD_note:
        snprintf(out, 256, "%s c%llu #%llu %.*s", word, c, (unsigned long long)record->sequence, (int)record->text.size, record->text.data);
        break;
    case RECORD_receipt:
        snprintf(out, 256, "%s c%llu %s", word, c, receipt_word(record->value));
        break;
    case RECORD_queued:
        snprintf(out, 256, "%s c%llu %s %s", word, c, queue, priority_word(record->priority));
        break;
    case RECORD_offered:
        snprintf(out, 256, "%s c%llu %s until %lld%s%s", word, c, agent, (long long)record->until_ms - STORY_START_MS,
                 record->tie == TIE_offer ? "" : " ", record->tie == TIE_offer ? "" : tie_kind_word(record->tie));
        break;
    case RECORD_withdrawn:
        snprintf(out, 256, "%s c%llu %s %s", word, c, agent, cause_word(record->cause));
        append(out, record->reason);
        break;
    case RECORD_assigned:
    case RECORD_resumed:
        snprintf(out, 256, "%s c%llu %s e%u", word, c, agent, record->epoch);
        break;
    case RECORD_transferred:
        snprintf(out, 256, "%s c%llu %s e%u %s%s%s", word, c, agent, record->epoch, queue, record->target ? " to " : "",
                 name_of(teller, record->target));
        append(out, record->text);
        break;
    case RECORD_finished:
        snprintf(out, 256, "%s c%llu %s", word, c, substate_word(record->value));
        break;
    case RECORD_reopened:
        snprintf(out, 256, "%s c%llu", word, c);
        break;
    case RECORD_agent_state:
        tell_agent_state(record, agent, out);
        break;
    case RECORD_requeued:
    case RECORD_relaxed:
    case RECORD_moved:
    case RECORD_held:
    case RECORD_inactive:
    case RECORD_overdue:
    case RECORD_asked:
    case RECORD_joined:
    case RECORD_lent:
    case RECORD_recalled:
    case RECORD_queue_state:
        tell_routing(teller, record, out);
        break;
    case RECORD_delivered:
        snprintf(out, 256, "%s %s", word, agent);
        break;
    }
}

static bool is_beginning(enum record_kind kind)
{
    return kind == RECORD_conversation_opened || kind == RECORD_message || kind == RECORD_agent_state;
}

static void show_step(struct teller *teller)
{
    const struct plan *plan = &teller->world.plan;
    char line[256];
    if (plan->outcome.status)
        show(teller, "refused %s%s%s", status_name(plan->outcome.status), plan->outcome.owner ? " owner " : "",
             name_of(teller, plan->outcome.owner));
    if (plan->outcome.duplicate)
        show(teller, "duplicate");
    for (uint32_t i = 0; i < plan->records_count; i++) {
        tell(teller, &plan->records[i], line);
        if (line[0] && !(teller->brief && is_beginning(plan->records[i].kind)))
            show(teller, "%s", line);
    }
}

static name_id find_anyone(struct teller *teller, const char *name)
{
    for (enum name_kind kind = NAME_KIND_queue; kind <= NAME_KIND_operator; kind++) {
        name_id id = engine_find_name(teller->world.engine, kind, span_of(name));
        if (id && kind != NAME_KIND_queue && kind != NAME_KIND_skill)
            return id;
    }
    fail_msg("line %d: nobody is called %s", teller->line_number, name);
    return 0;
}

static const char *option(struct teller *teller, const char *name)
{
    size_t size = strlen(name);
    for (int i = 1; i < teller->words_count; i++)
        if (strncmp(teller->words[i], name, size) == 0 && teller->words[i][size] == '=')
            return teller->words[i] + size + 1;
    return NULL;
}

static struct span key_of(struct teller *teller)
{
    const char *given = option(teller, "key");
    snprintf(teller->key, sizeof teller->key, "k%u", ++teller->keys);
    return span_of(given ? given : teller->key);
}

/* The number behind the letter of the word that starts with it: cN, eN; 0: none. */
static uint64_t number_after(struct teller *teller, char letter)
{
    for (int i = 1; i < teller->words_count; i++)
        if (teller->words[i][0] == letter && strspn(teller->words[i] + 1, "0123456789") == strlen(teller->words[i] + 1) &&
            teller->words[i][1])
            return strtoull(teller->words[i] + 1, NULL, 10);
    return 0;
}

static void read_target(struct teller *teller, struct event *event)
{
    const char *queue = option(teller, "queue"), *agent = option(teller, "agent"), *skill = option(teller, "skill");
    if (queue)
        event->queue = engine_find_name(teller->world.engine, NAME_KIND_queue, span_of(queue));
    if (agent)
        event->agent = find_anyone(teller, agent);
    if (!skill)
        return;
    const char *colon = strchr(skill, ':');
    struct span name = {skill, (uint32_t)(colon - skill)};
    teller->requirement = (struct requirement){.all_count = 1};
    teller->requirement.all[0] =
        (struct skill_level){engine_find_name(teller->world.engine, NAME_KIND_skill, name), (uint8_t)atoi(colon + 1)};
    event->requirement = &teller->requirement;
}

static struct event read_event(struct teller *teller, enum event_kind kind)
{
    struct event event = {.kind = kind, .key = key_of(teller)};
    const char *topic = option(teller, "topic"), *language = option(teller, "language"), *priority = option(teller, "priority");
    const char *delay = option(teller, "delay");
    event.session = teller->sessions[find_anyone(teller, teller->words[1])];
    event.conversation = number_after(teller, 'c');
    event.epoch = (uint32_t)number_after(teller, 'e');
    event.topic = span_of(topic);
    event.language = span_of(language);
    event.priority = (enum priority)priority_of(span_of(priority));
    event.reason = span_of(option(teller, "reason"));
    event.result = span_of(option(teller, "result"));
    event.warm = option(teller, "warm") != NULL;
    event.delay_ms = delay ? (uint32_t)atoi(delay) : 0;
    read_target(teller, &event);
    return event;
}

/* The first word with a colon in it. */
static uint32_t read_attribute(const struct teller *teller, struct attribute *out)
{
    for (int i = 3; i < teller->words_count; i++) {
        const char *colon = strchr(teller->words[i], ':');
        if (!colon)
            continue;
        out->name = (struct span){teller->words[i], (uint32_t)(colon - teller->words[i])};
        out->value = span_of(colon + 1);
        return 1;
    }
    return 0;
}

static void do_message(struct teller *teller)
{
    struct event event = read_event(teller, EVENT_message);
    struct attribute attribute;
    const char *window = option(teller, "window"), *pattern = option(teller, "pattern");
    event.address = span_of(teller->words[2]);
    event.text = span_of(teller->brief ? "hi" : teller->words[3]);
    event.conversation = 0;
    event.window_ms = window ? STORY_START_MS + atoll(window) : 0;
    teller->patterns = pattern ? UINT64_C(1) << atoi(pattern) : 0;
    event.patterns = &teller->patterns;
    event.attributes = &attribute;
    event.attributes_count = read_attribute(teller, &attribute);
    world_step(&teller->world, &event);
}

static lsn_t open_offer(const struct teller *teller, conversation_id id, name_id agent)
{
    const struct conversation *conversation = conversation_get(teller->world.engine, id);
    const struct tie *tie = conversation ? tie_find(conversation, agent) : NULL;
    return tie ? tie->lsn : 0;
}

static void do_simple(struct teller *teller, enum event_kind kind)
{
    struct event event = read_event(teller, kind);
    const char *state = option(teller, "state");
    event.text = span_of(teller->words[teller->words_count - 1]);
    if (kind == EVENT_transfer || kind == EVENT_escalate || kind == EVENT_consult)
        event.text = span_of(option(teller, "text"));
    if (kind == EVENT_reply)
        event.text = span_of(teller->words[4]);
    if (kind == EVENT_leave)
        event.address = span_of(teller->words[2]);
    if (kind == EVENT_receipt) {
        event.lsn = strtoull(teller->words[3], NULL, 10);
        event.state = receipt_of(span_of(teller->words[4]));
    }
    if (kind == EVENT_finish)
        event.state = substate_of(span_of(state));
    event.offer = open_offer(teller, event.conversation, find_anyone(teller, teller->words[1]));
    world_step(&teller->world, &event);
}

static void do_availability(struct teller *teller, enum agent_state state)
{
    struct event event = read_event(teller, EVENT_availability);
    event.state = state;
    world_step(&teller->world, &event);
}

static void do_reload(struct teller *teller)
{
    if (teller->after_reload)
        teller->world.config = teller->after_reload;
    struct event event = {.kind = EVENT_configure, .config = teller->world.config};
    world_step(&teller->world, &event);
}

static void do_hello(struct teller *teller)
{
    name_id id = find_anyone(teller, teller->words[1]);
    struct event event = {.kind = EVENT_hello, .principal = id};
    world_step(&teller->world, &event);
    teller->sessions[id] = teller->world.plan.outcome.session;
}

static void do_comes(struct teller *teller)
{
    do_hello(teller);
    show_step(teller);
    do_availability(teller, AGENT_STATE_available);
}

static void do_fetched(struct teller *teller)
{
    struct event event = read_event(teller, EVENT_fetched);
    event.cursor = strtoull(teller->words[2], NULL, 10);
    world_step(&teller->world, &event);
}

static void do_stay(struct teller *teller, bool stays)
{
    if (strcmp(teller->words[1], "all") != 0)
        teller->stays[find_anyone(teller, teller->words[1])] = stays;
    else
        for (name_id id = 0; id < NAMES_MAX; id++)
            teller->stays[id] = stays;
}

static void those_who_stay_touch(struct teller *teller)
{
    for (name_id id = 0; id < NAMES_MAX; id++)
        if (teller->stays[id])
            engine_touch(teller->world.engine, teller->sessions[id], teller->world.now_ms);
}

/* Time moves from deadline to deadline, as it does for the broker. */
static void do_at(struct teller *teller)
{
    int64_t until_ms = STORY_START_MS + atoll(teller->words[1]);
    struct event event = {.kind = EVENT_tick};
    for (;;) {
        int64_t due_ms = engine_deadline_ms(teller->world.engine);
        teller->world.now_ms = due_ms < until_ms ? due_ms : until_ms;
        those_who_stay_touch(teller);
        event.kind = EVENT_tick;
        world_step(&teller->world, &event);
        show_step(teller);
        if (due_ms > until_ms)
            return;
    }
}

static void do_late(struct teller *teller)
{
    struct event event = {.kind = EVENT_tick};
    teller->world.now_ms = STORY_START_MS + atoll(teller->words[1]);
    world_step(&teller->world, &event);
}

static void do_outbox(struct teller *teller)
{
    lsn_t lsns[LINES_MAX];
    char line[256];
    session_id session = teller->sessions[find_anyone(teller, teller->words[1])];
    uint32_t count = engine_outbox(teller->world.engine, session, 0, lsns, LINES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        struct record record = world_record(&teller->world, lsns[i]);
        tell(teller, &record, line);
        show(teller, "%s", line);
    }
}

static void show_finding(struct teller *teller, const struct finding *finding)
{
    char detail[128] = "";
    int64_t until_ms = finding->until_ms - STORY_START_MS;
    if (finding->skill)
        snprintf(detail, sizeof detail, " %s %u of %u", name_of(teller, finding->skill), finding->has, finding->needs);
    else if (finding->capacity)
        snprintf(detail, sizeof detail, " %u of %u", finding->used, finding->capacity);
    else if (finding->until_ms)
        snprintf(detail, sizeof detail, " until %lld", (long long)until_ms);
    else if (finding->reason.size)
        snprintf(detail, sizeof detail, " %.*s", (int)finding->reason.size, finding->reason.data);
    show(teller, "%s %s%s", name_of(teller, finding->agent), verdict_word(finding->verdict), detail);
}

static void do_why(struct teller *teller)
{
    struct finding findings[LINES_MAX];
    struct explanation why;
    name_id agent = teller->words_count > 2 ? find_anyone(teller, teller->words[2]) : 0;
    if (!engine_explain(teller->world.engine, number_after(teller, 'c'), agent, &why, findings, LINES_MAX)) {
        show(teller, "nothing in memory");
        return;
    }
    show(teller, "c%llu %s in %s key %lld ahead %llu step %u/%u eligible %u signed_in %u", (unsigned long long)why.conversation,
         substate_word(why.state), name_of(teller, why.queue), (long long)why.key_ms - STORY_START_MS, (unsigned long long)why.ahead,
         why.step, why.steps, why.eligible, why.signed_in);
    if (why.next)
        show(teller, "next %s at %lld", next_word(why.next), (long long)why.next_ms - STORY_START_MS);
    for (uint32_t i = 0; i < why.findings_count; i++)
        show_finding(teller, &findings[i]);
}

static void do_waiting(struct teller *teller)
{
    struct peeked waiting[LINES_MAX];
    name_id queue = engine_find_name(teller->world.engine, NAME_KIND_queue, span_of(teller->words[1]));
    uint32_t count = engine_peek(teller->world.engine, queue, waiting, LINES_MAX);
    for (uint32_t i = 0; i < count; i++) {
        char came[64] = "";
        if (waiting[i].moved_after)
            snprintf(came, sizeof came, " %s after %u", cause_word(waiting[i].cause), waiting[i].moved_after);
        else if (waiting[i].cause)
            snprintf(came, sizeof came, " %s", cause_word(waiting[i].cause));
        show(teller, "c%llu arrived %lld %s offers %u%s", (unsigned long long)waiting[i].conversation,
             (long long)waiting[i].arrival_ms - STORY_START_MS, priority_word(waiting[i].priority), waiting[i].offers, came);
    }
}

static void do_peek(struct teller *teller)
{
    struct peeked peeked[LINES_MAX];
    name_id queue = engine_find_name(teller->world.engine, NAME_KIND_queue, span_of(teller->words[1]));
    uint32_t count = engine_peek(teller->world.engine, queue, peeked, LINES_MAX);
    if (engine_queue_stats(teller->world.engine, queue).paused)
        show(teller, "paused");
    for (uint32_t i = 0; i < count; i++)
        show(teller, "c%llu %s lane %u key %lld%s%s", (unsigned long long)peeked[i].conversation, priority_word(peeked[i].priority),
             peeked[i].lane, (long long)peeked[i].key_ms - STORY_START_MS, peeked[i].cause ? " " : "",
             peeked[i].cause ? cause_word(peeked[i].cause) : "");
}

static const struct {
    const char *word;
    enum event_kind kind;
} simple[] = {{"leave", EVENT_leave},     {"receipt", EVENT_receipt}, {"accept", EVENT_accept},     {"decline", EVENT_decline},
              {"reply", EVENT_reply},     {"note", EVENT_note},       {"transfer", EVENT_transfer}, {"finish", EVENT_finish},
              {"bye", EVENT_bye},         {"claim", EVENT_claim},     {"nack", EVENT_nack},         {"escalate", EVENT_escalate},
              {"consult", EVENT_consult}, {"recall", EVENT_recall},   {"lend", EVENT_lend},         {"give_back", EVENT_give_back},
              {"move", EVENT_move},       {"bury", EVENT_bury},       {"pause", EVENT_pause},       {"resume", EVENT_resume}};

static bool do_simple_word(struct teller *teller, const char *word)
{
    for (size_t i = 0; i < sizeof simple / sizeof simple[0]; i++)
        if (strcmp(simple[i].word, word) == 0) {
            do_simple(teller, simple[i].kind);
            return true;
        }
    return false;
}

/* What only looks. */
static bool do_look(struct teller *teller, const char *word)
{
    if (strcmp(word, "outbox") == 0)
        do_outbox(teller);
    else if (strcmp(word, "why") == 0)
        do_why(teller);
    else if (strcmp(word, "peek") == 0)
        do_peek(teller);
    else if (strcmp(word, "waiting") == 0)
        do_waiting(teller);
    else
        return false;
    return true;
}

static void do_command(struct teller *teller)
{
    const char *word = teller->words[0];
    teller->lines_count = teller->lines_checked = 0;
    teller->brief = strcmp(word, "comes") == 0 || strcmp(word, "arrives") == 0;
    if (strcmp(word, "at") == 0) {
        do_at(teller);
        return;
    }
    if (do_look(teller, word))
        return;
    if (strcmp(word, "stay") == 0 || strcmp(word, "silent") == 0)
        do_stay(teller, word[1] == 't');
    else if (strcmp(word, "checkpoint") == 0)
        world_checkpoint(&teller->world, (uint32_t)atoi(teller->words[1]));
    else if (strcmp(word, "crash") == 0)
        world_crash(&teller->world);
    else if (strcmp(word, "touch") == 0)
        engine_touch(teller->world.engine, teller->sessions[find_anyone(teller, teller->words[1])], teller->world.now_ms);
    else {
        if (strcmp(word, "hello") == 0)
            do_hello(teller);
        else if (strcmp(word, "comes") == 0)
            do_comes(teller);
        else if (strcmp(word, "message") == 0 || strcmp(word, "arrives") == 0)
            do_message(teller);
        else if (strcmp(word, "late") == 0)
            do_late(teller);
        else if (strcmp(word, "fetched") == 0)
            do_fetched(teller);
        else if (strcmp(word, "available") == 0)
            do_availability(teller, AGENT_STATE_available);
        else if (strcmp(word, "wrap_up") == 0)
            do_availability(teller, AGENT_STATE_wrap_up);
        else if (strcmp(word, "reload") == 0)
            do_reload(teller);
        else if (strcmp(word, "away") == 0)
            do_availability(teller, AGENT_STATE_away);
        else if (!do_simple_word(teller, word))
            fail_msg("line %d: no such command: %s", teller->line_number, word);
        show_step(teller);
    }
}

static void check_line(struct teller *teller, const char *expected)
{
    const char *actual = teller->lines_checked < teller->lines_count ? teller->lines[teller->lines_checked] : "(nothing)";
    if (strcmp(expected, actual) != 0)
        fail_msg("line %d: expected \"%s\", got \"%s\"", teller->line_number, expected, actual);
    teller->lines_checked++;
}

static void check_rest(struct teller *teller)
{
    if (teller->lines_checked < teller->lines_count)
        fail_msg("line %d: before it, nothing more was expected, but: \"%s\"", teller->line_number, teller->lines[teller->lines_checked]);
}

static void check_invariants(const struct teller *teller)
{
    if (teller->world.broken)
        fail_msg("line %d: %s", teller->line_number, teller->world.broken);
}

static void read_line(struct teller *teller, char *line)
{
    if (line[0] == '=') {
        check_line(teller, line + 2);
        return;
    }
    check_rest(teller);
    teller->words_count = 0;
    for (char *word = strtok(line, " "); word && teller->words_count < WORDS_MAX; word = strtok(NULL, " "))
        teller->words[teller->words_count++] = word;
    if (teller->words_count)
        do_command(teller);
    check_invariants(teller);
}

static void tell_story(const struct config *config, const struct config *after_reload, const char *script)
{
    struct teller *teller = test_calloc(1, sizeof *teller);
    char *copy = strdup(script), *rest = copy, *line;
    teller->after_reload = after_reload;
    world_open(&teller->world, config);
    while ((line = strsep(&rest, "\n"))) {
        teller->line_number++;
        read_line(teller, line);
    }
    check_rest(teller);
    world_crash(&teller->world);
    world_checkpoint(&teller->world, UINT32_MAX);
    world_crash(&teller->world);
    check_invariants(teller);
    world_close(&teller->world);
    free(copy);
    test_free(teller);
}

void story(const char *script)
{
    tell_story(story_config(), NULL, script);
}

void story_on(const struct setup *setup, const char *script)
{
    tell_story(&setup->config, NULL, script);
}

void story_reloading(const struct setup *before, const struct setup *after, const char *script)
{
    tell_story(&before->config, &after->config, script);
}
