#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "bench/clock.h"
#include "bench/json.h"
#include "bench/latency.h"
#include "bench/options.h"
#include "bench/readable.h"
#include "bench/scratch.h"
#include "bench/signals.h"
#include "store/store.h"

enum {
    DEPTH_MAX = 1024,
    PATTERN_BYTES = 64 << 10, /* a record is a stretch of it that begins at a place of its own */
    STAMP_SIZE = sizeof(uint64_t),
};

#define MAP_BYTES (UINT64_C(64) << 30)

struct store_bench_options {
    uint64_t batch, depth, seconds, messages, body_bytes, warm_up;
    bool json;
};

struct store_run {
    const struct store_bench_options *options;
    char directory[SCRATCH_PATH];
    struct store *store;
    int signals;
    char pattern[2 * PATTERN_BYTES], *record;
    uint64_t lsn;   /* of the newest record appended */
    uint64_t batch; /* number of the newest batch submitted */

    /* Between the threads: what is submitted and not yet committed, a ring. */
    pthread_mutex_t mutex;
    pthread_cond_t committed;
    struct {
        uint64_t last_lsn, submitted_ns;
    } waiting[DEPTH_MAX];
    uint64_t first, waiting_count;
    bool timed;
    uint64_t commits;
    struct histogram commit_ns;

    double seconds;
    uint64_t messages, disk_bytes, lost, wrong;
};

/* On the store's thread. */
static void on_committed(void *context, uint64_t newest_lsn)
{
    struct store_run *run = context;
    uint64_t now_ns = clock_ns();
    pthread_mutex_lock(&run->mutex);
    while (run->waiting_count && run->waiting[run->first].last_lsn <= newest_lsn) {
        if (run->timed)
            histogram_record(&run->commit_ns, now_ns - run->waiting[run->first].submitted_ns);
        run->first = (run->first + 1) % DEPTH_MAX;
        run->waiting_count--;
    }
    run->commits += run->timed;
    pthread_cond_signal(&run->committed);
    pthread_mutex_unlock(&run->mutex);
}

/* On the settling thread. */
static void on_settled(void *context)
{
    struct store_run *run = context;
    pthread_mutex_lock(&run->mutex);
    pthread_cond_signal(&run->committed);
    pthread_mutex_unlock(&run->mutex);
}

/* What the disk takes for a message is known when the data file has it. */
static void await_settled(struct store_run *run)
{
    store_settle_soon(run->store);
    pthread_mutex_lock(&run->mutex);
    while (store_settled(run->store) < run->batch)
        pthread_cond_wait(&run->committed, &run->mutex);
    pthread_mutex_unlock(&run->mutex);
}

static void await_room(struct store_run *run, uint64_t most_waiting)
{
    pthread_mutex_lock(&run->mutex);
    while (run->waiting_count > most_waiting)
        pthread_cond_wait(&run->committed, &run->mutex);
    pthread_mutex_unlock(&run->mutex);
}

/* Can be made again from its lsn, so that any can be checked without being remembered. */
static struct span record_of(struct store_run *run, uint64_t lsn)
{
    uint64_t size = run->options->body_bytes;
    memcpy(run->record, &lsn, STAMP_SIZE);
    memcpy(run->record + STAMP_SIZE, run->pattern + lsn * 61 % PATTERN_BYTES, size - STAMP_SIZE);
    return (struct span){run->record, (uint32_t)size};
}

static void batch_submit(struct store_run *run)
{
    struct store_batch *batch = store_batch(run->store);
    for (uint64_t i = 0; i < run->options->batch; i++) {
        run->lsn++;
        store_append(batch, run->lsn, record_of(run, run->lsn));
    }
    pthread_mutex_lock(&run->mutex);
    uint64_t at = (run->first + run->waiting_count++) % DEPTH_MAX;
    run->waiting[at].last_lsn = run->lsn;
    run->waiting[at].submitted_ns = clock_ns();
    pthread_mutex_unlock(&run->mutex);
    run->batch = store_submit(run->store, batch);
}

static void batches_submit(struct store_run *run, uint64_t messages, uint64_t until_ns)
{
    uint64_t last_lsn = run->lsn + messages;
    while (run->lsn < last_lsn && clock_ns() < until_ns && !store_nearly_full(run->store) && !signals_came(run->signals)) {
        await_room(run, run->options->depth - 1);
        batch_submit(run);
    }
    await_room(run, 0);
}

static bool opened(struct store_run *run)
{
    const struct store_options options = {
        .directory = run->directory, .map_bytes = MAP_BYTES, .on_committed = on_committed, .on_settled = on_settled, .context = run};
    struct store_error error = {""};
    enum status status = store_open(&options, &run->store, &error);
    if (status != STATUS_ok)
        command_complain("bench store", "%s: %s: %s", run->directory, status_text(status), error.text);
    return status == STATUS_ok;
}

static void write_timed(struct store_run *run)
{
    const struct store_bench_options *options = run->options;
    batches_submit(run, options->warm_up * options->batch, UINT64_MAX);
    await_settled(run);
    uint64_t disk_bytes = scratch_disk_bytes(run->directory), first_lsn = run->lsn;
    run->timed = true;
    uint64_t from_ns = clock_ns();
    batches_submit(run, options->messages ? options->messages : UINT64_MAX / 2, from_ns + options->seconds * 1000000000);
    run->seconds = (double)(clock_ns() - from_ns) / 1e9;
    run->timed = false;
    run->messages = run->lsn - first_lsn;
    await_settled(run);
    run->disk_bytes = scratch_disk_bytes(run->directory) - disk_bytes;
}

