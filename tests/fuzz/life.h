/* A random life of an engine: configurations, customers, agents, bots and operators that do anything at any time, and crashes. All of it is
 * drawn from one seed. */
#ifndef RELEVO_LIFE_H
#define RELEVO_LIFE_H

#include "base/prng.h"
#include "engine/conversation.h"
#include "world.h"

enum {
    LIFE_QUEUES = 6,
    LIFE_AGENTS = 10, /* the last two are bots */
    LIFE_BOTS = 2,
    LIFE_CHANNELS = 3,
    LIFE_RULES = 8,
    LIFE_STEPS = 5,
    LIFE_CALENDARS = 3,
    LIFE_INTERVALS = 30,
    LIFE_SKILLS = 3,
    LIFE_NAMES = 128,
};

/* A configuration and everything that it points at. */
struct life_config {
    struct config config;
    struct config_channel channels[LIFE_CHANNELS];
    char *interrupts[LIFE_CHANNELS][LIFE_CHANNELS];
    struct config_account accounts[LIFE_CHANNELS];
    struct config_agent agents[LIFE_AGENTS];
    struct config_skill skills[LIFE_AGENTS][LIFE_SKILLS];
    char *agent_queues[LIFE_AGENTS][LIFE_QUEUES];
    struct config_cap caps[LIFE_AGENTS];
    struct config_queue queues[LIFE_QUEUES];
    struct config_calendar calendars[LIFE_CALENDARS];
    struct config_interval intervals[LIFE_CALENDARS][LIFE_INTERVALS];
    struct config_rule rules[LIFE_RULES];
    struct config_step steps[LIFE_RULES][LIFE_STEPS];
    struct config_skill all[LIFE_RULES][LIFE_STEPS], any[LIFE_RULES][LIFE_STEPS][2];
    char *preferred[LIFE_RULES][LIFE_STEPS];
    struct config_attribute attributes[LIFE_RULES];
    struct config_operator ops;
};

struct life {
    struct world world;
    struct prng prng;
    struct life_config config;       /* the running one */
    session_id sessions[LIFE_NAMES]; /* by principal */
    uint32_t keys;
    char key[32], address[32];
    struct requirement requirement;
    struct attribute attribute;
};

uint64_t draw(struct life *life, uint64_t bound);
/* Once in so many times. */
bool rarely(struct life *life, uint64_t times);

/* Draws another configuration. The names are those of life_queue, life_agent and so on, and not all of them are in it. */
void life_draw_config(struct life *life);

const char *life_queue(uint64_t i);
const char *life_agent(uint64_t i);
const char *life_account(uint64_t i);
const char *life_skill(uint64_t i);
const char *life_topic(uint64_t i);  /* of three; "" is the first */
const char *life_result(uint64_t i); /* of two */
const char *life_tier(uint64_t i);   /* of two */

/* Something happens. */
void life_goes_on(struct life *life);

#endif
