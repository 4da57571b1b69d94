#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "engine/conversation.h"
#include "engine/customer.h"
#include "engine/decide.h"
#include "engine/due.h"
#include "engine/emit.h"
#include "engine/idle.h"
#include "engine/match.h"
#include "engine/names.h"
#include "engine/principal.h"
#include "engine/requirement.h"
#include "engine/settings.h"
#include "engine/timers.h"

/* --- channel types --- */

const char *engine_channel_beyond(const struct engine *engine, const struct config *config)
{
    uint32_t room = LIMIT_CHANNELS - engine->channels_count;
    for (uint32_t i = 0; i < config->channels_count; i++)
        if (!engine_find_name(engine, NAME_KIND_channel, span_of(config->channels[i].channel)) && room-- == 0)
            return config->channels[i].channel;
    return NULL;
}

static void declare_channels(struct engine *engine, const struct config *config)
{
    for (uint32_t i = 0; i < config->channels_count; i++)
        settings_declare(engine, NAME_KIND_channel, config->channels[i].channel);
}

static void configure_channel(struct engine *engine, const struct config_channel *from)
{
    struct channel *channel = names_channel(engine, settings_declare(engine, NAME_KIND_channel, from->channel));
    channel->cost = from->cost;
    channel->cap = from->cap;
    channel->offer_ms = from->offer_ms;
    channel->wrap_up_ms = from->wrap_up_ms;
    channel->inactive_after_ms = from->inactive_after_ms;
    channel->inactive_cost = from->inactive_cost;
    channel->interrupts = 0;
    for (uint32_t i = 0; i < from->interrupts_count; i++) {
        const struct channel *gives_way = names_channel(engine, settings_declare(engine, NAME_KIND_channel, from->interrupts[i]));
        channel->interrupts |= UINT64_C(1) << gives_way->index;
    }
}

/* What is open of a type that the configuration names no more goes on as a messaging channel by default. */
static void unconfigure_channels(struct engine *engine)
{
    enum { COST = 20, OFFER_MS = 30000, INACTIVE_AFTER_MS = 600000 };
    for (uint32_t i = 0; i < engine->channels_count; i++) {
        struct channel *channel = engine->channels[i];
        *channel = (struct channel){
            .id = channel->id, .index = channel->index, .cost = COST, .offer_ms = OFFER_MS, .inactive_after_ms = INACTIVE_AFTER_MS};
    }
}

static void configure_channels(struct engine *engine, const struct config *config)
{
    declare_channels(engine, config);
    unconfigure_channels(engine);
    for (uint32_t i = 0; i < config->channels_count; i++)
        configure_channel(engine, &config->channels[i]);
}

/* --- queues --- */

static bool is_timed(const struct config_queue *from)
{
    return from->first_response_ms || from->next_response_ms || from->resolution_ms || from->first_reply_ms || from->next_reply_ms;
}

static void take_closed_text(struct queue *queue, const char *text)
{
    free((void *)(uintptr_t)queue->closed_text.data);
    queue->closed_text = text ? (struct span){must_copy(text, strlen(text)), (uint32_t)strlen(text)} : (struct span){0};
}

static void configure_queue(struct engine *engine, const struct config_queue *from)
{
    struct queue *queue = names_queue(engine, settings_declare(engine, NAME_KIND_queue, from->name));
    queue->configured = true;
    queue->mode = from->mode;
    queue->offer_ms = from->offer_ms;
    queue->offers = from->offers;
    queue->offers_max = from->offers_max;
    queue->choice = from->choice;
    queue->last_agent_ms = from->last_agent_ms;
    queue->auto_accept = from->auto_accept;
    queue->lane = (uint8_t)from->lane;
    queue->edf = from->edf;
    queue->first_response_ms = from->first_response_ms;
    queue->next_response_ms = from->next_response_ms;
    queue->resolution_ms = from->resolution_ms;
    queue->business_time = from->business_time;
    queue->first_reply_ms = from->first_reply_ms;
    queue->next_reply_ms = from->next_reply_ms;
    queue->timed = is_timed(from);
    queue->depth_max = from->depth_max;
    queue->wait_max_ms = from->wait_max_ms;
    queue->overflow = settings_declare(engine, NAME_KIND_queue, from->overflow);
    queue->escalates_to = settings_declare(engine, NAME_KIND_queue, from->escalates_to);
    queue->calendar = settings_calendar(&engine->settings, from->calendar);
    queue->when_closed = from->when_closed;
    queue->stays = from->agent_lost == AGENT_LOST_stay;
    queue->bots_may_finish = from->bots_may_finish;
    take_closed_text(queue, from->closed_text);
}

