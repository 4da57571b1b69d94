#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "bench/json.h"
#include "bench/options.h"
#include "bench/simulate/configuration.h"
#include "bench/simulate/outcome.h"
#include "bench/simulate/quantity.h"
#include "bench/simulate/staff.h"
#include "bench/table.h"

struct simulate_options {
    const char *path, *group, *level, *within, *seed;
    uint64_t agents_max;
    bool json, staff, check;
};

static enum command_exit complain(const char *text)
{
    command_complain("simulate", "%s", text);
    return COMMAND_wrong;
}

static enum command_exit simulate_once(struct scenario *scenario, bool json)
{
    struct simulation_result result;
    struct config *config = configuration_make(scenario);
    if (!config)
        return complain(scenario->document.error);
    simulation_run(scenario, config, &result);
    enum command_exit exit_code = *result.fault ? COMMAND_failed : COMMAND_done;
    if (*result.fault)
        command_complain("simulate", "%s", result.fault);
    else if (json)
        json_print(outcome_json(scenario, &result));
    else
        outcome_print(scenario, &result);
    simulation_result_fini(&result);
    config_free(config);
    return exit_code;
}

/* --- staff --- */

static void print_staff(const struct scenario *scenario, const struct staff_answer *answer)
{
    const struct staff_question *question = &scenario->staff;
    const char *level = question->level_2 ? "service level 2" : "service level";
    struct table table = {0};
    table_right(&table, "agents");
    table_right(&table, level);
    table_right(&table, "busy");
    table_right(&table, "P(abandon)");
    table_right(&table, "wait, served");
    table_left(&table, "");
    for (uint32_t i = 0; i < answer->tries_count; i++) {
        const struct staff_try *made = &answer->tries[i];
        if (made->for_hour)
            continue;
        table_cell(&table, "%lu", made->agents);
        table_cell(&table, "%.1f %%", 100 * made->level);
        table_cell(&table, "%.1f %%", 100 * made->utilisation);
        table_cell(&table, "%.2f %%", 100 * made->abandonment);
        table_cell(&table, "%.1f s", made->mean_wait_ms / 1000);
        table_cell(&table, "%s",
                   made->unstable                   ? "unstable: the queue grows"
                   : made->agents == answer->agents ? "<- the fewest that hold"
                                                    : "");
    }
    table_print(&table, stdout);
    table_fini(&table);
    if (answer->agents)
        printf("\n%s: %lu agents for a %s of %g %% within %g s\n", question->group, answer->agents, level, 100 * question->level,
               question->within_ms / 1000);
    else
        printf("\n%s: not even %lu agents reach a %s of %g %% within %g s\n", question->group, question->agents_max, level,
               100 * question->level, question->within_ms / 1000);
}

static void print_staff_hours(const struct staff_answer *answer)
{
    struct table table = {0};
    table_right(&table, "hour");
    table_right(&table, "agents");
    for (uint32_t i = 0; i < HOURS; i++)
        if (answer->hours[i]) {
            table_cell(&table, "%02u:00", i);
            table_cell(&table, "%lu", answer->hours[i]);
        }
    if (table.cells_count)
        puts("\nThe fewest that hold for those who arrive in that hour:");
    table_print(&table, stdout);
    table_fini(&table);
}

static json_t *real_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *json_tries(const struct staff_answer *answer)
{
    json_t *tries = json_array();
    for (uint32_t i = 0; i < answer->tries_count; i++) {
        const struct staff_try *made = &answer->tries[i];
        json_array_append_new(tries,
                              json_pack("{s:I, s:o, s:o, s:o, s:o, s:b, s:b}", "agents", (json_int_t)made->agents, "level",
                                        real_or_null(made->level), "utilisation", real_or_null(made->utilisation), "p_abandon",
                                        real_or_null(made->abandonment), "mean_wait_served_s", real_or_null(made->mean_wait_ms / 1000),
                                        "unstable", (int)made->unstable, "holds", (int)made->holds));
    }
    return tries;
}

static void print_staff_json(const struct scenario *scenario, const struct staff_answer *answer)
{
    const struct staff_question *question = &scenario->staff;
    json_t *object =
        json_pack("{s:s, s:s, s:f, s:f, s:o, s:o}", "group", question->group, "measure",
                  question->level_2 ? "service_level_2" : "service_level", "level", question->level, "within_s", question->within_ms / 1000,
                  "agents", answer->agents ? json_integer((json_int_t)answer->agents) : json_null(), "tries", json_tries(answer));
    json_t *hours = json_array();
    for (uint32_t i = 0; i < HOURS; i++)
        if (answer->hours[i])
            json_array_append_new(hours, json_pack("{s:i, s:I}", "hour", (int)i, "agents", (json_int_t)answer->hours[i]));
    if (scenario->has_trace)
        json_object_set_new(object, "hours", hours);
    else
        json_decref(hours);
    json_print(object);
}

