#include "base/texts.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

static size_t steps_of(size_t size)
{
    return (size + TEXTS_STEP - 1) / TEXTS_STEP;
}

/* NULL: too long for one. */
static struct pool *pool_of(struct texts *texts, size_t size)
{
    size_t steps = steps_of(size);
    if (steps * TEXTS_STEP > TEXTS_POOLED)
        return NULL;
    struct pool *pool = &texts->pools[steps - 1];
    if (!pool->item_size)
        pool_init(pool, steps * TEXTS_STEP);
    return pool;
}

const char *texts_keep(struct texts *texts, const char *data, size_t size)
{
    if (!size)
        return "";
    struct pool *pool = pool_of(texts, size);
    return memcpy(pool ? pool_take(pool) : must_alloc(size), data, size);
}

void texts_warm(const struct texts *texts, size_t size, uint32_t each)
{
    size_t steps = steps_of(size);
    if (steps && steps * TEXTS_STEP <= TEXTS_POOLED)
        pool_warm(&texts->pools[steps - 1], each);
}

void texts_drop(struct texts *texts, const char *kept, size_t size)
{
    if (!size)
        return;
    struct pool *pool = pool_of(texts, size);
    void *item = (void *)(uintptr_t)kept;
    if (pool)
        pool_give(pool, item);
    else
        free(item);
}

void texts_fini(struct texts *texts)
{
    for (size_t i = 0; i < sizeof texts->pools / sizeof *texts->pools; i++)
        pool_fini(&texts->pools[i]);
}
