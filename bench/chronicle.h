/* One conversation's whole history, read page by page from the newest and put together oldest first. */
#ifndef RELEVO_BENCH_CHRONICLE_H
#define RELEVO_BENCH_CHRONICLE_H

#include "bench/session.h"

/* Empty when zeroed; read again and again with one keeps its memory. */
struct chronicle {
    struct wire_page head; /* of the newest page: state, epoch, owner, ...; its records are all, oldest first */
    struct buffer pages;   /* of struct wire_page, newest first */
    struct arena arena;
};

/* Its spans hold until the next read. */
enum status chronicle_read(struct chronicle *chronicle, struct session *session, uint64_t id, struct codec_error *error) MUST_CHECK;

/* The same, but complains. */
bool chronicle_show(struct chronicle *chronicle, struct session *session, uint64_t id);

/* One line about it, then one per record. */
void chronicle_print(const struct chronicle *chronicle);

void chronicle_fini(struct chronicle *chronicle);

#endif
