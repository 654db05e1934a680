#include "support/journal_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static char last[512];

static bool is_segment(const char *name)
{
    size_t size = strlen(name);

    return size > 8 && !strcmp(name + size - 8, ".journal");
}

static size_t look_through(const char *directory)
{
    DIR *opened = opendir(directory);
    char name[256] = "";
    struct dirent *entry;
    size_t count = 0;

    assert_non_null(opened);
    while ((entry = readdir(opened))) {
        if (!is_segment(entry->d_name))
            continue;
        count++;
        if (strcmp(entry->d_name, name) > 0)
            (void)snprintf(name, sizeof(name), "%s", entry->d_name);
    }
    (void)closedir(opened);
    (void)snprintf(last, sizeof(last), "%s/%s", directory, name);
    return count;
}

const char *journal_files_last(const char *directory)
{
    (void)look_through(directory);
    return last;
}

size_t journal_files_count(const char *directory)
{
    return look_through(directory);
}

static bool is_inner(const char *name, const char *first, const char *behind)
{
    return strcmp(name, first) > 0 && strcmp(name, behind) < 0;
}

void journal_files_keep_ends(const char *directory)
{
    const char *end = strrchr(journal_files_last(directory), '/') + 1;
    char path[512 + 256], first[256] = "~"; /* behind all digits */
    DIR *opened = opendir(directory);
    struct dirent *entry;

    assert_non_null(opened);
    while ((entry = readdir(opened)))
        if (is_segment(entry->d_name) && strcmp(entry->d_name, first) < 0)
            (void)snprintf(first, sizeof(first), "%s", entry->d_name);
    rewinddir(opened);
    while ((entry = readdir(opened))) {
        if (!is_segment(entry->d_name) || !is_inner(entry->d_name, first, end))
            continue;
        (void)snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
        assert_int_equal(unlink(path), 0);
    }
    (void)closedir(opened);
}

size_t journal_files_total_size(const char *directory)
{
    DIR *opened = opendir(directory);
    struct dirent *entry;
    size_t total = 0;

    assert_non_null(opened);
    while ((entry = readdir(opened))) {
        struct stat found;

        if (is_segment(entry->d_name) &&
            !fstatat(dirfd(opened), entry->d_name, &found, 0)) /* it may just have been removed */
            total += (size_t)found.st_size;
    }
    (void)closedir(opened);
    return total;
}

size_t journal_files_size(const char *path)
{
    struct stat found;

    assert_int_equal(stat(path, &found), 0);
    return (size_t)found.st_size;
}

void journal_files_write(const char *path, size_t at, const void *data, size_t size)
{
    int fd = open(path, O_WRONLY);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, data, size, (off_t)at), size);
    (void)close(fd);
}

void journal_files_flip(const char *path, size_t at)
{
    int fd = open(path, O_RDONLY);
    uint8_t byte;

    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
    (void)close(fd);
    byte = (uint8_t)~byte;
    journal_files_write(path, at, &byte, 1);
}

void journal_files_cut(const char *path, size_t size)
{
    assert_int_equal(truncate(path, (off_t)size), 0);
}
