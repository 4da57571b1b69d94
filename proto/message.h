/* Every map of the protocol as a plain C struct, generated from messages.def, and the limits of the wire.
 * Texts and raw values borrow the frame they were decoded from (or, when encoding, the caller's memory). */
#ifndef RELEVO_MESSAGE_H
#define RELEVO_MESSAGE_H

#include <stdint.h>

#include "proto/span.h"
#include "proto/words.h"

enum {
    WIRE_VERSION = 1,
    WIRE_FRAME_MAX = 4 << 20,    /* bytes: a full page of history with ordinary bodies fits, a bomb does not */
    WIRE_DEPTH_MAX = 16,         /* nesting: ours is at most 7; attachments and native fields need some */
    WIRE_RAW_DEPTH_MAX = 8,      /* nesting of a raw value: what came in a submit still fits inside a delivery's history */
    WIRE_DECODED_MAX = 16 << 20, /* bytes of structs that one frame may become: some five times the fullest honest one */
    WIRE_BATCH_MAX = 4096,       /* changes in one submit: one turn stays short */
    WIRE_CREDIT_MAX = 4096,      /* deliveries in one fetched */
    WIRE_HISTORY_MAX = 512,      /* records in one page */
    WIRE_WAIT_MS_MAX = 60 * 1000,
    WIRE_NAME_MAX = 64, /* bytes, as every text limit */
    WIRE_TOKEN_MAX = 128,
    WIRE_KEY_MAX = 128,       /* external ids of the known channels are under 100 */
    WIRE_ADDRESS_MAX = 320,   /* an e-mail address is at most 320 */
    WIRE_BODY_MAX = 64 << 10, /* longer texts travel as attachments */
    WIRE_REASON_MAX = 512,
    WIRE_NATIVE_MAX = 16 << 10,
    WIRE_SKILLS_MAX = 8,
    WIRE_ATTRIBUTES_MAX = 16,
    WIRE_STEPS_MAX = 16,     /* of a routing plan */
    WIRE_FINDINGS_MAX = 256, /* agents in one explanation: a person reads it */
    WIRE_PEEK_MAX = 512,
    WIRE_DELAY_MS_MAX = 24 * 60 * 60 * 1000,
};

enum verb {
#define VERB(number, name, reply) VERB_##name = number,
#include "proto/messages.def"
};

#define MAP(name) struct wire_##name {
#define UINT(map, key, field, need, max) uint64_t field;
#define TEXT(map, key, field, need, max) struct span field;
#define RAW(map, key, field, need, max) struct span field;
#define LIST(map, key, field, need, child, max)                                                                                            \
    struct wire_##child *field;                                                                                                            \
    uint32_t field##_count;
#define MAP_END(name)                                                                                                                      \
    }                                                                                                                                      \
    ;
#include "proto/messages.def"

/* Any frame: the verb says which member is in use. */
struct frame {
    enum verb verb;
    union {
        struct wire_hello hello;
        struct wire_welcome welcome;
        struct wire_submit submit;
        struct wire_submitted submitted;
        struct wire_fetch fetch;
        struct wire_fetched fetched;
        struct wire_heartbeat heartbeat;
        struct wire_alive alive;
        struct wire_bye bye;
        struct wire_history history;
        struct wire_page page;
        struct wire_status status;
        struct wire_overview overview;
        struct wire_why why;
        struct wire_explanation explanation;
        struct wire_peek peek;
        struct wire_peeked peeked;
        struct wire_error error;
    };
};

#endif
