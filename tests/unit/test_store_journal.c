/* What was appended to the journal is found again, in order, and nothing else is. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store_journal.h"

enum {
    FILE_BYTES = 16 << 20,
    HEAD_BYTES = 20,
    ENTRY_BYTES = HEAD_BYTES + 1000,
};

struct world {
    char path[64];
    struct directory directory;
    struct journal journal;
    char *body;
};

static void journal_again(struct world *world, uint32_t seed)
{
    struct store_error error;
    journal_close(&world->journal);
    assert_int_equal(journal_open(&world->journal, &world->directory, true, seed, &error), STATUS_ok);
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    struct store_error error;
    strcpy(world->path, "/tmp/relevo-test-journal-XXXXXX");
    assert_non_null(mkdtemp(world->path));
    assert_int_equal(directory_open(&world->directory, world->path, &error), STATUS_ok);
    world->journal = JOURNAL_CLOSED;
    world->body = calloc(1, 2 * FILE_BYTES);
    journal_again(world, 7);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    const char *const names[] = {DIRECTORY_JOURNAL_0, DIRECTORY_JOURNAL_1, "lock"};
    struct world *world = *state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unlinkat(world->directory.fd, names[i], 0);
    journal_close(&world->journal);
    directory_close(&world->directory);
    int left = rmdir(world->path);
    free(world->body);
    free(world);
    return left;
}

/* In two pieces, and the body begins with the number. */
static void append(struct world *world, uint64_t number, uint32_t size)
{
    memcpy(world->body, &number, sizeof number);
    const struct span pieces[] = {{world->body, sizeof number}, {world->body + sizeof number, size - (uint32_t)sizeof number}};
    assert_int_equal(journal_append(&world->journal, number, pieces, 2), 0);
}

/* Exactly these are found, and whether there is a gap after them. */
static void assert_found(const struct world *world, uint64_t settled, uint64_t last, bool gap)
{
    struct journal_scan scan;
    struct span entry;
    uint64_t number;
    struct store_error error;
    assert_int_equal(journal_scan_begin(&scan, &world->journal, settled, &error), STATUS_ok);
    for (uint64_t expected = settled + 1; expected <= last; expected++) {
        assert_true(journal_scan_next(&scan, &entry));
        memcpy(&number, entry.data, sizeof number);
        assert_int_equal(number, expected);
    }
    assert_false(journal_scan_next(&scan, &entry));
    assert_int_equal(journal_scan_gap(&scan), gap);
    journal_scan_end(&scan);
}

static void damage(const struct world *world, unsigned file, uint64_t offset)
{
    assert_int_equal(pwrite(world->journal.files[file].fd, "x", 1, (off_t)offset), 1);
}

static void a_new_journal_is_empty(void **state)
{
    struct world *world = *state;
    assert_found(world, 0, 0, false);
    assert_found(world, 12, 12, false);
}

/* To the file system a block that is only reserved is a hole, until a flush reaches it and has to tell so on the disk. */
static void every_block_is_written_when_the_files_are_made(void **state)
{
    struct world *world = *state;
    for (unsigned i = 0; i < JOURNAL_FILES; i++)
        assert_int_equal(lseek(world->journal.files[i].fd, 0, SEEK_HOLE), FILE_BYTES);
}

static void a_file_that_cannot_be_read_is_told_by_name(void **state)
{
    struct world *world = *state;
    struct journal_scan scan;
    struct store_error error;
    int unreadable = openat(world->directory.fd, DIRECTORY_JOURNAL_1, O_WRONLY | O_CLOEXEC);
    assert_true(unreadable >= 0 && dup2(unreadable, world->journal.files[1].fd) >= 0);
    close(unreadable);
    assert_int_equal(journal_scan_begin(&scan, &world->journal, 0, &error), STATUS_corrupt);
    journal_scan_end(&scan);
    assert_non_null(strstr(error.text, "journal.1 cannot be read"));
    assert_non_null(strstr(error.text, world->path));
}

static void entries_come_back_in_order_from_the_one_asked_for(void **state)
{
    struct world *world = *state;
    for (uint64_t number = 1; number <= 100; number++)
        append(world, number, 8 + (uint32_t)(number * 977 % 5000));
    journal_again(world, 7);
    assert_found(world, 0, 100, false);
    assert_found(world, 60, 100, false);
    assert_found(world, 100, 100, false);
}

static void a_newest_entry_that_does_not_hold_ends_the_walk(void **state)
{
    struct world *world = *state;
    for (uint64_t number = 1; number <= 3; number++)
        append(world, number, 1000);
    damage(world, 0, 2 * ENTRY_BYTES + 500);
    assert_found(world, 0, 2, false);
    damage(world, 0, 2 * ENTRY_BYTES + 8);
    assert_found(world, 0, 2, false);
}

static void a_damaged_entry_does_not_hide_the_later_ones(void **state)
{
    struct world *world = *state;
    for (uint64_t number = 1; number <= 4; number++)
        append(world, number, 1000);
    damage(world, 0, 2 * ENTRY_BYTES + 500);
    assert_found(world, 0, 2, true);
    damage(world, 0, 2 * ENTRY_BYTES + 8);
    assert_found(world, 0, 2, true);
    damage(world, 0, 100);
    assert_found(world, 3, 3, true);
    assert_found(world, 4, 4, false);
}

