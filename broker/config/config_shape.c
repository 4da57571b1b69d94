#include "config/config_shape.h"

#include <cyaml/cyaml.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"

#define REQUIRED CYAML_FLAG_DEFAULT
#define OPTIONAL CYAML_FLAG_OPTIONAL
#define TEXT(kind, field, need) CYAML_FIELD_STRING_PTR(#field, need, struct kind, field, 0, CYAML_UNLIMITED)
#define LIST(kind, field, entry) CYAML_FIELD_SEQUENCE(#field, CYAML_FLAG_POINTER | OPTIONAL, struct kind, field, entry, 0, CONFIG_ITEMS_MAX)
#define ITEM(kind) static const cyaml_schema_value_t kind##_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct kind, kind##_fields)}

static const cyaml_schema_value_t text_schema = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 0, CYAML_UNLIMITED)};

static const cyaml_schema_field_t shape_account_fields[] = {
    TEXT(shape_account, name, REQUIRED),
    TEXT(shape_account, channel, REQUIRED),
    TEXT(shape_account, token, REQUIRED),
    CYAML_FIELD_END,
};
ITEM(shape_account);

static const cyaml_schema_field_t shape_agent_fields[] = {
    TEXT(shape_agent, name, REQUIRED),       TEXT(shape_agent, kind, OPTIONAL),        TEXT(shape_agent, token, REQUIRED),
    LIST(shape_agent, skills, &text_schema), LIST(shape_agent, queues, &text_schema),  LIST(shape_agent, caps, &text_schema),
    TEXT(shape_agent, capacity, OPTIONAL),   TEXT(shape_agent, auto_accept, OPTIONAL), CYAML_FIELD_END,
};
ITEM(shape_agent);

static const cyaml_schema_field_t shape_channel_fields[] = {
    TEXT(shape_channel, channel, REQUIRED),
    TEXT(shape_channel, cost, OPTIONAL),
    TEXT(shape_channel, cap, OPTIONAL),
    LIST(shape_channel, interrupts, &text_schema),
    TEXT(shape_channel, offer_ms, OPTIONAL),
    TEXT(shape_channel, wrap_up_ms, OPTIONAL),
    TEXT(shape_channel, inactive_after_ms, OPTIONAL),
    TEXT(shape_channel, inactive_cost, OPTIONAL),
    CYAML_FIELD_END,
};
ITEM(shape_channel);

static const cyaml_schema_field_t shape_queue_fields[] = {
    TEXT(shape_queue, name, REQUIRED),
    TEXT(shape_queue, mode, OPTIONAL),
    TEXT(shape_queue, offer_ms, OPTIONAL),
    TEXT(shape_queue, offers, OPTIONAL),
    TEXT(shape_queue, offers_max, OPTIONAL),
    TEXT(shape_queue, choice, OPTIONAL),
    TEXT(shape_queue, last_agent_ms, OPTIONAL),
    TEXT(shape_queue, auto_accept, OPTIONAL),
    TEXT(shape_queue, lane, OPTIONAL),
    TEXT(shape_queue, edf, OPTIONAL),
    TEXT(shape_queue, first_response_ms, OPTIONAL),
    TEXT(shape_queue, next_response_ms, OPTIONAL),
    TEXT(shape_queue, resolution_ms, OPTIONAL),
    TEXT(shape_queue, business_time, OPTIONAL),
    TEXT(shape_queue, first_reply_ms, OPTIONAL),
    TEXT(shape_queue, next_reply_ms, OPTIONAL),
    TEXT(shape_queue, depth_max, OPTIONAL),
    TEXT(shape_queue, wait_max_ms, OPTIONAL),
    TEXT(shape_queue, overflow, OPTIONAL),
    TEXT(shape_queue, escalates_to, OPTIONAL),
    TEXT(shape_queue, calendar, OPTIONAL),
    TEXT(shape_queue, when_closed, OPTIONAL),
    TEXT(shape_queue, closed_text, OPTIONAL),
    TEXT(shape_queue, agent_lost, OPTIONAL),
    TEXT(shape_queue, bots_may_finish, OPTIONAL),
    CYAML_FIELD_END,
};
ITEM(shape_queue);

static const cyaml_schema_field_t shape_calendar_fields[] = {
    TEXT(shape_calendar, name, REQUIRED),           TEXT(shape_calendar, zone, REQUIRED),
    LIST(shape_calendar, weekly, &text_schema),     LIST(shape_calendar, holidays, &text_schema),
    LIST(shape_calendar, exceptions, &text_schema), CYAML_FIELD_END,
};
ITEM(shape_calendar);

