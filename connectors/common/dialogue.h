/* Recorded dialogues in memory: who said what, in which order. The connectors that play them (the replay as customers, the terminal's
 * automatic agents as agents) read the same dialogue, each its own turns.
 *
 * A turn's key is the dialogue's address, "-" and the turn's index: whoever plays the turn, and however often, it is the same change. */
#ifndef RELEVO_DIALOGUE_H
#define RELEVO_DIALOGUE_H

#include "connectors/common/table.h"
#include "proto/arena.h"
#include "proto/message.h"

enum {
    DIALOGUE_ADDRESS_MAX = 112, /* bytes: address and turn index make a key */
    DIALOGUE_TURNS_MAX = 4096,
    DIALOGUES_MAX = 1 << 20,
};

enum speaker { SPEAKER_customer, SPEAKER_agent, SPEAKER_bot };

struct handover {
    struct span queue, agent, note; /* note may be empty */
    struct wire_skill *skills;
    uint32_t skills_count;
};

struct turn {
    enum speaker from;
    struct span key;
    struct span text;                /* empty: a hand-over, or an answer that was not recorded */
    const struct handover *handover; /* NULL: the turn is a text */
    uint64_t source_ms;              /* clock time when it was recorded; 0: unknown */
    uint64_t offset_ms;              /* since the dialogue began */
};

struct dialogue {
    struct span id, address, channel, language, topic, name; /* all but id and address may be empty */
    uint32_t priority;                                       /* enum priority; 0: not said */
    struct turn *turns;
    uint32_t turns_count;
    uint64_t line;          /* of its file */
    struct dialogue *alike; /* another one whose address has the same table key */
};

struct dialogues {      /* all zero is an empty collection */
    struct arena arena; /* every dialogue and its texts */
    struct dialogue **all;
    uint32_t count, capacity;
    struct table by_address;
};

/* The dialogue with that address; NULL when there is none. */
const struct dialogue *dialogues_find(const struct dialogues *dialogues, struct span address);

/* Takes a dialogue that lives in the arena. False when its address is there already. */
bool dialogues_add(struct dialogues *dialogues, struct dialogue *dialogue);

void dialogues_fini(struct dialogues *dialogues);

/* A copy of the text in the arena. */
struct span dialogue_text(struct arena *arena, struct span text);

/* The key of the turn with that index, made in the arena. */
struct span dialogue_key(struct arena *arena, struct span address, uint32_t index);

/* The index of the turn that has this key; false when it is not one of this dialogue. */
bool dialogue_turn(const struct dialogue *dialogue, struct span key, uint32_t *index);

#endif
