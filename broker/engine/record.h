/* A record: one thing that happened, as the log keeps it. The engine makes records, apply() is their only reader that changes state,
 * and a history is a chain of them through `prev`.
 *
 * kind                 conversation  other fields
 * declared             -             value (enum name_kind), target (the new name_id), name
 * session_opened       -             session, agent (the principal, of any name kind)
 * session_closed       -             session, agent, cause
 * customer_opened      -             customer, account, channel (its type), address
 * conversation_opened  yes           customer, account, address, name, topic, language, ref (the customer's previous conversation)
 * message              yes           sequence, account, target (the owner), key, text, topic, language, time_ms (at the source),
 *                                    attachments, native
 * reply                yes           sequence, epoch, agent (author), account, address, key, text, attachments, native
 * note                 yes           sequence, agent (author), target (the owner, if another), key, text
 * receipt              yes           account, key, ref (lsn of the reply), value (enum receipt), reason
 * queued               yes           queue, requirement, priority, cost, time_ms (arrival, for the order key)
 * offered              yes           agent, queue, epoch, cost, time_ms (deadline)
 * withdrawn            yes           agent, cause, ref (lsn of the offer), time_ms (passed over until), key (declines)
 * assigned             yes           agent, epoch (the new one), queue, cost, value (enum substate: active, with_bot), key (accepts)
 * resumed              yes           agent (the owner, who opened a session), epoch, queue
 * transferred          yes           agent (who hands over), epoch (the new one), queue, target (the agent meant), requirement,
 *                                    reason, key
 * requeued             yes           agent (who lost it), epoch (the new one), queue, cause
 * finished             yes           customer, account, agent (who did it), target (who else must know), epoch (the new one),
 *                                    value (enum substate), cause, reason, key
 * reopened             yes           customer
 * agent_state          -             agent, value (enum agent_state), reason, key
 * delivered            -             agent (the outbox's owner), ref (lsn up to which everything was acknowledged)
 *
 * Every record names its recipients itself (record_recipients in apply.c), so that replay fills the outboxes whatever rows already hold. */
#ifndef RELEVO_RECORD_H
#define RELEVO_RECORD_H

#include <stdint.h>

#include "proto/span.h"
#include "proto/words.h"

typedef uint64_t lsn_t;           /* position in the log, from 1 */
typedef uint64_t conversation_id; /* from 1 */
typedef uint64_t customer_id;     /* from 1 */
typedef uint64_t session_id;      /* from 1 */
typedef uint32_t name_id;         /* a declared queue, skill, agent, account or operator, from 1 */

struct record {
    lsn_t lsn;
    int64_t at_ms; /* when the engine decided it */
    enum record_kind kind;
#define NUMBER(bit, field, type) type field;
#define BYTES(bit, field) struct span field;
#include "engine/records.def"
#undef NUMBER
#undef BYTES
};

#endif
