#include "life.h"

#include <stdio.h>

#include "engine/names.h"
#include "engine/principal.h"
#include "engine/tie.h"

/* --- who --- */

static name_id account_id(struct life *life)
{
    return engine_find_name(life->world.engine, NAME_KIND_account, span_of(life_account(draw(life, LIFE_CHANNELS))));
}

static name_id agent_id(struct life *life)
{
    return engine_find_name(life->world.engine, NAME_KIND_agent, span_of(life_agent(draw(life, LIFE_AGENTS))));
}

static name_id bot_id(struct life *life)
{
    uint64_t i = LIFE_AGENTS - 1 - draw(life, LIFE_BOTS);
    return engine_find_name(life->world.engine, NAME_KIND_agent, span_of(life_agent(i)));
}

static name_id queue_id(struct life *life)
{
    return engine_find_name(life->world.engine, NAME_KIND_queue, span_of(life_queue(draw(life, LIFE_QUEUES))));
}

static name_id operator_id(const struct life *life)
{
    return engine_find_name(life->world.engine, NAME_KIND_operator, span_of("ops"));
}

static name_id anyone(struct life *life)
{
    uint64_t what = draw(life, 10);
    return what < 2 ? account_id(life) : what < 3 ? operator_id(life) : agent_id(life);
}

/* What the agent owns or is tied to; NULL: nothing, or nothing was drawn. */
static struct conversation *work_of(struct life *life, name_id id)
{
    const struct principal *agent = names_principal(life->world.engine, id);
    if (!agent)
        return NULL;
    bool tied = agent->ties.count && (!agent->owned.count || rarely(life, 2));
    if (!tied)
        return agent->owned.count ? agent->owned.items[draw(life, agent->owned.count)] : NULL;
    struct list_node *node = agent->ties.first;
    for (uint64_t left = draw(life, agent->ties.count); left > 0; left--)
        node = node->next;
    return ITEM_OF(node, struct tie, agent_node)->conversation;
}

/* Mostly one that somebody has, or one of the newest. */
static struct conversation *some_conversation(struct life *life)
{
    conversation_id newest = engine_counters(life->world.engine).conversation;
    conversation_id id = 1 + draw(life, newest + 1);
    struct conversation *work = NULL;
    for (int tries = 0; !work && tries < 4; tries++)
        work = work_of(life, agent_id(life));
    if (work && !rarely(life, 4))
        return work;
    if (newest > 40 && !rarely(life, 10))
        id = newest - draw(life, 40);
    return conversation_get(life->world.engine, id);
}

static name_id tied_agent(struct life *life, const struct conversation *conversation)
{
    uint32_t count = 0;
    for (const struct tie *tie = conversation->ties; tie; tie = tie->next)
        count++;
    if (!count)
        return 0;
    const struct tie *tie = conversation->ties;
    for (uint64_t left = draw(life, count); left > 0; left--)
        tie = tie->next;
    return (name_id)tie->agent->row.id;
}

static struct event new_event(struct life *life, enum event_kind kind, name_id who)
{
    /* Now and then a key is repeated. */
    snprintf(life->key, sizeof life->key, "k%u", rarely(life, 20) ? (uint32_t)draw(life, life->keys + 1) : ++life->keys);
    return (struct event){.kind = kind,
                          .session = life->sessions[who],
                          .key = span_of(life->key),
                          .text = span_of("text"),
                          .reason = span_of(rarely(life, 2) ? "reason" : "")};
}

/* --- customers --- */

static void customer_acts(struct life *life)
{
    struct event event = new_event(life, rarely(life, 12) ? EVENT_leave : EVENT_message, account_id(life));
    snprintf(life->address, sizeof life->address, "customer%u", (unsigned)draw(life, 40));
    event.address = span_of(life->address);
    event.topic = span_of(life_topic(draw(life, 3)));
    event.priority = rarely(life, 3) ? (enum priority)draw(life, PRIORITY_MAX + 1) : 0;
    event.window_ms = rarely(life, 4) ? life->world.now_ms + 1000 + (int64_t)draw(life, 100000) : 0;
    life->attribute = (struct attribute){span_of("tier"), span_of(rarely(life, 3) ? "" : life_tier(draw(life, 2)))};
    event.attributes = &life->attribute;
    event.attributes_count = rarely(life, 4);
    world_step(&life->world, &event);
}

