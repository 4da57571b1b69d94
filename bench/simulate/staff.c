#include "bench/simulate/staff.h"

#include <math.h>

#include "base/check.h"
#include "bench/simulate/configuration.h"
#include "bench/simulate/outcome.h"

struct search {
    struct scenario *scenario;
    struct staff_answer *answer;
    struct agent_group *group;
    int hour; /* the question's; -1: the whole run */
};

static void judge(const struct search *search, const struct simulation_result *result, struct staff_try *out)
{
    const struct staff_question *question = &search->scenario->staff;
    const struct measures *measures = &result->measures;
    uint32_t group = (uint32_t)(search->group - search->scenario->groups), all = MEASURE_ALL_TYPES;
    out->level = outcome_level(measures, question->level_2);
    out->utilisation = estimate_busy(measures, group).value / (double)out->agents;
    out->abandonment = estimate_share(measures, all, MEASURE_BIT(abandoned), MEASURE_BIT(offered)).value;
    out->mean_wait_ms = estimate_share(measures, all, MEASURE_BIT(wait_served), MEASURE_BIT(served)).value;
    out->unstable = measured_growth(measures);
    out->holds = !out->unstable && out->level >= question->level;
    for (uint32_t i = 0; i < HOURS; i++)
        out->hours[i] = outcome_hour_level(measures, i, question->level_2);
}

/* Keeps the tries in ascending order. */
static struct staff_try *try_add(struct staff_answer *answer, uint64_t agents)
{
    uint32_t at = answer->tries_count++;
    ASSERT(at < sizeof answer->tries / sizeof *answer->tries);
    for (; at && answer->tries[at - 1].agents > agents; at--)
        answer->tries[at] = answer->tries[at - 1];
    answer->tries[at] = (struct staff_try){.agents = agents};
    return &answer->tries[at];
}

/* NULL: refused. */
static const struct staff_try *try_agents(const struct search *search, uint64_t agents)
{
    for (uint32_t i = 0; i < search->answer->tries_count; i++)
        if (search->answer->tries[i].agents == agents)
            return &search->answer->tries[i];
    struct simulation_result result;
    search->group->count = agents;
    struct config *config = configuration_make(search->scenario);
    if (!config)
        return NULL;
    simulation_run(search->scenario, config, &result);
    struct staff_try *made = try_add(search->answer, agents);
    made->for_hour = search->hour >= 0;
    judge(search, &result, made);
    simulation_result_fini(&result);
    config_free(config);
    return made;
}

static bool holds(const struct search *search, const struct staff_try *made)
{
    return search->hour < 0 ? made->holds : made->hours[search->hour] >= search->scenario->staff.level;
}

/* The fewest that hold; 0: none do, or one was refused. More agents never do worse, so halving finds it. */
static uint64_t fewest(const struct search *search)
{
    uint64_t low = 0, high = 1, max = search->scenario->staff.agents_max;
    const struct staff_try *made;
    while ((made = try_agents(search, high)) && !holds(search, made)) {
        if (high == max)
            return 0;
        low = high;
        high = high * 2 < max ? high * 2 : max;
    }
    while (made && high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        made = try_agents(search, middle);
        if (made && holds(search, made))
            high = middle;
        else
            low = middle;
    }
    return made ? high : 0;
}

bool staff_search(struct scenario *scenario, struct staff_answer *out)
{
    const struct staff_question *question = &scenario->staff;
    struct search search = {scenario, out, &scenario->groups[scenario_group(scenario, question->group)], -1};
    uint64_t given = search.group->count;
    double within_ms = scenario->within_ms;
    *out = (struct staff_answer){0};
    scenario->within_ms = question->within_ms;
    out->agents = fewest(&search);
    for (search.hour = 0; scenario->has_trace && search.hour < HOURS && !scenario->document.refused; search.hour++)
        if (out->tries_count && !isnan(out->tries[0].hours[search.hour]))
            out->hours[search.hour] = fewest(&search);
    search.group->count = given;
    scenario->within_ms = within_ms;
    return !scenario->document.refused;
}
