#include "bench/load/readers.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/prng.h"
#include "bench/clock.h"
#include "bench/load/house.h"
#include "bench/load/stamp.h"
#include "bench/session.h"

enum { UNKNOWN = UINT32_MAX };

struct reader {
    struct readers *all;
    struct session session;
    struct arena arena;
    struct prng prng;

    /* Of the conversation that it reads, from its newest message back. */
    uint32_t conversation, last; /* as stamped; UNKNOWN before the first */
};

/* What one page was worth; added up without holding others back. */
struct glance {
    uint64_t messages, since, duplicated, reordered;
};

/* Messages are numbered without a gap from 0, so going back each is one less than the one before. */
static void message_check(struct reader *reader, const struct stamp *stamp, struct glance *glance)
{
    glance->messages++;
    if (reader->last != UNKNOWN) {
        glance->duplicated += stamp->number == reader->last;
        glance->reordered +=
            stamp->conversation != reader->conversation || (stamp->number != reader->last && stamp->number + 1 != reader->last);
    }
    reader->conversation = stamp->conversation;
    reader->last = stamp->number;
}

static struct glance page_check(struct reader *reader, const struct wire_page *page)
{
    struct glance glance = {0};
    for (uint32_t i = page->records_count; i-- > 0;) {
        const struct wire_record *record = &page->records[i];
        struct stamp stamp;
        if (record->kind != RECORD_message || !stamp_read(record->text, &stamp) || stamp.run != reader->all->run->number)
            continue;
        message_check(reader, &stamp, &glance);
        glance.since += record->lsn >= reader->all->messages_from;
    }
    return glance;
}

static void page_count(struct readers *all, const struct wire_page *page, const struct glance *glance, uint64_t ns)
{
    pthread_mutex_lock(&all->mutex);
    histogram_record(&all->page_ns, ns);
    all->pages++;
    all->records += page->records_count;
    all->messages += glance->messages;
    all->messages_since += glance->since;
    all->duplicated += glance->duplicated;
    all->reordered += glance->reordered;
    pthread_mutex_unlock(&all->mutex);
}

static bool page_read(struct reader *reader, uint64_t id, uint64_t *before)
{
    struct readers *all = reader->all;
    struct frame request = {.verb = VERB_history, .history = {.conversation = id, .before = *before, .limit = all->options.page}}, reply;
    struct codec_error error = {0};
    arena_clear(&reader->arena);
    uint64_t from_ns = clock_ns();
    enum status status = session_ask(&reader->session, &request, &reader->arena, &reply, &error);
    uint64_t took_ns = clock_ns() - from_ns;
    if (status != STATUS_ok) {
        run_fail(all->run, "conversation %lu could not be read: %s %s", id, status_text(status), error.detail);
        return false;
    }
    struct glance glance = page_check(reader, &reply.page);
    page_count(all, &reply.page, &glance, took_ns);
    *before = reply.page.before;
    return true;
}

/* The whole of it was read: it has to go back to its first message, and to be no other that was read before. */
static void history_count(struct reader *reader, uint64_t ns)
{
    struct readers *all = reader->all;
    pthread_mutex_lock(&all->mutex);
    histogram_record(&all->history_ns, ns);
    all->histories++;
    all->reordered += reader->last != 0;
    if (all->seen && reader->last == 0 && reader->conversation < all->options.conversations)
        all->duplicated += all->seen[reader->conversation]++ > 0;
    pthread_mutex_unlock(&all->mutex);
}

static bool conversation_read(struct reader *reader, uint64_t id)
{
    uint64_t before = 0, from_ns = clock_ns();
    reader->last = UNKNOWN;
    if (!page_read(reader, id, &before))
        return false;
    if (reader->all->options.reading == READING_pages)
        return true;
    while (before)
        if (!page_read(reader, id, &before))
            return false;
    history_count(reader, clock_ns() - from_ns);
    return true;
}

/* Its number; 0: there is nothing left to read. */
static uint64_t conversation_next(struct reader *reader)
{
    struct readers *all = reader->all;
    uint64_t count = all->options.conversations;
    if (all->options.reading != READING_everything)
        return 1 + prng_below(&reader->prng, count);
    uint64_t id = atomic_fetch_add(&all->next, 1) + 1;
    return id <= count ? id : 0;
}

static void *reader_run(void *context)
{
    struct readers *all = context;
    struct reader reader = {.all = all};
    struct broker_address address = {all->run->url, HOUSE_OPERATOR, all->run->token.text};
    prng_init(&reader.prng, atomic_fetch_add(&all->begun, 1) + 1);
    if (session_open(&reader.session, all->run->task->command, &address)) {
        uint64_t id = 1;
        while (id && run_goes_on(all->run) && !atomic_load(&all->stop))
            id = (id = conversation_next(&reader)) && conversation_read(&reader, id) ? id : 0;
        session_close(&reader.session);
    } else {
        run_fail(all->run, "a reader got no session");
    }
    arena_fini(&reader.arena);
    atomic_fetch_add(&all->finished, 1);
    return NULL;
}

bool readers_begin(struct readers *readers, struct run *run, const struct readers_options *options)
{
    readers->run = run;
    readers->options = *options;
    readers->threads = must_zalloc(options->readers, sizeof *readers->threads);
    if (options->reading == READING_everything)
        readers->seen = must_zalloc(options->conversations, 1);
    pthread_mutex_init(&readers->mutex, NULL);
    readers->begin_ns = clock_ns();
    while (readers->threads_count < options->readers &&
           pthread_create(&readers->threads[readers->threads_count], NULL, reader_run, readers) == 0)
        readers->threads_count++;
    if (readers->threads_count < options->readers)
        run_fail(run, "no thread could be started");
    return readers->threads_count == options->readers;
}

static bool all_have_finished(const void *context)
{
    const struct readers *readers = context;
    return atomic_load(&readers->finished) == readers->options.readers;
}

bool readers_await(struct readers *readers)
{
    return run_await(readers->run, all_have_finished, readers);
}

void readers_end(struct readers *readers)
{
    atomic_store(&readers->stop, true);
    for (uint64_t i = 0; i < readers->threads_count; i++)
        pthread_join(readers->threads[i], NULL);
    readers->seconds = (double)(clock_ns() - readers->begin_ns) / 1e9;
}

void readers_fini(struct readers *readers)
{
    pthread_mutex_destroy(&readers->mutex);
    free(readers->threads);
    free(readers->seen);
}
