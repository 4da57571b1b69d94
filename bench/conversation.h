/* One conversation's whole history, read page by page from the newest and put together oldest first. */
#ifndef RELEVO_BENCH_CONVERSATION_H
#define RELEVO_BENCH_CONVERSATION_H

#include "bench/session.h"

/* Empty when zeroed; read again and again with one keeps its memory. */
struct conversation {
    struct wire_page head; /* of the newest page: state, epoch, owner, ...; its records are all, oldest first */
    struct buffer pages;   /* of struct wire_page, newest first */
    struct arena arena;
};

/* Its spans hold until the next read. */
enum status conversation_read(struct conversation *conversation, struct session *session, uint64_t id,
                              struct codec_error *error) MUST_CHECK;

/* The same, but complains. */
bool conversation_show(struct conversation *conversation, struct session *session, uint64_t id);

/* One line about it, then one per record. */
void conversation_print(const struct conversation *conversation);

void conversation_fini(struct conversation *conversation);

#endif
