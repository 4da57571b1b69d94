#include "bench/simulate/outcome.h"

#include <math.h>
#include <stdio.h>

#include "bench/readable.h"
#include "bench/table.h"

#define BIT MEASURE_BIT
#define ANSWERED_OR_GONE (BIT(served) | BIT(abandoned))

static const double hour_ms = 36e5;

/* The measures that come with an error, one line each: SHARE(name, above, below, unit) is the sum of `above` over that of `below`. */
#define SHARES(SHARE)                                                                                                                      \
    SHARE(p_wait, BIT(waited), BIT(let_in), 1)                                                                                             \
    SHARE(p_abandon, BIT(abandoned), BIT(offered), 1)                                                                                      \
    SHARE(p_turned_away, BIT(turned_away), BIT(offered), 1)                                                                                \
    SHARE(mean_wait_served_s, BIT(wait_served), BIT(served), 1000)                                                                         \
    SHARE(mean_wait_s, BIT(wait_served) | BIT(wait_left), ANSWERED_OR_GONE, 1000)                                                          \
    SHARE(service_level, BIT(within), BIT(served), 1)                                                                                      \
    SHARE(service_level_2, BIT(within) | BIT(left_within), ANSWERED_OR_GONE, 1)

struct line { /* of one type, or of all */
    const char *name;
    uint32_t type;
#define FIELD(name, above, below, unit) struct estimate name;
    SHARES(FIELD)
#undef FIELD
    struct estimate queue_length;
};

static struct estimate divided(struct estimate estimate, double by)
{
    return (struct estimate){estimate.value / by, estimate.error / by};
}

static struct line line_of(const struct scenario *scenario, const struct measures *measures, uint32_t type)
{
    struct line line = {.name = type == MEASURE_ALL_TYPES ? "total" : scenario->types[type].name, .type = type};
#define FIELD(name, above, below, unit) line.name = divided(estimate_share(measures, type, above, below), unit);
    SHARES(FIELD)
#undef FIELD
    line.queue_length = estimate_queue(measures, type);
    return line;
}

static double percentile_s(const struct measures *measures, uint32_t type, double fraction)
{
    return histogram_quantile(measured_waits(measures, type), fraction) / 1e6;
}

double outcome_level(const struct measures *measures, bool level_2)
{
    uint32_t above = BIT(within) | (level_2 ? BIT(left_within) : 0), below = level_2 ? ANSWERED_OR_GONE : BIT(served);
    return estimate_share(measures, MEASURE_ALL_TYPES, above, below).value;
}

const char *outcome_warning(const struct simulation_result *result, char out[200])
{
    const struct measures *measures = &result->measures;
    double offered = measure_total(measures, MEASURE_ALL_TYPES, BIT(offered));
    if (offered == 0)
        snprintf(out, 200, "nobody arrived while it was measured");
    else if (measured_growth(measures))
        snprintf(out, 200, "unstable: more arrive than can be served, the queue grows; %.0f waited at the end, and waits grow with the run",
                 measures->waiting_at_end);
    else if (result->unsettled > 0)
        snprintf(out, 200, "%.0f customers still waited when the run was cut off; their waits are not counted", result->unsettled);
    else
        return NULL;
    return out;
}

/* --- JSON --- */

static json_t *json_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *json_estimate(struct estimate estimate)
{
    return json_pack("{s:o, s:o}", "value", json_number(estimate.value), "error", json_number(estimate.error));
}

static void put_count(json_t *object, const char *name, const struct measures *measures, uint32_t type, uint32_t set)
{
    json_object_set_new(object, name, json_integer((json_int_t)measure_total(measures, type, set)));
}

