/* What the store refuses, and what it keeps when its process ends badly. Other processes are forked while this one has no store open, hence
 * no other thread. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "tests/lib/store_world.h"

/* --- what is refused --- */

static void assert_refused(struct world *world, const char *path, enum status expected, const char *told)
{
    struct store_error error = {""};
    enum status status = world_try_open(world, path, MAP_BYTES, &error);
    assert_string_equal(status_name(status), status_name(expected));
    if (!strstr(error.text, told) || !strstr(error.text, path))
        fail_msg("\"%s\" does not tell %s", error.text, told);
    world->store = NULL;
}

static void a_directory_open_twice_is_refused(void **state)
{
    struct world *world = *state, second = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    char pid[32];
    snprintf(pid, sizeof pid, "process %d", (int)getpid());
    world_open(world);
    assert_refused(&second, world->path, STATUS_in_use, pid);
    world_submit(world, 1, 10);
    world_reopen(world);
    world_assert_log(world, 10);
}

/* The child opens the store, tells so, and keeps it until it is killed. */
static pid_t fork_holder(struct world *world)
{
    int ready[2];
    char byte;
    struct store_error error;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        if (world_try_open(world, world->path, MAP_BYTES, &error) == STATUS_ok && write(ready[1], "r", 1) == 1)
            pause();
        _exit(1);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return child;
}

static void a_directory_in_use_by_another_process_is_refused(void **state)
{
    struct world *world = *state;
    char told[32];
    pid_t child = fork_holder(world);
    snprintf(told, sizeof told, "process %d", (int)child);
    assert_refused(world, world->path, STATUS_in_use, told);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    world_open(world);
}

static void a_place_that_cannot_be_written_is_refused(void **state)
{
    struct world *world = *state;
    char path[128];
    world_write_file(world, "notes.txt", "");
    world_file(world, "notes.txt", path);
    assert_refused(world, path, STATUS_not_writable, "Not a directory");
    world_file(world, "notes.txt/data", path);
    assert_refused(world, path, STATUS_not_writable, "Not a directory");
    world_file(world, "absent/data", path);
    assert_refused(world, path, STATUS_not_writable, "No such file");
    assert_refused(world, "/proc/relevo", STATUS_not_writable, "make the directory");
}

static void another_format_is_refused_by_both_numbers(void **state)
{
    struct world *world = *state;
    const char format[8] = {0, 0, 0, 0, 0, 0, 0, 9};
    world_open(world);
    struct store_batch *batch = store_batch(world->store);
    store_put(batch, TABLE_meta, span_of("format"), (struct span){format, sizeof format});
    store_submit(world->store, batch);
    world_close(world);
    assert_refused(world, world->path, STATUS_wrong_format, "written in format 9, this program reads format 5");
}

static void a_directory_of_something_else_is_refused_and_left_alone(void **state)
{
    struct world *world = *state;
    char path[128];
    world_write_file(world, "notes.txt", "not ours");
    assert_refused(world, world->path, STATUS_corrupt, "notes.txt");
    world_file(world, "lock", path);
    assert_int_equal(access(path, F_OK), -1);
    world_file(world, "data.mdb", path);
    assert_int_equal(access(path, F_OK), -1);
}

static void a_lost_data_file_is_not_replaced_by_an_empty_one(void **state)
{
    struct world *world = *state;
    char path[128];
    world_open(world);
    world_close(world);
    world_file(world, "data.mdb", path);
    unlink(path);
    assert_refused(world, world->path, STATUS_corrupt, "bring the data file back");
}

static void a_data_file_of_another_kind_is_refused(void **state)
{
    struct world *world = *state;
    char page[8192];
    memset(page, 'x', sizeof page - 1);
    page[sizeof page - 1] = '\0';
    world_write_file(world, "data.mdb", "short");
    assert_refused(world, world->path, STATUS_corrupt, "data.mdb");
    world_write_file(world, "data.mdb", page);
    assert_refused(world, world->path, STATUS_corrupt, "data.mdb");
    world_write_file(world, "data.mdb", "");
    assert_refused(world, world->path, STATUS_corrupt, "data.mdb");
}

