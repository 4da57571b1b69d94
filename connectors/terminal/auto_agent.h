/* One automatic agent: its session, its presence, and what its changes were for. The conversations it holds: auto_holding.h. */
#ifndef RELEVO_AUTO_AGENT_H
#define RELEVO_AUTO_AGENT_H

#include "connectors/common/dialogue.h"
#include "connectors/common/run.h"

enum { AUTO_RETRY_MS = 200 }; /* before what the broker could not take now is sent again */

struct agent {
    struct run *run;
    const struct dialogues *dialogues;
    const char *name;
    uint64_t pace_ms;
    uint64_t *active_ms; /* set to the loop's time whenever something happens */
    struct client *client;
    struct table holdings; /* conversation -> struct holding */
    struct holding *unused_holdings;
    struct errand *unused_errands;
    struct arena arena;  /* holdings and errands */
    struct arena pages;  /* one answer to `history` */
    uv_timer_t announce; /* until availability is tried again */
    uint64_t announced;  /* how often availability was sent: part of its key */
};

enum errand_kind { ERRAND_available, ERRAND_accept, ERRAND_turn, ERRAND_answer, ERRAND_finish };

/* What a change was for, until the broker answers it. */
struct errand {
    enum errand_kind kind;
    uint64_t conversation, epoch;
    uint64_t what; /* turn played, or lsn answered */
    struct errand *next;
};

/* Opens the session. False, with the run ended, when that is impossible. The agent's members up to active_ms have been set. */
bool agent_open(struct agent *agent, const char *url, const char *token);

void agent_submit(struct agent *agent, const struct errand *errand, const struct wire_change *change);

/* After the loop has ended. */
void agent_fini(struct agent *agent);

#endif
