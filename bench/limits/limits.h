/* The limits of this machine, each measured by the least program that could do a part of what a broker does. They store messages of one
 * size and complain by themselves. One after the other, and the echo last: it starts a process, and no process may be started once NNG has
 * threads. */
#ifndef RELEVO_BENCH_LIMITS_H
#define RELEVO_BENCH_LIMITS_H

#include <sys/types.h>

#include "bench/histogram.h"
#include "bench/options.h"

#define LIMITS_COMMAND "bench limits"

enum { LIMITS_BODY_BYTES = 250, LIMITS_WINDOW = 4096 };

/* Zeroed when a measurement begins. */
struct limit {
    double per_second;
    struct histogram ns; /* of one flush, commit, request or delivery */
    uint64_t wrong;      /* messages or requests that were not answered as they must be */
};

struct limits_place {
    const char *directory; /* on the disk that is measured */
    uint64_t duration_ns;
};

/* One block of 4 KiB, again and again: at the end of a file (until it has 1 GiB, without `flushes`), or over what a file holds already.
 * With `flushes` an fdatasync after each; without, it is memory that is measured: what a page takes when it is used for the first time. */
struct blocks_options {
    bool overwrites, flushes;
};
bool limits_blocks(const struct limits_place *place, const struct blocks_options *options, struct limit *out);

/* Messages appended to LMDB under increasing integers, a commit for each batch: messages a second, time of a commit. */
bool limits_lmdb(const struct limits_place *place, uint64_t batch, struct limit *out);

/* A process that receives messages over TCP, appends each burst to a file and flushes it when it `stores`, then acknowledges to the
 * producer and hands each message to one of four consumers, who acknowledge what they took: how far they have come is stored with the next
 * burst. As fast as a window of LIMITS_WINDOW allows, or `rate` a second, timed from when each was due. */
struct relay_options {
    bool stores;
    uint64_t rate;
};
bool limits_relay(const struct limits_place *place, const struct relay_options *options, struct limit *out);

/* A process that answers a submit of 1 or of LIMITS_ECHO_BATCH messages with its submitted, over NNG's sockets, and looks at neither. */
enum { LIMITS_ECHO_BATCH = 64 };
struct echo;
struct echo *limits_echo_open(void); /* NULL: complained */
bool limits_echo(struct echo *echo, const struct limits_place *place, uint64_t batch, uint64_t inflight, struct limit *out);
void limits_echo_close(struct echo *echo);

/* Starts a process that runs `serve` and ends with this one. -1: complained. */
pid_t limits_process(void (*serve)(void *context), void *context);
void limits_process_end(pid_t process);

#endif
