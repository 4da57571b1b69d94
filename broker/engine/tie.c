#include "engine/tie.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/little.h"
#include "engine/names.h"
#include "engine/principal.h"

void tie_add(struct engine *engine, struct conversation *conversation, const struct tie *from)
{
    struct tie *tie = pool_take(&engine->tie_pool), **last = &conversation->ties;
    *tie = *from;
    tie->next = NULL;
    tie->conversation = conversation;
    while (*last)
        last = &(*last)->next;
    *last = tie;
    list_append(&tie->agent->ties, &tie->agent_node);
    principal_charge(engine, tie->agent, conversation->row.type, conversation->row.cost);
}

void tie_end(struct engine *engine, struct tie *tie)
{
    struct tie **at = &tie->conversation->ties;
    while (*at != tie)
        at = &(*at)->next;
    *at = tie->next;
    list_remove(&tie->agent->ties, &tie->agent_node);
    principal_discharge(engine, tie->agent, tie->conversation->row.type, tie->conversation->row.cost);
    pool_give(&engine->tie_pool, tie);
}

struct tie *tie_find(const struct conversation *conversation, name_id agent)
{
    struct tie *tie = conversation->ties;
    while (tie && tie->agent->row.id != agent)
        tie = tie->next;
    return tie;
}

struct tie *tie_of_kind(const struct conversation *conversation, enum tie_kind kind)
{
    struct tie *tie = conversation->ties;
    while (tie && tie->kind != kind)
        tie = tie->next;
    return tie;
}

bool tie_is_offer(const struct tie *tie)
{
    return tie->kind != TIE_loan && !tie->joined;
}

char *ties_write(const struct conversation *conversation, char *at)
{
    for (const struct tie *tie = conversation->ties; tie; tie = tie->next) {
        at = little_put(little_put(at, tie->kind, 1), tie->joined, 1);
        at = little_put(little_put(at, tie->agent->row.id, 4), tie->lsn, 8);
        at = little_put(at, (uint64_t)tie->until_ms, 8);
    }
    return at;
}

void ties_read(struct engine *engine, struct conversation *conversation, struct span bytes)
{
    const char *at = bytes.data;
    for (uint32_t left = bytes.size; left >= TIE_BYTES; left -= TIE_BYTES, at += TIE_BYTES) {
        struct tie tie = {.kind = (enum tie_kind)at[0],
                          .joined = at[1] != 0,
                          .agent = names_principal(engine, (name_id)little_get(at + 2, 4)),
                          .lsn = little_get(at + 6, 8),
                          .until_ms = (int64_t)little_get(at + 14, 8)};
        tie_add(engine, conversation, &tie);
    }
}

/* --- passed over --- */

static void make_room(struct conversation *conversation)
{
    if (conversation->passed_over_count < conversation->passed_over_capacity)
        return;
    uint32_t capacity = conversation->passed_over_capacity ? 2U * conversation->passed_over_capacity : 2;
    conversation->passed_over = must_grow(conversation->passed_over, capacity * sizeof *conversation->passed_over);
    conversation->passed_over_capacity = (uint8_t)capacity;
}

void passed_over_add(struct conversation *conversation, name_id agent, int64_t until_ms)
{
    uint32_t first_to_end = 0;
    for (uint32_t i = 0; i < conversation->passed_over_count; i++) {
        if (conversation->passed_over[i].agent == agent) {
            conversation->passed_over[i].until_ms = until_ms;
            return;
        }
        if (conversation->passed_over[i].until_ms < conversation->passed_over[first_to_end].until_ms)
            first_to_end = i;
    }
    if (conversation->passed_over_count == LIMIT_PASSED_OVER) {
        conversation->passed_over[first_to_end] = (struct passed_over){agent, until_ms};
        return;
    }
    make_room(conversation);
    conversation->passed_over[conversation->passed_over_count++] = (struct passed_over){agent, until_ms};
}

int64_t passed_over_until(const struct conversation *conversation, name_id agent, int64_t now_ms)
{
    for (uint32_t i = 0; i < conversation->passed_over_count; i++)
        if (conversation->passed_over[i].agent == agent)
            return conversation->passed_over[i].until_ms > now_ms ? conversation->passed_over[i].until_ms : 0;
    return 0;
}

int64_t passed_over_next_end(const struct conversation *conversation, int64_t now_ms)
{
    int64_t next = 0;
    for (uint32_t i = 0; i < conversation->passed_over_count; i++) {
        int64_t until = conversation->passed_over[i].until_ms;
        if (until > now_ms && (!next || until < next))
            next = until;
    }
    return next;
}

void passed_over_forget(struct conversation *conversation)
{
    free(conversation->passed_over);
    conversation->passed_over = NULL;
    conversation->passed_over_count = conversation->passed_over_capacity = 0;
}

char *passed_over_write(const struct conversation *conversation, char *at)
{
    for (uint32_t i = 0; i < conversation->passed_over_count; i++) {
        at = little_put(at, conversation->passed_over[i].agent, 4);
        at = little_put(at, (uint64_t)conversation->passed_over[i].until_ms, 8);
    }
    return at;
}

void passed_over_read(struct conversation *conversation, struct span bytes)
{
    const char *at = bytes.data;
    for (uint32_t left = bytes.size; left >= PASSED_OVER_BYTES; left -= PASSED_OVER_BYTES, at += PASSED_OVER_BYTES)
        passed_over_add(conversation, (name_id)little_get(at, 4), (int64_t)little_get(at + 4, 8));
}
