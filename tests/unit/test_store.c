/* What is written into the store can be read, now and in the next life. */
#include "tests/lib/store_world.h"

static void put(struct store_batch *batch, enum store_table table, const char *key, const char *value)
{
    store_put(batch, table, span_of(key), span_of(value));
}

static void assert_value(struct store_reader *reader, enum store_table table, const char *key, const char *value)
{
    struct span found;
    assert_int_equal(store_find(reader, table, span_of(key), &found), STATUS_ok);
    assert_true(span_equal(found, span_of(value)));
}

static void assert_absent(struct store_reader *reader, enum store_table table, const char *key)
{
    struct span found;
    assert_int_equal(store_find(reader, table, span_of(key), &found), STATUS_not_found);
}

/* --- what is written can be read --- */

static void a_new_store_is_empty(void **state)
{
    struct world *world = *state;
    struct span key, value;
    world_open(world);
    struct store_reader *reader = store_reader(world->store);
    assert_int_equal(store_newest(reader), 0);
    assert_int_equal(store_read(reader, 1, &value), STATUS_not_found);
    assert_int_equal(store_scan(reader, TABLE_open, span_of(""), &key, &value), STATUS_not_found);
    assert_absent(reader, TABLE_customers, "1");
    assert_false(store_nearly_full(world->store));
    store_reader_free(reader);
}

static void a_directory_that_is_absent_is_made(void **state)
{
    struct world *world = *state;
    assert_int_equal(rmdir(world->path), 0);
    world_open(world);
}

static void records_come_back_as_they_were(void **state)
{
    struct world *world = *state;
    world_open(world);
    world_submit(world, 1, 500);
    world_wait(world, 1);
    world_assert_log(world, 500);
}

static void records_can_be_read_in_any_order(void **state)
{
    struct world *world = *state;
    char bytes[16384];
    struct span record;
    struct prng prng;
    prng_init(&prng, 1);
    world_open(world);
    world_submit(world, 1, 500);
    world_wait(world, 1);
    struct store_reader *reader = store_reader(world->store);
    for (int i = 0; i < 2000; i++) {
        uint64_t lsn = 1 + prng_below(&prng, 600);
        enum status expected = lsn <= 500 ? STATUS_ok : STATUS_not_found;
        assert_int_equal(store_read(reader, lsn, &record), expected);
        assert_true(expected != STATUS_ok || span_equal(record, world_record(lsn, bytes)));
    }
    store_reader_free(reader);
}

static void batches_are_committed_and_reported_in_order(void **state)
{
    struct world *world = *state;
    world_open(world);
    for (uint64_t i = 0; i < 20; i++)
        world_submit(world, 10 * i + 1, 10 * i + 10);
    world_wait(world, 20);
    for (uint64_t i = 0; i < 20; i++)
        assert_int_equal(world->newest[i], 10 * i + 10);
    assert_int_equal(store_in_flight(world->store), 0);
    world_assert_log(world, 200);
}

static void a_batch_without_records_reports_the_newest_lsn(void **state)
{
    struct world *world = *state;
    world_open(world);
    world_submit(world, 1, 3);
    struct store_batch *batch = store_batch(world->store);
    put(batch, TABLE_meta, "a", "1");
    store_submit(world->store, batch);
    world_wait(world, 2);
    assert_int_equal(world->newest[1], 3);
}

static void a_batch_counts_what_it_holds(void **state)
{
    struct world *world = *state;
    world_open(world);
    struct store_batch *batch = store_batch(world->store);
    assert_int_equal(store_batch_bytes(batch), 0);
    store_append(batch, 1, span_of("four"));
    put(batch, TABLE_meta, "key", "value");
    assert_int_equal(store_batch_records(batch), 1);
    assert_int_equal(store_batch_bytes(batch), 12);
    store_submit(world->store, batch);
    world_wait(world, 1);
    batch = store_batch(world->store);
    assert_int_equal(store_batch_records(batch), 0);
    assert_int_equal(store_batch_bytes(batch), 0);
}

