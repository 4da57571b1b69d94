/* The clients of one kind that one thread of a load bench runs, under the names of its house: opened, awaited, dispatched and closed
 * together. Agents say that they are available whenever they get a session. What is refused ends the run. */
#ifndef RELEVO_BENCH_CLIENTS_H
#define RELEVO_BENCH_CLIENTS_H

#include "bench/load/run.h"
#include "proto/client/client.h"

struct member {
    struct clients *all;
    struct client *client;
    uint32_t index, sessions; /* opened so far */
};

struct clients_options {
    const char *kind; /* of their names: connector or agent */
    enum role role;
    uint64_t count;
    uint32_t lanes, batch_max, pending_max, fetch_credit; /* as the client's */
    void *owner;
    /* A change was accepted; NULL will do. */
    void (*on_result)(struct member *member, uint64_t tag, const struct wire_result *result);
    /* NULL: they do not fetch. */
    void (*on_delivery)(struct member *member, const struct wire_record *record);
};

struct clients {
    struct clients_options options;
    struct run *run;
    struct member *members;
    struct pollfd *fds;
    _Atomic uint64_t ready; /* who has a session and, as an agent, is available */
};

/* False: the run has failed; clients_close is due all the same. */
bool clients_open(struct clients *clients, struct run *run, const struct clients_options *options);

/* Waits until any has something to do, at most so long, and lets each do it. */
void clients_wait(struct clients *clients, uint64_t timeout_ns);

void clients_close(struct clients *clients);

#endif