static void a_data_file_that_was_cut_is_refused(void **state)
{
    struct world *world = *state;
    char path[128];
    world_open(world);
    world_submit(world, 1, 2000);
    world_close(world);
    world_file(world, "data.mdb", path);
    assert_int_equal(truncate(path, 8192), 0);
    assert_refused(world, world->path, STATUS_corrupt, "data.mdb");
}

/* --- what is not what was put there --- */

enum {
    CHECKSUM_BYTES = 4,
    NODE_BYTES = 8, /* LMDB's, before a key: first the low half of the value's size */
};

/* A store with these records and rows, settled, and its data file open to be damaged: what is written into it is read at once. */
struct stored {
    struct store_reader *reader;
    int file;
};

static struct stored stored_begin(struct world *world)
{
    char path[128];
    world_open(world);
    struct store_batch *batch = store_batch(world->store);
    store_append(batch, 1, span_of("the first record"));
    store_append(batch, 2, span_of("one more records"));
    store_put(batch, TABLE_open, span_of("key"), span_of("the row of a key"));
    store_put(batch, TABLE_open, span_of("yek"), span_of("and of that else"));
    store_put(batch, TABLE_finished, span_of("key"), span_of("its other table!"));
    store_put(batch, TABLE_pending, span_of("empty key"), span_of(""));
    store_submit(world->store, batch);
    world_wait(world, 1);
    world_file(world, "data.mdb", path);
    struct stored stored = {.reader = store_reader(world->store), .file = open(path, O_RDWR)};
    assert_true(stored.file >= 0);
    return stored;
}

static void stored_end(const struct stored *stored)
{
    store_reader_free(stored->reader);
    close(stored->file);
}

/* Where in the data file these bytes stand; they do so once. */
static off_t stored_at(const struct stored *stored, struct span wanted)
{
    static char bytes[1 << 20];
    ssize_t size = pread(stored->file, bytes, sizeof bytes, 0);
    assert_in_range(size, 1, sizeof bytes - 1);
    const char *at = memmem(bytes, (size_t)size, wanted.data, wanted.size);
    assert_non_null(at);
    assert_null(memmem(at + 1, (size_t)(bytes + size - at - 1), wanted.data, wanted.size));
    return at - bytes;
}

static off_t stored_with_checksum(const struct stored *stored, const char *value)
{
    return stored_at(stored, span_of(value)) - CHECKSUM_BYTES;
}

static void flip(const struct stored *stored, off_t at, size_t bit)
{
    unsigned char byte;
    assert_int_equal(pread(stored->file, &byte, 1, at + (off_t)(bit / 8)), 1);
    byte = (unsigned char)(byte ^ 1u << bit % 8);
    assert_int_equal(pwrite(stored->file, &byte, 1, at + (off_t)(bit / 8)), 1);
}

/* The first of the table is what is asked for. */
static enum status read_row(const struct stored *stored, enum store_table table, const char *key)
{
    struct span value, scanned, at;
    enum status status = store_find(stored->reader, table, span_of(key), &value);
    assert_int_equal(store_scan(stored->reader, table, span_of(key), &at, &scanned), status);
    assert_true(span_equal(at, span_of(key)));
    return status;
}

static enum status read_record(const struct stored *stored, uint64_t lsn)
{
    struct span value;
    return store_read(stored->reader, lsn, &value);
}

static void every_flipped_bit_of_a_value_is_corrupt(void **state)
{
    struct stored stored = stored_begin(*state);
    const char record[] = "the first record", row[] = "the row of a key";
    off_t record_at = stored_with_checksum(&stored, record), row_at = stored_with_checksum(&stored, row);
    for (size_t bit = 0; bit < 8 * (CHECKSUM_BYTES + sizeof record - 1); bit++) {
        flip(&stored, record_at, bit);
        assert_int_equal(read_record(&stored, 1), STATUS_corrupt);
        flip(&stored, record_at, bit);
        flip(&stored, row_at, bit);
        assert_int_equal(read_row(&stored, TABLE_open, "key"), STATUS_corrupt);
        flip(&stored, row_at, bit);
    }
    assert_int_equal(read_record(&stored, 1), STATUS_ok);
    assert_int_equal(read_row(&stored, TABLE_open, "key"), STATUS_ok);
    stored_end(&stored);
}

