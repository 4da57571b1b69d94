#include "bench/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/command.h"

bool scratch_make(char out[SCRATCH_PATH])
{
    const char *parent = getenv("TMPDIR");
    snprintf(out, SCRATCH_PATH, "%s/relevo-bench-XXXXXX", parent && *parent ? parent : "/var/tmp");
    return mkdtemp(out) != NULL;
}

bool scratch_made(const char *command, char out[SCRATCH_PATH])
{
    bool made = scratch_make(out);
    if (!made)
        command_complain(command, "%s: %s; set TMPDIR to a directory on a disk", out, strerror(errno));
    return made;
}

void scratch_file(const char *directory, const char *name, char out[SCRATCH_FILE])
{
    snprintf(out, SCRATCH_FILE, "%s/%s", directory, name);
}

uint64_t scratch_disk_bytes(const char *directory)
{
    DIR *entries = opendir(directory);
    uint64_t bytes = 0;
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        struct stat about;
        if (fstatat(dirfd(entries), entry->d_name, &about, 0) == 0 && S_ISREG(about.st_mode))
            bytes += (uint64_t)about.st_blocks * 512;
    }
    if (entries)
        closedir(entries);
    return bytes;
}

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about, (void)kind, (void)place;
    return remove(path);
}

void scratch_remove(const char *directory)
{
    nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}