/* --- accounts and agents --- */

static void configure_accounts(struct engine *engine, const struct config *config)
{
    for (uint32_t i = 0; i < config->accounts_count; i++) {
        const struct config_account *from = &config->accounts[i];
        struct principal *account = names_principal(engine, settings_declare(engine, NAME_KIND_account, from->name));
        account->configured = true;
        account->channel = names_channel(engine, engine_find_name(engine, NAME_KIND_channel, span_of(from->channel)));
        ASSERT(account->channel);
        account->address_key = customer_address_key(engine, span_of(from->channel));
    }
}

static struct group *agent_group(struct engine *engine, const struct config_agent *from)
{
    name_id *queues = must_zalloc(from->queues_count + 1UL, sizeof *queues);
    struct skill_level *skills = must_zalloc(from->skills_count + 1UL, sizeof *skills);
    for (uint32_t i = 0; i < from->queues_count; i++) {
        name_id id = settings_declare(engine, NAME_KIND_queue, from->queues[i]);
        uint32_t to = i;
        for (; to && queues[to - 1] > id; to--)
            queues[to] = queues[to - 1];
        queues[to] = id;
    }
    for (uint32_t i = 0; i < from->skills_count; i++)
        skills[i] = (struct skill_level){settings_declare(engine, NAME_KIND_skill, from->skills[i].name), from->skills[i].level};
    skills_sort(skills, from->skills_count);
    struct profile profile = {from->kind, queues, from->queues_count, skills, from->skills_count};
    struct group *group = match_group(engine, &profile);
    free(queues);
    free(skills);
    return group;
}

static void configure_caps(const struct engine *engine, const struct config_agent *from, struct principal *agent)
{
    principal_make_desks(agent, engine->channels_count);
    for (uint32_t i = 0; i < agent->desks_count; i++)
        agent->desks[i].cap = 0;
    for (uint32_t i = 0; i < from->caps_count; i++) {
        const struct channel *channel = names_channel(engine, engine_find_name(engine, NAME_KIND_channel, span_of(from->caps[i].channel)));
        if (channel)
            agent->desks[channel->index].cap = from->caps[i].conversations;
    }
}

static void configure_agents(struct engine *engine, const struct config *config)
{
    for (uint32_t i = 0; i < config->agents_count; i++) {
        const struct config_agent *from = &config->agents[i];
        struct principal *agent = names_principal(engine, settings_declare(engine, NAME_KIND_agent, from->name));
        agent->configured = true;
        agent->agent_kind = from->kind;
        agent->capacity = from->capacity;
        agent->auto_accept = from->auto_accept;
        agent->group = agent_group(engine, from);
        agent->group->members++;
        configure_caps(engine, from, agent);
    }
    for (uint32_t i = 0; i < engine->groups_count; i++)
        idle_make_benches(engine, engine->groups[i]);
    idle_make_room(engine);
}

/* --- the whole --- */

/* As a restart would find it: nothing but its name and what is in it. Its calendar goes with the old configuration. */
static void unconfigure_queue(struct queue *queue)
{
    take_closed_text(queue, NULL);
    *queue = (struct queue){.id = queue->id,
                            .offering = queue->offering,
                            .waiting = queue->waiting,
                            .offered = queue->offered,
                            .in_progress = queue->in_progress};
}

/* Nothing is configured until the new configuration says so again. */
static void unconfigure(struct engine *engine)
{
    for (name_id id = 1; id <= engine->names_count; id++) {
        struct principal *principal = names_principal(engine, id);
        struct queue *queue = names_queue(engine, id);
        if (queue)
            unconfigure_queue(queue);
        if (!principal)
            continue;
        principal->configured = false;
        principal_relist(engine, principal); /* leaves the idle orders of its old group */
        if (principal->signed_in)
            principal->group->signed_in--;
        principal->signed_in = false;
        principal->group = NULL;
        principal->benches = NULL;
    }
    for (uint32_t i = 0; i < engine->groups_count; i++)
        engine->groups[i]->members = 0;
}