/* Two values of one size change places, each with its checksum. */
static void exchange(const struct stored *stored, const char *one, const char *other)
{
    char bytes[2][64];
    const off_t at[] = {stored_with_checksum(stored, one), stored_with_checksum(stored, other)};
    size_t size = CHECKSUM_BYTES + strlen(one);
    assert_int_equal(strlen(one), strlen(other));
    for (int i = 0; i < 2; i++)
        assert_int_equal(pread(stored->file, bytes[i], size, at[i]), size);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pwrite(stored->file, bytes[!i], size, at[i]), size);
}

static void a_whole_value_in_a_wrong_place_is_corrupt(void **state)
{
    struct stored stored = stored_begin(*state);
    exchange(&stored, "the first record", "one more records");
    assert_int_equal(read_record(&stored, 1), STATUS_corrupt);
    assert_int_equal(read_record(&stored, 2), STATUS_corrupt);
    exchange(&stored, "the row of a key", "and of that else"); /* another key */
    assert_int_equal(read_row(&stored, TABLE_open, "key"), STATUS_corrupt);
    assert_int_equal(read_row(&stored, TABLE_open, "yek"), STATUS_corrupt);
    exchange(&stored, "the row of a key", "and of that else");
    assert_int_equal(read_row(&stored, TABLE_open, "key"), STATUS_ok);
    exchange(&stored, "the row of a key", "its other table!"); /* the same key */
    assert_int_equal(read_row(&stored, TABLE_open, "key"), STATUS_corrupt);
    assert_int_equal(read_row(&stored, TABLE_finished, "key"), STATUS_corrupt);
    stored_end(&stored);
}

static void a_value_shorter_than_a_checksum_is_corrupt(void **state)
{
    struct stored stored = stored_begin(*state);
    off_t node = stored_at(&stored, span_of("empty key")) - NODE_BYTES;
    char size;
    assert_int_equal(read_row(&stored, TABLE_pending, "empty key"), STATUS_ok);
    assert_int_equal(pread(stored.file, &size, 1, node), 1);
    assert_int_equal(size, CHECKSUM_BYTES);
    for (size = 0; size < CHECKSUM_BYTES; size++) {
        assert_int_equal(pwrite(stored.file, &size, 1, node), 1);
        assert_int_equal(read_row(&stored, TABLE_pending, "empty key"), STATUS_corrupt);
    }
    stored_end(&stored);
}

/* The bytes of the format, made by hand. If they have to change, so has the store's format number. */
static void a_value_has_these_very_bytes_before_it(void **state)
{
    struct stored stored = stored_begin(*state);
    const char record[] = "\xed\xd2\xc1\xab"
                          "the first record",
               row[] = "\x3e\xe4\xa6\x3d"
                       "the row of a key",
               empty[] = "empty key"
                         "\x26\xd9\xe2\xc2";
    stored_at(&stored, (struct span){record, sizeof record - 1});
    stored_at(&stored, (struct span){row, sizeof row - 1});
    stored_at(&stored, (struct span){empty, sizeof empty - 1});
    stored_end(&stored);
}

/* --- the worst --- */

/* Runs `story` in a process of its own, gives how it ended, and what it said on stderr. */
static int run_child(struct world *world, void (*story)(struct world *), char said[1024])
{
    int output[2], status;
    size_t size = 0;
    assert_int_equal(pipe(output), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(output[1], STDERR_FILENO);
        story(world);
        _exit(0);
    }
    close(output[1]);
    for (ssize_t got; size < 1023 && (got = read(output[0], said + size, 1023 - size)) > 0;)
        size += (size_t)got;
    said[size] = '\0';
    close(output[0]);
    waitpid(child, &status, 0);
    return status;
}