static json_t *json_line(const struct scenario *scenario, const struct measures *measures, uint32_t type)
{
    struct line line = line_of(scenario, measures, type);
    json_t *object = json_pack("{s:s}", "name", line.name);
    put_count(object, "offered", measures, type, BIT(offered));
    put_count(object, "served", measures, type, BIT(served));
    put_count(object, "abandoned", measures, type, BIT(abandoned));
    put_count(object, "turned_away", measures, type, BIT(turned_away));
    json_object_set_new(object, "arrivals_per_hour", json_estimate(divided(estimate_rate(measures, type, BIT(offered)), 1 / hour_ms)));
#define FIELD(name, above, below, unit) json_object_set_new(object, #name, json_estimate(line.name));
    SHARES(FIELD)
#undef FIELD
    json_object_set_new(object, "wait_p50_s", json_number(percentile_s(measures, type, 0.5)));
    json_object_set_new(object, "wait_p90_s", json_number(percentile_s(measures, type, 0.9)));
    json_object_set_new(object, "wait_p99_s", json_number(percentile_s(measures, type, 0.99)));
    json_object_set_new(object, "queue_length", json_estimate(line.queue_length));
    return object;
}

static json_t *json_matrix(const struct scenario *scenario, const struct measures *measures)
{
    json_t *matrix = json_array();
    for (uint32_t type = 0; type < scenario->types_count; type++)
        for (uint32_t group = 0; group < scenario->groups_count; group++)
            json_array_append_new(matrix,
                                  json_pack("{s:s, s:s, s:o}", "type", scenario->types[type].name, "group", scenario->groups[group].name,
                                            "per_hour", json_estimate(divided(estimate_match(measures, type, group), 1 / hour_ms))));
    return matrix;
}

static json_t *json_groups(const struct scenario *scenario, const struct measures *measures)
{
    json_t *groups = json_array();
    for (uint32_t i = 0; i < scenario->groups_count; i++) {
        double agents = (double)scenario->groups[i].count;
        json_array_append_new(groups, json_pack("{s:s, s:I, s:o}", "name", scenario->groups[i].name, "agents",
                                                (json_int_t)scenario->groups[i].count, "utilisation",
                                                json_estimate(divided(estimate_busy(measures, i), agents))));
    }
    return groups;
}

static double hour_share(const double hour[MEASURES], uint32_t above, uint32_t below)
{
    double sum_above = 0, sum_below = 0;
    for (uint32_t measure = 0; measure < MEASURES; measure++) {
        sum_above += above >> measure & 1 ? hour[measure] : 0;
        sum_below += below >> measure & 1 ? hour[measure] : 0;
    }
    return sum_below > 0 ? sum_above / sum_below : NAN;
}

double outcome_hour_level(const struct measures *measures, uint32_t hour, bool level_2)
{
    uint32_t above = BIT(within) | (level_2 ? BIT(left_within) : 0), below = level_2 ? ANSWERED_OR_GONE : BIT(served);
    return hour_share(measures->hours[hour], above, below);
}

static json_t *json_hours(const struct measures *measures)
{
    json_t *hours = json_array();
    for (uint32_t i = 0; i < HOURS; i++) {
        const double *hour = measures->hours[i];
        if (hour[MEASURE_offered] > 0)
            json_array_append_new(hours,
                                  json_pack("{s:i, s:f, s:f, s:f, s:o, s:o, s:o}", "hour", (int)i, "offered", hour[MEASURE_offered],
                                            "served", hour[MEASURE_served], "abandoned", hour[MEASURE_abandoned], "mean_wait_served_s",
                                            json_number(hour_share(hour, BIT(wait_served), BIT(served)) / 1000), "service_level",
                                            json_number(outcome_hour_level(measures, i, false)), "service_level_2",
                                            json_number(outcome_hour_level(measures, i, true))));
    }
    return hours;
}

