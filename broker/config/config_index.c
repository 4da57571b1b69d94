#include "config/config_index.h"

#include <stdio.h>
#include <stdlib.h>

struct config_index config_index_take(struct arena *arena, size_t count)
{
    return (struct config_index){.entries = arena_take(arena, count * sizeof(struct config_entry))};
}

void config_index_add(struct config_index *index, const char *name, uint32_t holder, uint32_t place, uint8_t level)
{
    index->entries[index->count++] = (struct config_entry){span_of(name), holder, place, level};
}

static int compare_names(struct span a, struct span b)
{
    uint32_t common = a.size < b.size ? a.size : b.size;
    int order = common ? memcmp(a.data, b.data, common) : 0;
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

static int compare_entries(const void *left, const void *right)
{
    const struct config_entry *a = left, *b = right;
    int order = compare_names(a->name, b->name);
    if (order == 0)
        order = (a->holder > b->holder) - (a->holder < b->holder);
    return order ? order : (a->place > b->place) - (a->place < b->place);
}

void config_index_sort(struct config_index *index)
{
    qsort(index->entries, index->count, sizeof *index->entries, compare_entries);
}

/* The first entry that is not before (name, holder). */
static uint32_t lower_bound(const struct config_index *index, struct span name, uint64_t holder)
{
    uint32_t low = 0, high = index->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct config_entry *entry = &index->entries[middle];
        int order = compare_names(entry->name, name);
        if (order < 0 || (order == 0 && entry->holder < holder))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct config_index config_index_range(const struct config_index *index, struct span name)
{
    uint32_t first = lower_bound(index, name, 0);
    return (struct config_index){index->entries + first, lower_bound(index, name, UINT64_MAX) - first};
}

const struct config_entry *config_index_find(const struct config_index *index, struct span name, uint32_t holder)
{
    const struct config_entry *entry = &index->entries[lower_bound(index, name, holder)];
    bool found = entry < index->entries + index->count && entry->holder == holder && span_equal(entry->name, name);
    return found ? entry : NULL;
}

uint32_t config_index_holder(const struct config_index *index, struct span name)
{
    struct config_index found = config_index_range(index, name);
    return found.count ? found.entries[0].holder : UINT32_MAX;
}

void config_index_list(const struct config_index *index, char out[CONFIG_NAME_LIST_BYTES])
{
    size_t size = 0;
    snprintf(out, CONFIG_NAME_LIST_BYTES, "there is none");
    for (uint32_t i = 0; i < index->count; i++) {
        struct span name = index->entries[i].name;
        if (i && span_equal(name, index->entries[i - 1].name))
            continue;
        const char *lead = size ? ", " : "expected one of: ";
        if (size + strlen(lead) + name.size + strlen(", ...") >= CONFIG_NAME_LIST_BYTES) {
            snprintf(out + size, CONFIG_NAME_LIST_BYTES - size, ", ...");
            return;
        }
        size += (size_t)snprintf(out + size, CONFIG_NAME_LIST_BYTES - size, "%s%s", lead, name.data);
    }
}
