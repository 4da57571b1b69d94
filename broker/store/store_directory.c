#include "store/store_directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/check.h"

#define DIRECTORY_LOCK "lock"

enum status store_refuse(struct store_error *error, enum status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return status;
}

static enum status refuse_errno(struct store_error *error, const char *path, const char *what)
{
    if (errno == ENOSPC || errno == EDQUOT)
        return store_refuse(error, STATUS_disk_full, "%s: cannot %s: %s: free some room on the device", path, what, strerror(errno));
    return store_refuse(error, STATUS_not_writable, "%s: cannot %s: %s: name a directory that this user may make and write", path, what,
                        strerror(errno));
}

/* Also without a data file. */
static bool ours(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, DIRECTORY_LOCK) == 0 || strcmp(name, DIRECTORY_NEW) == 0;
}

/* Without a data file the directory must be empty but for what a start that was cut short leaves. A lock.mdb alone is not that: its data
 * file was taken away. */
static enum status look(struct directory *directory, struct store_error *error)
{
    int fd = openat(directory->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = fd >= 0 ? fdopendir(fd) : NULL;
    if (!listing)
        return refuse_errno(error, directory->path, "list the directory");
    char foreign[64] = "";
    directory->has_data = false;
    for (const struct dirent *entry; (entry = readdir(listing));) {
        directory->has_data |= strcmp(entry->d_name, DIRECTORY_DATA) == 0;
        if (!ours(entry->d_name))
            snprintf(foreign, sizeof foreign, "%.63s", entry->d_name);
    }
    closedir(listing);
    if (directory->has_data || !foreign[0])
        return STATUS_ok;
    return store_refuse(error, STATUS_corrupt,
                        "%s: holds %s but no %s, so it is not a store: name an empty directory, or bring the data file back",
                        directory->path, foreign, DIRECTORY_DATA);
}

/* An open file description's lock: unlike a process's it also holds against a second store in this process. The file tells who holds it. */
static enum status lock(struct directory *directory, struct store_error *error)
{
    directory->lock_fd = openat(directory->fd, DIRECTORY_LOCK, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (directory->lock_fd < 0)
        return refuse_errno(error, directory->path, "open its lock file");
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(directory->lock_fd, F_OFD_SETLK, &whole) == 0) {
        int written = ftruncate(directory->lock_fd, 0) == 0 ? dprintf(directory->lock_fd, "%d\n", (int)getpid()) : -1;
        return written > 0 ? STATUS_ok : refuse_errno(error, directory->path, "write its lock file");
    }
    if (errno != EAGAIN && errno != EACCES)
        return refuse_errno(error, directory->path, "lock its lock file");
    char holder[16] = "";
    ssize_t size = read(directory->lock_fd, holder, sizeof holder - 1);
    return store_refuse(error, STATUS_in_use, "%s: in use by process %ld: stop that one first, or name another directory", directory->path,
                        size > 0 ? strtol(holder, NULL, 10) : 0);
}

enum status directory_open(struct directory *directory, const char *path, struct store_error *error)
{
    *directory = (struct directory){.path = path, .fd = -1, .lock_fd = -1};
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return refuse_errno(error, path, "make the directory");
    directory->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory->fd < 0)
        return refuse_errno(error, path, "open the directory");
    /* Looked at before anything is written into what may be somebody else's, and again when nobody else can change it. */
    enum status status = look(directory, error);
    if (status == STATUS_ok)
        status = lock(directory, error);
    return status == STATUS_ok ? look(directory, error) : status;
}

void directory_close(struct directory *directory)
{
    if (directory->lock_fd >= 0)
        close(directory->lock_fd);
    if (directory->fd >= 0)
        close(directory->fd);
}

/* The directory's own name, which this start or one before it may have made. Who may not open the one above it flushes everything. */
static int sync_above(const struct directory *directory)
{
    int fd = openat(directory->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = fd >= 0 ? fsync(fd) : syncfs(directory->fd);
    int code = result == 0 ? 0 : errno;
    if (fd >= 0)
        close(fd);
    return code;
}

int directory_adopt_new(struct directory *directory)
{
    int code = sync_above(directory);
    if (code)
        return code;
    if (renameat(directory->fd, DIRECTORY_NEW, directory->fd, DIRECTORY_DATA) != 0 || fsync(directory->fd) != 0)
        return errno;
    directory->has_data = true;
    return 0;
}

uint64_t directory_room_bytes(const struct directory *directory)
{
    struct statvfs device;
    if (fstatvfs(directory->fd, &device) != 0)
        return 0;
    return (uint64_t)device.f_bavail * device.f_frsize;
}
