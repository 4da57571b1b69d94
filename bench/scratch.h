/* A directory for as long as a measurement lasts, on a disk. */
#ifndef RELEVO_BENCH_SCRATCH_H
#define RELEVO_BENCH_SCRATCH_H

#include <stdbool.h>
#include <stdint.h>

enum { SCRATCH_PATH = 256, SCRATCH_FILE = 512 };

/* Makes one under TMPDIR, or /var/tmp: /tmp may be memory, and flushing it free. False: errno says why, `out` says where. */
bool scratch_make(char out[SCRATCH_PATH]);

/* The same, but complains. */
bool scratch_made(const char *command, char out[SCRATCH_PATH]);

void scratch_file(const char *directory, const char *name, char out[SCRATCH_FILE]);

/* What the files right in a directory take on the disk. */
uint64_t scratch_disk_bytes(const char *directory);

/* Removes it with all that is in it. */
void scratch_remove(const char *directory);

#endif