static void receipt_comes(struct life *life)
{
    const struct conversation *conversation = some_conversation(life);
    struct event event = new_event(life, EVENT_receipt, conversation ? conversation->row.account : account_id(life));
    event.conversation = conversation ? conversation->row.id : 1;
    event.lsn = 1 + draw(life, life->world.log_count);
    event.state = RECEIPT_read;
    world_step(&life->world, &event);
}

/* --- agents --- */

static void draw_target(struct life *life, struct event *event)
{
    uint64_t way = draw(life, 4);
    if (way != 1)
        event->queue = queue_id(life);
    if (event->queue && !names_queue(life->world.engine, event->queue)->configured)
        event->queue = 0; /* the node asks for configured ones only */
    if (way == 1)
        event->agent = agent_id(life);
    if (way >= 2) {
        life->requirement = (struct requirement){.all_count = 1};
        life->requirement.all[0].skill = engine_find_name(life->world.engine, NAME_KIND_skill, span_of(life_skill(draw(life, 3))));
        life->requirement.all[0].level = (uint8_t)(1 + draw(life, 5));
        event->requirement = life->requirement.all[0].skill ? &life->requirement : NULL;
    }
}

static void draw_transfer(struct life *life, struct event *event)
{
    event->warm = rarely(life, 2);
    if (!event->warm && rarely(life, 3))
        event->result = span_of(life_result(draw(life, 2)));
    else
        draw_target(life, event);
}

static void draw_details(struct life *life, struct event *event)
{
    enum event_kind kind = event->kind;
    if (kind == EVENT_transfer)
        draw_transfer(life, event);
    if (kind == EVENT_consult)
        draw_target(life, event);
    if (kind == EVENT_lend)
        event->agent = bot_id(life);
    if (kind == EVENT_lend || ((kind == EVENT_nack || kind == EVENT_decline) && rarely(life, 2)))
        event->delay_ms = 1000 + (uint32_t)draw(life, 30000);
    if (kind == EVENT_finish && rarely(life, 5))
        event->state = SUBSTATE_discarded;
    if (kind == EVENT_give_back)
        event->result = span_of(life_result(draw(life, 2)));
}

static enum event_kind draw_kind(struct life *life, const struct conversation *conversation)
{
    static const enum event_kind of_owner[] = {EVENT_reply,    EVENT_reply,    EVENT_reply,   EVENT_reply, EVENT_note,
                                               EVENT_transfer, EVENT_transfer, EVENT_finish,  EVENT_nack,  EVENT_escalate,
                                               EVENT_consult,  EVENT_lend,     EVENT_consult, EVENT_finish};
    static const enum event_kind of_tied[] = {EVENT_accept, EVENT_accept, EVENT_accept, EVENT_decline,  EVENT_reply,
                                              EVENT_note,   EVENT_recall, EVENT_recall, EVENT_give_back};
    if (conversation->ties && !rarely(life, 4))
        return of_tied[draw(life, 9)];
    if (!conversation->row.owner)
        return rarely(life, 8) ? EVENT_note : EVENT_claim;
    return of_owner[draw(life, 14)];
}

/* Mostly the one who may, and sometimes anyone. */
static name_id draw_actor(struct life *life, const struct conversation *conversation, enum event_kind kind)
{
    name_id tied = tied_agent(life, conversation);
    bool by_tied = kind == EVENT_accept || kind == EVENT_decline || kind == EVENT_give_back || (kind == EVENT_recall && rarely(life, 2));
    if (rarely(life, 10) || kind == EVENT_claim)
        return agent_id(life);
    if (kind == EVENT_reply || kind == EVENT_note)
        return conversation_actor(conversation) ? conversation_actor(conversation) : agent_id(life);
    if (by_tied)
        return tied ? tied : agent_id(life);
    return conversation->row.owner ? conversation->row.owner : agent_id(life);
}

