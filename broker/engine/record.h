/* A record: one thing that happened, as the log keeps it. The engine makes records, apply() is their only reader that changes state,
 * and a history is a chain of them through `prev`.
 *
 * kind                 conversation  other fields
 * declared             -             value (enum name_kind), target (the new name_id), name
 * session_opened       -             session, agent (the principal, of any name kind)
 * session_closed       -             session, agent, cause
 * customer_opened      -             customer, account, channel (its type), address
 * conversation_opened  yes           customer, account, address, name, topic, language, ref (the customer's previous conversation)
 * message              yes           sequence, account, target (who answers), other (who looks on), key, text, topic, language, time_ms
 *                                    (at the source), until_ms (reply window), value (1: it was inactive), attachments, native;
 *                                    customer, attributes (when they changed)
 * reply                yes           sequence, epoch, agent (author; 0: the broker), account, address, other (who looks on), until_ms
 *                                    (the opening, when it says that it is closed), key, text, attachments, native
 * note                 yes           sequence, agent (author), target (the owner, if another), other (who looks on), key, text
 * receipt              yes           account, key, ref (lsn of the reply), value (enum receipt), reason
 * queued               yes           time_ms (arrival), type (channel type), cost, agent (who served before), and the place
 * relaxed              yes           the place
 * moved                yes           agent (the operator), cause, count (offers so far), reason, key, and the place
 * transferred          yes           agent (who hands over), epoch (the new one), target (the agent meant), value (1: escalated),
 *                                    text (note), reason, result, key, and the place
 * requeued             yes           agent (who lost it), epoch (the new one), queue, cause, until_ms (not offered to that agent
 *                                    before), reason, key
 * held                 yes           value (enum substate: held, snoozed), cause, until_ms
 * offered              yes           agent, queue, epoch, cost, tie (offer, warm, consult), until_ms
 * withdrawn            yes           agent, cause, tie, ref (lsn of the offer), until_ms (passed over until), reason and key (declines)
 * assigned             yes           agent, target (the owner before), epoch (the new one), queue, cost, value (enum substate: active,
 *                                    with_bot), cause (claimed), key (accepts); the place, when it was a warm transfer
 * resumed              yes           agent (the owner, who opened a session), epoch, queue
 * inactive             yes           agent (the owner), cost (what it is charged now)
 * overdue              yes           agent (the owner), value (enum deadline), time_ms (when it was due)
 * asked                yes           agent (the owner), tie (warm, consult), target (the agent meant), queue, route, epoch, text, key
 * joined               yes           agent (who looks on), target (the owner), epoch, queue, cost, key
 * lent                 yes           agent (the owner), target (the bot), epoch (the new one), cost, until_ms, reason, key
 * recalled             yes           agent (who was tied; 0: nobody yet), target (the owner), tie, epoch (the new one after a loan), cause,
 *                                    native, result, key
 * finished             yes           customer, account, agent (who did it), target (who else must know), other (the account by which the
 *                                    customer left), epoch (the new one), value (enum substate), cause, reason, key
 * reopened             yes           customer
 * agent_state          -             agent, value (enum agent_state), until_ms (of wrap_up), reason, key
 * queue_state          -             queue, agent (the operator), value (1: paused), reason, key
 * delivered            -             agent (the outbox's owner), ref (lsn up to which everything was acknowledged)
 *
 * The place is where and in which order it waits: queue, route, priority, order_ms, lane, choice, plan, step.
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
typedef uint32_t name_id;         /* a declared queue, skill, agent, account, operator, channel type or plan, from 1 */

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
