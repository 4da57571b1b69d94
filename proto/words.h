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
enum choice {
#define CHOICE(number, name) CHOICE_##name = number,
#include "proto/words.def"
};
enum queue_mode {
#define QUEUE_MODE(number, name) QUEUE_MODE_##name = number,
#include "proto/words.def"
};
enum when_closed {
#define WHEN_CLOSED(number, name) WHEN_CLOSED_##name = number,
#include "proto/words.def"
};
enum agent_lost {
#define AGENT_LOST(number, name) AGENT_LOST_##name = number,
#include "proto/words.def"
};
enum deadline {
#define DEADLINE(number, name) DEADLINE_##name = number,
#include "proto/words.def"
};
enum tie_kind {
#define TIE(number, name) TIE_##name = number,
#include "proto/words.def"
};
enum next {
#define NEXT(number, name) NEXT_##name = number,
#include "proto/words.def"
};
enum verdict {
#define VERDICT(number, name) VERDICT_##name = number,
#include "proto/words.def"
};

/* Largest number of each vocabulary: what a frame may carry. */
enum {
    ROLE_MAX = ROLE_operator,
    CHANGE_MAX = CHANGE_resume,
    RECORD_MAX = RECORD_queue_state,
    PRIORITY_MAX = PRIORITY_urgent,
    CHOICE_MAX = CHOICE_last_agent,
    DEADLINE_MAX = DEADLINE_reply_window,
    TIE_MAX = TIE_loan,
    NEXT_MAX = NEXT_grace_ends,
    VERDICT_MAX = VERDICT_owns_it,
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
const char *choice_word(uint32_t number);
const char *queue_mode_word(uint32_t number);
const char *when_closed_word(uint32_t number);
const char *agent_lost_word(uint32_t number);
const char *deadline_word(uint32_t number);
const char *tie_kind_word(uint32_t number);
const char *next_word(uint32_t number);
const char *verdict_word(uint32_t number);

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
uint32_t choice_of(struct span word);
uint32_t queue_mode_of(struct span word);
uint32_t when_closed_of(struct span word);
uint32_t agent_lost_of(struct span word);
uint32_t deadline_of(struct span word);
uint32_t tie_kind_of(struct span word);
uint32_t next_of(struct span word);
uint32_t verdict_of(struct span word);

#endif
