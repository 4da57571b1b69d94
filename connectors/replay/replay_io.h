/* The replay as a connector: takes dialogues from a collection, plays so many at once as customers of one channel account, and counts. */
#ifndef RELEVO_REPLAY_IO_H
#define RELEVO_REPLAY_IO_H

#include "connectors/common/run.h"
#include "connectors/replay/replay_play.h"

struct replay_options {
    const char *url, *account, *token;
    uint32_t concurrent; /* dialogues at once */
    bool closed;         /* a closed loop; otherwise the recorded gaps divided by `speed` */
    double speed;
    uint64_t stall_ms; /* give up when nothing moved for so long; 0: never */
};

struct replay_counts {
    uint64_t dialogues, complete;
    uint64_t refused;    /* dialogues ended because the broker refused a message */
    uint64_t messages;   /* acknowledged by the broker */
    uint64_t replies;    /* received, without duplicates */
    uint64_t mismatches; /* replies that were not what the recording has */
    uint64_t duplicates; /* replies received again and dropped */
    double seconds;
};

/* Plays them all. Returns the exit code: 0 when every dialogue is complete and no reply differed. What is not is said on stderr. */
int replay_run(const char *program, const struct replay_options *options, const struct dialogue *const *dialogues, uint32_t count,
               struct replay_counts *counts);

#endif
