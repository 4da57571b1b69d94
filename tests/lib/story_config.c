#include <string.h>

#include "base/check.h"
#include "story.h"

static struct config_account accounts[] = {
    {.name = "wa", .channel = "whatsapp"}, {.name = "web", .channel = "webchat"}, {.name = "mail", .channel = "email"}};
/* A queue as it is when the configuration says nothing but its name. */
#define QUEUE(text)                                                                                                                        \
    {                                                                                                                                      \
        .name = (text), .mode = QUEUE_MODE_push, .offers = 1, .offers_max = 20, .choice = CHOICE_longest_idle, .last_agent_ms = 10000,     \
        .when_closed = WHEN_CLOSED_hold, .agent_lost = AGENT_LOST_back, .bots_may_finish = true                                            \
    }
static struct config_queue queues[] = {QUEUE("front"), QUEUE("support"), QUEUE("billing")};
static struct config_skill ana_skills[] = {{"spanish", 4}, {"billing", 3}};
static struct config_skill ben_skills[] = {{"english", 3}};
static struct config_skill carla_skills[] = {{"spanish", 2}, {"english", 5}, {"billing", 1}};
static char *support_billing[] = {"support", "billing"}, *support[] = {"support"}, *front[] = {"front"};
static struct config_agent agents[] = {
    {.name = "ana",
     .kind = AGENT_KIND_human,
     .skills = ana_skills,
     .skills_count = 2,
     .queues = support_billing,
     .queues_count = 2,
     .capacity = 100},
    {.name = "ben",
     .kind = AGENT_KIND_human,
     .skills = ben_skills,
     .skills_count = 1,
     .queues = support,
     .queues_count = 1,
     .capacity = 100},
    {.name = "carla",
     .kind = AGENT_KIND_human,
     .skills = carla_skills,
     .skills_count = 3,
     .queues = support_billing,
     .queues_count = 2,
     .capacity = 40},
    {.name = "auto", .kind = AGENT_KIND_human, .queues = support, .queues_count = 1, .capacity = 100, .auto_accept = true},
    {.name = "bot", .kind = AGENT_KIND_bot, .queues = front, .queues_count = 1, .capacity = 100000, .auto_accept = true}};
static struct config_skill billing_2[] = {{"billing", 2}}, spanish_2[] = {{"spanish", 2}}, either[] = {{"spanish", 4}, {"english", 5}};
static struct config_step to_front = {.queue = "front"}, to_support = {.queue = "support"},
                          to_billing = {.queue = "billing", .all = billing_2, .all_count = 1},
                          to_spanish = {.queue = "support", .all = spanish_2, .all_count = 1},
                          to_either = {.queue = "support", .any = either, .any_count = 2};
static struct config_rule rules[] = {{.topic = "bot", .plan = {.steps = &to_front, .steps_count = 1}, .priority = PRIORITY_normal},
                                     {.topic = "billing", .plan = {.steps = &to_billing, .steps_count = 1}, .priority = PRIORITY_normal},
                                     {.language = "es", .plan = {.steps = &to_spanish, .steps_count = 1}, .priority = PRIORITY_normal},
                                     {.language = "any", .plan = {.steps = &to_either, .steps_count = 1}, .priority = PRIORITY_normal},
                                     {.channel = "whatsapp", .plan = {.steps = &to_support, .steps_count = 1}, .priority = PRIORITY_normal},
                                     {.account = "web", .plan = {.steps = &to_support, .steps_count = 1}, .priority = PRIORITY_normal}};
static struct config_channel channels[] = {
    {.channel = "whatsapp", .cost = 20, .offer_ms = 30000, .inactive_after_ms = 600000},
    {.channel = "webchat", .cost = 25, .offer_ms = 30000, .inactive_after_ms = 600000},
    {.channel = "email", .cost = 10, .offer_ms = 300000, .inactive_after_ms = 600000},
};
static struct config_operator operators[] = {{.name = "ops"}};