static void the_last_change_of_a_key_counts(void **state)
{
    struct world *world = *state;
    world_open(world);
    struct store_batch *batch = store_batch(world->store);
    put(batch, TABLE_open, "b", "first");
    put(batch, TABLE_open, "a", "first");
    store_delete(batch, TABLE_open, span_of("a"));
    put(batch, TABLE_open, "b", "second");
    put(batch, TABLE_open, "c", "first");
    store_delete(batch, TABLE_open, span_of("c"));
    put(batch, TABLE_open, "c", "third");
    put(batch, TABLE_open, "ab", "longer");
    store_submit(world->store, batch);
    world_wait(world, 1);
    struct store_reader *reader = store_reader(world->store);
    assert_absent(reader, TABLE_open, "a");
    assert_value(reader, TABLE_open, "b", "second");
    assert_value(reader, TABLE_open, "c", "third");
    assert_value(reader, TABLE_open, "ab", "longer");
    store_reader_free(reader);
}

static void later_batches_replace_and_delete(void **state)
{
    struct world *world = *state;
    world_open(world);
    struct store_batch *batch = store_batch(world->store);
    put(batch, TABLE_customers, "gone", "1");
    put(batch, TABLE_customers, "new", "1");
    store_submit(world->store, batch);
    batch = store_batch(world->store);
    store_delete(batch, TABLE_customers, span_of("gone"));
    store_delete(batch, TABLE_customers, span_of("never there"));
    put(batch, TABLE_customers, "new", "2");
    store_submit(world->store, batch);
    world_wait(world, 2);
    struct store_reader *reader = store_reader(world->store);
    assert_absent(reader, TABLE_customers, "gone");
    assert_value(reader, TABLE_customers, "new", "2");
    store_reader_free(reader);
}

static void every_table_keeps_its_own_keys(void **state)
{
    struct world *world = *state;
    char value[] = "a";
    world_open(world);
    struct store_batch *batch = store_batch(world->store);
    for (unsigned table = 0; table < STORE_TABLES; table++, value[0]++)
        put(batch, (enum store_table)table, "key", value);
    store_submit(world->store, batch);
    world_wait(world, 1);
    struct store_reader *reader = store_reader(world->store);
    for (unsigned table = STORE_TABLES; table-- > 0;) {
        value[0]--;
        assert_value(reader, (enum store_table)table, "key", value);
    }
    store_reader_free(reader);
}

static void a_value_may_be_empty(void **state)
{
    struct world *world = *state;
    world_open(world);
    struct store_batch *batch = store_batch(world->store);
    put(batch, TABLE_pending, "key", "");
    store_submit(world->store, batch);
    world_wait(world, 1);
    struct store_reader *reader = store_reader(world->store);
    assert_value(reader, TABLE_pending, "key", "");
    store_reader_free(reader);
}

/* 2000 keys of one byte pattern each, written out of order, come back in order by asking from each found key plus a 0 byte. */
static void a_scan_walks_the_keys_in_order(void **state)
{
    struct world *world = *state;
    char next[16], expected[16];
    struct span key, value, from = {"", 0};
    world_open(world);
    struct store_batch *batch = store_batch(world->store);
    for (int i = 0; i < 2000; i++) {
        snprintf(next, sizeof next, "key %04d", i * 777 % 2000);
        put(batch, TABLE_addresses, next, "some value");
    }
    store_submit(world->store, batch);
    world_wait(world, 1);
    struct store_reader *reader = store_reader(world->store);
    for (int i = 0; i < 2000; i++) {
        snprintf(expected, sizeof expected, "key %04d", i);
        assert_int_equal(store_scan(reader, TABLE_addresses, from, &key, &value), STATUS_ok);
        assert_true(span_equal(key, span_of(expected)) && span_equal(value, span_of("some value")));
        memcpy(next, key.data, key.size);
        next[key.size] = '\0';
        from = (struct span){next, key.size + 1};
    }
    assert_int_equal(store_scan(reader, TABLE_addresses, from, &key, &value), STATUS_not_found);
    assert_int_equal(store_scan(reader, TABLE_addresses, span_of("key 0500+"), &key, &value), STATUS_ok);
    assert_true(span_equal(key, span_of("key 0501")));
    store_reader_free(reader);
}

