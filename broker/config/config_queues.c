/* Reads the sections `channels` and `queues`: how conversations wait and are offered. */
#include <stdlib.h>

#include "config/config_read.h"
#include "proto/message.h"

enum { CLOSED_TEXT_MAX = 4096, QUEUE_DEPTH_MAX = 100000000, OFFERS_AT_ONCE_MAX = 50, OFFERS_MAX = 10000, LANE_MAX = 7 };
static const uint64_t long_ms_max = UINT64_C(30) * CONFIG_DAY_MS; /* 32 bits have room for it */

/* What a channel type is unless the file says otherwise. */
static struct config_channel default_channel(char *channel)
{
    static const struct {
        const char *channel;
        uint32_t cost, offer_ms;
    } known[] = {{"voice", 100, 8000}, {"chat", 25, 30000}, {"webchat", 25, 30000}, {"email", 10, 300000}, {"e-mail", 10, 300000}};
    struct config_channel is = {.channel = channel, .cost = 20, .offer_ms = 30000, .inactive_after_ms = 600000};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(channel, known[i].channel) == 0) {
            is.cost = known[i].cost;
            is.offer_ms = known[i].offer_ms;
        }
    }
    return is;
}

static uint32_t number(const struct config_reader *reader, struct config_place place, const char *field, const char *text, uint64_t min,
                       uint64_t max, uint32_t absent)
{
    return (uint32_t)config_number(reader, config_place_at(place, field), text, min, max, absent);
}

static struct config_channel read_channel(const struct config_reader *reader, struct config_place at, const struct shape_channel *from)
{
    struct config_channel channel = default_channel(config_name(reader, config_place_at(at, "channel"), from->channel));
    config_too_many(reader, config_place_at(at, "interrupts"), from->interrupts_count, CONFIG_LIST_MAX);
    channel.cost = number(reader, at, "cost", from->cost, 1, CONFIG_COST_MAX, channel.cost);
    channel.cap = number(reader, at, "cap", from->cap, 0, CONFIG_CAP_MAX, 0);
    channel.interrupts = config_names(reader, config_place_at(at, "interrupts"), from->interrupts, from->interrupts_count);
    channel.interrupts_count = from->interrupts_count;
    channel.offer_ms = number(reader, at, "offer_ms", from->offer_ms, CONFIG_OFFER_MS_MIN, CONFIG_DAY_MS, channel.offer_ms);
    channel.wrap_up_ms = number(reader, at, "wrap_up_ms", from->wrap_up_ms, 0, CONFIG_DAY_MS, 0);
    channel.inactive_after_ms = number(reader, at, "inactive_after_ms", from->inactive_after_ms, 0, long_ms_max, channel.inactive_after_ms);
    channel.inactive_cost = number(reader, at, "inactive_cost", from->inactive_cost, 0, CONFIG_COST_MAX, 0);
    return channel;
}

/* The types that only accounts name follow, in the order of their names. */
static void add_account_channels(struct config_loaded *loaded, const struct config_index *given)
{
    struct config *config = &loaded->config;
    struct config_index types = config_index_take(&loaded->arena, config->accounts_count);
    for (uint32_t i = 0; i < config->accounts_count; i++)
        config_index_add(&types, config->accounts[i].channel, i, 0, 0);
    config_index_sort(&types);
    for (uint32_t i = 0; i < types.count; i++) {
        struct span name = types.entries[i].name;
        if ((i == 0 || !span_equal(name, types.entries[i - 1].name)) && !config_index_range(given, name).count)
            config->channels[config->channels_count++] = default_channel(config->accounts[types.entries[i].holder].channel);
    }
}

void config_read_channels(const struct config_reader *reader, const struct shape *shape, struct config_loaded *loaded)
{
    struct config *config = &loaded->config;
    struct config_index given = config_index_take(reader->arena, shape->channels_count);
    config->channels = config_items(reader, shape->channels_count + config->accounts_count, sizeof *config->channels);
    for (uint32_t i = 0; i < shape->channels_count; i++) {
        config->channels[i] = read_channel(reader, config_place("channels", i, NULL), &shape->channels[i]);
        config_index_add(&given, config->channels[i].channel, i, 0, 0);
    }
    config->channels_count = shape->channels_count;
    config_index_sort(&given);
    add_account_channels(loaded, &given);
}

