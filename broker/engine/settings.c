#include "engine/settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "engine/emit.h"
#include "engine/names.h"
#include "engine/rules.h"

name_id settings_declare(struct engine *engine, enum name_kind kind, const char *text)
{
    if (!text)
        return 0;
    name_id id = engine_find_name(engine, kind, span_of(text));
    if (id)
        return id;
    id = engine->names_count + 1;
    emit(engine, (struct record){.kind = RECORD_declared, .value = kind, .target = id, .name = span_of(text)});
    return id;
}

static struct span copy_text(const char *text)
{
    return text ? (struct span){must_copy(text, strlen(text)), (uint32_t)strlen(text)} : (struct span){0};
}

static void free_text(struct span text)
{
    free((void *)(uintptr_t)text.data);
}

/* --- calendars --- */

const struct hours *settings_calendar(const struct settings *settings, const char *name)
{
    for (uint32_t i = 0; name && i < settings->calendars_count; i++)
        if (strcmp(settings->calendars[i].name, name) == 0)
            return &settings->calendars[i];
    return NULL;
}

static void configure_calendars(struct settings *settings, const struct config *config)
{
    settings->calendars = must_zalloc(config->calendars_count + 1UL, sizeof *settings->calendars);
    for (; settings->calendars_count < config->calendars_count; settings->calendars_count++) {
        const struct config_calendar *from = &config->calendars[settings->calendars_count];
        struct hours *hours = &settings->calendars[settings->calendars_count];
        hours->name = must_copy(from->name, strlen(from->name));
        hours->intervals = must_zalloc(from->intervals_count + 1UL, sizeof *hours->intervals);
        for (; hours->count < from->intervals_count; hours->count++)
            hours->intervals[hours->count] =
                (struct hours_interval){from->intervals[hours->count].open_ms, from->intervals[hours->count].close_ms};
    }
}

/* --- plans --- */

static uint8_t declare_skills(struct engine *engine, const struct config_skill *from, uint32_t count, struct skill_level *to)
{
    ASSERT(count <= REQUIREMENT_MAX);
    for (uint32_t i = 0; i < count; i++)
        to[i] = (struct skill_level){settings_declare(engine, NAME_KIND_skill, from[i].name), from[i].level};
    return (uint8_t)count;
}

/* Adds the step's alternative to the route so far, or begins it anew. */
static void extend_route(struct engine *engine, const struct config_step *from, name_id queue, struct route *route)
{
    if (!from->add)
        route->count = 0;
    ASSERT(route->count < ROUTE_ALTERNATIVES_MAX && from->preferred_count <= ROUTE_PREFERRED_MAX);
    struct alternative *alternative = &route->alternatives[route->count++];
    *alternative = (struct alternative){.queue = queue};
    alternative->requirement.all_count = declare_skills(engine, from->all, from->all_count, alternative->requirement.all);
    alternative->requirement.any_count = declare_skills(engine, from->any, from->any_count, alternative->requirement.any);
    for (route->preferred_count = 0; route->preferred_count < from->preferred_count; route->preferred_count++)
        route->preferred[route->preferred_count] = settings_declare(engine, NAME_KIND_agent, from->preferred[route->preferred_count]);
}

static void note_choice(struct settings *settings, enum choice choice)
{
    settings->by_load |= choice == CHOICE_least_loaded;
    settings->by_turn |= choice == CHOICE_round_robin;
}

