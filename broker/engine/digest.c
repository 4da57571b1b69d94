/* One number for the durable state. Each entity is hashed by its row's fields, and the hashes are added, so that the order of memory does
 * not show. */
#include "base/little.h"
#include "engine/conversation.h"
#include "engine/names.h"
#include "engine/outbox.h"

struct digest {
    struct hash_key state;
};

static void digest_bytes(struct digest *digest, const void *data, size_t size)
{
    struct hash128 hash = hash_sip128(digest->state, data, size);
    digest->state = (struct hash_key){hash.low, hash.high};
}

static void digest_number(struct digest *digest, uint64_t number)
{
    char bytes[8];
    little_put(bytes, number, sizeof bytes);
    digest_bytes(digest, bytes, sizeof bytes);
}

#define ROW(kind)                                                                                                                          \
    static inline uint64_t digest_##kind(const struct row_##kind *row)                                                                     \
    {                                                                                                                                      \
        struct digest digest = {{ROW_##kind, row->id}};
#define NUMBER(bit, field, type) digest_number(&digest, (uint64_t)row->field);
#define BYTES(bit, field) digest_bytes(&digest, row->field.data, row->field.size);
#define ROW_END(kind)                                                                                                                      \
    return digest.state.k0;                                                                                                                \
    }
#include "engine/rows.def"
#undef ROW
#undef NUMBER
#undef BYTES
#undef ROW_END

static uint64_t digest_outbox(const struct principal *principal)
{
    struct digest digest = {{principal->row.id, principal->outbox.count}};
    for (uint32_t i = 0; i < principal->outbox.count; i++)
        digest_number(&digest, outbox_at(&principal->outbox, i));
    return digest.state.k0;
}

static uint64_t digest_counters(const struct counters *counters)
{
    struct digest digest = {{counters->newest, counters->conversation}};
    digest_number(&digest, counters->customer);
    digest_number(&digest, counters->session);
    return digest.state.k0;
}

uint64_t engine_digest(struct engine *engine)
{
    uint64_t sum = digest_counters(&engine->counters);
    const struct conversation *conversation;
    const struct session *session;
    for (size_t at = 0; (conversation = map_next(&engine->conversations, &at));) {
        struct row_conversation row = conversation_row(engine, conversation);
        sum += conversation_finished(conversation) ? 0 : digest_conversation(&row);
    }
    for (size_t at = 0; (session = map_next(&engine->sessions, &at));)
        sum += session->closed ? 0 : digest_session(&session->row);
    for (name_id id = 1; id <= engine->names_count; id++) {
        const struct name *name = names_get(engine, id);
        const struct principal *principal = names_principal(engine, id);
        sum += name ? digest_name(&name->row) : 0;
        if (principal)
            sum += digest_principal(&principal->row) + digest_outbox(principal);
    }
    return sum;
}
