#include "node/populate.h"

#include <sys/mman.h>
#include <unistd.h>

#include "node/node.h"

enum { PIECE_BYTES = 2 << 20 }; /* at a time: whoever maps or unmaps memory meanwhile waits for no more */

/* It changes no byte, so the engine may use the memory, or be done with it, at the same time. Where the system does not know how, or the
 * memory is gone already, nothing is lost: then each page is asked for when it is touched. */
static void populate(uv_work_t *work)
{
    const struct untouched *memory = &((struct node *)work->data)->populate.memory;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), end = (uintptr_t)memory->at + memory->size;
    for (uintptr_t at = (uintptr_t)memory->at & ~(page - 1); at < end; at += PIECE_BYTES)
        madvise((void *)at, end - at < PIECE_BYTES ? end - at : PIECE_BYTES, MADV_POPULATE_WRITE);
}

static void on_populated(uv_work_t *work, int status)
{
    (void)status;
    ((struct node *)work->data)->populate.memory = (struct untouched){0};
}

void populate_ahead(struct node *node)
{
    struct populate *ahead = &node->populate;
    if (ahead->memory.size)
        return;
    ahead->memory = engine_untouched(node->engine);
    ahead->work.data = node;
    if (ahead->memory.size && uv_queue_work(&node->loop, &ahead->work, populate, on_populated) != 0)
        ahead->memory = (struct untouched){0};
}
