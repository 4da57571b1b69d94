/* The vocabularies of words.def as enums, and the way between a number and its word. */
#ifndef RELEVO_WORDS_H
#define RELEVO_WORDS_H

#include <stdint.h>

#include "proto/span.h"

enum role {
#define ROLE(number, name) ROLE_##name = number,
#include "proto/words.def"
};
enum change_kind {
#define CHANGE(number, name) CHANGE_##name = number,
#include "proto/words.def"
};
enum record_kind {
#define RECORD(number, name) RECORD_##name = number,
#include "proto/words.def"
};
enum priority {
#define PRIORITY(number, name) PRIORITY_##name = number,
#include "proto/words.def"
};
enum receipt {
#define RECEIPT(number, name) RECEIPT_##name = number,
#include "proto/words.def"
};
enum substate {
#define SUBSTATE(number, name) SUBSTATE_##name = number,
#include "proto/words.def"
};
enum agent_kind {
#define AGENT_KIND(number, name) AGENT_KIND_##name = number,
#include "proto/words.def"
};
enum agent_state {
#define AGENT_STATE(number, name) AGENT_STATE_##name = number,
#include "proto/words.def"
};
enum cause {
#define CAUSE(number, name) CAUSE_##name = number,
#include "proto/words.def"
};
enum name_kind {
#define NAME_KIND(number, name) NAME_KIND_##name = number,
#include "proto/words.def"
};

/* Largest number of each vocabulary: what a frame may carry. */
enum {
    ROLE_MAX = ROLE_operator,
    CHANGE_MAX = CHANGE_availability,
    RECORD_MAX = RECORD_resumed,
    PRIORITY_MAX = PRIORITY_urgent,
};

/* The word of a number ("with_bot"); "?" for one that is not in the vocabulary. */
const char *role_word(uint32_t number);
const char *change_kind_word(uint32_t number);
const char *record_kind_word(uint32_t number);
const char *priority_word(uint32_t number);
const char *receipt_word(uint32_t number);
const char *substate_word(uint32_t number);
const char *agent_kind_word(uint32_t number);
const char *agent_state_word(uint32_t number);
const char *cause_word(uint32_t number);
const char *name_kind_word(uint32_t number);

/* The number of a word; 0 for one that is not in the vocabulary. */
uint32_t role_of(struct span word);
uint32_t change_kind_of(struct span word);
uint32_t record_kind_of(struct span word);
uint32_t priority_of(struct span word);
uint32_t receipt_of(struct span word);
uint32_t substate_of(struct span word);
uint32_t agent_kind_of(struct span word);
uint32_t agent_state_of(struct span word);
uint32_t cause_of(struct span word);
uint32_t name_kind_of(struct span word);

#endif