/* --- durable, then settled --- */

static void a_record_can_be_read_before_it_is_settled(void **state)
{
    struct world *world = *state;
    world_open(world);
    for (uint64_t i = 0; i < 10; i++)
        world_submit(world, 10 * i + 1, 10 * i + 10);
    world_wait_durable(world, 10);
    world_assert_log(world, 100);
    world_wait(world, 10);
    world_assert_log(world, 100);
}

static void a_batch_committed_by_the_caller_is_durable_at_once(void **state)
{
    struct world *world = *state;
    world_open(world);
    world_submit(world, 1, 10);
    world_wait_durable(world, 1);
    struct store_batch *batch = store_batch(world->store);
    world_append(batch, 11, 20);
    put(batch, TABLE_open, "key", "value");
    uint64_t number = store_commit(world->store, batch);
    assert_int_equal(number, world->settled_before + 2);
    assert_int_equal(world->commits, 1);
    world_assert_log(world, 20);
    world_wait(world, 1);
    world_assert_log(world, 20);
}

static void a_row_can_be_read_when_its_batch_is_settled(void **state)
{
    struct world *world = *state;
    world_open(world);
    struct store_batch *batch = store_batch(world->store);
    put(batch, TABLE_open, "key", "value");
    uint64_t number = store_submit(world->store, batch);
    world_wait(world, 1);
    assert_true(store_settled(world->store) >= number);
    struct store_reader *reader = store_reader(world->store);
    assert_value(reader, TABLE_open, "key", "value");
    store_reader_free(reader);
}

static void a_settled_batch_serves_again_though_nobody_reads(void **state)
{
    struct world *world = *state;
    world_open(world);
    struct store_batch *batch = store_batch(world->store);
    world_append(batch, 1, 10);
    store_submit(world->store, batch);
    world_wait(world, 1);
    assert_ptr_equal(store_batch(world->store), batch);
}

/* Several times what both files of the journal hold. */
static void the_journal_is_filled_again_and_again(void **state)
{
    struct world *world = *state;
    world_open(world);
    uint32_t batches = 40, each = 8000;
    for (uint64_t i = 0; i < batches; i++) {
        world_submit(world, each * i + 1, each * i + each);
        world_wait_durable(world, (uint32_t)i + 1);
    }
    world_assert_log(world, (uint64_t)batches * each);
    world_reopen(world);
    world_assert_log(world, (uint64_t)batches * each);
}

/* --- readers --- */

static void a_reader_sees_one_state_until_it_is_renewed(void **state)
{
    struct world *world = *state;
    struct span record;
    world_open(world);
    world_submit(world, 1, 1);
    world_wait(world, 1);
    struct store_reader *reader = store_reader(world->store), *other = store_reader(world->store);
    assert_int_equal(store_newest(reader), 1);
    world_submit(world, 2, 2);
    world_wait(world, 2);
    assert_int_equal(store_newest(reader), 1);
    assert_int_equal(store_read(reader, 2, &record), STATUS_not_found);
    assert_int_equal(store_newest(other), 2);
    store_renew(reader);
    assert_int_equal(store_newest(reader), 2);
    assert_int_equal(store_read(reader, 2, &record), STATUS_ok);
    store_reader_free(reader);
    store_reader_free(other);
}

static void a_released_reader_looks_again_by_itself(void **state)
{
    struct world *world = *state;
    struct span key, value;
    world_open(world);
    struct store_reader *reader = store_reader(world->store);
    assert_int_equal(store_scan(reader, TABLE_names, span_of(""), &key, &value), STATUS_not_found);
    store_release(reader);
    struct store_batch *batch = store_batch(world->store);
    put(batch, TABLE_names, "1", "ana");
    store_submit(world->store, batch);
    world_wait(world, 1);
    assert_int_equal(store_scan(reader, TABLE_names, span_of(""), &key, &value), STATUS_ok);
    assert_value(reader, TABLE_names, "1", "ana");
    store_release(reader);
    store_release(reader);
    store_reader_free(reader);
}

