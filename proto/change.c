#include "proto/change.h"

#include "proto/codec_table.h"
#include "proto/expect.h"

struct change_rule {
    enum role role;        /* 0: no such kind */
    uint64_t all;          /* a bit per key of the map `change`: every one of these */
    uint64_t any;          /* at least one of these, unless 0 */
    const char *any_names; /* for the one who forgot them */
    uint64_t states;       /* a bit per number that `state` may have, 0 when it may be absent; 0: not looked at */
};

#define BIT(number) (UINT64_C(1) << (number))
#define FIELD(name) BIT(KEY_change_##name)
#define CONVERSATION (FIELD(key) | FIELD(conversation))
#define OWNER (CONVERSATION | FIELD(epoch))
#define TARGET (FIELD(queue) | FIELD(agent) | FIELD(skills))
#define BODY FIELD(text) | FIELD(attachments) | FIELD(native), "text, attachments or native"

// clang-format off
static const struct change_rule rules[CHANGE_MAX + 1] = {
    [CHANGE_message]      = {ROLE_connector, FIELD(key) | FIELD(address), BODY, 0},
    [CHANGE_receipt]      = {ROLE_connector, CONVERSATION | FIELD(lsn) | FIELD(state), 0, NULL,
                             BIT(RECEIPT_accepted) | BIT(RECEIPT_sent) | BIT(RECEIPT_delivered) | BIT(RECEIPT_read) | BIT(RECEIPT_failed)},
    [CHANGE_leave]        = {ROLE_connector, FIELD(key) | FIELD(address), 0, NULL, 0},
    [CHANGE_reply]        = {ROLE_agent, OWNER, BODY, 0},
    [CHANGE_note]         = {ROLE_agent, CONVERSATION | FIELD(text), 0, NULL, 0},
    [CHANGE_accept]       = {ROLE_agent, CONVERSATION | FIELD(offer), 0, NULL, 0},
    [CHANGE_decline]      = {ROLE_agent, CONVERSATION | FIELD(offer), 0, NULL, 0},
    [CHANGE_transfer]     = {ROLE_agent, OWNER, TARGET | FIELD(result), "queue, agent, skills or result", 0},
    [CHANGE_finish]       = {ROLE_agent, OWNER, 0, NULL, BIT(0) | BIT(SUBSTATE_resolved) | BIT(SUBSTATE_discarded)},
    [CHANGE_availability] = {ROLE_agent, FIELD(key) | FIELD(state), 0, NULL,
                             BIT(AGENT_STATE_available) | BIT(AGENT_STATE_away) | BIT(AGENT_STATE_wrap_up)},
    [CHANGE_nack]         = {ROLE_agent, OWNER, 0, NULL, 0},
    [CHANGE_claim]        = {ROLE_agent, CONVERSATION, 0, NULL, 0},
    [CHANGE_escalate]     = {ROLE_agent, OWNER, 0, NULL, 0},
    [CHANGE_consult]      = {ROLE_agent, OWNER, TARGET, "queue, agent or skills", 0},
    [CHANGE_recall]       = {ROLE_agent, OWNER, 0, NULL, 0},
    [CHANGE_lend]         = {ROLE_agent, OWNER | FIELD(agent) | FIELD(delay_ms), 0, NULL, 0},
    [CHANGE_give_back]    = {ROLE_agent, OWNER, 0, NULL, 0},
    [CHANGE_move]         = {ROLE_operator, CONVERSATION | FIELD(queue), 0, NULL, 0},
    [CHANGE_bury]         = {ROLE_operator, CONVERSATION, 0, NULL, 0},
    [CHANGE_pause]        = {ROLE_operator, FIELD(key) | FIELD(queue), 0, NULL, 0},
    [CHANGE_resume]       = {ROLE_operator, FIELD(key) | FIELD(queue), 0, NULL, 0},
};
// clang-format on

enum role change_role(enum change_kind kind)
{
    EXPECT((uint32_t)kind <= CHANGE_MAX && rules[kind].role);
    return rules[kind].role;
}

enum status change_check(const struct wire_change *change, const char **field)
{
    const struct map_spec *spec = &codec_maps[MAP_change];
    *field = "kind";
    if (change->kind > CHANGE_MAX || !rules[change->kind].role)
        return STATUS_bad_field;
    const struct change_rule *rule = &rules[change->kind];
    uint64_t present = spec->present(change), missing = rule->all & ~present;
    if (missing) {
        *field = spec->fields[__builtin_ctzll(missing)].name;
        return STATUS_missing_field;
    }
    *field = rule->any_names;
    if (rule->any && !(present & rule->any))
        return STATUS_missing_field;
    *field = "state";
    if (rule->states && (change->state >= 64 || !(rule->states & BIT(change->state))))
        return STATUS_bad_field;
    *field = NULL;
    return STATUS_ok;
}