static void fill_small_map(struct world *world)
{
    struct store_error error;
    bool warned = false;
    if (world_try_open(world, world->path, MAP_SMALL, &error) != STATUS_ok)
        _exit(1);
    for (uint64_t lsn = 1, count = 0;; lsn += 10, count++) {
        world_submit(world, lsn, lsn + 9);
        world_wait(world, (uint32_t)count + 1);
        if (!warned && store_nearly_full(world->store)) {
            warned = true;
            fprintf(stderr, "nearly full after %u\n", world->commits);
        }
    }
}

/* What the journal has and LMDB has no room for waits for a larger map. */
static void a_full_map_stops_the_process_and_loses_nothing(void **state)
{
    struct world *world = *state;
    struct store_error error;
    char said[1024];
    unsigned warned_after = 0;
    unsigned long long untaken = 0;
    int status = run_child(world, fill_small_map, said);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), FATAL_commit);
    assert_non_null(strstr(said, "start again with a larger map"));
    assert_int_equal(sscanf(said, "nearly full after %u", &warned_after), 1);
    const char *from = strstr(said, "the batches from record ");
    assert_non_null(from);
    assert_int_equal(sscanf(from, "the batches from record %llu", &untaken), 1);
    assert_true(untaken > 10 * (warned_after + 2)); /* what is under way still fitted */
    assert_int_equal(world_try_open(world, world->path, MAP_SMALL, &error), STATUS_disk_full);
    assert_non_null(strstr(error.text, "start with a larger one"));
    world_open(world);
    uint64_t kept = untaken + 9; /* the batch that LMDB could not take, and that was reported */
    world_assert_log(world, kept);
    world_submit(world, kept + 1, kept + 1000);
    world_wait(world, 1);
    world_assert_log(world, kept + 1000);
}

/* So few that they are not settled by themselves before the process ends without a word. */
static void write_and_vanish(struct world *world)
{
    struct store_error error;
    if (world_try_open(world, world->path, MAP_BYTES, &error) != STATUS_ok)
        _exit(1);
    struct store_reader *reader = store_reader(world->store);
    uint64_t newest = store_newest(reader);
    store_reader_free(reader);
    for (uint64_t i = 0; i < 5; i++) {
        struct store_batch *batch = store_batch(world->store);
        world_append(batch, newest + 10 * i + 1, newest + 10 * i + 10);
        store_put(batch, TABLE_names, span_of("name"), span_of("row"));
        store_commit(world->store, batch);
    }
    _exit(0);
}

static void what_was_not_settled_is_read_from_the_journal(void **state)
{
    struct world *world = *state;
    char said[1024];
    struct span value;
    for (uint64_t life = 1; life <= 3; life++) {
        int status = run_child(world, write_and_vanish, said);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        world_open(world);
        world_assert_log(world, 50 * life);
        struct store_reader *reader = store_reader(world->store);
        assert_int_equal(store_find(reader, TABLE_names, span_of("name"), &value), STATUS_ok);
        store_reader_free(reader);
        world_close(world);
    }
}

/* Changes the byte of `file` that lies `offset` bytes behind the first place where record `lsn` stands. */
static void damage_record(const struct world *world, const char *file, uint64_t lsn, size_t offset)
{
    char path[128], record[16384];
    struct span wanted = world_record(lsn, record);
    world_file(world, file, path);
    FILE *journal = fopen(path, "r+");
    assert_non_null(journal);
    size_t size = 1 << 20;
    char *bytes = malloc(size);
    assert_int_equal(fread(bytes, 1, size, journal), size);
    const char *at = memmem(bytes, size, wanted.data, wanted.size);
    assert_non_null(at);
    assert_int_equal(fseek(journal, at - bytes + (long)offset, SEEK_SET), 0);
    assert_int_not_equal(fputc(~at[offset], journal), EOF);
    assert_int_equal(fclose(journal), 0);
    free(bytes);
}