/* --- from one life to the next --- */

static void everything_is_there_after_reopening(void **state)
{
    struct world *world = *state;
    world_open(world);
    struct hash_key key = store_hash_key(world->store);
    struct store_batch *batch = store_batch(world->store);
    world_append(batch, 1, 100);
    put(batch, TABLE_finished, "7", "a row");
    store_submit(world->store, batch);
    world_reopen(world);
    assert_true(key.k0 == store_hash_key(world->store).k0 && key.k1 == store_hash_key(world->store).k1);
    world_assert_log(world, 100);
    struct store_reader *reader = store_reader(world->store);
    assert_value(reader, TABLE_finished, "7", "a row");
    store_reader_free(reader);
    world_submit(world, 101, 150);
    world_reopen(world);
    world_assert_log(world, 150);
}

static void closing_commits_what_was_submitted(void **state)
{
    struct world *world = *state;
    world_open(world);
    for (uint64_t i = 0; i < 10; i++)
        world_submit(world, 5 * i + 1, 5 * i + 5);
    store_batch(world->store); /* taken and never submitted */
    world_reopen(world);
    world_assert_log(world, 50);
}

static void every_store_draws_its_own_hash_key(void **state)
{
    struct world *world = *state;
    world_open(world);
    struct hash_key first = store_hash_key(world->store);
    world_close(world);
    world_remove(world);
    world_open(world);
    assert_true(first.k0 != store_hash_key(world->store).k0 && first.k1 != store_hash_key(world->store).k1);
}

static void a_start_that_was_cut_short_is_made_good(void **state)
{
    struct world *world = *state;
    world_write_file(world, "new.mdb", "half a data file");
    world_open(world);
    world_submit(world, 1, 10);
    world_reopen(world);
    world_assert_log(world, 10);
}

static void a_larger_map_stays_when_a_smaller_one_is_asked_for(void **state)
{
    struct world *world = *state;
    struct store_error error;
    world_open(world);
    world_close(world);
    assert_int_equal(world_try_open(world, world->path, MAP_SMALL, &error), STATUS_ok);
    for (uint64_t i = 0; i < 8; i++)
        world_submit(world, 1000 * i + 1, 1000 * i + 1000);
    world_wait(world, 8);
    assert_true(store_bytes_used(world->store) > 2 * MAP_SMALL);
    assert_false(store_nearly_full(world->store));
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_new_store_is_empty),
        STORE_TEST(a_directory_that_is_absent_is_made),
        STORE_TEST(records_come_back_as_they_were),
        STORE_TEST(records_can_be_read_in_any_order),
        STORE_TEST(batches_are_committed_and_reported_in_order),
        STORE_TEST(a_batch_without_records_reports_the_newest_lsn),
        STORE_TEST(a_batch_counts_what_it_holds),
        STORE_TEST(the_last_change_of_a_key_counts),
        STORE_TEST(later_batches_replace_and_delete),
        STORE_TEST(every_table_keeps_its_own_keys),
        STORE_TEST(a_value_may_be_empty),
        STORE_TEST(a_scan_walks_the_keys_in_order),
        STORE_TEST(a_record_can_be_read_before_it_is_settled),
        STORE_TEST(a_batch_committed_by_the_caller_is_durable_at_once),
        STORE_TEST(a_row_can_be_read_when_its_batch_is_settled),
        STORE_TEST(a_settled_batch_serves_again_though_nobody_reads),
        STORE_TEST(the_journal_is_filled_again_and_again),
        STORE_TEST(a_reader_sees_one_state_until_it_is_renewed),
        STORE_TEST(a_released_reader_looks_again_by_itself),
        STORE_TEST(everything_is_there_after_reopening),
        STORE_TEST(closing_commits_what_was_submitted),
        STORE_TEST(every_store_draws_its_own_hash_key),
        STORE_TEST(a_start_that_was_cut_short_is_made_good),
        STORE_TEST(a_larger_map_stays_when_a_smaller_one_is_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
