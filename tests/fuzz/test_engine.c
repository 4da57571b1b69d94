/* Random lives of an engine, with restarts from partial checkpoints at random moments. After every event the invariants must hold, and
 * after every restart the digest is the one before. A seed that fails is printed; add it to `seeds` for good. RELEVO_SEED=N lives that one
 * life, RELEVO_SEED=N-M all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "life.h"

enum { STEPS = 1500, SEEDS_FIRST = 1, SEEDS_LAST = 40 };

/* Each of them has found something in lives drawn as they are now. */
static const uint64_t seeds[] = {610, 1001, 1005, 1011, 1034, 1038, 1062, 1219, 1425};

static void live(uint64_t seed)
{
    struct life *life = test_calloc(1, sizeof *life);
    prng_init(&life->prng, seed);
    life->world.now_ms = WORLD_START_MS;
    life_draw_config(life);
    world_open(&life->world, &life->config.config);
    for (int step = 0; step < STEPS; step++) {
        life_goes_on(life);
        if (life->world.broken)
            fail_msg("seed %llu, step %d: %s", (unsigned long long)seed, step, life->world.broken);
    }
    world_close(&life->world);
    test_free(life);
}

static void live_all(uint64_t first, uint64_t last)
{
    for (uint64_t seed = first; seed <= last; seed++)
        live(seed);
}

static void the_invariants_hold_and_restarts_lose_nothing(void **state)
{
    (void)state;
    const char *given = getenv("RELEVO_SEED");
    if (given) {
        char *end;
        uint64_t first = strtoull(given, &end, 10);
        live_all(first, *end == '-' ? strtoull(end + 1, NULL, 10) : first);
        return;
    }
    for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++)
        live(seeds[i]);
    live_all(SEEDS_FIRST, SEEDS_LAST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_invariants_hold_and_restarts_lose_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
