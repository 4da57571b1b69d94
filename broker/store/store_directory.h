/* The store's directory: made when absent, refused when it is somebody else's, locked against other processes. It refuses to know what is
 * in the data file. */
#ifndef RELEVO_STORE_DIRECTORY_H
#define RELEVO_STORE_DIRECTORY_H

#include "store/store.h"

#define DIRECTORY_DATA "data.mdb"
#define DIRECTORY_NEW "new.mdb" /* a data file in the making: it is renamed when it is whole */
#define DIRECTORY_JOURNAL_0 "journal.0"
#define DIRECTORY_JOURNAL_1 "journal.1"

struct directory {
    const char *path; /* borrowed */
    int fd, lock_fd;  /* -1: not open */
    bool has_data;    /* the data file is there */
};

/* in_use, not_writable, disk_full, corrupt: files that are not a store's. directory_close in any case. */
enum status directory_open(struct directory *directory, const char *path, struct store_error *error) MUST_CHECK;
void directory_close(struct directory *directory);

/* Gives the new data file its name and makes that name durable. 0 or errno. */
int directory_adopt_new(struct directory *directory) MUST_CHECK;

/* Bytes that others leave on the device for us. */
uint64_t directory_room_bytes(const struct directory *directory);

/* Sets the text and returns the status. */
enum status store_refuse(struct store_error *error, enum status status, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
