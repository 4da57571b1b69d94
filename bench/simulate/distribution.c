#include "bench/simulate/distribution.h"

#include <math.h>

#include "bench/simulate/quantity.h"

static const char *const names[] = {DISTRIBUTION_KEYS};

struct node *distribution_find(const struct node *node)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct node *found = node_find(node, names[i]);
        if (found)
            return found;
    }
    return NULL;
}

/* A rate is a count in a unit of time; `mean` and a bare time are the mean interval. */
static double read_mean(struct document *document, const struct node *node)
{
    static const struct {
        const char *key;
        double ms;
    } rates[] = {{"per_second", 1e3}, {"per_minute", 6e4}, {"per_hour", 36e5}, {"per_day", 864e5}};
    if (node->kind == NODE_text)
        return quantity_time_ms(document, node, 1);
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        const struct node *rate = node_find(node, rates[i].key);
        if (rate)
            return rates[i].ms / quantity_number(document, rate, 1e-9, 1e9, 1);
    }
    const struct node *mean = node_find(node, "mean");
    if (!mean)
        node_refuse(document, node, "expected a time, or {mean: TIME}, {per_second: N}, {per_minute: N} or {per_hour: N}");
    return quantity_time_ms(document, mean, 1);
}

#define MEAN_KEYS "mean", "per_second", "per_minute", "per_hour", "per_day"

static void check_keys(struct document *document, const struct node *node, const char *const *known)
{
    if (node->kind != NODE_text)
        node_keys(document, node, known);
}

static struct distribution read_lognormal(struct document *document, const struct node *node)
{
    static const char *const known[] = {"mean", "cv", "mu", "sigma", NULL};
    struct distribution lognormal = {.kind = DISTRIBUTION_lognormal};
    const struct node *mu = node_find(node, "mu"), *mean = node_find(node, "mean");
    if (!node_keys(document, node, known))
        return lognormal;
    if (mu && node_find(node, "sigma") && !mean && !node_find(node, "cv")) {
        lognormal.a = quantity_number(document, mu, -100, 100, 0) + log(1000);
        lognormal.b = quantity_number(document, node_find(node, "sigma"), 0, 10, 0);
        lognormal.mean_ms = exp(lognormal.a + lognormal.b * lognormal.b / 2);
    } else if (mean && node_find(node, "cv") && !mu && !node_find(node, "sigma")) {
        double cv = quantity_number(document, node_find(node, "cv"), 0, 100, 1);
        lognormal.mean_ms = quantity_time_ms(document, mean, 1);
        lognormal.b = sqrt(log(1 + cv * cv));
        lognormal.a = log(lognormal.mean_ms) - lognormal.b * lognormal.b / 2;
    } else {
        node_refuse(document, node, "expected {mean: TIME, cv: NUMBER}, or {mu: NUMBER, sigma: NUMBER} of the logarithm of seconds");
    }
    return lognormal;
}

static struct distribution read_uniform(struct document *document, const struct node *node)
{
    static const char *const known[] = {"min", "max", NULL};
    struct distribution uniform = {.kind = DISTRIBUTION_uniform};
    if (!node_keys(document, node, known))
        return uniform;
    uniform.a = quantity_time_ms(document, node_find(node, "min"), 0);
    uniform.b = quantity_time_ms(document, node_find(node, "max"), -1);
    uniform.mean_ms = (uniform.a + uniform.b) / 2;
    if (uniform.b < uniform.a)
        node_refuse(document, node, "expected {min: TIME, max: TIME} with min not above max");
    return uniform;
}

static struct distribution read_gamma(struct document *document, const struct node *node)
{
    static const char *const known[] = {"phases", "shape", "cv", MEAN_KEYS, NULL};
    struct distribution gamma = {.kind = DISTRIBUTION_gamma};
    if (!node_keys(document, node, known))
        return gamma;
    const struct node *phases = node_find(node, "phases"), *shape = node_find(node, "shape"), *cv = node_find(node, "cv");
    gamma.mean_ms = read_mean(document, node);
    if (phases)
        gamma.a = (double)quantity_count(document, phases, 1, 1000000, 1);
    else if (shape)
        gamma.a = quantity_number(document, shape, 1e-3, 1e6, 1);
    else if (cv)
        gamma.a = pow(quantity_number(document, cv, 1e-3, 30, 1), -2);
    else
        node_refuse(document, node, "expected a mean, and one of phases, shape and cv");
    return gamma;
}

