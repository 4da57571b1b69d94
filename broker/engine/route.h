/* A route: who may serve a conversation now. Alternatives of a queue and a requirement each; an agent who meets any of them is eligible.
 * The last alternative's queue is the conversation's own. Canonical bytes, so that equal routes make one class. */
#ifndef RELEVO_ROUTE_H
#define RELEVO_ROUTE_H

#include "engine/requirement.h"

enum {
    ROUTE_ALTERNATIVES_MAX = 16,
    ROUTE_PREFERRED_MAX = 16,
    ROUTE_ID_BYTES = 4, /* of a queue or an agent */
    ROUTE_BYTES_MAX = 1 + 1 + ROUTE_ALTERNATIVES_MAX * (ROUTE_ID_BYTES + REQUIREMENT_BYTES_MAX) + ROUTE_PREFERRED_MAX * ROUTE_ID_BYTES,
};

struct alternative {
    name_id queue;
    struct requirement requirement;
};

struct route {
    struct alternative alternatives[ROUTE_ALTERNATIVES_MAX];
    name_id preferred[ROUTE_PREFERRED_MAX]; /* agents that are offered it before others */
    uint32_t count, preferred_count;
};

/* Its bytes, in `out`, which needs ROUTE_BYTES_MAX. */
struct span route_encode(const struct route *route, char *out);
/* And back. False, and *out is not to be looked at: not a route. */
bool route_decode(struct span bytes, struct route *out) MUST_CHECK;

/* One queue and one requirement (NULL: anybody who serves the queue). */
struct route route_to(name_id queue, const struct requirement *requirement);

/* Where a conversation on this route is. */
name_id route_queue(const struct route *route);

#endif
