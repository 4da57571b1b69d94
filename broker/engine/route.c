#include "engine/route.h"

#include "base/little.h"

struct span route_encode(const struct route *route, char *out)
{
    char *at = little_put(little_put(out, route->count, 1), route->preferred_count, 1);
    for (uint32_t i = 0; i < route->count; i++)
        at = requirement_encode(&route->alternatives[i].requirement, little_put(at, route->alternatives[i].queue, ROUTE_ID_BYTES));
    for (uint32_t i = 0; i < route->preferred_count; i++)
        at = little_put(at, route->preferred[i], ROUTE_ID_BYTES);
    return (struct span){out, (uint32_t)(at - out)};
}

static bool take_id(struct span *bytes, name_id *out)
{
    if (bytes->size < ROUTE_ID_BYTES)
        return false;
    *out = (name_id)little_get(bytes->data, ROUTE_ID_BYTES);
    *bytes = (struct span){bytes->data + ROUTE_ID_BYTES, bytes->size - ROUTE_ID_BYTES};
    return true;
}

bool route_decode(struct span bytes, struct route *out)
{
    out->count = out->preferred_count = 0;
    if (bytes.size < 2)
        return false;
    uint32_t count = (unsigned char)bytes.data[0], preferred = (unsigned char)bytes.data[1];
    bytes = (struct span){bytes.data + 2, bytes.size - 2};
    if (!count || count > ROUTE_ALTERNATIVES_MAX || preferred > ROUTE_PREFERRED_MAX)
        return false;
    for (; out->count < count; out->count++) {
        struct alternative *alternative = &out->alternatives[out->count];
        if (!take_id(&bytes, &alternative->queue) || !requirement_decode(&bytes, &alternative->requirement))
            return false;
    }
    for (; out->preferred_count < preferred; out->preferred_count++)
        if (!take_id(&bytes, &out->preferred[out->preferred_count]))
            return false;
    return bytes.size == 0;
}

struct route route_to(name_id queue, const struct requirement *requirement)
{
    struct route route = {.count = 1};
    route.alternatives[0].queue = queue;
    if (requirement)
        route.alternatives[0].requirement = *requirement;
    return route;
}

name_id route_queue(const struct route *route)
{
    return route->alternatives[route->count - 1].queue;
}
