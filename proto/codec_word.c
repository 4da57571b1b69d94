/* Which numbers of the protocol stand for words, and for which. */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "proto/codec_table.h"
#include "proto/status.h"

static_assert(offsetof(struct wire_change, kind) == 0 && offsetof(struct wire_record, kind) == 0, "the kind comes first");

static const char *change_state_word(uint64_t kind, uint32_t state)
{
    if (kind == CHANGE_receipt)
        return receipt_word(state);
    if (kind == CHANGE_finish)
        return substate_word(state);
    return kind == CHANGE_availability ? agent_state_word(state) : "?";
}

static const char *record_state_word(uint64_t kind, uint32_t state)
{
    if (kind == RECORD_receipt)
        return receipt_word(state);
    if (kind == RECORD_finished || kind == RECORD_assigned || kind == RECORD_held)
        return substate_word(state);
    if (kind == RECORD_transferred)
        return state == 1 ? "escalated" : "?";
    if (kind == RECORD_queue_state)
        return state == 1 ? "paused" : "?";
    return kind == RECORD_agent_state ? agent_state_word(state) : "?";
}

static const char *verb_word(uint32_t number)
{
    return number < CODEC_VERBS && codec_verbs[number].name ? codec_verbs[number].name : "?";
}

static const char *status_word(uint32_t number)
{
    return status_name((enum status)number);
}

/* The numbers that stand for words. A state's vocabulary depends on the kind beside it. */
static const struct {
    enum map_id map;
    uint32_t key;
    const char *(*word)(uint32_t number);
    const char *(*word_of_kind)(uint64_t kind, uint32_t number);
} vocabularies[] = {
    {MAP_hello, KEY_hello_role, role_word, NULL},
    {MAP_change, KEY_change_kind, change_kind_word, NULL},
    {MAP_change, KEY_change_priority, priority_word, NULL},
    {MAP_change, KEY_change_state, NULL, change_state_word},
    {MAP_result, KEY_result_status, status_word, NULL},
    {MAP_record, KEY_record_kind, record_kind_word, NULL},
    {MAP_record, KEY_record_priority, priority_word, NULL},
    {MAP_record, KEY_record_state, NULL, record_state_word},
    {MAP_record, KEY_record_tie, tie_kind_word, NULL},
    {MAP_record, KEY_record_deadline, deadline_word, NULL},
    {MAP_page, KEY_page_state, substate_word, NULL},
    {MAP_agent_line, KEY_agent_line_kind, agent_kind_word, NULL},
    {MAP_agent_line, KEY_agent_line_state, agent_state_word, NULL},
    {MAP_finding, KEY_finding_verdict, verdict_word, NULL},
    {MAP_explanation, KEY_explanation_state, substate_word, NULL},
    {MAP_explanation, KEY_explanation_priority, priority_word, NULL},
    {MAP_explanation, KEY_explanation_next, next_word, NULL},
    {MAP_peek_line, KEY_peek_line_priority, priority_word, NULL},
    {MAP_error, KEY_error_status, status_word, NULL},
    {MAP_error, KEY_error_verb, verb_word, NULL},
};

const char *codec_word(const struct map_spec *spec, uint32_t key, const void *map)
{
    uint64_t kind, number;
    memcpy(&kind, map, sizeof kind);
    memcpy(&number, (const char *)map + spec->fields[key].at, sizeof number);
    if (number > UINT32_MAX)
        return "?";
    for (size_t i = 0; i < sizeof vocabularies / sizeof vocabularies[0]; i++) {
        if (spec != &codec_maps[vocabularies[i].map] || key != vocabularies[i].key)
            continue;
        return vocabularies[i].word ? vocabularies[i].word((uint32_t)number) : vocabularies[i].word_of_kind(kind, (uint32_t)number);
    }
    return "?";
}
