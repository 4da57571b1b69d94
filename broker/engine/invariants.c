#include "engine/invariants.h"

#include <stdlib.h>
#include <string.h>

#include "engine/choose.h"
#include "engine/conversation.h"
#include "engine/invariants_check.h"
#include "engine/names.h"

/* --- saying so --- */

static char *put_text(struct invariants *memory, char *at, const char *text, size_t size)
{
    size_t left = (size_t)(memory->text + INVARIANTS_TEXT_MAX - 1 - at);
    size = size < left ? size : left;
    memcpy(at, text, size);
    at[size] = 0;
    return at + size;
}

static char *put_word(struct invariants *memory, char *at, const char *word)
{
    return put_text(memory, at, word, strlen(word));
}

static char *put_number(struct invariants *memory, char *at, uint64_t number)
{
    char digits[20];
    size_t first = sizeof digits;
    do
        digits[--first] = (char)('0' + number % 10);
    while (number /= 10);
    return put_text(memory, at, digits + first, sizeof digits - first);
}

const char *broken(const struct engine *engine, struct invariants *memory, conversation_id conversation, name_id name, const char *what)
{
    struct span text = engine_name(engine, name);
    char *at = memory->text;
    if (conversation)
        at = put_number(memory, put_word(memory, at, "conversation "), conversation);
    if (conversation && name)
        at = put_word(memory, at, ", ");
    if (name)
        at = put_text(memory, at, text.data, text.size);
    put_word(memory, put_word(memory, at, ": "), what);
    return memory->text;
}

/* --- the whole --- */

/* Nobody waits for somebody who could take it. */
static const char *check_waiting(const struct engine *engine, struct invariants *memory)
{
    const struct conversation *conversation;
    for (size_t at = 0; (conversation = map_next(&engine->conversations, &at));)
        for (name_id id = 1; conversation_waits(conversation) && id <= engine->names_count; id++) {
            const struct principal *agent = names_principal(engine, id);
            if (agent && agent->kind == NAME_KIND_agent && choose_verdict(engine, conversation, agent, NULL) == VERDICT_can_take)
                return broken(engine, memory, conversation->row.id, id, "waits, while this agent could take it");
        }
    return NULL;
}

const char *engine_invariants(const struct engine *engine, struct invariants *memory)
{
    static const char *(*const checks[])(const struct engine *, struct invariants *) = {check_conversations, check_agents, check_matching,
                                                                                        check_waiting, check_change};
    const char *sentence = NULL;
    for (size_t i = 0; !sentence && i < sizeof checks / sizeof checks[0]; i++)
        sentence = checks[i](engine, memory);
    return sentence;
}

void invariants_fini(struct invariants *memory)
{
    void *remembered;
    for (size_t at = 0; (remembered = map_next(&memory->conversations, &at));)
        free(remembered);
    map_fini(&memory->conversations);
    map_fini(&memory->used);
}
