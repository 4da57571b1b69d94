#include <string.h>

#include "life.h"

static char *const queue_names[] = {"front", "support", "billing", "orders", "second", "last"};
static char *const agent_names[] = {"ana", "ben", "carla", "dan", "eva", "finn", "gina", "auto", "bot", "botty"};
static char *const account_names[] = {"wa", "web", "phone"}, *const channel_names[] = {"whatsapp", "webchat", "voice"};
static char *const skill_names[] = {"spanish", "english", "billing"};
static char *const topics[] = {"", "money", "goods"}, *const results[] = {"sale", "fault"}, *const tiers[] = {"gold", "tin"};
static char *const calendar_names[] = {"day", "night", "never"};
static char *const plan_names[] = {"p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7"};

const char *life_queue(uint64_t i)
{
    return queue_names[i];
}

const char *life_agent(uint64_t i)
{
    return agent_names[i];
}

const char *life_account(uint64_t i)
{
    return account_names[i];
}

const char *life_skill(uint64_t i)
{
    return skill_names[i];
}

const char *life_topic(uint64_t i)
{
    return topics[i];
}

const char *life_result(uint64_t i)
{
    return results[i];
}

const char *life_tier(uint64_t i)
{
    return tiers[i];
}

uint64_t draw(struct life *life, uint64_t bound)
{
    return prng_below(&life->prng, bound);
}

bool rarely(struct life *life, uint64_t times)
{
    return draw(life, times) == 0;
}

/* 0, which means none, or up to `most` ms. */
static uint32_t draw_limit(struct life *life, uint64_t times, uint32_t most)
{
    return rarely(life, times) ? 1000 + (uint32_t)draw(life, most) : 0;
}

/* --- channels and hours --- */

static void draw_channel(struct life *life, uint32_t i)
{
    static const uint32_t costs[] = {20, 25, 100};
    struct life_config *config = &life->config;
    struct config_channel *channel = &config->channels[i];
    *channel = (struct config_channel){.channel = channel_names[i],
                                       .cost = rarely(life, 4) ? 10 + (uint32_t)draw(life, 60) : costs[i],
                                       .cap = rarely(life, 3) ? 1 + (uint32_t)draw(life, 4) : 0,
                                       .interrupts = config->interrupts[i],
                                       .offer_ms = 1000 + (uint32_t)draw(life, 30000),
                                       .wrap_up_ms = draw_limit(life, 3, 20000),
                                       .inactive_after_ms = draw_limit(life, 2, 20000),
                                       .inactive_cost = rarely(life, 3) ? 5 : 0};
    for (uint32_t other = 0; other < LIFE_CHANNELS; other++)
        if (other != i && rarely(life, i == 2 ? 2 : 8))
            channel->interrupts[channel->interrupts_count++] = channel_names[other];
    config->accounts[i] = (struct config_account){.name = account_names[i], .channel = channel_names[i]};
}

static void draw_calendar(struct life *life, uint32_t i)
{
    struct config_interval *intervals = life->config.intervals[i];
    struct config_calendar *calendar = &life->config.calendars[i];
    int64_t at_ms = life->world.now_ms - 60000;
    *calendar = (struct config_calendar){.name = calendar_names[i], .intervals = intervals};
    for (uint64_t left = i == 2 ? draw(life, 2) : draw(life, LIFE_INTERVALS); left > 0; left--) {
        int64_t open_ms = at_ms + 1 + (int64_t)draw(life, 90000), close_ms = open_ms + 1 + (int64_t)draw(life, 90000);
        intervals[calendar->intervals_count++] = (struct config_interval){open_ms, close_ms};
        at_ms = close_ms;
    }
}

/* --- queues --- */

static struct config_queue *draw_limits(struct life *life, struct config_queue *queue)
{
    queue->first_response_ms = draw_limit(life, 3, 60000);
    queue->next_response_ms = draw_limit(life, 4, 60000);
    queue->resolution_ms = draw_limit(life, 4, 200000);
    queue->business_time = rarely(life, 2);
    queue->first_reply_ms = draw_limit(life, 5, 30000);
    queue->next_reply_ms = draw_limit(life, 5, 30000);
    queue->depth_max = rarely(life, 5) ? 1 + (uint32_t)draw(life, 5) : 0;
    queue->wait_max_ms = draw_limit(life, 4, 60000);
    return queue;
}

