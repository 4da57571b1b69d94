/* A world for the engine: the engine itself, and a store in memory that keeps only what was committed. It can crash and come back as the
 * broker does, from rows and records, so that every test of the engine is a test of restart too. */
#ifndef RELEVO_WORLD_H
#define RELEVO_WORLD_H

#include "base/map.h"
#include "engine/engine.h"
#include "engine/invariants.h"
#include "proto/buffer.h"

enum { WORLD_START_MS = 1000000 };

struct world {
    struct engine *engine;
    struct plan plan;
    const struct config *config;
    int64_t now_ms;
    struct buffer *log; /* encoded records by lsn */
    lsn_t log_count, log_capacity;
    struct map rows, pending; /* what checkpoints wrote */
    struct counters counters; /* as of the last checkpoint */
    lsn_t replay_from;
    struct invariants invariants;
    struct likely guess; /* an older one, of an event before */
    const char *broken;  /* the first invariant that a step broke; NULL: none */
};

void world_open(struct world *world, const struct config *config);
void world_close(struct world *world);

/* Fills in the time, warms and prefetches as the broker does, steps, logs what the step made, and checks the invariants. */
void world_step(struct world *world, struct event *event);

/* Writes up to `rows_max` rows with the next commit, as a checkpoint does. */
void world_checkpoint(struct world *world, uint32_t rows_max);

/* Loses the memory and comes back. The digest must be the one it had. */
void world_crash(struct world *world);

/* The log's record; borrows the world. */
struct record world_record(const struct world *world, lsn_t lsn);

#endif
