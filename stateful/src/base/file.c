#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

sf_status sf_file_read(const char *path, sf_buffer *contents, sf_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    sf_status status = SF_OK;
    ssize_t got;

    if (fd < 0)
        return sf_fail(err, errno == ENOENT ? SF_NOT_FOUND : SF_IO, "cannot open %s: %s", path,
                       strerror(errno));
    do {
        got = read(fd, sf_buffer_reserve(contents, 64 * 1024), 64 * 1024);
        if (got > 0)
            contents->size += (size_t)got;
    } while (got > 0 || (got < 0 && errno == EINTR));
    if (got < 0)
        status = sf_fail(err, SF_IO, "cannot read %s: %s", path, strerror(errno));
    (void)close(fd); /* nothing was written */
    return status;
}

sf_status sf_file_write_all(int fd, const void *data, size_t size, const char *path, sf_error *err)
{
    const uint8_t *at = data;

    while (size > 0) {
        ssize_t written = write(fd, at, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return sf_fail(err, SF_IO, "cannot write %s: %s", path, strerror(errno));
        at += written;
        size -= (size_t)written;
    }
    return SF_OK;
}

static sf_status write_synced(const char *path, sf_bytes contents, sf_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    sf_status status;

    if (fd < 0)
        return sf_fail(err, SF_IO, "cannot write %s: %s", path, strerror(errno));
    status = sf_file_write_all(fd, contents.data, contents.size, path, err);
    if (!status && fdatasync(fd))
        status = sf_fail(err, SF_IO, "cannot sync %s: %s", path, strerror(errno));
    if (close(fd) && !status)
        status = sf_fail(err, SF_IO, "cannot close %s: %s", path, strerror(errno));
    return status;
}

static char *parent_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *parent;

    if (!slash)
        return sf_text_copy(".");
    if (slash == path)
        return sf_text_copy("/");
    parent = sf_text_copy(path);
    parent[slash - path] = 0;
    return parent;
}

sf_status sf_file_replace(const char *path, sf_bytes contents, sf_error *err)
{
    char *beside = sf_text_printf("%s.new", path);
    char *parent = parent_of(path);
    sf_status status = write_synced(beside, contents, err);

    if (!status && rename(beside, path))
        status = sf_fail(err, SF_IO, "cannot rename %s to %s: %s", beside, path, strerror(errno));
    if (!status)
        status = sf_directory_sync(parent, err);
    free(parent);
    free(beside);
    return status;
}

sf_status sf_directory_make(const char *path, sf_error *err)
{
    sf_status status = SF_OK;
    struct stat found;
    char *parent;

    if (!stat(path, &found))
        return S_ISDIR(found.st_mode)
                   ? SF_OK
                   : sf_fail(err, SF_IO, "%s is there, but is no directory", path);
    parent = parent_of(path);
    if (strcmp(parent, path) != 0)
        status = sf_directory_make(parent, err);
    if (!status && mkdir(path, 0755) && errno != EEXIST)
        status = sf_fail(err, SF_IO, "cannot make directory %s: %s", path, strerror(errno));
    free(parent);
    return status;
}

sf_status sf_directory_sync(const char *path, sf_error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    sf_status status = SF_OK;

    if (fd < 0)
        return sf_fail(err, SF_IO, "cannot open directory %s: %s", path, strerror(errno));
    if (fsync(fd))
        status = sf_fail(err, SF_IO, "cannot sync directory %s: %s", path, strerror(errno));
    (void)close(fd); /* opened for reading */
    return status;
}

static sf_status remove_entry(const char *path, sf_error *err)
{
    struct stat found;

    if (lstat(path, &found))
        return errno == ENOENT ? SF_OK
                               : sf_fail(err, SF_IO, "cannot see %s: %s", path, strerror(errno));
    if (S_ISDIR(found.st_mode))
        return sf_directory_remove(path, err);
    if (unlink(path) && errno != ENOENT)
        return sf_fail(err, SF_IO, "cannot remove %s: %s", path, strerror(errno));
    return SF_OK;
}

sf_status sf_directory_remove(const char *path, sf_error *err)
{
    DIR *directory = opendir(path);
    sf_status status = SF_OK;
    struct dirent *entry;

    if (!directory)
        return errno == ENOENT
                   ? SF_OK
                   : sf_fail(err, SF_IO, "cannot open directory %s: %s", path, strerror(errno));
    while (!status && (entry = readdir(directory))) {
        char *inside;

        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        inside = sf_text_printf("%s/%s", path, entry->d_name);
        status = remove_entry(inside, err);
        free(inside);
    }
    (void)closedir(directory); /* opened for reading */
    if (!status && rmdir(path) && errno != ENOENT)
        status = sf_fail(err, SF_IO, "cannot remove directory %s: %s", path, strerror(errno));
    return status;
}

sf_status sf_file_lock(const char *path, int *fd, sf_error *err)
{
    int opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

    if (opened < 0)
        return sf_fail(err, SF_IO, "cannot open lock file %s: %s", path, strerror(errno));
    if (flock(opened, LOCK_EX | LOCK_NB)) {
        int why = errno;

        (void)close(opened); /* nothing was written */
        if (why == EWOULDBLOCK)
            return sf_fail(err, SF_BUSY, "%s is held by another process", path);
        return sf_fail(err, SF_IO, "cannot lock %s: %s", path, strerror(why));
    }
    *fd = opened;
    return SF_OK;
}
