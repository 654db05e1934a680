/* directory_storage.c - segments as files of a directory, named by their base in 20 digits.
 *
 * The lock is an flock on a descriptor of this storage's own, so that it keeps out another storage
 * of the same process as well as other processes, and ends with the process. A segment is written
 * beside, synced and renamed: whoever sees its name sees its first frame. What the cleaner writes
 * grows in a directory inside, so that its appends wake nobody.
 */
#include "journal/log_storage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"

enum { PIECES_AT_ONCE = 256 };

typedef struct directory_storage {
    sf_log_storage storage; /* first: it is one */
    char *path;
    int lock_fd;
    int cleaner_fd; /* while this is the one who cleans, else -1 */
} directory_storage;

typedef struct file_segment {
    sf_log_segment segment; /* first: it is one */
    char *path;
    char *final_path; /* of one that nobody sees yet; NULL: it is there */
    int fd;
} file_segment;

static const sf_log_storage_ops directory_ops;

static directory_storage *directory_of(sf_log_storage *storage)
{
    return (directory_storage *)storage;
}

static file_segment *file_of(sf_log_segment *segment)
{
    return (file_segment *)segment;
}

static bool is_out_of_room(int number)
{
    return number == ENOSPC || number == EDQUOT || number == EFBIG;
}

sf_status sf_directory_storage_new(const char *path, sf_log_storage **storage, sf_error *err)
{
    sf_status status = sf_directory_make(path, err);
    directory_storage *made;
    char *lock_path;
    int lock_fd;

    if (status)
        return status;
    lock_path = sf_text_printf("%s/lock", path);
    lock_fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (lock_fd < 0) {
        status = sf_fail(err, SF_IO, "cannot write in the journal's directory %s: %s", path,
                         strerror(errno));
        free(lock_path);
        return status;
    }
    free(lock_path);
    made = sf_zalloc(sizeof(*made));
    made->path = sf_text_copy(path);
    made->storage = (sf_log_storage){&directory_ops, made->path, true};
    made->lock_fd = lock_fd;
    made->cleaner_fd = -1;
    *storage = &made->storage;
    return SF_OK;
}

static void directory_free(sf_log_storage *storage)
{
    directory_storage *directory = directory_of(storage);

    (void)close(directory->lock_fd); /* only ever locked */
    free(directory->path);
    free(directory);
}

static sf_status directory_lock(sf_log_storage *storage, sf_error *err)
{
    while (flock(directory_of(storage)->lock_fd, LOCK_EX))
        if (errno != EINTR)
            return sf_fail(err, SF_IO, "cannot lock %s/lock: %s", storage->name, strerror(errno));
    return SF_OK;
}

static void directory_unlock(sf_log_storage *storage)
{
    (void)flock(directory_of(storage)->lock_fd, LOCK_UN); /* cannot fail on a lock held */
}

static char *path_of(const directory_storage *directory, int64_t base)
{
    return sf_text_printf("%s/%020" PRId64 ".journal", directory->path, base);
}

/* Whether the name is a segment's. */
static bool base_of(const char *name, int64_t *base)
{
    int length = 0;

    return sscanf(name, "%20" SCNd64 ".journal%n", base, &length) == 1 && length == 28 &&
           !name[length] && *base >= 0;
}

