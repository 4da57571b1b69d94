/* The memory of conversations, and of what ties agents to them. */
#ifndef RELEVO_STATE_WORK_H
#define RELEVO_STATE_WORK_H

#include "base/heap.h"
#include "base/list.h"
#include "engine/engine.h"
#include "engine/state_entity.h"

struct class;
struct principal;

enum {
    PASSED_OVER_BYTES = 4 + 8,     /* of one in a row: agent, until_ms */
    TIE_BYTES = 1 + 1 + 4 + 8 + 8, /* kind, joined, agent, lsn, until_ms */
};

struct passed_over {
    name_id agent;
    int64_t until_ms;
};

/* What ties an agent to a conversation beside owning it. Ended by a record of its own, always. */
struct tie {
    struct tie *next; /* of the conversation */
    struct list_node agent_node;
    struct conversation *conversation;
    struct principal *agent;
    lsn_t lsn;        /* of the offer, the joining or the loan */
    int64_t until_ms; /* 0: no end of its own */
    enum tie_kind kind;
    bool joined; /* a consultation that was accepted */
};

enum conversation_flag {
    FLAG_awaits = 1,   /* the customer awaits an answer since turn_ms */
    FLAG_answered = 2, /* somebody has replied since it was queued */
    FLAG_replied = 4,  /* its owner has replied since it was assigned */
};

/* The numbers of row_conversation. */
struct conversation_state {
    uint64_t id;
#define NUMBER(bit, field, type) type field;
#define BYTES(bit, field)
#include "engine/conversation.def"
#undef NUMBER
#undef BYTES
};

struct conversation {
    struct entity entity;
    struct conversation_state row;
    uint16_t address_size;
    uint8_t passed_over_count, passed_over_capacity;
    uint32_t owned_at;   /* its place in its owner's `owned` */
    const char *address; /* among the engine's texts */
    struct passed_over *passed_over;
    struct tie *ties;
    struct class *class, *side_class; /* where it waits or last waited; where its owner asked for help */
    struct heap_node waiting;         /* for an agent: in its class's heap or its target's */
    struct heap_node timer;           /* no later than the next thing that happens to it by itself */
};

#endif
