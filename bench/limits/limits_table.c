#include "bench/limits/limits_table.h"

#include "bench/latency.h"
#include "bench/readable.h"
#include "bench/table.h"

static const struct kind {
    const char *key, *label, *unit;
} kinds[LIMIT_KINDS] = {
    [LIMIT_page_first] = {"page_first", "writing a 4 KiB page, the first time", "pages"},
    [LIMIT_page_again] = {"page_again", "the same again", "pages"},
    [LIMIT_flush_append] = {"flush_append", "fdatasync after appending 4 KiB", "flushes"},
    [LIMIT_flush_overwrite] = {"flush_overwrite", "fdatasync after overwriting 4 KiB", "flushes"},
    [LIMIT_lmdb_64] = {"lmdb_append_64", "LMDB append, commits of 64", "messages"},
    [LIMIT_lmdb_512] = {"lmdb_append_512", "LMDB append, commits of 512", "messages"},
    [LIMIT_lmdb_4096] = {"lmdb_append_4096", "LMDB append, commits of 4 096", "messages"},
    [LIMIT_relay_stored] = {"relay_stored", "TCP relay that stores", "messages"},
    [LIMIT_relay_stored_paced] = {"relay_stored_paced", "the same, 5 000/s", "messages"},
    [LIMIT_relay] = {"relay", "TCP relay that stores nothing", "messages"},
    [LIMIT_relay_paced] = {"relay_paced", "the same, 5 000/s", "messages"},
    [LIMIT_echo_one] = {"echo_1x1", "NNG echo of 1 message, 1 in flight", "requests"},
    [LIMIT_echo_small] = {"echo_1x256", "NNG echo of 1 message, 256 in flight", "requests"},
    [LIMIT_echo_large] = {"echo_64x64", "NNG echo of 64 messages, 64 in flight", "requests"},
};

void limits_print(const struct limit limits[LIMIT_KINDS])
{
    struct table table = {0};
    char rate[READABLE_MAX];
    table_left(&table, "LIMIT");
    table_right(&table, "a second");
    table_left(&table, "of");
    table_right(&table, "p50, us");
    table_right(&table, "p99, us");
    for (int i = 0; i < LIMIT_KINDS; i++) {
        table_cell(&table, "%s", kinds[i].label);
        table_cell(&table, "%s", readable_count(rate, (uint64_t)limits[i].per_second));
        table_cell(&table, "%s", kinds[i].unit);
        table_cell(&table, "%.0f", latency_us(&limits[i].ns, 0.5));
        table_cell(&table, "%.0f", latency_us(&limits[i].ns, 0.99));
    }
    table_print(&table, stdout);
    table_fini(&table);
}

json_t *limits_json(const struct limit limits[LIMIT_KINDS])
{
    json_t *all = json_object();
    for (int i = 0; i < LIMIT_KINDS; i++)
        json_object_set_new(all, kinds[i].key,
                            json_pack("{s:s, s:f, s:o, s:I}", "unit", kinds[i].unit, "per_second", limits[i].per_second, "us",
                                      latency_json(&limits[i].ns), "wrong", (json_int_t)limits[i].wrong));
    return all;
}
