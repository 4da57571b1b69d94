/* xoshiro256** (Blackman and Vigna 2018), seeded by splitmix64. For jitter only; what it decides is stored, never redrawn. */
#ifndef RELEVO_PRNG_H
#define RELEVO_PRNG_H

#include <stdint.h>

struct prng {
    uint64_t state[4];
};

void prng_init(struct prng *prng, uint64_t seed);
uint64_t prng_next(struct prng *prng);

/* Uniform in [0, bound), bound > 0, without modulo bias. */
uint64_t prng_below(struct prng *prng, uint64_t bound);

#endif