static void an_entry_that_was_being_written_is_not_there(void **state)
{
    struct world *world = *state;
    char said[1024];
    run_child(world, write_and_vanish, said);
    damage_record(world, "journal.0", 45, 3);
    world_open(world);
    world_assert_log(world, 40);
    world_submit(world, 41, 60);
    world_reopen(world);
    world_assert_log(world, 60);
}

static void a_journal_that_is_missing_is_refused(void **state)
{
    struct world *world = *state;
    char path[128];
    world_open(world);
    world_submit(world, 1, 10);
    world_close(world);
    world_file(world, "journal.1", path);
    unlink(path);
    assert_refused(world, world->path, STATUS_corrupt, "journal.1 is missing");
}

/* Nothing is settled yet, and the files hold everything. */
static void a_journal_that_is_missing_from_a_young_store_is_refused(void **state)
{
    struct world *world = *state;
    char said[1024], path[128];
    run_child(world, write_and_vanish, said);
    for (int i = 0; i < 2; i++) {
        world_file(world, i ? "journal.1" : "journal.0", path);
        assert_int_equal(unlink(path), 0);
    }
    assert_refused(world, world->path, STATUS_corrupt, "journal.0 is missing");
}

/* The data file fits, the journal does not. */
static void start_without_room_for_the_journal(struct world *world)
{
    struct store_error error;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){1 << 20, 1 << 20});
    _exit(world_try_open(world, world->path, MAP_BYTES, &error) == STATUS_ok ? 0 : 1);
}

static void a_start_cut_short_before_its_journal_was_made_is_begun_again(void **state)
{
    struct world *world = *state;
    char said[1024], path[128];
    int status = run_child(world, start_without_room_for_the_journal, said);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    world_file(world, "data.mdb", path);
    assert_int_equal(access(path, F_OK), 0);
    world_file(world, "journal.1", path);
    assert_int_equal(access(path, F_OK), -1);
    world_open(world);
    world_submit(world, 1, 10);
    world_reopen(world);
    world_assert_log(world, 10);
}

static void a_journal_that_was_cut_is_refused(void **state)
{
    struct world *world = *state;
    char path[128];
    world_open(world);
    world_submit(world, 1, 10);
    world_close(world);
    world_file(world, "journal.0", path);
    assert_int_equal(truncate(path, 1000), 0);
    assert_refused(world, world->path, STATUS_corrupt, "journal.0 is shorter");
}

/* The check of every entry begins with the store's own secret, so nobody can write one into a message of theirs. */
static void a_journal_of_another_store_is_not_believed(void **state)
{
    struct world *world = *state;
    char said[1024], journal[128], kept[] = "/tmp/relevo-test-journal-XXXXXX";
    int fd = mkstemp(kept);
    assert_true(fd >= 0);
    close(fd);
    run_child(world, write_and_vanish, said);
    world_file(world, "journal.0", journal);
    assert_int_equal(rename(journal, kept), 0);
    assert_true(world_remove(world));
    world_open(world);
    world_close(world);
    assert_int_equal(rename(kept, journal), 0);
    world_open(world);
    world_assert_log(world, 0);
}

static void leave_a_gap(struct world *world)
{
    struct store_error error;
    if (world_try_open(world, world->path, MAP_SMALL, &error) == STATUS_ok)
        world_append(store_batch(world->store), 2, 2);
}

