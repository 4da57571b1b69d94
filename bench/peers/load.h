/* The load on a peer, and the proof of what became of it: one thread produces, one for each consumer takes, checks and acknowledges. */
#ifndef RELEVO_BENCH_PEERS_LOAD_H
#define RELEVO_BENCH_PEERS_LOAD_H

#include "bench/histogram.h"
#include "bench/peers/peer.h"

struct load_options {
    struct peer_settings settings;
    uint64_t conversations, body_bytes;
    uint64_t rate;         /* messages a second, each due at its time; 0: as fast as confirmations come back */
    uint64_t warm_up_ms;   /* what is sent in this time is verified, but not counted */
    uint64_t run_ms;       /* then messages are sent for so long, */
    uint64_t messages_max; /* or until these have been sent, warm-up included */
    uint64_t patience_ms;  /* after which nothing more is expected to come */
};

struct load_result {
    uint64_t messages; /* that count */
    double seconds;    /* from the first of them sent to the last confirmed or delivered */
    double messages_per_second, load_cpu_s;
    uint64_t lost, duplicated, reordered; /* of all */
    struct histogram deliver_ns;          /* from when a message was sent, or due, until its consumer has it */
};

void load_run(const struct peer *peer, const struct load_options *options, struct load_result *out);

#endif
