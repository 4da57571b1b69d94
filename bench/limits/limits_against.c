#include "bench/limits/limits_against.h"

#include <string.h>

#include "bench/latency.h"
#include "bench/table.h"

static bool run_complain(const char *path, const char *wrong)
{
    command_complain(LIMITS_COMMAND, "%s: expected what `relevo bench route --json` prints: %s", path, wrong);
    return false;
}

/* Whether it has what is compared. */
static bool run_fits(const char *path, json_t *run)
{
    const char *bench;
    json_int_t batch, rate, body_bytes;
    double per_second, p50, p99;
    json_error_t error;
    if (json_unpack_ex(run, &error, 0, "{s:s, s:F, s:{s:I, s:I, s:I}, s:{s:F, s:F}}", "bench", &bench, "messages_per_second", &per_second,
                       "parameters", "batch", &batch, "rate", &rate, "body_bytes", &body_bytes, "deliver_us", "p50", &p50, "p99",
                       &p99) != 0)
        return run_complain(path, error.text);
    if (strcmp(bench, "route") != 0)
        return run_complain(path, "it is of another bench");
    return body_bytes == LIMITS_BODY_BYTES || run_complain(path, "messages are compared with messages of 250 bytes");
}

bool limits_against_read(const char *path, struct limits_against *out)
{
    FILE *file = fopen(path, "re");
    json_error_t error = {.text = "no such file"};
    json_t *run = NULL;
    out->runs = json_array();
    bool fits = true;
    while (file && fits && (run = json_loadf(file, JSON_DISABLE_EOF_CHECK, &error))) {
        fits = run_fits(path, run);
        json_array_append_new(out->runs, run);
    }
    bool ended = file && feof(file) && json_array_size(out->runs) > 0;
    if (fits && !ended)
        run_complain(path, error.text);
    if (file)
        fclose(file);
    if (!fits || !ended)
        json_decref(out->runs);
    return fits && ended;
}

static double number_at(const json_t *run, const char *object, const char *key)
{
    const json_t *in = object ? json_object_get(run, object) : run;
    return json_number_value(json_object_get(in, key));
}

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

/* A paced run is compared by its latencies, any other by how much it carries. An echo is compared with a run of its own batch. */
static json_t *share_of(const json_t *run, const struct limit limits[LIMIT_KINDS])
{
    double per_second = number_at(run, NULL, "messages_per_second"), batch = number_at(run, "parameters", "batch");
    json_t *parameters = json_object_get(run, "parameters");
    if (number_at(run, "parameters", "rate") > 0) {
        const struct histogram *relay = &limits[LIMIT_relay_stored_paced].ns;
        return json_pack("{s:O, s:{s:f, s:f}}", "parameters", parameters, "times", "relay_stored_paced_p50",
                         share(number_at(run, "deliver_us", "p50"), latency_us(relay, 0.5)), "relay_stored_paced_p99",
                         share(number_at(run, "deliver_us", "p99"), latency_us(relay, 0.99)));
    }
    json_t *shares = json_pack("{s:f, s:f, s:f}", "relay_stored", share(per_second, limits[LIMIT_relay_stored].per_second), "relay",
                               share(per_second, limits[LIMIT_relay].per_second), "lmdb_append_4096",
                               share(per_second, limits[LIMIT_lmdb_4096].per_second));
    if (batch == 1)
        json_object_set_new(shares, "echo_1x256", json_real(share(per_second, limits[LIMIT_echo_small].per_second)));
    else if (batch == LIMITS_ECHO_BATCH)
        json_object_set_new(shares, "echo_64x64", json_real(share(per_second, limits[LIMIT_echo_large].per_second * batch)));
    return json_pack("{s:O, s:f, s:o}", "parameters", parameters, "messages_per_second", per_second, "shares", shares);
}

json_t *limits_against_json(const struct limits_against *against, const struct limit limits[LIMIT_KINDS])
{
    json_t *all = json_array();
    for (size_t i = 0; i < json_array_size(against->runs); i++)
        json_array_append_new(all, share_of(json_array_get(against->runs, i), limits));
    return all;
}

void limits_against_print(const struct limits_against *against, const struct limit limits[LIMIT_KINDS])
{
    json_t *all = limits_against_json(against, limits);
    struct table table = {0};
    table_left(&table, "RELEVO");
    table_right(&table, "is");
    table_left(&table, "of");
    for (size_t i = 0; i < json_array_size(all); i++) {
        json_t *one = json_array_get(all, i), *shares = json_object_get(one, "shares"), *value;
        const char *key;
        double batch = number_at(one, "parameters", "batch"), rate = number_at(one, "parameters", "rate");
        json_object_foreach(shares ? shares : json_object_get(one, "times"), key, value)
        {
            table_cell(&table, rate > 0 ? "batches of %.0f, %.0f/s" : "batches of %.0f", batch, rate);
            table_cell(&table, shares ? "%.1f %%" : "%.2f times", json_real_value(value) * (shares ? 100 : 1));
            table_cell(&table, "%s", key);
        }
    }
    table_print(&table, stdout);
    table_fini(&table);
    json_decref(all);
}
