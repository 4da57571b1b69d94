/* The journal: where a batch is made durable, by one write and one flush. Two files of a fixed size are filled in turn; what is in them is
 * settled into the data file behind the scenes, and one that is settled is written over. LMDB alone flushes twice a commit, data and then
 * meta page, and grows its file: here the blocks are there already, so the disk is asked for the least it can do.
 *
 * An entry: number (8 bytes) | size (4) | crc32c of the number, the size and the bytes (4) | crc32c of the head so far (4) | bytes. Both
 * are seeded by the store's secret. Numbers go up by one. Reading ends at the first entry that does not hold: it was being written when the
 * process or the machine died, and nobody has been told of it; unless a later one stands anywhere, for then it was damaged. It refuses to
 * know what the bytes mean. Used by one thread at a time. */
#ifndef RELEVO_STORE_JOURNAL_H
#define RELEVO_STORE_JOURNAL_H

#include "proto/buffer.h"
#include "store/store_directory.h"

enum { JOURNAL_FILES = 2 };

struct journal_file {
    int fd;          /* -1: not open */
    uint64_t size;   /* where the next entry goes */
    uint64_t newest; /* number of its newest entry; 0: none */
};

struct journal {
    const char *path; /* of the directory, borrowed */
    struct journal_file files[JOURNAL_FILES];
    unsigned active; /* the one being filled */
    uint32_t seed;
};

#define JOURNAL_CLOSED ((struct journal){.files = {{.fd = -1}, {.fd = -1}}})

/* Opens the files. `make`: they may be absent or too short, and are made. corrupt: they are; not_writable, disk_full. journal_close in any
 * case. Call journal_scan before the first journal_append: that writes over what is there. */
enum status journal_open(struct journal *journal, const struct directory *directory, bool make, uint32_t seed,
                         struct store_error *error) MUST_CHECK;
void journal_close(struct journal *journal);

/* False: the entry would go over one that is newer than `settled`. */
bool journal_has_room(const struct journal *journal, uint64_t bytes, uint64_t settled);

/* Appends the pieces as one entry; durable when it returns. 0 or errno. There must be room. */
int journal_append(struct journal *journal, uint64_t number, const struct span *pieces, unsigned count) MUST_CHECK;

/* A walk over the entries from the one after `settled`, in order. */
struct journal_scan {
    struct buffer bytes[JOURNAL_FILES];
    size_t at[JOURNAL_FILES];
    uint64_t last; /* number of the entry found last */
    uint32_t seed;
};

/* corrupt: a file cannot be read. journal_scan_end in any case. */
enum status journal_scan_begin(struct journal_scan *scan, const struct journal *journal, uint64_t settled,
                               struct store_error *error) MUST_CHECK;
/* False: there is none. The entry borrows the scan. */
bool journal_scan_next(struct journal_scan *scan, struct span *entry);
/* After the last entry, and the end of the walk: true when a later one stands beyond a missing one, which no crash leaves behind. */
bool journal_scan_gap(struct journal_scan *scan);
void journal_scan_end(struct journal_scan *scan);

#endif
