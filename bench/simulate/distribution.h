/* Random times: how a scenario writes a distribution, and draws from it. All in milliseconds. */
#ifndef RELEVO_SIMULATE_DISTRIBUTION_H
#define RELEVO_SIMULATE_DISTRIBUTION_H

#include "base/prng.h"
#include "bench/simulate/document.h"

struct distribution {
    enum distribution_kind {
        DISTRIBUTION_never, /* infinite: nobody loses patience */
        DISTRIBUTION_fixed,
        DISTRIBUTION_exponential,
        DISTRIBUTION_lognormal,
        DISTRIBUTION_uniform,
        DISTRIBUTION_gamma,
        DISTRIBUTION_hyperexponential,
    } kind;
    double mean_ms;
    double a, b; /* lognormal: mu and sigma of the logarithm of milliseconds; uniform: min, max; gamma: shape; hyperexponential: the share
                  * of the first phase */
};

/* Reads the one key of the node that names a distribution: {exponential: 3min}, {lognormal: {mean: 3min, cv: 0.8}}, ... NULL when there is
 * none: the caller knows what else may stand there. */
struct node *distribution_find(const struct node *node);
struct distribution distribution_read(struct document *document, const struct node *node);

/* The names of all distributions, for lists of known keys. */
#define DISTRIBUTION_KEYS "exponential", "fixed", "lognormal", "uniform", "gamma", "erlang", "hyperexponential"

double distribution_draw(const struct distribution *distribution, struct prng *prng);

/* Uniform in (0, 1). */
double draw_uniform(struct prng *prng);

#endif
