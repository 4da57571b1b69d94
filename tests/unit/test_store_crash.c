/* Power cuts, many in a row: what was reported durable is there in the next life, and the log is an unbroken run.
 *
 * A cut leaves the data file as some commit of LMDB left it, and the journal as before or after the write that it interrupted, or any
 * mixture of the two by sectors. So the test keeps the data file as each settling leaves it, the journal before and after one more batch,
 * mixes the two, and puts that in the store's place. */
#include <fcntl.h>
#include <sys/stat.h>

#include "tests/lib/store_world.h"

enum {
    LIVES = 24,
    BATCHES_PER_LIFE = 40,
    BATCHES_MAX = LIVES * (BATCHES_PER_LIFE + 2),
    KEYS = 8, /* each batch writes one of them anew: the journal goes round, the data file stays small */
    VALUE_MAX = 1 << 20,
    VALUE_HUGE = 17 << 20, /* more than a file of the journal */
    SECTOR_BYTES = 512,
    FILES = 3,
};

static const char *const file_names[FILES] = {"data.mdb", "journal.0", "journal.1"};

struct image {
    char *bytes;
    size_t size;
};

struct crash {
    struct world *world;
    struct prng prng;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct image data; /* as the newest settling left it */
    uint64_t data_settled;
    uint32_t commits, submits;        /* of this life: reported, and asked for */
    uint64_t batches, lsn;            /* made, in all lives */
    uint64_t last_lsn[BATCHES_MAX];   /* of each batch */
    uint32_t value_size[BATCHES_MAX]; /* of the key that it writes */
};

static void image_read(const struct crash *crash, int file, struct image *image)
{
    char path[128];
    struct stat stat;
    world_file(crash->world, file_names[file], path);
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && fstat(fd, &stat) == 0);
    image->size = (size_t)stat.st_size;
    image->bytes = must_grow(image->bytes, image->size);
    for (size_t at = 0; at < image->size;) {
        ssize_t got = pread(fd, image->bytes + at, image->size - at, (off_t)at);
        assert_true(got > 0);
        at += (size_t)got;
    }
    close(fd);
}

static void image_write(const struct crash *crash, int file, const struct image *image)
{
    char path[128];
    world_file(crash->world, file_names[file], path);
    int fd = open(path, O_WRONLY | O_TRUNC);
    assert_true(fd >= 0);
    for (size_t at = 0; at < image->size;) {
        ssize_t put = write(fd, image->bytes + at, image->size - at);
        assert_true(put > 0);
        at += (size_t)put;
    }
    close(fd);
}

/* --- a life --- */

static void on_committed(void *context, uint64_t newest_lsn)
{
    struct crash *crash = context;
    (void)newest_lsn;
    pthread_mutex_lock(&crash->mutex);
    crash->commits++;
    pthread_cond_signal(&crash->changed);
    pthread_mutex_unlock(&crash->mutex);
}

/* On the thread that writes the data file, between two commits of it. */
static void on_settled(void *context)
{
    struct crash *crash = context;
    pthread_mutex_lock(&crash->mutex);
    image_read(crash, 0, &crash->data);
    crash->data_settled = store_settled(crash->world->store);
    pthread_cond_signal(&crash->changed);
    pthread_mutex_unlock(&crash->mutex);
}

static void await_durable(struct crash *crash)
{
    pthread_mutex_lock(&crash->mutex);
    while (crash->commits < crash->submits)
        pthread_cond_wait(&crash->changed, &crash->mutex);
    pthread_mutex_unlock(&crash->mutex);
}

static struct span key_of(uint64_t batch, char out[1])
{
    out[0] = (char)('a' + batch * 7 % KEYS);
    return (struct span){out, 1};
}

/* Each tells whose it is. */
static void put_value(struct store_batch *to, uint64_t batch, uint32_t size)
{
    char key[1], *value = must_alloc(size);
    memset(value, (int)(batch % 251), size);
    memcpy(value, &batch, sizeof batch);
    store_put(to, TABLE_open, key_of(batch, key), (struct span){value, size});
    store_put(to, TABLE_meta, span_of("batch"), (struct span){(const char *)&batch, sizeof batch});
    free(value);
}

static void write_batch(struct crash *crash)
{
    struct prng *prng = &crash->prng;
    uint64_t number = crash->batches++, records = prng_below(prng, 4);
    uint32_t size = prng_below(prng, 60) == 0 ? VALUE_HUGE : 8 + (uint32_t)prng_below(prng, prng_below(prng, 3) ? VALUE_MAX : 600);
    bool alone = prng_below(prng, 2);
    if (alone)
        await_durable(crash);
    struct store_batch *batch = store_batch(crash->world->store);
    world_append(batch, crash->lsn + 1, crash->lsn + records);
    crash->lsn += records;
    crash->last_lsn[number] = crash->lsn;
    crash->value_size[number] = size;
    put_value(batch, number, size);
    if (alone) {
        store_commit(crash->world->store, batch);
    } else {
        crash->submits++;
        store_submit(crash->world->store, batch);
    }
}