/* It was cut short by one power cut, and what was written next by another: what was whole before both stands behind it. */
static void two_entries_cut_short_under_one_number_are_no_gap(void **state)
{
    struct world *world = *state;
    append(world, 1, 1000);
    append(world, 2, 1000);
    damage(world, 0, ENTRY_BYTES + 500);
    journal_again(world, 7);
    assert_found(world, 1, 1, false);
    append(world, 2, 500);
    damage(world, 0, 300);
    assert_found(world, 1, 1, false);
}

static void the_files_are_filled_in_turn_and_only_over_what_is_settled(void **state)
{
    struct world *world = *state;
    uint32_t size = FILE_BYTES / 4;
    for (uint64_t number = 1; number <= 6; number++) {
        assert_true(journal_has_room(&world->journal, size, 0));
        append(world, number, size);
    }
    assert_false(journal_has_room(&world->journal, size, 2));
    assert_true(journal_has_room(&world->journal, size, 3));
    assert_found(world, 0, 6, false);
    append(world, 7, size);
    append(world, 8, size);
    assert_found(world, 3, 8, false);
    assert_found(world, 7, 8, false);
}

/* The file is filled anew from its front; behind the new entries old ones stand where they stood. */
static void what_is_left_from_the_last_time_is_not_found(void **state)
{
    struct world *world = *state;
    uint32_t size = FILE_BYTES / 8;
    for (uint64_t number = 1; number <= 15; number++)
        append(world, number, size);
    assert_found(world, 7, 15, false);
    damage(world, 0, 100);
    assert_found(world, 7, 14, false);
}

static void an_entry_larger_than_a_file_fits(void **state)
{
    struct world *world = *state;
    append(world, 1, 100);
    assert_true(journal_has_room(&world->journal, FILE_BYTES + 1000, 0));
    append(world, 2, FILE_BYTES + 1000);
    assert_false(journal_has_room(&world->journal, 100, 0));
    assert_true(journal_has_room(&world->journal, 100, 1));
    journal_again(world, 7);
    assert_found(world, 0, 2, false);
}

static void a_missing_entry_before_a_later_one_is_a_gap(void **state)
{
    struct world *world = *state;
    uint32_t size = FILE_BYTES / 3;
    for (uint64_t number = 1; number <= 3; number++)
        append(world, number, size);
    damage(world, 0, size + HEAD_BYTES + 50);
    assert_found(world, 0, 1, true);
    assert_found(world, 2, 3, false);
}

static void write_at(const struct world *world, const char *bytes, size_t size, size_t at)
{
    assert_int_equal(pwrite(world->journal.files[0].fd, bytes, size, (off_t)at), size);
}

/* However the bytes of its number lie: some begin with zeros too. */
static void a_later_entry_is_found_anywhere_between_zeros(void **state)
{
    struct world *world = *state;
    const uint64_t numbers[] = {2, UINT64_C(1) << 24, UINT64_C(1) << 56};
    char entry[HEAD_BYTES + 8], zeros[HEAD_BYTES + 8] = {0};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        uint64_t last = numbers[i] - 2;
        append(world, numbers[i], 8);
        assert_int_equal(pread(world->journal.files[0].fd, entry, sizeof entry, (off_t)(i * sizeof entry)), sizeof entry);
        write_at(world, zeros, sizeof zeros, i * sizeof entry);
        assert_found(world, last, last, false);
        const size_t places[] = {10000, 10001, 10002, 10003, 10004, 10005, 10006, 10007, 1, FILE_BYTES - sizeof entry};
        for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
            write_at(world, entry, sizeof entry, places[k]);
            assert_found(world, last, last, true);
            write_at(world, zeros, sizeof zeros, places[k]);
        }
    }
}

static void entries_of_another_seed_are_not_believed(void **state)
{
    struct world *world = *state;
    append(world, 1, 100);
    journal_again(world, 8);
    assert_found(world, 0, 0, false);
}

static void an_absent_file_is_refused_unless_it_may_be_made(void **state)
{
    struct world *world = *state;
    struct store_error error;
    unlinkat(world->directory.fd, DIRECTORY_JOURNAL_1, 0);
    journal_close(&world->journal);
    assert_int_equal(journal_open(&world->journal, &world->directory, false, 7, &error), STATUS_corrupt);
    assert_non_null(strstr(error.text, "journal.1 is missing"));
}

#define JOURNAL_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        JOURNAL_TEST(a_new_journal_is_empty),
        JOURNAL_TEST(every_block_is_written_when_the_files_are_made),
        JOURNAL_TEST(a_file_that_cannot_be_read_is_told_by_name),
        JOURNAL_TEST(entries_come_back_in_order_from_the_one_asked_for),
        JOURNAL_TEST(a_newest_entry_that_does_not_hold_ends_the_walk),
        JOURNAL_TEST(a_damaged_entry_does_not_hide_the_later_ones),
        JOURNAL_TEST(two_entries_cut_short_under_one_number_are_no_gap),
        JOURNAL_TEST(the_files_are_filled_in_turn_and_only_over_what_is_settled),
        JOURNAL_TEST(what_is_left_from_the_last_time_is_not_found),
        JOURNAL_TEST(an_entry_larger_than_a_file_fits),
        JOURNAL_TEST(a_missing_entry_before_a_later_one_is_a_gap),
        JOURNAL_TEST(a_later_entry_is_found_anywhere_between_zeros),
        JOURNAL_TEST(entries_of_another_seed_are_not_believed),
        JOURNAL_TEST(an_absent_file_is_refused_unless_it_may_be_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