static const cyaml_schema_field_t shape_step_fields[] = {
    TEXT(shape_step, queue, OPTIONAL),    TEXT(shape_step, after_s, OPTIONAL),
    TEXT(shape_step, add, OPTIONAL),      LIST(shape_step, all, &text_schema),
    LIST(shape_step, any, &text_schema),  LIST(shape_step, preferred, &text_schema),
    TEXT(shape_step, priority, OPTIONAL), TEXT(shape_step, choice, OPTIONAL),
    TEXT(shape_step, skip_if, OPTIONAL),  CYAML_FIELD_END,
};
ITEM(shape_step);

static const cyaml_schema_field_t shape_plan_fields[] = {
    TEXT(shape_plan, name, REQUIRED),
    LIST(shape_plan, steps, &shape_step_schema),
    CYAML_FIELD_END,
};
ITEM(shape_plan);

static const cyaml_schema_field_t shape_rule_fields[] = {
    TEXT(shape_rule, account, OPTIONAL), TEXT(shape_rule, channel, OPTIONAL),  TEXT(shape_rule, language, OPTIONAL),
    TEXT(shape_rule, topic, OPTIONAL),   TEXT(shape_rule, result, OPTIONAL),   LIST(shape_rule, attributes, &text_schema),
    TEXT(shape_rule, pattern, OPTIONAL), TEXT(shape_rule, open, OPTIONAL),     TEXT(shape_rule, closed, OPTIONAL),
    TEXT(shape_rule, plan, OPTIONAL),    TEXT(shape_rule, queue, OPTIONAL),    LIST(shape_rule, all, &text_schema),
    LIST(shape_rule, any, &text_schema), TEXT(shape_rule, priority, OPTIONAL), CYAML_FIELD_END,
};
ITEM(shape_rule);

static const cyaml_schema_field_t shape_operator_fields[] = {
    TEXT(shape_operator, name, REQUIRED),
    TEXT(shape_operator, token, REQUIRED),
    CYAML_FIELD_END,
};
ITEM(shape_operator);

static const cyaml_schema_field_t shape_session_fields[] = {
    TEXT(shape_session, heartbeat_ms, OPTIONAL),
    TEXT(shape_session, lease_ms, OPTIONAL),
    TEXT(shape_session, grace_ms, OPTIONAL),
    CYAML_FIELD_END,
};

static const cyaml_schema_field_t shape_fields[] = {
    TEXT(shape, listen, OPTIONAL),
    CYAML_FIELD_MAPPING("session", OPTIONAL, struct shape, session, shape_session_fields),
    TEXT(shape, reopen_within_ms, OPTIONAL),
    TEXT(shape, pass_over_ms, OPTIONAL),
    TEXT(shape, misses_max, OPTIONAL),
    TEXT(shape, conversations_open_max, OPTIONAL),
    TEXT(shape, store_bytes_max, OPTIONAL),
    TEXT(shape, lane_guard, OPTIONAL),
    TEXT(shape, dead_letter, OPTIONAL),
    LIST(shape, channels, &shape_channel_schema),
    LIST(shape, calendars, &shape_calendar_schema),
    LIST(shape, accounts, &shape_account_schema),
    LIST(shape, queues, &shape_queue_schema),
    LIST(shape, agents, &shape_agent_schema),
    LIST(shape, plans, &shape_plan_schema),
    LIST(shape, rules, &shape_rule_schema),
    LIST(shape, operators, &shape_operator_schema),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t shape_schema = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct shape, shape_fields)};

/* What libcyaml logs about an error: the offending key, and a backtrace from the innermost value to the outermost. */
struct complaint {
    char key[64];
    struct step {
        char field[64]; /* "": an entry of a list */
        unsigned index;
    } steps[CONFIG_DEPTH_MAX];
    uint32_t steps_count;
};

__attribute__((format(printf, 3, 0))) static void on_log(cyaml_log_t level, void *context, const char *format, va_list arguments)
{
    struct complaint *complaint = context;
    struct step step = {0};
    char line[512];
    (void)level;
    vsnprintf(line, sizeof line, format, arguments);
    if (sscanf(line, "Load: Unexpected key: %63[^\n]", complaint->key) == 1 ||
        sscanf(line, "Load: Missing required mapping field: %63[^\n]", complaint->key) == 1)
        return;
    bool is_field = sscanf(line, " in mapping field '%63[^']'", step.field) == 1;
    bool is_entry = sscanf(line, " in sequence entry '%u'", &step.index) == 1;
    if ((is_field || is_entry) && complaint->steps_count < CONFIG_DEPTH_MAX)
        complaint->steps[complaint->steps_count++] = step;
}