json_t *outcome_json(const struct scenario *scenario, const struct simulation_result *result)
{
    const struct measures *measures = &result->measures;
    char text[200];
    const char *warning = outcome_warning(result, text);
    json_t *object =
        json_pack("{s:I, s:f, s:f, s:I, s:i, s:f, s:b, s:f, s:f}", "seed", (json_int_t)scenario->seed, "warm_up_s",
                  result->warm_up_ms / 1000, "measured_s", measured_ms(measures) / 1000, "arrivals", (json_int_t)result->arrivals,
                  "batches", (int)measures->batches_count, "service_level_within_s", measures->within_ms / 1000, "unstable",
                  (int)measured_growth(measures), "waiting_at_end", measures->waiting_at_end, "unsettled", result->unsettled);
    if (warning)
        json_object_set_new(object, "warning", json_string(warning));
    json_object_set_new(object, "total", json_line(scenario, measures, MEASURE_ALL_TYPES));
    json_t *types = json_array();
    for (uint32_t i = 0; i < scenario->types_count; i++)
        json_array_append_new(types, json_line(scenario, measures, i));
    json_object_set_new(object, "types", types);
    json_object_set_new(object, "groups", json_groups(scenario, measures));
    json_object_set_new(object, "matrix", json_matrix(scenario, measures));
    if (scenario->has_trace)
        json_object_set_new(object, "hours", json_hours(measures));
    return object;
}

/* --- tables --- */

/* Seconds, with three significant digits where they are few. */
static void seconds_cell(struct table *table, double seconds)
{
    if (!isfinite(seconds))
        table_cell(table, "-");
    else if (seconds < 100)
        table_cell(table, "%.3g s", seconds);
    else
        table_cell(table, "%.1f min", seconds / 60);
}

/* So many that two digits of the error show, or three of the value where no error is known. */
static int decimals_of(struct estimate estimate)
{
    bool known = isfinite(estimate.error) && estimate.error > 0;
    double size = known ? estimate.error * 10 : fabs(estimate.value);
    int decimals = size > 0 ? 2 - (int)floor(log10(size)) : 2;
    return decimals < 0 ? 0 : decimals > 6 ? 6 : decimals;
}

/* "value ± error unit" */
static void estimate_cell(struct table *table, struct estimate estimate, double scale, const char *unit)
{
    struct estimate shown = divided(estimate, 1 / scale);
    int decimals = decimals_of(shown);
    if (!isfinite(shown.value))
        table_cell(table, "-");
    else if (isfinite(shown.error))
        table_cell(table, "%.*f ± %.*f%s", decimals, shown.value, decimals, shown.error, unit);
    else
        table_cell(table, "%.*f%s", decimals, shown.value, unit);
}

static void time_cell(struct table *table, struct estimate estimate)
{
    bool minutes = estimate.value >= 100;
    estimate_cell(table, estimate, minutes ? 1.0 / 60 : 1, minutes ? " min" : " s");
}

static void percent_cell(struct table *table, struct estimate estimate)
{
    estimate_cell(table, estimate, 100, " %");
}

static void count_cell(struct table *table, const struct measures *measures, uint32_t type, uint32_t set)
{
    char text[READABLE_MAX];
    table_cell(table, "%s", readable_count(text, (uint64_t)measure_total(measures, type, set)));
}

static void print_line(struct table *table, const struct scenario *scenario, const struct measures *measures, uint32_t type, bool away)
{
    struct line line = line_of(scenario, measures, type);
    table_cell(table, "%s", line.name);
    count_cell(table, measures, type, BIT(offered));
    count_cell(table, measures, type, BIT(served));
    count_cell(table, measures, type, BIT(abandoned));
    if (away)
        count_cell(table, measures, type, BIT(turned_away));
    percent_cell(table, line.p_wait);
    percent_cell(table, line.p_abandon);
    time_cell(table, line.mean_wait_served_s);
    time_cell(table, line.mean_wait_s);
    seconds_cell(table, percentile_s(measures, type, 0.5));
    seconds_cell(table, percentile_s(measures, type, 0.9));
    seconds_cell(table, percentile_s(measures, type, 0.99));
    percent_cell(table, line.service_level);
    percent_cell(table, line.service_level_2);
    estimate_cell(table, line.queue_length, 1, "");
}