static void configure_routing(struct engine *engine, const struct config_plan *from, struct routing *routing)
{
    struct route route = {.count = 0};
    name_id queue = 0;
    char bytes[ROUTE_BYTES_MAX];
    routing->id = settings_declare(engine, NAME_KIND_plan, from->name);
    for (uint32_t i = 0; i < from->steps_count; i++) {
        const struct config_step *step = &from->steps[i];
        if (step->queue)
            queue = settings_declare(engine, NAME_KIND_queue, step->queue);
        extend_route(engine, step, queue, &route);
        struct span encoded = route_encode(&route, bytes);
        routing->steps[routing->count++] = (struct routing_step){.route = {must_copy(encoded.data, encoded.size), encoded.size},
                                                                 .queue = queue,
                                                                 .after_ms = step->after_ms,
                                                                 .priority = step->priority,
                                                                 .choice = step->choice,
                                                                 .skip_if_nobody = step->skip_if_nobody};
        note_choice(&engine->settings, step->choice);
    }
    if (routing->id)
        names_get(engine, routing->id)->routing = routing;
}

/* --- rules --- */

static void configure_rule(struct engine *engine, const struct config_rule *from, struct rule *rule, uint32_t index)
{
    *rule = (struct rule){.account = settings_declare(engine, NAME_KIND_account, from->account),
                          .channel = copy_text(from->channel),
                          .language = copy_text(from->language),
                          .topic = copy_text(from->topic),
                          .result = copy_text(from->result),
                          .attributes = must_zalloc(from->attributes_count + 1UL, sizeof *rule->attributes),
                          .attributes_count = from->attributes_count,
                          .index = index,
                          .has_pattern = from->pattern != NULL,
                          .open = settings_calendar(&engine->settings, from->open),
                          .closed = settings_calendar(&engine->settings, from->closed),
                          .priority = from->priority};
    for (uint32_t i = 0; i < from->attributes_count; i++)
        rule->attributes[i] = (struct rule_attribute){copy_text(from->attributes[i].name), copy_text(from->attributes[i].value)};
    configure_routing(engine, &from->plan, &rule->routing);
}

static void forget_routings(const struct engine *engine)
{
    for (name_id id = 1; id <= engine->names_count; id++)
        if (names_get(engine, id))
            names_get(engine, id)->routing = NULL;
}

void settings_configure(struct engine *engine, const struct config *config)
{
    struct settings *settings = &engine->settings;
    forget_routings(engine);
    settings_fini(settings);
    *settings = (struct settings){.lease_ms = config->session.lease_ms,
                                  .grace_ms = config->session.grace_ms,
                                  .pass_over_ms = config->pass_over_ms,
                                  .misses_max = config->misses_max,
                                  .conversations_open_max = config->conversations_open_max,
                                  .lane_guard = config->lane_guard,
                                  .reopen_within_ms = config->reopen_within_ms,
                                  .dead_letter = settings_declare(engine, NAME_KIND_queue, config->dead_letter)};
    configure_calendars(settings, config);
    for (uint32_t i = 0; i < config->queues_count; i++)
        note_choice(settings, config->queues[i].choice);
    settings->rules = must_zalloc(config->rules_count + 1UL, sizeof *settings->rules);
    for (uint32_t i = 0; i < config->rules_count; i++)
        configure_rule(engine, &config->rules[i], &settings->rules[settings->rules_count++], i);
    rules_index(engine);
}

static void rule_fini(struct rule *rule)
{
    free_text(rule->channel);
    free_text(rule->language);
    free_text(rule->topic);
    free_text(rule->result);
    for (uint32_t i = 0; i < rule->attributes_count; i++) {
        free_text(rule->attributes[i].name);
        free_text(rule->attributes[i].value);
    }
    free(rule->attributes);
    for (uint32_t i = 0; i < rule->routing.count; i++)
        free_text(rule->routing.steps[i].route);
}

void settings_fini(struct settings *settings)
{
    for (uint32_t i = 0; i < settings->rules_count; i++)
        rule_fini(&settings->rules[i]);
    for (uint32_t i = 0; i < settings->calendars_count; i++) {
        free(settings->calendars[i].name);
        free(settings->calendars[i].intervals);
    }
    map_fini(&settings->rules_by_topic);
    free(settings->rules);
    free(settings->calendars);
    *settings = (struct settings){0};
}
