#include "proto/words.h"

#include <stddef.h>

struct word {
    uint32_t number;
    const char *name;
};

static const char *word_find(const struct word *words, size_t count, uint32_t number)
{
    for (size_t i = 0; i < count; i++)
        if (words[i].number == number)
            return words[i].name;
    return "?";
}

static uint32_t word_number(const struct word *words, size_t count, struct span name)
{
    for (size_t i = 0; i < count; i++)
        if (span_equal(span_of(words[i].name), name))
            return words[i].number;
    return 0;
}

static const struct word role_words[] = {
#define ROLE(number, name) {number, #name},
#include "proto/words.def"
};
static const struct word change_kind_words[] = {
#define CHANGE(number, name) {number, #name},
#include "proto/words.def"
};
static const struct word record_kind_words[] = {
#define RECORD(number, name) {number, #name},
#include "proto/words.def"
};
static const struct word priority_words[] = {
#define PRIORITY(number, name) {number, #name},
#include "proto/words.def"
};
static const struct word receipt_words[] = {
#define RECEIPT(number, name) {number, #name},
#include "proto/words.def"
};
static const struct word substate_words[] = {
#define SUBSTATE(number, name) {number, #name},
#include "proto/words.def"
};
static const struct word agent_kind_words[] = {
#define AGENT_KIND(number, name) {number, #name},
#include "proto/words.def"
};
static const struct word agent_state_words[] = {
#define AGENT_STATE(number, name) {number, #name},
#include "proto/words.def"
};
static const struct word cause_words[] = {
#define CAUSE(number, name) {number, #name},
#include "proto/words.def"
};
static const struct word name_kind_words[] = {
#define NAME_KIND(number, name) {number, #name},
#include "proto/words.def"
};
static const struct word choice_words[] = {
#define CHOICE(number, name) {number, #name},
#include "proto/words.def"
};
static const struct word queue_mode_words[] = {
#define QUEUE_MODE(number, name) {number, #name},
#include "proto/words.def"
};
static const struct word when_closed_words[] = {
#define WHEN_CLOSED(number, name) {number, #name},
#include "proto/words.def"
};
static const struct word agent_lost_words[] = {
#define AGENT_LOST(number, name) {number, #name},
#include "proto/words.def"
};
static const struct word deadline_words[] = {
#define DEADLINE(number, name) {number, #name},
#include "proto/words.def"
};
static const struct word tie_kind_words[] = {
#define TIE(number, name) {number, #name},
#include "proto/words.def"
};
static const struct word next_words[] = {
#define NEXT(number, name) {number, #name},
#include "proto/words.def"
};
static const struct word verdict_words[] = {
#define VERDICT(number, name) {number, #name},
#include "proto/words.def"
};

#define VOCABULARY(vocabulary)                                                                                                             \
    const char *vocabulary##_word(uint32_t number)                                                                                         \
    {                                                                                                                                      \
        return word_find(vocabulary##_words, sizeof vocabulary##_words / sizeof(struct word), number);                                     \
    }                                                                                                                                      \
    uint32_t vocabulary##_of(struct span word)                                                                                             \
    {                                                                                                                                      \
        return word_number(vocabulary##_words, sizeof vocabulary##_words / sizeof(struct word), word);                                     \
    }

VOCABULARY(role)
VOCABULARY(change_kind)
VOCABULARY(record_kind)
VOCABULARY(priority)
VOCABULARY(receipt)
VOCABULARY(substate)
VOCABULARY(agent_kind)
VOCABULARY(agent_state)
VOCABULARY(cause)
VOCABULARY(name_kind)
VOCABULARY(choice)
VOCABULARY(queue_mode)
VOCABULARY(when_closed)
VOCABULARY(agent_lost)
VOCABULARY(deadline)
VOCABULARY(tie_kind)
VOCABULARY(next)
VOCABULARY(verdict)