static const cyaml_schema_value_t *field_schema(const cyaml_schema_value_t *schema, const char *key)
{
    ASSERT(schema->type == CYAML_MAPPING);
    const cyaml_schema_field_t *field = schema->mapping.fields;
    while (field->key && strcmp(field->key, key) != 0)
        field++;
    ASSERT(field->key);
    return &field->value;
}

/* The path of the complaint, and what the schema expects there. */
static const cyaml_schema_value_t *locate(const struct complaint *complaint, uint32_t skip, char path[256])
{
    const cyaml_schema_value_t *schema = &shape_schema;
    int size = 0;
    path[0] = 0;
    for (uint32_t i = complaint->steps_count; i-- > skip;) {
        const struct step *step = &complaint->steps[i];
        if (step->field[0]) {
            schema = field_schema(schema, step->field);
            size += snprintf(path + size, 256 - (size_t)size, size ? ".%s" : "%s", step->field);
        } else {
            /* libcyaml counts the entry before it reads it, so its numbers begin with 1. */
            schema = schema->sequence.entry;
            size += snprintf(path + size, 256 - (size_t)size, "[%u]", step->index - 1);
        }
    }
    return schema;
}

static void refuse_unknown_key(struct config_source *source, const struct complaint *complaint)
{
    char path[256], full[256 + 64], known[512];
    size_t size = 0;
    const cyaml_schema_value_t *schema = locate(complaint, 0, path);
    for (const cyaml_schema_field_t *field = schema->mapping.fields; field->key; field++) {
        ASSERT(size + strlen(field->key) + 3 < sizeof known);
        size += (size_t)snprintf(known + size, sizeof known - size, "%s%s", size ? ", " : "", field->key);
    }
    snprintf(full, sizeof full, "%s%s%s", path, *path ? "." : "", complaint->key);
    config_refuse_path(source, full, "unknown key; expected one of: %s", known);
}

static const char *type_text(cyaml_type_e type)
{
    return type == CYAML_STRING ? "one value" : type == CYAML_MAPPING ? "key: value pairs" : "a list";
}

static void refuse(struct config_source *source, cyaml_err_t error, const struct complaint *complaint)
{
    char path[256];
    const cyaml_schema_value_t *schema = locate(complaint, 0, path);
    if (error == CYAML_ERR_INVALID_KEY) {
        refuse_unknown_key(source, complaint);
    } else if (error == CYAML_ERR_MAPPING_FIELD_MISSING) {
        locate(complaint, 1, path);
        config_refuse_path(source, path, "%s is missing", complaint->key);
    } else if (error == CYAML_ERR_INVALID_VALUE) {
        config_refuse_path(source, path, "expected %s", type_text(schema->type));
    } else if (error == CYAML_ERR_UNEXPECTED_EVENT) {
        config_refuse_path(source, path, "given twice");
    } else {
        config_refuse_path(source, path, "%s", cyaml_strerror(error));
    }
}

/* libcyaml makes a list longer by one entry at a time. Growing by half keeps long lists from being copied as often as they have entries. */
static void *grow_by_half(void *context, void *memory, size_t size)
{
    (void)context;
    if (size == 0) {
        free(memory);
        return NULL;
    }
    if (memory && malloc_usable_size(memory) >= size)
        return memory;
    return realloc(memory, memory ? size + size / 2 : size);
}

static cyaml_config_t cyaml_setup(struct complaint *complaint)
{
    return (cyaml_config_t){.log_fn = on_log, .log_ctx = complaint, .mem_fn = grow_by_half, .log_level = CYAML_LOG_ERROR};
}

enum status config_shape_load(struct config_source *source, struct shape **out)
{
    struct complaint complaint = {0};
    cyaml_config_t setup = cyaml_setup(&complaint);
    cyaml_data_t *data = NULL;
    cyaml_err_t error = cyaml_load_data((const uint8_t *)source->bytes.data, source->bytes.size, &setup, &shape_schema, &data, NULL);
    if (error == CYAML_ERR_OOM)
        fatal(FATAL_memory, "out of memory reading %s", source->path);
    if (error) {
        refuse(source, error, &complaint);
        return STATUS_bad_config;
    }
    *out = data;
    return STATUS_ok;
}

void config_shape_free(struct shape *shape)
{
    struct complaint complaint = {0};
    cyaml_config_t setup = cyaml_setup(&complaint);
    cyaml_free(&setup, &shape_schema, shape, 0);
}