static void print_types(const struct scenario *scenario, const struct measures *measures)
{
    struct table table = {0};
    bool away = measure_total(measures, MEASURE_ALL_TYPES, BIT(turned_away)) > 0;
    table_left(&table, "customers");
    table_right(&table, "offered");
    table_right(&table, "served");
    table_right(&table, "abandoned");
    if (away)
        table_right(&table, "turned away");
    table_right(&table, "P(wait > 0)");
    table_right(&table, "P(abandon)");
    table_right(&table, "wait, served");
    table_right(&table, "wait, all");
    table_right(&table, "p50");
    table_right(&table, "p90");
    table_right(&table, "p99");
    table_right(&table, "service level");
    table_right(&table, "service level 2");
    table_right(&table, "queue");
    for (uint32_t i = 0; i < scenario->types_count; i++)
        print_line(&table, scenario, measures, i, away);
    if (scenario->types_count > 1)
        print_line(&table, scenario, measures, MEASURE_ALL_TYPES, away);
    table_print(&table, stdout);
    table_fini(&table);
}

static void print_groups(const struct scenario *scenario, const struct measures *measures)
{
    enum { TYPES_SHOWN = TABLE_COLUMNS_MAX - 3 }; /* who served whom has a column for each; all are in the JSON */
    struct table table = {0};
    uint32_t types = scenario->types_count < TYPES_SHOWN ? scenario->types_count : TYPES_SHOWN;
    table_left(&table, "agents");
    table_right(&table, "count");
    table_right(&table, "busy");
    for (uint32_t type = 0; type < types; type++)
        table_right(&table, scenario->types[type].name);
    for (uint32_t i = 0; i < scenario->groups_count; i++) {
        double agents = (double)scenario->groups[i].count;
        table_cell(&table, "%s", scenario->groups[i].name);
        table_cell(&table, "%.0f", agents);
        percent_cell(&table, divided(estimate_busy(measures, i), agents));
        for (uint32_t type = 0; type < types; type++)
            estimate_cell(&table, estimate_match(measures, type, i), hour_ms, " /h");
    }
    table_print(&table, stdout);
    table_fini(&table);
}

static void print_hours(const struct measures *measures)
{
    struct table table = {0};
    table_right(&table, "hour");
    table_right(&table, "offered");
    table_right(&table, "abandoned");
    table_right(&table, "wait, served");
    table_right(&table, "service level");
    table_right(&table, "service level 2");
    for (uint32_t i = 0; i < HOURS; i++) {
        const double *hour = measures->hours[i];
        if (hour[MEASURE_offered] == 0)
            continue;
        table_cell(&table, "%02u:00", i);
        table_cell(&table, "%.0f", hour[MEASURE_offered]);
        table_cell(&table, "%.0f", hour[MEASURE_abandoned]);
        seconds_cell(&table, hour_share(hour, BIT(wait_served), BIT(served)) / 1000);
        table_cell(&table, "%.1f %%", 100 * hour_share(hour, BIT(within), BIT(served)));
        table_cell(&table, "%.1f %%", 100 * hour_share(hour, BIT(within) | BIT(left_within), ANSWERED_OR_GONE));
    }
    table_print(&table, stdout);
    table_fini(&table);
}

void outcome_print(const struct scenario *scenario, const struct simulation_result *result)
{
    const struct measures *measures = &result->measures;
    char count[READABLE_MAX], time[READABLE_MAX], warm_up[READABLE_MAX], text[200];
    const char *warning = outcome_warning(result, text);
    printf("%s arrivals in all; measured for %s after a warm-up of %s; seed %lu", readable_count(count, result->arrivals),
           readable_duration(time, (uint64_t)measured_ms(measures)), readable_duration(warm_up, (uint64_t)result->warm_up_ms),
           scenario->seed);
    if (measures->stationary)
        printf("; ± is one standard error, from %u batches", measures->batches_count);
    fputs("\n\n", stdout);
    print_types(scenario, measures);
    putchar('\n');
    print_groups(scenario, measures);
    if (scenario->has_trace) {
        putchar('\n');
        print_hours(measures);
    }
    if (warning)
        printf("\n%s\n", warning);
}
