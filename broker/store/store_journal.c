#include "store/store_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/least.h"
#include "base/little.h"

enum {
    /* Some hundred milliseconds of the heaviest load: the longer, the more batches share one transaction when they settle. A batch that is
     * larger makes its file larger. */
    FILE_BYTES = 16 << 20,
    NUMBER_BYTES = 8,        /* the head begins with it */
    FILL_BYTES = 64 << 10,   /* the kernel keeps in one piece what was written as one, and large pieces make flushes of a little slower */
    CHECKED_BYTES = 12,      /* of the head by the entry's check: number and size */
    HEAD_CHECKED_BYTES = 16, /* by its own: that check too */
    HEAD_BYTES = 20,
    PIECES_MAX = 4,
};
#define AHEAD_MAX (UINT64_C(1) << 32) /* entries: more than were ever made between two openings */

static const char *const file_names[JOURNAL_FILES] = {DIRECTORY_JOURNAL_0, DIRECTORY_JOURNAL_1};

static uint32_t entry_crc(uint32_t seed, const char *head, const struct span *pieces, unsigned count)
{
    uint32_t crc = hash_crc32c(seed, head, CHECKED_BYTES);
    for (unsigned i = 0; i < count; i++)
        crc = hash_crc32c(crc, pieces[i].data, pieces[i].size);
    return crc;
}

static enum status file_refuse(const struct journal *journal, const char *name, int code, struct store_error *error)
{
    if (code == ENOENT)
        return store_refuse(error, STATUS_corrupt, "%s: %s is missing, and with it what was acknowledged last: bring it back",
                            journal->path, name);
    if (code == ENODATA)
        return store_refuse(error, STATUS_corrupt,
                            "%s: %s is shorter than it was made, and may have lost what was acknowledged: restore a backup", journal->path,
                            name);
    if (code == ENOSPC || code == EDQUOT)
        return store_refuse(error, STATUS_disk_full, "%s: %s: %s: free some room on the device", journal->path, name, strerror(code));
    return store_refuse(error, STATUS_not_writable, "%s: %s: %s: give this user the right to write it", journal->path, name,
                        strerror(code));
}

