#include "bench/json.h"
#include "bench/readable.h"
#include "bench/route.h"
#include "bench/table.h"

static const struct percentile {
    const char *name;
    double fraction;
} percentiles[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"p99.99", 0.9999}, {"max", 1}};
enum { PERCENTILES = sizeof percentiles / sizeof *percentiles };

static double microseconds(const struct histogram *histogram, double fraction)
{
    return (double)histogram_at(histogram, fraction) / 1000;
}

static void print_latencies(const struct route *route)
{
    struct table table = {0};
    table_left(&table, "LATENCY, us");
    for (int i = 0; i < PERCENTILES; i++)
        table_right(&table, percentiles[i].name);
    table_cell(&table, "sent to acknowledged");
    for (int i = 0; i < PERCENTILES; i++)
        table_cell(&table, "%.0f", microseconds(&route->ack_ns, percentiles[i].fraction));
    table_cell(&table, "sent to delivered");
    for (int i = 0; i < PERCENTILES; i++)
        table_cell(&table, "%.0f", microseconds(&route->deliver_ns, percentiles[i].fraction));
    table_print(&table, stdout);
    table_fini(&table);
}

static void print_use(const struct route *route, const struct route_result *result)
{
    printf("load        %.2f s of processor time\n", result->load_cpu_s);
    if (route->options->connect)
        return;
    printf("broker      %.2f s of processor time, %.2f us a message\n", result->broker_cpu_s,
           result->broker_cpu_s * 1e6 / (double)route->options->messages);
    printf("memory      %.1f MB resident, %.1f MB of it its own\n", (double)result->rss_bytes / 1e6, (double)result->anonymous_bytes / 1e6);
    printf("disk        %.0f bytes a message\n", result->disk_bytes_per_message);
}

void route_print_table(const struct route *route, const struct route_result *result)
{
    const struct route_options *options = route->options;
    char messages[READABLE_MAX], rate[READABLE_MAX];
    printf("%s messages of %lu bytes in %lu conversations, %lu queues, %lu connectors, %lu agents\n",
           readable_count(messages, options->messages), options->body_bytes, options->conversations, options->queues, options->connectors,
           options->agents);
    if (options->rate) {
        printf("paced: %s messages a second, %lu at a time, on %lu lanes\n\n", readable_count(rate, options->rate), options->batch,
               options->inflight);
    } else {
        printf("closed loop: %lu submits of %lu messages in flight\n\n", options->inflight, options->batch);
    }
    printf("throughput  %s messages a second, submitted, durable, routed, delivered, in %.2f s\n",
           readable_count(rate, result->messages_per_second), result->seconds);
    print_use(route, result);
    printf("verified    %lu lost, %lu duplicated, %lu reordered\n\n", result->lost, result->duplicated, result->reordered);
    print_latencies(route);
}

static json_t *json_of_latency(const struct histogram *histogram)
{
    return json_pack("{s:f, s:f, s:f, s:f}", "p50", microseconds(histogram, 0.5), "p99", microseconds(histogram, 0.99), "p999",
                     microseconds(histogram, 0.999), "max", microseconds(histogram, 1));
}

static json_t *json_of_options(const struct route_options *options)
{
    const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {{"messages", options->messages},           {"batch", options->batch},           {"inflight", options->inflight},
                   {"connectors", options->connectors},       {"agents", options->agents},         {"queues", options->queues},
                   {"conversations", options->conversations}, {"body_bytes", options->body_bytes}, {"rate", options->rate}};
    json_t *object = json_object();
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        json_object_set_new(object, numbers[i].name, json_integer((json_int_t)numbers[i].value));
    return object;
}

void route_print_json(const struct route *route, const struct route_result *result)
{
    json_t *object = json_pack("{s:s, s:o, s:I, s:f, s:o, s:o, s:f, s:I, s:I, s:I}", "bench", "route", "parameters",
                               json_of_options(route->options), "messages_per_second", (json_int_t)result->messages_per_second, "seconds",
                               result->seconds, "ack_us", json_of_latency(&route->ack_ns), "deliver_us",
                               json_of_latency(&route->deliver_ns), "load_cpu_s", result->load_cpu_s, "lost", (json_int_t)result->lost,
                               "duplicated", (json_int_t)result->duplicated, "reordered", (json_int_t)result->reordered);
    /* Of a broker on another machine nothing is known. */
    if (!route->options->connect) {
        json_object_set_new(object, "broker_cpu_s", json_real(result->broker_cpu_s));
        json_object_set_new(object, "broker_rss_bytes", json_integer((json_int_t)result->rss_bytes));
        json_object_set_new(object, "broker_anonymous_bytes", json_integer((json_int_t)result->anonymous_bytes));
        json_object_set_new(object, "disk_bytes_per_message", json_real(result->disk_bytes_per_message));
    }
    json_print(object);
}
