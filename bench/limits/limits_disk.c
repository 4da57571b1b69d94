#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bench/clock.h"
#include "bench/limits/limits.h"
#include "bench/scratch.h"

enum { BLOCK_BYTES = 4096, BLOCKS = 4096 };

/* A file whose blocks all exist: writing them again changes nothing but their content. */
static bool file_fill(int file, const char block[BLOCK_BYTES])
{
    for (off_t i = 0; i < BLOCKS; i++)
        if (pwrite(file, block, BLOCK_BYTES, i * BLOCK_BYTES) != BLOCK_BYTES)
            return false;
    return fsync(file) == 0;
}

static bool blocks_flush(int file, const struct limits_place *place, bool overwrite, const char block[BLOCK_BYTES], struct limit *out)
{
    uint64_t begin_ns = clock_ns(), now_ns = begin_ns;
    for (off_t i = 0; now_ns < begin_ns + place->duration_ns; i++) {
        off_t at = (overwrite ? i % BLOCKS : i) * BLOCK_BYTES;
        if (pwrite(file, block, BLOCK_BYTES, at) != BLOCK_BYTES || fdatasync(file) != 0)
            return false;
        uint64_t then_ns = clock_ns();
        histogram_record(&out->ns, then_ns - now_ns);
        now_ns = then_ns;
    }
    out->per_second = (double)out->ns.count * 1e9 / (double)(now_ns - begin_ns);
    return true;
}

bool limits_flush(const struct limits_place *place, bool overwrite, struct limit *out)
{
    char path[SCRATCH_FILE], block[BLOCK_BYTES];
    memset(block, '.', sizeof block);
    scratch_file(place->directory, "flush", path);
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool done = file >= 0 && (!overwrite || file_fill(file, block)) && blocks_flush(file, place, overwrite, block, out);
    if (!done)
        command_complain(LIMITS_COMMAND, "%s: %s", path, strerror(errno));
    if (file >= 0)
        close(file);
    unlink(path);
    return done;
}
