/* When measuring begins, when one batch ends and the next begins, and when it is over: by virtual time or by number of arrivals, as the
 * scenario says. Tells the measures so. */
#ifndef RELEVO_SIMULATE_WINDOW_H
#define RELEVO_SIMULATE_WINDOW_H

#include "bench/simulate/measures.h"
#include "bench/simulate/scenario.h"

struct window {
    const struct scenario *scenario;
    struct measures *measures;
    double turn_ms;  /* window_turn is due then; INFINITY: never */
    double begun_ms; /* when measuring began, once warm */
    bool warm, over;
    double batch_ms, batch_arrivals;
    uint64_t next_turn; /* by arrivals: the present batch ends before this one */
};

void window_init(struct window *window, const struct scenario *scenario, struct measures *measures);

/* At turn_ms, which is then set anew. `arrivals`: how many came so far. */
void window_turn(struct window *window, double now_ms, uint64_t arrivals);

/* Before each arrival. */
void window_arrival(struct window *window, double now_ms, uint64_t arrivals);

/* Nothing will happen any more. */
void window_close(struct window *window, double now_ms);

#endif