static const struct config standard = {
    .session = {.heartbeat_ms = 15000, .lease_ms = 45000, .grace_ms = 60000},
    .reopen_within_ms = 72ULL * 3600 * 1000,
    .pass_over_ms = 10000,
    .misses_max = 3,
    .conversations_open_max = 1000,
    .lane_guard = 10,
    .channels = channels,
    .channels_count = 3,
    .accounts = accounts,
    .accounts_count = 3,
    .agents = agents,
    .agents_count = 5,
    .queues = queues,
    .queues_count = 3,
    .rules = rules,
    .rules_count = 6,
    .operators = operators,
    .operators_count = 1,
};

const struct config *story_config(void)
{
    return &standard;
}

void story_setup(struct setup *setup)
{
    *setup = (struct setup){.config = standard};
    memcpy(setup->accounts, accounts, sizeof accounts);
    memcpy(setup->agents, agents, sizeof agents);
    memcpy(setup->queues, queues, sizeof queues);
    memcpy(setup->rules, rules, sizeof rules);
    memcpy(setup->channels, channels, sizeof channels);
    setup->config.accounts = setup->accounts;
    setup->config.agents = setup->agents;
    setup->config.queues = setup->queues;
    setup->config.rules = setup->rules;
    setup->config.channels = setup->channels;
    setup->config.calendars = setup->calendars;
}

void story_setup_patient(struct setup *setup)
{
    story_setup(setup);
    setup->config.session.lease_ms = UINT32_MAX;
}

struct config_queue *setup_queue(struct setup *setup, const char *name)
{
    for (uint32_t i = 0; i < setup->config.queues_count; i++)
        if (strcmp(setup->queues[i].name, name) == 0)
            return &setup->queues[i];
    struct config_queue *queue = &setup->queues[setup->config.queues_count++];
    *queue = queues[0];
    queue->name = (char *)(uintptr_t)name;
    return queue;
}

struct config_agent *setup_agent(struct setup *setup, const char *name)
{
    for (uint32_t i = 0; i < setup->config.agents_count; i++)
        if (strcmp(setup->agents[i].name, name) == 0)
            return &setup->agents[i];
    struct config_agent *agent = &setup->agents[setup->config.agents_count++];
    *agent = agents[1];
    agent->name = (char *)(uintptr_t)name;
    return agent;
}

struct config_channel *setup_channel(struct setup *setup, const char *name)
{
    for (uint32_t i = 0; i < setup->config.channels_count; i++)
        if (strcmp(setup->channels[i].channel, name) == 0)
            return &setup->channels[i];
    struct config_channel *channel = &setup->channels[setup->config.channels_count++];
    *channel = (struct config_channel){.channel = (char *)(uintptr_t)name, .cost = 20, .offer_ms = 30000};
    return channel;
}

void setup_calendar(struct setup *setup, const char *name, const int64_t *times, uint32_t count)
{
    uint32_t at = setup->config.calendars_count++;
    ASSERT(at < SETUP_MAX && count / 2 <= SETUP_MAX);
    for (uint32_t i = 0; i < count / 2; i++)
        setup->intervals[at][i] = (struct config_interval){STORY_START_MS + times[2 * i], STORY_START_MS + times[2 * i + 1]};
    setup->calendars[at] =
        (struct config_calendar){.name = (char *)(uintptr_t)name, .intervals = setup->intervals[at], .intervals_count = count / 2};
}

struct config_rule *setup_rule(struct setup *setup, struct config_step *steps, uint32_t count, const char *plan)
{
    ASSERT(setup->config.rules_count < SETUP_MAX);
    for (uint32_t i = setup->config.rules_count++; i > 0; i--)
        setup->rules[i] = setup->rules[i - 1];
    setup->rules[0] = (struct config_rule){.priority = PRIORITY_normal};
    setup->rules[0].plan = (struct config_plan){(char *)(uintptr_t)plan, steps, count};
    return &setup->rules[0];
}

void setup_ben_in_billing(struct setup *setup)
{
    setup_agent(setup, "ben")->queues = support_billing;
    setup_agent(setup, "ben")->queues_count = 2;
}