static void agent_acts(struct life *life)
{
    const struct conversation *conversation = some_conversation(life);
    if (!conversation)
        return;
    enum event_kind kind = draw_kind(life, conversation);
    name_id who = draw_actor(life, conversation, kind);
    struct event event = new_event(life, kind, who);
    const struct tie *tie = tie_find(conversation, who);
    event.conversation = conversation->row.id;
    event.epoch = rarely(life, 15) ? (uint32_t)draw(life, 9) : conversation->row.epoch;
    event.offer = tie ? tie->lsn : 0;
    draw_details(life, &event);
    world_step(&life->world, &event);
}

/* --- presence --- */

static void availability_changes(struct life *life)
{
    static const enum agent_state states[] = {AGENT_STATE_available, AGENT_STATE_available, AGENT_STATE_available, AGENT_STATE_away,
                                              AGENT_STATE_wrap_up};
    struct event event = new_event(life, EVENT_availability, agent_id(life));
    event.state = states[draw(life, 5)];
    event.reason = span_of(event.state == AGENT_STATE_away ? "lunch" : "");
    event.delay_ms = event.state == AGENT_STATE_wrap_up ? 1 + (uint32_t)draw(life, 20000) : 0;
    world_step(&life->world, &event);
}

static void session_acts(struct life *life)
{
    name_id who = anyone(life);
    uint64_t what = draw(life, 12);
    struct event event = new_event(life, EVENT_fetched, who);
    if (what < 7)
        event = (struct event){.kind = EVENT_hello, .principal = who};
    else if (what < 8)
        event.kind = EVENT_bye;
    else
        event.cursor = draw(life, life->world.log_count + 2);
    if (!who || (event.kind != EVENT_hello && !life->sessions[who]))
        return;
    world_step(&life->world, &event);
    if (event.kind == EVENT_hello && life->world.plan.outcome.session)
        life->sessions[who] = life->world.plan.outcome.session;
}

/* --- operators --- */

static void operator_acts(struct life *life)
{
    static const enum event_kind kinds[] = {EVENT_move, EVENT_move, EVENT_bury, EVENT_pause, EVENT_resume, EVENT_resume};
    const struct conversation *conversation = some_conversation(life);
    struct event event = new_event(life, kinds[draw(life, 6)], operator_id(life));
    event.queue = queue_id(life);
    event.conversation = conversation ? conversation->row.id : 1;
    world_step(&life->world, &event);
}

static void configuration_changes(struct life *life)
{
    struct event event = {.kind = EVENT_configure, .config = &life->config.config};
    life_draw_config(life);
    world_step(&life->world, &event);
}

/* --- time --- */

static void time_passes(struct life *life)
{
    struct event event = {.kind = EVENT_tick};
    int64_t due_ms = engine_deadline_ms(life->world.engine);
    if (rarely(life, 3) && due_ms != INT64_MAX && due_ms > life->world.now_ms)
        life->world.now_ms = due_ms; /* exactly then */
    else
        life->world.now_ms += (int64_t)draw(life, rarely(life, 10) ? 70000 : 3000);
    for (name_id id = 1; id < LIFE_NAMES; id++)
        if (life->sessions[id] && !rarely(life, 30))
            engine_touch(life->world.engine, life->sessions[id], life->world.now_ms);
    world_step(&life->world, &event);
}

void life_goes_on(struct life *life)
{
    static const struct {
        uint32_t weight;
        void (*happens)(struct life *);
    } things[] = {{190, customer_acts}, {480, agent_acts},   {80, availability_changes}, {90, session_acts},
                  {20, operator_acts},  {10, receipt_comes}, {5, configuration_changes}, {80, time_passes}};
    uint64_t at = draw(life, 1000);
    for (size_t i = 0; i < sizeof things / sizeof things[0]; at -= things[i++].weight)
        if (at < things[i].weight) {
            things[i].happens(life);
            return;
        }
    if (rarely(life, 4))
        world_crash(&life->world);
    else
        world_checkpoint(&life->world, (uint32_t)draw(life, 8));
}
