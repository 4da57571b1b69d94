#include <stdlib.h>

#include "base/check.h"
#include "bench/json.h"
#include "bench/options.h"
#include "bench/parts/lives.h"
#include "bench/readable.h"

enum {
    OPEN_MIN = 100000, /* conversations opened to weigh one */
};

#define PROCESSOR_SHARE_MIN 0.97 /* below it the result says so */

struct engine_options {
    struct generated_size size;
    uint64_t waiting, load, rounds, decisions, seconds, warm_up;
    bool json;
};

struct engine_result {
    struct lives_result lives;
    uint64_t clock_cost_ns;
    double bytes_per_open_conversation, bytes_per_agent;
};

static void lives_open_up(struct lives *lives, const struct engine_options *options, const struct generated *generated)
{
    lives_init(lives, generated);
    lives->load_percent = options->load;
    lives->rounds = options->rounds;
}

/* In an engine of its own: what is weighed must not be what was freed before. */
static void weigh(const struct engine_options *options, const struct generated *generated, struct engine_result *result)
{
    struct lives lives;
    lives_open_up(&lives, options, generated);
    uint64_t without_agents = lives_heap_bytes(&lives);
    lives_begin_agents(&lives);
    lives_visit_classes(&lives);
    uint64_t with_agents = lives_heap_bytes(&lives);
    lives.waiting_wanted = options->waiting > OPEN_MIN ? options->waiting : OPEN_MIN;
    lives_fill(&lives);
    lives_drain(&lives);
    uint64_t with_conversations = lives_heap_bytes(&lives);
    result->bytes_per_agent = (double)(int64_t)(with_agents - without_agents) / (double)options->size.agents;
    result->bytes_per_open_conversation = (double)(int64_t)(with_conversations - with_agents) / (double)lives_open(&lives);
    lives_fini(&lives);
}

static void measure(const struct engine_options *options, const struct generated *generated, struct engine_result *result)
{
    struct lives lives;
    lives_open_up(&lives, options, generated);
    lives.waiting_wanted = options->waiting;
    lives_begin_agents(&lives);
    lives_fill(&lives);
    lives_run(&lives, options->warm_up, 0);
    lives_run(&lives, options->decisions, options->seconds * 1000000000);
    result->lives = lives.result;
    result->clock_cost_ns = lives.clock_cost_ns;
    lives_fini(&lives);
}

static double per_second(uint64_t count, uint64_t ns)
{
    return ns ? (double)count * 1e9 / (double)ns : 0;
}

static double share(uint64_t part, uint64_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

static void print_json(const struct engine_options *options, const struct engine_result *result)
{
    const struct lives_result *lives = &result->lives;
    const struct generated_size *size = &options->size;
    json_t *parameters =
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "agents", (json_int_t)size->agents, "skills", (json_int_t)size->skills,
                  "classes", (json_int_t)size->classes, "queues", (json_int_t)size->queues, "profiles", (json_int_t)size->profiles,
                  "waiting", (json_int_t)options->waiting, "load", (json_int_t)options->load, "rounds", (json_int_t)options->rounds);
    json_t *ns = json_pack("{s:I, s:I, s:f, s:f}", "p50", (json_int_t)histogram_at(&lives->step_ns, 0.5), "p99",
                           (json_int_t)histogram_at(&lives->step_ns, 0.99), "mean", share(lives->deciding_ns, lives->offers), "warming",
                           share(lives->warming_ns, lives->offers));
    json_print(json_pack("{s:s, s:o, s:f, s:f, s:o, s:I, s:I, s:f, s:f, s:f, s:f, s:I, s:f}", "bench", "engine", "parameters", parameters,
                         "decisions_per_second", per_second(lives->offers, lives->deciding_ns), "lives_per_second",
                         per_second(lives->lives, lives->engine_ns), "ns_per_decision", ns, "decisions", (json_int_t)lives->offers, "lives",
                         (json_int_t)lives->lives, "offered_on_arrival", share(lives->offers_arriving, lives->offers), "waiting_mean",
                         share(lives->waiting_sum, lives->turns), "bytes_per_open_conversation", result->bytes_per_open_conversation,
                         "bytes_per_agent", result->bytes_per_agent, "clock_ns", (json_int_t)result->clock_cost_ns, "processor_share",
                         share(lives->processor_ns, lives->wall_ns)));
}

