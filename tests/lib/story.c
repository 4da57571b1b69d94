#include "story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

enum { WORDS_MAX = 12, LINES_MAX = 64, START_MS = 1000000 };

struct teller {
    struct world world;
    session_id sessions[64]; /* by name_id */
    char *words[WORDS_MAX];
    int words_count;
    char lines[LINES_MAX][256]; /* what the last command showed */
    int lines_count, lines_checked;
    int line_number;
    uint32_t keys;
    char key[32];
    struct requirement requirement;
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
        snprintf(out, 256, "%s c%llu %s until %lld", word, c, agent, (long long)record->time_ms - START_MS);
        break;
    case RECORD_withdrawn:
        snprintf(out, 256, "%s c%llu %s %s", word, c, agent, cause_word(record->cause));
        break;
    case RECORD_assigned:
    case RECORD_resumed:
        snprintf(out, 256, "%s c%llu %s e%u", word, c, agent, record->epoch);
        break;
    case RECORD_transferred:
        snprintf(out, 256, "%s c%llu %s e%u %s%s%s", word, c, agent, record->epoch, queue, record->target ? " to " : "",
                 name_of(teller, record->target));
        break;
    case RECORD_requeued:
        snprintf(out, 256, "%s c%llu %s e%u %s", word, c, agent, record->epoch, cause_word(record->cause));
        break;
    case RECORD_finished:
        snprintf(out, 256, "%s c%llu %s", word, c, substate_word(record->value));
        break;
    case RECORD_reopened:
        snprintf(out, 256, "%s c%llu", word, c);
        break;
    case RECORD_agent_state:
        snprintf(out, 256, "%s %s %s", word, agent, agent_state_word(record->value));
        break;
    case RECORD_delivered:
        snprintf(out, 256, "%s %s", word, agent);
        break;
    }
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
        if (line[0])
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

static void read_transfer(struct teller *teller, struct event *event)
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
    event.session = teller->sessions[find_anyone(teller, teller->words[1])];
    event.conversation = number_after(teller, 'c');
    event.epoch = (uint32_t)number_after(teller, 'e');
    event.topic = span_of(topic);
    event.language = span_of(language);
    event.priority = (enum priority)priority_of(span_of(priority));
    return event;
}

static void do_message(struct teller *teller)
{
    struct event event = read_event(teller, EVENT_message);
    event.address = span_of(teller->words[2]);
    event.text = span_of(teller->words[3]);
    event.conversation = 0;
    world_step(&teller->world, &event);
}

static void do_simple(struct teller *teller, enum event_kind kind)
{
    struct event event = read_event(teller, kind);
    struct row_conversation row;
    const char *state = option(teller, "state");
    event.text = span_of(teller->words[teller->words_count - 1]);
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
    if (kind == EVENT_transfer)
        read_transfer(teller, &event);
    if (engine_conversation(teller->world.engine, event.conversation, &row))
        event.offer = row.offer;
    world_step(&teller->world, &event);
}

static void do_availability(struct teller *teller, enum agent_state state)
{
    struct event event = read_event(teller, EVENT_availability);
    event.state = state;
    world_step(&teller->world, &event);
}

static void do_hello(struct teller *teller)
{
    name_id id = find_anyone(teller, teller->words[1]);
    struct event event = {.kind = EVENT_hello, .principal = id};
    world_step(&teller->world, &event);
    teller->sessions[id] = teller->world.plan.outcome.session;
}

static void do_fetched(struct teller *teller)
{
    struct event event = read_event(teller, EVENT_fetched);
    event.cursor = strtoull(teller->words[2], NULL, 10);
    world_step(&teller->world, &event);
}

/* Time moves from deadline to deadline, as it does for the broker. */
static void do_at(struct teller *teller)
{
    int64_t until_ms = START_MS + atoll(teller->words[1]);
    struct event event = {.kind = EVENT_tick};
    for (;;) {
        int64_t due_ms = engine_deadline_ms(teller->world.engine);
        teller->world.now_ms = due_ms < until_ms ? due_ms : until_ms;
        event.kind = EVENT_tick;
        world_step(&teller->world, &event);
        show_step(teller);
        if (due_ms > until_ms)
            return;
    }
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

static const struct {
    const char *word;
    enum event_kind kind;
} simple[] = {{"leave", EVENT_leave},       {"receipt", EVENT_receipt}, {"accept", EVENT_accept},
              {"decline", EVENT_decline},   {"reply", EVENT_reply},     {"note", EVENT_note},
              {"transfer", EVENT_transfer}, {"finish", EVENT_finish},   {"bye", EVENT_bye}};

static bool do_simple_word(struct teller *teller, const char *word)
{
    for (size_t i = 0; i < sizeof simple / sizeof simple[0]; i++)
        if (strcmp(simple[i].word, word) == 0) {
            do_simple(teller, simple[i].kind);
            return true;
        }
    return false;
}

static void do_command(struct teller *teller)
{
    const char *word = teller->words[0];
    teller->lines_count = teller->lines_checked = 0;
    if (strcmp(word, "at") == 0) {
        do_at(teller);
        return;
    }
    if (strcmp(word, "outbox") == 0)
        do_outbox(teller);
    else if (strcmp(word, "checkpoint") == 0)
        world_checkpoint(&teller->world, (uint32_t)atoi(teller->words[1]));
    else if (strcmp(word, "crash") == 0)
        world_crash(&teller->world);
    else if (strcmp(word, "touch") == 0)
        engine_touch(teller->world.engine, teller->sessions[find_anyone(teller, teller->words[1])], teller->world.now_ms);
    else {
        if (strcmp(word, "hello") == 0)
            do_hello(teller);
        else if (strcmp(word, "message") == 0)
            do_message(teller);
        else if (strcmp(word, "fetched") == 0)
            do_fetched(teller);
        else if (strcmp(word, "available") == 0)
            do_availability(teller, AGENT_STATE_available);
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
}

void story(const char *script)
{
    struct teller *teller = test_calloc(1, sizeof *teller);
    char *copy = strdup(script), *rest = copy, *line;
    world_open(&teller->world, story_config());
    while ((line = strsep(&rest, "\n"))) {
        teller->line_number++;
        read_line(teller, line);
    }
    check_rest(teller);
    world_crash(&teller->world);
    world_checkpoint(&teller->world, UINT32_MAX);
    world_crash(&teller->world);
    world_close(&teller->world);
    free(copy);
    test_free(teller);
}
