/* Reading the state: numbers for the overview, outboxes for fetches. */
#include "engine/names.h"
#include "engine/outbox.h"
#include "engine/principal.h"

uint32_t engine_outbox(const struct engine *engine, session_id id, lsn_t cursor, lsn_t *out, uint32_t max)
{
    const struct session *session = session_get(engine, id);
    uint32_t count = 0;
    if (!session)
        return 0;
    const struct outbox *outbox = &session->principal->outbox;
    for (uint32_t i = outbox_count_upto(outbox, cursor); i < outbox->count && count < max; i++)
        out[count++] = outbox_at(outbox, i);
    return count;
}

lsn_t engine_acknowledged(const struct engine *engine, session_id id)
{
    const struct session *session = session_get(engine, id);
    return session ? session->principal->row.acknowledged : 0;
}

struct engine_stats engine_stats(const struct engine *engine)
{
    struct engine_stats stats = {.open = engine->conversations_open};
    for (name_id id = 1; id <= engine->names_count; id++) {
        const struct queue *queue = names_queue(engine, id);
        const struct principal *principal = names_principal(engine, id);
        stats.waiting += queue ? queue->waiting + queue->offered : 0;
        stats.sessions += principal ? principal->sessions.count : 0;
    }
    return stats;
}

/* Arrival of the conversation that waits longest; 0: none. Looks at everyone who waits in the queue: only for a person who asks. */
static int64_t oldest_arrival(const struct engine *engine, name_id queue)
{
    int64_t oldest = 0;
    for (uint32_t i = 0; i < engine->classes_count; i++) {
        const struct heap *waiting = &engine->classes[i]->waiting;
        for (uint32_t at = 0; at < waiting->count; at++) {
            const struct conversation *conversation = ITEM_OF(waiting->slots[at].node, struct conversation, waiting);
            if (conversation->row.queue == queue && (!oldest || conversation->row.arrival_ms < oldest))
                oldest = conversation->row.arrival_ms;
        }
    }
    return oldest;
}

struct queue_stats engine_queue_stats(const struct engine *engine, name_id id)
{
    const struct queue *queue = names_queue(engine, id);
    if (!queue)
        return (struct queue_stats){0};
    return (struct queue_stats){.waiting = queue->waiting,
                                .offered = queue->offered,
                                .in_progress = queue->in_progress,
                                .oldest_ms = queue->waiting ? oldest_arrival(engine, id) : 0,
                                .paused = names_get(engine, id)->row.paused};
}

struct principal_stats engine_principal_stats(const struct engine *engine, name_id id)
{
    const struct principal *principal = names_principal(engine, id);
    if (!principal)
        return (struct principal_stats){0};
    return (struct principal_stats){.configured = principal->configured,
                                    .kind = principal->agent_kind,
                                    .state = principal->row.state,
                                    .reason = principal->row.reason,
                                    .sessions = (uint32_t)principal->sessions.count,
                                    .conversations = (uint32_t)principal->owned.count,
                                    .used = principal->used,
                                    .capacity = principal->capacity,
                                    .pending = principal->outbox.count,
                                    .channel = principal->channel ? engine_name(engine, principal->channel->id) : span_of(NULL)};
}
