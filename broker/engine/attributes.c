#include "engine/attributes.h"

#include <string.h>

static bool take(struct span *from, struct attribute *out)
{
    if (from->size < 2)
        return false;
    uint32_t name = (unsigned char)from->data[0], value = (unsigned char)from->data[1], size = 2 + name + value;
    if (from->size < size)
        return false;
    *out = (struct attribute){{from->data + 2, name}, {from->data + 2 + name, value}};
    *from = (struct span){from->data + size, from->size - size};
    return true;
}

struct span attributes_get(struct span attributes, struct span name)
{
    struct attribute attribute;
    while (take(&attributes, &attribute))
        if (span_equal(attribute.name, name))
            return attribute.value;
    return span_of(NULL);
}

static bool is_among(struct span name, const struct attribute *changes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (span_equal(changes[i].name, name))
            return true;
    return false;
}

static char *put(char *at, const struct attribute *attribute)
{
    *at++ = (char)attribute->name.size;
    *at++ = (char)attribute->value.size;
    memcpy(at, attribute->name.data, attribute->name.size);
    memcpy(at + attribute->name.size, attribute->value.data, attribute->value.size);
    return at + attribute->name.size + attribute->value.size;
}

struct span attributes_merge(struct span old, const struct attribute *changes, uint32_t count, char out[ATTRIBUTES_BYTES_MAX])
{
    struct attribute kept;
    uint32_t left = WIRE_ATTRIBUTES_MAX;
    char *at = out;
    while (left && take(&old, &kept)) {
        if (is_among(kept.name, changes, count))
            continue;
        at = put(at, &kept);
        left--;
    }
    for (uint32_t i = 0; i < count && left; i++) {
        if (!changes[i].value.size || is_among(changes[i].name, changes + i + 1, count - i - 1))
            continue;
        at = put(at, &changes[i]);
        left--;
    }
    return (struct span){out, (uint32_t)(at - out)};
}
