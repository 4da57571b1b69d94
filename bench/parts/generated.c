#include "bench/parts/generated.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/prng.h"

enum { HOMES_MIN = 4 }; /* classes a profile is made for; from combining their queues and skills it serves more */

/* What is needed while generating. */
struct maker {
    const struct generated_size *size;
    struct generated *to;
    uint64_t names_count;
    uint64_t homes; /* of one profile: together all profiles cover every class */
    struct prng prng;
};

/* What a class asks for. Numbers beyond all pairs of queue and skill ask for a higher level. */
static uint64_t class_queue(const struct maker *maker, uint64_t class)
{
    return class % maker->size->queues;
}

static struct config_skill *class_skill(const struct maker *maker, uint64_t class)
{
    return &maker->to->required[class];
}

static char *name(struct maker *maker, const char *kind, uint64_t index)
{
    char *text = maker->to->names[maker->names_count++];
    snprintf(text, GENERATED_NAME_MAX, "%s-%lu", kind, index + 1);
    return text;
}

static void make_account(struct maker *maker)
{
    struct generated *to = maker->to;
    char *channel = name(maker, "channel", 0);
    to->account = (struct config_account){.name = name(maker, "account", 0), .channel = channel};
    to->channel = (struct config_channel){.channel = channel, .cost = GENERATED_COST, .offer_ms = 30000};
    to->config.accounts = &to->account;
    to->config.channels = &to->channel;
    to->config.accounts_count = to->config.channels_count = 1;
}

static void make_queues(struct maker *maker)
{
    struct config *config = &maker->to->config;
    config->queues = must_zalloc(maker->size->queues, sizeof *config->queues);
    for (; config->queues_count < maker->size->queues; config->queues_count++)
        config->queues[config->queues_count] = (struct config_queue){.name = name(maker, "queue", config->queues_count),
                                                                     .mode = QUEUE_MODE_push,
                                                                     .offers = 1,
                                                                     .offers_max = 20,
                                                                     .choice = CHOICE_longest_idle,
                                                                     .when_closed = WHEN_CLOSED_hold,
                                                                     .agent_lost = AGENT_LOST_back,
                                                                     .bots_may_finish = true};
}

static void make_rules(struct maker *maker)
{
    const struct generated_size *size = maker->size;
    struct config *config = &maker->to->config;
    char **skills = must_zalloc(size->skills, sizeof *skills);
    for (uint64_t i = 0; i < size->skills; i++)
        skills[i] = name(maker, "skill", i);
    config->rules = must_zalloc(size->classes, sizeof *config->rules);
    maker->to->steps = must_zalloc(size->classes, sizeof *maker->to->steps);
    maker->to->required = must_zalloc(size->classes, sizeof *maker->to->required);
    for (uint64_t i = 0; i < size->classes; i++) {
        uint64_t pair = i / size->queues;
        *class_skill(maker, i) = (struct config_skill){skills[pair % size->skills], (uint8_t)(1 + pair / size->skills)};
        maker->to->steps[i] =
            (struct config_step){.queue = config->queues[class_queue(maker, i)].name, .all = class_skill(maker, i), .all_count = 1};
        config->rules[config->rules_count++] =
            (struct config_rule){.topic = name(maker, "topic", i), .plan = {NULL, &maker->to->steps[i], 1}, .priority = PRIORITY_normal};
    }
    free(skills);
}

/* Able to serve the class: its queue, and its skill at the level asked for or better. */
static void profile_learn(struct maker *maker, struct config_agent *profile, uint64_t class)
{
    char *queue = maker->to->config.queues[class_queue(maker, class)].name;
    const struct config_skill *skill = class_skill(maker, class);
    uint32_t at = 0;
    while (at < profile->queues_count && profile->queues[at] != queue)
        at++;
    profile->queues[at] = queue;
    profile->queues_count += at == profile->queues_count;
    for (at = 0; at < profile->skills_count && profile->skills[at].name != skill->name;)
        at++;
    uint8_t known = at < profile->skills_count ? profile->skills[at].level : 0;
    uint8_t level = (uint8_t)(skill->level + prng_below(&maker->prng, GENERATED_LEVELS + 1U - skill->level));
    profile->skills[at] = (struct config_skill){skill->name, level > known ? level : known};
    profile->skills_count += at == profile->skills_count;
}

/* The profiles deal the classes out among themselves, like cards; what is left of their homes is drawn. */
static void make_profile(struct maker *maker, struct config_agent *profile, uint64_t index)
{
    uint64_t classes = maker->size->classes;
    profile->queues = maker->to->profile_queues + index * maker->homes;
    profile->skills = maker->to->profile_skills + index * maker->homes;
    for (uint64_t home = 0, dealt = index; home < maker->homes; home++, dealt += maker->size->profiles)
        profile_learn(maker, profile, dealt < classes ? dealt : prng_below(&maker->prng, classes));
}

static void make_agents(struct maker *maker)
{
    const struct generated_size *size = maker->size;
    struct config *config = &maker->to->config;
    uint64_t dealt = (size->classes + size->profiles - 1) / size->profiles;
    maker->homes = dealt > HOMES_MIN ? dealt : HOMES_MIN;
    maker->to->profile_queues = must_zalloc(size->profiles * maker->homes, sizeof *maker->to->profile_queues);
    maker->to->profile_skills = must_zalloc(size->profiles * maker->homes, sizeof *maker->to->profile_skills);
    config->agents = must_zalloc(size->agents, sizeof *config->agents);
    for (; config->agents_count < size->agents; config->agents_count++) {
        uint64_t index = config->agents_count;
        struct config_agent *agent = &config->agents[index];
        if (index < size->profiles)
            make_profile(maker, agent, index);
        else
            *agent = config->agents[index % size->profiles];
        agent->name = name(maker, "agent", index);
        agent->kind = AGENT_KIND_human;
        agent->capacity = GENERATED_CAPACITY;
    }
}

void generated_init(struct generated *generated, const struct generated_size *size)
{
    ASSERT(size->classes <= size->queues * size->skills * GENERATED_LEVELS && size->profiles <= size->agents);
    *generated = (struct generated){.config = {.session = {.lease_ms = UINT32_MAX, .grace_ms = 60000}, /* nobody is ever lost */
                                               .pass_over_ms = 10000,
                                               .misses_max = 3,
                                               .conversations_open_max = UINT32_MAX}};
    struct maker maker = {.size = size, .to = generated};
    prng_init(&maker.prng, 1);
    generated->names = must_zalloc(2 + size->agents + size->skills + size->classes + size->queues, sizeof *generated->names);
    make_account(&maker);
    make_queues(&maker);
    make_rules(&maker);
    make_agents(&maker);
}

void generated_fini(struct generated *generated)
{
    free(generated->names);
    free(generated->profile_queues);
    free(generated->profile_skills);
    free(generated->required);
    free(generated->steps);
    free(generated->config.queues);
    free(generated->config.rules);
    free(generated->config.agents);
    *generated = (struct generated){0};
}

struct span generated_topic(const struct generated *generated, uint64_t class)
{
    return span_of(generated->config.rules[class].topic);
}