static void a_gap_in_the_log_is_our_own_bug(void **state)
{
    struct world *world = *state;
    char said[1024];
    int status = run_child(world, leave_a_gap, said);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void tell_committed(void *context, uint64_t newest_lsn)
{
    const int *acknowledgements = context;
    if (write(*acknowledgements, &newest_lsn, sizeof newest_lsn) != sizeof newest_lsn)
        _exit(1);
}

/* Writes batches of random sizes, several in flight at a time, until it is killed. Every batch also leaves its last lsn in a table. */
static void write_until_killed(const char *path, int acknowledgements, uint64_t next)
{
    const struct store_options options = {
        .directory = path, .map_bytes = MAP_BYTES, .on_committed = tell_committed, .context = &acknowledgements};
    struct store *store;
    struct store_error error;
    struct prng prng;
    prng_init(&prng, next);
    if (store_open(&options, &store, &error) != STATUS_ok)
        _exit(1);
    for (;;) {
        uint64_t last = next + prng_below(&prng, 40);
        struct store_batch *batch = store_batch(store);
        world_append(batch, next, last);
        store_put(batch, TABLE_meta, span_of("last"), (struct span){(const char *)&last, sizeof last});
        store_submit(store, batch);
        next = last + 1;
        while (store_in_flight(store) > 3)
            sched_yield();
    }
}

/* Lets a child write, kills it after so many acknowledgements, and gives the newest lsn acknowledged. */
static uint64_t write_and_kill(struct world *world, uint64_t next, uint64_t acknowledgements)
{
    int pipes[2];
    uint64_t newest = next - 1, count = 0;
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0)
        write_until_killed(world->path, pipes[1], next);
    close(pipes[1]);
    while (read(pipes[0], &newest, sizeof newest) == sizeof newest)
        if (++count == acknowledgements)
            kill(child, SIGKILL);
    assert_true(count >= acknowledgements);
    close(pipes[0]);
    waitpid(child, NULL, 0);
    return newest;
}

static void nothing_acknowledged_is_lost_when_the_process_is_killed(void **state)
{
    struct world *world = *state;
    uint64_t newest = 0, last;
    struct span value;
    struct prng prng;
    prng_init(&prng, 42);
    for (int life = 0; life < 8; life++) {
        uint64_t acknowledged = write_and_kill(world, newest + 1, 1 + prng_below(&prng, 30));
        world_open(world);
        struct store_reader *reader = store_reader(world->store);
        newest = store_newest(reader);
        assert_true(newest >= acknowledged);
        assert_int_equal(store_find(reader, TABLE_meta, span_of("last"), &value), STATUS_ok);
        memcpy(&last, value.data, sizeof last);
        assert_int_equal(last, newest);
        store_reader_free(reader);
        world_assert_log(world, newest);
        world_close(world);
    }
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_directory_open_twice_is_refused),
        STORE_TEST(a_directory_in_use_by_another_process_is_refused),
        STORE_TEST(a_place_that_cannot_be_written_is_refused),
        STORE_TEST(another_format_is_refused_by_both_numbers),
        STORE_TEST(a_directory_of_something_else_is_refused_and_left_alone),
        STORE_TEST(a_lost_data_file_is_not_replaced_by_an_empty_one),
        STORE_TEST(a_data_file_of_another_kind_is_refused),
        STORE_TEST(a_data_file_that_was_cut_is_refused),
        STORE_TEST(every_flipped_bit_of_a_value_is_corrupt),
        STORE_TEST(a_whole_value_in_a_wrong_place_is_corrupt),
        STORE_TEST(a_value_shorter_than_a_checksum_is_corrupt),
        STORE_TEST(a_value_has_these_very_bytes_before_it),
        STORE_TEST(a_full_map_stops_the_process_and_loses_nothing),
        STORE_TEST(what_was_not_settled_is_read_from_the_journal),
        STORE_TEST(an_entry_that_was_being_written_is_not_there),
        STORE_TEST(a_journal_that_is_missing_is_refused),
        STORE_TEST(a_journal_that_is_missing_from_a_young_store_is_refused),
        STORE_TEST(a_start_cut_short_before_its_journal_was_made_is_begun_again),
        STORE_TEST(a_journal_that_was_cut_is_refused),
        STORE_TEST(a_journal_of_another_store_is_not_believed),
        STORE_TEST(a_gap_in_the_log_is_our_own_bug),
        STORE_TEST(nothing_acknowledged_is_lost_when_the_process_is_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
