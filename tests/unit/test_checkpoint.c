#include "node/checkpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"
#include "limits.h"

static void a_commit_far_from_the_limit_takes_no_rows_and_one_beyond_it_takes_all(void **state)
{
    (void)state;
    assert_int_equal(checkpoint_pace(1, 0, 0), 0);
    assert_int_equal(checkpoint_pace(1, 1000, 1000), 0);
    assert_int_equal(checkpoint_pace(1, 5000, UINT64_MAX / 2), 5000);
    assert_int_equal(checkpoint_pace(1 << 20, 1 << 24, LIMIT_REPLAY_RECORDS), LIMIT_ROWS_PER_BATCH_MAX);
}

static void slices_clean_everything_before_long(void **state)
{
    (void)state;
    uint64_t dirty = 1000 * 1000, slices = 0;
    for (; dirty; slices++)
        dirty -= checkpoint_slice(dirty);
    assert_true(slices < 400);
    assert_int_equal(checkpoint_slice(UINT64_MAX), LIMIT_ROWS_PER_BATCH_MAX);
}

static void the_nearer_the_limit_the_more_rows_go_with_a_commit(void **state)
{
    (void)state;
    uint64_t last = 0;
    for (uint64_t replay = 0; replay <= LIMIT_REPLAY_RECORDS; replay += LIMIT_REPLAY_RECORDS / 64) {
        uint64_t rows = checkpoint_pace(1000, 20000, replay);
        assert_true(rows >= last);
        last = rows;
    }
    assert_int_equal(last, 20000);
}

/* A broker reduced to its checkpoints: entities become dirty by records, the oldest dirty ones are written with each commit. */
struct model {
    uint64_t *since;      /* by entity: the record since which it is dirty; 0: clean */
    uint64_t *dirty;      /* entities in the order they became dirty */
    uint64_t first, last; /* of `dirty` */
    uint64_t newest, replay_max;
};

static void model_batch(struct model *model, uint64_t records, uint64_t entities, struct prng *prng)
{
    for (uint64_t i = 0; i < records; i++) {
        uint64_t entity = prng_below(prng, entities);
        model->newest++;
        if (model->since[entity])
            continue;
        model->since[entity] = model->newest;
        model->dirty[model->last++] = entity;
    }
    uint64_t from = model->first < model->last ? model->since[model->dirty[model->first]] : model->newest + 1;
    uint64_t replay = model->newest + 1 - from;
    if (replay > model->replay_max)
        model->replay_max = replay;
    uint64_t rows = checkpoint_pace(records, model->last - model->first, replay);
    for (; rows && model->first < model->last; rows--)
        model->since[model->dirty[model->first++]] = 0;
}

static void check_replay_stays_bounded(uint64_t records, uint64_t entities)
{
    enum { BATCHES_RECORDS = 8 << 20 };
    struct model model = {.since = calloc(entities, sizeof(uint64_t)), .dirty = calloc(BATCHES_RECORDS, sizeof(uint64_t))};
    struct prng prng;
    prng_init(&prng, entities);
    while (model.newest + records < BATCHES_RECORDS)
        model_batch(&model, records, entities, &prng);
    assert_true(model.replay_max <= LIMIT_REPLAY_RECORDS);
    free(model.since);
    free(model.dirty);
}

static void a_restart_never_replays_more_than_the_limit(void **state)
{
    (void)state;
    check_replay_stays_bounded(64, 1000);
    check_replay_stays_bounded(64, 100 * 1000);
    check_replay_stays_bounded(4096, 100 * 1000);
    check_replay_stays_bounded(4096, 1000 * 1000 * 1000 / 256); /* nearly every record makes another row dirty */
    check_replay_stays_bounded(30 * 1000, 2000 * 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_commit_far_from_the_limit_takes_no_rows_and_one_beyond_it_takes_all),
        cmocka_unit_test(slices_clean_everything_before_long),
        cmocka_unit_test(the_nearer_the_limit_the_more_rows_go_with_a_commit),
        cmocka_unit_test(a_restart_never_replays_more_than_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