/* Who offers what to whom. */
static void read_offers(const struct config_reader *reader, struct config_place at, const struct shape_queue *from,
                        struct config_queue *queue)
{
    queue->mode =
        (enum queue_mode)config_word(reader, config_place_at(at, "mode"), from->mode, queue_mode_of, "push or pull", QUEUE_MODE_push);
    queue->offer_ms = number(reader, at, "offer_ms", from->offer_ms, CONFIG_OFFER_MS_MIN, CONFIG_DAY_MS, 0);
    queue->offers = number(reader, at, "offers", from->offers, 1, OFFERS_AT_ONCE_MAX, 1);
    queue->offers_max = number(reader, at, "offers_max", from->offers_max, 1, OFFERS_MAX, 20);
    queue->choice = config_choice(reader, config_place_at(at, "choice"), from->choice, CHOICE_longest_idle);
    queue->last_agent_ms = number(reader, at, "last_agent_ms", from->last_agent_ms, CONFIG_OFFER_MS_MIN, CONFIG_DAY_MS, 10000);
    queue->auto_accept = config_truth(reader, config_place_at(at, "auto_accept"), from->auto_accept, false);
    queue->bots_may_finish = config_truth(reader, config_place_at(at, "bots_may_finish"), from->bots_may_finish, true);
    queue->agent_lost = (enum agent_lost)config_word(reader, config_place_at(at, "agent_lost"), from->agent_lost, agent_lost_of,
                                                     "back or stay", AGENT_LOST_back);
}

/* Who goes first, and by when. */
static void read_order(const struct config_reader *reader, struct config_place at, const struct shape_queue *from,
                       struct config_queue *queue)
{
    queue->lane = number(reader, at, "lane", from->lane, 0, LANE_MAX, 0);
    queue->edf = config_truth(reader, config_place_at(at, "edf"), from->edf, false);
    queue->first_response_ms = number(reader, at, "first_response_ms", from->first_response_ms, 0, long_ms_max, 0);
    queue->next_response_ms = number(reader, at, "next_response_ms", from->next_response_ms, 0, long_ms_max, 0);
    queue->resolution_ms = number(reader, at, "resolution_ms", from->resolution_ms, 0, long_ms_max, 0);
    queue->business_time = config_truth(reader, config_place_at(at, "business_time"), from->business_time, false);
    queue->first_reply_ms = number(reader, at, "first_reply_ms", from->first_reply_ms, 0, long_ms_max, 0);
    queue->next_reply_ms = number(reader, at, "next_reply_ms", from->next_reply_ms, 0, long_ms_max, 0);
}

/* When it takes no more, and where those go. */
static void read_limits(const struct config_reader *reader, struct config_place at, const struct shape_queue *from,
                        struct config_queue *queue)
{
    queue->depth_max = number(reader, at, "depth_max", from->depth_max, 0, QUEUE_DEPTH_MAX, 0);
    queue->wait_max_ms = number(reader, at, "wait_max_ms", from->wait_max_ms, 0, long_ms_max, 0);
    queue->overflow = config_name(reader, config_place_at(at, "overflow"), from->overflow);
    queue->escalates_to = config_name(reader, config_place_at(at, "escalates_to"), from->escalates_to);
    queue->calendar = config_name(reader, config_place_at(at, "calendar"), from->calendar);
    queue->when_closed = (enum when_closed)config_word(reader, config_place_at(at, "when_closed"), from->when_closed, when_closed_of,
                                                       "hold, message, bot or overflow", WHEN_CLOSED_hold);
    queue->closed_text = config_text(reader, config_place_at(at, "closed_text"), from->closed_text, CLOSED_TEXT_MAX);
}

void config_read_queues(const struct config_reader *reader, const struct shape *shape, struct config_loaded *loaded)
{
    struct config *config = &loaded->config;
    config->queues_count = shape->queues_count;
    config->queues = config_items(reader, shape->queues_count, sizeof *config->queues);
    for (uint32_t i = 0; i < shape->queues_count; i++) {
        struct config_place at = config_place("queues", i, NULL);
        struct config_queue *queue = &config->queues[i];
        queue->name = config_name(reader, config_place_at(at, "name"), shape->queues[i].name);
        read_offers(reader, at, &shape->queues[i], queue);
        read_order(reader, at, &shape->queues[i], queue);
        read_limits(reader, at, &shape->queues[i], queue);
    }
}
