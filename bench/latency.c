#include "bench/latency.h"

#include <stdio.h>

#include "bench/table.h"

static const struct percentile {
    const char *name;
    double fraction;
} percentiles[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"p99.99", 0.9999}, {"max", 1}};
enum { PERCENTILES = sizeof percentiles / sizeof *percentiles };

double latency_us(const struct histogram *histogram, double fraction)
{
    return (double)histogram_at(histogram, fraction) / 1000;
}

void latencies_print(const struct latency *latencies, size_t count)
{
    struct table table = {0};
    table_left(&table, "LATENCY, us");
    for (int i = 0; i < PERCENTILES; i++)
        table_right(&table, percentiles[i].name);
    for (size_t i = 0; i < count; i++) {
        table_cell(&table, "%s", latencies[i].label);
        for (int j = 0; j < PERCENTILES; j++)
            table_cell(&table, "%.0f", latency_us(latencies[i].histogram, percentiles[j].fraction));
    }
    table_print(&table, stdout);
    table_fini(&table);
}

json_t *latency_json(const struct histogram *histogram)
{
    return json_pack("{s:f, s:f, s:f, s:f}", "p50", latency_us(histogram, 0.5), "p99", latency_us(histogram, 0.99), "p999",
                     latency_us(histogram, 0.999), "max", latency_us(histogram, 1));
}

void latencies_put(json_t *object, const struct latency *latencies, size_t count)
{
    for (size_t i = 0; i < count; i++)
        json_object_set_new(object, latencies[i].key, latency_json(latencies[i].histogram));
}