static int by_base(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

static sf_status directory_list(sf_log_storage *storage, int64_t **bases, size_t *count,
                                sf_error *err)
{
    DIR *directory = opendir(storage->name);
    size_t found = 0, room = 0;
    int64_t *list = NULL;
    struct dirent *entry;

    if (!directory)
        return sf_fail(err, SF_IO, "cannot open directory %s: %s", storage->name, strerror(errno));
    while ((entry = readdir(directory))) {
        int64_t base;

        if (!base_of(entry->d_name, &base))
            continue;
        if (found == room) {
            room = room ? room * 2 : 16;
            list = sf_realloc_array(list, room, sizeof(*list));
        }
        list[found++] = base;
    }
    (void)closedir(directory); /* opened for reading */
    if (found)
        qsort(list, found, sizeof(*list), by_base);
    *bases = list;
    *count = found;
    return SF_OK;
}

static sf_status directory_create(sf_log_storage *storage, int64_t base, sf_bytes contents,
                                  sf_error *err)
{
    char *path = path_of(directory_of(storage), base);
    sf_status status;

    errno = 0;
    status = sf_file_replace(path, contents, err);
    if (status && is_out_of_room(errno)) {
        status = SF_RETRY;
        if (err)
            err->status = SF_RETRY;
    }
    free(path);
    return status;
}

/* Owns path from now on, also when it fails. */
static sf_status open_file(char *path, int64_t base, int flags, file_segment **segment,
                           sf_error *err)
{
    int fd = open(path, O_RDWR | O_CLOEXEC | flags, 0644);
    file_segment *opened;

    if (fd < 0) {
        sf_status status = sf_fail_with(err, is_out_of_room(errno) ? SF_RETRY : SF_STOP,
                                        errno == ENOENT ? SF_NOT_FOUND : SF_IO,
                                        "cannot open %s: %s", path, strerror(errno));

        free(path);
        return status;
    }
    opened = sf_zalloc(sizeof(*opened));
    opened->segment = (sf_log_segment){&directory_ops, base};
    opened->path = path;
    opened->fd = fd;
    *segment = opened;
    return SF_OK;
}

static sf_status directory_open(sf_log_storage *storage, int64_t base, sf_log_segment **segment,
                                sf_error *err)
{
    file_segment *opened = NULL;
    sf_status status = open_file(path_of(directory_of(storage), base), base, 0, &opened, err);

    if (!status)
        *segment = &opened->segment;
    return status;
}

static void file_close(sf_log_segment *segment)
{
    file_segment *file = file_of(segment);

    (void)close(file->fd); /* what counts was synced */
    free(file->path);
    free(file->final_path);
    free(file);
}

static sf_status file_size(sf_log_segment *segment, size_t *size, sf_error *err)
{
    struct stat found;

    if (fstat(file_of(segment)->fd, &found))
        return sf_fail(err, SF_IO, "cannot see %s: %s", file_of(segment)->path, strerror(errno));
    *size = (size_t)found.st_size;
    return SF_OK;
}

static sf_status file_read(sf_log_segment *segment, size_t at, void *data, size_t size, size_t *got,
                           sf_error *err)
{
    size_t done = 0;

    while (done < size) {
        ssize_t part =
            pread(file_of(segment)->fd, (uint8_t *)data + done, size - done, (off_t)(at + done));

        if (part < 0 && errno == EINTR)
            continue;
        if (part < 0)
            return sf_fail(err, SF_IO, "cannot read %s: %s", file_of(segment)->path,
                           strerror(errno));
        if (!part)
            break;
        done += (size_t)part;
    }
    *got = done;
    return SF_OK;
}

/* Takes size written bytes off the front of the vectors. */
static size_t pass(struct iovec *vectors, size_t count, size_t size)
{
    size_t whole = 0;

    while (whole < count && size >= vectors[whole].iov_len)
        size -= vectors[whole++].iov_len;
    if (whole < count) {
        vectors[whole].iov_base = (uint8_t *)vectors[whole].iov_base + size;
        vectors[whole].iov_len -= size;
    }
    return whole;
}

static sf_status write_vectors(file_segment *file, size_t *at, struct iovec *vectors, size_t count,
                               sf_error *err)
{
    while (count) {
        ssize_t written = pwritev(file->fd, vectors, (int)count, (off_t)*at);
        size_t whole;

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return sf_fail_with(err, is_out_of_room(errno) ? SF_RETRY : SF_STOP, SF_IO,
                                "cannot write %s: %s", file->path, strerror(errno));
        *at += (size_t)written;
        whole = pass(vectors, count, (size_t)written);
        vectors += whole;
        count -= whole;
    }
    return SF_OK;
}

static sf_status file_append(sf_log_segment *segment, size_t at, const sf_bytes *pieces,
                             size_t count, sf_error *err)
{
    sf_status status = SF_OK;
    size_t done = 0;

    while (!status && done < count) {
        struct iovec vectors[PIECES_AT_ONCE];
        size_t taken = 0;

        for (; taken < PIECES_AT_ONCE && done < count; done++)
            if (pieces[done].size)
                vectors[taken++] =
                    (struct iovec){(void *)(uintptr_t)pieces[done].data, pieces[done].size};
        status = write_vectors(file_of(segment), &at, vectors, taken, err);
    }
    return status;
}

static sf_status file_cut(sf_log_segment *segment, size_t size, sf_error *err)
{
    if (ftruncate(file_of(segment)->fd, (off_t)size))
        return sf_fail(err, SF_IO, "cannot cut %s: %s", file_of(segment)->path, strerror(errno));
    return SF_OK;
}

static sf_status file_sync(sf_log_segment *segment, sf_error *err)
{
    if (fdatasync(file_of(segment)->fd))
        return sf_fail(err, SF_IO, "cannot sync %s: %s", file_of(segment)->path, strerror(errno));
    return SF_OK;
}

/* ---- cleaning ---- */

static sf_status directory_lock_cleaner(sf_log_storage *storage, bool *got, sf_error *err)
{
    directory_storage *directory = directory_of(storage);
    char *path = sf_text_printf("%s/cleaner", directory->path);
    sf_error why = {0};
    sf_status status = sf_file_lock(path, &directory->cleaner_fd, &why);

    free(path);
    *got = !status;
    if (!status || why.code == SF_BUSY)
        return SF_OK;
    return sf_fail(err, why.code, "%s", why.text);
}

static void directory_unlock_cleaner(sf_log_storage *storage)
{
    directory_storage *directory = directory_of(storage);

    (void)close(directory->cleaner_fd); /* only ever locked */
    directory->cleaner_fd = -1;
}

static sf_status directory_begin(sf_log_storage *storage, int64_t base, sf_log_segment **segment,
                                 sf_error *err)
{
    const directory_storage *directory = directory_of(storage);
    char *inside = sf_text_printf("%s/cleaning", directory->path);
    char *path = sf_text_printf("%s/%020" PRId64 ".journal", inside, base);
    file_segment *begun = NULL;
    sf_status status = sf_directory_remove(inside, err);

    if (!status)
        status = sf_directory_make(inside, err);
    free(inside);
    if (status) {
        free(path);
        return status;
    }
    status = open_file(path, base, O_CREAT | O_EXCL, &begun, err);
    if (status)
        return status;
    begun->final_path = path_of(directory, base);
    *segment = &begun->segment;
    return SF_OK;
}

static sf_status sync_parent(const char *path, sf_error *err)
{
    char *parent = sf_text_copy(path);
    sf_status status;

    *strrchr(parent, '/') = 0; /* a path made here has one */
    status = sf_directory_sync(parent, err);
    free(parent);
    return status;
}

static sf_status directory_replace(sf_log_segment *segment, sf_error *err)
{
    file_segment *file = file_of(segment);

    if (rename(file->path, file->final_path))
        return sf_fail(err, SF_IO, "cannot rename %s to %s: %s", file->path, file->final_path,
                       strerror(errno));
    free(file->path);
    file->path = file->final_path;
    file->final_path = NULL;
    return sync_parent(file->path, err);
}

static sf_status directory_remove(sf_log_storage *storage, int64_t base, sf_error *err)
{
    char *path = path_of(directory_of(storage), base);
    sf_status status = SF_OK;

    if (unlink(path) && errno != ENOENT)
        status = sf_fail(err, SF_IO, "cannot remove %s: %s", path, strerror(errno));
    free(path);
    return status;
}

static int directory_watch(sf_log_storage *storage)
{
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

    if (fd < 0)
        return -1;
    if (inotify_add_watch(fd, storage->name, IN_MODIFY | IN_MOVED_TO) < 0) {
        (void)close(fd); /* it watches nothing */
        return -1;
    }
    return fd;
}

static const sf_log_storage_ops directory_ops = {
    .free = directory_free,
    .lock = directory_lock,
    .unlock = directory_unlock,
    .list = directory_list,
    .create = directory_create,
    .open = directory_open,
    .close = file_close,
    .size = file_size,
    .read = file_read,
    .append = file_append,
    .cut = file_cut,
    .sync = file_sync,
    .lock_cleaner = directory_lock_cleaner,
    .unlock_cleaner = directory_unlock_cleaner,
    .begin = directory_begin,
    .replace = directory_replace,
    .remove = directory_remove,
    .watch = directory_watch,
};