/* Two phases with balanced means: p1 m1 = p2 m2. */
static struct distribution read_hyperexponential(struct document *document, const struct node *node)
{
    static const char *const known[] = {"cv", MEAN_KEYS, NULL};
    struct distribution hyper = {.kind = DISTRIBUTION_hyperexponential};
    if (!node_keys(document, node, known))
        return hyper;
    double cv = quantity_number(document, node_find(node, "cv"), 1, 100, 1);
    if (!node_find(node, "cv"))
        node_refuse(document, node, "expected a mean, and a cv of at least 1");
    hyper.mean_ms = read_mean(document, node);
    hyper.a = (1 + sqrt((cv * cv - 1) / (cv * cv + 1))) / 2;
    return hyper;
}

static void check_positive(struct document *document, const struct node *node, const struct distribution *distribution)
{
    if (!(distribution->mean_ms > 0) && distribution->kind != DISTRIBUTION_fixed)
        node_refuse(document, node, "expected a mean above 0");
}

struct distribution distribution_read(struct document *document, const struct node *node)
{
    static const char *const mean_keys[] = {MEAN_KEYS, NULL};
    struct distribution distribution = {.kind = DISTRIBUTION_exponential};
    if (strcmp(node->key, "lognormal") == 0) {
        distribution = read_lognormal(document, node);
    } else if (strcmp(node->key, "uniform") == 0) {
        distribution = read_uniform(document, node);
    } else if (strcmp(node->key, "gamma") == 0 || strcmp(node->key, "erlang") == 0) {
        distribution = read_gamma(document, node);
    } else if (strcmp(node->key, "hyperexponential") == 0) {
        distribution = read_hyperexponential(document, node);
    } else {
        check_keys(document, node, mean_keys);
        distribution.kind = strcmp(node->key, "fixed") == 0 ? DISTRIBUTION_fixed : DISTRIBUTION_exponential;
        distribution.mean_ms = read_mean(document, node);
    }
    check_positive(document, node, &distribution);
    return distribution;
}

/* The middle of one of 2^53 equal parts: never 0 or 1. */
double draw_uniform(struct prng *prng)
{
    return ((double)(prng_next(prng) >> 11) + 0.5) * 0x1p-53;
}

static double draw_exponential(struct prng *prng)
{
    return -log(draw_uniform(prng));
}

/* Box and Muller 1958; the second value is not kept, so that every draw takes the same number of random numbers. */
static double draw_normal(struct prng *prng)
{
    double radius = sqrt(2 * draw_exponential(prng));
    return radius * cos(2 * 3.14159265358979323846 * draw_uniform(prng));
}

/* Mean 1. Marsaglia and Tsang 2000; below shape 1 by the power of a uniform, as they say. */
static double draw_gamma(double shape, struct prng *prng)
{
    double boost = shape < 1 ? pow(draw_uniform(prng), 1 / shape) : 1;
    double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double x = draw_normal(prng), v = pow(1 + c * x, 3);
        if (v > 0 && log(draw_uniform(prng)) < x * x / 2 + d - d * v + d * log(v))
            return boost * d * v / shape;
    }
}

static double draw_hyperexponential(double share, struct prng *prng)
{
    double phase = draw_uniform(prng) < share ? share : 1 - share;
    return draw_exponential(prng) / (2 * phase);
}

double distribution_draw(const struct distribution *distribution, struct prng *prng)
{
    switch (distribution->kind) {
    case DISTRIBUTION_never:
        return INFINITY;
    case DISTRIBUTION_fixed:
        return distribution->mean_ms;
    case DISTRIBUTION_exponential:
        return distribution->mean_ms * draw_exponential(prng);
    case DISTRIBUTION_lognormal:
        return exp(distribution->a + distribution->b * draw_normal(prng));
    case DISTRIBUTION_uniform:
        return distribution->a + (distribution->b - distribution->a) * draw_uniform(prng);
    case DISTRIBUTION_gamma:
        return distribution->mean_ms * draw_gamma(distribution->a, prng);
    case DISTRIBUTION_hyperexponential:
        return distribution->mean_ms * draw_hyperexponential(distribution->a, prng);
    }
    return 0;
}
