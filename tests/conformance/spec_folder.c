#include "conformance/spec_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"

static void add_path(spec_folder *folder, char *path)
{
    if (folder->count == folder->capacity) {
        folder->capacity = folder->capacity ? folder->capacity * 2 : 64;
        folder->paths = sf_realloc_array(folder->paths, folder->capacity, sizeof(*folder->paths));
    }
    folder->paths[folder->count++] = path;
}

static bool is_case(const char *name)
{
    size_t length = strlen(name);

    return length > 5 && !strcmp(name + length - 5, ".json");
}

static sf_status walk(spec_folder *folder, const char *below, sf_error *err);

static sf_status take_entry(spec_folder *folder, const char *below, const char *name, sf_error *err)
{
    char *path = *below ? sf_text_printf("%s/%s", below, name) : sf_text_copy(name);
    char *whole = sf_text_printf("%s/%s", folder->root, path);
    struct stat about;
    sf_status status = SF_OK;

    if (stat(whole, &about))
        status = sf_fail(err, SF_IO, "cannot look at %s: %s", whole, strerror(errno));
    else if (S_ISDIR(about.st_mode))
        status = walk(folder, path, err);
    else if (is_case(name)) {
        add_path(folder, path);
        path = NULL;
    }
    free(path);
    free(whole);
    return status;
}

static sf_status walk(spec_folder *folder, const char *below, sf_error *err)
{
    char *whole = sf_text_printf("%s/%s", folder->root, below);
    DIR *open = opendir(whole);
    const struct dirent *entry;
    sf_status status = SF_OK;

    if (!open)
        status = sf_fail(err, SF_IO, "cannot open %s: %s", whole, strerror(errno));
    while (!status && (entry = readdir(open)))
        if (entry->d_name[0] != '.')
            status = take_entry(folder, below, entry->d_name, err);
    if (open)
        closedir(open);
    free(whole);
    return status;
}

static int order(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

sf_status spec_folder_read(spec_folder *folder, const char *root, sf_error *err)
{
    sf_status status;

    *folder = (spec_folder){.root = sf_text_copy(root)};
    status = walk(folder, "", err);
    if (!status && !folder->count)
        status = sf_fail(err, SF_NOT_FOUND, "there is no case below %s", root);
    if (!status)
        qsort(folder->paths, folder->count, sizeof(*folder->paths), order);
    return status;
}

void spec_folder_done(spec_folder *folder)
{
    for (size_t i = 0; i < folder->count; i++)
        free(folder->paths[i]);
    free(folder->paths);
    free(folder->root);
}