/* Nothing is written into the journal meanwhile, and nothing was that relies on more than crash->data has. */
static void journal_read(struct crash *crash, struct image images[FILES])
{
    await_durable(crash);
    pthread_mutex_lock(&crash->mutex);
    while (crash->data_settled < store_settled(crash->world->store))
        pthread_cond_wait(&crash->changed, &crash->mutex);
    for (int file = 1; file < FILES; file++)
        image_read(crash, file, &images[file]);
    images[0].size = crash->data.size;
    images[0].bytes = must_grow(images[0].bytes, crash->data.size);
    memcpy(images[0].bytes, crash->data.bytes, crash->data.size);
    pthread_mutex_unlock(&crash->mutex);
}

/* Some of the sectors that the write changed are on the disk: all, none, those of the front, or any. */
static void tear(struct crash *crash, struct image *before, const struct image *after)
{
    uint64_t way = prng_below(&crash->prng, 4), left = prng_below(&crash->prng, 64);
    if (after->size > before->size) {
        before->bytes = must_grow(before->bytes, after->size);
        memset(before->bytes + before->size, 0, after->size - before->size);
        before->size = after->size;
    }
    for (size_t at = 0; at < before->size; at += SECTOR_BYTES) {
        size_t size = before->size - at < SECTOR_BYTES ? before->size - at : SECTOR_BYTES;
        if (memcmp(before->bytes + at, after->bytes + at, size) == 0)
            continue;
        if (way == 0 || (way == 1 && left > 0) || (way == 2 && prng_below(&crash->prng, 8)))
            memcpy(before->bytes + at, after->bytes + at, size);
        left -= left > 0;
    }
}

/* --- the next life --- */

static void open_store(struct crash *crash)
{
    const struct store_options options = {
        .directory = crash->world->path, .map_bytes = MAP_BYTES, .on_committed = on_committed, .on_settled = on_settled, .context = crash};
    struct store_error error = {""};
    enum status status = store_open(&options, &crash->world->store, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_ok);
    crash->commits = crash->submits = 0;
    image_read(crash, 0, &crash->data);
    crash->data_settled = store_settled(crash->world->store);
}

static void assert_value(struct store_reader *reader, const struct crash *crash, uint64_t batch)
{
    struct span value;
    char key[1];
    uint64_t found;
    assert_int_equal(store_find(reader, TABLE_open, key_of(batch, key), &value), STATUS_ok);
    memcpy(&found, value.data, sizeof found);
    assert_int_equal(found, batch);
    assert_int_equal(value.size, crash->value_size[batch]);
    assert_int_equal((unsigned char)value.data[value.size - 1], value.size > sizeof batch ? batch % 251 : 0);
}

/* At least the first `durable` batches are there, in log and tables alike, and at most those that were made. */
static void assert_kept(struct crash *crash, uint64_t durable)
{
    struct store_reader *reader = store_reader(crash->world->store);
    struct span value;
    uint64_t kept = 0;
    if (store_find(reader, TABLE_meta, span_of("batch"), &value) == STATUS_ok) {
        memcpy(&kept, value.data, sizeof kept);
        kept++;
    }
    assert_in_range(kept, durable, crash->batches);
    for (uint64_t i = 0; i < KEYS && i < kept; i++)
        assert_value(reader, crash, kept - 1 - i);
    store_reader_free(reader);
    crash->batches = kept;
    crash->lsn = kept ? crash->last_lsn[kept - 1] : 0;
    world_assert_log(crash->world, crash->lsn);
}

/* One life, and the cut that ends it. How many batches were durable. */
static uint64_t live(struct crash *crash, struct image before[FILES], struct image after[FILES])
{
    for (uint64_t count = prng_below(&crash->prng, 3) ? prng_below(&crash->prng, BATCHES_PER_LIFE) : 0; count > 0; count--)
        write_batch(crash);
    journal_read(crash, before);
    uint64_t durable = crash->batches;
    write_batch(crash);
    journal_read(crash, after);
    world_close(crash->world);
    for (int file = 1; file < FILES; file++) {
        tear(crash, &before[file], &after[file]);
        image_write(crash, file, &before[file]);
    }
    image_write(crash, 0, &after[0]);
    return durable;
}

static void nothing_durable_is_lost_by_power_cuts(void **state)
{
    struct crash *crash = must_zalloc(1, sizeof *crash);
    struct image before[FILES] = {0}, after[FILES] = {0};
    uint64_t durable = 0;
    crash->world = *state;
    prng_init(&crash->prng, 7);
    pthread_mutex_init(&crash->mutex, NULL);
    pthread_cond_init(&crash->changed, NULL);
    for (int life = 0; life < LIVES; life++) {
        open_store(crash);
        assert_kept(crash, durable);
        durable = live(crash, before, after);
    }
    open_store(crash);
    assert_kept(crash, durable);
    world_close(crash->world);
    for (int file = 0; file < FILES; file++) {
        free(before[file].bytes);
        free(after[file].bytes);
    }
    free(crash->data.bytes);
    pthread_cond_destroy(&crash->changed);
    pthread_mutex_destroy(&crash->mutex);
    free(crash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_durable_is_lost_by_power_cuts, world_setup, world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
