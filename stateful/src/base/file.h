/* file.h - files and directories: whole reads, atomic replacement, locks. Any thread. */
#ifndef SF_BASE_FILE_H
#define SF_BASE_FILE_H

#include <stateful/error.h>

#include "base/buffer.h"

/* The whole file, appended to contents. SF_NOT_FOUND is the code when it is not there. */
sf_status sf_file_read(const char *path, sf_buffer *contents, sf_error *err);

/* Replaces the file as a whole: written beside, synced, renamed, directory synced. */
sf_status sf_file_replace(const char *path, sf_bytes contents, sf_error *err);

/* Writes all of it at the descriptor's position. */
sf_status sf_file_write_all(int fd, const void *data, size_t size, const char *path, sf_error *err);

/* Makes the directory and what is missing above it. */
sf_status sf_directory_make(const char *path, sf_error *err);

/* Syncs a directory, so that names made in it survive a power cut. */
sf_status sf_directory_sync(const char *path, sf_error *err);

/* Removes the directory and all in it; one that is not there is fine. */
sf_status sf_directory_remove(const char *path, sf_error *err);

/* Takes an exclusive lock on a file (made if missing) without waiting; the descriptor holds it and
 * closing gives it back, also when the process dies. Code SF_BUSY when someone else has it. */
sf_status sf_file_lock(const char *path, int *fd, sf_error *err);

#endif