static void draw_queue(struct life *life, char *name)
{
    static const enum choice choices[] = {CHOICE_longest_idle, CHOICE_least_loaded, CHOICE_most_skilled, CHOICE_round_robin,
                                          CHOICE_last_agent};
    static const enum when_closed closings[] = {WHEN_CLOSED_hold, WHEN_CLOSED_message, WHEN_CLOSED_bot, WHEN_CLOSED_overflow};
    struct config_queue *queue = &life->config.queues[life->config.config.queues_count++];
    *queue = (struct config_queue){.name = name,
                                   .mode = rarely(life, 6) ? QUEUE_MODE_pull : QUEUE_MODE_push,
                                   .offer_ms = draw_limit(life, 3, 20000),
                                   .offers = rarely(life, 2) ? 1 + (uint32_t)draw(life, 5) : 1,
                                   .offers_max = 1 + (uint32_t)draw(life, rarely(life, 2) ? 4 : 20),
                                   .choice = choices[draw(life, 5)],
                                   .last_agent_ms = 1000 + (uint32_t)draw(life, 10000),
                                   .auto_accept = rarely(life, 8),
                                   .lane = rarely(life, 2) ? (uint32_t)draw(life, 3) : 0,
                                   .edf = rarely(life, 4),
                                   .calendar = rarely(life, 3) ? calendar_names[draw(life, LIFE_CALENDARS)] : NULL,
                                   .when_closed = closings[draw(life, 4)],
                                   .closed_text = "closed",
                                   .agent_lost = rarely(life, 4) ? AGENT_LOST_stay : AGENT_LOST_back,
                                   .bots_may_finish = !rarely(life, 3)};
    draw_limits(life, queue);
}

static char *draw_configured_queue(struct life *life)
{
    return life->config.queues[draw(life, life->config.config.queues_count)].name;
}

static void draw_queues(struct life *life)
{
    struct config *config = &life->config.config;
    for (uint32_t i = 0; i < LIFE_QUEUES; i++)
        if (i == 0 || !rarely(life, 8))
            draw_queue(life, queue_names[i]);
    for (uint32_t i = 0; i < config->queues_count; i++) {
        uint32_t later = config->queues_count - 1 - i; /* never back: overflow has no cycles */
        if (later && !rarely(life, 3))
            config->queues[i].overflow = config->queues[i + 1 + draw(life, later)].name;
        if (rarely(life, 3))
            config->queues[i].escalates_to = draw_configured_queue(life);
    }
    config->dead_letter = rarely(life, 2) ? config->queues[config->queues_count - 1].name : NULL;
}

/* --- agents --- */

static void draw_agent(struct life *life, uint32_t i)
{
    struct life_config *config = &life->config;
    struct config_agent *agent = &config->agents[config->config.agents_count++];
    bool bot = i >= LIFE_AGENTS - LIFE_BOTS;
    *agent = (struct config_agent){.name = agent_names[i],
                                   .kind = bot ? AGENT_KIND_bot : AGENT_KIND_human,
                                   .skills = config->skills[i],
                                   .queues = config->agent_queues[i],
                                   .caps = &config->caps[i],
                                   .capacity = bot ? 1000 : 20 + (uint32_t)draw(life, 150),
                                   .auto_accept = bot || i == LIFE_AGENTS - LIFE_BOTS - 1};
    for (uint32_t skill = 0; skill < LIFE_SKILLS; skill++)
        if (rarely(life, 2))
            agent->skills[agent->skills_count++] = (struct config_skill){skill_names[skill], (uint8_t)(1 + draw(life, 5))};
    for (uint32_t queue = 0; queue < config->config.queues_count; queue++)
        if (queue == i % config->config.queues_count || rarely(life, 3))
            agent->queues[agent->queues_count++] = config->queues[queue].name;
    if (rarely(life, 4))
        agent->caps[agent->caps_count++] = (struct config_cap){channel_names[draw(life, LIFE_CHANNELS)], 1 + (uint32_t)draw(life, 3)};
}

/* --- rules --- */