/* Every group's idle order is by idle_lsn: made anew from the durable rows, after a restart as after a reload. */
static void relist_agents(struct engine *engine)
{
    struct principal **agents = must_zalloc(engine->names_count + 1UL, sizeof(struct principal *));
    size_t count = 0;
    for (name_id id = 1; id <= engine->names_count; id++) {
        struct principal *principal = names_principal(engine, id);
        if (principal && principal->group)
            agents[count++] = principal;
    }
    qsort(agents, count, sizeof(struct principal *), principal_by_idle);
    for (size_t i = 0; i < count; i++) {
        agents[i]->benches = agents[i]->group->benches;
        principal_relist(engine, agents[i]);
    }
    free(agents);
}

/* Leases, graces and offers run by the new settings; after a restart nothing ran yet. */
static void arm_everything(struct engine *engine)
{
    struct session *session;
    struct conversation *conversation;
    for (size_t at = 0; (session = map_next(&engine->sessions, &at));)
        if (!session->closed)
            timers_set(engine, &session->timer, TIMER_session, session->row.id, session->seen_ms + engine->settings.lease_ms);
    for (size_t at = 0; (conversation = map_next(&engine->conversations, &at));)
        due_arm(engine, conversation);
    for (name_id id = 1; id <= engine->names_count; id++) {
        struct principal *principal = names_principal(engine, id);
        if (principal)
            principal_arm(engine, principal);
    }
}

/* Whom the new configuration does not name stays in the log and in memory, but is signed off, and its work goes to others. */
static void remove_unnamed(struct engine *engine)
{
    for (name_id id = 1; id <= engine->names_count; id++) {
        struct principal *principal = names_principal(engine, id);
        if (principal && !principal->configured)
            decide_removed(engine, principal);
    }
}

/* What stayed with an agent who is gone, in a queue that lets it stay no more. */
static void return_what_stayed(struct engine *engine)
{
    for (name_id id = 1; id <= engine->names_count; id++) {
        struct principal *agent = names_principal(engine, id);
        if (agent && agent->owned.count && !agent->sessions.count && agent->row.state == AGENT_STATE_offline)
            decide_principal_due(engine, agent);
    }
}

static bool is_stranded(const struct engine *engine, const struct conversation *conversation)
{
    const struct queue *queue = names_queue(engine, conversation->row.queue);
    return queue && !queue->configured && conversation_unowned(conversation);
}

/* What waits in a queue that is no longer there has to be seen by somebody. */
static void empty_removed_queues(struct engine *engine)
{
    const struct conversation *conversation;
    struct id_list stranded = {0};
    if (!engine->settings.dead_letter)
        return;
    for (size_t at = 0; (conversation = map_next(&engine->conversations, &at));)
        if (is_stranded(engine, conversation))
            id_list_add(&stranded, conversation->row.id);
    id_list_sort(&stranded);
    for (uint32_t i = 0; i < stranded.count; i++)
        decide_move(engine, conversation_get(engine, stranded.ids[i]), engine->settings.dead_letter, CAUSE_queue_removed, NULL);
    free(stranded.ids);
}

void decide_configure(struct engine *engine, const struct event *event)
{
    const struct config *config = event->config;
    unconfigure(engine);
    configure_channels(engine, config);
    settings_configure(engine, config);
    for (uint32_t i = 0; i < config->queues_count; i++)
        configure_queue(engine, &config->queues[i]);
    configure_accounts(engine, config);
    configure_agents(engine, config);
    for (uint32_t i = 0; i < config->operators_count; i++)
        names_principal(engine, settings_declare(engine, NAME_KIND_operator, config->operators[i].name))->configured = true;
    relist_agents(engine);
    decide_hours(engine);
    decide_hours_reloaded(engine);
    arm_everything(engine);
    remove_unnamed(engine);
    return_what_stayed(engine);
    empty_removed_queues(engine);
}
