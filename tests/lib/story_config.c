#include "config/config.h"
#include "story.h"

static struct config_account accounts[] = {
    {.name = "wa", .channel = "whatsapp"}, {.name = "web", .channel = "webchat"}, {.name = "mail", .channel = "email"}};
static struct config_queue queues[] = {
    {.name = "front", .offer_ms = 30000}, {.name = "support", .offer_ms = 30000}, {.name = "billing", .offer_ms = 30000}};
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
static struct config_rule rules[] = {
    {.topic = "bot", .queue = "front", .priority = PRIORITY_normal},
    {.topic = "billing", .queue = "billing", .all = billing_2, .all_count = 1, .priority = PRIORITY_normal},
    {.language = "es", .queue = "support", .all = spanish_2, .all_count = 1, .priority = PRIORITY_normal},
    {.language = "any", .queue = "support", .any = either, .any_count = 2, .priority = PRIORITY_normal},
    {.channel = "whatsapp", .queue = "support", .priority = PRIORITY_normal},
    {.account = "web", .queue = "support", .priority = PRIORITY_normal}};
static struct config_cost costs[] = {{"whatsapp", 20}, {"webchat", 25}, {"email", 10}};
static struct config_operator operators[] = {{.name = "ops"}};

static const struct config standard = {
    .session = {.heartbeat_ms = 15000, .lease_ms = 45000, .grace_ms = 60000},
    .reopen_within_ms = 72ULL * 3600 * 1000,
    .pass_over_ms = 10000,
    .misses_max = 3,
    .conversations_open_max = 1000,
    .costs = costs,
    .costs_count = 3,
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
