/* journal_files.h - what lies in a journal's directory, for tests that damage it. */
#ifndef TESTS_SUPPORT_JOURNAL_FILES_H
#define TESTS_SUPPORT_JOURNAL_FILES_H

#include <stddef.h>
#include <stdint.h>

/* The last segment's path; valid until the next call. */
const char *journal_files_last(const char *directory);

/* How many segments there are. */
size_t journal_files_count(const char *directory);

/* The sizes in bytes of all segments together. */
size_t journal_files_total_size(const char *directory);

/* The size in bytes of a file. */
size_t journal_files_size(const char *path);

/* Removes all segments but the first and the last. */
void journal_files_keep_ends(const char *directory);

/* Turns all bits of one byte over. */
void journal_files_flip(const char *path, size_t at);

/* Writes bytes over what is there, or behind it. */
void journal_files_write(const char *path, size_t at, const void *data, size_t size);

void journal_files_cut(const char *path, size_t size);

#endif
