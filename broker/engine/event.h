/* What is asked of the engine, and what became of it. */
#ifndef RELEVO_EVENT_H
#define RELEVO_EVENT_H

#include "base/hash.h"
#include "config/config.h"
#include "engine/requirement.h"
#include "engine/row.h"
#include "proto/status.h"

struct principal;
struct session;
struct conversation;
struct customer;
struct class;

enum event_kind {
    EVENT_tick,         /* time passed: deadlines up to now_ms are due */
    EVENT_configure,    /* config */
    EVENT_hello,        /* principal opens a session */
    EVENT_bye,          /* session */
    EVENT_fetched,      /* session acknowledges its outbox up to cursor */
    EVENT_message,      /* connector: key, address, name, text, topic, language, priority, source_ms, window_ms, attributes, attachments,
                           native */
    EVENT_receipt,      /* connector: key, conversation, lsn, state, reason */
    EVENT_leave,        /* connector: key, address */
    EVENT_reply,        /* agent: key, conversation, epoch, text, attachments, native */
    EVENT_note,         /* agent: key, conversation, text (no epoch: anyone may whisper) */
    EVENT_accept,       /* agent: key, conversation, offer */
    EVENT_decline,      /* agent: key, conversation, offer, delay_ms, reason */
    EVENT_transfer,     /* agent: key, conversation, epoch, one of queue / requirement / agent / result (queue with requirement is allowed),
                           warm, text, reason */
    EVENT_finish,       /* agent: key, conversation, epoch, state (resolved or discarded; 0 means resolved), reason */
    EVENT_availability, /* agent: key, state (available, away, or wrap_up with delay_ms), reason */
    EVENT_nack,         /* agent: key, conversation, epoch, delay_ms, reason */
    EVENT_claim,        /* agent: key, conversation */
    EVENT_escalate,     /* agent: key, conversation, epoch, text, reason */
    EVENT_consult,      /* agent: key, conversation, epoch, one of queue / requirement / agent, text */
    EVENT_recall,       /* agent: key, conversation, epoch: the owner, or the colleague who looks on */
    EVENT_lend,         /* agent: key, conversation, epoch, agent (a bot), delay_ms, reason */
    EVENT_give_back,    /* bot: key, conversation, epoch, result, native */
    EVENT_move,         /* operator: key, conversation, queue, reason */
    EVENT_bury,         /* operator: key, conversation, reason */
    EVENT_pause,        /* operator: key, queue, reason */
    EVENT_resume,       /* operator: key, queue */
    EVENT_KINDS
};

struct attribute {
    struct span name, value;
};

/* Whom one of a class would be offered to, and where that agent sits among the idle; see choose_likely. */
struct likely {
    const struct class *class;     /* NULL: nobody */
    const struct principal *agent; /* NULL: not looked up yet */
    uint32_t seat, order;
    name_id id;     /* the agent's, */
    uint32_t group; /* and the index of its group, as neither has been fetched yet */
};

/* What engine_warm worked out of an event. */
struct warmed {
    uint32_t steps;          /* how far it got */
    uint64_t address, topic; /* hashes of the customer's address, of the topic */
    uint64_t address_by;     /* of the key that the address was hashed with: a configuration may bring another */
    struct hash128 key;      /* of the client key */
    /* Whom it is about, as far as was found; no more than a guess by the time of the step. */
    const struct session *session;     /* that it comes by */
    const struct principal *principal; /* who asks; NULL: none of the hashes but the topic's is known yet */
    const struct conversation *conversation;
    const struct customer *customer;
    const struct class *class; /* of what begins */
    struct likely likely;      /* to be offered it */
    const struct class *next;  /* the first of which who asks would be offered */
};

struct event {
    enum event_kind kind;
    int64_t now_ms;              /* the only clock; never goes backwards */
    session_id session;          /* who asks; 0 for tick, configure and hello */
    name_id principal;           /* hello */
    const struct config *config; /* configure; borrowed during the step */
    lsn_t cursor;
    struct span key, address, name, text, topic, language, reason, result, attachments, native;
    enum priority priority; /* 0: the rule decides */
    int64_t source_ms, window_ms;
    conversation_id conversation;
    uint32_t epoch, state, delay_ms;
    lsn_t offer, lsn;
    name_id queue, agent;
    bool warm;
    const struct requirement *requirement; /* NULL: none given */
    const struct attribute *attributes;    /* an empty value removes one */
    uint32_t attributes_count;
    const uint64_t *patterns; /* bit i: the pattern of the configuration's rule i is found in the text; NULL: none is */
    struct warmed warmed;     /* by engine_warm, if it was asked */
    /* What engine_missing asked for, if it exists; borrowed during the step. */
    const struct row_customer *customer_row;
    const struct row_conversation *conversation_row;
};

/* Released to the asker only after the step's records are durable. */
struct outcome {
    enum status status;
    conversation_id conversation;
    uint64_t sequence;
    uint32_t epoch;
    lsn_t lsn;          /* of the main record the change made; of the first one when duplicate */
    bool duplicate;     /* the key was seen before: nothing changed, and everything but lsn is to be read from that record */
    name_id owner;      /* with stale_epoch, not_owner, taken */
    session_id session; /* hello */
};

#endif