static void draw_step(struct life *life, struct config_plan *plan, uint32_t rule)
{
    uint32_t i = plan->steps_count++;
    struct life_config *config = &life->config;
    struct config_step *step = &plan->steps[i];
    *step = (struct config_step){.all = &config->all[rule][i],
                                 .any = config->any[rule][i],
                                 .queue = i == 0 || rarely(life, 3) ? draw_configured_queue(life) : NULL,
                                 .after_ms = i ? plan->steps[i - 1].after_ms + 1 + draw(life, 20000) : 0,
                                 .preferred = &config->preferred[rule][i],
                                 .priority = rarely(life, 4) ? (enum priority)(1 + draw(life, PRIORITY_MAX)) : 0,
                                 .choice = rarely(life, 4) ? (enum choice)(1 + draw(life, CHOICE_MAX)) : 0,
                                 .add = i && rarely(life, 2),
                                 .skip_if_nobody = rarely(life, 3)};
    if (rarely(life, 2))
        step->all[step->all_count++] = (struct config_skill){skill_names[draw(life, LIFE_SKILLS)], (uint8_t)(1 + draw(life, 5))};
    for (uint32_t skill = 0; rarely(life, 3) && skill < 2; skill++)
        step->any[step->any_count++] = (struct config_skill){skill_names[skill], (uint8_t)(1 + draw(life, 5))};
    if (rarely(life, 4))
        step->preferred[step->preferred_count++] = config->agents[draw(life, config->config.agents_count)].name;
}

static void draw_conditions(struct life *life, struct config_rule *rule, uint32_t i)
{
    rule->topic = rarely(life, 2) ? topics[1 + draw(life, 2)] : NULL;
    rule->account = rarely(life, 5) ? account_names[draw(life, LIFE_CHANNELS)] : NULL;
    rule->channel = rarely(life, 5) ? channel_names[draw(life, LIFE_CHANNELS)] : NULL;
    rule->result = rarely(life, 4) ? results[draw(life, 2)] : NULL;
    rule->open = rarely(life, 6) ? calendar_names[draw(life, LIFE_CALENDARS)] : NULL;
    rule->closed = rarely(life, 6) ? calendar_names[draw(life, LIFE_CALENDARS)] : NULL;
    if (!rarely(life, 4))
        return;
    life->config.attributes[i] = (struct config_attribute){"tier", tiers[draw(life, 2)]};
    rule->attributes_count = 1;
}

static void draw_rule(struct life *life)
{
    struct life_config *config = &life->config;
    uint32_t i = config->config.rules_count++;
    struct config_rule *rule = &config->rules[i];
    *rule = (struct config_rule){.attributes = &config->attributes[i],
                                 .plan = {.name = plan_names[i], .steps = config->steps[i]},
                                 .priority = (enum priority)(1 + draw(life, PRIORITY_MAX))};
    for (uint64_t steps = 1 + draw(life, LIFE_STEPS); steps > 0; steps--)
        draw_step(life, &rule->plan, i);
    if (rule->plan.steps_count == 1 && rarely(life, 2))
        rule->plan.name = NULL;
    if (i < LIFE_RULES - 2) /* the last two are for everybody, and for every result */
        draw_conditions(life, rule, i);
    else if (i == LIFE_RULES - 2)
        rule->result = results[0];
}

void life_draw_config(struct life *life)
{
    struct life_config *config = &life->config;
    memset(config, 0, sizeof *config);
    config->ops.name = "ops";
    config->config = (struct config){.session = {.heartbeat_ms = 15000, .lease_ms = 45000, .grace_ms = 1000 + (uint32_t)draw(life, 60000)},
                                     .reopen_within_ms = rarely(life, 3) ? draw(life, 60000) : 72ULL * 3600 * 1000,
                                     .pass_over_ms = 1000 + (uint32_t)draw(life, 10000),
                                     .misses_max = 1 + (uint32_t)draw(life, 4),
                                     .conversations_open_max = rarely(life, 5) ? 20 : 1000,
                                     .lane_guard = (uint32_t)draw(life, 4),
                                     .channels = config->channels,
                                     .channels_count = LIFE_CHANNELS,
                                     .calendars = config->calendars,
                                     .calendars_count = LIFE_CALENDARS,
                                     .accounts = config->accounts,
                                     .accounts_count = LIFE_CHANNELS,
                                     .agents = config->agents,
                                     .queues = config->queues,
                                     .rules = config->rules,
                                     .operators = &config->ops,
                                     .operators_count = 1};
    for (uint32_t i = 0; i < LIFE_CHANNELS; i++)
        draw_channel(life, i);
    for (uint32_t i = 0; i < LIFE_CALENDARS; i++)
        draw_calendar(life, i);
    draw_queues(life);
    for (uint32_t i = 0; i < LIFE_AGENTS; i++)
        if (i == 0 || !rarely(life, 8))
            draw_agent(life, i);
    while (config->config.rules_count < LIFE_RULES)
        draw_rule(life);
}