static enum command_exit answer_staff(struct scenario *scenario, bool json)
{
    struct staff_answer *answer = must_zalloc(1, sizeof *answer);
    enum command_exit exit_code = COMMAND_done;
    if (!staff_search(scenario, answer)) {
        exit_code = complain(scenario->document.error);
    } else if (json) {
        print_staff_json(scenario, answer);
    } else {
        print_staff(scenario, answer);
        print_staff_hours(answer);
    }
    if (exit_code == COMMAND_done && !answer->agents)
        exit_code = COMMAND_failed;
    free(answer);
    return exit_code;
}

/* "0.8" or "80%" */
static bool parse_level(const char *text, double *out)
{
    char *end;
    *out = strtod(text, &end);
    if (end != text && strcmp(end, "%") == 0) {
        *out /= 100;
        end++;
    }
    return end != text && !*end && *out >= 0 && *out <= 1;
}

/* What the command line says goes before what the scenario says. */
static bool complete_question(struct scenario *scenario, const struct simulate_options *options)
{
    struct staff_question *question = &scenario->staff;
    const char *wrong = NULL;
    if (options->group)
        question->group = options->group;
    else if (!question->group && scenario->groups_count == 1)
        question->group = scenario->groups[0].name;
    if (options->agents_max)
        question->agents_max = options->agents_max;
    if (options->level && !parse_level(options->level, &question->level))
        wrong = "--level: expected a share such as 0.8 or 80%";
    else if (options->within && !quantity_parse_time(options->within, &question->within_ms))
        wrong = "--within: expected a time such as 20s";
    else if (!question->group)
        wrong = "--group: which group of agents? There are several";
    else if (scenario_group(scenario, question->group) == scenario->groups_count)
        wrong = "--group: no group of agents has that name";
    else if (scenario->groups[scenario_group(scenario, question->group)].configured)
        wrong = "--staff: the scenario needs agents of its own, in groups with a count";
    if (wrong)
        complain(wrong);
    return !wrong;
}

static enum command_exit simulate(const struct simulate_options *options)
{
    struct scenario scenario;
    uint64_t seed;
    enum command_exit exit_code = COMMAND_wrong;
    if (options->check && options->staff)
        return complain("--check: looks at one run, not at --staff's many");
    bool readable = scenario_read(&scenario, options->path);
    if (!readable)
        complain(scenario.document.error);
    else if (options->seed && !options_number(options->seed, 0, UINT64_C(1) << 53, &seed))
        complain("--seed: expected a whole number");
    else {
        scenario.seed = options->seed ? seed : scenario.seed;
        scenario.check = options->check;
        if (!options->staff)
            exit_code = simulate_once(&scenario, options->json);
        else if (complete_question(&scenario, options))
            exit_code = answer_staff(&scenario, options->json);
    }
    scenario_fini(&scenario);
    return exit_code;
}

enum command_exit command_simulate(int argc, char **argv)
{
    struct simulate_options options = {0};
    const struct option_spec specs[] = {
        {"seed", OPTION_text, &options.seed, 0, 0, "of the random numbers, instead of the scenario's"},
        {"staff", OPTION_flag, &options.staff, 0, 0, "search how many agents --group needs"},
        {"group", OPTION_text, &options.group, 0, 0, "--staff: the group of agents whose count is sought"},
        {"level", OPTION_text, &options.level, 0, 0, "--staff: the service level to reach, such as 0.8 or 80%"},
        {"within", OPTION_text, &options.within, 0, 0, "--staff: the time within which an answer counts, such as 20s"},
        {"max-agents", OPTION_number, &options.agents_max, 0, SCENARIO_AGENTS_MAX, "--staff: try at most so many; 0: as the scenario says"},
        {"check", OPTION_flag, &options.check, 0, 0,
         "after every event hold the engine against its invariants; the first that is broken ends the run (slow)"},
        {"json", OPTION_flag, &options.json, 0, 0, "one JSON object"}};
    const struct usage usage = {
        "simulate",
        "SCENARIO.yaml",
        "Simulates customers and agents with the broker's own engine in virtual time: waits, service levels, abandonment,\n"
        "who served whom, and with --staff how many agents it takes. bench/README.md has the format of a scenario.",
        specs,
        sizeof specs / sizeof *specs,
        NULL};
    enum command_exit exit_code;
    if (!options_parse(&usage, argc, argv, &options.path, &exit_code))
        return exit_code;
    return simulate(&options);
}
