#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bench/clock.h"
#include "bench/limits/limits.h"
#include "bench/scratch.h"

enum { BLOCK_BYTES = 4096, BLOCKS = 4096, BLOCKS_MAX = (1 << 30) / BLOCK_BYTES };

/* A file whose blocks all exist: writing them again changes nothing but their content. */
static bool file_fill(int file, const char block[BLOCK_BYTES])
{
    for (off_t i = 0; i < BLOCKS; i++)
        if (pwrite(file, block, BLOCK_BYTES, i * BLOCK_BYTES) != BLOCK_BYTES)
            return false;
    return fsync(file) == 0;
}

static bool blocks_write(int file, const struct limits_place *place, const struct blocks_options *options, const char block[BLOCK_BYTES],
                         struct limit *out)
{
    uint64_t begin_ns = clock_ns(), now_ns = begin_ns;
    for (off_t i = 0; now_ns < begin_ns + place->duration_ns && (i < BLOCKS_MAX || options->flushes || options->overwrites); i++) {
        off_t at = (options->overwrites ? i % BLOCKS : i) * BLOCK_BYTES;
        if (pwrite(file, block, BLOCK_BYTES, at) != BLOCK_BYTES || (options->flushes && fdatasync(file) != 0))
            return false;
        uint64_t then_ns = clock_ns();
        histogram_record(&out->ns, then_ns - now_ns);
        now_ns = then_ns;
    }
    out->per_second = (double)out->ns.count * 1e9 / (double)(now_ns - begin_ns);
    return true;
}

bool limits_blocks(const struct limits_place *place, const struct blocks_options *options, struct limit *out)
{
    char path[SCRATCH_FILE], block[BLOCK_BYTES];
    memset(block, '.', sizeof block);
    scratch_file(place->directory, "blocks", path);
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool done = file >= 0 && (!options->overwrites || file_fill(file, block)) && blocks_write(file, place, options, block, out);
    if (!done)
        command_complain(LIMITS_COMMAND, "%s: %s", path, strerror(errno));
    if (file >= 0)
        close(file);
    unlink(path);
    return done;
}
