/* Many short texts, kept in pools by length: eight bytes at a time, no header and no malloc for each. What is longer than TEXTS_POOLED goes
 * to malloc; an empty text takes no place. Empty when zeroed. */
#ifndef RELEVO_TEXTS_H
#define RELEVO_TEXTS_H

#include "base/pool.h"

enum { TEXTS_STEP = 8, TEXTS_POOLED = 128 };

struct texts {
    struct pool pools[TEXTS_POOLED / TEXTS_STEP];
};

/* A copy, which stays where it is until it is dropped; nothing follows it. */
const char *texts_keep(struct texts *texts, const char *data, size_t size);

/* Begins to fetch what the step after the next will keep texts of this size in, of steps that keep `each`. */
void texts_warm(const struct texts *texts, size_t size, uint32_t each);

/* Takes back what texts_keep gave for this size. */
void texts_drop(struct texts *texts, const char *kept, size_t size);

/* Lets go of every pooled text, dropped or not; longer ones have to be dropped before. */
void texts_fini(struct texts *texts);

#endif