static void print_text(const struct engine_options *options, const struct engine_result *result)
{
    const struct lives_result *lives = &result->lives;
    const struct generated_size *size = &options->size;
    char decisions[READABLE_MAX], whole[READABLE_MAX], waiting[READABLE_MAX];
    printf("%lu agents (%lu profiles), %lu skills, %lu classes, %lu queues; %s waiting\n\n", size->agents, size->profiles, size->skills,
           size->classes, size->queues, readable_count(waiting, (uint64_t)share(lives->waiting_sum, lives->turns)));
    printf("decisions   %s a second; %lu ns each (p50), %lu ns (p99); %.0f %% on arrival, the others when an agent had room\n",
           readable_count(decisions, (uint64_t)per_second(lives->offers, lives->deciding_ns)), histogram_at(&lives->step_ns, 0.5),
           histogram_at(&lives->step_ns, 0.99), 100 * share(lives->offers_arriving, lives->offers));
    printf("lives       %s a second, from arrival to end, everything the engine does included\n",
           readable_count(whole, (uint64_t)per_second(lives->lives, lives->engine_ns)));
    printf("memory      %.0f bytes an open conversation with its customer, %.0f bytes an agent\n", result->bytes_per_open_conversation,
           result->bytes_per_agent);
    if (share(lives->processor_ns, lives->wall_ns) < PROCESSOR_SHARE_MIN)
        printf("\nThe processor was shared with others (%.0f %% of it was had): figures per second are too low, p50 less so.\n",
               100 * share(lives->processor_ns, lives->wall_ns));
}

static bool options_agree(struct engine_options *options)
{
    struct generated_size *size = &options->size;
    if (!size->profiles || size->profiles > size->agents)
        size->profiles = size->agents;
    if (size->classes <= size->queues * size->skills * GENERATED_LEVELS)
        return true;
    command_complain("bench engine", "--classes: %lu are more than %lu queues, %lu skills and %d levels make", size->classes, size->queues,
                     size->skills, GENERATED_LEVELS);
    return false;
}

static bool options_read(struct engine_options *options, int argc, char **argv, enum command_exit *exit_code)
{
    *options = (struct engine_options){.size = {1000, 50, 100, 20, 0}, .load = 90, .rounds = 1, .decisions = 1000000, .warm_up = 250000};
    struct generated_size *size = &options->size;
    const struct option_spec specs[] = {
        {"agents", OPTION_number, &size->agents, 1, 100000, "agents, each with room for 5 conversations"},
        {"skills", OPTION_number, &size->skills, 1, 10000, "skills; an agent has a few of them"},
        {"classes", OPTION_number, &size->classes, 1, 10000, "different pairs of queue and requirement, a rule each"},
        {"queues", OPTION_number, &size->queues, 1, 10000, "queues; an agent serves a few of them"},
        {"profiles", OPTION_number, &size->profiles, 0, 100000, "different sets of queues and skills among the agents; 0: all differ"},
        {"waiting", OPTION_number, &options->waiting, 0, 10000000, "conversations waiting all the time, every agent busy; 0: by --load"},
        {"load", OPTION_number, &options->load, 1, 200, "without --waiting: mean load in percent of the room, in busy and quiet spells"},
        {"rounds", OPTION_number, &options->rounds, 0, 100, "of a message and a reply in one conversation, after its first message"},
        {"decisions", OPTION_number, &options->decisions, 1, 1000000000, "stop after so many"},
        {"seconds", OPTION_number, &options->seconds, 0, 86400, "instead: stop after so long in the engine; 0: by --decisions"},
        {"warm-up", OPTION_number, &options->warm_up, 1, 1000000000, "decisions before those that are counted"},
        {"json", OPTION_flag, &options->json, 0, 0, "one JSON object"}};
    const struct usage usage = {
        "bench engine",
        NULL,
        "Runs the pure engine in this process: arrival -> offer -> accept -> messages -> finish. No sockets, no store.\n"
        "One decision is one conversation offered to an agent.\n\n"
        "  decisions_per_second  offers, divided by the time of the steps that made them: a first message that is\n"
        "                        offered at once, or an end that frees its agent for one who waits\n"
        "  ns_per_decision       the time of such a step and of warming its event (warming: that alone), by its offers\n"
        "  lives_per_second      conversations from arrival to end, divided by the time of everything: all steps,\n"
        "                        look-ups before them, acknowledgements, rows taken\n"
        "  bytes_per_...         what the engine allocates for one more, the customer included",
        specs,
        sizeof specs / sizeof *specs,
        NULL};
    if (!options_parse(&usage, argc, argv, NULL, exit_code))
        return false;
    *exit_code = COMMAND_wrong;
    return options_agree(options);
}

enum command_exit command_bench_engine(int argc, char **argv)
{
    struct engine_options options;
    enum command_exit exit_code;
    if (!options_read(&options, argc, argv, &exit_code))
        return exit_code;
    struct generated generated;
    struct engine_result *result = must_zalloc(1, sizeof *result);
    generated_init(&generated, &options.size);
    weigh(&options, &generated, result);
    measure(&options, &generated, result);
    if (options.json)
        print_json(&options, result);
    else
        print_text(&options, result);
    generated_fini(&generated);
    free(result);
    return COMMAND_done;
}