static int write_all(int fd, struct iovec *pieces, int count, uint64_t offset)
{
    while (count > 0) {
        ssize_t written = pwritev(fd, pieces, count, (off_t)offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return errno;
        offset += (uint64_t)written;
        for (; count > 0 && (size_t)written >= pieces->iov_len; pieces++, count--)
            written -= (ssize_t)pieces->iov_len;
        if (count > 0) {
            pieces->iov_base = (char *)pieces->iov_base + written;
            pieces->iov_len -= (size_t)written;
        }
    }
    return 0;
}

/* Zeros from there to the end. Of a block that is only reserved the file system notes down when a flush first reaches it, and such a flush
 * takes half as long again as one to a block that was written before. */
static int file_fill(int fd, uint64_t from)
{
    char *zeros = must_zalloc(1, FILL_BYTES);
    int code = 0;
    for (; from < FILE_BYTES && code == 0; from += FILL_BYTES) {
        struct iovec piece = {zeros, least(FILL_BYTES, FILE_BYTES - from)};
        code = write_all(fd, &piece, 1, from);
    }
    free(zeros);
    return code;
}

/* Its blocks are reserved, so that a write never has to ask for room. 0 or errno; ENODATA: it was cut. */
static int file_open(struct journal_file *file, int directory, const char *name, bool make)
{
    struct stat stat;
    file->fd = openat(directory, name, O_RDWR | O_CLOEXEC | (make ? O_CREAT : 0), 0600);
    if (file->fd < 0 || fstat(file->fd, &stat) != 0)
        return errno;
    if (!make && stat.st_size < FILE_BYTES)
        return ENODATA;
    int code = posix_fallocate(file->fd, 0, FILE_BYTES);
    if (code == 0)
        code = file_fill(file->fd, (uint64_t)stat.st_size);
    return code ? code : fsync(file->fd) == 0 ? 0 : errno;
}

enum status journal_open(struct journal *journal, const struct directory *directory, bool make, uint32_t seed, struct store_error *error)
{
    *journal = JOURNAL_CLOSED;
    journal->path = directory->path;
    journal->seed = seed;
    for (unsigned i = 0; i < JOURNAL_FILES; i++) {
        int code = file_open(&journal->files[i], directory->fd, file_names[i], make);
        if (code)
            return file_refuse(journal, file_names[i], code, error);
    }
    /* The names are durable before anything relies on them. */
    return fsync(directory->fd) == 0 ? STATUS_ok : file_refuse(journal, ".", errno, error);
}

void journal_close(struct journal *journal)
{
    for (unsigned i = 0; i < JOURNAL_FILES; i++)
        if (journal->files[i].fd >= 0)
            close(journal->files[i].fd);
}

static bool file_fits(const struct journal_file *file, uint64_t bytes)
{
    return file->size == 0 || file->size + HEAD_BYTES + bytes <= FILE_BYTES;
}

bool journal_has_room(const struct journal *journal, uint64_t bytes, uint64_t settled)
{
    return file_fits(&journal->files[journal->active], bytes) || journal->files[!journal->active].newest <= settled;
}

int journal_append(struct journal *journal, uint64_t number, const struct span *pieces, unsigned count)
{
    ASSERT(count < PIECES_MAX);
    char head[HEAD_BYTES];
    struct iovec vectors[PIECES_MAX] = {{head, sizeof head}};
    uint64_t size = 0;
    for (unsigned i = 0; i < count; i++) {
        vectors[1 + i] = (struct iovec){(void *)(uintptr_t)pieces[i].data, pieces[i].size};
        size += pieces[i].size;
    }
    if (!file_fits(&journal->files[journal->active], size)) {
        journal->active = !journal->active;
        journal->files[journal->active].size = 0;
    }
    struct journal_file *file = &journal->files[journal->active];
    ASSERT(size <= UINT32_MAX && number > journal->files[!journal->active].newest);
    little_put(little_put(head, number, NUMBER_BYTES), size, 4);
    little_put(head + CHECKED_BYTES, entry_crc(journal->seed, head, pieces, count), 4);
    little_put(head + HEAD_CHECKED_BYTES, hash_crc32c(journal->seed, head, HEAD_CHECKED_BYTES), 4);
    int code = write_all(file->fd, vectors, 1 + (int)count, file->size);
    while (code == 0 && fdatasync(file->fd) != 0)
        if (errno != EINTR)
            code = errno;
    if (code)
        return code;
    file->size += HEAD_BYTES + size;
    file->newest = number;
    return 0;
}

static int read_file(const struct journal_file *file, struct buffer *out)
{
    struct stat stat;
    if (fstat(file->fd, &stat) != 0)
        return errno;
    char *to = buffer_reserve(out, (size_t)stat.st_size);
    while (out->size < (size_t)stat.st_size) {
        ssize_t got = pread(file->fd, to + out->size, (size_t)stat.st_size - out->size, (off_t)out->size);
        if (got <= 0)
            return got == 0 ? 0 : errno;
        out->size += (size_t)got;
    }
    return 0;
}

/* What an entry that begins at `at` would have for a number; 0: there is no room for one. */
static uint64_t number_at(const struct journal_scan *scan, unsigned file)
{
    const struct buffer *bytes = &scan->bytes[file];
    return bytes->size - scan->at[file] < HEAD_BYTES ? 0 : little_get(bytes->data + scan->at[file], NUMBER_BYTES);
}

/* The entry that begins at `at`, and its number; 0: none that holds. */
static uint64_t entry_at(const struct journal_scan *scan, unsigned file, struct span *entry)
{
    uint64_t number = number_at(scan, file);
    const char *head = scan->bytes[file].data + scan->at[file];
    if (number == 0 || little_get(head + HEAD_CHECKED_BYTES, 4) != hash_crc32c(scan->seed, head, HEAD_CHECKED_BYTES))
        return 0;
    uint64_t size = little_get(head + NUMBER_BYTES, 4);
    *entry = (struct span){head + HEAD_BYTES, (uint32_t)size};
    if (size > scan->bytes[file].size - scan->at[file] - HEAD_BYTES ||
        little_get(head + CHECKED_BYTES, 4) != entry_crc(scan->seed, head, entry, 1))
        return 0;
    return number;
}

/* Past the entries up to `number`. What follows is older again: left from the last time the file was filled. */
static void skip_until(struct journal_scan *scan, unsigned file, uint64_t number)
{
    struct span entry;
    for (uint64_t last = 0, found; (found = entry_at(scan, file, &entry)) > last && found <= number; last = found)
        scan->at[file] += HEAD_BYTES + entry.size;
}

enum status journal_scan_begin(struct journal_scan *scan, const struct journal *journal, uint64_t settled, struct store_error *error)
{
    *scan = (struct journal_scan){.last = settled, .seed = journal->seed};
    for (unsigned i = 0; i < JOURNAL_FILES; i++) {
        int code = read_file(&journal->files[i], &scan->bytes[i]);
        if (code)
            return store_refuse(error, STATUS_corrupt, "%s: %s cannot be read (%s): mend the device, or restore a backup", journal->path,
                                file_names[i], strerror(code));
        skip_until(scan, i, settled);
    }
    return STATUS_ok;
}

bool journal_scan_next(struct journal_scan *scan, struct span *entry)
{
    for (unsigned i = 0; i < JOURNAL_FILES; i++) {
        if (number_at(scan, i) != scan->last + 1 || !entry_at(scan, i, entry))
            continue;
        scan->at[i] += HEAD_BYTES + entry->size;
        scan->last++;
        return true;
    }
    return false;
}

/* From `at` on there are NUMBER_BYTES zeros. As many of them as end no later than where the next number can begin. */
static size_t zeros_at(const struct buffer *bytes, size_t at)
{
    size_t end = at + NUMBER_BYTES;
    while (bytes->size - end >= NUMBER_BYTES && little_get(bytes->data + end, NUMBER_BYTES) == 0)
        end += NUMBER_BYTES;
    return end - at - (NUMBER_BYTES - 1);
}

/* Whether an entry later than the last begins at `at` or anywhere behind it. Few places look like a head at all, and nobody can make them
 * so who does not know the seed. Tens of millions of places are looked at; a young journal is nothing but zeros, which no number is. */
static bool later_entry(struct journal_scan *scan, unsigned file)
{
    const struct buffer *bytes = &scan->bytes[file];
    struct span entry;
    for (size_t at = scan->at[file], skip; bytes->size - at >= HEAD_BYTES; at += skip) {
        uint64_t number = little_get(bytes->data + at, NUMBER_BYTES);
        skip = number ? 1 : zeros_at(bytes, at);
        if (number - scan->last - 1 >= AHEAD_MAX)
            continue;
        scan->at[file] = at;
        if (entry_at(scan, file, &entry))
            return true;
    }
    return false;
}

/* Damage hides where the next entry begins, so it may begin anywhere. */
bool journal_scan_gap(struct journal_scan *scan)
{
    for (unsigned i = 0; i < JOURNAL_FILES; i++)
        if (later_entry(scan, i))
            return true;
    return false;
}

void journal_scan_end(struct journal_scan *scan)
{
    for (unsigned i = 0; i < JOURNAL_FILES; i++)
        buffer_fini(&scan->bytes[i]);
}
