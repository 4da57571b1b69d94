/* What is counted while a simulation runs, in batches, so that every mean comes with its standard error (batch means: the batches are long
 * compared with how long the queue remembers, so they count as independent).
 *
 * A customer counts in the batch it arrived in, whenever it is served. Queue lengths, busy agents and who is served by whom count when they
 * happen. What lies before the first batch (warm-up) and after the last does not count at all. */
#ifndef RELEVO_SIMULATE_MEASURES_H
#define RELEVO_SIMULATE_MEASURES_H

#include <stdbool.h>

#include "bench/histogram.h"

enum measure {
    MEASURE_offered,
    MEASURE_served,
    MEASURE_abandoned,
    MEASURE_turned_away, /* refused at once, or ended by the broker before anybody served it */
    MEASURE_let_in,      /* not refused at once */
    MEASURE_waited,      /* let in, but did not get an agent in the moment of its arrival: served later, or never */
    MEASURE_within,      /* served within T */
    MEASURE_left_within, /* abandoned within T */
    MEASURE_wait_served, /* sums of waits, ms */
    MEASURE_wait_left,
    MEASURES
};

enum { BATCH_NONE = -1, BATCHES_MAX = 1000, HOURS = 24 };

struct measured_batch {
    double duration_ms;
    double (*types)[MEASURES]; /* by type of customer */
    double *queue_ms;          /* by type: integral of how many wait */
    double *open_ms;           /* by type: how long nobody of it was held for opening hours, */
    double *lowest;            /* and the fewest who waited then; INFINITY: there was no such time */
    double *matrix;            /* type * groups + group: services begun */
    double *busy;              /* by group: integral of busy agents */
};

struct measures {
    uint32_t types_count, groups_count, batches_count;
    double within_ms;
    bool stationary; /* batches are alike but for chance; where they are hours of a day, their spread is no error */
    struct measured_batch *batches;
    struct histogram *waits;       /* by type, then of all: of the served, in microseconds */
    double hours[HOURS][MEASURES]; /* by hour of the day of arrival, all types */
    int32_t batch;                 /* the present one */
    double since_ms;               /* when the present batch, or none, began */
    struct level {
        double now, since_ms; /* its integral is complete up to since_ms */
    } * waiting, *in_service; /* by type; by group, in agents */
    double *held;             /* by type: how many of those who wait are held for opening hours */
    double waiting_at_end;
    double *memory;
};

/* 2 to BATCHES_MAX batches. */
void measures_init(struct measures *measures, uint32_t types, uint32_t groups, uint32_t batches, double within_ms, bool stationary,
                   double now_ms);
void measures_fini(struct measures *measures);

/* From `now_ms` on the given batch is the present one; BATCH_NONE: none is. */
void measures_turn(struct measures *measures, int32_t batch, double now_ms);

/* One customer's life. `batch` and `arrived_ms` are of its arrival. */
struct customer_seen {
    uint32_t type;
    int32_t batch;
    double arrived_ms;
};
void measure_arrival(struct measures *measures, const struct customer_seen *customer);
void measure_served(struct measures *measures, const struct customer_seen *customer, double wait_ms);
void measure_left(struct measures *measures, const struct customer_seen *customer, double wait_ms);
void measure_refused(struct measures *measures, const struct customer_seen *customer);
void measure_ended(struct measures *measures, const struct customer_seen *customer); /* while it waited */
void measure_unsettled(struct measures *measures, const struct customer_seen *customer);

/* One more or fewer waits from now on; the group is busier or less busy by `agents` from now on. */
void measure_waiting(struct measures *measures, uint32_t type, double change, double now_ms);
/* Of those who wait one more or fewer is held for opening hours. */
void measure_held(struct measures *measures, uint32_t type, double change, double now_ms);
void measure_busy(struct measures *measures, uint32_t group, double agents, double now_ms);
void measure_match(struct measures *measures, uint32_t type, uint32_t group);

/* --- results --- */
enum { MEASURE_ALL_TYPES = UINT32_MAX };

struct estimate {
    double value, error; /* the standard error; NAN where it is not known */
};

/* Sets of measures are bits. */
#define MEASURE_BIT(name) (1u << MEASURE_##name)

/* Sum of the set `above` over sum of the set `below`, for one type or MEASURE_ALL_TYPES. */
struct estimate estimate_share(const struct measures *measures, uint32_t type, uint32_t above, uint32_t below);
struct estimate estimate_queue(const struct measures *measures, uint32_t type);
struct estimate estimate_match(const struct measures *measures, uint32_t type, uint32_t group); /* per ms */
struct estimate estimate_rate(const struct measures *measures, uint32_t type, uint32_t set);    /* per ms */
struct estimate estimate_busy(const struct measures *measures, uint32_t group);                 /* agents */

double measure_total(const struct measures *measures, uint32_t type, uint32_t set);
double measured_ms(const struct measures *measures);
const struct histogram *measured_waits(const struct measures *measures, uint32_t type);

/* The queue grew without end: in the second half of the run it was never nearly as short again as in the second quarter, nor short at all.
 * What waits goes up and down with the opening hours, so only where it is lowest counts, and of each type halves and quarters are of the
 * time when nobody of it was held. The first quarter does not count: the queue began empty. */
bool measured_growth(const struct measures *measures);

#endif