/* Everything that was reported as committed, from a store opened anew. */
static void read_back(struct store_run *run)
{
    struct store_reader *reader = store_reader(run->store);
    struct span record;
    run->wrong = store_newest(reader) != run->lsn;
    for (uint64_t lsn = 1; lsn <= run->lsn; lsn++)
        if (store_read(reader, lsn, &record) != STATUS_ok)
            run->lost++;
        else
            run->wrong += !span_equal(record, record_of(run, lsn));
    store_reader_free(reader);
}

static bool measure(struct store_run *run)
{
    for (uint32_t i = 0; i < sizeof run->pattern; i++)
        run->pattern[i] = (char)(i * 2654435761u >> 24);
    run->record = must_alloc(run->options->body_bytes);
    if (!opened(run))
        return false;
    write_timed(run);
    store_close(run->store);
    if (signals_came(run->signals)) {
        command_complain("bench store", "interrupted");
        return false;
    }
    if (!opened(run))
        return false;
    read_back(run);
    store_close(run->store);
    return true;
}

static double per_second(const struct store_run *run, uint64_t count)
{
    return run->seconds > 0 ? (double)count / run->seconds : 0;
}

static double disk_bytes_per_message(const struct store_run *run)
{
    return run->messages ? (double)run->disk_bytes / (double)run->messages : 0;
}

static void print_json(const struct store_run *run)
{
    const struct store_bench_options *options = run->options;
    json_print(json_pack("{s:s, s:{s:I, s:I, s:I}, s:I, s:f, s:f, s:f, s:o, s:f, s:I, s:I}", "bench", "store", "parameters", "batch",
                         (json_int_t)options->batch, "depth", (json_int_t)options->depth, "body_bytes", (json_int_t)options->body_bytes,
                         "messages", (json_int_t)run->messages, "seconds", run->seconds, "messages_per_second",
                         per_second(run, run->messages), "commits_per_second", per_second(run, run->commits), "commit_us",
                         latency_json(&run->commit_ns), "disk_bytes_per_message", disk_bytes_per_message(run), "lost",
                         (json_int_t)run->lost, "wrong", (json_int_t)run->wrong));
}

static void print_text(const struct store_run *run)
{
    const struct store_bench_options *options = run->options;
    char messages[READABLE_MAX], rate[READABLE_MAX], commits[READABLE_MAX];
    printf("%s messages of %lu bytes in batches of %lu, up to %lu batches on their way\n\n", readable_count(messages, run->messages),
           options->body_bytes, options->batch, options->depth);
    printf("throughput  %s messages a second, %s commits a second, in %.2f s\n",
           readable_count(rate, (uint64_t)per_second(run, run->messages)), readable_count(commits, (uint64_t)per_second(run, run->commits)),
           run->seconds);
    printf("disk        %.0f bytes a message\n", disk_bytes_per_message(run));
    printf("verified    after opening anew: %lu lost, %lu wrong\n\n", run->lost, run->wrong);
    latencies_print(&(struct latency){"commit_us", "submitted to committed", &run->commit_ns}, 1);
}

static enum command_exit judge(const struct store_run *run)
{
    if (run->options->json)
        print_json(run);
    else
        print_text(run);
    if (!run->lost && !run->wrong)
        return COMMAND_done;
    command_complain("bench store", "what was committed is not there, or is something else");
    return COMMAND_failed;
}

static bool options_read(struct store_bench_options *options, int argc, char **argv, enum command_exit *exit_code)
{
    *options = (struct store_bench_options){.batch = 64, .depth = 2, .seconds = 5, .body_bytes = 250, .warm_up = 200};
    const struct option_spec specs[] = {
        {"batch", OPTION_number, &options->batch, 1, 65536, "messages in one batch of the store"},
        {"depth", OPTION_number, &options->depth, 1, DEPTH_MAX, "batches submitted and not yet committed, at most; 1: wait for each"},
        {"seconds", OPTION_number, &options->seconds, 1, 86400, "stop after so long"},
        {"messages", OPTION_number, &options->messages, 0, 1000000000, "or after so many; 0: by --seconds"},
        {"body-bytes", OPTION_number, &options->body_bytes, STAMP_SIZE, WIRE_BODY_MAX, "bytes of one message"},
        {"warm-up", OPTION_number, &options->warm_up, 1, 1000000, "batches before those that are counted"},
        {"json", OPTION_flag, &options->json, 0, 0, "one JSON object"}};
    const struct usage usage = {"bench store",
                                NULL,
                                "Appends messages to the store alone, in a temporary directory (TMPDIR, or /var/tmp), every batch durable\n"
                                "before it counts. Afterwards the store is opened anew and every message read back.",
                                specs,
                                sizeof specs / sizeof *specs,
                                NULL};
    return options_parse(&usage, argc, argv, NULL, exit_code);
}

enum command_exit command_bench_store(int argc, char **argv)
{
    struct store_bench_options options;
    enum command_exit exit_code;
    if (!options_read(&options, argc, argv, &exit_code))
        return exit_code;
    struct store_run *run = must_zalloc(1, sizeof *run);
    run->options = &options;
    run->signals = signals_open();
    pthread_mutex_init(&run->mutex, NULL);
    pthread_cond_init(&run->committed, NULL);
    exit_code = COMMAND_failed;
    if (scratch_made("bench store", run->directory)) {
        if (measure(run))
            exit_code = judge(run);
        scratch_remove(run->directory);
    }
    close(run->signals);
    pthread_cond_destroy(&run->committed);
    pthread_mutex_destroy(&run->mutex);
    free(run->record);
    free(run);
    return exit_code;
}
